// SPDX-License-Identifier: Apache-2.0
// Mappings: entries in insertion order beside an open-addressed table of entry numbers.
#include "internal.h"

enum { SLOT_EMPTY = 0, SLOT_GONE = -1 };

struct om_map {
  int32_t *slots;      // entry + 1, power of two many
  uint32_t *hashes;    // of each entry; 0 = deleted
  uint8_t *keys;
  uint8_t *values;
  int64_t mask;        // slots - 1; -1 = none yet
  int64_t used;        // entries written, deleted ones included
  int64_t capacity;    // entries there is room for
  int64_t length;
  uint32_t key_kind, key_size, value_size, value_refs;
};

static const uint64_t zeros[64];

om_map *om_map_new(uint32_t key_kind, uint32_t key_size, uint32_t value_size, uint32_t value_refs) {
  om_map *m = om_alloc(sizeof *m, 0);
  m->key_kind = key_kind;
  m->key_size = key_size;
  m->value_size = value_size;
  m->value_refs = value_refs;
  m->mask = -1;
  return m;
}

// ---- keys -----------------------------------------------------------------------------------------------------------

static const om_array *string_at(const void *key) {
  const om_array *s;
  memcpy(&s, key, sizeof s);
  return s;
}

static uint32_t hash_key(const om_map *m, const void *key) {
  uint64_t h;
  if (m->key_kind == OM_KEY_STRING) {
    h = om_string_hash(string_at(key));
  } else if (m->key_kind == OM_KEY_F64 || m->key_kind == OM_KEY_F32) {
    double d = 0;
    if (m->key_kind == OM_KEY_F64) {
      memcpy(&d, key, 8);
    } else {
      float f;
      memcpy(&f, key, 4);
      d = (double)f;
    }
    d = d == 0 ? 0 : d;
    h = om_hash_bytes(&d, 8);
  } else {
    h = om_hash_bytes(key, m->key_size);
  }
  uint32_t short_hash = (uint32_t)(h >> 32) ^ (uint32_t)h;
  return short_hash == 0 ? 1 : short_hash;
}

static int same_key(const om_map *m, const void *a, const void *b) {
  if (m->key_kind == OM_KEY_STRING) {
    return om_string_equal(string_at(a), string_at(b));
  }
  if (m->key_kind == OM_KEY_F64) {
    double x, y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return x == y || (x != x && y != y);
  }
  if (m->key_kind == OM_KEY_F32) {
    float x, y;
    memcpy(&x, a, 4);
    memcpy(&y, b, 4);
    return x == y || (x != x && y != y);
  }
  return memcmp(a, b, m->key_size) == 0;
}

static uint8_t *key_at(const om_map *m, int64_t entry) { return m->keys + (uint64_t)entry * m->key_size; }
static uint8_t *value_at(const om_map *m, int64_t entry) { return m->values + (uint64_t)entry * m->value_size; }

// The slot that holds the key, or -1.
static int64_t find_slot(const om_map *m, const void *key, uint32_t hash) {
  if (m->mask < 0) {
    return -1;
  }
  for (int64_t i = hash & m->mask;; i = (i + 1) & m->mask) {
    int32_t s = m->slots[i];
    if (s == SLOT_EMPTY) {
      return -1;
    }
    if (s != SLOT_GONE && m->hashes[s - 1] == hash && same_key(m, key_at(m, s - 1), key)) {
      return i;
    }
  }
}

// ---- growth ---------------------------------------------------------------------------------------------------------

static void insert_slot(om_map *m, uint32_t hash, int64_t entry) {
  int64_t i = hash & m->mask;
  while (m->slots[i] != SLOT_EMPTY) {
    i = (i + 1) & m->mask;
  }
  m->slots[i] = (int32_t)(entry + 1);
}

int om_map_has_room(const om_map *m) { return m->used < m->capacity; }

om_map_room om_map_room_for(const om_map *m, int64_t length) {
  om_map_room room = {.capacity = 4};
  while (room.capacity <= length + length / 4) {
    room.capacity *= 2;
  }
  if (room.capacity > 1 << 30) {
    om_panic(OM_PANIC_MEMORY, NULL);
  }
  room.hashes = om_alloc((uint64_t)room.capacity * 4, OM_NO_REFS);
  room.keys = om_alloc((uint64_t)room.capacity * m->key_size, m->key_kind == OM_KEY_STRING ? 0 : OM_NO_REFS);
  room.values = om_alloc((uint64_t)room.capacity * m->value_size, m->value_refs != 0 ? 0 : OM_NO_REFS);
  room.slots = om_alloc((uint64_t)room.capacity * 2 * 4, OM_NO_REFS);
  return room;
}

void om_map_move(om_map *m, const om_map_room *room) {
  int64_t n = 0;
  for (int64_t e = 0; e < m->used; e++) {
    if (m->hashes[e] != 0) {
      room->hashes[n] = m->hashes[e];
      memcpy(room->keys + (uint64_t)n * m->key_size, key_at(m, e), m->key_size);
      memcpy(room->values + (uint64_t)n * m->value_size, value_at(m, e), m->value_size);
      n++;
    }
  }
  m->hashes = room->hashes;
  m->keys = room->keys;
  m->values = room->values;
  m->slots = room->slots;
  m->mask = room->capacity * 2 - 1;
  m->capacity = room->capacity;
  m->used = n;
  for (int64_t e = 0; e < n; e++) {
    insert_slot(m, m->hashes[e], e);
  }
}

// ---- operations -----------------------------------------------------------------------------------------------------

void *om_map_find(const om_map *m, const void *key) {
  if (m == NULL || m->length == 0) {
    return NULL;
  }
  int64_t slot = find_slot(m, key, hash_key(m, key));
  return slot < 0 ? NULL : value_at(m, m->slots[slot] - 1);
}

const void *om_map_get(const om_map *m, const void *key, uint32_t value_size) {
  const void *value = om_map_find(m, key);
  (void)value_size;
  return value == NULL ? zeros : value;
}

void *om_map_slot(om_map *m, const void *key) {
  uint32_t hash = hash_key(m, key);
  int64_t slot = find_slot(m, key, hash);
  if (slot >= 0) {
    return value_at(m, m->slots[slot] - 1);
  }
  if (!om_map_has_room(m)) {
    om_map_room room = om_map_room_for(m, m->length);
    om_map_move(m, &room);
  }
  int64_t entry = m->used++;
  m->hashes[entry] = hash;
  memcpy(key_at(m, entry), key, m->key_size);
  memset(value_at(m, entry), 0, m->value_size);
  insert_slot(m, hash, entry);
  m->length++;
  return value_at(m, entry);
}

void om_map_set(om_map *m, const void *key, const void *value) { memcpy(om_map_slot(m, key), value, m->value_size); }

int32_t om_map_delete(om_map *m, const void *key) {
  if (m == NULL || m->length == 0) {
    return 0;
  }
  int64_t slot = find_slot(m, key, hash_key(m, key));
  if (slot < 0) {
    return 0;
  }
  int64_t entry = m->slots[slot] - 1;
  m->slots[slot] = SLOT_GONE;
  m->hashes[entry] = 0;
  memset(key_at(m, entry), 0, m->key_size);
  memset(value_at(m, entry), 0, m->value_size);
  m->length--;
  return 1;
}

int64_t om_map_length(const om_map *m) { return m == NULL ? 0 : m->length; }

void om_map_clear(om_map *m) {
  if (m != NULL) {
    m->slots = NULL;
    m->hashes = NULL;
    m->keys = m->values = NULL;
    m->mask = -1;
    m->used = m->capacity = m->length = 0;
  }
}

om_map *om_map_copy(const om_map *m) {
  if (m == NULL) {
    return NULL;
  }
  om_map *r = om_map_new(m->key_kind, m->key_size, m->value_size, m->value_refs);
  for (int64_t e = om_map_next(m, 0); e >= 0; e = om_map_next(m, e + 1)) {
    om_map_set(r, key_at(m, e), value_at(m, e));
  }
  return r;
}

int64_t om_map_next(const om_map *m, int64_t position) {
  for (int64_t e = position; m != NULL && e < m->used; e++) {
    if (m->hashes[e] != 0) {
      return e;
    }
  }
  return -1;
}

const void *om_map_key_at(const om_map *m, int64_t position) { return key_at(m, position); }
void *om_map_value_at(const om_map *m, int64_t position) { return value_at(m, position); }

om_array *om_map_keys(const om_map *m) {
  om_array *r = om_array_reserve(om_map_length(m), m == NULL ? 8 : m->key_size, m != NULL && m->key_kind == OM_KEY_STRING ? OM_ARRAY_REFS : 0);
  for (int64_t e = om_map_next(m, 0); e >= 0; e = om_map_next(m, e + 1)) {
    om_array_push(r, key_at(m, e));
  }
  return r;
}

om_array *om_map_values(const om_map *m) {
  om_array *r = om_array_reserve(om_map_length(m), m == NULL ? 8 : m->value_size, m != NULL && m->value_refs != 0 ? OM_ARRAY_REFS : 0);
  for (int64_t e = om_map_next(m, 0); e >= 0; e = om_map_next(m, e + 1)) {
    om_array_push(r, value_at(m, e));
  }
  return r;
}
