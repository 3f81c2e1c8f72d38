// SPDX-License-Identifier: Apache-2.0
// Prints any value by the text that describes its type (om_out_described).
#include "internal.h"

enum { DESCRIBED_DEPTH = 64 };

typedef struct describe {
  const char *text;
  const char *end;
} describe;

static void describe_value(const describe *d, const char *type, const uint8_t *place, int depth, int inside);

static uint64_t describe_number(const char **p, const char *end) {
  uint64_t n = 0;
  while (*p < end && **p >= '0' && **p <= '9') {
    n = n * 10 + (uint64_t)(**p - '0');
    ++*p;
  }
  return n;
}

static const char *describe_skip_to(const char *p, const char *end, char stop) {
  while (p < end && *p != stop) {
    ++p;
  }
  return p;
}

/// One past the type that begins at `p`.
static const char *describe_end(const describe *d, const char *p) {
  for (;;) {
    if (p >= d->end) {
      return d->end;
    }
    switch (*p++) {
      case '[':
        continue;
      case '#':
      case 'm':
        if (p[-1] == '#') {
          p = describe_skip_to(p, d->end, ';') + 1;
        } else {
          p = describe_end(d, p);
          ++p;  // =
        }
        continue;
      case 'r':
        p = describe_skip_to(p, d->end, ';') + 1;
        continue;
      case '@':
        return describe_skip_to(p, d->end, ';') + 1;
      case 'i':
      case 'u':
      case 'f':
      case 'y':
        (void)describe_number(&p, d->end);
        return p;
      case '(':
      case '{':
      case 'e': {
        int level = p[-1] == 'e' ? 0 : 1;
        do {
          if (p >= d->end) {
            return d->end;
          }
          if (*p == '(' || *p == '{') {
            ++level;
          } else if (*p == ')' || *p == '}') {
            --level;
          }
          ++p;
        } while (level > 0);
        return p;
      }
      default:
        return p;
    }
  }
}

static const uint8_t *describe_reference(const uint8_t *place) {
  const uint8_t *object;
  memcpy(&object, place, sizeof object);
  return object;
}

static void describe_integer(const describe *d, const char *type, const uint8_t *place) {
  const int is_signed = *type == 'i';
  const char *p = type + 1;
  const uint32_t bits = (uint32_t)describe_number(&p, d->end);
  if (bits > 64) {
    om_wide wide;
    om_wide_load(&wide, place, OM_INT(bits, is_signed));
    om_out_wide(&wide, OM_INT(bits, is_signed));
    return;
  }
  uint64_t value = 0;
  memcpy(&value, place, bits > 32 ? 8 : bits > 16 ? 4 : bits > 8 ? 2 : 1);
  const unsigned above = (64 - bits) & 63;
  if (!is_signed) {
    om_out_u64(value << above >> above);
    return;
  }
  om_out_i64((int64_t)(value << above) >> above);
}

/// `y` and the count: bytes1 .. bytes32, most significant byte first.
static void describe_fixed_bytes(const describe *d, const char *type, const uint8_t *place) {
  static const char hex[] = "0123456789abcdef";
  const char *p = type + 1;
  const uint32_t count = (uint32_t)describe_number(&p, d->end);
  om_wide wide;
  om_wide_load(&wide, place, OM_INT(8 * count, 0));
  om_out_bytes("0x", 2);
  for (uint32_t i = count; i-- > 0;) {
    const uint32_t byte = (uint32_t)(wide.limb[i / 8] >> (i % 8 * 8)) & 255;
    const char pair[2] = {hex[byte >> 4], hex[byte & 15]};
    om_out_bytes(pair, 2);
  }
}

static void describe_bytes(const om_array *bytes) {
  static const char hex[] = "0123456789abcdef";
  om_out_bytes("0x", 2);
  for (int64_t i = 0; i < om_length(bytes); ++i) {
    const char pair[2] = {hex[bytes->data[i] >> 4], hex[bytes->data[i] & 15]};
    om_out_bytes(pair, 2);
  }
}

static void describe_array(const describe *d, const char *type, const uint8_t *place, int depth) {
  const uint8_t *data;
  int64_t length;
  uint64_t size;
  const char *p = type + 1;
  if (*type == '#') {
    length = (int64_t)describe_number(&p, d->end);
    ++p;  // ,
    size = describe_number(&p, d->end);
    ++p;  // ;
    data = describe_reference(place);
    if (data == NULL) {
      length = 0;
    }
  } else {
    const om_array *array = (const om_array *)(const void *)describe_reference(place);
    length = om_length(array);
    data = length == 0 ? NULL : array->data;
    size = length == 0 ? 0 : array->elem_size;
  }
  om_out_bytes("[", 1);
  for (int64_t i = 0; i < length; ++i) {
    if (i != 0) {
      om_out_bytes(", ", 2);
    }
    describe_value(d, p, data + (uint64_t)i * size, depth, 1);
  }
  om_out_bytes("]", 1);
}

/// `{NAME OFFSET:FIELD=T OFFSET:FIELD=T}`
static void describe_struct(const describe *d, const char *type, const uint8_t *place, int depth) {
  const uint8_t *object = describe_reference(place);
  const char *p = type + 1;
  const char *name = p;
  while (p < d->end && *p != ' ' && *p != '}') {
    ++p;
  }
  om_out_bytes(name, p - name);
  om_out_bytes("{", 1);
  for (int first = 1; p < d->end && *p == ' '; first = 0) {
    ++p;
    const uint64_t offset = describe_number(&p, d->end);
    ++p;  // :
    const char *field = p;
    p = describe_skip_to(p, d->end, '=');
    if (!first) {
      om_out_bytes(", ", 2);
    }
    om_out_bytes(field, p - field);
    om_out_bytes(": ", 2);
    ++p;  // =
    static const uint64_t zeros[4];
    describe_value(d, p, object == NULL ? (const uint8_t *)zeros : object + offset, depth, 1);
    p = describe_end(d, p);
  }
  om_out_bytes("}", 1);
}

/// `(OFFSET:T OFFSET:T)`
static void describe_tuple(const describe *d, const char *type, const uint8_t *place, int depth) {
  const uint8_t *object = describe_reference(place);
  const char *p = type + 1;
  om_out_bytes("(", 1);
  for (int first = 1; p < d->end && *p != ')'; first = 0) {
    if (!first) {
      om_out_bytes(", ", 2);
      ++p;  // blank
    }
    const uint64_t offset = describe_number(&p, d->end);
    ++p;  // :
    static const uint64_t zeros[4];
    describe_value(d, p, object == NULL ? (const uint8_t *)zeros : object + offset, depth, 1);
    p = describe_end(d, p);
  }
  om_out_bytes(")", 1);
}

/// `e{NAME MEMBER MEMBER}`
static void describe_enum(const describe *d, const char *type, const uint8_t *place) {
  const char *p = describe_skip_to(type, d->end, ' ');
  for (uint32_t left = *place; left > 0 && p < d->end; --left) {
    p = describe_skip_to(p + 1, d->end, ' ');
  }
  if (p >= d->end) {
    om_out_u64(*place);
    return;
  }
  const char *member = ++p;
  while (p < d->end && *p != ' ' && *p != '}') {
    ++p;
  }
  om_out_bytes(member, p - member);
}

static void describe_map(const describe *d, const char *type, const uint8_t *place, int depth) {
  const om_map *map = (const om_map *)(const void *)describe_reference(place);
  const char *key = type + 1;
  const char *value = describe_end(d, key) + 1;
  om_out_bytes("{", 1);
  if (map != NULL) {
    int first = 1;
    for (int64_t at = om_map_next(map, 0); at >= 0; at = om_map_next(map, at + 1)) {
      if (!first) {
        om_out_bytes(", ", 2);
      }
      first = 0;
      describe_value(d, key, (const uint8_t *)om_map_key_at(map, at), depth, 1);
      om_out_bytes(": ", 2);
      describe_value(d, value, (const uint8_t *)om_map_value_at(map, at), depth, 1);
    }
  }
  om_out_bytes("}", 1);
}

/// `rOFFSET;T`: Result: `ok(VALUE)` or `error("text")`; ok at 0, error text at 8, value at OFFSET.
static void describe_result(const describe *d, const char *type, const uint8_t *place, int depth) {
  const uint8_t *object = describe_reference(place);
  const char *p = type + 1;
  const uint64_t offset = describe_number(&p, d->end);
  ++p;  // ;
  if (object != NULL && object[0] != 0) {
    om_out_bytes("ok(", 3);
    describe_value(d, p, object + offset, depth, 1);
    om_out_bytes(")", 1);
    return;
  }
  om_out_bytes("error(", 6);
  if (object == NULL) {
    om_out_bytes("\"no value\"", 10);
  } else {
    om_out_spec_str(OM_SPEC('q', 0, 0, 0), (const om_array *)(const void *)describe_reference(object + 8));
  }
  om_out_bytes(")", 1);
}

static void describe_value(const describe *d, const char *type, const uint8_t *place, int depth, int inside) {
  if (depth >= DESCRIBED_DEPTH) {
    om_out_bytes("...", 3);
    return;
  }
  while (type < d->end && *type == '@') {
    const char *p = type + 1;
    type = d->text + describe_number(&p, d->end);
  }
  switch (type < d->end ? *type : 'n') {
    case 'b': om_out_bool(*place != 0); return;
    case 'i':
    case 'u': describe_integer(d, type, place); return;
    case 'f': {
      double f8;
      float f4;
      if (type[1] == '8') {
        memcpy(&f8, place, sizeof f8);
        om_out_f64(f8);
      } else {
        memcpy(&f4, place, sizeof f4);
        om_out_f32(f4);
      }
      return;
    }
    case 'y': describe_fixed_bytes(d, type, place); return;
    case 's': {
      const om_array *text = (const om_array *)(const void *)describe_reference(place);
      if (inside) {
        om_out_spec_str(OM_SPEC('q', 0, 0, 0), text);
      } else {
        om_out_str(text);
      }
      return;
    }
    case 'x': describe_bytes((const om_array *)(const void *)describe_reference(place)); return;
    case '[':
    case '#': describe_array(d, type, place, depth + 1); return;
    case '(': describe_tuple(d, type, place, depth + 1); return;
    case '{': describe_struct(d, type, place, depth + 1); return;
    case 'e': describe_enum(d, type, place); return;
    case 'm': describe_map(d, type, place, depth + 1); return;
    case 'r': describe_result(d, type, place, depth + 1); return;
    case 'z': om_out_bytes("function", 8); return;
    default: om_out_bytes("()", 2); return;
  }
}

void om_out_described(const om_array *signature, const void *value) {
  const describe d = {(const char *)signature->data, (const char *)signature->data + signature->len};
  describe_value(&d, d.text, (const uint8_t *)value, 0, 0);
}
