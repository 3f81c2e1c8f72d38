// SPDX-License-Identifier: Apache-2.0
// Stable merge sort by element order or by a closure; insertion sort for short runs.
#include "internal.h"

typedef struct order {
  uint32_t kind;
  uint32_t size;
  void *closure;
} order;

// Key of a float that orders as integers do: -0 with 0, nan last.
static int f64_before(double x, double y) { return x < y || (y != y && x == x); }

static int before(const order *o, const void *x, const void *y) {
#define OM_COMPARE(type)        \
  do {                          \
    type a, b;                  \
    memcpy(&a, x, sizeof a);    \
    memcpy(&b, y, sizeof b);    \
    return a < b;               \
  } while (0)
  switch (o->kind) {
    case OM_ORDER_I64: OM_COMPARE(int64_t);
    case OM_ORDER_U64: OM_COMPARE(uint64_t);
    case OM_ORDER_I32: OM_COMPARE(int32_t);
    case OM_ORDER_U32: OM_COMPARE(uint32_t);
    case OM_ORDER_I16: OM_COMPARE(int16_t);
    case OM_ORDER_U16: OM_COMPARE(uint16_t);
    case OM_ORDER_I8: OM_COMPARE(int8_t);
    case OM_ORDER_U8: OM_COMPARE(uint8_t);
    case OM_ORDER_F64: {
      double a, b;
      memcpy(&a, x, sizeof a);
      memcpy(&b, y, sizeof b);
      return f64_before(a, b);
    }
    case OM_ORDER_F32: {
      float a, b;
      memcpy(&a, x, sizeof a);
      memcpy(&b, y, sizeof b);
      return f64_before((double)a, (double)b);
    }
    case OM_ORDER_STRING: {
      const om_array *a, *b;
      memcpy(&a, x, sizeof a);
      memcpy(&b, y, sizeof b);
      return om_string_compare(a, b) < 0;
    }
    case OM_ORDER_WIDE_SIGNED:
    case OM_ORDER_WIDE_UNSIGNED: {
      om_wide a, b;
      uint32_t type = OM_INT(o->size * 8, o->kind == OM_ORDER_WIDE_SIGNED);
      om_wide_load(&a, x, type);
      om_wide_load(&b, y, type);
      return om_wide_cmp(&a, &b, type) < 0;
    }
    default: break;
  }
#undef OM_COMPARE
  if (om_the_program->compare != NULL) {
    return om_the_program->compare(o->closure, x, y) != 0;
  }
  uint8_t (*code)(void *, const void *, const void *);
  memcpy(&code, o->closure, sizeof code);
  return code(o->closure, x, y) != 0;
}

static void insertion_sort(const order *o, uint8_t *data, int64_t n) {
  uint8_t moved[32];
  uint64_t s = o->size;
  for (int64_t i = 1; i < n; i++) {
    int64_t j = i;
    memcpy(moved, data + (uint64_t)i * s, s);
    while (j > 0 && before(o, moved, data + (uint64_t)(j - 1) * s)) {
      memcpy(data + (uint64_t)j * s, data + (uint64_t)(j - 1) * s, s);
      j--;
    }
    memcpy(data + (uint64_t)j * s, moved, s);
  }
}

static void merge(const order *o, const uint8_t *a, int64_t n, const uint8_t *b, int64_t m, uint8_t *to) {
  uint64_t s = o->size;
  while (n > 0 && m > 0) {
    if (before(o, b, a)) {
      memcpy(to, b, s);
      b += s;
      m--;
    } else {
      memcpy(to, a, s);
      a += s;
      n--;
    }
    to += s;
  }
  memcpy(to, a, (uint64_t)n * s);
  memcpy(to + (uint64_t)n * s, b, (uint64_t)m * s);
}

enum { SORT_RUN = 16 };

static void sort(om_array *a, const order *o) {
  int64_t n = om_length(a);
  uint64_t s = o->size;
  for (int64_t i = 0; i < n; i += SORT_RUN) {
    insertion_sort(o, a->data + (uint64_t)i * s, n - i < SORT_RUN ? n - i : SORT_RUN);
  }
  if (n <= SORT_RUN) {
    return;
  }
  uint8_t *from = a->data, *to = om_alloc((uint64_t)n * s, (a->flags & OM_ARRAY_REFS) != 0 ? 0 : OM_NO_REFS);
  for (int64_t width = SORT_RUN; width < n; width *= 2) {
    for (int64_t i = 0; i < n; i += 2 * width) {
      int64_t left = n - i < width ? n - i : width, right = n - i - left < width ? n - i - left : width;
      const uint8_t *x = from + (uint64_t)i * s;
      merge(o, x, left, x + (uint64_t)left * s, right, to + (uint64_t)i * s);
    }
    uint8_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != a->data) {
    memcpy(a->data, from, (uint64_t)n * s);
  }
}

void om_array_sort(om_array *a, uint32_t kind) {
  if (a != NULL) {
    order o = {kind, a->elem_size, NULL};
    sort(a, &o);
  }
}

void om_array_sort_by(om_array *a, void *closure) {
  if (closure == NULL) {
    om_panic(OM_PANIC_NULL_CALL, NULL);
  }
  if (a != NULL) {
    order o = {0, a->elem_size, closure};
    sort(a, &o);
  }
}
