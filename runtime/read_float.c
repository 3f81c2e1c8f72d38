// SPDX-License-Identifier: Apache-2.0
// Floating-point numbers from decimal text, correctly rounded: by one division where that is exact, else by big integers.
#include "big_integer.h"

typedef struct format {
  int32_t bits;      // of the significand, with the hidden one
  int32_t lowest;    // exponent of the last bit of subnormals
  int32_t highest;   // exponent of the last bit of the largest numbers
} format;

// digits * 10^exponent to c * 2^q, rounded half to even to the format. 0, or 2 when too large.
static int32_t scale(om_big *a, int32_t exponent, const format *f, uint64_t *c_out, int32_t *q_out) {
  om_big d;
  om_big_set(&d, 1);
  int32_t q = exponent;
  if (exponent >= 0) {
    om_big_mul_pow5(a, (uint32_t)exponent);
  } else {
    om_big_mul_pow5(&d, (uint32_t)-exponent);
  }
  // Scale so that a / d has f->bits + 1 bits or one more, then divide bit by bit.
  int32_t have = (int32_t)om_big_bits(a) - (int32_t)om_big_bits(&d), want = f->bits + 1;
  int32_t up = want - have;
  if (q - up < f->lowest - 1) {
    up = q - (f->lowest - 1);
  }
  if (up >= 0) {
    om_big_shift_left(a, (uint32_t)up);
  } else {
    om_big_shift_left(&d, (uint32_t)-up);
  }
  q -= up;
  uint64_t c = 0;
  int32_t steps = (int32_t)om_big_bits(a) - (int32_t)om_big_bits(&d);
  if (steps >= 0) {
    om_big_shift_left(&d, (uint32_t)steps);
    for (int32_t i = steps; i >= 0; i--) {
      c <<= 1;
      if (om_big_compare(a, &d) >= 0) {
        om_big_subtract(a, &d);
        c |= 1;
      }
      if (i != 0) {
        om_big_shift_left(a, 1);
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

// The significant digits of a number, as far as they can decide how it is rounded.
typedef struct decimal {
  om_big digits;
  int64_t exponent;  // of ten
  int32_t kept;      // how many digits `digits` has
  int sticky;        // whether one that is not zero was left out
} decimal;

// Digits with at most one point from text[*at] on; 0 when there is none.
static int read_digits(const char *text, int64_t size, int64_t *at, decimal *d) {
  int any = 0, dot = 0;
  int64_t i = *at;
  om_big_set(&d->digits, 0);
  for (; i < size; i++) {
    char ch = text[i];
    if (ch == '.' && !dot) {
      dot = 1;
    } else if (ch >= '0' && ch <= '9') {
      any = 1;
      if (d->kept < 780) {
        if (d->digits.n == 0 && ch != '0') {
          om_big_set(&d->digits, (uint64_t)(ch - '0'));
          d->kept = 1;
        } else if (d->digits.n != 0) {
          om_big_mul_add(&d->digits, 10, (uint32_t)(ch - '0'));
          d->kept++;
        }
        d->exponent -= dot;
      } else {
        d->sticky |= ch != '0';
        d->exponent += !dot;
      }
    } else if (ch != '_' || i == 0 || i + 1 == size) {
      break;
    }
  }
  *at = i;
  return any;
}

// `e[+-]digits`, if text[*at] begins one; 0 when its digits are missing.
static int read_exponent(const char *text, int64_t size, int64_t *at, decimal *d) {
  int64_t i = *at, e = 0;
  if (i == size || (text[i] != 'e' && text[i] != 'E')) {
    return 1;
  }
  i++;
  int minus = i < size && text[i] == '-', any = 0;
  i += i < size && (text[i] == '-' || text[i] == '+');
  for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
    e = e < 1000000 ? e * 10 + (text[i] - '0') : e;
    any = 1;
  }
  d->exponent += minus ? -e : e;
  *at = i;
  return any;
}

// The number's bits in the format. 0, 1 when the text is no number, 2 when it is too large (then the bits are infinity's).
static int32_t read_bits(const char *text, int64_t size, const format *f, uint64_t *bits) {
  int32_t field = f->bits - 1;  // of the significand without its hidden bit
  uint64_t infinity = (uint64_t)(f->highest - f->lowest + 2) << field;
  int64_t i = size > 0 && (text[0] == '-' || text[0] == '+');
  uint64_t sign = i != 0 && text[0] == '-' ? infinity + ((uint64_t)1 << field) : 0;
  if (size - i == 3 && memcmp(text + i, "inf", 3) == 0) {
    *bits = sign | infinity;
    return 0;
  }
  if (size - i == 3 && memcmp(text + i, "nan", 3) == 0) {
    *bits = sign | infinity | (uint64_t)1 << (field - 1);
    return 0;
  }
  decimal d;
  d.exponent = d.kept = d.sticky = 0;
  if (!read_digits(text, size, &i, &d) || !read_exponent(text, size, &i, &d) || i != size) {
    return 1;
  }
  *bits = sign;
  if (d.digits.n == 0 || d.exponent + d.kept < -400) {
    return 0;
  }
  uint64_t c = 0;
  int32_t q = f->lowest, status = 2;
  if (d.exponent + d.kept <= 400) {
    if (d.sticky) {
      om_big_mul_add(&d.digits, 10, 1);
      d.exponent--;
    }
    status = scale(&d.digits, (int32_t)d.exponent, f, &c, &q);
  }
  if (status == 2) {
    *bits |= infinity;
  } else if (c >> field == 0) {
    *bits |= c;
  } else {
    *bits |= (uint64_t)(q - f->lowest + 1) << field | (c & (((uint64_t)1 << field) - 1));
  }
  return status;
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
  uint64_t bits;
  int32_t status = read_bits(text, size, &f, &bits);
  if (status != 1) {
    *out = om_bits_f64(bits);
  }
  return status;
}

int32_t om_read_f32(const char *text, int64_t size, float *out) {
  static const format f = {24, -149, 104};
  uint64_t bits;
  int32_t status = read_bits(text, size, &f, &bits);
  if (status != 1) {
    union { uint32_t u; float f; } number = {(uint32_t)bits};
    *out = number.f;
  }
  return status;
}
