// SPDX-License-Identifier: Apache-2.0
// Exponentials, logarithms, powers, hyperbolic functions. Arguments are reduced by multiples of ln 2 held in three parts; what
// remains is a Taylor polynomial with the leading terms carried as pairs.
#include "math_parts.h"

#define LN2_1 0x1.62e42fee00000p-1
#define LN2_2 0x1.a39ef35600000p-33
#define LN2_3 0x1.93c7673007e5fp-65
#define LN2_HIGH 0x1.62e42fefa0000p-1 /* 38 bits */
#define LN2_LOW 0x1.cf79abc9e3b3ap-40
#define LN2_PAIR_HIGH 0x1.62e42fefa39efp-1
#define LN2_PAIR_LOW 0x1.abc9e3b39803fp-56
#define INV_LN2 0x1.71547652b82fep+0
#define INV_LN2_LOW 0x1.777d0ffda0d24p-56
#define INV_LN10 0x1.bcb7b1526e50ep-2
#define INV_LN10_LOW 0x1.95355baaafad3p-57

// ---- e^x ------------------------------------------------------------------------------------------------------------

om_pair om_exp_small(om_pair r) {
  double x = r.high;
  double p = 0x1.6124613a86d09p-33;
  p = 0x1.1eed8eff8d898p-29 + x * p;
  p = 0x1.ae64567f544e4p-26 + x * p;
  p = 0x1.27e4fb7789f5cp-22 + x * p;
  p = 0x1.71de3a556c734p-19 + x * p;
  p = 0x1.a01a01a01a01ap-16 + x * p;
  p = 0x1.a01a01a01a01ap-13 + x * p;
  p = 0x1.6c16c16c16c17p-10 + x * p;
  p = 0x1.1111111111111p-7 + x * p;
  p = 0x1.5555555555555p-5 + x * p;
  p = 0x1.5555555555555p-3 + x * p;
  // x + (x^2 / 2 + x^3 p), the square exact
  om_pair square = om_product(x, x);
  om_pair t = om_sum_fast(x, 0.5 * square.high);
  return om_sum_fast(t.high, t.low + (0.5 * square.low + (x * square.high * p + (r.low + r.low * x))));
}

om_pair om_exp_pair(om_pair x, int32_t *k) {
  double n = om_floor(x.high * INV_LN2 + 0.5);
  om_pair r = om_sum(x.high - n * LN2_1, -(n * LN2_2));
  om_pair t = om_exp_small(om_sum_fast(r.high, r.low + (x.low - n * LN2_3)));
  *k = (int32_t)n;
  om_pair s = om_sum_fast(1, t.high);
  return om_sum_fast(s.high, s.low + t.low);
}

double om_exp(double x) {
  int32_t k;
  if (om_is_nan(x)) {
    return x;
  }
  if (x > 709.8) {
    return om_infinity();
  }
  if (x < -745.2) {
    return 0;
  }
  om_pair e = om_exp_pair(om_pair_of(x, 0), &k);
  return om_scale(e.high, k);
}

double om_exp2(double x) {
  if (om_is_nan(x)) {
    return x;
  }
  if (x >= 1024) {
    return om_infinity();
  }
  if (x < -1076) {
    return 0;
  }
  double n = om_floor(x + 0.5), f = x - n;
  om_pair r = om_pair_mul(om_pair_of(f, 0), om_pair_of(LN2_PAIR_HIGH, LN2_PAIR_LOW));
  om_pair t = om_exp_small(r);
  return om_scale(1 + t.high, (int32_t)n);
}

double om_expm1(double x) {
  if (om_is_nan(x) || x == 0) {
    return x;
  }
  if (x > 709.8) {
    return om_infinity();
  }
  if (x < -40) {
    return -1;
  }
  if (om_absolute(x) < 0x1p-54) {
    return x;
  }
  double n = om_floor(x * INV_LN2 + 0.5);
  om_pair r = om_sum(x - n * LN2_1, -(n * LN2_2));
  om_pair t = om_exp_small(om_sum_fast(r.high, r.low - n * LN2_3));
  int32_t k = (int32_t)n;
  if (k == 0) {
    return t.high;
  }
  // 2^k (1 + t) - 1 = 2^k ((1 - 2^-k) + t)
  om_pair one = k <= 60 ? om_sum(1, -om_scale(1, -k)) : om_pair_of(1, 0);
  om_pair s = om_pair_add(one, t);
  return om_scale(s.high, k);
}

// ---- logarithms -----------------------------------------------------------------------------------------------------

// x = m * 2^k, m from about 0.7 to 1.41.
static double center(double x, int32_t *k) {
  double m = om_split(x, k);
  if (m > 0x1.6a09e667f3bcdp+0) {
    m *= 0.5;
    (*k)++;
  }
  return m;
}

// 2 (1/3 + z/5 + z^2/7 + ...) z
static double log_tail(double z) {
  double p = 0x1.642c8590b2164p-5;
  p = 0x1.8618618618618p-5 + z * p;
  p = 0x1.af286bca1af28p-5 + z * p;
  p = 0x1.e1e1e1e1e1e1ep-5 + z * p;
  p = 0x1.1111111111111p-4 + z * p;
  p = 0x1.3b13b13b13b14p-4 + z * p;
  p = 0x1.745d1745d1746p-4 + z * p;
  p = 0x1.c71c71c71c71cp-4 + z * p;
  p = 0x1.2492492492492p-3 + z * p;
  p = 0x1.999999999999ap-3 + z * p;
  return p;
}

static double log_special(double x) { return om_is_nan(x) || x > 0 ? x : x == 0 ? -om_infinity() : om_not_a_number(); }

double om_log(double x) {
  if (!(x > 0) || !om_is_finite(x)) {
    return log_special(x);
  }
  int32_t k;
  double f = center(x, &k) - 1, s = f / (2 + f), z = s * s;
  double half = 0.5 * f * f, r = 2 * z * (0x1.5555555555555p-2 + z * log_tail(z));
  if (k == 0) {
    return f - (half - s * (half + r));
  }
  return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
}

// ln(1 + f) for f = f.high + f.low, 0.7 < 1 + f < 1.42.
static om_pair log_near_one(om_pair f) {
  om_pair s = om_pair_div(f, om_pair_add(om_pair_of(2, 0), f));
  om_pair z = om_pair_mul(s, s);
  om_pair p = om_pair_mul(z, om_pair_of(0x1.5555555555555p-2, 0x1.5555555555555p-56));
  p = om_pair_add(p, om_pair_of(z.high * z.high * log_tail(z.high), 0));
  om_pair t = om_pair_add(s, om_pair_mul(s, p));
  return om_pair_of(2 * t.high, 2 * t.low);
}

static om_pair add_ln2(om_pair t, int32_t k) {
  om_pair whole = om_sum(k * LN2_1, k * LN2_2);
  whole = om_sum_fast(whole.high, whole.low + k * LN2_3);
  return om_pair_add(whole, t);
}

om_pair om_log_pair(double x) {
  int32_t k;
  double f = center(x, &k) - 1;
  return add_ln2(log_near_one(om_pair_of(f, 0)), k);
}

double om_log2(double x) {
  if (!(x > 0) || !om_is_finite(x)) {
    return log_special(x);
  }
  int32_t k;
  double f = center(x, &k) - 1;
  om_pair t = om_pair_mul(log_near_one(om_pair_of(f, 0)), om_pair_of(INV_LN2, INV_LN2_LOW));
  return om_pair_add(om_pair_of(k, 0), t).high;
}

double om_log10(double x) {
  if (!(x > 0) || !om_is_finite(x)) {
    return log_special(x);
  }
  return om_pair_mul(om_log_pair(x), om_pair_of(INV_LN10, INV_LN10_LOW)).high;
}

double om_log1p(double x) {
  if (!(x > -1) || !om_is_finite(x)) {
    return x == -1 ? -om_infinity() : log_special(x);
  }
  if (om_absolute(x) < 0x1p-54) {
    return x;
  }
  if (x > -0.29 && x < 0.41) {
    return log_near_one(om_pair_of(x, 0)).high;
  }
  om_pair one = om_sum(1, x);
  int32_t k;
  double m = center(one.high, &k);
  om_pair f = om_sum_fast(m - 1, om_scale(one.low, -k));
  return add_ln2(log_near_one(f), k).high;
}

// ---- powers ---------------------------------------------------------------------------------------------------------

// 0 no integer, 1 odd, 2 even.
static int parity(double y) {
  if (om_trunc(y) != y) {
    return 0;
  }
  if (om_absolute(y) >= 0x1p53) {
    return 2;
  }
  return (int64_t)y & 1 ? 1 : 2;
}

static double pow_positive(double x, double y) {
  om_pair l = om_log_pair(x);
  double rough = y * l.high;
  if (rough > 710) {
    return om_infinity();
  }
  if (rough < -746) {
    return 0;
  }
  om_pair product = om_pair_mul(om_pair_of(y, 0), l);
  int32_t k;
  om_pair e = om_exp_pair(product, &k);
  return om_scale(e.high, k);
}

double om_pow(double x, double y) {
  if (y == 0 || x == 1) {
    return 1;
  }
  if (om_is_nan(x) || om_is_nan(y)) {
    return om_not_a_number();
  }
  double ax = om_absolute(x);
  int kind = om_is_finite(y) ? parity(y) : 2, negative = om_f64_bits(x) >> 63 != 0;
  if (!om_is_finite(y)) {
    return ax == 1 ? 1 : (ax > 1) == (y > 0) ? om_infinity() : 0;
  }
  if (ax == 0 || !om_is_finite(x)) {
    double r = (ax == 0) == (y > 0) ? 0 : om_infinity();
    return negative && kind == 1 ? -r : r;
  }
  if (negative && kind == 0) {
    return om_not_a_number();
  }
  double r;
  if (om_absolute(y) > 0x1p65) {
    r = ax == 1 ? 1 : (ax > 1) == (y > 0) ? om_infinity() : 0;
  } else {
    r = ax == 1 ? 1 : y == 1 ? ax : y == 2 ? ax * ax : y == -1 ? 1 / ax : pow_positive(ax, y);
  }
  return negative && kind == 1 ? -r : r;
}

// ---- hyperbolic functions -------------------------------------------------------------------------------------------

// sinh x = x + x^3 S, cosh x = 1 + x^2 C for |x| < 1, as pairs.
static om_pair sinh_small(double x) {
  om_pair z = om_product(x, x);
  double p = 0x1.71b8ef6dcf572p-66;
  p = 0x1.2f49b46814157p-57 + z.high * p;
  p = 0x1.952c77030ad4ap-49 + z.high * p;
  p = 0x1.ae7f3e733b81fp-41 + z.high * p;
  p = 0x1.6124613a86d09p-33 + z.high * p;
  p = 0x1.ae64567f544e4p-26 + z.high * p;
  p = 0x1.71de3a556c734p-19 + z.high * p;
  p = 0x1.a01a01a01a01ap-13 + z.high * p;
  p = 0x1.1111111111111p-7 + z.high * p;
  om_pair sixth = om_pair_mul(z, om_pair_of(0x1.5555555555555p-3, 0x1.5555555555555p-57));
  om_pair t = om_pair_add(sixth, om_pair_of(z.high * z.high * p, 0));
  return om_pair_add(om_pair_of(x, 0), om_pair_mul(om_pair_of(x, 0), t));
}

static om_pair cosh_small(double x) {
  om_pair z = om_product(x, x);
  double p = 0x1.0ce396db7f853p-70;
  p = 0x1.e542ba4020225p-62 + z.high * p;
  p = 0x1.6827863b97d97p-53 + z.high * p;
  p = 0x1.ae7f3e733b81fp-45 + z.high * p;
  p = 0x1.93974a8c07c9dp-37 + z.high * p;
  p = 0x1.1eed8eff8d898p-29 + z.high * p;
  p = 0x1.27e4fb7789f5cp-22 + z.high * p;
  p = 0x1.a01a01a01a01ap-16 + z.high * p;
  p = 0x1.6c16c16c16c17p-10 + z.high * p;
  p = 0x1.5555555555555p-5 + z.high * p;
  om_pair t = om_pair_add(om_pair_of(0.5 * z.high, 0.5 * z.low), om_pair_of(z.high * z.high * p, 0));
  return om_pair_add(om_pair_of(1, 0), t);
}

// (e^x +- e^-x) / 2 for 1 <= x.
static double half_exps(double x, double sign) {
  int32_t k;
  if (x > 711) {
    return om_infinity();
  }
  om_pair e = om_exp_pair(om_pair_of(x, 0), &k);
  if (x < 30) {
    om_pair scaled = om_pair_of(om_scale(e.high, k), om_scale(e.low, k));
    om_pair other = om_pair_div(om_pair_of(sign, 0), scaled);
    return 0.5 * om_pair_add(scaled, other).high;
  }
  return om_scale(e.high, k - 1);
}

double om_sinh(double x) {
  double a = om_absolute(x);
  if (om_is_nan(x) || a < 0x1p-28) {
    return x;
  }
  return om_with_sign(a < 1 ? sinh_small(a).high : half_exps(a, -1), x);
}

double om_cosh(double x) {
  double a = om_absolute(x);
  if (om_is_nan(x)) {
    return x;
  }
  return a < 1 ? cosh_small(a).high : half_exps(a, 1);
}

double om_tanh(double x) {
  double a = om_absolute(x), r;
  if (om_is_nan(x) || a < 0x1p-28) {
    return x;
  }
  if (a < 1) {
    r = om_pair_div(sinh_small(a), cosh_small(a)).high;
  } else if (a > 22) {
    r = 1;
  } else {
    int32_t k;
    om_pair e = om_exp_pair(om_pair_of(2 * a, 0), &k);
    e = om_pair_of(om_scale(e.high, k), om_scale(e.low, k));
    om_pair rest = om_pair_div(om_pair_of(-2, 0), om_pair_add(e, om_pair_of(1, 0)));
    r = om_pair_add(om_pair_of(1, 0), rest).high;
  }
  return om_with_sign(r, x);
}
