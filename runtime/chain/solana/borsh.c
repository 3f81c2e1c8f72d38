// SPDX-License-Identifier: Apache-2.0
// Values as those outside see them: Borsh. Integers take the next wider of 1, 2, 4, 8, 16, 32 bytes, addresses 32 (an account's; ours are the last 20),
// bytesN N bytes, enums one; in front of bytes, strings and vectors stand four bytes of length; fixed arrays and structs are their parts.
#include "runtime/chain/solana/solana.h"

/// Bytes of an integer outside.
INLINE uint32_t number_size(uint32_t bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : bits <= 128 ? 16 : 32; }

/// Bytes of a value of a kind up to kEnum outside.
INLINE uint32_t leaf_size(uint32_t type) {
  switch (chain_types[type].kind) {
    case kBool:
    case kEnum: return 1;
    case kAddress: return 32;
    case kFixedBytes: return chain_types[type].bits / 8;
    default: return number_size(chain_types[type].bits);
  }
}

// ---- reading ----

/// The data are not what the function takes: as a call that does not decode, it reverts without data.
INLINE Status bad_data(void) { return chain_revert(0); }

INLINE void read_address(Word* to, const uint8_t* from) {
  to->limb[0] = __builtin_bswap64(load_64(from + 24));
  to->limb[1] = __builtin_bswap64(load_64(from + 16));
  to->limb[2] = __builtin_bswap32(*(const Four*)(from + 12));
  to->limb[3] = 0;
}

INLINE void read_number(Word* to, const uint8_t* from, uint32_t bits, int is_signed) {
  const uint32_t size = number_size(bits);
  to->limb[0] = size == 1   ? (is_signed ? (uint64_t)(int64_t)(int8_t)*from : *from)
                : size == 2 ? (is_signed ? (uint64_t)(int64_t)(int16_t)*(const Two*)from : *(const Two*)from)
                : size == 4 ? (is_signed ? (uint64_t)(int64_t)(int32_t)*(const Four*)from : *(const Four*)from)
                            : load_64(from);
  // Written out, for loops would be only after values have found their registers.
  uint64_t last = to->limb[0];
  if (size > 8) {
    to->limb[1] = last = load_64(from + 8);
  }
  if (size > 16) {
    to->limb[2] = load_64(from + 16);
    to->limb[3] = load_64(from + 24);
    return;
  }
  const uint64_t top = is_signed ? (uint64_t)((int64_t)last >> 63) : 0;
  if (size <= 8) {
    to->limb[1] = top;
  }
  to->limb[2] = to->limb[3] = top;
}

/// A number whose first byte is the most significant.
INLINE void read_fixed_bytes(Word* to, const uint8_t* from, uint32_t size) {
  if (size == 32) {
    for (int k = 0; k < 4; ++k) {
      to->limb[k] = __builtin_bswap64(load_64(from + 24 - 8 * k));
    }
    return;
  }
  to->limb[0] = to->limb[1] = to->limb[2] = to->limb[3] = 0;
  for (uint32_t k = 0; k < size; ++k) {
    const uint32_t place = size - 1 - k;
    to->limb[place / 8] |= (uint64_t)from[k] << (place % 8 * 8);
  }
}

/// Bytes of a value of a kind up to kEnum in the instruction's data.
EXPORTED uint64_t solana_leaf_size(uint32_t type) { return leaf_size(type); }

/// Reads a value of a kind up to kEnum.
EXPORTED Status solana_read(Word* to, const uint8_t* from, uint32_t type) {
  const uint32_t kind = chain_types[type].kind;
  const uint32_t size = leaf_size(type);
  if (kind == kAddress) {
    read_address(to, from);
    return kDone;
  }
  if (kind == kFixedBytes) {
    read_fixed_bytes(to, from, size);
    return kDone;
  }
  const uint32_t bits = kind == kBool || kind == kEnum ? 8 : chain_types[type].bits;
  read_number(to, from, bits, kind == kSigned);
  // An integer whose own width is the one outside has no values out of range.
  if ((kind == kUnsigned || kind == kSigned) && bits == size * 8) {
    return kDone;
  }
  return UNLIKELY(!chain_in_range(to, type)) ? bad_data() : kDone;
}

INLINE Status take_leaf(Word* to, uint32_t type) {
  const uint32_t size = leaf_size(type);
  const uint8_t* from = CALL->data;
  if ((uint64_t)(CALL->end - from) < size) {
    return bad_data();
  }
  CALL->data = from + size;
  return solana_read(to, from, type);
}

static OUTLINE Status take_whole(Word* to, uint32_t type);

/// Takes a value of the type from the instruction's data.
EXPORTED Status solana_take(Word* to, uint32_t type) { return chain_types[type].kind <= kEnum ? take_leaf(to, type) : take_whole(to, type); }

static Status take_length(uint64_t* to) {
  if (CALL->end - CALL->data < 4) {
    return bad_data();
  }
  *to = *(const Four*)CALL->data;
  CALL->data += 4;
  // Everything takes a byte at least.
  return *to <= (uint64_t)(CALL->end - CALL->data) ? kDone : bad_data();
}

static Status take_text(Word* to) {
  uint64_t length;
  if (take_length(&length) != kDone) {
    return kFailed;
  }
  if (length == 0) {
    return kDone;
  }
  Bytes* text = chain_new_bytes(length);
  if (!text) {
    return chain_panic(kPanicMemory);
  }
  sol_memcpy_(text->data, CALL->data, length);
  CALL->data += length;
  to->limb[0] = (uint64_t)text;
  return kDone;
}

/// Of anything but leaves.
static OUTLINE Status take_whole(Word* to, uint32_t type) {
  const DataType* row = &chain_types[type];
  to->limb[0] = to->limb[1] = to->limb[2] = to->limb[3] = 0;
  if (row->kind == kBytes || row->kind == kString) {
    return take_text(to);
  }
  uint64_t count = row->kind == kStruct ? row->field_count : row->length;
  if (row->kind == kArray) {
    if (take_length(&count) != kDone) {
      return kFailed;
    }
    if (count == 0) {
      return kDone;
    }
  }
  const uint64_t head = row->kind == kArray ? sizeof(uint64_t) : 0;
  uint8_t* made = chain_allocate(head + count * sizeof(Word));
  if (!made) {
    return chain_panic(kPanicMemory);
  }
  if (row->kind == kArray) {
    ((Array*)made)->length = count;
  }
  to->limb[0] = (uint64_t)made;
  Word* words = (Word*)(made + head);
  for (uint64_t k = 0; k < count; ++k) {
    const uint32_t part = row->kind == kStruct ? chain_fields[row->first_field + k].type : row->element;
    if (solana_take(&words[k], part) != kDone) {
      return kFailed;
    }
  }
  return kDone;
}

// ---- writing ----

INLINE void write_address(uint8_t* to, const Word* from) {
  store_64(to, 0);
  *(Four*)(to + 8) = 0;
  *(Four*)(to + 12) = __builtin_bswap32((uint32_t)from->limb[2]);
  store_64(to + 16, __builtin_bswap64(from->limb[1]));
  store_64(to + 24, __builtin_bswap64(from->limb[0]));
}

INLINE void write_fixed_bytes(uint8_t* to, const Word* from, uint32_t size) {
  if (size == 32) {
    for (int k = 0; k < 4; ++k) {
      store_64(to + 24 - 8 * k, __builtin_bswap64(from->limb[k]));
    }
    return;
  }
  for (uint32_t k = 0; k < size; ++k) {
    const uint32_t place = size - 1 - k;
    to[k] = (uint8_t)(from->limb[place / 8] >> (place % 8 * 8));
  }
}

/// Writes a leaf, and returns where the next value goes.
INLINE uint8_t* put_leaf(uint8_t* to, const Word* value, uint32_t type) {
  const uint32_t size = leaf_size(type);
  if (chain_types[type].kind == kAddress) {
    write_address(to, value);
  } else if (chain_types[type].kind == kFixedBytes) {
    write_fixed_bytes(to, value, size);
  } else if (size == 1) {
    *to = (uint8_t)value->limb[0];
  } else if (size == 2) {
    *(Two*)to = (uint16_t)value->limb[0];
  } else if (size == 4) {
    *(Four*)to = (uint32_t)value->limb[0];
  } else {
    store_64(to, value->limb[0]);
    if (size > 8) {
      store_64(to + 8, value->limb[1]);
    }
    if (size > 16) {
      store_64(to + 16, value->limb[2]);
      store_64(to + 24, value->limb[3]);
    }
  }
  return to + size;
}

typedef struct {
  const Word* words;
  uint64_t count;
} Parts;

/// What an array, a fixed array or a struct holds.
static Parts parts_of(const Word* value, uint32_t type) {
  const DataType* row = &chain_types[type];
  const Array* array = (const Array*)value->limb[0];
  Parts parts = {(const Word*)value->limb[0], row->kind == kStruct ? row->field_count : row->length};
  if (row->kind == kArray) {
    parts.words = array ? array->data : 0;
    parts.count = array ? array->length : 0;
  }
  return parts;
}

static OUTLINE uint64_t whole_size(const Word* value, uint32_t type);
static OUTLINE uint8_t* put_whole(uint8_t* to, const Word* value, uint32_t type);

/// Bytes that the value takes outside.
EXPORTED uint64_t solana_size(const Word* value, uint32_t type) { return chain_types[type].kind <= kEnum ? leaf_size(type) : whole_size(value, type); }

/// Writes the value, and returns where the next one goes.
EXPORTED uint8_t* solana_put(uint8_t* to, const Word* value, uint32_t type) {
  return chain_types[type].kind <= kEnum ? put_leaf(to, value, type) : put_whole(to, value, type);
}

static OUTLINE uint64_t whole_size(const Word* value, uint32_t type) {
  const DataType* row = &chain_types[type];
  if (row->kind == kBytes || row->kind == kString) {
    const Bytes* text = (const Bytes*)value->limb[0];
    return 4 + (text ? text->length : 0);
  }
  const Parts parts = parts_of(value, type);
  uint64_t size = row->kind == kArray ? 4 : 0;
  if (row->kind != kStruct && chain_types[row->element].kind <= kEnum) {
    return size + parts.count * leaf_size(row->element);
  }
  for (uint64_t k = 0; k < parts.count; ++k) {
    size += solana_size(&parts.words[k], row->kind == kStruct ? chain_fields[row->first_field + k].type : row->element);
  }
  return size;
}

static OUTLINE uint8_t* put_whole(uint8_t* to, const Word* value, uint32_t type) {
  const DataType* row = &chain_types[type];
  if (row->kind == kBytes || row->kind == kString) {
    const Bytes* text = (const Bytes*)value->limb[0];
    *(Four*)to = text ? (uint32_t)text->length : 0;
    if (text) {
      sol_memcpy_(to + 4, text->data, text->length);
    }
    return to + 4 + (text ? text->length : 0);
  }
  const Parts parts = parts_of(value, type);
  if (row->kind == kArray) {
    *(Four*)to = (uint32_t)parts.count;
    to += 4;
  }
  for (uint64_t k = 0; k < parts.count; ++k) {
    to = solana_put(to, &parts.words[k], row->kind == kStruct ? chain_fields[row->first_field + k].type : row->element);
  }
  return to;
}
