// SPDX-License-Identifier: Apache-2.0
// The collected heap: 64 KiB units in regions, blocks of equal cells or single large objects, found from any address by a
// two-level table. A block's mark bits say which cells were live at the last collection; free cells are found from them.
#ifndef OMEGA_RUNTIME_HEAP_H
#define OMEGA_RUNTIME_HEAP_H

#include "internal.h"

enum { OM_UNIT = 65536, OM_REGION_UNITS = 64, OM_MARK_WORDS = 64 };
enum { OM_BLOCK_UNUSED = 0, OM_BLOCK_SMALL = 1, OM_BLOCK_LARGE = 2 };

struct om_region;

typedef struct om_block {
  uint8_t *base;
  uint32_t cell;           ///< bytes of a cell (small)
  uint32_t cells;
  uint32_t inverse;        ///< offset * inverse >> 32 = cell index
  uint32_t next_cell;      ///< where the search for free cells goes on
  uint8_t kind;
  uint8_t no_refs;
  uint8_t size_class;
  uint8_t fresh;           ///< no cell was ever used: memory is zero
  uint8_t owned;           ///< some thread allocates from it
  uint32_t units;
  uint64_t size;           ///< bytes asked for (large)
  struct om_region *region;
  struct om_block *next;   ///< list of blocks with free cells; list of unused descriptors
  uint64_t marks[OM_MARK_WORDS];
} om_block;

/// Up to 64 units mapped together, or a mapping for one very large object.
typedef struct om_region {
  struct om_region *next;
  uint8_t *base;           ///< first unit
  uint8_t *map;
  uint64_t map_size;
  uint32_t units;
  uint64_t free;           ///< bit i: unit i is free
  uint64_t dirty;          ///< bit i: unit i was used before
} om_region;

typedef struct om_slab {
  struct om_slab *next;
  uint32_t count;
  om_block blocks[102];
} om_slab;

typedef struct om_heap {
  om_lock lock;                             ///< regions, descriptors, lists
  om_region *regions;
  om_slab *slabs;
  om_block *unused;
  om_block *available[2 * OM_CLASSES];      ///< swept blocks with free cells
  om_atomic64 since;                        ///< bytes handed to threads since the last collection
  om_atomic64 live;                         ///< bytes marked at the last collection
  om_atomic64 threshold;                    ///< collect when `since` passes it
  om_atomic64 collections;
  om_atomic64 low, high;                    ///< all units lie in [low, high)
} om_heap;

extern om_heap om_the_heap;
extern const uint32_t om_class_size[OM_CLASSES];
/// Leaves of the address table, by address bits 32..46; a leaf holds one block for each unit of 4 GiB.
extern om_block **om_block_table[1 << 15];

/// The block an address lies in, or null.
OM_INLINE om_block *om_block_of(uintptr_t address) {
  if (address >> 47 != 0) {
    return NULL;
  }
  om_block **leaf = om_block_table[address >> 32];
  return leaf == NULL ? NULL : leaf[address >> 16 & 0xffff];
}

/// Gives a block's units back (world stopped or heap lock held).
void om_block_free(om_block *b);
/// Collects unless another thread just did (`seen`: collections counted before the caller decided).
void om_collect_since(om_thread *t, int64_t seen);

#endif
