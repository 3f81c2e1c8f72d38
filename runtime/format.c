// SPDX-License-Identifier: Apache-2.0
// The pieces of printf: values as text with C's conversions, flags, widths and precisions.
#include "internal.h"

static void write_text(const char *text, int64_t n) { om_out_bytes(text, n); }

int om_format_u64(char *buffer, uint64_t value) {
  char reversed[20];
  int n = 0;
  do {
    reversed[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (int i = 0; i < n; i++) {
    buffer[i] = reversed[n - 1 - i];
  }
  return n;
}

void om_out_u64(uint64_t value) {
  char buffer[24];
  write_text(buffer, om_format_u64(buffer, value));
}

void om_out_i64(int64_t value) {
  char buffer[24];
  buffer[0] = '-';
  int n = om_format_u64(buffer + 1, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
  write_text(value < 0 ? buffer : buffer + 1, value < 0 ? n + 1 : n);
}

void om_out_wide(const om_wide *value, uint32_t type) {
  char buffer[96];
  write_text(buffer, om_format_wide(buffer, value, type));
}

void om_out_f64(double value) {
  char buffer[40];
  write_text(buffer, om_format_f64(buffer, value));
}

void om_out_f32(float value) {
  char buffer[40];
  write_text(buffer, om_format_f32(buffer, value));
}

void om_out_bool(int32_t value) { write_text(value ? "true" : "false", value ? 4 : 5); }

int om_utf8_encode(char *b, int32_t c) {
  if (c < 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
    c = 0xfffd;
  }
  if (c < 0x80) {
    b[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    b[0] = (char)(0xc0 | c >> 6);
    b[1] = (char)(0x80 | (c & 63));
    return 2;
  }
  if (c < 0x10000) {
    b[0] = (char)(0xe0 | c >> 12);
    b[1] = (char)(0x80 | (c >> 6 & 63));
    b[2] = (char)(0x80 | (c & 63));
    return 3;
  }
  b[0] = (char)(0xf0 | c >> 18);
  b[1] = (char)(0x80 | (c >> 12 & 63));
  b[2] = (char)(0x80 | (c >> 6 & 63));
  b[3] = (char)(0x80 | (c & 63));
  return 4;
}

void om_out_char(int32_t code_point) {
  char buffer[4];
  write_text(buffer, om_utf8_encode(buffer, code_point));
}

// ---- conversions ----------------------------------------------------------------------------------------------------

typedef struct spec {
  int conv, flags;
  int32_t width;      // 0 = none
  int32_t precision;  // -1 = none
} spec;

static spec unpack(uint64_t s) {
  spec r;
  r.conv = (int)(s & 255);
  r.flags = (int)(s >> 8 & 255);
  r.width = (int32_t)(s >> 16 & 0xffffff) - 1;
  r.precision = (int32_t)(s >> 40 & 0xffffff) - 1;
  if (r.width < 0) {
    r.width = 0;
  }
  return r;
}

static void write_repeated(char c, int32_t n) {
  char chunk[64];
  memset(chunk, c, sizeof chunk);
  for (; n > 0; n -= 64) {
    write_text(chunk, n < 64 ? n : 64);
  }
}

// prefix (sign, 0x), then `zeros` zeros, then the body; padded to the width.
static void write_padded(const spec *s, const char *prefix, int32_t prefix_len, int32_t zeros, const char *body, int64_t body_len, int may_zero) {
  int64_t have = prefix_len + zeros + body_len, pad = s->width > have ? s->width - have : 0;
  if ((s->flags & OM_FLAG_LEFT) == 0) {
    if ((s->flags & OM_FLAG_ZERO) != 0 && may_zero) {
      zeros += (int32_t)pad;
    } else {
      write_repeated(' ', (int32_t)pad);
    }
    pad = 0;
  }
  write_text(prefix, prefix_len);
  write_repeated('0', zeros);
  write_text(body, body_len);
  write_repeated(' ', (int32_t)pad);
}

static const char *sign_of(const spec *s, int negative, int *n) {
  *n = 1;
  if (negative) {
    return "-";
  }
  if (s->flags & OM_FLAG_PLUS) {
    return "+";
  }
  if (s->flags & OM_FLAG_SPACE) {
    return " ";
  }
  *n = 0;
  return "";
}

static void write_integer(const spec *s, const om_wide *magnitude, int negative) {
  char digits[260], prefix[4];
  int n = 0, prefix_len;
  const char *sign = sign_of(s, negative, &prefix_len);
  memcpy(prefix, sign, (size_t)prefix_len);
  int shift = s->conv == 'x' || s->conv == 'X' ? 4 : s->conv == 'o' ? 3 : s->conv == 'b' ? 1 : 0;
  if (shift == 0) {
    n = om_format_wide(digits, magnitude, OM_INT(256, 0));
  } else {
    const char *alphabet = s->conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    int any = 0;
    for (int i = shift == 3 ? 85 : 256 / shift - 1; i >= 0; i--) {
      int bit = i * shift;
      uint64_t v = magnitude->limb[bit >> 6] >> (bit & 63);
      if ((bit & 63) + shift > 64 && bit >> 6 < 3) {
        v |= magnitude->limb[(bit >> 6) + 1] << (64 - (bit & 63));
      }
      v &= ((uint64_t)1 << shift) - 1;
      any |= v != 0;
      if (any || i == 0) {
        digits[n++] = alphabet[v];
      }
    }
    if ((s->flags & OM_FLAG_ALT) != 0 && (any || s->conv == 'b')) {
      prefix[prefix_len++] = '0';
      if (s->conv != 'o') {
        prefix[prefix_len++] = (char)s->conv;
      }
    }
  }
  if (s->precision == 0 && n == 1 && digits[0] == '0') {
    n = 0;
  }
  int zeros = s->precision > n ? s->precision - n : 0;
  write_padded(s, prefix, prefix_len, zeros, digits, n, s->precision < 0);
}

void om_out_spec_wide(uint64_t packed, const om_wide *value, uint32_t type) {
  spec s = unpack(packed);
  if (s.conv == 'c') {
    char buffer[4];
    int n = om_utf8_encode(buffer, value->limb[0] < 0x110000 && (value->limb[1] | value->limb[2] | value->limb[3]) == 0 ? (int32_t)value->limb[0] : -1);
    write_padded(&s, "", 0, 0, buffer, n, 0);
    return;
  }
  om_wide magnitude = *value;
  int negative = (type & OM_SIGNED) != 0 && value->limb[3] >> 63 != 0;
  if (negative) {
    om_wide_neg(&magnitude, value, OM_INT(256, 0));
  }
  write_integer(&s, &magnitude, negative);
}

void om_out_spec_i64(uint64_t packed, int64_t value) {
  om_wide w;
  om_wide_from_i64(&w, value);
  om_out_spec_wide(packed, &w, OM_INT(64, 1));
}

void om_out_spec_u64(uint64_t packed, uint64_t value) {
  om_wide w;
  om_wide_from_u64(&w, value);
  om_out_spec_wide(packed, &w, OM_INT(64, 0));
}

void om_out_spec_bool(uint64_t packed, int32_t value) {
  spec s = unpack(packed);
  if (s.conv == 'd' || s.conv == 'i' || s.conv == 'u') {
    om_out_spec_u64(packed, value != 0);
  } else {
    write_padded(&s, "", 0, 0, value ? "true" : "false", value ? 4 : 5, 0);
  }
}

// ---- strings --------------------------------------------------------------------------------------------------------

static void write_quoted(const om_array *text) {
  static const char hex[] = "0123456789abcdef";
  int64_t from = 0, n = om_length(text);
  write_text("\"", 1);
  for (int64_t i = 0; i < n; i++) {
    uint8_t c = text->data[i];
    if (c >= 32 && c != '"' && c != '\\' && c != 127) {
      continue;
    }
    write_text((const char *)text->data + from, i - from);
    from = i + 1;
    char escape[4] = {'\\', (char)c, 0, 0};
    int size = 2;
    if (c == '\n' || c == '\t' || c == '\r' || c == 0) {
      escape[1] = (char)(c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : '0');
    } else if (c != '"' && c != '\\') {
      escape[1] = 'x';
      escape[2] = hex[c >> 4];
      escape[3] = hex[c & 15];
      size = 4;
    }
    write_text(escape, size);
  }
  if (n > from) {
    write_text((const char *)text->data + from, n - from);
  }
  write_text("\"", 1);
}

static void write_hex_bytes(const om_array *text, int upper) {
  const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (int64_t i = 0; i < om_length(text); i++) {
    char two[2] = {alphabet[text->data[i] >> 4], alphabet[text->data[i] & 15]};
    write_text(two, 2);
  }
}

void om_out_spec_str(uint64_t packed, const om_array *text) {
  spec s = unpack(packed);
  int64_t n = om_length(text), shown = n, characters = 0;
  if (s.conv == 'q' || s.conv == 'x' || s.conv == 'X') {
    if (s.conv == 'q') {
      write_quoted(text);
    } else {
      write_hex_bytes(text, s.conv == 'X');
    }
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    if ((text->data[i] & 0xc0) != 0x80) {
      if (s.precision >= 0 && characters == s.precision) {
        shown = i;
        break;
      }
      characters++;
    }
  }
  // Widths count characters: what is not a character's first byte does not count.
  spec padded = s;
  if (padded.width != 0) {
    padded.width += (int32_t)(shown - characters);
  }
  write_padded(&padded, "", 0, 0, n == 0 ? "" : (const char *)text->data, shown, 0);
}

// ---- floats ---------------------------------------------------------------------------------------------------------

static int put_exponent(char *p, int32_t e, char letter) {
  char *start = p;
  *p++ = letter;
  *p++ = e < 0 ? '-' : '+';
  e = e < 0 ? -e : e;
  if (e < 10) {
    *p++ = '0';
  }
  p += om_format_u64(p, (uint64_t)e);
  return (int)(p - start);
}

// %e, also for %g: `digits` significant ones.
static int64_t format_exponent(char *out, double magnitude, int32_t precision, char letter, int alternate, int trim) {
  char *digits = out + precision + 32;
  int32_t count, point, first = 0;
  om_exact_digits(magnitude, 0, precision + 1, digits, &count, &point);
  while (first + 1 < count && digits[first] == '0') {
    first++;
  }
  int32_t e = magnitude == 0 ? 0 : point - first - 1, have = count - first;
  char *p = out;
  *p++ = digits[first];
  char *dot = p;
  *p++ = '.';
  for (int32_t i = 1; i <= precision; i++) {
    *p++ = (char)(i < have ? digits[first + i] : '0');
  }
  if (trim) {
    while (p[-1] == '0') {
      p--;
    }
  }
  if (p == dot + 1 && !alternate) {
    p = dot;
  }
  p += put_exponent(p, e, letter);
  return p - out;
}

static int64_t format_fixed(char *out, double magnitude, int32_t precision, int alternate, int trim) {
  char *digits = out + precision + 400;
  int32_t count, point, first = 0;
  om_exact_digits(magnitude, 1, precision, digits, &count, &point);
  while (first + 1 < point && digits[first] == '0') {
    first++;
  }
  char *p = out;
  memcpy(p, digits + first, (size_t)(point - first));
  p += point - first;
  char *dot = p;
  *p++ = '.';
  memcpy(p, digits + point, (size_t)precision);
  p += precision;
  if (trim) {
    while (p[-1] == '0') {
      p--;
    }
  }
  if (p == dot + 1 && !alternate) {
    p = dot;
  }
  return p - out;
}

// The decimal exponent after rounding to `precision` significant digits.
static int32_t exponent_rounded(char *scratch, double magnitude, int32_t precision) {
  int32_t count, point, first = 0;
  if (magnitude == 0) {
    return 0;
  }
  om_exact_digits(magnitude, 0, precision, scratch, &count, &point);
  while (first + 1 < count && scratch[first] == '0') {
    first++;
  }
  return point - first - 1;
}

enum { FLOAT_PRECISION_MAX = 4000 };

static void write_float(uint64_t packed, double value, const char *shortest, int shortest_len) {
  spec s = unpack(packed);
  uint64_t bits = om_f64_bits(value);
  int sign_len, negative = (int)(bits >> 63), special = (bits >> 52 & 0x7ff) == 0x7ff;
  int nan = special && (bits & 0xfffffffffffffull) != 0;
  const char *sign = sign_of(&s, negative && !nan, &sign_len);
  double magnitude = negative ? -value : value;
  if (special) {
    int upper = s.conv == 'F' || s.conv == 'E' || s.conv == 'G';
    write_padded(&s, sign, sign_len, 0, nan ? upper ? "NAN" : "nan" : upper ? "INF" : "inf", 3, 0);
    return;
  }
  if ((s.conv == 'v' || s.conv == 's') && s.precision < 0) {
    int skip = shortest[0] == '-';
    write_padded(&s, sign, sign_len, 0, shortest + skip, shortest_len - skip, 1);
    return;
  }
  int32_t precision = s.precision < 0 ? 6 : s.precision > FLOAT_PRECISION_MAX ? FLOAT_PRECISION_MAX : s.precision;
  uint64_t room = 2 * (uint64_t)precision + 2048;
  char *out = om_raw_alloc(room);
  int64_t n;
  if (out == NULL) {
    om_panic(OM_PANIC_MEMORY, NULL);
    return;
  }
  int alternate = (s.flags & OM_FLAG_ALT) != 0;
  if (s.conv == 'f' || s.conv == 'F') {
    n = format_fixed(out, magnitude, precision, alternate, 0);
  } else if (s.conv == 'e' || s.conv == 'E') {
    n = format_exponent(out, magnitude, precision, (char)s.conv, alternate, 0);
  } else {
    int32_t digits = precision == 0 ? 1 : precision, e = exponent_rounded(out, magnitude, digits);
    char letter = s.conv == 'G' ? 'E' : 'e';
    n = e < -4 || e >= digits ? format_exponent(out, magnitude, digits - 1, letter, alternate, !alternate)
                              : format_fixed(out, magnitude, digits - 1 - e, alternate, !alternate);
  }
  write_padded(&s, sign, sign_len, 0, out, n, 1);
  om_raw_free(out, room);
}

void om_out_spec_f64(uint64_t packed, double value) {
  char buffer[40];
  write_float(packed, value, buffer, om_format_f64(buffer, value));
}

void om_out_spec_f32(uint64_t packed, float value) {
  char buffer[40];
  write_float(packed, (double)value, buffer, om_format_f32(buffer, value));
}
