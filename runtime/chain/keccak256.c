// SPDX-License-Identifier: Apache-2.0
// Keccak-256 as Ethereum uses it, for chains without one. Source: G. Bertoni, J. Daemen, M. Peeters, G. Van Assche, "The Keccak reference", version 3.0, 2011;
// rate 1088, capacity 512. The constants are what the reference's shift register and walk through the lanes give.
#include "runtime/chain/shared.h"

enum { kLanes = 25, kRate = 136 };

static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
static const uint8_t walk_to[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};
static const uint8_t walk_rotation[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};

INLINE uint64_t rotate_left(uint64_t value, uint32_t by) { return value << by | value >> (64 - by); }

OUTLINE static void permute(uint64_t* a) {
  for (int round = 0; round < 24; ++round) {
    uint64_t parity[5];
    for (int x = 0; x < 5; ++x) {
      parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    }
    for (int x = 0; x < 5; ++x) {
      const uint64_t mixed = parity[(x + 4) % 5] ^ rotate_left(parity[(x + 1) % 5], 1);
      for (int y = 0; y < kLanes; y += 5) {
        a[x + y] ^= mixed;
      }
    }
    uint64_t carried = a[1];
    for (int t = 0; t < 24; ++t) {
      const uint64_t next = a[walk_to[t]];
      a[walk_to[t]] = rotate_left(carried, walk_rotation[t]);
      carried = next;
    }
    for (int y = 0; y < kLanes; y += 5) {
      const uint64_t first = a[y], second = a[y + 1];
      for (int x = 0; x < 3; ++x) {
        a[y + x] ^= ~a[y + x + 1] & a[y + x + 2];
      }
      a[y + 3] ^= ~a[y + 4] & first;
      a[y + 4] ^= ~first & second;
    }
    a[0] ^= round_constants[round];
  }
}

OUTLINE void chain_keccak256(uint8_t to[32], const uint8_t* bytes, uint64_t length) {
  uint64_t state[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    state[i] = 0;
  }
  for (; length >= kRate; bytes += kRate, length -= kRate) {
    for (int i = 0; i < kRate / 8; ++i) {
      state[i] ^= load_64(bytes + 8 * i);
    }
    permute(state);
  }
  for (uint64_t i = 0; i < length; ++i) {
    state[i / 8] ^= (uint64_t)bytes[i] << (i % 8 * 8);
  }
  state[length / 8] ^= (uint64_t)0x01 << (length % 8 * 8);
  state[kRate / 8 - 1] ^= (uint64_t)0x80 << 56;
  permute(state);
  for (int i = 0; i < 4; ++i) {
    store_64(to + 8 * i, state[i]);
  }
}
