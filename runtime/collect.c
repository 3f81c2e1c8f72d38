// SPDX-License-Identifier: Apache-2.0
// The collector: stops all Omega threads, marks conservatively from stacks, registers and globals, sweeps by bitmaps.
#include "heap.h"

// ---- threads and stopping -------------------------------------------------------------------------------------------

static om_thread *thread_list;
static om_lock list_lock;
static om_lock collect_lock;
static om_atomic32 epoch;         // odd: stopping or stopped
static om_atomic32 acknowledged;  // counts stops, to wait on

void om_thread_register(om_thread *t) {
  om_lock_take(&list_lock);
  t->next = thread_list;
  thread_list = t;
  om_lock_give(&list_lock);
}

// The thread's free cells are given up with it: they are found again after the next collection.
void om_thread_unregister(om_thread *t) {
  om_lock_take(&list_lock);
  for (om_thread **link = &thread_list; *link != NULL; link = &(*link)->next) {
    if (*link == t) {
      *link = t->next;
      break;
    }
  }
  om_lock_give(&list_lock);
}

static void acknowledge(void) {
  om_add32(&acknowledged, 1);
  om_futex_wake(&acknowledged, 1);
}

OM_NO_SANITIZE void om_stop_here(om_thread *t) {
  om_registers registers;
  om_spill_registers(&registers);
  t->stop_pending = 0;
  t->scan_sp = (void *)&registers;
  OM_RELEASES(&acknowledged);
  for (;;) {
    int32_t e = om_load32(&epoch);
    if ((e & 1) == 0) {
      OM_ACQUIRES(&epoch);
      return;
    }
    if (om_load32(&t->stopped_epoch) != e) {
      om_store32(&t->stopped_epoch, e);
      acknowledge();
    }
    om_futex_wait(&epoch, e, -1);
  }
}

void om_on_stop_signal(void) {
  om_thread *t = om_self();
  if (t == NULL || om_load32(&t->state) == OM_SAFE) {
    return;
  }
  if (t->critical != 0) {
    t->stop_pending = 1;
    return;
  }
  om_stop_here(t);
}

OM_NO_SANITIZE void om_safe_enter_saved(om_thread *t) {
  t->scan_sp = (void *)&t;
  OM_RELEASES(&acknowledged);
  om_swap32(&t->state, OM_SAFE);
}

void om_safe_leave(om_thread *t) {
  for (;;) {
    om_swap32(&t->state, OM_RUNNING);
    int32_t e = om_load32(&epoch);
    if ((e & 1) == 0) {
      OM_ACQUIRES(&epoch);
      return;
    }
    om_swap32(&t->state, OM_SAFE);
    acknowledge();
    om_futex_wait(&epoch, e, -1);
  }
}

static int is_stopped(const om_thread *t, int32_t e) { return om_load32(&t->state) == OM_SAFE || om_load32(&t->stopped_epoch) == e; }

static void signal_stop(om_thread *t, int32_t e) {
  if (om_signal_stop(t)) {
    om_store32(&t->stopped_epoch, e);
  }
}

static void stop_world(om_thread *self) {
  if (thread_list->next != NULL) {
    om_threads_prepare();
  }
  int32_t e = om_add32(&epoch, 1) + 1;
  for (om_thread *t = thread_list; t != NULL; t = t->next) {
    if (t != self && om_load32(&t->state) != OM_SAFE) {
      signal_stop(t, e);
    }
  }
  for (om_thread *t = thread_list; t != NULL; t = t->next) {
    while (t != self && !is_stopped(t, e)) {
      int32_t seen = om_load32(&acknowledged);
      if (!is_stopped(t, e)) {
        om_futex_wait(&acknowledged, seen, 1000000);
        if (om_load32(&acknowledged) == seen && !is_stopped(t, e)) {
          signal_stop(t, e);  // the first is lost when its frame found no room on the stack
        }
      }
    }
  }
  OM_ACQUIRES(&acknowledged);
}

static void resume_world(void) {
  OM_RELEASES(&epoch);
  om_add32(&epoch, 1);
  om_futex_wake(&epoch, 0x7fffffff);
}

// ---- extra roots ----------------------------------------------------------------------------------------------------

typedef struct root_range {
  uintptr_t low, high;
} root_range;

static root_range *roots;
static uint32_t root_count, root_capacity;
static void (*root_visit)(void (*scan)(const void *lo, const void *hi), void *context);
static void *root_visit_context;
static om_lock roots_lock;

void om_roots_add(void *lo, void *hi) {
  om_thread *t = om_self();
  om_critical_enter(t);
  om_lock_take(&roots_lock);
  if (root_count == root_capacity) {
    uint32_t capacity = root_capacity == 0 ? 16 : 2 * root_capacity;
    roots = om_raw_grow(roots, root_count * sizeof *roots, root_capacity * sizeof *roots, capacity * sizeof *roots);
    root_capacity = capacity;
  }
  roots[root_count].low = (uintptr_t)lo;
  roots[root_count].high = (uintptr_t)hi;
  root_count++;
  om_lock_give(&roots_lock);
  om_critical_leave(t);
}

void om_roots_remove(void *lo) {
  om_thread *t = om_self();
  om_critical_enter(t);
  om_lock_take(&roots_lock);
  for (uint32_t i = 0; i < root_count; i++) {
    if (roots[i].low == (uintptr_t)lo) {
      roots[i] = roots[--root_count];
      break;
    }
  }
  om_lock_give(&roots_lock);
  om_critical_leave(t);
}

void om_roots_visitor(void (*visit)(void (*scan)(const void *lo, const void *hi), void *context), void *context) {
  root_visit_context = context;
  root_visit = visit;
}

// ---- marking --------------------------------------------------------------------------------------------------------

typedef struct mark_item {
  uintptr_t low, high;
} mark_item;

static mark_item *mark_stack;
static uint64_t mark_top, mark_capacity;

static void mark_push(uintptr_t low, uintptr_t high) {
  if (OM_UNLIKELY(mark_top == mark_capacity)) {
    uint64_t capacity = mark_capacity == 0 ? 16384 : 2 * mark_capacity;
    mark_item *bigger = om_pages_map(capacity * sizeof(mark_item));
    if (bigger == NULL) {
      om_fatal_memory();
    }
    if (mark_capacity != 0) {
      memcpy(bigger, mark_stack, mark_top * sizeof(mark_item));
      om_pages_unmap(mark_stack, mark_capacity * sizeof(mark_item));
    }
    mark_stack = bigger;
    mark_capacity = capacity;
  }
  mark_stack[mark_top].low = low;
  mark_stack[mark_top].high = high;
  mark_top++;
}

OM_INLINE void mark_word(uintptr_t word, uintptr_t heap_low, uintptr_t heap_size) {
  if (word - heap_low >= heap_size) {
    return;
  }
  om_block *b = om_block_of(word);
  if (b == NULL) {
    return;
  }
  if (b->kind == OM_BLOCK_SMALL) {
    uint32_t cell = (uint32_t)((word - (uintptr_t)b->base) * b->inverse >> 32);
    uint64_t bit = (uint64_t)1 << (cell & 63), *marks = &b->marks[cell >> 6];
    if (cell < b->cells && (*marks & bit) == 0) {
      *marks |= bit;
      if (!b->no_refs) {
        uintptr_t low = (uintptr_t)b->base + (uintptr_t)cell * b->cell;
        mark_push(low, low + b->cell);
      }
    }
  } else if (b->kind == OM_BLOCK_LARGE && b->marks[0] == 0) {
    b->marks[0] = 1;
    if (!b->no_refs) {
      mark_push((uintptr_t)b->base, (uintptr_t)b->base + (b->size & ~(uint64_t)7));
    }
  }
}

static OM_NO_SANITIZE void mark_range(uintptr_t low, uintptr_t high) {
  uintptr_t heap_low = (uintptr_t)om_the_heap.low, heap_size = (uintptr_t)om_the_heap.high - heap_low;
  for (const uintptr_t *p = (const uintptr_t *)((low + 7) & ~(uintptr_t)7); (uintptr_t)(p + 1) <= high; p++) {
    mark_word(*p, heap_low, heap_size);
  }
}

static void mark_drain(void) {
  while (mark_top != 0) {
    mark_item item = mark_stack[--mark_top];
    mark_range(item.low, item.high);
  }
}

static void mark_root(const void *lo, const void *hi) {
  mark_range((uintptr_t)lo, (uintptr_t)hi);
  mark_drain();
}

static void mark_thread(om_thread *t, const void *sp) {
  mark_root(sp, t->stack_high);
  mark_root(&t->registers, &t->registers + 1);
  mark_root(&t->failure, &t->failure + 1);
}

// ---- the collection -------------------------------------------------------------------------------------------------

static void clear_marks(void) {
  om_heap *h = &om_the_heap;
  for (om_thread *t = thread_list; t != NULL; t = t->next) {
    memset(t->runs, 0, sizeof t->runs);
  }
  for (om_slab *slab = h->slabs; slab != NULL; slab = slab->next) {
    for (uint32_t i = 0; i < slab->count; i++) {
      om_block *b = &slab->blocks[i];
      if (b->kind != OM_BLOCK_UNUSED) {
        b->owned = 0;
        memset(b->marks, 0, b->kind == OM_BLOCK_LARGE ? 8 : (b->cells + 63) / 64 * 8);
      }
    }
  }
  memset(h->available, 0, sizeof h->available);
}

// Gives whole free regions back to the system, but keeps as much as a quarter of what is live.
static void release_regions(int64_t live) {
  om_heap *h = &om_the_heap;
  int64_t spare = live / 4 + (4 << 20);
  for (om_region **link = &h->regions; *link != NULL;) {
    om_region *r = *link;
    uint64_t all = r->units >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << r->units) - 1;
    int64_t size = (int64_t)r->units * OM_UNIT;
    if (r->units <= 64 && r->free == all) {
      if (spare >= size) {
        spare -= size;
      } else {
        *link = r->next;
        om_pages_unmap(r->map, r->map_size);
        om_raw_free(r, sizeof *r);
        continue;
      }
    }
    link = &r->next;
  }
}

static void sweep(void) {
  om_heap *h = &om_the_heap;
  int64_t live = 0;
  for (om_slab *slab = h->slabs; slab != NULL; slab = slab->next) {
    for (uint32_t i = 0; i < slab->count; i++) {
      om_block *b = &slab->blocks[i];
      if (b->kind == OM_BLOCK_LARGE) {
        if (b->marks[0] == 0) {
          om_block_free(b);
        } else {
          live += (int64_t)b->units * OM_UNIT;
        }
      } else if (b->kind == OM_BLOCK_SMALL) {
        uint32_t marked = 0;
        for (uint32_t w = 0; w < (b->cells + 63) / 64; w++) {
          marked += (uint32_t)om_popcount64(b->marks[w]);
        }
        b->fresh = 0;
        if (marked == 0) {
          om_block_free(b);
          continue;
        }
        live += (int64_t)marked * b->cell;
        if (b->cells - marked > b->cells / 16) {
          uint32_t list = b->size_class + (b->no_refs ? OM_CLASSES : 0);
          b->next = h->available[list];
          h->available[list] = b;
        }
      }
    }
  }
  release_regions(live);
  om_store64(&h->live, live);
  om_store64(&h->since, 0);
  om_store64(&h->threshold, live > (8 << 20) ? live : 8 << 20);
}

static OM_NOINLINE OM_NO_SANITIZE void collect_here(om_thread *self) {
  om_registers registers;
  om_spill_registers(&registers);
  om_lock_take(&list_lock);
  stop_world(self);
  clear_marks();
  for (om_thread *t = thread_list; t != NULL; t = t->next) {
    mark_thread(t, t == self ? (const void *)&registers : t->scan_sp);
  }
  mark_root(om_the_program->globals_lo, om_the_program->globals_hi);
  for (uint32_t i = 0; i < root_count; i++) {
    mark_range(roots[i].low, roots[i].high);
    mark_drain();
  }
  if (root_visit != NULL) {
    root_visit(mark_root, root_visit_context);
  }
  sweep();
  om_add64(&om_the_heap.collections, 1);
  resume_world();
  om_lock_give(&list_lock);
}

void om_collect_since(om_thread *t, int64_t seen) {
  om_stack_require(t, OM_STACK_SIGNALS);
  om_safe_enter(t);
  om_lock_take(&collect_lock);
  om_safe_leave(t);
  if (om_load64(&om_the_heap.collections) == seen) {
    om_critical_enter(t);
    collect_here(t);
    om_critical_leave(t);
  }
  om_lock_give(&collect_lock);
}

void om_collect(void) { om_collect_since(om_self(), om_load64(&om_the_heap.collections)); }
