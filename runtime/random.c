// SPDX-License-Identifier: Apache-2.0
// Random numbers: xoshiro256**, seeded by splitmix64. The same sequence everywhere.
#include "internal.h"

void om_random_seed(uint64_t *state, uint64_t seed) {
  for (int i = 0; i < 4; i++) {
    seed += 0x9e3779b97f4a7c15ull;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    state[i] = z ^ (z >> 31);
  }
}

static uint64_t rotate(uint64_t v, int by) { return v << by | v >> (64 - by); }

uint64_t om_random_next(uint64_t *s) {
  uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

double om_random_float(uint64_t *state) { return (double)(om_random_next(state) >> 11) * 0x1p-53; }

int64_t om_random_range(uint64_t *state, int64_t lo, int64_t hi) {
  if (lo >= hi) {
    om_panic(OM_PANIC_ARGUMENT, NULL);
  }
  // Unbiased: the high half of a product, rejecting what would make some results likelier.
  uint64_t n = (uint64_t)hi - (uint64_t)lo, high, low = om_mul_wide(om_random_next(state), n, &high);
  if (low < n) {
    for (uint64_t least = (0 - n) % n; low < least;) {
      low = om_mul_wide(om_random_next(state), n, &high);
    }
  }
  return (int64_t)((uint64_t)lo + high);
}
