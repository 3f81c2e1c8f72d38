// SPDX-License-Identifier: Apache-2.0
// State: a key for each value, laid out as cw-storage-plus has them. A place is a list of parts: the variable's name, then keys of mappings, names of fields,
// numbers of elements. Its key is the parts one behind the other, all but the last with their length in front (two bytes, the first the most significant).
// Whether a part is the last follows from the types, so no two places have one key. Values are JSON, bytes and strings are as they are; what is zero has no
// key.
//
// Place: word[0] is the address of the key, word[1] its length, word[2] where its last part begins. A null address: there was no memory.

enum { kMostPartBytes = 255 };

static void place_below(Place* to, const Place* parent, const uint8_t* part, uint64_t length) {
  const uint64_t last = parent->word[1] - parent->word[2];
  const uint64_t begin = parent->word[1] + 2;
  uint8_t* key = parent->word[0] == 0 ? 0 : chain_allocate(begin + length);
  to->word[0] = (uint64_t)(uintptr_t)key;
  if (key == 0) {
    return;
  }
  const uint8_t* old = (const uint8_t*)(uintptr_t)parent->word[0];
  copy_bytes(key, old, parent->word[2]);
  key[parent->word[2]] = (uint8_t)(last >> 8);
  key[parent->word[2] + 1] = (uint8_t)last;
  copy_bytes(key + parent->word[2] + 2, old + parent->word[2], last);
  copy_bytes(key + begin, part, length);
  to->word[1] = begin + length;
  to->word[2] = begin;
}

void chain_place_variable(Place* to, uint32_t variable) {
  const Name name = chain_variables[variable].name;
  to->word[0] = (uint64_t)(uintptr_t)(chain_names + name.first);
  to->word[1] = name.length;
  to->word[2] = 0;
}

/// Integers: the most significant byte first; of signed ones the sign's bit is turned over, so that keys are in the order of numbers.
static uint32_t integer_key(uint8_t to[32], const Word* key, const DataType* type) {
  const uint32_t size = type->kind == kAddress ? kAddressBytes : type->kind == kBool || type->kind == kEnum ? 1 : type->bits / 8;
  bytes_of_word(to, key, size);
  if (type->kind == kSigned) {
    to[0] ^= 0x80;
  }
  return size;
}

/// A key of bytes that is longer than a part may be: its beginning and the hash of all of it, one byte more than any other has.
static void long_key(uint8_t to[kMostPartBytes + 1], const Bytes* key) {
  copy_bytes(to, key->data, kMostPartBytes + 1 - 32);
  chain_sha256(to + kMostPartBytes + 1 - 32, key->data, key->length);
}

void chain_place_entry(Place* to, const Place* mapping, const Word* key, uint32_t mapping_type) {
  const DataType* type = &chain_types[chain_types[mapping_type].key];
  if (is_bytes(type)) {
    const Bytes* bytes = reference(key);
    if (byte_count(bytes) > kMostPartBytes) {
      uint8_t part[kMostPartBytes + 1];
      long_key(part, bytes);
      place_below(to, mapping, part, sizeof part);
    } else {
      place_below(to, mapping, bytes == 0 ? 0 : bytes->data, byte_count(bytes));
    }
    return;
  }
  uint8_t part[32];
  place_below(to, mapping, part, integer_key(part, key, type));
}

void chain_place_element(Place* to, const Place* array, uint64_t index, uint32_t array_type) {
  (void)array_type;
  uint8_t part[8];
  const Word number = word_of(index);
  bytes_of_word(part, &number, sizeof part);
  place_below(to, array, part, sizeof part);
}

void chain_place_field(Place* to, const Place* structure, uint32_t field, uint32_t struct_type) {
  const Name name = chain_fields[chain_types[struct_type].first_field + field].name;
  place_below(to, structure, chain_names + name.first, name.length);
}

/// What lies under the place's key, of length 0 where there is nothing; kFailed without memory.
static Status read_key(const Place* place, const uint8_t** bytes, uint64_t* length) {
  if (place->word[0] == 0) {
    return chain_panic(kPanicMemory);
  }
  const Region key = region_of((const uint8_t*)(uintptr_t)place->word[0], place->word[1]);
  const Region* value = db_read(&key);
  *bytes = value == 0 ? 0 : region_bytes(value);
  *length = value == 0 ? 0 : value->length;
  return kDone;
}

static Status write_key(const Place* place, const uint8_t* bytes, uint64_t length) {
  if (place->word[0] == 0) {
    return chain_panic(kPanicMemory);
  }
  const Region key = region_of((const uint8_t*)(uintptr_t)place->word[0], place->word[1]);
  if (length == 0) {
    db_remove(&key);
    return kDone;
  }
  if (length > kMaxStoredBytes) {
    return complain(kTooLong, "bytes or a string in the state would have more than 131072 bytes");
  }
  const Region value = region_of(bytes, length);
  db_write(&key, &value);
  return kDone;
}

Status chain_get(Word* to, const Place* place, uint32_t type) {
  *to = word_of(0);
  const uint64_t mark = this_call.machine.heap_next;
  const LongAddress* addresses = this_call.addresses;
  const uint8_t* bytes = 0;
  uint64_t length = 0;
  if (read_key(place, &bytes, &length) != kDone) {
    return kFailed;
  }
  if (length != 0) {
    Reader reader = reader_of(bytes, length);
    if (!read_value(&reader, type, to) || !is_over(&reader)) {
      return complain(kBadState, "what lies in the state is no value of its type");
    }
  }
  if (addresses == this_call.addresses) {
    release_memory(mark);
  }
  return kDone;
}

Status chain_set(const Place* place, const Word* value, uint32_t type) {
  if (is_zero(value)) {
    return write_key(place, 0, 0);
  }
  const uint64_t mark = this_call.machine.heap_next;
  Writer text = {0, 0, 0, 0};
  if (write_value(&text, type, value) != kDone) {
    return kFailed;
  }
  if (text.has_failed) {
    return chain_panic(kPanicMemory);
  }
  return released(mark, write_key(place, text.data, text.length));
}

Status chain_get_bytes(Bytes** to, const Place* place) {
  const uint8_t* bytes = 0;
  uint64_t length = 0;
  *to = 0;
  if (read_key(place, &bytes, &length) != kDone) {
    return kFailed;
  }
  if (length == 0) {
    return kDone;
  }
  *to = chain_new_bytes(length);
  if (*to == 0) {
    return chain_panic(kPanicMemory);
  }
  copy_bytes((*to)->data, bytes, length);
  return kDone;
}

Status chain_set_bytes(const Place* place, const Bytes* value) { return write_key(place, value == 0 ? 0 : value->data, byte_count(value)); }

static const uint8_t kLengthPart[] = {'l', 'e', 'n', 'g', 't', 'h'};

/// Lengths of arrays lie beside the elements, as numbers in JSON.
Status chain_get_length(uint64_t* to, const Place* place, uint32_t type) {
  const uint64_t mark = this_call.machine.heap_next;
  const uint8_t* bytes = 0;
  *to = 0;
  if (is_bytes(&chain_types[type])) {
    return released(mark, read_key(place, &bytes, to));
  }
  Place length;
  place_below(&length, place, kLengthPart, sizeof kLengthPart);
  uint64_t size = 0;
  if (read_key(&length, &bytes, &size) != kDone) {
    return kFailed;
  }
  Word number = word_of(0);
  int is_below_zero = 0;
  if (size != 0 && (!number_of_digits(&number, bytes, size, &is_below_zero) || is_below_zero || !fits_64(&number))) {
    return complain(kBadState, "what lies in the state is no length");
  }
  *to = number.limb[0];
  release_memory(mark);
  return kDone;
}

static Status resize_bytes(const Place* place, uint64_t length) {
  if (length > kMaxStoredBytes) {
    return complain(kTooLong, "bytes or a string in the state would have more than 131072 bytes");
  }
  const uint64_t mark = this_call.machine.heap_next;
  const uint8_t* bytes = 0;
  uint64_t size = 0;
  uint8_t* resized = chain_allocate(length);
  if (resized == 0) {
    return chain_panic(kPanicMemory);
  }
  if (read_key(place, &bytes, &size) != kDone) {
    return kFailed;
  }
  copy_bytes(resized, bytes, size < length ? size : length);
  return released(mark, write_key(place, resized, length));
}

Status chain_set_length(const Place* place, uint64_t length, uint32_t type) {
  if (is_bytes(&chain_types[type])) {
    return resize_bytes(place, length);
  }
  const uint64_t mark = this_call.machine.heap_next;
  Place at;
  place_below(&at, place, kLengthPart, sizeof kLengthPart);
  Writer text = {0, 0, 0, 0};
  const Word number = word_of(length);
  if (length != 0) {
    write_decimal(&text, &number, 0);
  }
  if (text.has_failed) {
    return chain_panic(kPanicMemory);
  }
  return released(mark, write_key(&at, text.data, text.length));
}
