// SPDX-License-Identifier: Apache-2.0
// Leaves of the state. A value of up to 64, 128, 192, 256 bits takes 1, 2, 4, 8, 16, 24, 32 bytes, little-endian; a dynamic array its length, its elements
// in chunks, each an account; bytes and string a length and the first 24 bytes when there are no more, else all of them in chunks.
#include "runtime/chain/solana/solana.h"

enum { kTextInPlace = 24, kTextChunkShift = 13 };

INLINE uint32_t bits_of(uint32_t type) {
  const uint32_t kind = chain_types[type].kind;
  return kind == kBool || kind == kEnum ? 8 : kind == kAddress ? 160 : chain_types[type].bits;
}

// ---- places ----

EXPORTED void chain_place_variable(Place* to, uint32_t variable) {
  to->word[0] = to->word[1] = to->word[2] = to->word[3] = 0;
  to->word[4] = place_word(kOriginState, solana_state_size) | solana_variable_offsets[variable];
  to->note = 0;
}

/// The place of an account of its own below `parent`. What lies in the state account is named by its offset and the key as they are; elsewhere by a hash.
INLINE void place_below(Place* to, const Place* parent, const uint64_t key[4], uint64_t size) {
  to->note = 0;
  if (origin_of(parent) == kOriginState) {
    const uint64_t origin = kOriginFirst + offset_of(parent);
    for (int k = 0; k < 4; ++k) {
      to->word[k] = key[k];
    }
    to->word[4] = place_word(origin, size);
    return;
  }
  uint64_t path[9];
  for (int k = 0; k < 4; ++k) {
    path[k] = parent->word[k];
    path[5 + k] = key[k];
  }
  path[4] = origin_of(parent) << 32 | offset_of(parent);
  const Slice part = {path, sizeof path};
  sol_sha256(&part, 1, (uint8_t*)to->word);
  to->word[4] = place_word(kOriginHashed, size);
}

EXPORTED void chain_place_entry_inlined(Place* to, const Place* mapping, const Word* key, uint32_t mapping_type) {
  const uint32_t size = solana_type_sizes[chain_types[mapping_type].element];
  const uint32_t key_kind = chain_types[chain_types[mapping_type].key].kind;
  if (key_kind != kBytes && key_kind != kString) {
    place_below(to, mapping, key->limb, size);
    return;
  }
  const Bytes* text = (const Bytes*)key->limb[0];
  uint64_t path[5];
  for (int k = 0; k < 4; ++k) {
    path[k] = mapping->word[k];
  }
  path[4] = origin_of(mapping) << 32 | offset_of(mapping);
  const Slice parts[2] = {{path, sizeof path}, {text ? text->data : 0, text ? text->length : 0}};
  sol_sha256(parts, 2, (uint8_t*)to->word);
  to->word[4] = place_word(kOriginHashed, size);
  to->note = 0;
}

OUTLINE void chain_place_entry(Place* to, const Place* mapping, const Word* key, uint32_t mapping_type) {
  chain_place_entry_inlined(to, mapping, key, mapping_type);
}

INLINE void place_in_chunk(Place* to, const Place* array, uint64_t index, uint32_t shift, uint32_t element_size) {
  const uint64_t key[4] = {index >> shift, 0, 0, 0};
  // A chunk of one element is made whole.
  place_below(to, array, key, shift == 0 ? element_size : 0);
  to->word[4] += (index & ((1ull << shift) - 1)) * element_size;
}

EXPORTED void chain_place_element(Place* to, const Place* array, uint64_t index, uint32_t array_type) {
  const uint32_t size = solana_type_sizes[chain_types[array_type].element];
  const uint32_t shift = solana_chunk_shifts[array_type];
  if (shift != kInPlace) {
    place_in_chunk(to, array, index, shift, size);
    return;
  }
  *to = *array;
  to->word[4] += index * size;
  to->note = 0;
}

EXPORTED void chain_place_field(Place* to, const Place* structure, uint32_t field, uint32_t struct_type) {
  *to = *structure;
  to->word[4] += solana_field_offsets[chain_types[struct_type].first_field + field];
  to->note = 0;
}

// ---- values ----

INLINE void load_number(Word* to, const uint8_t* from, uint32_t bits, int is_signed) {
  uint64_t top;
  if (bits <= 64) {
    to->limb[0] = bits <= 8    ? (is_signed ? (uint64_t)(int64_t)(int8_t)*from : *from)
                  : bits <= 16 ? (is_signed ? (uint64_t)(int64_t)(int16_t)*(const Two*)from : *(const Two*)from)
                  : bits <= 32 ? (is_signed ? (uint64_t)(int64_t)(int32_t)*(const Four*)from : *(const Four*)from)
                               : load_64(from);
    top = is_signed ? (uint64_t)((int64_t)to->limb[0] >> 63) : 0;
    to->limb[1] = to->limb[2] = to->limb[3] = top;
    return;
  }
  to->limb[0] = load_64(from);
  to->limb[1] = load_64(from + 8);
  uint64_t last = to->limb[1];
  if (bits > 128) {
    to->limb[2] = last = load_64(from + 16);
  }
  if (bits > 192) {
    to->limb[3] = load_64(from + 24);
    return;
  }
  top = is_signed ? (uint64_t)((int64_t)last >> 63) : 0;
  to->limb[3] = top;
  if (bits <= 128) {
    to->limb[2] = top;
  }
}

INLINE void store_number(uint8_t* to, const Word* from, uint32_t bits) {
  if (bits <= 8) {
    *to = (uint8_t)from->limb[0];
  } else if (bits <= 16) {
    *(Two*)to = (uint16_t)from->limb[0];
  } else if (bits <= 32) {
    *(Four*)to = (uint32_t)from->limb[0];
  } else {
    store_64(to, from->limb[0]);
    if (bits > 64) {
      store_64(to + 8, from->limb[1]);
    }
    if (bits > 128) {
      store_64(to + 16, from->limb[2]);
    }
    if (bits > 192) {
      store_64(to + 24, from->limb[3]);
    }
  }
}

/// Where a value of `size` bytes stands; null when it has never been set.
static OUTLINE Status reach_value(const uint8_t** value, const Place* place, uint64_t size) {
  uint8_t* record;
  if (reach(&record, place) != kDone) {
    return kFailed;
  }
  const uint64_t begin = kHeaderSize + offset_of(place);
  *value = !record || account_length(record) < begin + size ? 0 : record + kAccountData + begin;
  return kDone;
}

EXPORTED Status chain_get_inlined(Word* to, const Place* place, uint32_t type) {
  const uint8_t* value = expected_value(place, solana_type_sizes[type]);
  if (UNLIKELY(!value)) {
    // Copies, so that places that nobody else looks at need not be in memory.
    const Place copy = *place;
    const uint8_t* reached;
    if (reach_value(&reached, &copy, solana_type_sizes[type]) != kDone) {
      return kFailed;
    }
    if (!reached) {
      note_value(place, 0);
      to->limb[0] = to->limb[1] = to->limb[2] = to->limb[3] = 0;
      return kDone;
    }
    value = reached;
  }
  note_value(place, value);
  load_number(to, value, bits_of(type), chain_types[type].kind == kSigned);
  return kDone;
}

static OUTLINE Status set_elsewhere(const Place* place, const Word* value, uint32_t type) {
  const int is_zero = (value->limb[0] | value->limb[1] | value->limb[2] | value->limb[3]) == 0;
  uint8_t* bytes;
  if (reach_to_write(&bytes, place, solana_type_sizes[type], is_zero) != kDone) {
    return kFailed;
  }
  if (bytes) {
    store_number(bytes, value, bits_of(type));
  }
  return kDone;
}

EXPORTED Status chain_set_inlined(const Place* place, const Word* value, uint32_t type) {
  uint8_t* bytes = expected_value(place, solana_type_sizes[type]);
  if (UNLIKELY(!bytes || !is_writable(place, bytes))) {
    const Place place_copy = *place;
    const Word value_copy = *value;
    return set_elsewhere(&place_copy, &value_copy, type);
  }
  note_value(place, bytes);
  store_number(bytes, value, bits_of(type));
  return kDone;
}

OUTLINE Status chain_get(Word* to, const Place* place, uint32_t type) { return chain_get_inlined(to, place, type); }
OUTLINE Status chain_set(const Place* place, const Word* value, uint32_t type) { return chain_set_inlined(place, value, type); }

// ---- lengths ----

static OUTLINE Status get_eight(uint64_t* to, const Place* place) {
  uint8_t* record;
  if (reach(&record, place) != kDone) {
    return kFailed;
  }
  *to = !record || account_length(record) < kHeaderSize + offset_of(place) + 8 ? 0 : load_64(record + kAccountData + kHeaderSize + offset_of(place));
  return kDone;
}

static OUTLINE Status put_eight(const Place* place, uint64_t value) {
  uint8_t* bytes;
  if (reach_to_write(&bytes, place, 8, value == 0) != kDone) {
    return kFailed;
  }
  if (bytes) {
    store_64(bytes, value);
  }
  return kDone;
}

Status chain_get_length(uint64_t* to, const Place* place, uint32_t type) {
  (void)type;  // it stands in front, whatever it is of
  return get_eight(to, place);
}

// ---- bytes and strings ----

/// Where byte `at` of a text of `length` bytes stands, and how many of the bytes behind it stand in a row.
static uint64_t place_of_byte(Place* to, const Place* text, uint64_t length, uint64_t at) {
  if (length <= kTextInPlace) {
    *to = *text;
    to->word[4] += 8 + at;
    to->note = 0;
    return kTextInPlace - at;
  }
  place_in_chunk(to, text, at, kTextChunkShift, 1);
  return (1ull << kTextChunkShift) - (at & ((1ull << kTextChunkShift) - 1));
}

/// Reads bytes [0, size) of a text whose length is `length`. What no account holds is zero, as `to` is.
static OUTLINE Status read_text(uint8_t* to, const Place* text, uint64_t length, uint64_t size) {
  for (uint64_t at = 0; at < size;) {
    Place place;
    uint64_t count = place_of_byte(&place, text, length, at);
    count = count < size - at ? count : size - at;
    uint8_t* record;
    if (reach(&record, &place) != kDone) {
      return kFailed;
    }
    const uint64_t begin = kHeaderSize + offset_of(&place);
    if (record && account_length(record) > begin) {
      const uint64_t there = account_length(record) - begin;
      sol_memcpy_(to + at, record + kAccountData + begin, count < there ? count : there);
    }
    at += count;
  }
  return kDone;
}

/// Writes bytes [at, at + size) of a text whose length is `length`; zeros where `from` is null.
static OUTLINE Status write_text(const Place* text, uint64_t length, uint64_t at, const uint8_t* from, uint64_t size) {
  const uint64_t end = at + size;
  for (uint64_t k = at; k < end;) {
    Place place;
    uint64_t count = place_of_byte(&place, text, length, k);
    count = count < end - k ? count : end - k;
    if (!from) {
      // Only what is there need be cleared.
      uint8_t* record;
      if (reach(&record, &place) != kDone) {
        return kFailed;
      }
      const uint64_t begin = kHeaderSize + offset_of(&place);
      const uint64_t there = record && account_length(record) > begin ? account_length(record) - begin : 0;
      const uint64_t cleared = count < there ? count : there;
      if (cleared > 0) {
        if (!record[kAccountWritable]) {
          return chain_ends(kNotWritable);
        }
        sol_memset_(record + kAccountData + begin, 0, cleared);
      }
    } else {
      uint8_t* bytes;
      if (reach_to_write(&bytes, &place, count, 0) != kDone) {
        return kFailed;
      }
      sol_memcpy_(bytes, from + (k - at), count);
    }
    k += count;
  }
  return kDone;
}

Status chain_get_bytes(Bytes** to, const Place* place) {
  uint64_t length;
  *to = 0;
  if (get_eight(&length, place) != kDone) {
    return kFailed;
  }
  if (length == 0) {
    return kDone;
  }
  *to = chain_new_bytes(length);
  return *to ? read_text((*to)->data, place, length, length) : chain_panic(kPanicMemory);
}

Status chain_set_bytes(const Place* place, const Bytes* value) {
  const uint64_t length = value ? value->length : 0;
  uint64_t had;
  if (get_eight(&had, place) != kDone) {
    return kFailed;
  }
  const int stays = (had <= kTextInPlace) == (length <= kTextInPlace);
  const uint64_t kept = stays ? length : 0;
  if (had > kept && write_text(place, had, kept, 0, had - kept) != kDone) {
    return kFailed;
  }
  if (had != length && put_eight(place, length) != kDone) {
    return kFailed;
  }
  return length == 0 ? kDone : write_text(place, length, 0, value->data, length);
}

/// The whole text that stands in place goes to a chunk, or back.
static Status move_text(const Place* place, uint64_t from, uint64_t to) {
  uint8_t content[kTextInPlace] = {0};
  const uint64_t kept = from < to ? from : to;
  if (read_text(content, place, from, kept) != kDone || write_text(place, from, 0, 0, from) != kDone) {
    return kFailed;
  }
  return kept == 0 ? kDone : write_text(place, to, 0, content, kept);
}

Status chain_set_length(const Place* place, uint64_t length, uint32_t type) {
  const uint32_t kind = chain_types[type].kind;
  if (kind == kBytes || kind == kString) {
    uint64_t had;
    if (get_eight(&had, place) != kDone) {
      return kFailed;
    }
    if ((had <= kTextInPlace) != (length <= kTextInPlace)) {
      if (move_text(place, had, length) != kDone) {
        return kFailed;
      }
    } else if (had > length && write_text(place, had, length, 0, had - length) != kDone) {
      return kFailed;
    }
  }
  return put_eight(place, length);
}
