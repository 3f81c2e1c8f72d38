// SPDX-License-Identifier: Apache-2.0
// Checks at the start of a parallel loop: whether places it writes may be the same memory (om_places_apart).
#include "internal.h"

/// Bytes [from, to) reached by row `row` from side 0 or 1.
typedef struct place {
  uintptr_t from;
  uintptr_t to;
  int64_t row;
  int64_t side;
} place;

typedef struct place_list {
  place *items; ///< null while only counting
  int64_t count;
} place_list;

enum { PLACES_ROWS, PLACES_SAME_INDEX, PLACES_DISJOINT, PLACES_SAME_OR_DISJOINT };
enum { PLACE_ELEMENT = 0xfffff };

static uint32_t place_step(uint64_t path, int depth) { return depth < 3 ? (uint32_t)(path >> (4 + 20 * depth)) & 0xfffffu : 0; }

static void place_add(place_list *list, const void *object, uint64_t path, int64_t row, int64_t side) {
  uintptr_t from = (uintptr_t)object;
  uintptr_t to = from + 1;
  if (path & 1u) {
    const om_array *array = (const om_array *)object;
    from = (uintptr_t)array->data;
    to = from + (uintptr_t)array->len * array->elem_size;
  }
  if (from == to) {
    return;
  }
  if (list->items) {
    place *at = &list->items[list->count];
    at->from = from;
    at->to = to;
    at->row = row;
    at->side = side;
  }
  ++list->count;
}

/// All places that the path leads to from `object`.
static void place_collect(place_list *list, const void *object, uint64_t path, int depth, int64_t row, int64_t side) {
  const uint32_t step = place_step(path, depth);
  if (!object) {
    return;
  }
  if (step == 0) {
    place_add(list, object, path, row, side);
  } else if (step == PLACE_ELEMENT) {
    const om_array *array = (const om_array *)object;
    void *const *rows = (void *const *)(const void *)array->data;
    for (int64_t i = 0; i < array->len; ++i) {
      place_collect(list, rows[i], path, depth + 1, row < 0 ? i : row, side);
    }
  } else {
    void *const *field = (void *const *)(const void *)((const uint8_t *)object + (step - 1));
    place_collect(list, *field, path, depth + 1, row, side);
  }
}

static int place_sorted(const place *a, int64_t n) {
  for (int64_t i = 1; i < n; ++i) {
    if (a[i].from < a[i - 1].from) {
      return 0;
    }
  }
  return 1;
}

static void place_sift(place *a, int64_t at, int64_t n) {
  const place moving = a[at];
  for (;;) {
    int64_t child = 2 * at + 1;
    if (child >= n) {
      break;
    }
    if (child + 1 < n && a[child + 1].from > a[child].from) {
      ++child;
    }
    if (a[child].from <= moving.from) {
      break;
    }
    a[at] = a[child];
    at = child;
  }
  a[at] = moving;
}

static void place_sort(place *a, int64_t n) {
  if (place_sorted(a, n)) {
    return;
  }
  for (int64_t i = n / 2; i-- > 0;) {
    place_sift(a, i, n);
  }
  for (int64_t i = n; i-- > 1;) {
    const place last = a[i];
    a[i] = a[0];
    a[0] = last;
    place_sift(a, 0, i);
  }
}

/// The furthest end seen, and the furthest of another row than that.
typedef struct place_reach {
  uintptr_t to;
  int64_t row;
  uintptr_t other_to;
} place_reach;

static void place_extend(place_reach *reach, const place *p) {
  if (p->row == reach->row) {
    reach->to = p->to > reach->to ? p->to : reach->to;
  } else if (p->to > reach->to) {
    reach->other_to = reach->to;
    reach->to = p->to;
    reach->row = p->row;
  } else if (p->to > reach->other_to) {
    reach->other_to = p->to;
  }
}

/// No place overlaps one that it must not: `a` sorted by `from`.
static int32_t place_sweep(const place *a, int64_t n, uint32_t mode) {
  place_reach reach[2] = {{0, -2, 0}, {0, -2, 0}};
  for (int64_t i = 0; i < n; ++i) {
    const place_reach *against = &reach[mode == PLACES_ROWS ? a[i].side : 1 - a[i].side];
    const uintptr_t to = mode == PLACES_DISJOINT || against->row != a[i].row ? against->to : against->other_to;
    if (a[i].from < to) {
      return 0;
    }
    place_extend(&reach[a[i].side], &a[i]);
  }
  return 1;
}

int32_t om_places_apart(const void *a, uint64_t path_a, const void *b, uint64_t path_b, uint32_t mode) {
  if (place_step(path_a, 0) == 0 && place_step(path_b, 0) == 0) {
    if (!a || !b) {
      return 1;
    }
    place_list two = {0, 0};
    place items[2];
    two.items = items;
    place_add(&two, a, path_a, 0, 0);
    place_add(&two, b, path_b, 0, 1);
    if (two.count < 2) {
      return 1;
    }
    return items[0].to <= items[1].from || items[1].to <= items[0].from || (mode == PLACES_SAME_OR_DISJOINT && items[0].from == items[1].from);
  }
  place_list list = {0, 0};
  for (int32_t round = 0; round < 2; ++round) {
    list.count = 0;
    place_collect(&list, a, path_a, 0, -1, 0);
    if (mode != PLACES_ROWS) {
      place_collect(&list, b, path_b, 0, -1, 1);
    }
    if (round == 0) {
      if (list.count < 2) {
        return 1;
      }
      list.items = (place *)om_alloc((uint64_t)list.count * sizeof(place), OM_NO_REFS);
    }
  }
  place_sort(list.items, list.count);
  return place_sweep(list.items, list.count, mode);
}

void *om_place_row(const om_array *rows, int64_t index) {
  return rows && index >= 0 && index < rows->len ? ((void **)(void *)rows->data)[index] : 0;
}

void *om_place_field(const void *object, uint32_t offset) {
  return object ? *(void *const *)(const void *)((const uint8_t *)object + offset) : 0;
}
