// SPDX-License-Identifier: Apache-2.0
// Rounding, remainders, roots.
#include "math_parts.h"

double om_split(double x, int32_t *k) {
  uint64_t bits = om_f64_bits(x);
  *k = 0;
  if ((bits >> 52 & 0x7ff) == 0) {
    bits = om_f64_bits(x * 0x1p54);
    *k = -54;
  }
  *k += (int32_t)(bits >> 52 & 0x7ff) - 1023;
  return om_bits_f64((bits & 0x800fffffffffffffull) | 0x3ff0000000000000ull);
}

double om_scale(double x, int32_t k) {
  if (k > 1023) {
    x *= 0x1p1023;
    k -= 1023;
    if (k > 1023) {
      x *= 0x1p1023;
      k = k - 1023 > 1023 ? 1023 : k - 1023;
    }
  } else if (k < -1022) {
    // 2^-969 keeps 53 bits, so that only the last step rounds.
    x *= 0x1p-969;
    k += 969;
    if (k < -1022) {
      x *= 0x1p-969;
      k = k + 969 < -1022 ? -1022 : k + 969;
    }
  }
  return x * om_bits_f64((uint64_t)(k + 1023) << 52);
}

double om_trunc(double x) {
  uint64_t bits = om_f64_bits(x);
  int32_t e = (int32_t)(bits >> 52 & 0x7ff) - 1023;
  if (e >= 52) {
    return x;
  }
  if (e < 0) {
    return om_bits_f64(bits & 0x8000000000000000ull);
  }
  return om_bits_f64(bits & ~(0xfffffffffffffull >> e));
}

double om_floor(double x) {
  double t = om_trunc(x);
  return t > x ? t - 1 : t;
}

double om_ceil(double x) {
  double t = om_trunc(x);
  return t < x ? om_with_sign(t + 1, x) : t;
}

double om_round(double x) {
  double t = om_trunc(x), rest = om_absolute(x - t);
  return rest >= 0.5 ? t + om_with_sign(1, x) : t;
}

double om_fmin(double x, double y) { return om_is_nan(x) ? y : om_is_nan(y) ? x : x < y || (x == y && om_f64_bits(x) >> 63 != 0) ? x : y; }
double om_fmax(double x, double y) { return om_is_nan(x) ? y : om_is_nan(y) ? x : x > y || (x == y && om_f64_bits(x) >> 63 == 0) ? x : y; }

// Exact: the significand of x, shifted up eleven bits at a time, modulo that of y.
double om_fmod(double x, double y) {
  double ax = om_absolute(x), ay = om_absolute(y);
  if (om_is_nan(x) || om_is_nan(y) || !om_is_finite(x) || ay == 0) {
    return om_not_a_number();
  }
  if (ax < ay) {
    return x;
  }
  int32_t ex, ey;
  uint64_t mx = (om_f64_bits(om_split(ax, &ex)) & 0xfffffffffffffull) | (uint64_t)1 << 52;
  uint64_t my = (om_f64_bits(om_split(ay, &ey)) & 0xfffffffffffffull) | (uint64_t)1 << 52;
  mx %= my;
  for (int32_t left = ex - ey; left > 0 && mx != 0; left -= 11) {
    mx = (mx << (left < 11 ? left : 11)) % my;
  }
  return mx == 0 ? om_with_sign(0, x) : om_with_sign(om_scale((double)mx, ey - 52), x);
}

double om_sqrt(double x) {
#if defined(__x86_64__) && !defined(__TINYC__)
  double r;
  __asm__("sqrtsd %1, %0" : "=x"(r) : "x"(x));
  return r;
#else
  if (om_is_nan(x) || x == 0 || x == om_infinity()) {
    return x;
  }
  if (x < 0) {
    return om_not_a_number();
  }
  // Bit by bit: the largest r of 54 bits with r * r <= m, then rounded.
  int32_t e;
  uint64_t m = (om_f64_bits(om_split(x, &e)) & 0xfffffffffffffull) | (uint64_t)1 << 52, rest = 0, root = 0;
  if (e & 1) {
    m <<= 1;
    e--;
  }
  m <<= 2;  // 55 or 56 bits, the integer part in the topmost two
  for (int32_t i = 0; i < 54; i++) {
    rest = rest << 2 | (m >> 54 & 3);
    m <<= 2;
    m &= 0xffffffffffffffull;
    root <<= 1;
    if (rest >= 2 * root + 1) {
      rest -= 2 * root + 1;
      root += 1;
    }
  }
  uint64_t rounded = (root >> 1) + (root & 1);
  return om_scale((double)rounded, e / 2 - 52);
#endif
}

double om_cbrt(double x) {
  if (om_is_nan(x) || !om_is_finite(x) || x == 0) {
    return x;
  }
  int32_t e;
  double m = om_split(om_absolute(x), &e);
  int32_t third = (e + 3000) / 3 - 1000;
  m = om_scale(m, e - 3 * third);  // 1 <= m < 8
  double t = 0.72 + m * (0.31 - m * 0.019);
  for (int i = 0; i < 5; i++) {
    t = t - (t * t * t - m) / (3 * t * t);
  }
  om_pair square = om_product(t, t), cube = om_pair_mul(square, om_pair_of(t, 0));
  t = t - ((cube.high - m) + cube.low) / (3 * square.high);
  return om_with_sign(om_scale(t, third), x);
}

double om_hypot(double x, double y) {
  double a = om_absolute(x), b = om_absolute(y);
  if (a == om_infinity() || b == om_infinity()) {
    return om_infinity();
  }
  if (om_is_nan(x) || om_is_nan(y)) {
    return om_not_a_number();
  }
  if (a < b) {
    double swap = a;
    a = b;
    b = swap;
  }
  if (b == 0) {
    return a;
  }
  int32_t e, f;
  (void)om_split(a, &e);
  (void)om_split(b, &f);
  if (e - f > 60) {
    return a + b;
  }
  a = om_scale(a, -e);
  b = om_scale(b, -e);
  om_pair sum = om_pair_add(om_product(a, a), om_product(b, b));
  double s = om_sqrt(sum.high);
  om_pair square = om_product(s, s);
  s += (((sum.high - square.high) - square.low) + sum.low) / (2 * s);
  return om_scale(s, e);
}
