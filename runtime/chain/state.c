// SPDX-License-Identifier: Apache-2.0
// Data of any type between the state and memory, leaf by leaf. Only what exists is visited.
#include "runtime/chain/shared.h"

/// Data of recursive types may be as deep as somebody made them; deeper than this the call reverts.
enum { kDeepestData = 512 };

static void place_of_part(Place* to, const Place* place, uint64_t k, uint32_t type) {
  if (chain_types[type].kind == kStruct) {
    chain_place_field(to, place, (uint32_t)k, type);
  } else {
    chain_place_element(to, place, k, type);
  }
}

static Status load(Word* to, const Place* place, uint32_t id, uint32_t depth) {
  const DataType* type = &chain_types[id];
  if (is_value(type)) {
    return chain_get(to, place, id);
  }
  if (is_bytes(type)) {
    Bytes* bytes = NULL;
    const Status status = chain_get_bytes(&bytes, place);
    *to = word_of_reference(bytes);
    return status;
  }
  if (depth > kDeepestData) {
    return chain_revert(NULL);
  }
  uint64_t count = part_count(type);
  Word* parts;
  if (type->kind == kArray) {
    if (chain_get_length(&count, place, id) != kDone) {
      return kFailed;
    }
    Array* array = chain_new_array(count);
    *to = word_of_reference(array);
    parts = array == NULL ? NULL : array->data;
  } else {
    parts = count > (uint64_t)1 << 32 ? NULL : (Word*)chain_allocate(count * sizeof(Word));
    *to = word_of_reference(parts);
  }
  if (parts == NULL) {
    return chain_panic(kPanicMemory);
  }
  for (uint64_t k = 0; k < count; ++k) {
    Place part;
    place_of_part(&part, place, k, id);
    if (load(&parts[k], &part, part_type(type, k), depth + 1) != kDone) {
      return kFailed;
    }
  }
  return kDone;
}

static Status clear(const Place* place, uint32_t id, uint32_t depth);

static Status set_array_length(const Place* place, uint32_t id, uint64_t length, uint32_t depth) {
  uint64_t before = 0;
  if (chain_get_length(&before, place, id) != kDone) {
    return kFailed;
  }
  for (uint64_t k = length; k < before; ++k) {
    Place element;
    chain_place_element(&element, place, k, id);
    if (clear(&element, chain_types[id].element, depth + 1) != kDone) {
      return kFailed;
    }
  }
  return before == length ? kDone : chain_set_length(place, length, id);
}

static Status clear(const Place* place, uint32_t id, uint32_t depth) {
  const DataType* type = &chain_types[id];
  if (is_value(type)) {
    const Word zero = word_of(0);
    return chain_set(place, &zero, id);
  }
  if (is_bytes(type)) {
    return chain_set_bytes(place, NULL);
  }
  if (type->kind == kMapping) {
    return kDone;
  }
  if (depth > kDeepestData) {
    return chain_revert(NULL);
  }
  if (type->kind == kArray) {
    return set_array_length(place, id, 0, depth);
  }
  const uint64_t count = part_count(type);
  for (uint64_t k = 0; k < count; ++k) {
    Place part;
    place_of_part(&part, place, k, id);
    if (clear(&part, part_type(type, k), depth + 1) != kDone) {
      return kFailed;
    }
  }
  return kDone;
}

static Status store(const Place* place, const Word* value, uint32_t id, uint32_t depth) {
  const DataType* type = &chain_types[id];
  if (is_value(type)) {
    return chain_set(place, value, id);
  }
  if (is_bytes(type)) {
    return chain_set_bytes(place, (const Bytes*)reference(value));
  }
  if (depth > kDeepestData) {
    return chain_revert(NULL);
  }
  uint64_t count = part_count(type);
  const Word* parts = (const Word*)reference(value);
  if (type->kind == kArray) {
    const Array* array = (const Array*)reference(value);
    count = element_count(array);
    parts = array == NULL ? NULL : array->data;
    if (set_array_length(place, id, count, depth) != kDone) {
      return kFailed;
    }
  }
  for (uint64_t k = 0; k < count; ++k) {
    Place part;
    place_of_part(&part, place, k, id);
    if (store(&part, &parts[k], part_type(type, k), depth + 1) != kDone) {
      return kFailed;
    }
  }
  return kDone;
}

OUTLINE Status chain_load(Word* to, const Place* place, uint32_t type) { return load(to, place, type, 0); }
OUTLINE Status chain_store(const Place* place, const Word* value, uint32_t type) { return store(place, value, type, 0); }
OUTLINE Status chain_clear(const Place* place, uint32_t type) { return clear(place, type, 0); }

OUTLINE Status chain_copy(const Place* to, const Place* from, uint32_t type) {
  uint64_t differs = 0;
  for (int i = 0; i < 5; ++i) {
    differs |= to->word[i] ^ from->word[i];
  }
  // Through memory, since one may be a part of the other.
  Word value;
  return differs == 0 ? kDone : load(&value, from, type, 0) != kDone ? kFailed : store(to, &value, type, 0);
}

OUTLINE Status chain_resize(const Place* place, const Word* length, uint32_t type) {
  if (!fits_64(length)) {
    return chain_panic(kPanicMemory);
  }
  return is_bytes(&chain_types[type]) ? chain_set_length(place, length->limb[0], type) : set_array_length(place, type, length->limb[0], 0);
}
