// SPDX-License-Identifier: Apache-2.0
// Values as bytes of Solidity's ABI. Source: Solidity documentation, "Contract ABI Specification". What is written grows at the heap's end, where nothing else
// is put meanwhile.
#include "runtime/chain/shared.h"

typedef struct {
  uint8_t* end;
  uint8_t* limit;
} Output;

/// Begins a byte string; null when there is no memory.
static Bytes* begin_output(Output* out) {
  Machine* machine = chain_machine();
  if (machine->heap_end - machine->heap_next < sizeof(Bytes) && !chain_grow(sizeof(Bytes))) {
    return NULL;
  }
  Bytes* bytes = (Bytes*)(uintptr_t)machine->heap_next;
  out->end = bytes->data;
  out->limit = (uint8_t*)(uintptr_t)machine->heap_end;
  return bytes;
}

/// The string with everything that was written; forgotten when there was no room for it.
static Bytes* end_output(const Output* out, Bytes* bytes, int is_whole) {
  if (!is_whole) {
    for (uint8_t* at = (uint8_t*)bytes; at != out->end; ++at) {
      *at = 0;  // free memory is zero
    }
    return NULL;
  }
  bytes->length = (uint64_t)(out->end - bytes->data);
  chain_machine()->heap_next = ((uint64_t)(uintptr_t)out->end + 7) & ~(uint64_t)7;
  return bytes;
}

/// Room for `count` zero bytes; null when there is none.
static uint8_t* grow(Output* out, uint64_t count) {
  uint8_t* at = out->end;
  if (count > (uint64_t)(out->limit - at)) {
    return NULL;
  }
  out->end = at + count;
  return at;
}

static int append_bytes(Output* out, const Bytes* bytes, int is_padded) {
  const uint64_t length = byte_count(bytes);
  uint8_t* at = length > (uint64_t)1 << 40 ? NULL : grow(out, is_padded ? (length + 31) & ~(uint64_t)31 : length);
  if (at == NULL) {
    return 0;
  }
  if (length != 0) {
    copy_bytes(at, bytes->data, length);
  }
  return 1;
}

static int append_word(Output* out, const Word* word) {
  uint8_t* at = grow(out, 32);
  if (at != NULL) {
    write_word(at, word);
  }
  return at != NULL;
}

/// A value as it stands in a word: bytesN at its beginning.
static void encoded_value(Word* to, const DataType* type, const Word* value) {
  if (type->kind == kFixedBytes && type->bits != 256) {
    chain_shift_left(to, value, 256 - type->bits, 0);
  } else {
    *to = *value;
  }
}

static uint64_t head_bytes(const DataType* type) { return type->is_dynamic != 0 ? 32 : type->part_bytes; }

static int encode_one(Output* out, const DataType* type, const Word* value, uint8_t* at, const uint8_t* base);

static int encode_parts(Output* out, const DataType* type, const Word* parts, uint8_t* at, const uint8_t* base) {
  const uint64_t count = part_count(type);
  for (uint64_t k = 0; k < count; ++k) {
    const DataType* part = &chain_types[part_type(type, k)];
    if (!encode_one(out, part, &parts[k], at, base)) {
      return 0;
    }
    at += head_bytes(part);
  }
  return 1;
}

static int encode_tail(Output* out, const DataType* type, const Word* value) {
  if (is_bytes(type)) {
    const Bytes* bytes = (const Bytes*)reference(value);
    const Word length = word_of(byte_count(bytes));
    return append_word(out, &length) && append_bytes(out, bytes, 1);
  }
  if (type->kind != kArray) {
    uint8_t* base = grow(out, type->part_bytes);
    return base != NULL && encode_parts(out, type, (const Word*)reference(value), base, base);
  }
  const Array* array = (const Array*)reference(value);
  const DataType* element = &chain_types[type->element];
  const uint64_t count = element_count(array), each = head_bytes(element);
  const Word length = word_of(count);
  if (!append_word(out, &length) || (each != 0 && count > ((uint64_t)1 << 40) / checked_divisor(each))) {
    return 0;
  }
  uint8_t* base = grow(out, count * each);
  if (base == NULL) {
    return 0;
  }
  for (uint64_t k = 0; k < count; ++k) {
    if (!encode_one(out, element, &array->data[k], base + k * each, base)) {
      return 0;
    }
  }
  return 1;
}

/// Writes a value's head at `at` and, when it is dynamic, the rest to the end; offsets count from `base`.
static int encode_one(Output* out, const DataType* type, const Word* value, uint8_t* at, const uint8_t* base) {
  if (is_value(type)) {
    Word encoded;
    encoded_value(&encoded, type, value);
    write_word(at, &encoded);
    return 1;
  }
  if (type->is_dynamic != 0) {
    const Word offset = word_of((uint64_t)(out->end - base));
    write_word(at, &offset);
    return encode_tail(out, type, value);
  }
  return encode_parts(out, type, (const Word*)reference(value), at, base);
}

/// Types as a list of numbers, or, where that is null, those of fields from `first_field` on.
static const DataType* listed_type(const uint32_t* types, uint32_t first_field, uint32_t k) {
  return &chain_types[types != NULL ? types[k] : chain_fields[first_field + k].type];
}

static int encode_values(Output* out, uint32_t count, const uint32_t* types, uint32_t first_field, const Word* values) {
  uint64_t heads = 0;
  for (uint32_t k = 0; k < count; ++k) {
    heads += head_bytes(listed_type(types, first_field, k));
    if (heads > (uint64_t)1 << 40) {
      return 0;
    }
  }
  uint8_t* base = grow(out, heads);
  uint8_t* at = base;
  if (base == NULL) {
    return 0;
  }
  for (uint32_t k = 0; k < count; ++k) {
    const DataType* type = listed_type(types, first_field, k);
    if (!encode_one(out, type, &values[k], at, base)) {
      return 0;
    }
    at += head_bytes(type);
  }
  return 1;
}

OUTLINE Bytes* chain_encode(uint32_t count, const uint32_t* types, const Word* values, const Bytes* prefix) {
  Output out;
  Bytes* bytes = begin_output(&out);
  return bytes == NULL ? NULL : end_output(&out, bytes, append_bytes(&out, prefix, 0) && encode_values(&out, count, types, 0, values));
}

static int append_selector(Output* out, uint32_t selector) {
  uint8_t* at = grow(out, 4);
  if (at != NULL) {
    at[0] = (uint8_t)(selector >> 24), at[1] = (uint8_t)(selector >> 16), at[2] = (uint8_t)(selector >> 8), at[3] = (uint8_t)selector;
  }
  return at != NULL;
}

OUTLINE Bytes* chain_encode_fields(Fields fields, const Word* values, uint32_t selector, uint32_t has_selector) {
  Output out;
  Bytes* bytes = begin_output(&out);
  if (bytes == NULL) {
    return NULL;
  }
  const int is_whole = (!has_selector || append_selector(&out, selector)) && encode_values(&out, fields.count, NULL, fields.first, values);
  return end_output(&out, bytes, is_whole);
}

OUTLINE Bytes* chain_encode_with_selector(uint32_t count, const uint32_t* types, const Word* values) {
  Output out;
  Bytes* bytes = begin_output(&out);
  if (bytes == NULL) {
    return NULL;
  }
  return end_output(&out, bytes, append_selector(&out, (uint32_t)values[0].limb[0]) && encode_values(&out, count - 1, types + 1, 0, values + 1));
}

/// Without lengths and offsets; every part of something fills whole words.
static int append_in_place(Output* out, const DataType* type, const Word* value, int is_whole) {
  if (is_value(type)) {
    Word encoded;
    encoded_value(&encoded, type, value);
    return append_word(out, &encoded);
  }
  if (is_bytes(type)) {
    return append_bytes(out, (const Bytes*)reference(value), !is_whole);
  }
  const Array* array = (const Array*)reference(value);
  const Word* parts = type->kind == kArray ? array == NULL ? NULL : array->data : (const Word*)reference(value);
  const uint64_t count = type->kind == kArray ? element_count(array) : part_count(type);
  for (uint64_t k = 0; k < count; ++k) {
    if (!append_in_place(out, &chain_types[type->kind == kArray ? type->element : part_type(type, k)], &parts[k], 0)) {
      return 0;
    }
  }
  return 1;
}

/// Values in as many bytes as their types have.
static int append_packed(Output* out, const DataType* type, const Word* value) {
  if (!is_value(type)) {
    return append_in_place(out, type, value, 1);
  }
  const uint64_t size = type->kind == kBool || type->kind == kEnum ? 1 : type->kind == kAddress ? 20 : type->bits / 8;
  uint8_t* at = grow(out, size);
  if (at == NULL) {
    return 0;
  }
  for (uint64_t i = 0; i < size; ++i) {
    at[size - 1 - i] = (uint8_t)(value->limb[i / 8] >> (i % 8 * 8));
  }
  return 1;
}

OUTLINE Bytes* chain_encode_packed(uint32_t count, const uint32_t* types, const Word* values) {
  Output out;
  Bytes* bytes = begin_output(&out);
  int is_whole = bytes != NULL;
  for (uint32_t k = 0; is_whole && k < count; ++k) {
    is_whole = append_packed(&out, &chain_types[types[k]], &values[k]);
  }
  return bytes == NULL ? NULL : end_output(&out, bytes, is_whole);
}

OUTLINE Status chain_topic(uint8_t to[32], const Word* value, uint32_t type) {
  const DataType* row = &chain_types[type];
  if (is_value(row)) {
    Word encoded;
    encoded_value(&encoded, row, value);
    write_word(to, &encoded);
    return kDone;
  }
  Output out;
  Bytes* bytes = begin_output(&out);
  bytes = bytes == NULL ? NULL : end_output(&out, bytes, append_in_place(&out, row, value, 1));
  if (bytes == NULL) {
    return chain_panic(kPanicMemory);
  }
  chain_keccak256(to, bytes->data, bytes->length);
  return kDone;
}

OUTLINE Bytes* chain_concat(uint32_t count, const Word* parts) {
  Output out;
  Bytes* bytes = begin_output(&out);
  int is_whole = bytes != NULL;
  for (uint32_t k = 0; is_whole && k < count; ++k) {
    is_whole = append_bytes(&out, (const Bytes*)reference(&parts[k]), 0);
  }
  return bytes == NULL ? NULL : end_output(&out, bytes, is_whole);
}

OUTLINE Status chain_slice(Bytes** result, const Bytes* bytes, const Word* from, const Word* to) {
  const uint64_t length = byte_count(bytes);
  if (!fits_64(from) || !fits_64(to) || from->limb[0] > to->limb[0] || to->limb[0] > length) {
    return chain_revert(NULL);
  }
  const uint64_t count = to->limb[0] - from->limb[0];
  *result = chain_new_bytes(count);
  if (*result == NULL) {
    return chain_panic(kPanicMemory);
  }
  if (count != 0) {
    copy_bytes((*result)->data, bytes->data + from->limb[0], count);
  }
  return kDone;
}
