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
  om_big a;
  om_big_set(&a, 0);
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
          om_big_set(&a, (uint64_t)(ch - '0'));
          kept = 1;
        } else if (a.n != 0) {
          om_big_mul_add(&a, 10, (uint32_t)(ch - '0'));
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
    om_big_mul_add(&a, 10, 1);
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
