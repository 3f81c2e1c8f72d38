// SPDX-License-Identifier: Apache-2.0
// RIPEMD-160 for chains without one. Source: H. Dobbertin, A. Bosselaers, B. Preneel, "RIPEMD-160: A Strengthened Version of RIPEMD", 1996.
#include "runtime/chain/shared.h"

static const uint32_t ripemd_constants[2][5] = {{0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e}, {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0}};
static const uint8_t ripemd_first_order[2][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12}};
static const uint8_t ripemd_next_order[16] = {7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8};
static const uint8_t ripemd_shifts[5][16] = {{11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8},
                                             {12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7},
                                             {13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9},
                                             {14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6},
                                             {15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5}};

INLINE uint32_t rotate_left_32(uint32_t value, uint32_t by) { return value << by | value >> (32 - by); }

static uint32_t ripemd_function(uint32_t which, uint32_t x, uint32_t y, uint32_t z) {
  switch (which) {
    case 0: return x ^ y ^ z;
    case 1: return (x & y) | (~x & z);
    case 2: return (x | ~y) ^ z;
    case 3: return (x & z) | (y & ~z);
    default: return x ^ (y | ~z);
  }
}

static void ripemd_line(uint32_t v[5], const uint32_t* block, uint32_t line) {
  uint8_t order[16];
  for (int i = 0; i < 16; ++i) {
    order[i] = ripemd_first_order[line][i];
  }
  for (uint32_t round = 0; round < 5; ++round) {
    for (int i = 0; i < 16; ++i) {
      const uint32_t word = order[i];
      const uint32_t sum = v[0] + ripemd_function(line != 0 ? 4 - round : round, v[1], v[2], v[3]) + block[word] + ripemd_constants[line][round];
      const uint32_t next = rotate_left_32(sum, ripemd_shifts[round][word]) + v[4];
      v[0] = v[4], v[4] = v[3], v[3] = rotate_left_32(v[2], 10), v[2] = v[1], v[1] = next;
      order[i] = ripemd_next_order[word];
    }
  }
}

OUTLINE static void ripemd_block(uint32_t state[5], const uint8_t* bytes) {
  uint32_t block[16], left[5], right[5];
  for (int i = 0; i < 16; ++i) {
    block[i] = (uint32_t)bytes[4 * i + 3] << 24 | (uint32_t)bytes[4 * i + 2] << 16 | (uint32_t)bytes[4 * i + 1] << 8 | bytes[4 * i];
  }
  for (int i = 0; i < 5; ++i) {
    left[i] = right[i] = state[i];
  }
  ripemd_line(left, block, 0);
  ripemd_line(right, block, 1);
  uint32_t next[5];
  for (int i = 0; i < 5; ++i) {
    next[i] = state[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5];
  }
  for (int i = 0; i < 5; ++i) {
    state[i] = next[i];
  }
}

OUTLINE void chain_ripemd160(uint8_t to[20], const uint8_t* bytes, uint64_t length) {
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  uint8_t last[128];
  uint64_t left = length;
  for (; left >= 64; bytes += 64, left -= 64) {
    ripemd_block(state, bytes);
  }
  const uint64_t end = left + 9 <= 64 ? 64 : 128;
  for (uint64_t i = 0; i < end; ++i) {
    last[i] = i < left ? bytes[i] : i == left ? 0x80 : i >= end - 8 ? (uint8_t)(length * 8 >> (8 * (i - (end - 8)))) : 0;
  }
  ripemd_block(state, last);
  if (end > 64) {
    ripemd_block(state, last + 64);
  }
  for (int i = 0; i < 20; ++i) {
    to[i] = (uint8_t)(state[i / 4] >> (i % 4 * 8));
  }
}
