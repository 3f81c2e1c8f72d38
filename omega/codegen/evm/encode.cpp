// SPDX-License-Identifier: Apache-2.0
// Lowering: writing the contract ABI's encoding into memory. Routines write behind the free memory pointer and do not move it.
// Source: "Contract ABI Specification" of the Solidity documentation, 0.8.
#include "omega/codegen/evm/lowering.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

/// A value as a word of an encoding: bytesN stand at the left there.
ValueId Lowering::encoded(ValueId value, DataTypeId id) {
  const DataType& type = type_of(id);
  return type.kind == DataKind::FixedBytes ? b_.shl(256 - type.bits, value) : value;
}

/// A tuple from `start` on; where it ends.
ValueId Lowering::encode(const std::vector<DataTypeId>& types, const Values& values, ValueId start) {
  uint64_t head = 0;
  for (const DataTypeId type : types) {
    head += measure(type).head;
  }
  ValueId tail = b_.plus(start, head);
  uint64_t at = 0;
  for (size_t k = 0; k < types.size(); ++k) {
    const DataSize size = measure(types[k]);
    const ValueId place = b_.plus(start, at);
    if (size.is_dynamic) {
      b_.mstore(place, b_.sub(tail, start));
      tail = b_.call(helper(Helper::Encode, types[k]), {values[k], tail})[0];
    } else {
      encode_static(values[k], types[k], place);
    }
    at += size.head;
  }
  return tail;
}

void Lowering::encode_static(ValueId value, DataTypeId type, ValueId at) {
  if (is_value(type)) {
    b_.mstore(at, encoded(value, type));
  } else {
    b_.call(helper(Helper::Encode, type), {value, at});
  }
}

/// `count` elements whose words begin at `from`; where their encoding ends.
ValueId Lowering::encode_elements(ValueId from, ValueId count, DataTypeId element, ValueId to) {
  const ValueId bytes = b_.shl(5, count);
  if (is_copied_whole(element, false)) {
    b_.emit(Op::Mcopy, {to, from, bytes});
    return b_.add(to, bytes);
  }
  const ValueId last = b_.add(from, bytes);
  const auto more = [&](const Values& v) { return b_.lt(v[0], last); };
  const DataSize size = measure(element);
  if (!size.is_dynamic) {
    return b_.loop({from, to}, more, [&](const Values& v) {
      encode_static(b_.mload(v[0]), element, v[1]);
      return Values{b_.plus(v[0], 32), b_.plus(v[1], size.head)};
    })[1];
  }
  return b_.loop({from, to, b_.add(to, bytes)}, more, [&](const Values& v) {
    b_.mstore(v[1], b_.sub(v[2], to));
    const ValueId tail = b_.call(helper(Helper::Encode, element), {b_.mload(v[0]), v[2]})[0];
    return Values{b_.plus(v[0], 32), b_.plus(v[1], 32), tail};
  })[2];
}

void Lowering::build_encode(DataTypeId id) {
  const DataType& type = type_of(id);
  const ValueId from = b_.param(0), to = b_.param(1);
  ValueId end = kNone;
  switch (type.kind) {
    case DataKind::Bytes:
    case DataKind::String: {
      const ValueId length = b_.mload(from), first = b_.plus(to, 32);
      b_.mstore(to, length);
      b_.mstore(b_.add(first, length), b_.constant(0));  // what is behind the last byte
      b_.emit(Op::Mcopy, {first, b_.plus(from, 32), length});
      end = b_.add(first, b_.round_up(length));
      break;
    }
    case DataKind::Array: {
      const ValueId length = b_.mload(from);
      b_.mstore(to, length);
      end = encode_elements(b_.plus(from, 32), length, type.element, b_.plus(to, 32));
      break;
    }
    case DataKind::FixedArray: end = encode_elements(from, b_.constant(type.length), type.element, to); break;
    default: {
      std::vector<DataTypeId> types;
      Values values;
      for (uint32_t k = 0; k < type.field_count; ++k) {
        types.push_back(component(type, k));
        values.push_back(b_.mload(b_.plus(from, kWordBytes * k)));
      }
      end = encode(types, values, to);
      break;
    }
  }
  const ValueId result[] = {end};
  b_.ret(result);
}

/// One value of a packed encoding; where it ends.
ValueId Lowering::encode_packed(ValueId value, DataTypeId id, ValueId at) {
  if (!is_value(id)) {
    return b_.call(helper(Helper::EncodePacked, id), {value, at})[0];
  }
  const uint32_t bytes = layout_.bytes(id);
  b_.mstore(at, b_.shl(256 - 8 * bytes, value));
  return b_.plus(at, bytes);
}

/// Packed: bytes as they are, elements of arrays as words. The hash of an indexed argument is over the same, but what lies inside another is padded to
/// words, and there may be structs.
void Lowering::build_encode_packed(DataTypeId id, bool is_topic) {
  const DataType& type = type_of(id);
  const ValueId from = b_.param(0), to = b_.param(1);
  ValueId end = kNone;
  switch (type.kind) {
    case DataKind::Bytes:
    case DataKind::String: {
      const ValueId length = b_.mload(from);
      if (is_topic) {
        b_.mstore(b_.add(to, length), b_.constant(0));
      }
      b_.emit(Op::Mcopy, {to, b_.plus(from, 32), length});
      end = b_.add(to, is_topic ? b_.round_up(length) : length);
      break;
    }
    case DataKind::Struct: {
      end = to;
      for (uint32_t k = 0; k < type.field_count; ++k) {
        const DataTypeId field = component(type, k);
        const ValueId value = b_.mload(b_.plus(from, kWordBytes * k));
        if (is_value(field)) {
          b_.mstore(end, encoded(value, field));
          end = b_.plus(end, 32);
        } else {
          end = b_.call(helper(Helper::EncodeTopic, field), {value, end})[0];
        }
      }
      break;
    }
    default: {
      const bool is_fixed = type.kind == DataKind::FixedArray;
      const ValueId count = is_fixed ? b_.constant(type.length) : b_.mload(from);
      const ValueId first = is_fixed ? from : b_.plus(from, 32);
      if (is_value(type.element)) {
        end = encode_elements(first, count, type.element, to);
        break;
      }
      const ValueId last = b_.add(first, b_.shl(5, count));
      end = b_.loop(
          {first, to}, [&](const Values& v) { return b_.lt(v[0], last); },
          [&](const Values& v) { return Values{b_.plus(v[0], 32), b_.call(helper(Helper::EncodeTopic, type.element), {b_.mload(v[0]), v[1]})[0]}; })[1];
    }
  }
  const ValueId result[] = {end};
  b_.ret(result);
}

}  // namespace omega::codegen::evm
