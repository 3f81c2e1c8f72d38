// SPDX-License-Identifier: Apache-2.0
// Integers of up to 256 bits: four little-endian limbs, extended by their sign. Every operation works on 256 bits and more and then
// looks whether the result fits its type.
#include "internal.h"

OM_INLINE uint32_t bits_of(uint32_t type) { return type & 0xffffu; }
OM_INLINE int is_signed(uint32_t type) { return (type & OM_SIGNED) != 0; }
OM_INLINE int is_negative(const om_wide *a) { return (int)(a->limb[3] >> 63); }

// Cuts to the type's bits and extends; returns whether that changed the value.
static uint32_t fit(om_wide *r, uint32_t type) {
  uint32_t bits = bits_of(type);
  if (bits >= 256) {
    return 0;
  }
  uint32_t word = bits / 64, bit = bits % 64;
  uint64_t sign = 0;
  if (is_signed(type)) {
    sign = 0 - (r->limb[(bits - 1) / 64] >> ((bits - 1) % 64) & 1);
  }
  uint64_t changed = 0;
  for (uint32_t i = word; i < 4; i++) {
    uint64_t v = sign;
    if (i == word && bit != 0) {
      uint64_t mask = ((uint64_t)1 << bit) - 1;
      v = (r->limb[i] & mask) | (sign & ~mask);
    }
    changed |= v ^ r->limb[i];
    r->limb[i] = v;
  }
  return changed != 0 ? OM_WIDE_OVERFLOW : 0;
}

static uint64_t add_carry(uint64_t a, uint64_t b, uint64_t *carry) {
  uint64_t s = a + b, c = s < a;
  uint64_t r = s + *carry;
  *carry = c | (r < s);
  return r;
}

static uint64_t sub_borrow(uint64_t a, uint64_t b, uint64_t *borrow) {
  uint64_t d = a - b, c = a < b;
  uint64_t r = d - *borrow;
  *borrow = c | (d < *borrow);
  return r;
}

void om_wide_load(om_wide *r, const void *p, uint32_t type) {
  uint32_t bits = bits_of(type);
  uint32_t size = bits > 128 ? 32 : bits > 64 ? 16 : bits > 32 ? 8 : bits > 16 ? 4 : bits > 8 ? 2 : 1;
  r->limb[0] = r->limb[1] = r->limb[2] = r->limb[3] = 0;
  memcpy(r->limb, p, size);
  if (size < 32) {
    fit(r, OM_INT(size * 8, is_signed(type)));
  }
}

void om_wide_store(void *p, const om_wide *a, uint32_t type) {
  uint32_t bits = bits_of(type);
  memcpy(p, a->limb, bits > 128 ? 32 : bits > 64 ? 16 : bits > 32 ? 8 : bits > 16 ? 4 : bits > 8 ? 2 : 1);
}

void om_wide_from_i64(om_wide *r, int64_t v) {
  r->limb[0] = (uint64_t)v;
  r->limb[1] = r->limb[2] = r->limb[3] = v < 0 ? ~(uint64_t)0 : 0;
}

void om_wide_from_u64(om_wide *r, uint64_t v) {
  r->limb[0] = v;
  r->limb[1] = r->limb[2] = r->limb[3] = 0;
}

uint32_t om_wide_convert(om_wide *r, const om_wide *a, uint32_t from, uint32_t to) {
  uint32_t overflow = 0;
  *r = *a;
  if (is_signed(from) != is_signed(to) && is_negative(a)) {
    overflow = OM_WIDE_OVERFLOW;  // negative to unsigned, or 2^255 and more to signed
  }
  return fit(r, to) | overflow;
}

uint32_t om_wide_add(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type) {
  uint64_t carry = 0;
  int na = is_negative(a), nb = is_negative(b);
  for (int i = 0; i < 4; i++) {
    r->limb[i] = add_carry(a->limb[i], b->limb[i], &carry);
  }
  uint32_t overflow = is_signed(type) ? na == nb && is_negative(r) != na : carry != 0;
  return fit(r, type) | (overflow ? OM_WIDE_OVERFLOW : 0);
}

uint32_t om_wide_sub(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type) {
  uint64_t borrow = 0;
  int na = is_negative(a), nb = is_negative(b);
  for (int i = 0; i < 4; i++) {
    r->limb[i] = sub_borrow(a->limb[i], b->limb[i], &borrow);
  }
  uint32_t overflow = is_signed(type) ? na != nb && is_negative(r) != na : borrow != 0;
  return fit(r, type) | (overflow ? OM_WIDE_OVERFLOW : 0);
}

uint32_t om_wide_neg(om_wide *r, const om_wide *a, uint32_t type) {
  static const om_wide zero;
  om_wide copy = *a;
  return om_wide_sub(r, &zero, &copy, type);
}

static void multiply(uint64_t product[8], const om_wide *a, const om_wide *b) {
  memset(product, 0, 8 * sizeof product[0]);
  for (int i = 0; i < 4; i++) {
    uint64_t carry = 0;
    if (a->limb[i] == 0) {
      continue;
    }
    for (int j = 0; j < 4; j++) {
      uint64_t high, low = om_mul_wide(a->limb[i], b->limb[j], &high);
      uint64_t c = 0;
      low = add_carry(low, carry, &c);
      high += c;
      c = 0;
      product[i + j] = add_carry(product[i + j], low, &c);
      carry = high + c;
    }
    product[i + 4] = carry;
  }
}

static om_wide magnitude_of(const om_wide *a, uint32_t type, int *negative) {
  om_wide m = *a;
  *negative = is_signed(type) && is_negative(a);
  if (*negative) {
    om_wide_neg(&m, a, OM_INT(256, 0));
  }
  return m;
}

uint32_t om_wide_mul(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type) {
  int na, nb;
  om_wide ma = magnitude_of(a, type, &na), mb = magnitude_of(b, type, &nb);
  uint64_t product[8];
  multiply(product, &ma, &mb);
  uint32_t overflow = (product[4] | product[5] | product[6] | product[7]) != 0;
  memcpy(r->limb, product, sizeof r->limb);
  if (is_signed(type)) {
    if (na != nb) {
      om_wide_neg(r, r, OM_INT(256, 0));
    }
    int zero = (r->limb[0] | r->limb[1] | r->limb[2] | r->limb[3]) == 0;
    overflow |= !zero && is_negative(r) != (na != nb);
  }
  return fit(r, type) | (overflow ? OM_WIDE_OVERFLOW : 0);
}

// Divides by a divisor of one 32-bit digit.
static uint32_t divide_short(uint64_t *limbs, int n, uint32_t small) {
  uint64_t r = 0;
  for (int i = n - 1; i >= 0; i--) {
    uint64_t high = r << 32 | limbs[i] >> 32, q = high / small;
    r = high % small;
    uint64_t low = r << 32 | (limbs[i] & 0xffffffffu);
    limbs[i] = q << 32 | low / small;
    r = low % small;
  }
  return (uint32_t)r;
}

// u[0..m] -= q * v[0..m-1]; adds v back (and gives q - 1) when that went below zero.
static uint64_t subtract_multiple(uint32_t *u, const uint32_t *v, int m, uint64_t q) {
  uint64_t carry = 0, borrow = 0;
  for (int i = 0; i < m; i++) {
    carry += q * v[i];
    uint64_t t = (uint64_t)u[i] - (uint32_t)carry - borrow;
    u[i] = (uint32_t)t;
    borrow = t >> 63;
    carry >>= 32;
  }
  uint64_t t = (uint64_t)u[m] - carry - borrow;
  u[m] = (uint32_t)t;
  if (t >> 63 == 0) {
    return q;
  }
  carry = 0;
  for (int i = 0; i < m; i++) {
    carry += (uint64_t)u[i] + v[i];
    u[i] = (uint32_t)carry;
    carry >>= 32;
  }
  u[m] += (uint32_t)carry;
  return q - 1;
}

// Divides `n` 64-bit limbs (at most 8; in place: the quotient) by `d`, not 0; the remainder to *rest. Knuth's algorithm D on 32-bit
// digits.
static void divide(uint64_t *limbs, int n, const om_wide *d, om_wide *rest) {
  uint32_t u[17], v[8];
  int m = 8;
  for (int i = 0; i < 8; i++) {
    v[i] = (uint32_t)(d->limb[i / 2] >> (i % 2 * 32));
  }
  while (v[m - 1] == 0) {
    m--;
  }
  if (m == 1) {
    om_wide_from_u64(rest, divide_short(limbs, n, v[0]));
    return;
  }
  int shift = om_clz64(v[m - 1]) - 32;
  for (int i = m - 1; i > 0 && shift != 0; i--) {
    v[i] = v[i] << shift | v[i - 1] >> (32 - shift);
  }
  v[0] <<= shift;
  int digits = 2 * n;
  uint32_t above = 0;
  for (int i = 0; i < digits; i++) {
    uint32_t digit = (uint32_t)(limbs[i / 2] >> (i % 2 * 32));
    u[i] = digit << shift | above;
    above = shift == 0 ? 0 : digit >> (32 - shift);
  }
  u[digits] = above;
  memset(limbs, 0, (size_t)n * 8);
  for (int j = digits - m; j >= 0; j--) {
    uint64_t top = (uint64_t)u[j + m] << 32 | u[j + m - 1], q = top / v[m - 1], r = top % v[m - 1];
    while (q >> 32 != 0 || q * v[m - 2] > (r << 32 | u[j + m - 2])) {
      q--;
      r += v[m - 1];
      if (r >> 32 != 0) {
        break;
      }
    }
    q = subtract_multiple(u + j, v, m, q);
    limbs[j / 2] |= q << (j % 2 * 32);
  }
  om_wide_from_u64(rest, 0);
  for (int i = 0; i < m; i++) {
    uint32_t digit = u[i] >> shift | (shift == 0 ? 0 : (uint32_t)((uint64_t)u[i + 1] << (32 - shift)));
    rest->limb[i / 2] |= (uint64_t)digit << (i % 2 * 32);
  }
}

static uint32_t div_mod(om_wide *quotient, om_wide *remainder, const om_wide *a, const om_wide *b, uint32_t type) {
  int na, nb;
  om_wide ma = magnitude_of(a, type, &na), mb = magnitude_of(b, type, &nb), rest;
  if ((mb.limb[0] | mb.limb[1] | mb.limb[2] | mb.limb[3]) == 0) {
    if (quotient != NULL) {
      om_wide_from_u64(quotient, 0);
    }
    if (remainder != NULL) {
      om_wide_from_u64(remainder, 0);
    }
    return OM_WIDE_ZERO;
  }
  if ((ma.limb[1] | ma.limb[2] | ma.limb[3] | mb.limb[1] | mb.limb[2] | mb.limb[3]) == 0) {
    om_wide_from_u64(&rest, ma.limb[0] % mb.limb[0]);
    ma.limb[0] /= mb.limb[0];
  } else {
    divide(ma.limb, 4, &mb, &rest);
  }
  if (remainder != NULL) {
    *remainder = rest;
    if (na) {
      om_wide_neg(remainder, &rest, OM_INT(256, 0));
    }
    fit(remainder, type);
  }
  uint32_t status = 0;
  if (quotient != NULL) {
    *quotient = ma;
    if (na != nb) {
      om_wide_neg(quotient, &ma, OM_INT(256, 0));
    }
    int overflow = is_signed(type) && na == nb && is_negative(quotient);
    status = fit(quotient, type) | (overflow ? OM_WIDE_OVERFLOW : 0);
  }
  return status;
}

uint32_t om_wide_div(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type) { return div_mod(r, NULL, a, b, type); }
uint32_t om_wide_mod(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type) { return div_mod(NULL, r, a, b, type); }

uint32_t om_wide_pow(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type) {
  om_wide base = *a, e = *b, result;
  uint32_t overflow = 0, base_overflow = 0;
  om_wide_from_u64(&result, 1);
  while ((e.limb[0] | e.limb[1] | e.limb[2] | e.limb[3]) != 0) {
    if (e.limb[0] & 1) {
      overflow |= base_overflow | om_wide_mul(&result, &result, &base, type);
    }
    om_wide_shr(&e, &e, 1, OM_INT(256, 0));
    if ((e.limb[0] | e.limb[1] | e.limb[2] | e.limb[3]) != 0) {
      base_overflow |= om_wide_mul(&base, &base, &base, type);
    }
  }
  *r = result;
  return overflow;
}

void om_wide_and(om_wide *r, const om_wide *a, const om_wide *b) {
  for (int i = 0; i < 4; i++) {
    r->limb[i] = a->limb[i] & b->limb[i];
  }
}
void om_wide_or(om_wide *r, const om_wide *a, const om_wide *b) {
  for (int i = 0; i < 4; i++) {
    r->limb[i] = a->limb[i] | b->limb[i];
  }
}
void om_wide_xor(om_wide *r, const om_wide *a, const om_wide *b) {
  for (int i = 0; i < 4; i++) {
    r->limb[i] = a->limb[i] ^ b->limb[i];
  }
}
void om_wide_not(om_wide *r, const om_wide *a, uint32_t type) {
  for (int i = 0; i < 4; i++) {
    r->limb[i] = ~a->limb[i];
  }
  fit(r, type);
}

void om_wide_shl(om_wide *r, const om_wide *a, uint64_t by, uint32_t type) {
  om_wide v = *a;
  if (by >= bits_of(type)) {
    om_wide_from_u64(r, 0);
    return;
  }
  uint32_t words = (uint32_t)by / 64, bits = (uint32_t)by % 64;
  for (int i = 3; i >= 0; i--) {
    int from = i - (int)words;
    uint64_t high = from >= 0 ? v.limb[from] : 0, low = from > 0 ? v.limb[from - 1] : 0;
    r->limb[i] = bits == 0 ? high : high << bits | low >> (64 - bits);
  }
  fit(r, type);
}

void om_wide_shr(om_wide *r, const om_wide *a, uint64_t by, uint32_t type) {
  om_wide v = *a;
  uint64_t fill = is_signed(type) && is_negative(a) ? ~(uint64_t)0 : 0;
  if (by >= bits_of(type)) {
    r->limb[0] = r->limb[1] = r->limb[2] = r->limb[3] = fill;
    return;
  }
  uint32_t words = (uint32_t)by / 64, bits = (uint32_t)by % 64;
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t from = i + words;
    uint64_t low = from < 4 ? v.limb[from] : fill, high = from + 1 < 4 ? v.limb[from + 1] : fill;
    r->limb[i] = bits == 0 ? low : low >> bits | high << (64 - bits);
  }
}

int32_t om_wide_cmp(const om_wide *a, const om_wide *b, uint32_t type) {
  if (is_signed(type) && is_negative(a) != is_negative(b)) {
    return is_negative(a) ? -1 : 1;
  }
  for (int i = 3; i >= 0; i--) {
    if (a->limb[i] != b->limb[i]) {
      return a->limb[i] < b->limb[i] ? -1 : 1;
    }
  }
  return 0;
}

static int is_zero(const om_wide *a) { return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0; }

uint32_t om_wide_addmod(om_wide *r, const om_wide *a, const om_wide *b, const om_wide *m) {
  if (is_zero(m)) {
    om_wide_from_u64(r, 0);
    return OM_WIDE_ZERO;
  }
  uint64_t sum[5], carry = 0;
  for (int i = 0; i < 4; i++) {
    sum[i] = add_carry(a->limb[i], b->limb[i], &carry);
  }
  sum[4] = carry;
  om_wide modulus = *m;
  divide(sum, 5, &modulus, r);
  return 0;
}

uint32_t om_wide_mulmod(om_wide *r, const om_wide *a, const om_wide *b, const om_wide *m) {
  if (is_zero(m)) {
    om_wide_from_u64(r, 0);
    return OM_WIDE_ZERO;
  }
  uint64_t product[8];
  om_wide modulus = *m;
  multiply(product, a, b);
  divide(product, 8, &modulus, r);
  return 0;
}

// ---- conversions ----------------------------------------------------------------------------------------------------

double om_wide_to_f64(const om_wide *a, uint32_t type) {
  int negative;
  om_wide m = magnitude_of(a, type, &negative);
  int top = 3;
  while (top > 0 && m.limb[top] == 0) {
    top--;
  }
  if (m.limb[top] == 0) {
    return 0;
  }
  int high = top * 64 + 63 - om_clz64(m.limb[top]);
  uint64_t bits;
  int exponent = high;
  if (high <= 52) {
    bits = m.limb[0] << (52 - high);
  } else {
    om_wide kept, back;
    uint64_t by = (uint64_t)high - 53;  // one bit more than the significand
    om_wide_shr(&kept, &m, by, OM_INT(256, 0));
    om_wide_shl(&back, &kept, by, OM_INT(256, 0));
    int sticky = om_wide_cmp(&back, &m, OM_INT(256, 0)) != 0;
    bits = kept.limb[0];
    int half = (int)(bits & 1);
    bits >>= 1;
    if (half && (sticky || (bits & 1))) {
      bits++;
    }
    if (bits >> 53 != 0) {
      bits >>= 1;
      exponent++;
    }
  }
  return om_bits_f64((uint64_t)negative << 63 | (uint64_t)(exponent + 1023) << 52 | (bits & 0xfffffffffffffull));
}

uint32_t om_wide_from_f64(om_wide *r, double v, uint32_t type) {
  uint64_t bits = om_f64_bits(v);
  int32_t e = (int32_t)(bits >> 52 & 0x7ff) - 1075;
  int negative = (int)(bits >> 63);
  om_wide_from_u64(r, 0);
  if (e == 2047 - 1075) {
    return OM_WIDE_OVERFLOW;
  }
  if (e < -52) {
    return 0;
  }
  if (e > 256 - 53) {
    return OM_WIDE_OVERFLOW;
  }
  om_wide_from_u64(r, (bits & 0xfffffffffffffull) | (uint64_t)1 << 52);
  if (e < 0) {
    om_wide_shr(r, r, (uint64_t)-e, OM_INT(256, 0));
  } else {
    om_wide_shl(r, r, (uint64_t)e, OM_INT(256, 0));
  }
  uint32_t overflow = 0;
  if (is_signed(type)) {
    int top = is_negative(r);
    if (negative) {
      om_wide_neg(r, r, OM_INT(256, 0));
    }
    overflow = top && !(negative && is_negative(r) && (r->limb[0] | r->limb[1] | r->limb[2]) == 0 && r->limb[3] == (uint64_t)1 << 63);
  } else if (negative && !is_zero(r)) {
    om_wide_neg(r, r, OM_INT(256, 0));
    overflow = 1;
  }
  return fit(r, type) | (overflow ? OM_WIDE_OVERFLOW : 0);
}

int om_format_wide(char *buffer, const om_wide *value, uint32_t type) {
  int negative, n = 0;
  om_wide m = magnitude_of(value, type, &negative), ten19, rest;
  char *p = buffer;
  if (negative) {
    *p++ = '-';
  }
  if ((m.limb[1] | m.limb[2] | m.limb[3]) == 0) {
    return (int)(p - buffer) + om_format_u64(p, m.limb[0]);
  }
  uint32_t part[9];
  om_wide_from_u64(&ten19, 1000000000u);
  do {
    divide(m.limb, 4, &ten19, &rest);
    part[n++] = (uint32_t)rest.limb[0];
  } while (!is_zero(&m));
  p += om_format_u64(p, part[--n]);
  while (n > 0) {
    uint32_t v = part[--n];
    for (int i = 8; i >= 0; i--) {
      p[i] = (char)('0' + v % 10);
      v /= 10;
    }
    p += 9;
  }
  return (int)(p - buffer);
}

static int digit_value(uint8_t c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

uint32_t om_wide_parse(om_wide *r, const om_array *text, uint32_t type) {
  int64_t i = 0, n = om_length(text);
  om_wide_from_u64(r, 0);
  while (i < n && (text->data[i] == ' ' || (text->data[i] >= 9 && text->data[i] <= 13))) {
    i++;
  }
  while (n > i && (text->data[n - 1] == ' ' || (text->data[n - 1] >= 9 && text->data[n - 1] <= 13))) {
    n--;
  }
  int negative = 0, any = 0, over = 0;
  if (i < n && (text->data[i] == '-' || text->data[i] == '+')) {
    negative = text->data[i++] == '-';
  }
  om_wide base;
  om_wide_from_u64(&base, 10);
  if (n - i > 2 && text->data[i] == '0' && (text->data[i + 1] | 32) == 'x') {
    om_wide_from_u64(&base, 16);
    i += 2;
  }
  for (; i < n; i++) {
    uint8_t c = text->data[i];
    if (c == '_' && any && i + 1 < n) {
      continue;
    }
    int d = digit_value(c);
    if (d >= (int)base.limb[0]) {
      om_wide_from_u64(r, 0);
      return 4;
    }
    om_wide digit;
    om_wide_from_u64(&digit, (uint64_t)d);
    over |= om_wide_mul(r, r, &base, OM_INT(256, 0)) != 0;
    over |= om_wide_add(r, r, &digit, OM_INT(256, 0)) != 0;
    any = 1;
  }
  if (!any) {
    return 4;
  }
  if (!is_signed(type)) {
    over |= negative && !is_zero(r);
  } else {
    int top = is_negative(r);
    if (negative) {
      om_wide_neg(r, r, OM_INT(256, 0));
    }
    over |= top && !(negative && is_negative(r));
  }
  return fit(r, type) | (over ? OM_WIDE_OVERFLOW : 0);
}

// ---- 64 bits and less -----------------------------------------------------------------------------------------------

int64_t om_pow_int(int64_t base, uint64_t exponent, uint32_t type, int32_t *overflow) {
  om_wide b, e, r;
  if (is_signed(type)) {
    om_wide_from_i64(&b, base);
  } else {
    om_wide_from_u64(&b, (uint64_t)base);
  }
  om_wide_from_u64(&e, exponent);
  if (om_wide_pow(&r, &b, &e, type) != 0) {
    *overflow = 1;
  }
  return (int64_t)r.limb[0];
}

int64_t om_pow_checked(int64_t base, uint64_t exponent, uint32_t type) {
  int32_t overflow = 0;
  int64_t r = om_pow_int(base, exponent, type, &overflow);
  if (overflow) {
    om_panic_overflow();
  }
  return r;
}

int64_t om_f64_to_int(double value, uint32_t type) {
  om_wide r;
  if (om_wide_from_f64(&r, value, type) != 0) {
    om_panic_cast();
  }
  return (int64_t)r.limb[0];
}
