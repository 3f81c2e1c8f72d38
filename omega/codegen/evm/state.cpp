// SPDX-License-Identifier: Apache-2.0
// Lowering: values in storage, alone in their slot or beside others, and places inside arrays and structs.
#include "omega/codegen/evm/lowering.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

ValueId Lowering::extract(ValueId word, const Place& place, DataTypeId id) {
  const DataType& type = type_of(id);
  const uint32_t bits = 8 * layout_.bytes(id);
  ValueId value = word;
  if (place.offset != kNone) {
    value = b_.emit(Op::Shr, {b_.shl(3, place.offset), word});
  } else if (place.known_offset != 0) {
    value = b_.shr(8 * place.known_offset, word);
  }
  if (bits == 256) {
    return value;
  }
  if (type.kind == DataKind::Signed) {
    return b_.emit(Op::Signextend, {b_.constant(bits / 8 - 1), value});
  }
  const bool is_last = place.offset == kNone && 8 * place.known_offset + bits == 256;
  return place.is_alone || is_last ? value : b_.bit_and(value, b_.constant(Word::ones(bits)));
}

ValueId Lowering::get_value(const Place& place, DataTypeId type) { return extract(load_slot(place), place, type); }

void Lowering::store_slot(const Place& place, ValueId word) {
  if (place.is_transient) {
    b_.emit(Op::Tstore, {place.slot, word});
  } else {
    b_.sstore(place.slot, word);
  }
}

void Lowering::set_value(const Place& place, ValueId value, DataTypeId id) {
  const uint32_t bits = 8 * layout_.bytes(id);
  const Word mask = Word::ones(bits);
  if (bits != 256 && type_of(id).kind == DataKind::Signed) {
    value = b_.bit_and(value, b_.constant(mask));
  }
  if (bits == 256 || place.is_alone) {
    store_slot(place, value);
    return;
  }
  const ValueId old = load_slot(place);
  ValueId others = kNone;
  if (place.offset != kNone) {
    const ValueId shift = b_.shl(3, place.offset);
    others = b_.bit_and(old, b_.emit(Op::Not, {b_.emit(Op::Shl, {shift, b_.constant(mask)})}));
    value = b_.emit(Op::Shl, {shift, value});
  } else {
    const uint32_t shift = 8 * place.known_offset;
    others = b_.bit_and(old, b_.constant(~shift_left(mask, shift)));
    value = b_.shl(shift, value);
  }
  store_slot(place, b_.bit_or(value, others));
}

ValueId Lowering::get_state(const Place& place, DataTypeId type) {
  return is_value(type) ? get_value(place, type) : b_.call(helper(Helper::LoadState, type), {place.slot})[0];
}

void Lowering::set_state(const Place& place, ValueId value, DataTypeId type) {
  if (is_value(type)) {
    set_value(place, value, type);
  } else {
    b_.call(helper(Helper::StoreState, type), {place.slot, value});
  }
}

void Lowering::clear_state(const Place& place, DataTypeId type) {
  if (is_value(type)) {
    set_value(place, b_.constant(0), type);
  } else if (type_of(type).kind != DataKind::Mapping) {
    b_.call(helper(Helper::ClearState, type), {place.slot});
  }
}

/// The first slot of an array's elements.
ValueId Lowering::elements_start(ValueId slot, const DataType& array) { return array.kind == DataKind::Array ? b_.emit(Op::HashWord, {slot}) : slot; }

Lowering::Place Lowering::element_place(ValueId base, ValueId index, DataTypeId element) {
  Place place;
  const uint32_t shared = is_value(element) ? layout_.per_slot(element) : 1;
  if (shared == 1) {
    place.slot = b_.add(base, b_.mul(index, b_.constant(layout_.slots(element))));
    return place;
  }
  const uint32_t bytes = layout_.bytes(element);
  place.slot = b_.add(base, b_.emit(Op::Div, {index, b_.constant(shared)}));
  const ValueId offset = b_.mul(b_.emit(Op::Mod, {index, b_.constant(shared)}), b_.constant(bytes));
  place.is_alone = false;
  if (b_.is_constant(offset)) {
    place.known_offset = static_cast<uint32_t>(b_.number(offset).limbs[0]);
  } else {
    place.offset = offset;
  }
  return place;
}

Lowering::Place Lowering::field_place(ValueId base, DataTypeId structure, uint32_t k) {
  const StoragePlace& at = layout_.field(structure, k);
  Place place;
  place.slot = b_.add(base, b_.constant(at.slot));
  place.known_offset = at.offset;
  place.is_alone = at.is_alone;
  return place;
}

/// Of bytes and strings, from the word in their slot: up to 31 bytes stand there themselves, with twice their number last; else twice the number plus 1.
ValueId Lowering::bytes_length(ValueId word) {
  const ValueId is_short = b_.is_zero(b_.bit_and(word, b_.constant(1)));
  const ValueId mask = b_.sub(b_.shl(8, is_short), b_.constant(1));
  return b_.shr(1, b_.bit_and(word, mask));
}

/// Slots from `slot` up to `end` become zero.
void Lowering::clear_slots(ValueId slot, ValueId end) { b_.call(helper(Helper::ClearSlots, 0), {slot, end}); }

}  // namespace omega::codegen::evm
