// SPDX-License-Identifier: Apache-2.0
// One cache for each place in the program that asks for one (om_cache_at).
#include "internal.h"

enum { PLACES_IN_CHUNK = 64 };

typedef struct place_chunk {
  struct {
    uint64_t place;
    om_cache *cache;
  } entries[PLACES_IN_CHUNK];
  struct place_chunk *next;
  uint32_t count;
} place_chunk;

static om_lock places_lock;
static place_chunk *first_chunk;

static om_cache *place_find(uint64_t place) {
  for (place_chunk *chunk = first_chunk; chunk != NULL; chunk = chunk->next) {
    for (uint32_t i = 0; i < chunk->count; ++i) {
      if (chunk->entries[i].place == place) {
        return chunk->entries[i].cache;
      }
    }
  }
  return NULL;
}

static place_chunk *place_chunk_with_room(void) {
  if (first_chunk != NULL && first_chunk->count < PLACES_IN_CHUNK) {
    return first_chunk;
  }
  place_chunk *chunk = om_raw_alloc(sizeof *chunk);
  if (chunk == NULL) {
    om_fatal_memory();
  }
  memset(chunk, 0, sizeof *chunk);
  chunk->next = first_chunk;
  om_roots_add(chunk, chunk + 1);
  first_chunk = chunk;
  return chunk;
}

om_cache *om_cache_at(uint64_t place, uint32_t key_kind, uint32_t key_size, uint32_t value_size, uint32_t value_refs, int64_t ttl_ns) {
  om_thread *t = om_self();
  om_stack_require(t, OM_STACK_LOCKS);
  om_critical_enter(t);
  om_lock_take(&places_lock);
  om_cache *cache = place_find(place);
  om_lock_give(&places_lock);
  om_critical_leave(t);
  if (cache != NULL) {
    return cache;
  }
  om_cache *fresh = om_cache_new(key_kind, key_size, value_size, value_refs, ttl_ns, 0);
  om_critical_enter(t);
  om_lock_take(&places_lock);
  cache = place_find(place);
  if (cache == NULL) {
    place_chunk *chunk = place_chunk_with_room();
    chunk->entries[chunk->count].place = place;
    chunk->entries[chunk->count].cache = fresh;
    ++chunk->count;
    cache = fresh;
  }
  om_lock_give(&places_lock);
  om_critical_leave(t);
  return cache;
}
