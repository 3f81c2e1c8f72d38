// SPDX-License-Identifier: Apache-2.0
// Bytes of Solidity's ABI as values. Source: Solidity documentation, "Contract ABI Specification".
#include "runtime/chain/shared.h"

typedef struct {
  const uint8_t* data;
  uint64_t size;
  int is_calldata;  ///< what is decoded is declared so
} Input;

static int in_range(const Word* value, const DataType* row) {
  switch (row->kind) {
    case kBool: return fits_64(value) && value->limb[0] <= 1;
    case kEnum: return fits_64(value) && value->limb[0] < row->length;
    case kAddress: return value->limb[2] >> 32 == 0 && value->limb[3] == 0;
    default: break;
  }
  const uint32_t last = (row->bits - 1) / 64, bit = (row->bits - 1) % 64;
  if (row->kind == kSigned) {
    const uint64_t sign = 0 - (value->limb[last] >> bit & 1);
    uint64_t differs = bit == 63 ? 0 : (value->limb[last] ^ sign) >> bit;
    for (uint32_t i = last + 1; i < 4; ++i) {
      differs |= value->limb[i] ^ sign;
    }
    return differs == 0;
  }
  uint64_t more = bit == 63 ? 0 : value->limb[last] >> (bit + 1);
  for (uint32_t i = last + 1; i < 4; ++i) {
    more |= value->limb[i];
  }
  return more == 0;
}

int chain_in_range(const Word* value, uint32_t type) { return in_range(value, &chain_types[type]); }

static Status decode_value(const Input* in, const DataType* type, uint64_t at, Word* to) {
  read_word(to, in->data + at);
  if (type->kind == kFixedBytes && type->bits != 256) {
    Word rest;
    chain_shift_left(&rest, to, type->bits, 0);
    if (!is_zero(&rest)) {
      return chain_revert(NULL);
    }
    chain_shift_right(to, to, 256 - type->bits, 0);
    return kDone;
  }
  return in_range(to, type) ? kDone : chain_revert(NULL);
}

static uint64_t head_size(const DataType* type) { return type->is_dynamic != 0 ? 32 : type->part_bytes; }

static Status decode_one(const Input* in, const DataType* type, uint64_t at, uint64_t base, Word* to);

/// A length at `at`, of elements that take `unit` bytes of memory each.
static Status read_length(const Input* in, uint64_t at, uint64_t unit, uint64_t* length) {
  Word word;
  if (in->size - at < 32) {
    return chain_revert(NULL);
  }
  read_word(&word, in->data + at);
  // What no memory has an address for is a panic of its own (an EVM's memory begins at 0xc0); what is only not there is bad data.
  if (!fits_64(&word) || word.limb[0] > (unit == 1 ? ~(uint64_t)0 - 0xc0 : (~(uint64_t)0 - 0xc0) / 32)) {
    return in->is_calldata ? chain_revert(NULL) : chain_panic(kPanicMemory);
  }
  *length = word.limb[0];
  return kDone;
}

static Status decode_parts(const Input* in, const DataType* type, uint64_t at, uint64_t base, Word* to) {
  const uint64_t count = part_count(type);
  Word* parts = count > (uint64_t)1 << 32 ? NULL : (Word*)chain_allocate(count * sizeof(Word));
  if (parts == NULL) {
    return chain_panic(kPanicMemory);
  }
  *to = word_of_reference(parts);
  for (uint64_t k = 0; k < count; ++k) {
    const DataType* part = &chain_types[part_type(type, k)];
    if (decode_one(in, part, at, base, &parts[k]) != kDone) {
      return kFailed;
    }
    at += head_size(part);
  }
  return kDone;
}

static Status decode_bytes(const Input* in, uint64_t at, Word* to) {
  uint64_t length = 0;
  if (read_length(in, at, 1, &length) != kDone) {
    return kFailed;
  }
  if (length > in->size - at - 32) {
    return chain_revert(NULL);
  }
  Bytes* bytes = chain_new_bytes(length);
  if (bytes == NULL) {
    return chain_panic(kPanicMemory);
  }
  copy_bytes(bytes->data, in->data + at + 32, length);
  *to = word_of_reference(bytes);
  return kDone;
}

static Status decode_array(const Input* in, const DataType* type, uint64_t at, Word* to) {
  uint64_t length = 0;
  if (read_length(in, at, sizeof(Word), &length) != kDone) {
    return kFailed;
  }
  const DataType* element = &chain_types[type->element];
  const uint64_t base = at + 32, each = head_size(element);
  if (each != 0 && length > (in->size - base) / checked_divisor(each)) {
    return chain_revert(NULL);
  }
  Array* array = chain_new_array(length);
  if (array == NULL) {
    return chain_panic(kPanicMemory);
  }
  *to = word_of_reference(array);
  for (uint64_t k = 0; k < length; ++k) {
    if (decode_one(in, element, base + k * each, base, &array->data[k]) != kDone) {
      return kFailed;
    }
  }
  return kDone;
}

static Status decode_one(const Input* in, const DataType* type, uint64_t at, uint64_t base, Word* to) {
  if (is_value(type)) {
    return decode_value(in, type, at, to);
  }
  if (type->is_dynamic == 0) {
    return decode_parts(in, type, at, base, to);
  }
  Word offset;
  read_word(&offset, in->data + at);
  if (!fits_64(&offset) || offset.limb[0] > in->size - base) {
    return chain_revert(NULL);
  }
  at = base + offset.limb[0];
  if (is_bytes(type)) {
    return decode_bytes(in, at, to);
  }
  if (type->kind == kArray) {
    return decode_array(in, type, at, to);
  }
  return type->part_bytes > in->size - at ? chain_revert(NULL) : decode_parts(in, type, at, at, to);
}

/// Types as a list of numbers, or, where that is null, those of fields.
static Status decode_list(Input* in, uint32_t count, const uint32_t* types, const Field* fields, Word* values) {
  uint64_t heads = 0;
  for (uint32_t k = 0; k < count && heads <= in->size; ++k) {
    heads += head_size(&chain_types[types != NULL ? types[k] : fields[k].type]);
  }
  if (heads > in->size) {
    return chain_revert(NULL);
  }
  uint64_t at = 0;
  for (uint32_t k = 0; k < count; ++k) {
    const DataType* type = &chain_types[types != NULL ? types[k] : fields[k].type];
    in->is_calldata = types == NULL && (fields[k].flags & kCalldata) != 0;
    if (decode_one(in, type, at, 0, &values[k]) != kDone) {
      return kFailed;
    }
    at += head_size(type);
  }
  return kDone;
}

OUTLINE Status chain_decode(const Bytes* data, uint64_t from, uint32_t count, const uint32_t* types, Word* values) {
  Input in = {data == NULL ? NULL : data->data + from, byte_count(data) - from, 0};
  return decode_list(&in, count, types, NULL, values);
}

OUTLINE Status chain_decode_fields(const Bytes* data, uint64_t from, Fields fields, Word* values) {
  Input in = {data == NULL ? NULL : data->data + from, byte_count(data) - from, 0};
  return decode_list(&in, fields.count, NULL, chain_fields + fields.first, values);
}
