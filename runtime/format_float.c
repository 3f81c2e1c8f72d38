// SPDX-License-Identifier: Apache-2.0
// Floating-point numbers to decimal text: shortest digits (Giulietti's Schubfach) and, by big integers, exactly rounded digits.
#include "big_integer.h"

// ---- powers of ten, 126 bits, rounded up: made when first needed ----------------------------------------------------

enum { POWER_LOW = -292, POWER_HIGH = 324 };

typedef struct power {
  uint64_t high, low;  // 63 bits each
} power;

static OM_LARGE power power_table[POWER_HIGH - POWER_LOW + 1];
static OM_LARGE om_atomic32 power_ready[POWER_HIGH - POWER_LOW + 1];

OM_INLINE int32_t floor_log2_pow10(int32_t e) { return (int32_t)((int64_t)e * 913124641741 >> 38); }
OM_INLINE int32_t floor_log10_pow2(int32_t e) { return (int32_t)((int64_t)e * 661971961083 >> 41); }
OM_INLINE int32_t floor_log10_three_quarters_pow2(int32_t e) { return (int32_t)(((int64_t)e * 661971961083 - 274743187321) >> 41); }

// floor(10^e * 2^-(floor(log2 10^e) - 125)) + 1
static power make_power(int32_t e) {
  uint64_t word[2] = {0, 0};
  om_big a;
  om_big_set(&a, 1);
  int32_t shift = floor_log2_pow10(e) - 125;
  if (e >= 0) {
    om_big_mul_pow5(&a, (uint32_t)e);
    int32_t s = e - shift;  // multiply by 2^s, or divide
    if (s >= 0) {
      om_big_shift_left(&a, (uint32_t)s);
    }
    for (int32_t bit = 0; bit < 126; bit++) {
      int32_t from = bit - (s < 0 ? s : 0);
      if (from / 32 < a.n && (a.limb[from / 32] >> (from % 32) & 1) != 0) {
        word[bit / 63] |= (uint64_t)1 << (bit % 63);
      }
    }
  } else {
    om_big d;
    om_big_set(&d, 1);
    om_big_mul_pow5(&d, (uint32_t)-e);
    // 2^(e - shift) / 5^-e, bit by bit from 126 bits up
    int32_t s = e - shift;
    uint32_t bits = om_big_bits(&d);
    int32_t start = (int32_t)bits - 1;
    om_big_shift_left(&a, (uint32_t)start);
    for (int32_t bit = s - start; bit >= 0; bit--) {
      if (om_big_compare(&a, &d) >= 0) {
        om_big_subtract(&a, &d);
        if (bit < 126) {
          word[bit / 63] |= (uint64_t)1 << (bit % 63);
        }
      }
      om_big_shift_left(&a, 1);
    }
  }
  power p = {word[1], word[0] + 1};
  if (p.low >> 63 != 0) {
    p.low = 0;
    p.high++;
  }
  return p;
}

static power power_of(int32_t e) {
  int32_t i = e - POWER_LOW;
  if (om_load32(&power_ready[i]) == 0) {
    power p = make_power(e);
    power_table[i] = p;
    om_store32(&power_ready[i], 1);
    return p;
  }
  return power_table[i];
}

// ---- shortest digits ------------------------------------------------------------------------------------------------

static uint64_t round_odd_product(power g, uint64_t cp) {
  uint64_t x1, y0, y1;
  (void)om_mul_wide(g.low, cp, &x1);
  y0 = om_mul_wide(g.high, cp, &y1);
  uint64_t z = (y0 >> 1) + x1;
  uint64_t w = y1 + (z >> 63);
  return w | (((z & 0x7fffffffffffffffull) + 0x7fffffffffffffffull) >> 63);
}

// The shortest decimal in the rounding interval of c * 2^q: digits as a number, its power of ten.
static uint64_t shortest(uint64_t c, int32_t q, int at_power, int32_t *exponent) {
  uint64_t out = c & 1, cb = c << 2, cbr = cb + 2, cbl;
  int32_t k;
  if (!at_power) {
    cbl = cb - 2;
    k = floor_log10_pow2(q);
  } else {
    cbl = cb - 1;
    k = floor_log10_three_quarters_pow2(q);
  }
  int32_t h = q + floor_log2_pow10(-k) + 2;
  power g = power_of(-k);
  uint64_t vb = round_odd_product(g, cb << h), vbl = round_odd_product(g, cbl << h), vbr = round_odd_product(g, cbr << h);
  uint64_t s = vb >> 2;
  *exponent = k;
  if (s >= 10) {
    uint64_t sp = s / 10 * 10, tp = sp + 10;
    int up_in = vbl + out <= sp << 2, wp_in = (tp << 2) + out <= vbr;
    if (up_in != wp_in) {
      return up_in ? sp : tp;
    }
  }
  uint64_t t = s + 1;
  int u_in = vbl + out <= s << 2, w_in = (t << 2) + out <= vbr;
  if (u_in != w_in) {
    return u_in ? s : t;
  }
  int64_t cmp = (int64_t)(vb - ((s + t) << 1));
  return cmp < 0 || (cmp == 0 && (s & 1) == 0) ? s : t;
}

static int digits_of(uint64_t v, int32_t power10, char *digits, int32_t *exponent) {
  char buffer[24];
  int n = om_format_u64(buffer, v);
  *exponent = power10 + n;
  while (n > 1 && buffer[n - 1] == '0') {
    n--;
  }
  memcpy(digits, buffer, (size_t)n);
  return n;
}

int om_shortest_f64(double value, char *digits, int32_t *exponent) {
  uint64_t bits = om_f64_bits(value), fraction = bits & 0xfffffffffffffull;
  int32_t biased = (int32_t)(bits >> 52 & 0x7ff), k;
  uint64_t c = biased == 0 ? fraction : fraction | (uint64_t)1 << 52;
  int32_t q = (biased == 0 ? 1 : biased) - 1075;
  uint64_t v = shortest(c, q, fraction == 0 && biased > 1, &k);
  return digits_of(v, k, digits, exponent);
}

int om_shortest_f32(float value, char *digits, int32_t *exponent) {
  uint32_t bits = om_f32_bits(value), fraction = bits & 0x7fffff;
  int32_t biased = (int32_t)(bits >> 23 & 0xff), k;
  uint64_t c = biased == 0 ? fraction : fraction | 1u << 23;
  int32_t q = (biased == 0 ? 1 : biased) - 150;
  uint64_t v = shortest(c, q, fraction == 0 && biased > 1, &k);
  return digits_of(v, k, digits, exponent);
}

static int place_digits(char *to, int negative, const char *digits, int n, int32_t exponent) {
  char *p = to;
  if (negative) {
    *p++ = '-';
  }
  if (exponent < -3 || exponent > 21) {
    int32_t e = exponent - 1;
    *p++ = digits[0];
    if (n > 1) {
      *p++ = '.';
      memcpy(p, digits + 1, (size_t)(n - 1));
      p += n - 1;
    }
    *p++ = 'e';
    *p++ = e < 0 ? '-' : '+';
    e = e < 0 ? -e : e;
    if (e < 10) {
      *p++ = '0';
    }
    p += om_format_u64(p, (uint64_t)e);
  } else if (exponent <= 0) {
    *p++ = '0';
    *p++ = '.';
    for (int32_t i = exponent; i < 0; i++) {
      *p++ = '0';
    }
    memcpy(p, digits, (size_t)n);
    p += n;
  } else {
    for (int32_t i = 0; i < exponent || i < n; i++) {
      if (i == exponent) {
        *p++ = '.';
      }
      *p++ = (char)(i < n ? digits[i] : '0');
    }
  }
  return (int)(p - to);
}

static int place_special(char *to, int negative, int is_nan, int is_zero) {
  const char *text = is_nan ? "nan" : is_zero ? "0" : "inf";
  int n = 0;
  if (negative && !is_nan) {
    to[n++] = '-';
  }
  while (*text != 0) {
    to[n++] = *text++;
  }
  return n;
}

int om_format_f64(char *buffer, double value) {
  char digits[24];
  int32_t exponent;
  uint64_t bits = om_f64_bits(value), magnitude = bits & 0x7fffffffffffffffull;
  int negative = (int)(bits >> 63);
  if (magnitude == 0 || magnitude >= 0x7ff0000000000000ull) {
    return place_special(buffer, negative, magnitude > 0x7ff0000000000000ull, magnitude == 0);
  }
  int n = om_shortest_f64(om_bits_f64(magnitude), digits, &exponent);
  return place_digits(buffer, negative, digits, n, exponent);
}

int om_format_f32(char *buffer, float value) {
  char digits[24];
  int32_t exponent;
  uint32_t bits = om_f32_bits(value), magnitude = bits & 0x7fffffff;
  int negative = (int)(bits >> 31);
  if (magnitude == 0 || magnitude >= 0x7f800000) {
    return place_special(buffer, negative, magnitude > 0x7f800000, magnitude == 0);
  }
  int n = om_shortest_f32(value < 0 ? -value : value, digits, &exponent);
  return place_digits(buffer, negative, digits, n, exponent);
}

// ---- exactly rounded digits -----------------------------------------------------------------------------------------

// All digits of value = c * 2^q: the integer part's, then the fraction's; rounds half to even to what is asked.
void om_exact_digits(double value, int fixed, int32_t places, char *buffer, int32_t *count, int32_t *point) {
  uint64_t bits = om_f64_bits(value), fraction = bits & 0xfffffffffffffull;
  int32_t biased = (int32_t)(bits >> 52 & 0x7ff);
  uint64_t c = biased == 0 ? fraction : fraction | (uint64_t)1 << 52;
  int32_t q = (biased == 0 ? 1 : biased) - 1075;
  om_big whole, rest;
  om_big_set(&whole, c);
  om_big_set(&rest, 0);
  uint32_t rest_bits = 0;
  if (q >= 0) {
    om_big_shift_left(&whole, (uint32_t)q);
  } else {
    rest_bits = (uint32_t)-q;
    om_big_set(&whole, rest_bits >= 64 ? 0 : c >> rest_bits);
    om_big_set(&rest, rest_bits >= 64 ? c : c & (((uint64_t)1 << rest_bits) - 1));
  }
  // integer digits, from the back
  char reversed[400];
  int32_t n = 0;
  while (whole.n != 0) {
    uint32_t nine = om_big_div_small(&whole, 1000000000u);
    for (int i = 0; i < 9 && (whole.n != 0 || nine != 0); i++) {
      reversed[n++] = (char)('0' + nine % 10);
      nine /= 10;
    }
  }
  int32_t digits = 0;
  buffer[digits++] = '0';  // room for a carry
  for (int32_t i = n - 1; i >= 0; i--) {
    buffer[digits++] = reversed[i];
  }
  int32_t whole_digits = digits;  // with the leading 0
  int32_t significant = n;        // significant digits so far
  int32_t wanted = fixed ? whole_digits + places : 0;
  // fraction digits
  while (rest.n != 0 && (fixed ? digits < wanted : significant < places)) {
    om_big_mul_add(&rest, 10, 0);
    uint32_t d = 0;
    for (int32_t b = 0; b < 4; b++) {
      uint32_t bit = rest_bits + (uint32_t)b;
      if ((int32_t)(bit / 32) < rest.n) {
        d |= (rest.limb[bit / 32] >> (bit % 32) & 1) << b;
        rest.limb[bit / 32] &= ~(1u << (bit % 32));
      }
    }
    while (rest.n > 0 && rest.limb[rest.n - 1] == 0) {
      rest.n--;
    }
    buffer[digits++] = (char)('0' + d);
    if (significant > 0 || d != 0) {
      significant++;
    }
  }
  int round_up = 0;
  if (!fixed && n > places) {
    // drop integer digits: half and more decide
    int32_t keep = 1 + places;
    int half = buffer[keep] - '5', sticky = rest.n != 0;
    for (int32_t i = keep + 1; i < digits; i++) {
      sticky |= buffer[i] != '0';
    }
    round_up = half > 0 || (half == 0 && (sticky || ((buffer[keep - 1] - '0') & 1)));
    digits = keep;
  } else if (rest.n != 0) {
    // compare 2 * rest with 1
    uint32_t half_bit = rest_bits - 1;
    int above = (int32_t)(half_bit / 32) < rest.n && (rest.limb[half_bit / 32] >> (half_bit % 32) & 1) != 0;
    int sticky = 0;
    for (int32_t i = 0; i < rest.n; i++) {
      uint32_t v = rest.limb[i];
      if ((uint32_t)i == half_bit / 32) {
        v &= ~(1u << (half_bit % 32));
      }
      sticky |= v != 0;
    }
    round_up = above && (sticky || ((buffer[digits - 1] - '0') & 1));
  }
  for (int32_t i = digits - 1; round_up && i >= 0; i--) {
    if (buffer[i] == '9') {
      buffer[i] = '0';
    } else {
      buffer[i]++;
      round_up = 0;
    }
  }
  while (fixed && digits < wanted) {
    buffer[digits++] = '0';
  }
  *point = whole_digits;
  *count = digits;
}
