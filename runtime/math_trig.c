// SPDX-License-Identifier: Apache-2.0
// Trigonometric functions and their inverses. Large arguments are reduced by a product with as many bits of 2/pi as they need (Payne
// and Hanek), others by pi/2 in parts (Cody and Waite).
#include "math_parts.h"

#define PIO2_1 0x1.921fb54400000p+0 /* 33 bits */
#define PIO2_2 0x1.0b4611a600000p-34
#define PIO2_3 0x1.3198a2e037073p-69
#define PIO2_HIGH 0x1.921fb54442d18p+0
#define PIO2_LOW 0x1.1a62633145c07p-54

static const uint64_t two_over_pi[20] = {
    0xa2f9836e4e441529ull, 0xfc2757d1f534ddc0ull, 0xdb6295993c439041ull, 0xfe5163abdebbc561ull, 0xb7246e3a424dd2e0ull,
    0x06492eea09d1921cull, 0xfe1deb1cb129a73eull, 0xe88235f52ebb4484ull, 0xe99c7026b45f7e41ull, 0x3991d639835339f4ull,
    0x9c845f8bbdf9283bull, 0x1ff897ffde05980full, 0xef2f118b5a0a6d1full, 0x6d367ecf27cb09b7ull, 0x4f463f669e5fea2dull,
    0x7527bac7ebe5f17bull, 0x3d0739f78a5292eaull, 0x6bfb5fb11f8d5d08ull, 0x56033046fc7b6babull, 0xf0cfbc209af4361dull};

// ---- reduction ------------------------------------------------------------------------------------------------------

// 64 bits of 2/pi from bit `from` on (bit 0 has weight 1/2; bits before it are 0).
static uint64_t stream(int32_t from) {
  if (from <= -64) {
    return 0;
  }
  if (from < 0) {
    return two_over_pi[0] >> -from;
  }
  int32_t word = from / 64, bit = from % 64;
  uint64_t high = two_over_pi[word];
  return bit == 0 ? high : high << bit | two_over_pi[word + 1] >> (64 - bit);
}

// x mod pi/2 for finite |x| >= 2^19: the quadrant, the rest in [-pi/4, pi/4].
static int32_t reduce_large(double x, om_pair *rest) {
  int32_t e;
  uint64_t m = (om_f64_bits(om_split(x, &e)) & 0xfffffffffffffull) | (uint64_t)1 << 52;
  e -= 52;  // |x| = m * 2^e; bits of 2/pi that give multiples of 4 are left out
  uint64_t w[3] = {stream(e - 2), stream(e + 62), stream(e + 126)}, high, carry;
  // fraction of (m * w) / 2^192, times 4
  uint64_t p2 = om_mul_wide(m, w[2], &carry);
  uint64_t p1 = om_mul_wide(m, w[1], &high);
  p1 += carry;
  carry = high + (p1 < carry);
  uint64_t p0 = m * w[0] + carry;
  int32_t quadrant = (int32_t)(p0 >> 62);
  // the fraction below, as a signed number of 128 bits in units of 2^-128
  uint64_t f0 = p0 << 2 | p1 >> 62, f1 = p1 << 2 | p2 >> 62;
  int negative = (int)(f0 >> 63);
  if (negative) {
    quadrant++;
    f1 = ~f1 + 1;
    f0 = ~f0 + (f1 == 0);
  }
  // leading bits to the top, then two doubles
  int32_t shift = f0 != 0 ? om_clz64(f0) : f1 != 0 ? 64 + om_clz64(f1) : 127;
  if (shift >= 64) {
    f0 = f1 << (shift - 64);
    f1 = 0;
  } else if (shift != 0) {
    f0 = f0 << shift | f1 >> (64 - shift);
    f1 <<= shift;
  }
  double a = (double)(f0 >> 11), b = (double)((f0 & 0x7ff) << 42 | f1 >> 22);
  om_pair f = om_sum_fast(om_scale(a, -53 - shift), om_scale(b, -106 - shift));
  *rest = om_pair_mul(f, om_pair_of(PIO2_HIGH, PIO2_LOW));
  if (negative != (int)(om_f64_bits(x) >> 63)) {
    rest->high = -rest->high;
    rest->low = -rest->low;
  }
  return (om_f64_bits(x) >> 63 ? -quadrant : quadrant) & 3;
}

static int32_t reduce(double x, om_pair *rest) {
  if (om_absolute(x) <= 0x1.921fb54442d18p-1) {
    *rest = om_pair_of(x, 0);
    return 0;
  }
  if (om_absolute(x) >= 0x1p19) {
    return reduce_large(x, rest);
  }
  double n = om_floor(x * 0x1.45f306dc9c883p-1 + 0.5);
  om_pair r = om_sum(x - n * PIO2_1, -(n * PIO2_2));
  om_pair third = om_product(n, PIO2_3);
  om_pair s = om_sum(r.high, -third.high);
  *rest = om_sum_fast(s.high, s.low + (r.low - third.low - n * 0x1.129024e088a68p-123));
  return (int32_t)n & 3;
}

// ---- kernels on [-pi/4, pi/4] ---------------------------------------------------------------------------------------

static double sin_poly(double z) {
  double p = -0x1.2f49b46814157p-57;
  p = 0x1.952c77030ad4ap-49 + z * p;
  p = -0x1.ae7f3e733b81fp-41 + z * p;
  p = 0x1.6124613a86d09p-33 + z * p;
  p = -0x1.ae64567f544e4p-26 + z * p;
  p = 0x1.71de3a556c734p-19 + z * p;
  p = -0x1.a01a01a01a01ap-13 + z * p;
  p = 0x1.1111111111111p-7 + z * p;
  return -0x1.5555555555555p-3 + z * p;
}

static double cos_poly(double z) {
  double p = 0x1.e542ba4020225p-62;
  p = -0x1.6827863b97d97p-53 + z * p;
  p = 0x1.ae7f3e733b81fp-45 + z * p;
  p = -0x1.93974a8c07c9dp-37 + z * p;
  p = 0x1.1eed8eff8d898p-29 + z * p;
  p = -0x1.27e4fb7789f5cp-22 + z * p;
  p = 0x1.a01a01a01a01ap-16 + z * p;
  p = -0x1.6c16c16c16c17p-10 + z * p;
  return 0x1.5555555555555p-5 + z * p;
}

static om_pair sin_kernel(om_pair r) {
  double x = r.high, z = x * x;
  return om_sum_fast(x, x * z * sin_poly(z) + r.low * (1 - 0.5 * z));
}

static om_pair cos_kernel(om_pair r) {
  double x = r.high;
  om_pair z = om_product(x, x), one = om_sum_fast(1, -0.5 * z.high);
  return om_sum_fast(one.high, one.low + (z.high * z.high * cos_poly(z.high) - 0.5 * z.low - x * r.low));
}

double om_sin(double x) {
  om_pair r;
  if (!om_is_finite(x)) {
    return om_not_a_number();
  }
  if (om_absolute(x) < 0x1p-27) {
    return x;
  }
  int32_t q = reduce(x, &r);
  double s = q & 1 ? cos_kernel(r).high : sin_kernel(r).high;
  return q & 2 ? -s : s;
}

double om_cos(double x) {
  om_pair r;
  if (!om_is_finite(x)) {
    return om_not_a_number();
  }
  int32_t q = reduce(x, &r);
  double c = q & 1 ? sin_kernel(r).high : cos_kernel(r).high;
  return q == 1 || q == 2 ? -c : c;
}

double om_tan(double x) {
  om_pair r;
  if (!om_is_finite(x)) {
    return om_not_a_number();
  }
  if (om_absolute(x) < 0x1p-27) {
    return x;
  }
  int32_t q = reduce(x, &r);
  om_pair s = sin_kernel(r), c = cos_kernel(r);
  return q & 1 ? -om_pair_div(c, s).high : om_pair_div(s, c).high;
}

// ---- inverses -------------------------------------------------------------------------------------------------------

static const om_pair atan_table[9] = {{0x0.0p+0, 0x0.0p+0},
                                      {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
                                      {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
                                      {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
                                      {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
                                      {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
                                      {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
                                      {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
                                      {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55}};

// atan(a / b) for 0 <= a <= b, by the nearest eighth c: atan c + atan((a - c b) / (b + c a)).
static om_pair atan_ratio(om_pair a, om_pair b) {
  int32_t k = (int32_t)(a.high / b.high * 8 + 0.5);
  om_pair c = om_pair_of(k * 0.125, 0), cb = om_pair_mul(c, b);
  om_pair t = om_pair_div(om_pair_add(a, om_pair_of(-cb.high, -cb.low)), om_pair_add(b, om_pair_mul(c, a)));
  double z = t.high * t.high;
  double p = -0x1.1111111111111p-4;
  p = 0x1.3b13b13b13b14p-4 + z * p;
  p = -0x1.745d1745d1746p-4 + z * p;
  p = 0x1.c71c71c71c71cp-4 + z * p;
  p = -0x1.2492492492492p-3 + z * p;
  p = 0x1.999999999999ap-3 + z * p;
  p = -0x1.5555555555555p-2 + z * p;
  om_pair small = om_sum_fast(t.high, t.low + t.high * z * p);
  return k == 0 ? small : om_pair_add(atan_table[k], small);
}

// The angle of the point (x, y), both >= 0 and not both 0, from 0 to pi/2.
static om_pair quarter_angle(om_pair y, om_pair x) {
  if (y.high <= x.high) {
    return atan_ratio(y, x);
  }
  om_pair t = atan_ratio(x, y);
  return om_pair_add(om_pair_of(PIO2_HIGH, PIO2_LOW), om_pair_of(-t.high, -t.low));
}

double om_atan(double x) {
  double a = om_absolute(x);
  if (om_is_nan(x) || a < 0x1p-27) {
    return x;
  }
  if (a > 0x1p60) {
    return om_with_sign(PIO2_HIGH, x);
  }
  return om_with_sign(quarter_angle(om_pair_of(a, 0), om_pair_of(1, 0)).high, x);
}

double om_atan2(double y, double x) {
  if (om_is_nan(x) || om_is_nan(y)) {
    return om_not_a_number();
  }
  double ay = om_absolute(y), ax = om_absolute(x);
  int left = om_f64_bits(x) >> 63 != 0;
  om_pair angle;
  if (ay == 0) {
    angle = om_pair_of(0, 0);
  } else if (!om_is_finite(x) || !om_is_finite(y)) {
    angle = !om_is_finite(x) && !om_is_finite(y) ? atan_table[8] : om_is_finite(y) ? om_pair_of(0, 0) : om_pair_of(PIO2_HIGH, PIO2_LOW);
  } else if (ax == 0) {
    angle = om_pair_of(PIO2_HIGH, PIO2_LOW);
  } else {
    int32_t ey, ex;
    double my = om_split(ay, &ey), mx = om_split(ax, &ex);
    int32_t d = ey - ex;
    if (d < -64) {
      if (!left) {
        return om_with_sign(om_scale(my / mx, d < -2000 ? -2000 : d), y);
      }
      angle = om_pair_of(om_scale(my / mx, d < -200 ? -200 : d), 0);
    } else if (d > 64) {
      angle = om_pair_of(PIO2_HIGH, PIO2_LOW);
    } else {
      angle = quarter_angle(om_pair_of(om_scale(my, d), 0), om_pair_of(mx, 0));
    }
  }
  if (left) {
    angle = om_pair_add(om_pair_of(2 * PIO2_HIGH, 2 * PIO2_LOW), om_pair_of(-angle.high, -angle.low));
  }
  return om_with_sign(angle.high, y);
}

// sqrt((1 - x)(1 + x)) for |x| <= 1.
static om_pair co_leg(double x) {
  om_pair w = om_pair_mul(om_sum(1, -x), om_sum(1, x));
  double s = om_sqrt(w.high);
  if (s == 0) {
    return om_pair_of(0, 0);
  }
  om_pair square = om_product(s, s);
  return om_sum_fast(s, (((w.high - square.high) - square.low) + w.low) / (2 * s));
}

double om_asin(double x) {
  double a = om_absolute(x);
  if (!(a <= 1)) {
    return om_not_a_number();
  }
  if (a < 0x1p-27) {
    return x;
  }
  return om_with_sign(quarter_angle(om_pair_of(a, 0), co_leg(x)).high, x);
}

double om_acos(double x) {
  double a = om_absolute(x);
  if (!(a <= 1)) {
    return om_not_a_number();
  }
  om_pair angle = quarter_angle(co_leg(x), om_pair_of(a, 0));
  if (x < 0) {
    angle = om_pair_add(om_pair_of(2 * PIO2_HIGH, 2 * PIO2_LOW), om_pair_of(-angle.high, -angle.low));
  }
  return angle.high;
}
