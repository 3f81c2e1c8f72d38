// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_data.h"

#include <algorithm>

#include "omega/base/keccak.h"
#include "omega/ir/op_info.h"

namespace omega::interp {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

namespace {

constexpr uint64_t kLargestHead = uint64_t{1} << 40;

/// Number of the parts of a struct or fixed array.
uint64_t part_count(const DataType& type) { return type.kind == DataKind::Struct ? type.field_count : type.length; }

DataTypeId part_type(const ir::Contract& contract, const DataType& type, uint64_t k) {
  return type.kind == DataKind::Struct ? contract.fields[type.first_field + k].type : type.element;
}

}  // namespace

Word encoded_word(const DataType& type, const Word& value) { return type.kind == DataKind::FixedBytes ? shifted_left(value, 256u - type.bits) : value; }

std::string panic_data(uint64_t code) { return std::string("\x4e\x48\x7b\x71") + word_bytes(word_of(code)); }

DataLayout::DataLayout(const ir::Contract& contract) : contract_(contract), facts_(ir::data_type_facts(contract)), parts_(contract.types.size()) {
  for (DataTypeId id = 0; id < contract.types.size(); ++id) {
    lay_out(id);
  }
}

void DataLayout::lay_out(DataTypeId id) {
  Part& part = parts_[id];
  if (part.is_known || facts_[id].has_mapping || facts_[id].is_recursive) {
    return;
  }
  part.is_known = true;
  const DataType& t = type(id);
  if (t.kind == DataKind::Bytes || t.kind == DataKind::String || t.kind == DataKind::Array) {
    part.is_dynamic = true;
  } else if (t.kind == DataKind::FixedArray) {
    lay_out(t.element);
    part.is_dynamic = is_dynamic(t.element);
    const uint64_t each = head_bytes(t.element);
    part.parts = t.length > kLargestHead / std::max<uint64_t>(each, 1) ? kLargestHead : t.length * each;
  } else if (t.kind == DataKind::Struct) {
    const std::vector<DataTypeId> fields = types_of({t.first_field, t.field_count});
    for (const DataTypeId field : fields) {
      lay_out(field);
      part.is_dynamic = part.is_dynamic || is_dynamic(field);
    }
    part.parts = head_bytes(fields);
  }
}

uint64_t DataLayout::head_bytes(std::span<const DataTypeId> types) const {
  uint64_t all = 0;
  for (const DataTypeId id : types) {
    all = std::min(all + head_bytes(id), kLargestHead);
  }
  return all;
}

std::vector<DataTypeId> DataLayout::types_of(ir::DataFields fields) const {
  std::vector<DataTypeId> types;
  types.reserve(fields.count);
  for (uint32_t k = 0; k < fields.count; ++k) {
    types.push_back(contract_.fields[fields.first + k].type);
  }
  return types;
}

// ---- encoding ----

void DataCodec::grow(uint64_t count) {
  if (count > budget_.memory || out_.size() > budget_.memory - count) {
    throw ContractRevert{};
  }
  budget_.take_steps(count / 32);
  out_.resize(out_.size() + count);
}

void DataCodec::append_bytes(std::string_view bytes, bool padded) {
  const uint64_t at = out_.size();
  grow(padded ? (bytes.size() + 31) / 32 * 32 : bytes.size());
  std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<ptrdiff_t>(at));
}

std::string DataCodec::encode(std::span<const DataTypeId> types, std::span<const Word> values) {
  out_.clear();
  grow(layout_.head_bytes(types));
  uint64_t at = 0;
  for (size_t i = 0; i < types.size(); ++i) {
    encode_one(types[i], values[i], at, 0);
    at += layout_.head_bytes(types[i]);
  }
  return std::move(out_);
}

void DataCodec::encode_one(DataTypeId id, const Word& value, uint64_t at, uint64_t base) {
  const DataType& type = layout_.type(id);
  if (ir::is_value_kind(type.kind)) {
    put(at, encoded_word(type, value));
  } else if (layout_.is_dynamic(id)) {
    put(at, word_of(out_.size() - base));
    encode_tail(id, value);
  } else {
    encode_parts(id, value, at, base);
  }
}

void DataCodec::encode_tail(DataTypeId id, const Word& value) {
  const DataType& type = layout_.type(id);
  if (type.kind == DataKind::Bytes || type.kind == DataKind::String) {
    append(word_of(memory_.length(value)));
    return append_bytes(memory_.text(value), true);
  }
  if (type.kind != DataKind::Array) {
    const uint64_t base = out_.size();
    grow(layout_.parts_bytes(id));
    return encode_parts(id, value, base, base);
  }
  const uint64_t length = memory_.length(value);
  append(word_of(length));
  const uint64_t base = out_.size(), each = layout_.head_bytes(type.element);
  demand(each == 0 || length <= kLargestHead / each);
  grow(length * each);
  for (uint64_t k = 0; k < length; ++k) {
    encode_one(type.element, memory_.words(value)[k], base + k * each, base);
  }
}

void DataCodec::encode_parts(DataTypeId id, const Word& value, uint64_t at, uint64_t base) {
  const DataType& type = layout_.type(id);
  const std::span<const Word> words = memory_.words(value);
  OMEGA_CHECK(words.size() == part_count(type), "an object has the words of its type");
  for (uint64_t k = 0; k < words.size(); ++k) {
    const DataTypeId part = part_type(layout_.contract(), type, k);
    encode_one(part, words[k], at, base);
    at += layout_.head_bytes(part);
  }
}

std::string DataCodec::encode_packed(std::span<const DataTypeId> types, std::span<const Word> values) {
  out_.clear();
  for (size_t i = 0; i < types.size(); ++i) {
    append_packed(types[i], values[i]);
  }
  return std::move(out_);
}

void DataCodec::append_packed(DataTypeId id, const Word& value) {
  const DataType& type = layout_.type(id);
  switch (type.kind) {
    case DataKind::Bool:
    case DataKind::Enum: return append_bytes(word_bytes(value, 1), false);
    case DataKind::Address: return append_bytes(word_bytes(value, 20), false);
    case DataKind::Unsigned:
    case DataKind::Signed:
    case DataKind::FixedBytes: return append_bytes(word_bytes(value, type.bits / 8u), false);
    default: return append_in_place(id, value, true);
  }
}

// Without lengths and offsets; every part of something fills whole words.
void DataCodec::append_in_place(DataTypeId id, const Word& value, bool is_whole) {
  const DataType& type = layout_.type(id);
  if (ir::is_value_kind(type.kind)) {
    return append(encoded_word(type, value));
  }
  if (type.kind == DataKind::Bytes || type.kind == DataKind::String) {
    return append_bytes(memory_.text(value), !is_whole);
  }
  const std::span<const Word> words = memory_.words(value);
  for (uint64_t k = 0; k < words.size(); ++k) {
    append_in_place(type.kind == DataKind::Array ? type.element : part_type(layout_.contract(), type, k), words[k], false);
  }
}

Word DataCodec::topic(DataTypeId id, const Word& value) {
  if (ir::is_value_kind(layout_.type(id).kind)) {
    return encoded_word(layout_.type(id), value);
  }
  out_.clear();
  append_in_place(id, value, true);
  const base::Keccak256Digest digest = base::keccak256(out_);
  return word_from_bytes({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// ---- decoding ----

std::vector<Word> DataCodec::decode(std::string_view bytes, std::span<const DataTypeId> types) {
  in_ = bytes;
  demand(layout_.head_bytes(types) <= bytes.size());
  std::vector<Word> values;
  uint64_t at = 0;
  for (const DataTypeId id : types) {
    values.push_back(decode_one(id, at, 0));
    at += layout_.head_bytes(id);
  }
  return values;
}

std::vector<Word> DataCodec::decode(std::string_view bytes, ir::DataFields parameters) {
  in_ = bytes;
  demand(layout_.head_bytes(layout_.types_of(parameters)) <= bytes.size());
  std::vector<Word> values;
  uint64_t at = 0;
  for (uint32_t k = 0; k < parameters.count; ++k) {
    const ir::DataField& field = layout_.contract().fields[parameters.first + k];
    is_calldata_ = field.is_calldata;
    values.push_back(decode_one(field.type, at, 0));
    at += layout_.head_bytes(field.type);
  }
  is_calldata_ = false;
  return values;
}

Word DataCodec::decode_one(DataTypeId id, uint64_t at, uint64_t base) {
  const DataType& type = layout_.type(id);
  if (ir::is_value_kind(type.kind)) {
    return decode_value(type, at);
  }
  if (!layout_.is_dynamic(id)) {
    return decode_parts(id, at, base);
  }
  const Word offset = read(at);
  demand(fits_64(offset) && offset.limb[0] <= in_.size() - base);
  return decode_tail(id, base + offset.limb[0]);
}

uint64_t DataCodec::read_length(uint64_t at, uint64_t unit) const {
  demand(in_.size() - at >= 32);
  const Word length = read(at);
  // What no memory has an address for is a panic of its own; what is only not there is bad data.
  if (!fits_64(length) || length.limb[0] > ~uint64_t{0} / unit) {
    throw ContractRevert{is_calldata_ ? std::string() : panic_data(0x41)};
  }
  return length.limb[0];
}

Word DataCodec::decode_tail(DataTypeId id, uint64_t at) {
  const DataType& type = layout_.type(id);
  if (type.kind == DataKind::Bytes || type.kind == DataKind::String) {
    const uint64_t length = read_length(at, 1);
    demand(length <= in_.size() - at - 32);
    return memory_.new_bytes(in_.substr(at + 32, length));
  }
  if (type.kind != DataKind::Array) {
    demand(layout_.parts_bytes(id) <= in_.size() - at);
    return decode_parts(id, at, at);
  }
  const uint64_t length = read_length(at, ir::kWordBytes), base = at + 32, each = layout_.head_bytes(type.element);
  demand(each == 0 || length <= (in_.size() - base) / each);
  const Word array = memory_.new_words(length);
  for (uint64_t k = 0; k < length; ++k) {
    const Word element = decode_one(type.element, base + k * each, base);
    memory_.words(array)[k] = element;
  }
  return array;
}

Word DataCodec::decode_parts(DataTypeId id, uint64_t at, uint64_t base) {
  const DataType& type = layout_.type(id);
  const uint64_t count = part_count(type);
  const Word object = memory_.new_words(count);
  for (uint64_t k = 0; k < count; ++k) {
    const DataTypeId part = part_type(layout_.contract(), type, k);
    const Word value = decode_one(part, at, base);
    memory_.words(object)[k] = value;
    at += layout_.head_bytes(part);
  }
  return object;
}

Word DataCodec::decode_value(const DataType& type, uint64_t at) const {
  const Word encoded = read(at);
  if (type.kind == DataKind::FixedBytes) {
    const Word value = shifted_right(encoded, 256u - type.bits);
    demand(same_word(encoded_word(type, value), encoded));
    return value;
  }
  if (type.kind == DataKind::Enum) {
    demand(fits_64(encoded) && encoded.limb[0] < type.length);
    return encoded;
  }
  const ir::Type to = ir::value_type(type);
  const uint32_t sign = ir::is_signed(to) ? 1 : 0;
  Word value;
  om_wide_convert(&value, &encoded, OM_INT(256, sign), OM_INT(ir::bit_width(to), sign));
  demand(same_word(value, encoded));
  return value;
}

}  // namespace omega::interp
