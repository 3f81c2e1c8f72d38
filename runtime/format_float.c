// SPDX-License-Identifier: Apache-2.0
// Floating-point numbers to and from decimal text: shortest digits (Giulietti's Schubfach), exactly rounded digits and correctly
// rounded reading by big integers.
#include "internal.h"

// ---- big integers ---------------------------------------------------------------------------------------------------

enum { BIG_LIMBS = 160 };  // 32-bit limbs

typedef struct big {
  int32_t n;
  uint32_t limb[BIG_LIMBS];
} big;

static void big_set(big *a, uint64_t v) {
  a->n = 0;
  for (; v != 0; v >>= 32) {
    a->limb[a->n++] = (uint32_t)v;
  }
}

// a = a * m + add
static void big_mul_add(big *a, uint32_t m, uint32_t add) {
  uint64_t carry = add;
  for (int32_t i = 0; i < a->n; i++) {
    carry += (uint64_t)a->limb[i] * m;
    a->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0 && a->n < BIG_LIMBS) {
    a->limb[a->n++] = (uint32_t)carry;
  }
}

static void big_mul_pow5(big *a, uint32_t n) {
  for (; n >= 13; n -= 13) {
    big_mul_add(a, 1220703125u, 0);
  }
  uint32_t m = 1;
  for (; n != 0; n--) {
    m *= 5;
  }
  big_mul_add(a, m, 0);
}

static void big_shift_left(big *a, uint32_t by) {
  if (a->n == 0) {
    return;
  }
  int32_t words = (int32_t)(by / 32);
  uint32_t bits = by % 32;
  if (a->n + words + 1 > BIG_LIMBS) {
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

static int big_compare(const big *a, const big *b) {
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

static void big_subtract(big *a, const big *b) {
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

static uint32_t big_div_small(big *a, uint32_t d) {
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

static uint32_t big_bits(const big *a) {
  return a->n == 0 ? 0 : (uint32_t)a->n * 32 - (uint32_t)(om_clz64(a->limb[a->n - 1]) - 32);
}

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
  big a;
  big_set(&a, 1);
  int32_t shift = floor_log2_pow10(e) - 125;
  if (e >= 0) {
    big_mul_pow5(&a, (uint32_t)e);
    int32_t s = e - shift;  // multiply by 2^s, or divide
    if (s >= 0) {
      big_shift_left(&a, (uint32_t)s);
    }
    for (int32_t bit = 0; bit < 126; bit++) {
      int32_t from = bit - (s < 0 ? s : 0);
      if (from / 32 < a.n && (a.limb[from / 32] >> (from % 32) & 1) != 0) {
        word[bit / 63] |= (uint64_t)1 << (bit % 63);
      }
    }
  } else {
    big d;
    big_set(&d, 1);
    big_mul_pow5(&d, (uint32_t)-e);
    // 2^(e - shift) / 5^-e, bit by bit from 126 bits up
    int32_t s = e - shift;
    uint32_t bits = big_bits(&d);
    int32_t start = (int32_t)bits - 1;
    big_shift_left(&a, (uint32_t)start);
    for (int32_t bit = s - start; bit >= 0; bit--) {
      if (big_compare(&a, &d) >= 0) {
        big_subtract(&a, &d);
        if (bit < 126) {
          word[bit / 63] |= (uint64_t)1 << (bit % 63);
        }
      }
      big_shift_left(&a, 1);
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
      *p++ = i < n ? digits[i] : '0';
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
  big whole, rest;
  big_set(&whole, c);
  big_set(&rest, 0);
  uint32_t rest_bits = 0;
  if (q >= 0) {
    big_shift_left(&whole, (uint32_t)q);
  } else {
    rest_bits = (uint32_t)-q;
    big_set(&whole, rest_bits >= 64 ? 0 : c >> rest_bits);
    big_set(&rest, rest_bits >= 64 ? c : c & (((uint64_t)1 << rest_bits) - 1));
  }
  // integer digits, from the back
  char reversed[400];
  int32_t n = 0;
  while (whole.n != 0) {
    uint32_t nine = big_div_small(&whole, 1000000000u);
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
    big_mul_add(&rest, 10, 0);
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

// ---- reading --------------------------------------------------------------------------------------------------------

typedef struct format {
  int32_t bits;      // of the significand, with the hidden one
  int32_t lowest;    // exponent of the last bit of subnormals
  int32_t highest;   // exponent of the last bit of the largest numbers
} format;

// digits * 10^exponent to c * 2^q, rounded half to even to the format. 0, or 2 when too large.
static int32_t scale(big *a, int32_t exponent, const format *f, uint64_t *c_out, int32_t *q_out) {
  big d;
  big_set(&d, 1);
  int32_t q = exponent;
  if (exponent >= 0) {
    big_mul_pow5(a, (uint32_t)exponent);
  } else {
    big_mul_pow5(&d, (uint32_t)-exponent);
  }
  // Scale so that a / d has f->bits + 1 bits or one more, then divide bit by bit.
  int32_t have = (int32_t)big_bits(a) - (int32_t)big_bits(&d), want = f->bits + 1;
  int32_t up = want - have;
  if (q - up < f->lowest - 1) {
    up = q - (f->lowest - 1);
  }
  if (up >= 0) {
    big_shift_left(a, (uint32_t)up);
  } else {
    big_shift_left(&d, (uint32_t)-up);
  }
  q -= up;
  uint64_t c = 0;
  int32_t steps = (int32_t)big_bits(a) - (int32_t)big_bits(&d);
  if (steps >= 0) {
    big_shift_left(&d, (uint32_t)steps);
    for (int32_t i = steps; i >= 0; i--) {
      c <<= 1;
      if (big_compare(a, &d) >= 0) {
        big_subtract(a, &d);
        c |= 1;
      }
      if (i != 0) {
        big_shift_left(a, 1);
      }
    }
  }
  int sticky = a->n != 0;
  while (c >> (f->bits + 1) != 0) {
    sticky |= (int)(c & 1);
    c >>= 1;
    q++;
  }
  int half = (int)(c & 1);
  c >>= 1;
  q++;
  if (half && (sticky || (c & 1))) {
    c++;
    if (c >> f->bits != 0) {
      c >>= 1;
      q++;
    }
  }
  *c_out = c;
  *q_out = q;
  return q > f->highest ? 2 : 0;
}

static int32_t read_number(const char *text, int64_t size, const format *f, uint64_t *c, int32_t *q, int *negative) {
  int64_t i = 0;
  *negative = 0;
  if (i < size && (text[i] == '-' || text[i] == '+')) {
    *negative = text[i] == '-';
    i++;
  }
  if (size - i == 3 && memcmp(text + i, "inf", 3) == 0) {
    return 3;
  }
  if (size - i == 3 && memcmp(text + i, "nan", 3) == 0) {
    return 4;
  }
  big a;
  big_set(&a, 0);
  int32_t kept = 0, any = 0, dot = 0, sticky = 0;
  int64_t exponent = 0;
  for (; i < size; i++) {
    char ch = text[i];
    if (ch == '.' && !dot) {
      dot = 1;
    } else if (ch >= '0' && ch <= '9') {
      any = 1;
      if (kept < 780) {
        if (a.n == 0 && ch != '0') {
          big_set(&a, (uint64_t)(ch - '0'));
          kept = 1;
        } else if (a.n != 0) {
          big_mul_add(&a, 10, (uint32_t)(ch - '0'));
          kept++;
        }
        exponent -= dot;
      } else {
        sticky |= ch != '0';
        exponent += !dot;
      }
    } else if (ch != '_' || i == 0 || i + 1 == size) {
      break;
    }
  }
  if (!any) {
    return 1;
  }
  if (i < size && (text[i] == 'e' || text[i] == 'E')) {
    int minus = 0, digits = 0;
    int64_t e = 0;
    i++;
    if (i < size && (text[i] == '-' || text[i] == '+')) {
      minus = text[i] == '-';
      i++;
    }
    for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
      e = e < 1000000 ? e * 10 + (text[i] - '0') : e;
      digits = 1;
    }
    if (!digits) {
      return 1;
    }
    exponent += minus ? -e : e;
  }
  if (i != size) {
    return 1;
  }
  *c = 0;
  *q = f->lowest;
  if (a.n == 0 || exponent + kept < -400) {
    return 0;
  }
  if (exponent + kept > 400) {
    return 2;
  }
  if (sticky) {
    big_mul_add(&a, 10, 1);
    exponent--;
  }
  return scale(&a, (int32_t)exponent, f, c, q);
}

// [-]digits[.digits] with at most 15 digits: a whole number below 2^53 over an exact power of ten, so one rounding.
static int read_simple(const char *text, int64_t size, double *out) {
  static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  int64_t i = size > 0 && text[0] == '-', digits = 0, places = 0, value = 0;
  int dot = 0;
  for (; i < size; i++) {
    if (text[i] == '.' && !dot) {
      dot = 1;
    } else if (text[i] >= '0' && text[i] <= '9' && digits < 15) {
      value = value * 10 + (text[i] - '0');
      digits++;
      places += dot;
    } else {
      return 0;
    }
  }
  if (digits == 0) {
    return 0;
  }
  double v = (double)value / tens[places];
  *out = text[0] == '-' ? -v : v;
  return 1;
}

int32_t om_read_f64(const char *text, int64_t size, double *out) {
  if (read_simple(text, size, out)) {
    return 0;
  }
  static const format f = {53, -1074, 971};
  uint64_t c, bits;
  int32_t q;
  int negative;
  int32_t status = read_number(text, size, &f, &c, &q, &negative);
  if (status == 1) {
    return 1;
  }
  if (status == 4) {
    bits = 0x7ff8000000000000ull;
  } else if (status != 0) {
    bits = 0x7ff0000000000000ull;
  } else if (c >> 52 == 0) {
    bits = c;
  } else {
    bits = (uint64_t)(q + 1075) << 52 | (c & 0xfffffffffffffull);
  }
  *out = om_bits_f64(bits | (uint64_t)negative << 63);
  return status == 2 ? 2 : 0;
}

int32_t om_read_f32(const char *text, int64_t size, float *out) {
  static const format f = {24, -149, 104};
  union { uint32_t u; float f; } bits;
  uint64_t c;
  int32_t q;
  int negative;
  int32_t status = read_number(text, size, &f, &c, &q, &negative);
  if (status == 1) {
    return 1;
  }
  if (status == 4) {
    bits.u = 0x7fc00000u;
  } else if (status != 0) {
    bits.u = 0x7f800000u;
  } else if (c >> 23 == 0) {
    bits.u = (uint32_t)c;
  } else {
    bits.u = (uint32_t)(q + 150) << 23 | ((uint32_t)c & 0x7fffffu);
  }
  bits.u |= (uint32_t)negative << 31;
  *out = bits.f;
  return status == 2 ? 2 : 0;
}
