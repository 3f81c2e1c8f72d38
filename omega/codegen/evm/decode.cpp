// SPDX-License-Identifier: Apache-2.0
// Lowering: reading the contract ABI's encoding, from calldata or memory. Whatever is wrong with it reverts without data.
// Source: "Contract ABI Specification" of the Solidity documentation, 0.8.
#include "omega/codegen/evm/lowering.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

void Lowering::copy(DataSource from, ValueId to, ValueId at, ValueId bytes) {
  b_.emit(from == DataSource::Memory ? Op::Mcopy : Op::CalldataCopy, {to, at, bytes});
}

/// A word of an encoding as a value in its own form.
ValueId Lowering::validate(ValueId value, DataTypeId id) {
  const DataType& type = type_of(id);
  switch (type.kind) {
    case DataKind::Bool: b_.revert_if(b_.shr(1, value)); return value;
    case DataKind::Unsigned:
      if (type.bits < 256) {
        b_.revert_if(b_.shr(type.bits, value));
      }
      return value;
    case DataKind::Signed:
      if (type.bits < 256) {
        b_.revert_if(b_.bit_xor(value, b_.emit(Op::Signextend, {b_.constant(type.bits / 8 - 1), value})));
      }
      return value;
    case DataKind::FixedBytes:
      if (type.bits < 256) {
        b_.revert_if(b_.shl(type.bits, value));
        return b_.shr(256 - type.bits, value);
      }
      return value;
    case DataKind::Address: b_.revert_if(b_.shr(160, value)); return value;
    case DataKind::Enum: b_.revert_if(b_.is_zero(b_.lt(value, b_.constant(type.length)))); return value;
    default: return value;
  }
}

/// What stands in the head at `at`; offsets count from `start`. The head is known to end before `end`.
ValueId Lowering::decode_at(DataSource from, ValueId at, ValueId start, ValueId end, DataTypeId type) {
  if (is_value(type)) {
    return validate(load(from, at), type);
  }
  static constexpr Helper helpers[] = {Helper::DecodeCalldata, Helper::DecodeCalldataOnly, Helper::DecodeMemory};
  const RoutineId routine = helper(helpers[static_cast<uint8_t>(from)], type);
  if (!measure(type).is_dynamic) {
    return b_.call(routine, {at, end})[0];
  }
  // At least a word of what it points to lies inside.
  const ValueId offset = load(from, at);
  b_.revert_if(b_.gt(offset, b_.sub(b_.sub(end, start), b_.constant(32))));
  return b_.call(routine, {b_.add(start, offset), end})[0];
}

/// The values of a tuple that is encoded from `start` to `end`.
Values Lowering::decode(DataSource from, const std::vector<DataTypeId>& types, ValueId start, ValueId end) {
  uint64_t head = 0;
  for (const DataTypeId type : types) {
    head += measure(type).head;
  }
  if (head != 0) {
    b_.revert_if(b_.lt(b_.sub(end, start), b_.constant(head)));
  }
  Values values;
  uint64_t at = 0;
  for (const DataTypeId type : types) {
    values.push_back(decode_at(from, b_.plus(start, at), start, end, type));
    at += measure(type).head;
  }
  return values;
}

/// Elements whose words in memory are the encoding's, so that all of them are copied at once.
bool Lowering::is_copied_whole(DataTypeId element, bool is_decoding) const {
  const DataType& type = type_of(element);
  if (!ir::is_value_kind(type.kind)) {
    return false;
  }
  const bool is_full = (type.kind == DataKind::Unsigned || type.kind == DataKind::Signed || type.kind == DataKind::FixedBytes) && type.bits == 256;
  return is_full || (!is_decoding && type.kind != DataKind::FixedBytes);
}

void Lowering::build_decode(DataSource from, DataTypeId id) {
  const DataType& type = type_of(id);
  const ValueId at = b_.param(0), end = b_.param(1);
  if (type.kind == DataKind::Bytes || type.kind == DataKind::String) {
    build_decode_bytes(from);
    return;
  }
  if (type.kind == DataKind::Array) {
    build_decode_array(from, type);
    return;
  }
  // A struct or fixed array: its heads from here on, offsets from here too.
  const DataSize size = measure(id);
  if (size.is_dynamic) {
    b_.revert_if(b_.lt(b_.sub(end, at), b_.constant(contents_head(id))));
  }
  const ValueId made = allocate(b_.constant(size.words * 32));
  if (type.kind == DataKind::FixedArray && is_copied_whole(type.element, true)) {
    copy(from, made, at, b_.constant(size.words * 32));
  } else if (type.kind == DataKind::FixedArray) {
    const uint64_t head = measure(type.element).head;
    b_.loop(
        {at, made}, [&](const Values& v) { return b_.lt(v[1], b_.plus(made, size.words * 32)); },
        [&](const Values& v) {
          b_.mstore(v[1], decode_at(from, v[0], at, end, type.element));
          return Values{b_.plus(v[0], head), b_.plus(v[1], 32)};
        });
  } else {
    uint64_t head = 0;
    for (uint32_t k = 0; k < type.field_count; ++k) {
      const DataTypeId field = component(type, k);
      b_.mstore(b_.plus(made, kWordBytes * k), decode_at(from, b_.plus(at, head), at, end, field));
      head += measure(field).head;
    }
  }
  const ValueId result[] = {made};
  b_.ret(result);
}

/// No memory has addresses for so many.
void Lowering::check_length(ValueId length, uint32_t element_bytes) { b_.panic_if(b_.shr(element_bytes == 1 ? 64 : 59, length), 0x41); }

void Lowering::build_decode_bytes(DataSource from) {
  const ValueId at = b_.param(0), end = b_.param(1);
  const ValueId length = load(from, at), first = b_.plus(at, 32);
  if (from != DataSource::CalldataOnly) {
    check_length(length, 1);
  }
  b_.revert_if(b_.gt(length, b_.sub(end, first)));
  const ValueId made = allocate(b_.plus(b_.round_up(length), 32));
  b_.mstore(made, length);
  copy(from, b_.plus(made, 32), first, length);
  const ValueId result[] = {made};
  b_.ret(result);
}

void Lowering::build_decode_array(DataSource from, const DataType& type) {
  const ValueId at = b_.param(0), end = b_.param(1);
  const ValueId length = load(from, at), first = b_.plus(at, 32);
  const uint64_t head = measure(type.element).head;
  if (from != DataSource::CalldataOnly) {
    check_length(length, 32);
  }
  b_.revert_if(b_.gt(length, b_.emit(Op::Div, {b_.sub(end, first), b_.constant(head == 0 ? 1 : head)})));
  const ValueId bytes = b_.shl(5, length);
  const ValueId made = allocate(b_.plus(bytes, 32));
  b_.mstore(made, length);
  const ValueId words = b_.plus(made, 32);
  if (is_copied_whole(type.element, true)) {
    copy(from, words, first, bytes);
  } else {
    const ValueId last = b_.add(words, bytes);
    b_.loop(
        {first, words}, [&](const Values& v) { return b_.lt(v[1], last); },
        [&](const Values& v) {
          b_.mstore(v[1], decode_at(from, v[0], first, end, type.element));
          return Values{b_.plus(v[0], head), b_.plus(v[1], 32)};
        });
  }
  const ValueId result[] = {made};
  b_.ret(result);
}

}  // namespace omega::codegen::evm
