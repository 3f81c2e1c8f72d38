// SPDX-License-Identifier: Apache-2.0
// Whole numbers as large as the digits of a float need, for exact conversions from and to decimal text.
#ifndef OMEGA_RUNTIME_BIG_INTEGER_H
#define OMEGA_RUNTIME_BIG_INTEGER_H

#include "internal.h"

enum { OM_BIG_LIMBS = 160 };  // 32-bit limbs

/// A number: its limbs from the lowest, the highest of them not 0.
typedef struct om_big {
  int32_t n;
  uint32_t limb[OM_BIG_LIMBS];
} om_big;

/// a = v
OM_INLINE void om_big_set(om_big *a, uint64_t v) {
  a->n = 0;
  for (; v != 0; v >>= 32) {
    a->limb[a->n++] = (uint32_t)v;
  }
}

/// a = a * m + add
OM_INLINE void om_big_mul_add(om_big *a, uint32_t m, uint32_t add) {
  uint64_t carry = add;
  for (int32_t i = 0; i < a->n; i++) {
    carry += (uint64_t)a->limb[i] * m;
    a->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0 && a->n < OM_BIG_LIMBS) {
    a->limb[a->n++] = (uint32_t)carry;
  }
}

/// a = a * 5^n
OM_INLINE void om_big_mul_pow5(om_big *a, uint32_t n) {
  for (; n >= 13; n -= 13) {
    om_big_mul_add(a, 1220703125u, 0);
  }
  uint32_t m = 1;
  for (; n != 0; n--) {
    m *= 5;
  }
  om_big_mul_add(a, m, 0);
}

/// a = a * 2^by
OM_INLINE void om_big_shift_left(om_big *a, uint32_t by) {
  if (a->n == 0) {
    return;
  }
  int32_t words = (int32_t)(by / 32);
  uint32_t bits = by % 32;
  if (a->n + words + 1 > OM_BIG_LIMBS) {
    om_bug("number formatting ran out of room");
  }
  a->limb[a->n] = 0;
  for (int32_t i = a->n; i >= 0; i--) {
    uint32_t below = i > 0 && bits != 0 ? a->limb[i - 1] >> (32 - bits) : 0;
    a->limb[i + words] = a->limb[i] << bits | below;
  }
  for (int32_t i = 0; i < words; i++) {
    a->limb[i] = 0;
  }
  a->n += words + 1;
  while (a->n > 0 && a->limb[a->n - 1] == 0) {
    a->n--;
  }
}

/// Below 0, 0 or above 0 as a is less than b, equal or greater.
OM_INLINE int om_big_compare(const om_big *a, const om_big *b) {
  if (a->n != b->n) {
    return a->n < b->n ? -1 : 1;
  }
  for (int32_t i = a->n - 1; i >= 0; i--) {
    if (a->limb[i] != b->limb[i]) {
      return a->limb[i] < b->limb[i] ? -1 : 1;
    }
  }
  return 0;
}

/// a = a - b, where b is no greater.
OM_INLINE void om_big_subtract(om_big *a, const om_big *b) {
  int64_t borrow = 0;
  for (int32_t i = 0; i < a->n; i++) {
    int64_t v = (int64_t)a->limb[i] - (i < b->n ? b->limb[i] : 0) + borrow;
    a->limb[i] = (uint32_t)v;
    borrow = v >> 63;
  }
  while (a->n > 0 && a->limb[a->n - 1] == 0) {
    a->n--;
  }
}

/// a = a / d; gives the rest.
OM_INLINE uint32_t om_big_div_small(om_big *a, uint32_t d) {
  uint64_t rest = 0;
  for (int32_t i = a->n - 1; i >= 0; i--) {
    rest = rest << 32 | a->limb[i];
    a->limb[i] = (uint32_t)(rest / d);
    rest %= d;
  }
  while (a->n > 0 && a->limb[a->n - 1] == 0) {
    a->n--;
  }
  return (uint32_t)rest;
}

/// The number of bits up to the highest that is set.
OM_INLINE uint32_t om_big_bits(const om_big *a) {
  return a->n == 0 ? 0 : (uint32_t)a->n * 32 - (uint32_t)(om_clz64(a->limb[a->n - 1]) - 32);
}

#endif
