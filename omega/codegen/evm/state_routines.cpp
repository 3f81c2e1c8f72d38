// SPDX-License-Identifier: Apache-2.0
// Lowering: whole arrays, structs, bytes and strings between storage and memory.
#include "omega/codegen/evm/lowering.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

void Lowering::build_load_state(DataTypeId id) {
  const DataType& type = type_of(id);
  const ValueId slot = b_.param(0);
  if (type.kind == DataKind::Bytes || type.kind == DataKind::String) {
    build_load_bytes();
    return;
  }
  ValueId made = kNone;
  if (type.kind == DataKind::Struct) {
    made = allocate(b_.constant(kWordBytes * type.field_count));
    for (uint32_t k = 0; k < type.field_count; ++k) {
      const DataTypeId field = component(type, k);
      if (type_of(field).kind != DataKind::Mapping) {
        b_.mstore(b_.plus(made, kWordBytes * k), get_state(field_place(slot, id, k), field));
      }
    }
  } else {
    const bool is_fixed = type.kind == DataKind::FixedArray;
    const ValueId length = is_fixed ? b_.constant(type.length) : b_.sload(slot);
    ValueId first = kNone;
    if (is_fixed) {
      made = first = allocate(b_.constant(Word(type.length) * Word(32)));
    } else {
      check_length(length, 32);
      made = allocate(b_.plus(b_.shl(5, length), 32));
      b_.mstore(made, length);
      first = b_.plus(made, 32);
    }
    const ValueId start = elements_start(slot, type);
    b_.loop(
        {b_.constant(0)}, [&](const Values& v) { return b_.lt(v[0], length); },
        [&](const Values& v) {
          b_.mstore(b_.add(first, b_.shl(5, v[0])), get_state(element_place(start, v[0], type.element), type.element));
          return Values{b_.plus(v[0], 1)};
        });
  }
  const ValueId result[] = {made};
  b_.ret(result);
}

void Lowering::build_load_bytes() {
  const ValueId slot = b_.param(0);
  const ValueId word = b_.sload(slot);
  const ValueId length = bytes_length(word);
  const ValueId made = allocate(b_.plus(b_.round_up(length), 32));
  b_.mstore(made, length);
  const ValueId first = b_.plus(made, 32);
  b_.if_else(
      b_.gt(length, b_.constant(31)),
      [&] {
        const ValueId end = b_.add(first, length);
        b_.loop(
            {first, b_.emit(Op::HashWord, {slot})}, [&](const Values& v) { return b_.lt(v[0], end); },
            [&](const Values& v) {
              b_.mstore(v[0], b_.sload(v[1]));
              return Values{b_.plus(v[0], 32), b_.plus(v[1], 1)};
            });
        return Values{};
      },
      [&] {
        b_.mstore(first, b_.bit_and(word, b_.emit(Op::Not, {b_.constant(0xff)})));
        return Values{};
      });
  const ValueId result[] = {made};
  b_.ret(result);
}

void Lowering::build_store_state(DataTypeId id) {
  const DataType& type = type_of(id);
  const ValueId slot = b_.param(0), from = b_.param(1);
  switch (type.kind) {
    case DataKind::Bytes:
    case DataKind::String: build_store_bytes(); return;
    case DataKind::Struct: store_struct(slot, from, id); break;
    default: {
      const bool is_fixed = type.kind == DataKind::FixedArray;
      const ValueId length = is_fixed ? b_.constant(type.length) : b_.mload(from);
      const ValueId first = is_fixed ? from : b_.plus(from, 32);
      if (!is_fixed) {
        b_.call(helper(Helper::ResizeState, id), {slot, length});
      }
      const ValueId start = elements_start(slot, type);
      if (is_value(type.element) && layout_.per_slot(type.element) > 1) {
        store_packed(start, first, b_.add(first, b_.shl(5, length)), type.element);
        break;
      }
      b_.loop(
          {b_.constant(0)}, [&](const Values& v) { return b_.lt(v[0], length); },
          [&](const Values& v) {
            set_state(element_place(start, v[0], type.element), b_.mload(b_.add(first, b_.shl(5, v[0]))), type.element);
            return Values{b_.plus(v[0], 1)};
          });
    }
  }
  b_.ret({});
}

/// A value as it stands in its bits of a slot, lowest bits first.
ValueId Lowering::packed(ValueId value, DataTypeId id) {
  const uint32_t bits = 8 * layout_.bytes(id);
  return type_of(id).kind == DataKind::Signed && bits != 256 ? b_.bit_and(value, b_.constant(Word::ones(bits))) : value;
}

/// Words of memory from `first` up to `end` into the slots from `slot` on, several in each: slots are written whole, as solc does, so that what was
/// written behind the end of an array, through a place that was taken before it got shorter, is gone.
void Lowering::store_packed(ValueId slot, ValueId first, ValueId end, DataTypeId element) {
  const uint32_t bits = 8 * layout_.bytes(element);
  const ValueId used_bits = b_.constant(uint64_t{bits} * layout_.per_slot(element));
  b_.loop(
      {first, slot}, [&](const Values& v) { return b_.lt(v[0], end); },
      [&](const Values& v) {
        const Values filled = b_.loop(
            {v[0], b_.constant(0), b_.constant(0)}, [&](const Values& w) { return b_.bit_and(b_.lt(w[0], end), b_.lt(w[2], used_bits)); },
            [&](const Values& w) {
              const ValueId value = b_.emit(Op::Shl, {w[2], packed(b_.mload(w[0]), element)});
              return Values{b_.plus(w[0], 32), b_.bit_or(w[1], value), b_.plus(w[2], bits)};
            });
        b_.sstore(v[1], filled[1]);
        return Values{filled[0], b_.plus(v[1], 1)};
      });
}

/// Values that share a slot are put together first: slots are written once, and not read.
void Lowering::store_struct(ValueId slot, ValueId from, DataTypeId id) {
  const DataType& type = type_of(id);
  for (uint32_t k = 0; k < type.field_count;) {
    const DataTypeId field = component(type, k);
    const StoragePlace& at = layout_.field(id, k);
    if (!is_value(field)) {
      if (type_of(field).kind != DataKind::Mapping) {
        set_state(field_place(slot, id, k), b_.mload(b_.plus(from, kWordBytes * k)), field);
      }
      ++k;
      continue;
    }
    ValueId word = kNone;
    for (; k < type.field_count && is_value(component(type, k)) && layout_.field(id, k).slot == at.slot; ++k) {
      const DataTypeId one = component(type, k);
      const ValueId value = b_.shl(8 * layout_.field(id, k).offset, packed(b_.mload(b_.plus(from, kWordBytes * k)), one));
      word = word == kNone ? value : b_.bit_or(word, value);
    }
    b_.sstore(b_.add(slot, b_.constant(at.slot)), word);
  }
}

/// Writes bytes over what was there: long ones into slots of their own, the rest of the old ones made zero.
void Lowering::build_store_bytes() {
  const ValueId slot = b_.param(0), from = b_.param(1);
  const ValueId length = b_.mload(from), first = b_.plus(from, 32);
  const ValueId old_length = bytes_length(b_.sload(slot));
  const auto slots = [&](ValueId bytes) { return b_.shr(5, b_.plus(bytes, 31)); };
  b_.if_then(b_.gt(old_length, b_.constant(31)), [&] {
    const ValueId start = b_.emit(Op::HashWord, {slot});
    // Short ones keep no slot of their own.
    const ValueId kept = b_.emit(Op::Mul, {slots(length), b_.gt(length, b_.constant(31))});
    clear_slots(b_.add(start, kept), b_.add(start, slots(old_length)));
  });
  const BlockId is_long = b_.new_block(), is_short = b_.new_block();
  b_.branch(b_.gt(length, b_.constant(31)), is_long, is_short);
  b_.start(is_long);
  const ValueId end = b_.add(first, length);
  // The last word holds only what belongs to it.
  b_.loop(
      {first, b_.emit(Op::HashWord, {slot})}, [&](const Values& v) { return b_.lt(v[0], end); },
      [&](const Values& v) {
        const ValueId left = b_.sub(end, v[0]);
        const ValueId is_part = b_.lt(left, b_.constant(32));
        const ValueId unused = b_.emit(Op::Mul, {is_part, b_.shl(3, b_.sub(b_.constant(32), left))});
        const ValueId mask = b_.emit(Op::Shl, {unused, b_.constant(Word::ones(256))});
        b_.sstore(v[1], b_.bit_and(b_.mload(v[0]), mask));
        return Values{b_.plus(v[0], 32), b_.plus(v[1], 1)};
      });
  b_.sstore(slot, b_.plus(b_.shl(1, length), 1));
  b_.ret({});
  b_.start(is_short);
  const ValueId unused = b_.shl(3, b_.sub(b_.constant(32), length));
  const ValueId bytes = b_.bit_and(b_.mload(first), b_.emit(Op::Shl, {unused, b_.constant(Word::ones(256))}));
  b_.sstore(slot, b_.bit_or(bytes, b_.shl(1, length)));
  b_.ret({});
}

/// Nothing but whole slots of values, without mappings: cleared without looking inside.
bool Lowering::clears_whole_slots(DataTypeId id) const {
  const DataType& type = type_of(id);
  switch (type.kind) {
    case DataKind::Struct:
      for (uint32_t k = 0; k < type.field_count; ++k) {
        if (!clears_whole_slots(component(type, k))) {
          return false;
        }
      }
      return true;
    case DataKind::FixedArray: return clears_whole_slots(type.element);
    default: return ir::is_value_kind(type.kind);
  }
}

void Lowering::build_clear_state(DataTypeId id) {
  const DataType& type = type_of(id);
  const ValueId slot = b_.param(0);
  switch (type.kind) {
    case DataKind::Bytes:
    case DataKind::String:
    case DataKind::Array: b_.call(helper(Helper::ResizeState, id), {slot, b_.constant(0)}); break;
    case DataKind::FixedArray: clear_elements(slot, id, b_.constant(0), b_.constant(type.length)); break;
    default: {
      Word last = ~Word(0);
      for (uint32_t k = 0; k < type.field_count; ++k) {
        const DataTypeId field = component(type, k);
        const Place place = field_place(slot, id, k);
        if (!is_value(field)) {
          clear_state(place, field);
        } else if (const Word at = layout_.field(id, k).slot; at != last) {
          b_.sstore(place.slot, b_.constant(0));
          last = at;
        }
      }
    }
  }
  b_.ret({});
}

/// Elements from `first` up to `end` of the array at `slot` become zero.
void Lowering::clear_elements(ValueId slot, DataTypeId array, ValueId first, ValueId end) {
  const DataType& type = type_of(array);
  const ValueId start = elements_start(slot, type);
  const uint32_t shared = is_value(type.element) ? layout_.per_slot(type.element) : 1;
  if (shared > 1) {
    const ValueId per_slot = b_.constant(shared);
    const auto slots = [&](ValueId count) { return b_.emit(Op::Div, {b_.plus(count, shared - 1), per_slot}); };
    // The slot in the middle keeps its first elements.
    const ValueId partly = b_.emit(Op::Mod, {first, per_slot});
    if (!b_.is_constant(partly) || !b_.number(partly).is_zero()) {
      b_.if_then(b_.bit_and(b_.is_zero(b_.is_zero(partly)), b_.lt(first, end)), [&] {
        const ValueId at = b_.add(start, b_.emit(Op::Div, {first, per_slot}));
        const ValueId bits = b_.mul(partly, b_.constant(uint64_t{8} * layout_.bytes(type.element)));
        const ValueId mask = b_.sub(b_.emit(Op::Shl, {bits, b_.constant(1)}), b_.constant(1));
        b_.sstore(at, b_.bit_and(b_.sload(at), mask));
      });
    }
    clear_slots(b_.add(start, slots(first)), b_.add(start, slots(end)));
    return;
  }
  const ValueId size = b_.constant(layout_.slots(type.element));
  if (clears_whole_slots(type.element)) {
    clear_slots(b_.add(start, b_.mul(first, size)), b_.add(start, b_.mul(end, size)));
    return;
  }
  if (type_of(type.element).kind == DataKind::Mapping) {
    return;
  }
  b_.loop(
      {first}, [&](const Values& v) { return b_.lt(v[0], end); },
      [&](const Values& v) {
        clear_state(element_place(start, v[0], type.element), type.element);
        return Values{b_.plus(v[0], 1)};
      });
}

void Lowering::build_resize_state(DataTypeId id) {
  const DataType& type = type_of(id);
  const ValueId slot = b_.param(0), length = b_.param(1);
  if (type.kind == DataKind::Array) {
    const ValueId old = b_.sload(slot);
    b_.sstore(slot, length);
    b_.if_then(b_.lt(length, old), [&] { clear_elements(slot, id, length, old); });
    b_.ret({});
    return;
  }
  // Bytes and strings: through memory, as long as they are to be.
  const ValueId old = b_.call(helper(Helper::LoadState, id), {slot})[0];
  const ValueId old_length = b_.mload(old);
  check_length(length, 1);
  const ValueId made = allocate(b_.plus(b_.round_up(length), 32));
  b_.mstore(made, length);
  const ValueId first = b_.plus(made, 32);
  b_.emit(Op::CalldataCopy, {first, b_.emit(Op::CalldataSize, {}), b_.round_up(length)});
  const ValueId copied = b_.select(b_.lt(old_length, length), old_length, length);
  b_.emit(Op::Mcopy, {first, b_.plus(old, 32), copied});
  b_.call(helper(Helper::StoreState, id), {slot, made});
  b_.ret({});
}

}  // namespace omega::codegen::evm
