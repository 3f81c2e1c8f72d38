// SPDX-License-Identifier: Apache-2.0
// Allocation: pages, raw memory of the runtime, and the collected heap's fast and slow paths.
#include "heap.h"

om_heap om_the_heap = {.threshold = 8 << 20};
OM_LARGE om_block **om_block_table[1 << 15];

// ---- pages and raw memory -------------------------------------------------------------------------------------------

void *om_pages_map(uint64_t size) {
  int64_t p = om_syscall(OM_SYS_mmap, 0, (int64_t)size, 3 /* read, write */, 0x22 /* private, anonymous */, -1, 0);
  return p < 0 && p > -4096 ? NULL : (void *)(intptr_t)p;
}

void om_pages_unmap(void *p, uint64_t size) { om_syscall3(OM_SYS_munmap, (int64_t)(intptr_t)p, (int64_t)size, 0); }

enum { RAW_SMALLEST = 8, RAW_LARGEST = 17 };  // 256 B .. 128 KiB come from lists, larger ones from the system

static om_lock raw_lock;
static void *raw_free[RAW_LARGEST + 1];
static uint8_t *raw_current, *raw_end;

static int raw_class(uint64_t size) {
  return size <= 256 ? RAW_SMALLEST : 64 - om_clz64(size - 1);
}

void *om_raw_alloc(uint64_t size) {
  int c = raw_class(size);
  if (c > RAW_LARGEST) {
    return om_pages_map((size + 4095) & ~(uint64_t)4095);
  }
  om_thread *t = om_self();
  if (t != NULL) {
    om_stack_require(t, OM_STACK_SIGNALS);
    om_critical_enter(t);
  }
  om_lock_take(&raw_lock);
  void *p = raw_free[c];
  if (p != NULL) {
    memcpy(&raw_free[c], p, sizeof(void *));
  } else {
    uint64_t bytes = (uint64_t)1 << c;
    if ((uint64_t)(raw_end - raw_current) < bytes) {
      uint8_t *pages = om_pages_map(256 << 10);
      if (pages != NULL) {
        raw_current = pages;
        raw_end = pages + (256 << 10);
      }
    }
    if ((uint64_t)(raw_end - raw_current) >= bytes) {
      p = raw_current;
      raw_current += bytes;
    }
  }
  om_lock_give(&raw_lock);
  if (t != NULL) {
    om_critical_leave(t);
  }
  return p;
}

void om_raw_free(void *p, uint64_t size) {
  if (p == NULL) {
    return;
  }
  int c = raw_class(size);
  if (c > RAW_LARGEST) {
    om_pages_unmap(p, (size + 4095) & ~(uint64_t)4095);
    return;
  }
  om_thread *t = om_self();
  if (t != NULL) {
    om_critical_enter(t);
  }
  om_lock_take(&raw_lock);
  memcpy(p, &raw_free[c], sizeof(void *));
  raw_free[c] = p;
  om_lock_give(&raw_lock);
  if (t != NULL) {
    om_critical_leave(t);
  }
}

void *om_raw_grow(void *p, uint64_t used, uint64_t size, uint64_t new_size) {
  void *q = om_raw_alloc(new_size);
  if (q == NULL) {
    om_fatal_memory();
  }
  if (used != 0) {
    memcpy(q, p, used);
  }
  om_raw_free(p, size);
  return q;
}

// ---- size classes ---------------------------------------------------------------------------------------------------

const uint32_t om_class_size[OM_CLASSES] = {16,   32,   48,   64,   80,   96,   112,  128,  160,  192,   224,   256,
                                            320,  384,  448,  512,  640,  768,  896,  1024, 1280, 1536,  1792,  2048,
                                            2560, 3072, 4096, 5376, 6528, 8192, 10880, 16384, 21760, 32768};

static uint8_t class_of_16[65];    // by (size + 15) / 16, up to 1024 bytes
static uint8_t class_of_256[129];  // by (size + 255) / 256, up to 32768 bytes
static om_atomic32 classes_ready;

static void make_classes(void) {
  for (uint32_t i = 1, c = 0; i <= 64; i++) {
    while (om_class_size[c] < i * 16) {
      c++;
    }
    class_of_16[i] = (uint8_t)c;
  }
  for (uint32_t i = 1, c = 0; i <= 128; i++) {
    while (om_class_size[c] < i * 256) {
      c++;
    }
    class_of_256[i] = (uint8_t)c;
  }
  om_store32(&classes_ready, 1);
}

OM_INLINE uint32_t class_of(uint64_t size) {
  return size <= 1024 ? class_of_16[(size + 15) >> 4] : class_of_256[(size + 255) >> 8];
}

// ---- regions and blocks (heap lock held) ----------------------------------------------------------------------------

static om_region *new_region(uint32_t units) {
  om_region *r = om_raw_alloc(sizeof *r);
  if (r == NULL) {
    return NULL;
  }
  uint64_t size = (uint64_t)units * OM_UNIT + OM_UNIT;
  uint8_t *map = om_pages_map(size);
  if (map == NULL) {
    om_raw_free(r, sizeof *r);
    return NULL;
  }
  r->map = map;
  r->map_size = size;
  r->base = (uint8_t *)(((uintptr_t)map + OM_UNIT - 1) & ~(uintptr_t)(OM_UNIT - 1));
  r->units = units;
  r->free = units >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << units) - 1;
  r->dirty = 0;
  r->next = om_the_heap.regions;
  om_the_heap.regions = r;
  int64_t low = (int64_t)(intptr_t)r->base, high = low + (int64_t)units * OM_UNIT;
  if (om_the_heap.low == 0 || low < om_the_heap.low) {
    om_store64(&om_the_heap.low, low);
  }
  if (high > om_the_heap.high) {
    om_store64(&om_the_heap.high, high);
  }
  return r;
}

static int table_set(om_block *b, om_block *value) {
  for (uint32_t i = 0; i < b->units; i++) {
    uintptr_t address = (uintptr_t)b->base + (uintptr_t)i * OM_UNIT;
    om_block ***leaf = &om_block_table[address >> 32];
    if (*leaf == NULL) {
      *leaf = om_pages_map(sizeof(om_block *) << 16);
      if (*leaf == NULL) {
        return 0;
      }
    }
    (*leaf)[address >> 16 & 0xffff] = value;
  }
  return 1;
}

static om_block *new_descriptor(void) {
  om_heap *h = &om_the_heap;
  om_block *b = h->unused;
  if (b != NULL) {
    h->unused = b->next;
    return b;
  }
  if (h->slabs == NULL || h->slabs->count == sizeof h->slabs->blocks / sizeof h->slabs->blocks[0]) {
    om_slab *slab = om_pages_map((sizeof(om_slab) + 4095) & ~(uint64_t)4095);
    if (slab == NULL) {
      return NULL;
    }
    slab->next = h->slabs;
    h->slabs = slab;
  }
  return &h->slabs->blocks[h->slabs->count++];
}

// Finds `units` neighbouring free units in a region; returns the first or -1.
static int find_units(const om_region *r, uint32_t units) {
  uint64_t run = r->free;
  for (uint32_t have = 1; have < units && run != 0;) {
    uint32_t step = units - have < have ? units - have : have;
    run &= run >> step;
    have += step;
  }
  return run == 0 ? -1 : om_ctz64(run);
}

static om_block *new_block(uint32_t units) {
  om_heap *h = &om_the_heap;
  om_block *b = new_descriptor();
  if (b == NULL) {
    return NULL;
  }
  om_region *r = NULL;
  int first = -1;
  if (units <= OM_REGION_UNITS / 2) {
    for (r = h->regions; r != NULL; r = r->next) {
      first = r->units <= OM_REGION_UNITS ? find_units(r, units) : -1;
      if (first >= 0) {
        break;
      }
    }
  }
  if (first < 0) {
    uint32_t size = units > OM_REGION_UNITS / 2 ? units : h->regions == NULL && units <= 16 ? 16 : OM_REGION_UNITS;
    r = new_region(size);
    if (r == NULL && units < size) {
      r = new_region(units);
    }
    first = 0;
  }
  if (r == NULL) {
    b->kind = OM_BLOCK_UNUSED;
    b->next = h->unused;
    h->unused = b;
    return NULL;
  }
  b->base = r->base + (uint64_t)first * OM_UNIT;
  b->units = units;
  b->region = r;
  b->fresh = 1;
  b->next = NULL;
  if (r->units <= 64) {
    uint64_t bits = (units >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << units) - 1) << first;
    b->fresh = (r->dirty & bits) == 0;
    r->free &= ~bits;
    r->dirty |= bits;
  } else {
    r->free = 0;
  }
  if (!table_set(b, b)) {
    om_block_free(b);
    return NULL;
  }
  return b;
}

void om_block_free(om_block *b) {
  om_heap *h = &om_the_heap;
  om_region *r = b->region;
  table_set(b, NULL);
  if (r->units <= 64) {
    uint64_t bits = b->units >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << b->units) - 1;
    r->free |= bits << ((uint64_t)(b->base - r->base) / OM_UNIT);
  } else {
    om_region **link = &h->regions;
    while (*link != r) {
      link = &(*link)->next;
    }
    *link = r->next;
    om_pages_unmap(r->map, r->map_size);
    om_raw_free(r, sizeof *r);
  }
  b->kind = OM_BLOCK_UNUSED;
  b->next = h->unused;
  h->unused = b;
}

// ---- slow paths -----------------------------------------------------------------------------------------------------

// The next free cells of `b` from next_cell on, at most 8 KiB (at least one); 0 when there are none.
static int next_run(om_run *run, om_block *b) {
  uint32_t i = b->next_cell, n = b->cells;
  while (i < n) {
    uint64_t word = ~b->marks[i >> 6] >> (i & 63);
    if (word != 0) {
      i += (uint32_t)om_ctz64(word);
      break;
    }
    i = (i | 63) + 1;
  }
  if (i >= n) {
    b->next_cell = n;
    return 0;
  }
  uint32_t most = 8192 / b->cell == 0 ? 1 : 8192 / b->cell, j = i + 1;
  while (j < n && j - i < most && (b->marks[j >> 6] >> (j & 63) & 1) == 0) {
    j++;
  }
  uint8_t *from = b->base + (uint64_t)i * b->cell, *to = b->base + (uint64_t)j * b->cell;
  if (!b->fresh) {
    memset(from, 0, (size_t)(to - from));
  }
  om_add64(&om_the_heap.since, to - from);
  run->current = from;
  run->end = to;
  b->next_cell = j;
  return 1;
}

static om_block *take_block(uint32_t list) {
  om_heap *h = &om_the_heap;
  om_lock_take(&h->lock);
  om_block *b = h->available[list];
  if (b != NULL) {
    h->available[list] = b->next;
  } else {
    b = new_block(1);
    if (b != NULL) {
      b->no_refs = list >= OM_CLASSES;
      b->size_class = (uint8_t)(list % OM_CLASSES);
      b->cell = om_class_size[b->size_class];
      b->cells = OM_UNIT / b->cell;
      b->inverse = (uint32_t)((((uint64_t)1 << 32) + b->cell - 1) / b->cell);
      memset(b->marks, 0, sizeof b->marks);
      b->kind = OM_BLOCK_SMALL;
    }
  }
  if (b != NULL) {
    b->owned = 1;
    b->next_cell = 0;
  }
  om_lock_give(&h->lock);
  return b;
}

static void *alloc_cell(om_thread *t, uint32_t list) {
  om_run *run = &t->runs[list];
  uint32_t size = om_class_size[list % OM_CLASSES];
  void *p = NULL;
  om_critical_enter(t);
  for (;;) {
    if (run->current + size <= run->end && run->current != NULL) {
      p = run->current;
      run->current += size;
      break;
    }
    if (run->block != NULL && next_run(run, run->block)) {
      continue;
    }
    run->current = run->end = NULL;
    run->block = take_block(list);
    if (run->block == NULL) {
      break;
    }
  }
  om_critical_leave(t);
  return p;
}

static void *alloc_large(om_thread *t, uint64_t size, uint32_t flags) {
  om_heap *h = &om_the_heap;
  uint64_t units = (size + OM_UNIT - 1) / OM_UNIT;
  if (size > (uint64_t)1 << 46) {
    return NULL;
  }
  om_critical_enter(t);
  om_lock_take(&h->lock);
  om_block *b = new_block((uint32_t)units);
  if (b != NULL) {
    b->no_refs = (flags & OM_NO_REFS) != 0;
    b->size = size;
    b->cell = 0;
    b->cells = 1;
    b->marks[0] = 0;
    b->owned = 0;
    om_add64(&h->since, (int64_t)(units * OM_UNIT));
    if (!b->fresh) {
      memset(b->base, 0, size);
    }
    om_compiler_fence();
    b->kind = OM_BLOCK_LARGE;
  }
  om_lock_give(&h->lock);
  void *p = b == NULL ? NULL : b->base;
  om_critical_leave(t);
  return p;
}

static OM_COLD void *alloc_slow(om_thread *t, uint64_t size, uint32_t flags) {
  om_heap *h = &om_the_heap;
  if (t == NULL) {
    om_bug("allocation on a thread that is not an Omega thread");
  }
  om_stack_require(t, OM_STACK_ALLOCATES);
  if (!om_load32(&classes_ready)) {
    make_classes();
  }
  if (size == 0) {
    size = 1;
  }
  for (int attempt = 0; attempt < 2; attempt++) {
    int64_t seen = om_load64(&h->collections);
    int64_t more = size > OM_SMALL_MAX ? (int64_t)(size >> 1) : 0;
    if (attempt != 0 || om_stress_collects() || om_load64(&h->since) + more > om_load64(&h->threshold)) {
      om_collect_since(t, seen);
    }
    void *p = size <= OM_SMALL_MAX ? alloc_cell(t, class_of(size) + ((flags & OM_NO_REFS) != 0 ? OM_CLASSES : 0))
                                   : alloc_large(t, size, flags);
    if (p != NULL) {
      return p;
    }
  }
  om_panic(OM_PANIC_MEMORY, NULL);
  return NULL;
}

void *om_alloc(uint64_t size, uint32_t flags) {
  om_thread *t = om_self();
  if (OM_LIKELY(size - 1 < OM_SMALL_MAX)) {
    uint32_t c = class_of(size);
    om_run *run = &t->runs[c + (flags & OM_NO_REFS) * OM_CLASSES];
    uint8_t *p = run->current, *next = p + om_class_size[c];
    if (OM_LIKELY(next <= run->end)) {
      run->current = next;
      return p;
    }
  }
  return alloc_slow(t, size, flags);
}

uint64_t om_heap_bytes(void) { return (uint64_t)(om_load64(&om_the_heap.live) + om_load64(&om_the_heap.since)); }
uint64_t om_collections(void) { return (uint64_t)om_load64(&om_the_heap.collections); }
