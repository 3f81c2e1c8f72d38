// SPDX-License-Identifier: Apache-2.0
// Dynamic arrays: headers over shared data.
#include "internal.h"

static uint32_t data_flags(uint32_t array_flags) { return (array_flags & OM_ARRAY_REFS) != 0 ? 0 : OM_NO_REFS; }

static void set_data(om_array *a, int64_t cap) {
  if ((uint64_t)cap > ((uint64_t)1 << 46) / (a->elem_size == 0 ? 1 : a->elem_size)) {
    om_panic(OM_PANIC_MEMORY, NULL);
  }
  a->data = cap == 0 ? NULL : om_alloc((uint64_t)cap * a->elem_size, data_flags(a->flags));
  a->cap = cap;
}

om_array *om_array_reserve(int64_t cap, uint32_t elem_size, uint32_t flags) {
  if (cap < 0) {
    om_panic(OM_PANIC_LENGTH, NULL);
  }
  om_array *a = om_alloc(sizeof *a, 0);
  a->elem_size = elem_size;
  a->flags = flags;
  set_data(a, cap);
  return a;
}

om_array *om_array_new(int64_t len, uint32_t elem_size, uint32_t flags) {
  om_array *a = om_array_reserve(len, elem_size, flags);
  a->len = len;
  return a;
}

om_array *om_array_slice(const om_array *a, int64_t from, int64_t to, uint32_t elem_size) {
  int64_t len = om_length(a);
  if (from < 0 || to < from || to > len) {
    om_panic_slice(from, to, len);
  }
  om_array *s = om_alloc(sizeof *s, 0);
  s->elem_size = elem_size;
  if (a != NULL) {
    s->flags = a->flags & OM_ARRAY_REFS;
    s->data = from == to ? NULL : a->data + (uint64_t)from * elem_size;
    s->len = to - from;
    s->cap = to - from;
  }
  return s;
}

// Makes room for `more` further elements.
static void grow(om_array *a, int64_t more) {
  if (more <= a->cap - a->len) {
    return;
  }
  int64_t cap = a->cap < 4 ? 4 : a->cap + a->cap / 2 + 4;
  if (cap < a->len + more) {
    cap = a->len + more;
  }
  if (cap <= 0) {
    om_panic(OM_PANIC_MEMORY, NULL);  // more than can be counted
  }
  const uint8_t *old = a->data;
  int64_t len = a->len;
  set_data(a, cap);
  if (len != 0) {
    memcpy(a->data, old, (uint64_t)len * a->elem_size);
  }
}

void om_array_push(om_array *a, const void *elem) {
  grow(a, 1);
  memcpy(a->data + (uint64_t)a->len * a->elem_size, elem, a->elem_size);
  a->len++;
}

void om_array_push_u64(om_array *a, uint64_t elem) {
  if (OM_UNLIKELY(a->len == a->cap)) {
    grow(a, 1);
  }
  memcpy(a->data + (uint64_t)a->len * 8, &elem, 8);
  a->len++;
}

void om_array_push_u8(om_array *a, uint32_t elem) {
  if (OM_UNLIKELY(a->len == a->cap)) {
    grow(a, 1);
  }
  a->data[a->len++] = (uint8_t)elem;
}

void om_array_pop(om_array *a, void *out) {
  if (om_length(a) == 0) {
    om_panic(OM_PANIC_POP_EMPTY, NULL);
  }
  a->len--;
  uint8_t *place = a->data + (uint64_t)a->len * a->elem_size;
  if (out != NULL) {
    memcpy(out, place, a->elem_size);
  }
  memset(place, 0, a->elem_size);
}

void om_array_append(om_array *a, const om_array *b) {
  int64_t more = om_length(b);
  if (more == 0) {
    return;
  }
  grow(a, more);
  memmove(a->data + (uint64_t)a->len * a->elem_size, b->data, (uint64_t)more * a->elem_size);
  a->len += more;
}

om_array *om_array_concat(const om_array *a, const om_array *b, uint32_t elem_size, uint32_t flags) {
  int64_t n = om_length(a), m = om_length(b);
  om_array *r = om_array_new(n + m, elem_size, flags);
  if (n != 0) {
    memcpy(r->data, a->data, (uint64_t)n * elem_size);
  }
  if (m != 0) {
    memcpy(r->data + (uint64_t)n * elem_size, b->data, (uint64_t)m * elem_size);
  }
  return r;
}

om_array *om_array_copy(const om_array *a, uint32_t elem_size, uint32_t flags) { return om_array_concat(a, NULL, elem_size, flags); }

om_array *om_array_join(const om_array *parts, uint32_t elem_size, uint32_t flags) {
  om_array *const *part = (om_array *const *)(const void *)(parts == NULL ? NULL : parts->data);
  const int64_t count = om_length(parts);
  int64_t length = 0;
  if (count == 1 && part[0] != NULL) {
    return part[0];
  }
  for (int64_t i = 0; i < count; ++i) {
    length += om_length(part[i]);
  }
  om_array *r = om_array_new(length, elem_size, flags);
  if (length <= 0) {
    return r;
  }
  uint8_t *to = r->data;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t bytes = (uint64_t)om_length(part[i]) * elem_size;
    if (bytes != 0) {
      memcpy(to, part[i]->data, bytes);
      to += bytes;
    }
  }
  return r;
}

void om_array_fill(om_array *a, const void *elem) {
  uint64_t size = (uint64_t)om_length(a) * (a == NULL ? 0 : a->elem_size), done = a == NULL ? 0 : a->elem_size;
  if (size == 0) {
    return;
  }
  memcpy(a->data, elem, done);
  while (done < size) {
    uint64_t more = done < size - done ? done : size - done;
    memcpy(a->data + done, a->data, more < 65536 ? more : 65536);
    done += more < 65536 ? more : 65536;
  }
}

void om_array_resize(om_array *a, int64_t len) {
  if (len < 0) {
    om_panic(OM_PANIC_LENGTH, NULL);
  }
  if (len > a->len) {
    grow(a, len - a->len);
    memset(a->data + (uint64_t)a->len * a->elem_size, 0, (uint64_t)(len - a->len) * a->elem_size);
  } else if (len < a->len) {
    memset(a->data + (uint64_t)len * a->elem_size, 0, (uint64_t)(a->len - len) * a->elem_size);
  }
  a->len = len;
}

void om_array_reverse(om_array *a) {
  uint8_t swap[32];
  int64_t n = om_length(a);
  for (int64_t i = 0; i < n / 2; i++) {
    uint8_t *x = a->data + (uint64_t)i * a->elem_size, *y = a->data + (uint64_t)(n - 1 - i) * a->elem_size;
    memcpy(swap, x, a->elem_size);
    memcpy(x, y, a->elem_size);
    memcpy(y, swap, a->elem_size);
  }
}

void om_array_insert(om_array *a, int64_t index, const void *elem) {
  if (index < 0 || index > om_length(a)) {
    om_panic_index(index, om_length(a));
  }
  grow(a, 1);
  uint8_t *place = a->data + (uint64_t)index * a->elem_size;
  memmove(place + a->elem_size, place, (uint64_t)(a->len - index) * a->elem_size);
  memcpy(place, elem, a->elem_size);
  a->len++;
}

void om_array_remove(om_array *a, int64_t index) {
  if (index < 0 || index >= om_length(a)) {
    om_panic_index(index, om_length(a));
  }
  uint8_t *place = a->data + (uint64_t)index * a->elem_size;
  a->len--;
  memmove(place, place + a->elem_size, (uint64_t)(a->len - index) * a->elem_size);
  memset(a->data + (uint64_t)a->len * a->elem_size, 0, a->elem_size);
}

int32_t om_array_equal(const om_array *a, const om_array *b) {
  int64_t n = om_length(a);
  return n == om_length(b) && (n == 0 || memcmp(a->data, b->data, (uint64_t)n * a->elem_size) == 0);
}

int64_t om_array_find(const om_array *a, const void *elem) {
  for (int64_t i = 0; i < om_length(a); i++) {
    if (memcmp(a->data + (uint64_t)i * a->elem_size, elem, a->elem_size) == 0) {
      return i;
    }
  }
  return -1;
}

// ---- arrays that a parallel loop must not share ---------------------------------------------------------------------

void om_check_disjoint(const om_array *a, const om_array *b) {
  int64_t n = om_length(a), m = om_length(b);
  if (n != 0 && m != 0 && a->data < b->data + (uint64_t)m * b->elem_size && b->data < a->data + (uint64_t)n * a->elem_size) {
    om_panic(OM_PANIC_ALIASED, NULL);
  }
}

void om_check_rows_disjoint(const om_array *rows) {
  int64_t n = om_length(rows), used = 0;
  if (n < 2) {
    return;
  }
  om_array *starts = om_array_new(n, 8, 0);
  for (int64_t i = 0; i < n; i++) {
    const om_array *row = ((const om_array *const *)(const void *)rows->data)[i];
    if (om_length(row) != 0) {
      ((const om_array **)(void *)starts->data)[used++] = row;
    }
  }
  // Sorted by start, neighbours overlap if any do. A heap of row references by their data address.
  const om_array **row = (const om_array **)(void *)starts->data;
  for (int64_t end = used, root = used / 2; end > 1;) {
    const om_array *moved;
    if (root > 0) {
      moved = row[--root];
    } else {
      moved = row[--end];
      row[end] = row[0];
    }
    int64_t at = root;
    for (int64_t child; (child = 2 * at + 1) < end; at = child) {
      if (child + 1 < end && row[child]->data < row[child + 1]->data) {
        child++;
      }
      if (moved->data >= row[child]->data) {
        break;
      }
      row[at] = row[child];
    }
    row[at] = moved;
  }
  for (int64_t i = 1; i < used; i++) {
    om_check_disjoint(row[i - 1], row[i]);
  }
}
