// SPDX-License-Identifier: Apache-2.0
// Conversions, implicit and explicit, as Solidity has them.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

ValueId ContractChecker::poison(TypeId type) {
  const ir::Type ir = types_.ir(type);
  return ir == ir::Type::Void ? builder_.const_bool(false) : builder_.const_int(ir, 0);
}

ValueId ContractChecker::emit_number(const BigInteger& value, TypeId type) {
  const ir::Type ir = types_.ir(type);
  uint64_t limbs[4];
  value.to_limbs(limbs);
  if (value.fits_int64() && (ir::is_signed(ir) || !value.is_negative())) {
    return builder_.const_int(ir, value.to_int64());
  }
  return ir::is_wide(ir) ? builder_.const_wide(ir, limbs) : builder_.const_int(ir, static_cast<int64_t>(limbs[0]));
}

bool ContractChecker::number_fits(const Value& value, TypeId to) const {
  const Rational& number = numbers_[value.id];
  const Type& type = types_[to];
  if (!number.is_integer()) {
    return false;
  }
  switch (type.kind) {
    case TypeKind::Integer: return number.numerator.fits(type.bits, type.is_signed);
    case TypeKind::FixedBytes: return number.numerator.is_zero() || (value.digits == type.bits / 4 && number.numerator.fits(type.bits, false));
    case TypeKind::Address: return value.digits == kAddressDigits;
    default: return false;
  }
}

TypeId ContractChecker::mobile_type(const Value& value) {
  switch (value.kind) {
    case ValueKind::Number: {
      const Rational& number = numbers_[value.id];
      if (!number.is_integer()) {
        return kErrorType;
      }
      if (value.digits == kAddressDigits) {
        return kAddressType;
      }
      for (uint32_t bits = 8; bits <= 256; bits += 8) {
        if (number.numerator.fits(bits, number.numerator.is_negative())) {
          return integer_type(bits, number.numerator.is_negative());
        }
      }
      return kErrorType;
    }
    case ValueKind::Text: return value.digits != 0 ? kBytesType : kStringType;
    case ValueKind::List: {
      TypeId element = kErrorType;
      for (const Value& part : lists_[value.id]) {
        const TypeId type = mobile_type(part);
        if (element == kErrorType) {
          element = type;
        } else if (type != element) {
          element = converts(part, element, types_.is_reference(type) ? Location::Memory : Location::None) ? element : type;
        }
      }
      return element == kErrorType ? kErrorType : types_.fixed_array(element, lists_[value.id].size());
    }
    case ValueKind::Callable: {
      const Callable& named = callables_[value.id];
      return named.candidates.size() == 1 ? type_as_value(named, named.candidates[0]) : kErrorType;
    }
    default: return value.type;
  }
}

bool ContractChecker::converts(const Value& value, TypeId to, Location location) {
  if (value.is_error() || to == kErrorType) {
    return true;
  }
  const Type& target = types_[to];
  switch (value.kind) {
    case ValueKind::Number: return number_fits(value, to);
    case ValueKind::Text:
      if (target.kind == TypeKind::FixedBytes) {
        return texts_[value.id].size() <= target.bits / 8u;
      }
      return location != Location::Storage && location != Location::Calldata && (to == kBytesType || to == kStringType);
    case ValueKind::List: {
      if (location == Location::Storage || target.kind != TypeKind::FixedArray) {
        return false;
      }
      const auto& parts = lists_[value.id];
      const TypeId own = mobile_type(value);
      return own != kErrorType && target.length == parts.size() && (types_[own].element == target.element || types_.is_reference(target.element)) &&
             std::all_of(parts.begin(), parts.end(), [&](const Value& part) {
               return converts(part, target.element, types_.is_reference(target.element) ? Location::Memory : Location::None);
             });
    }
    case ValueKind::Tuple: return lists_[value.id].size() == 1 && converts(lists_[value.id][0], to, location);
    default: break;
  }
  if (value.kind == ValueKind::Callable) {
    return (target.kind == TypeKind::Function || target.kind == TypeKind::ExternalFunction) && function_for(Callable(callables_[value.id]), to) != kNone;
  }
  if (!value.is_data()) {
    return false;
  }
  const Type& from = types_[value.type];
  if (value.type == to) {
    return location == Location::None || location == Location::Memory || value.location == location ||
           (location == Location::Calldata && value.location == Location::Calldata);
  }
  switch (from.kind) {
    case TypeKind::Integer: return target.kind == TypeKind::Integer && from.is_signed == target.is_signed && from.bits <= target.bits;
    case TypeKind::FixedBytes: return target.kind == TypeKind::FixedBytes && from.bits <= target.bits;
    case TypeKind::Address: return to == kAddressType;
    case TypeKind::Function:
    case TypeKind::ExternalFunction: return types_.function_converts(value.type, to);
    case TypeKind::Contract: return target.kind == TypeKind::Contract && program_.derives(from.declaration, target.declaration);
    default: return false;
  }
}

ValueId ContractChecker::resize_number(ValueId value, TypeId from, TypeId to) {
  const ir::Type ir = types_.ir(to);
  return types_.ir(from) == ir ? value : builder_.cast(ir, value);
}

ValueId ContractChecker::copy_of_bytes(ValueId bytes) {
  const ValueId length = builder_.cast(ir::Type::U256, builder_.unary(Op::ArrayLength, ir::Type::S64, bytes));
  return builder_.emit(Op::DataSlice, ir::Type::Ref, bytes, builder_.const_int(ir::Type::U256, 0), length);
}

ValueId ContractChecker::text_bytes(const std::string& text, Use use) {
  const ValueId constant = builder_.const_string(text);
  return use == Use::Keep && !text.empty() ? copy_of_bytes(constant) : constant;
}

ValueId ContractChecker::deep_copy(ValueId data, TypeId type) {
  if (type == kBytesType || type == kStringType) {
    return copy_of_bytes(data);
  }
  const ir::DataTypeId id = data_type(type);
  const uint32_t encoded[] = {data, id};
  const ValueId bytes = builder_.emit(Op::DataEncode, ir::Type::Ref, static_cast<uint32_t>(ir::Encoding::Abi), builder_.add_extra(encoded), 1);
  return builder_.emit(Op::DataDecode, ir::Type::Ref, bytes, builder_.add_extra({&id, 1}), 1);
}

bool ContractChecker::elements_convert(TypeId from, TypeId to) {
  const Type source = types_[from];
  const Type target = types_[to];
  const bool are_arrays =
      (source.kind == TypeKind::Array || source.kind == TypeKind::FixedArray) &&
      (target.kind == TypeKind::Array || (target.kind == TypeKind::FixedArray && source.kind == TypeKind::FixedArray && source.length <= target.length));
  if (!are_arrays) {
    return false;
  }
  if (source.element == target.element) {
    return true;
  }
  return types_.is_reference(source.element) ? elements_convert(source.element, target.element)
                                             : converts(Value::of(source.element, 0), target.element, Location::None);
}

Value ContractChecker::array_in_memory(const Value& array, TypeId to, NodeId where) {
  const Type target = types_[to];
  const bool is_array = target.kind == TypeKind::Array;
  const ValueId length = length_of(array);
  const ValueId made = is_array ? new_array(to, length) : zero(to);
  if (array.is_storage()) {
    note_access(Access::Read, where);
  }
  count_to(length, [&](ValueId i) {
    Value element = load(element_of(array, i, where), where);
    const bool is_reference = types_.is_reference(target.element);
    element = element.type != target.element && is_reference ? array_in_memory(element, target.element, where)
                                                             : convert(element, target.element, is_reference ? Location::Memory : Location::None, where);
    if (!element.is_error()) {
      store_word({.kind = is_array ? ValueKind::Element : ValueKind::Fixed, .type = target.element, .id = made, .extra = i}, element.id);
    }
  });
  return Value::of(to, made, Location::Memory);
}

Value ContractChecker::list_in_memory(const Value& list, TypeId to, NodeId where) {
  const Type target = types_[to];
  const std::vector<Value> parts = lists_[list.id];
  const bool is_array = target.kind == TypeKind::Array;
  const ValueId array = is_array ? new_array(to, builder_.const_int(ir::Type::U256, static_cast<int64_t>(parts.size())))
                                 : builder_.emit(Op::NewObject, ir::Type::Ref, static_cast<uint32_t>(32 * parts.size()), 0, 0,
                                                 types_.is_reference(target.element) ? 0 : ir::kNoRefs);
  for (size_t i = 0; i < parts.size(); ++i) {
    const Type inner = types_[target.element];
    const bool is_inner_list = parts[i].kind == ValueKind::List &&
                               (inner.kind == TypeKind::Array || (inner.kind == TypeKind::FixedArray && inner.length == lists_[parts[i].id].size()));
    const Value part = is_inner_list ? list_in_memory(parts[i], target.element, where)
                                     : convert(parts[i], target.element, types_.is_reference(target.element) ? Location::Memory : Location::None, where);
    if (part.is_error()) {
      return part;
    }
    store_word({.kind = is_array ? ValueKind::Element : ValueKind::Fixed,
                .type = target.element,
                .id = array,
                .extra = builder_.const_int(ir::Type::U256, static_cast<int64_t>(i))},
               part.id);
  }
  return Value::of(to, array, Location::Memory);
}

Value ContractChecker::convert(Value value, TypeId to, Location location, NodeId where, Use use) {
  if (value.is_error() || to == kErrorType) {
    return Value::error();
  }
  if (value.kind == ValueKind::Tuple && lists_[value.id].size() == 1) {
    value = lists_[value.id][0];
  }
  value = load(value, where);
  if (!converts(value, to, location)) {
    if (value.kind == ValueKind::Number && types_[to].kind == TypeKind::Integer) {
      const Rational& read = numbers_[value.id];
      return fail(read.is_integer() ? Kind::LiteralOutOfRange : Kind::NotAnInteger, where,
                  {read.is_integer() ? read.numerator.text() : types_.text(to), types_.text(to)});
    }
    return fail(Kind::TypeMismatch, where, {types_.text(to) + (location == Location::Storage ? " storage" : ""), value_text(value)});
  }
  const Type target = types_[to];
  switch (value.kind) {
    case ValueKind::Number: return Value::of(to, emit_number(numbers_[value.id].numerator, to));
    case ValueKind::Text:
      if (target.kind == TypeKind::FixedBytes) {
        BigInteger number;
        const std::string text = texts_[value.id];
        for (uint32_t i = 0; i < target.bits / 8u; ++i) {
          number = number * BigInteger(256) + BigInteger(i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
        }
        return Value::of(to, emit_number(number, to));
      }
      return Value::of(to, text_bytes(texts_[value.id], use), Location::Memory);
    case ValueKind::List: return list_in_memory(value, to, where);
    case ValueKind::Callable: return function_value(Callable(callables_[value.id]), to, where);
    default: break;
  }
  if (!types_.is_reference(to)) {
    if (target.kind == TypeKind::FixedBytes && types_[value.type].bits != target.bits) {
      return convert_explicit(value, to, where);
    }
    return Value::of(to, resize_number(value.id, value.type, to));
  }
  if (value.location == Location::Storage && location != Location::Storage) {
    if (holds_mapping(to)) {
      return fail(Kind::ContractLocation, where, {types_.text(to), "holds a mapping and lies in storage only"});
    }
    return Value::of(to, builder_.emit(Op::StateGet, ir::Type::Ref, value.id, data_of(value)), Location::Memory);
  }
  if (value.location == Location::Calldata && location == Location::Memory && use == Use::Keep) {
    return Value::of(to, deep_copy(value.id, to), Location::Memory);
  }
  value.type = to;
  return value;
}

Value ContractChecker::settle(Value value, NodeId where) {
  value = load(value, where);
  if (value.kind == ValueKind::Tuple && lists_[value.id].size() == 1) {
    return settle(lists_[value.id][0], where);
  }
  if (value.kind == ValueKind::Callable && mobile_type(value) != kErrorType) {
    return convert(value, mobile_type(value), Location::None, where);
  }
  if (value.kind != ValueKind::Number && value.kind != ValueKind::Text && value.kind != ValueKind::List) {
    if (!value.is_error() && !value.is_data()) {
      return fail(value.kind == ValueKind::Void ? Kind::GivesNoValue : Kind::NotAValue, where, {value_text(value)});
    }
    return value;
  }
  const TypeId type = mobile_type(value);
  if (type == kErrorType) {
    return fail(value.kind == ValueKind::Number ? Kind::NotAnInteger : Kind::EmptyLiteralType, where, {"an integer"});
  }
  return convert(value, type, types_.is_reference(type) ? Location::Memory : Location::None, where, Use::Consume);
}

ValueId ContractChecker::bytes_to_fixed(ValueId bytes, TypeId to) {
  // The first 32 bytes of the bytes and 32 zeros behind them, as one number, of which the upper part is wanted.
  const ValueId parts[] = {bytes, builder_.const_string(std::string(32, '\0'))};
  const ValueId padded = builder_.emit(Op::DataConcat, ir::Type::Ref, 0, builder_.add_extra(parts), 2);
  const ValueId first = builder_.emit(Op::DataSlice, ir::Type::Ref, padded, builder_.const_int(ir::Type::U256, 0), builder_.const_int(ir::Type::U256, 32));
  const uint32_t type = data_type(kBytes32Type);
  const ValueId word = builder_.emit(Op::DataDecode, ir::Type::U256, first, builder_.add_extra({&type, 1}), 1);
  const uint32_t bits = types_[to].bits;
  return bits == 256 ? word : builder_.cast(types_.ir(to), builder_.binary(Op::Shr, ir::Type::U256, word, builder_.const_int(ir::Type::U256, 256 - bits)));
}

bool ContractChecker::takes_value(ContractId contract) {
  for (const ContractId base : program_.contracts[contract].linear) {
    for (const DeclId id : program_.contracts[base].members) {
      const Declaration& d = program_.declarations[id];
      if (d.kind != DeclKind::Function || d.name.valid()) {
        continue;
      }
      const parse::Tree& there = program_.tree_of(d);
      if (static_cast<parse::FunctionKind>(there.function(there.node(d.node)).kind) != parse::FunctionKind::Constructor &&
          signature(id).mutability == ir::Mutability::Payable) {
        return true;
      }
    }
  }
  return false;
}

Value ContractChecker::convert_explicit(Value value, TypeId to, NodeId where) {
  if (value.kind == ValueKind::Tuple && lists_[value.id].size() == 1) {
    value = lists_[value.id][0];
  }
  value = load(value, where);
  if (value.is_error() || to == kErrorType) {
    return Value::error();
  }
  const Type target = types_[to];
  auto refuse = [&] { return fail(Kind::NoConversion, where, {value_text(value), types_.text(to)}); };
  if (value.kind == ValueKind::Number) {
    const Rational read = numbers_[value.id];
    const bool is_zero = read.is_integer() && read.numerator.is_zero();
    if (to == kPayableType && value.digits != kAddressDigits && !is_zero) {
      return refuse();
    }
    if (number_fits(value, to) || (target.kind == TypeKind::Address && read.is_integer() && read.numerator.fits(160, false)) ||
        (target.kind == TypeKind::Contract && value.digits == kAddressDigits) || (target.kind == TypeKind::FixedBytes && is_zero)) {
      return Value::of(to, emit_number(read.numerator, to));
    }
    if (target.kind == TypeKind::Enum && read.is_integer() && read.numerator.fits(16, false) &&
        static_cast<uint64_t>(read.numerator.to_int64()) < target.length) {
      return Value::of(to, emit_number(read.numerator, to));
    }
    if (target.kind == TypeKind::Integer && read.is_integer()) {
      return fail(Kind::LiteralOutOfRange, where, {read.numerator.text(), types_.text(to)});
    }
    return refuse();
  }
  if (value.kind == ValueKind::Text && (to == kBytesType || to == kStringType || target.kind == TypeKind::FixedBytes)) {
    return convert(value, to, types_.is_reference(to) ? Location::Memory : Location::None, where);
  }
  if (!value.is_data()) {
    return refuse();
  }
  value = settle(value, where);
  if (value.is_error()) {
    return value;
  }
  const Type from = types_[value.type];
  if ((value.type == kBytesType && to == kStringType) || (value.type == kStringType && to == kBytesType)) {
    value.is_other_text = value.is_storage() && !value.is_other_text;
    value.type = to;
    return value;
  }
  if (value.type == to) {
    return value;
  }
  if (value.type == kBytesType && target.kind == TypeKind::FixedBytes) {
    const Value bytes = convert(value, kBytesType, Location::Memory, where, Use::Consume);
    return bytes.is_error() ? bytes : Value::of(to, bytes_to_fixed(bytes.id, to));
  }
  const ir::Type ir = types_.ir(to);
  switch (from.kind) {
    case TypeKind::Integer:
      if (target.kind == TypeKind::Integer && (from.is_signed == target.is_signed || from.bits == target.bits || converts(value, to, Location::None))) {
        return Value::of(to, resize_number(value.id, value.type, to));
      }
      if ((target.kind == TypeKind::FixedBytes && from.bits == target.bits && !from.is_signed) || (to == kAddressType && from.bits == 160 && !from.is_signed)) {
        return Value::of(to, value.id);
      }
      if (target.kind == TypeKind::Enum) {
        if (const BigInteger last(static_cast<int64_t>(target.length - 1)); last.fits(from.bits, from.is_signed)) {
          const ValueId is_inside = builder_.compare(Op::Le, value.id, emit_number(last, value.type));
          builder_.emit(Op::CheckThat, ir::Type::Void, is_inside, ir::kNone, static_cast<uint32_t>(ir::PanicKind::BadEnum));
        }
        if (from.is_signed) {
          const ValueId is_positive = builder_.compare(Op::Ge, value.id, builder_.const_int(types_.ir(value.type), 0));
          builder_.emit(Op::CheckThat, ir::Type::Void, is_positive, ir::kNone, static_cast<uint32_t>(ir::PanicKind::BadEnum));
        }
        return Value::of(to, resize_number(value.id, value.type, to));
      }
      break;
    case TypeKind::FixedBytes:
      if (target.kind == TypeKind::FixedBytes) {
        if (target.bits > from.bits) {
          return Value::of(to, builder_.binary(Op::Shl, ir, builder_.cast(ir, value.id), builder_.const_int(ir::Type::U256, target.bits - from.bits)));
        }
        const ir::Type wide = types_.ir(value.type);
        return Value::of(to, builder_.cast(ir, builder_.binary(Op::Shr, wide, value.id, builder_.const_int(ir::Type::U256, from.bits - target.bits))));
      }
      if ((target.kind == TypeKind::Integer && from.bits == target.bits && !target.is_signed) || (to == kAddressType && from.bits == 160)) {
        return Value::of(to, value.id);
      }
      break;
    case TypeKind::Address:
      if (target.kind == TypeKind::Contract && value.type == kAddressType && takes_value(target.declaration)) {
        report(Kind::NoConversion, where, {value_text(value), types_.text(to)}).with_help("the contract takes value: write `payable(…)` around the address");
        return Value::error();
      }
      if (target.kind == TypeKind::Address || target.kind == TypeKind::Contract ||
          (value.type == kAddressType &&
           ((target.kind == TypeKind::FixedBytes && target.bits == 160) || (target.kind == TypeKind::Integer && target.bits == 160 && !target.is_signed)))) {
        return Value::of(to, value.id);
      }
      break;
    case TypeKind::Contract:
      if (target.kind == TypeKind::Address) {
        if (to == kPayableType && !takes_value(from.declaration)) {
          return fail(Kind::ContractNotPayable, where, {types_.text(value.type)});
        }
        return Value::of(to, value.id);
      }
      if (target.kind == TypeKind::Contract &&
          (program_.derives(from.declaration, target.declaration) || program_.derives(target.declaration, from.declaration))) {
        return Value::of(to, value.id);
      }
      break;
    case TypeKind::Enum:
      if (target.kind == TypeKind::Integer) {
        return Value::of(to, resize_number(value.id, value.type, to));
      }
      break;
    default: break;
  }
  return refuse();
}

}  // namespace omega::check::contract
