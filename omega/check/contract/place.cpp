// SPDX-License-Identifier: Apache-2.0
// Places: in locals, in memory and in the state; what they hold, and fresh values.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

namespace {
constexpr uint32_t kWordBytes = 32;
}

ir::DataTypeId ContractChecker::data_of(const Value& place) {
  const TypeId bytes = place.kind == ValueKind::StateByte ? kBytesType : place.type;
  return data_type(!place.is_other_text ? bytes : bytes == kBytesType ? kStringType : kBytesType);
}

Value ContractChecker::state_place(ValueId place, TypeId type) {
  if (types_.is_reference(type)) {
    return Value::of(type, place, Location::Storage);
  }
  return {.kind = ValueKind::State, .type = type, .id = place};
}

Value ContractChecker::load(Value value, NodeId where) {
  const ir::Type ir = value.is_place() ? types_.ir(value.type) : ir::Type::Void;
  const bool is_reference = value.is_place() && types_.is_reference(value.type);
  auto loaded = [&](ValueId id) {
    const Location location = !is_reference ? Location::None : value.is_read_only ? Location::Calldata : Location::Memory;
    return Value::of(value.type, id, location);
  };
  switch (value.kind) {
    case ValueKind::Slot: return Value::of(value.type, read_local(locals_[value.id], tree_->full_span(where)), value.location);
    case ValueKind::State: note_access(Access::Read, where); return loaded(builder_.emit(Op::StateGet, ir, value.id, data_type(value.type)));
    case ValueKind::Field: return loaded(builder_.load(ir, value.id, kWordBytes * value.extra));
    case ValueKind::Element: return loaded(builder_.emit(Op::ElementGet, ir, value.id, value.extra, 0, ir::kWord));
    case ValueKind::Fixed: return loaded(builder_.emit(Op::FixedGet, ir, value.id, value.extra, 0, ir::kWord));
    case ValueKind::Byte: return loaded(builder_.emit(Op::ElementGet, ir::Type::U8, value.id, value.extra));
    case ValueKind::StateByte: {
      note_access(Access::Read, where);
      const ValueId bytes = builder_.emit(Op::StateGet, ir::Type::Ref, value.id, data_of(value));
      return loaded(builder_.emit(Op::ElementGet, ir::Type::U8, bytes, value.extra));
    }
    case ValueKind::Immutable:
      if (value.extra == 0) {  // else it is a literal where it is declared, which is as good as a constant
        note_access(Access::Read, where);
      }
      return loaded(builder_.emit(Op::ImmutableGet, ir, value.id));
    case ValueKind::Transient: note_access(Access::Read, where); return loaded(builder_.emit(Op::TransientGet, ir, value.id));
    case ValueKind::Tuple: {
      std::vector<Value> parts = lists_[value.id];
      for (Value& part : parts) {
        part = load(part, where);
      }
      return list_value(ValueKind::Tuple, std::move(parts));
    }
    case ValueKind::Code: return not_yet(where, "the code of an address as bytes");
    default: return value;
  }
}

void ContractChecker::store_word(const Value& place, ValueId value) {
  switch (place.kind) {
    case ValueKind::Field: builder_.store(place.id, kWordBytes * place.extra, value); break;
    case ValueKind::Element: builder_.emit(Op::ElementSet, ir::Type::Void, place.id, place.extra, value, ir::kWord); break;
    case ValueKind::Fixed: builder_.emit(Op::FixedSet, ir::Type::Void, place.id, place.extra, value, ir::kWord); break;
    default: builder_.emit(Op::ElementSet, ir::Type::Void, place.id, place.extra, value); break;  // Byte
  }
}

bool ContractChecker::assignable(const Value& place, NodeId where) {
  if (place.is_error()) {
    return false;
  }
  if (!place.is_place() && !(place.kind == ValueKind::Runtime && place.is_storage())) {
    report(Kind::NotAssignable, where, {value_text(place)});
    return false;
  }
  if (place.is_read_only && place.kind != ValueKind::Slot) {
    report(Kind::NotAssignable, where, {"calldata"});
    return false;
  }
  if (place.kind == ValueKind::Immutable && (!in_constructor_ || in_modifier_)) {
    report(Kind::ContractImmutableWrite, where, {contract_->immutables[place.id].name});
    return false;
  }
  return true;
}

Value ContractChecker::store(const Value& place, Value value, NodeId where) {
  if (!assignable(place, where)) {
    return Value::error();
  }
  if (place.kind == ValueKind::Tuple || place.kind == ValueKind::Void) {
    return Value::error();
  }
  const TypeId type = place.type;
  if (place.kind == ValueKind::Runtime) {  // what is referred to in the state is copied
    if (holds_mapping(type)) {
      return fail(Kind::ContractLocation, where, {types_.text(type), "holds a mapping and cannot be assigned"});
    }
    value = load(value, where);
    note_access(Access::Write, where);
    if (value.kind == ValueKind::Runtime && value.is_storage() && data_of(value) == data_of(place)) {
      builder_.emit(Op::StateCopy, ir::Type::Void, place.id, value.id, data_of(place));
      return place;
    }
    if (value.kind == ValueKind::List &&
        (types_[type].kind == TypeKind::Array || (types_[type].kind == TypeKind::FixedArray && types_[type].length == lists_[value.id].size()))) {
      value = list_in_memory(value, type, where);
    } else if (value.is_data() && value.type != type && elements_convert(value.type, type)) {
      value = array_in_memory(value, type, where);
    } else {
      value = convert(value, type, Location::Memory, where, Use::Consume);
    }
    if (!value.is_error()) {
      builder_.emit(Op::StateSet, ir::Type::Void, place.id, value.id, data_of(place));
    }
    return place;
  }
  const Location location = place.kind == ValueKind::Slot ? place.location : types_.is_reference(type) ? Location::Memory : Location::None;
  value = convert(value, type, location, where);
  if (value.is_error()) {
    return value;
  }
  switch (place.kind) {
    case ValueKind::Slot: builder_.set(locals_[place.id].slot, value.id); break;
    case ValueKind::State:
      note_access(Access::Write, where);
      builder_.emit(Op::StateSet, ir::Type::Void, place.id, value.id, data_type(type));
      break;
    case ValueKind::StateByte: {
      note_access(Access::Write, where);
      const ir::DataTypeId bytes_type = data_of(place);
      const ValueId bytes = builder_.emit(Op::StateGet, ir::Type::Ref, place.id, bytes_type);
      builder_.emit(Op::ElementSet, ir::Type::Void, bytes, place.extra, value.id);
      builder_.emit(Op::StateSet, ir::Type::Void, place.id, bytes, bytes_type);
      break;
    }
    case ValueKind::Immutable: builder_.emit(Op::ImmutableSet, ir::Type::Void, place.id, value.id); break;
    case ValueKind::Transient:
      note_access(Access::Write, where);
      builder_.emit(Op::TransientSet, ir::Type::Void, place.id, value.id);
      break;
    default: store_word(place, value.id); break;
  }
  return value;
}

void ContractChecker::clear(const Value& place, NodeId where) {
  if (!assignable(place, where)) {
    return;
  }
  if (place.kind == ValueKind::State || place.kind == ValueKind::Runtime) {
    if (types_[place.type].kind == TypeKind::Mapping) {
      report(Kind::ContractLocation, where, {types_.text(place.type), "cannot be deleted"});
      return;
    }
    note_access(Access::Write, where);
    builder_.emit(Op::StateClear, ir::Type::Void, place.id, data_of(place));
    return;
  }
  if (place.location == Location::Storage || place.location == Location::Calldata) {
    report(Kind::NotAssignable, where, {"a reference to data elsewhere"});
    return;
  }
  store(place, Value::of(place.type, zero(place.type), types_.is_reference(place.type) ? Location::Memory : Location::None), where);
}

Value ContractChecker::field_of(Value base, uint32_t field, TypeId type) {
  if (base.is_storage()) {
    return state_place(builder_.emit(Op::StateField, ir::Type::Ref, base.id, field, data_type(base.type)), type);
  }
  return {.kind = ValueKind::Field,
          .location = types_.is_reference(type) ? base.location : Location::None,
          .is_read_only = base.location == Location::Calldata,
          .type = type,
          .id = base.id,
          .extra = field};
}

ValueId ContractChecker::length_of(const Value& base) {
  const Type& type = types_[base.type];
  if (type.kind == TypeKind::FixedArray) {
    return builder_.const_int(ir::Type::U256, static_cast<int64_t>(type.length));
  }
  if (base.is_storage()) {
    return builder_.emit(Op::StateLength, ir::Type::U256, base.id, data_of(base));
  }
  return builder_.cast(ir::Type::U256, builder_.unary(Op::ArrayLength, ir::Type::S64, base.id));
}

Value ContractChecker::element_of(Value base, ValueId index, NodeId where) {
  const Type type = types_[base.type];
  const bool is_bytes = type.kind == TypeKind::Bytes;
  if (base.is_storage()) {
    note_access(Access::Read, where);
    const ValueId is_inside = builder_.compare(Op::Lt, index, length_of(base));
    builder_.emit(Op::CheckThat, ir::Type::Void, is_inside, ir::kNone, static_cast<uint32_t>(ir::PanicKind::IndexOutOfBounds));
    if (is_bytes) {
      return {.kind = ValueKind::StateByte, .is_other_text = base.is_other_text, .type = fixed_bytes_type(1), .id = base.id, .extra = index};
    }
    return state_place(builder_.emit(Op::StateElement, ir::Type::Ref, base.id, index, data_type(base.type)), type.element);
  }
  Value place{.kind = is_bytes                            ? ValueKind::Byte
                      : type.kind == TypeKind::FixedArray ? ValueKind::Fixed
                                                          : ValueKind::Element,
              .is_read_only = base.location == Location::Calldata,
              .type = is_bytes ? fixed_bytes_type(1) : type.element,
              .id = base.id,
              .extra = index};
  place.location = types_.is_reference(place.type) ? base.location : Location::None;
  if (type.kind == TypeKind::FixedArray) {
    builder_.emit(Op::CheckBound, ir::Type::Void, index, static_cast<uint32_t>(type.length));
  } else {
    builder_.emit(Op::CheckIndex, ir::Type::Void, index, base.id);
  }
  return place;
}

bool ContractChecker::is_flat(TypeId type) {
  const Type info = types_[type];
  if (info.kind == TypeKind::FixedArray) {
    return !types_.is_reference(info.element);
  }
  for (const StructField& field : fields(type)) {
    if (types_.is_reference(field.type)) {
      return false;
    }
  }
  return true;
}

ValueId ContractChecker::zero(TypeId type) {
  const Type info = types_[type];
  if (info.kind != TypeKind::Struct && info.kind != TypeKind::FixedArray) {
    return builder_.const_int(types_.ir(type), 0);
  }
  if (info.kind == TypeKind::FixedArray && info.length > kLongestInMemory) {
    sink_.report(Kind::LengthOutOfRange, program_.span_of(function_), {std::to_string(info.length)});
    return builder_.const_null();
  }
  if (is_flat(type)) {
    const uint64_t words = info.kind == TypeKind::FixedArray ? info.length : fields(type).size();
    return builder_.emit(Op::NewObject, ir::Type::Ref, static_cast<uint32_t>(kWordBytes * words), 0, 0, ir::kNoRefs);
  }
  return builder_.call(zero_function(type), ir::Type::Ref, {});
}

ir::FunctionId ContractChecker::zero_function(TypeId type) {
  const auto [at, is_new] = zero_functions_.try_emplace(type, 0);
  if (is_new) {
    at->second = reserve_function("zero." + types_.text(type));
    pending_.push_back({at->second, function_, type});
  }
  return zero_functions_[type];
}

void ContractChecker::make_zero(ir::FunctionId id, TypeId type, DeclId declaration) {
  const Param result{type, Location::Memory, {}, 0};
  begin_function(id, declaration, {}, {&result, 1});
  const Type info = types_[type];
  const uint64_t words = info.kind == TypeKind::FixedArray ? info.length : fields(type).size();
  const ValueId made = builder_.emit(Op::NewObject, ir::Type::Ref, static_cast<uint32_t>(kWordBytes * words));
  if (info.kind == TypeKind::FixedArray) {
    count_to(builder_.const_int(ir::Type::U256, static_cast<int64_t>(words)),
             [&](ValueId i) { store_word({.kind = ValueKind::Fixed, .type = info.element, .id = made, .extra = i}, zero(info.element)); });
  } else {
    const std::vector<StructField> all(fields(type).begin(), fields(type).end());
    for (uint32_t i = 0; i < all.size(); ++i) {
      if (types_.is_reference(all[i].type)) {
        builder_.store(made, kWordBytes * i, zero(all[i].type));
      }
    }
  }
  builder_.ret(made);
  module_.functions[id] = builder_.finish();
}

ValueId ContractChecker::new_array(TypeId type, ValueId length) {
  const Type info = types_[type];
  if (info.kind != TypeKind::Array) {
    return builder_.emit(Op::ArrayNew, ir::Type::Ref, length, 1, 0, ir::kNoRefs);
  }
  const bool holds_values = !types_.is_reference(info.element);
  const ValueId made = builder_.emit(Op::ArrayNew, ir::Type::Ref, length, kWordBytes, 0, holds_values ? ir::kNoRefs : 0);
  if (const TypeKind kind = types_[info.element].kind; kind == TypeKind::Struct || kind == TypeKind::FixedArray) {
    count_to(length, [&](ValueId i) { store_word({.kind = ValueKind::Element, .type = info.element, .id = made, .extra = i}, zero(info.element)); });
  }
  return made;
}

}  // namespace omega::check::contract
