// SPDX-License-Identifier: Apache-2.0
// Numbers as unevaluated sums of two doubles, and bit access, for the mathematical functions. Needs round-to-nearest and no
// contraction of multiply and add: build with -ffp-contract=off where the machine has fused instructions.
#ifndef OMEGA_RUNTIME_MATH_PARTS_H
#define OMEGA_RUNTIME_MATH_PARTS_H

#include "internal.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/// high + low, |low| at most half a unit in the last place of high.
typedef struct om_pair {
  double high, low;
} om_pair;

OM_INLINE om_pair om_pair_of(double high, double low) {
  om_pair p;
  p.high = high;
  p.low = low;
  return p;
}

/// Exact sum; the fast one needs |a| >= |b| or a = 0.
OM_INLINE om_pair om_sum(double a, double b) {
  double s = a + b, t = s - a;
  return om_pair_of(s, (a - (s - t)) + (b - t));
}
OM_INLINE om_pair om_sum_fast(double a, double b) {
  double s = a + b;
  return om_pair_of(s, b - (s - a));
}

/// Exact product (|a|, |b| below 2^990).
OM_INLINE om_pair om_product(double a, double b) {
  double p = a * b, ca = 134217729.0 * a, cb = 134217729.0 * b;
  double ah = ca - (ca - a), bh = cb - (cb - b), al = a - ah, bl = b - bh;
  return om_pair_of(p, ((ah * bh - p) + ah * bl + al * bh) + al * bl);
}

OM_INLINE om_pair om_pair_mul(om_pair a, om_pair b) {
  om_pair p = om_product(a.high, b.high);
  return om_sum_fast(p.high, p.low + (a.high * b.low + a.low * b.high));
}

OM_INLINE om_pair om_pair_add(om_pair a, om_pair b) {
  om_pair s = om_sum(a.high, b.high);
  return om_sum_fast(s.high, s.low + (a.low + b.low));
}

OM_INLINE om_pair om_pair_div(om_pair a, om_pair b) {
  double q = a.high / b.high;
  om_pair p = om_product(q, b.high);
  double rest = ((a.high - p.high) - p.low) + a.low - q * b.low;
  return om_sum_fast(q, rest / b.high);
}

OM_INLINE int om_is_nan(double x) { return x != x; }
OM_INLINE double om_absolute(double x) { return om_bits_f64(om_f64_bits(x) & 0x7fffffffffffffffull); }
OM_INLINE double om_with_sign(double x, double sign) {
  return om_bits_f64((om_f64_bits(x) & 0x7fffffffffffffffull) | (om_f64_bits(sign) & 0x8000000000000000ull));
}
OM_INLINE double om_infinity(void) { return om_bits_f64(0x7ff0000000000000ull); }
OM_INLINE double om_not_a_number(void) { return om_bits_f64(0x7ff8000000000000ull); }
OM_INLINE int om_is_finite(double x) { return (om_f64_bits(x) >> 52 & 0x7ff) != 0x7ff; }

/// x * 2^k, rounded once where the result is subnormal (k from -2200 to 2200).
double om_scale(double x, int32_t k);
/// x = result * 2^*k with 1 <= |result| < 2; x finite and not 0.
double om_split(double x, int32_t *k);

/// e^(r) - 1 for |r| <= 0.36.
om_pair om_exp_small(om_pair r);
/// e^x for -746 < x < 711, times 2^-k.
om_pair om_exp_pair(om_pair x, int32_t *k);
/// ln x to about 2^-64; x finite, > 0.
om_pair om_log_pair(double x);

#endif
