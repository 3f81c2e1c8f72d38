// SPDX-License-Identifier: Apache-2.0
// Strings: immutable UTF-8. Positions are bytes.
#include "internal.h"

static om_array *make(int64_t size) { return om_array_new(size, 1, 0); }

om_array *om_string_new(const void *data, int64_t size) {
  om_array *s = make(size);
  if (size != 0) {
    memcpy(s->data, data, (uint64_t)size);
  }
  return s;
}

om_array *om_string_from_c(const char *text) { return om_string_new(text, (int64_t)strlen(text)); }

// A view of the same bytes: strings do not change, so parts need no copy.
static om_array *part(const om_array *a, int64_t from, int64_t to) {
  om_array *s = om_alloc(sizeof *s, 0);
  s->elem_size = 1;
  s->data = from == to ? NULL : a->data + from;
  s->len = to - from;
  s->cap = to - from;
  return s;
}

enum { ROOM_FROM = 256 };  // bytes of a text from which on it is worth room

static om_atomic_u64 *taken_of(const om_array *a) { return (om_atomic_u64 *)(void *)(a->data - sizeof(om_atomic_u64)); }

// Strings do not change, so a longer one may share the bytes of a shorter one and stand in the room behind them, which one string takes only once.
static int take_room(const om_array *a, int64_t more) {
  uint64_t len = (uint64_t)a->len;
  return (a->flags & OM_ARRAY_ROOM) != 0 && a->cap - a->len >= more && om_cas_u64(taken_of(a), &len, len + (uint64_t)more);
}

static om_array *with_room(const om_array *a, int64_t len) {
  int64_t cap = len + len / 2;
  om_array *buffer = make(cap + (int64_t)sizeof(om_atomic_u64));
  buffer->data += sizeof(om_atomic_u64);
  buffer->len = len;
  buffer->cap = cap;
  buffer->flags = OM_ARRAY_ROOM;
  om_store_u64(taken_of(buffer), (uint64_t)len);
  memcpy(buffer->data, a->data, (uint64_t)a->len);
  return buffer;
}

om_array *om_string_concat(const om_array *a, const om_array *b) {
  int64_t n = om_length(a), m = om_length(b);
  if (n < ROOM_FROM || m > n) {
    return om_array_concat(a, b, 1, 0);
  }
  om_array *r;
  if (take_room(a, m)) {
    r = om_alloc(sizeof *r, 0);
    *r = *a;
    r->len = n + m;
  } else {
    r = with_room(a, n + m);
  }
  if (m != 0) {
    memcpy(r->data + n, b->data, (uint64_t)m);
  }
  return r;
}

int32_t om_string_equal(const om_array *a, const om_array *b) {
  int64_t n = om_length(a);
  return n == om_length(b) && (n == 0 || a == b || memcmp(a->data, b->data, (uint64_t)n) == 0);
}

int32_t om_string_compare(const om_array *a, const om_array *b) {
  int64_t n = om_length(a), m = om_length(b), least = n < m ? n : m;
  int c = least == 0 ? 0 : memcmp(a->data, b->data, (uint64_t)least);
  return c < 0 ? -1 : c > 0 ? 1 : n < m ? -1 : n > m;
}

uint64_t om_hash_bytes(const void *data, uint64_t size) {
  const uint8_t *p = data;
  uint64_t h = size * 0x9e3779b97f4a7c15ull ^ 0x2545f4914f6cdd1dull, w, high;
  for (; size >= 8; size -= 8, p += 8) {
    memcpy(&w, p, 8);
    h = om_mul_wide(h ^ w, 0xa0761d6478bd642full, &high) ^ high;
  }
  w = 0;
  for (uint64_t i = 0; i < size; i++) {
    w |= (uint64_t)p[i] << (8 * i);
  }
  h = om_mul_wide(h ^ w, 0xe7037ed1a0b428dbull, &high) ^ high;
  return om_mul_wide(h, 0x8ebc6af09c88c6e3ull, &high) ^ high;
}

uint64_t om_string_hash(const om_array *a) { return om_hash_bytes(a == NULL ? NULL : a->data, (uint64_t)om_length(a)); }

om_array *om_string_slice(const om_array *a, int64_t from, int64_t to) {
  if (from < 0 || to < from || to > om_length(a)) {
    om_panic_slice(from, to, om_length(a));
  }
  return part(a, from, to);
}

int64_t om_string_find(const om_array *a, const om_array *what, int64_t from) {
  int64_t n = om_length(a), m = om_length(what);
  return om_find_bytes(n == 0 ? NULL : a->data, from < 0 ? 0 : from, n, m == 0 ? NULL : what->data, m);
}

int32_t om_string_starts_with(const om_array *a, const om_array *what) {
  int64_t m = om_length(what);
  return m == 0 || (om_length(a) >= m && memcmp(a->data, what->data, (uint64_t)m) == 0);
}

int32_t om_string_ends_with(const om_array *a, const om_array *what) {
  int64_t n = om_length(a), m = om_length(what);
  return m == 0 || (n >= m && memcmp(a->data + n - m, what->data, (uint64_t)m) == 0);
}

static om_array *list(void) { return om_array_reserve(4, 8, OM_ARRAY_REFS); }
static void list_add(om_array *l, const om_array *s) { om_array_push_u64(l, (uint64_t)(uintptr_t)s); }
static const om_array *list_at(const om_array *l, int64_t i) { return ((const om_array *const *)(const void *)l->data)[i]; }

om_array *om_string_split(const om_array *a, const om_array *separator) {
  om_array *parts = list();
  int64_t n = om_length(a), m = om_length(separator), from = 0;
  if (m == 0) {
    for (int32_t width; from < n; from += width) {
      om_string_decode(a, from, &width);
      list_add(parts, part(a, from, from + width));
    }
    return parts;
  }
  for (int64_t at; (at = om_string_find(a, separator, from)) >= 0; from = at + m) {
    list_add(parts, part(a, from, at));
  }
  list_add(parts, part(a, from, n));
  return parts;
}

static int is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }

om_array *om_string_words(const om_array *a) {
  om_array *parts = list();
  int64_t n = om_length(a);
  for (int64_t i = 0; i < n;) {
    while (i < n && is_space(a->data[i])) {
      i++;
    }
    int64_t from = i;
    while (i < n && !is_space(a->data[i])) {
      i++;
    }
    if (i > from) {
      list_add(parts, part(a, from, i));
    }
  }
  return parts;
}

om_array *om_string_lines(const om_array *a) {
  om_array *parts = list();
  int64_t n = om_length(a);
  for (int64_t from = 0; from < n;) {
    const uint8_t *p = memchr(a->data + from, '\n', (uint64_t)(n - from));
    int64_t to = p == NULL ? n : p - a->data, end = to;
    if (p != NULL && end > from && a->data[end - 1] == '\r') {
      end--;
    }
    list_add(parts, part(a, from, end));
    from = to + 1;
  }
  return parts;
}

om_array *om_string_join(const om_array *parts, const om_array *separator) {
  int64_t n = om_length(parts), size = 0, m = om_length(separator);
  for (int64_t i = 0; i < n; i++) {
    size += om_length(list_at(parts, i)) + (i == 0 ? 0 : m);
  }
  om_array *r = make(size);
  uint8_t *p = r->data;
  for (int64_t i = 0; i < n; i++) {
    if (i != 0 && m != 0) {
      memcpy(p, separator->data, (uint64_t)m);
      p += m;
    }
    int64_t k = om_length(list_at(parts, i));
    if (k != 0) {
      memcpy(p, list_at(parts, i)->data, (uint64_t)k);
      p += k;
    }
  }
  return r;
}

om_array *om_string_trim(const om_array *a) {
  int64_t from = 0, to = om_length(a);
  while (from < to && is_space(a->data[from])) {
    from++;
  }
  while (to > from && is_space(a->data[to - 1])) {
    to--;
  }
  return part(a, from, to);
}

om_array *om_string_replace(const om_array *a, const om_array *what, const om_array *by) {
  int64_t m = om_length(what), from = 0;
  om_array *r = om_array_reserve(om_length(a), 1, 0);
  if (m == 0) {
    om_array_append(r, a);
    return r;
  }
  om_array piece = {NULL, 0, 0, 1, 0};
  for (int64_t at; (at = om_string_find(a, what, from)) >= 0; from = at + m) {
    piece.data = a->data + from;
    piece.len = at - from;
    om_array_append(r, &piece);
    om_array_append(r, by);
  }
  if (from < om_length(a)) {
    piece.data = a->data + from;
    piece.len = a->len - from;
    om_array_append(r, &piece);
  }
  return r;
}

om_array *om_string_repeat(const om_array *a, int64_t times) {
  int64_t n = om_length(a);
  if (times < 0) {
    om_panic(OM_PANIC_LENGTH, NULL);
  }
  if (n != 0 && times > ((int64_t)1 << 46) / n) {
    om_panic(OM_PANIC_MEMORY, NULL);
  }
  om_array *r = make(n * times);
  for (int64_t i = 0; n != 0 && i < times; i++) {
    memcpy(r->data + i * n, a->data, (uint64_t)n);
  }
  return r;
}

static om_array *change_case(const om_array *a, uint8_t low, uint8_t high) {
  om_array *r = om_array_copy(a, 1, 0);
  for (int64_t i = 0; i < r->len; i++) {
    if (r->data[i] >= low && r->data[i] <= high) {
      r->data[i] ^= 32;
    }
  }
  return r;
}

om_array *om_string_upper(const om_array *a) { return change_case(a, 'a', 'z'); }
om_array *om_string_lower(const om_array *a) { return change_case(a, 'A', 'Z'); }

om_array *om_string_reverse(const om_array *a) {
  int64_t n = om_length(a), to = n;
  om_array *r = make(n);
  int32_t width;
  for (int64_t i = 0; i < n; i += width) {
    om_string_decode(a, i, &width);
    to -= width;
    memcpy(r->data + to, a->data + i, (uint64_t)width);
  }
  return r;
}

// ---- code points ----------------------------------------------------------------------------------------------------

int32_t om_string_decode(const om_array *a, int64_t offset, int32_t *width) {
  int64_t left = om_length(a) - offset;
  const uint8_t *p = a->data + offset;
  *width = 1;
  if (p[0] < 0x80) {
    return p[0];
  }
  int32_t n = p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : 0;
  if (n == 0 || n > left) {
    return 0xfffd;
  }
  int32_t c = p[0] & (0x7f >> n);
  for (int32_t i = 1; i < n; i++) {
    if ((p[i] & 0xc0) != 0x80) {
      return 0xfffd;
    }
    c = c << 6 | (p[i] & 63);
  }
  if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
    return 0xfffd;
  }
  *width = n;
  return c;
}

int64_t om_string_count(const om_array *a) {
  int64_t count = 0;
  int32_t width;
  for (int64_t i = 0; i < om_length(a); i += width) {
    om_string_decode(a, i, &width);
    count++;
  }
  return count;
}

om_array *om_string_from_char(int32_t code_point) {
  char buffer[4];
  return om_string_new(buffer, om_utf8_encode(buffer, code_point));
}

om_array *om_string_chars(const om_array *a) {
  om_array *r = om_array_reserve(om_length(a), 4, 0);
  int32_t width;
  for (int64_t i = 0; i < om_length(a); i += width) {
    int32_t c = om_string_decode(a, i, &width);
    om_array_push(r, &c);
  }
  return r;
}

om_array *om_string_from_chars(const om_array *chars) {
  om_array *r = om_array_reserve(om_length(chars), 1, 0);
  for (int64_t i = 0; i < om_length(chars); i++) {
    int32_t c;
    char buffer[4];
    memcpy(&c, chars->data + 4 * i, 4);
    int n = om_utf8_encode(buffer, c);
    for (int k = 0; k < n; k++) {
      om_array_push_u8(r, (uint8_t)buffer[k]);
    }
  }
  return r;
}

om_array *om_bytes_from_string(const om_array *a) { return om_array_copy(a, 1, 0); }

om_array *om_string_from_bytes(const om_array *a) {
  int64_t n = om_length(a), i = 0;
  int32_t width;
  while (i < n && !(om_string_decode(a, i, &width) == 0xfffd && width == 1)) {
    i += width;
  }
  if (i >= n) {
    return om_array_copy(a, 1, 0);
  }
  return om_string_from_chars(om_string_chars(a));
}

// ---- values ---------------------------------------------------------------------------------------------------------

om_array *om_string_from_i64(int64_t v) {
  om_text_begin();
  om_out_i64(v);
  return om_text_end();
}
om_array *om_string_from_u64(uint64_t v) {
  char buffer[24];
  return om_string_new(buffer, om_format_u64(buffer, v));
}
om_array *om_string_from_f64(double v) {
  char buffer[40];
  return om_string_new(buffer, om_format_f64(buffer, v));
}
om_array *om_string_from_f32(float v) {
  char buffer[40];
  return om_string_new(buffer, om_format_f32(buffer, v));
}
om_array *om_string_from_bool(int32_t v) { return om_string_new(v ? "true" : "false", v ? 4 : 5); }
om_array *om_string_from_wide(const om_wide *v, uint32_t type) {
  char buffer[96];
  return om_string_new(buffer, om_format_wide(buffer, v, type));
}

int32_t om_parse_int(const om_array *a, uint32_t type, int64_t *out) {
  om_wide w;
  uint32_t status = om_wide_parse(&w, a, type);
  *out = (int64_t)w.limb[0];
  return status == 0 ? 0 : status == 4 ? 1 : 2;
}

static const char *trimmed(const om_array *a, int64_t *size) {
  int64_t from = 0, to = om_length(a);
  while (from < to && is_space(a->data[from])) {
    from++;
  }
  while (to > from && is_space(a->data[to - 1])) {
    to--;
  }
  *size = to - from;
  return to == from ? "" : (const char *)a->data + from;
}

int32_t om_parse_f64(const om_array *a, double *out) {
  int64_t size;
  const char *text = trimmed(a, &size);
  *out = 0;
  return om_read_f64(text, size, out);
}

int32_t om_parse_f32(const om_array *a, float *out) {
  int64_t size;
  const char *text = trimmed(a, &size);
  *out = 0;
  return om_read_f32(text, size, out);
}
