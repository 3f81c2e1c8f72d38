// SPDX-License-Identifier: Apache-2.0
// Values described by om_type: printing, equality, hashing, deep copies.
#include "internal.h"

enum { DEPTH_MAX = 200 };

static const void *reference_at(const void *value) {
  const void *r;
  memcpy(&r, value, sizeof r);
  return r;
}

static int is_reference(const om_type *t) { return t->kind >= OM_TYPE_STRING && t->kind != OM_TYPE_ENUM && t->kind != OM_TYPE_UNIT; }

static uint64_t small_unsigned(const om_type *t, const void *value) {
  uint64_t v = 0;
  memcpy(&v, value, t->size);
  return v;
}

static void out_text(const char *text) { om_out_bytes(text, (int64_t)strlen(text)); }

// ---- printing -------------------------------------------------------------------------------------------------------

static void out_value(const om_type *t, const void *value, int inside, int depth);

static void out_sequence(const om_type *elem, const uint8_t *data, int64_t n, int depth) {
  out_text("[");
  for (int64_t i = 0; i < n; i++) {
    if (i != 0) {
      out_text(", ");
    }
    out_value(elem, data + (uint64_t)i * elem->size, 1, depth);
  }
  out_text("]");
}

static void out_fields(const om_type *t, const uint8_t *block, int depth) {
  int named = t->kind == OM_TYPE_STRUCT;
  if (named && t->name != NULL) {
    out_text(t->name);
  }
  out_text(named ? "{" : "(");
  for (uint32_t i = 0; i < t->count; i++) {
    if (i != 0) {
      out_text(", ");
    }
    if (named && t->fields[i].name != NULL) {
      out_text(t->fields[i].name);
      out_text(": ");
    }
    out_value(t->fields[i].type, block + t->fields[i].offset, 1, depth);
  }
  out_text(named ? "}" : ")");
}

static void out_map(const om_type *t, const om_map *m, int depth) {
  int first = 1;
  out_text("{");
  for (int64_t e = om_map_next(m, 0); e >= 0; e = om_map_next(m, e + 1)) {
    if (!first) {
      out_text(", ");
    }
    first = 0;
    out_value(t->key, om_map_key_at(m, e), 1, depth);
    out_text(": ");
    out_value(t->elem, om_map_value_at(m, e), 1, depth);
  }
  out_text("}");
}

static void out_integer(const om_type *t, const void *value) {
  om_wide w;
  uint32_t type = OM_INT(t->bits, t->kind == OM_TYPE_INT);
  om_wide_load(&w, value, type);
  om_out_wide(&w, type);
}

static void out_value(const om_type *t, const void *value, int inside, int depth) {
  if (depth > DEPTH_MAX) {
    out_text("...");
    return;
  }
  depth++;
  switch (t->kind) {
    case OM_TYPE_BOOL: om_out_bool(small_unsigned(t, value) != 0); return;
    case OM_TYPE_INT:
    case OM_TYPE_UINT: out_integer(t, value); return;
    case OM_TYPE_F32: {
      float f;
      memcpy(&f, value, sizeof f);
      om_out_f32(f);
      return;
    }
    case OM_TYPE_F64: {
      double d;
      memcpy(&d, value, sizeof d);
      om_out_f64(d);
      return;
    }
    case OM_TYPE_STRING:
      if (inside) {
        om_out_spec_str(OM_SPEC('q', 0, 0, 0), reference_at(value));
      } else {
        om_out_str(reference_at(value));
      }
      return;
    case OM_TYPE_BYTES:
      out_text("0x");
      om_out_spec_str(OM_SPEC('x', 0, 0, 0), reference_at(value));
      return;
    case OM_TYPE_ARRAY: {
      const om_array *a = reference_at(value);
      out_sequence(t->elem, a == NULL ? NULL : a->data, om_length(a), depth);
      return;
    }
    case OM_TYPE_ENUM: {
      uint64_t v = small_unsigned(t, value);
      if (v < t->count && t->fields != NULL) {
        out_text(t->fields[v].name);
      } else {
        om_out_u64(v);
      }
      return;
    }
    case OM_TYPE_MAP: out_map(t, reference_at(value), depth); return;
    case OM_TYPE_FUNC: out_text("function"); return;
    case OM_TYPE_UNIT: out_text("()"); return;
    default: break;
  }
  const uint8_t *block = reference_at(value);
  if (block == NULL) {
    out_text("null");
  } else if (t->kind == OM_TYPE_FIXED) {
    out_sequence(t->elem, block, t->count, depth);
  } else {
    out_fields(t, block, depth);
  }
}

void om_out_value(const om_type *type, const void *value) { out_value(type, value, 0, 0); }

// ---- equality and hashing -------------------------------------------------------------------------------------------

static int equal(const om_type *t, const void *a, const void *b, int depth);

static int equal_sequence(const om_type *elem, const uint8_t *a, const uint8_t *b, int64_t n, int depth) {
  for (int64_t i = 0; i < n; i++) {
    if (!equal(elem, a + (uint64_t)i * elem->size, b + (uint64_t)i * elem->size, depth)) {
      return 0;
    }
  }
  return 1;
}

static int equal_maps(const om_type *t, const om_map *a, const om_map *b, int depth) {
  if (om_map_length(a) != om_map_length(b)) {
    return 0;
  }
  for (int64_t e = om_map_next(a, 0); e >= 0; e = om_map_next(a, e + 1)) {
    const void *other = om_map_find(b, om_map_key_at(a, e));
    if (other == NULL || !equal(t->elem, om_map_value_at(a, e), other, depth)) {
      return 0;
    }
  }
  return 1;
}

static int equal(const om_type *t, const void *a, const void *b, int depth) {
  if (depth > DEPTH_MAX) {
    om_panic(OM_PANIC_STACK, NULL);
  }
  depth++;
  if (t->kind == OM_TYPE_F64) {
    double x, y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return x == y;
  }
  if (t->kind == OM_TYPE_F32) {
    float x, y;
    memcpy(&x, a, 4);
    memcpy(&y, b, 4);
    return x == y;
  }
  if (!is_reference(t)) {
    return memcmp(a, b, t->size) == 0;
  }
  const void *x = reference_at(a), *y = reference_at(b);
  if (t->kind == OM_TYPE_STRING || t->kind == OM_TYPE_BYTES) {
    return om_string_equal(x, y);
  }
  if (t->kind == OM_TYPE_ARRAY) {
    const om_array *p = x, *q = y;
    return om_length(p) == om_length(q) && equal_sequence(t->elem, p == NULL ? NULL : p->data, q == NULL ? NULL : q->data, om_length(p), depth);
  }
  if (t->kind == OM_TYPE_MAP) {
    return equal_maps(t, x, y, depth);
  }
  if (x == y || x == NULL || y == NULL || t->kind == OM_TYPE_FUNC) {
    return x == y;
  }
  if (t->kind == OM_TYPE_FIXED) {
    return equal_sequence(t->elem, x, y, t->count, depth);
  }
  for (uint32_t i = 0; i < t->count; i++) {
    const om_field *f = &t->fields[i];
    if (!equal(f->type, (const uint8_t *)x + f->offset, (const uint8_t *)y + f->offset, depth)) {
      return 0;
    }
  }
  return 1;
}

int32_t om_value_equal(const om_type *type, const void *a, const void *b) { return equal(type, a, b, 0); }

static uint64_t mix(uint64_t h, uint64_t v) {
  uint64_t both[2] = {h, v};
  return om_hash_bytes(both, sizeof both);
}

static uint64_t hash(const om_type *t, const void *value, int depth) {
  if (depth > DEPTH_MAX) {
    om_panic(OM_PANIC_STACK, NULL);
  }
  depth++;
  if (t->kind == OM_TYPE_F64 || t->kind == OM_TYPE_F32) {
    double d = 0;
    if (t->kind == OM_TYPE_F64) {
      memcpy(&d, value, 8);
    } else {
      float f;
      memcpy(&f, value, 4);
      d = (double)f;
    }
    d = d == 0 ? 0 : d;
    return om_hash_bytes(&d, 8);
  }
  if (!is_reference(t)) {
    return om_hash_bytes(value, t->size);
  }
  const void *x = reference_at(value);
  if (t->kind == OM_TYPE_STRING || t->kind == OM_TYPE_BYTES) {
    return om_string_hash(x);
  }
  uint64_t h = t->kind;
  if (t->kind == OM_TYPE_ARRAY) {
    const om_array *a = x;
    for (int64_t i = 0; i < om_length(a); i++) {
      h = mix(h, hash(t->elem, a->data + (uint64_t)i * t->elem->size, depth));
    }
  } else if (t->kind == OM_TYPE_MAP) {
    for (int64_t e = om_map_next(x, 0); e >= 0; e = om_map_next(x, e + 1)) {
      h += mix(hash(t->key, om_map_key_at(x, e), depth), hash(t->elem, om_map_value_at(x, e), depth));
    }
  } else if (t->kind == OM_TYPE_FUNC || x == NULL) {
    h = mix(h, (uint64_t)(uintptr_t)x);
  } else if (t->kind == OM_TYPE_FIXED) {
    for (uint32_t i = 0; i < t->count; i++) {
      h = mix(h, hash(t->elem, (const uint8_t *)x + (uint64_t)i * t->elem->size, depth));
    }
  } else {
    for (uint32_t i = 0; i < t->count; i++) {
      h = mix(h, hash(t->fields[i].type, (const uint8_t *)x + t->fields[i].offset, depth));
    }
  }
  return h;
}

uint64_t om_value_hash(const om_type *type, const void *value) { return hash(type, value, 0); }

// ---- deep copies ----------------------------------------------------------------------------------------------------

static void copy(const om_type *t, const void *value, void *out, int depth);

static int holds_references(const om_type *t) {
  if (t->kind == OM_TYPE_FIXED) {
    return is_reference(t->elem);
  }
  for (uint32_t i = 0; i < t->count; i++) {
    if (is_reference(t->fields[i].type)) {
      return 1;
    }
  }
  return 0;
}

static void *copy_block(const om_type *t, const uint8_t *block, int depth) {
  uint64_t size = 0;
  if (t->kind == OM_TYPE_FIXED) {
    size = (uint64_t)t->count * t->elem->size;
  } else {
    for (uint32_t i = 0; i < t->count; i++) {
      uint64_t end = t->fields[i].offset + t->fields[i].type->size;
      size = end > size ? end : size;
    }
  }
  uint8_t *r = om_alloc(size, holds_references(t) ? 0 : OM_NO_REFS);
  for (uint32_t i = 0; i < t->count; i++) {
    const om_type *type = t->kind == OM_TYPE_FIXED ? t->elem : t->fields[i].type;
    uint64_t offset = t->kind == OM_TYPE_FIXED ? (uint64_t)i * type->size : t->fields[i].offset;
    copy(type, block + offset, r + offset, depth);
  }
  return r;
}

static void copy(const om_type *t, const void *value, void *out, int depth) {
  if (depth > DEPTH_MAX) {
    om_panic(OM_PANIC_STACK, NULL);
  }
  depth++;
  const void *x = is_reference(t) ? reference_at(value) : NULL;
  const void *r = x;
  if (x == NULL || t->kind == OM_TYPE_STRING || t->kind == OM_TYPE_FUNC) {
    memcpy(out, value, t->size);
    return;
  }
  if (t->kind == OM_TYPE_BYTES) {
    r = om_array_copy(x, 1, 0);
  } else if (t->kind == OM_TYPE_ARRAY) {
    const om_array *a = x;
    om_array *b = om_array_copy(a, t->elem->size, is_reference(t->elem) ? OM_ARRAY_REFS : 0);
    for (int64_t i = 0; is_reference(t->elem) && i < b->len; i++) {
      uint8_t *place = b->data + (uint64_t)i * t->elem->size;
      copy(t->elem, place, place, depth);
    }
    r = b;
  } else if (t->kind == OM_TYPE_MAP) {
    om_map *m = om_map_copy(x);
    for (int64_t e = om_map_next(m, 0); is_reference(t->elem) && e >= 0; e = om_map_next(m, e + 1)) {
      copy(t->elem, om_map_value_at(m, e), om_map_value_at(m, e), depth);
    }
    r = m;
  } else {
    r = copy_block(t, x, depth);
  }
  memcpy(out, &r, sizeof r);
}

void om_value_copy(const om_type *type, const void *value, void *out) { copy(type, value, out, 0); }
