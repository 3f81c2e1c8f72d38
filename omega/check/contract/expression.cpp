// SPDX-License-Identifier: Apache-2.0
// Expressions: names, tuples, indices, assignments, choices.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;
using parse::AssignOp;
using parse::BinaryOp;

namespace {

BinaryOp operator_of(AssignOp op) {
  switch (op) {
    case AssignOp::Sub: return BinaryOp::Sub;
    case AssignOp::Mul: return BinaryOp::Mul;
    case AssignOp::Div: return BinaryOp::Div;
    case AssignOp::Mod: return BinaryOp::Mod;
    case AssignOp::Shl: return BinaryOp::Shl;
    case AssignOp::Shr: return BinaryOp::Shr;
    case AssignOp::Sar: return BinaryOp::Sar;
    case AssignOp::BitAnd: return BinaryOp::BitAnd;
    case AssignOp::BitOr: return BinaryOp::BitOr;
    case AssignOp::BitXor: return BinaryOp::BitXor;
    default: return BinaryOp::Add;
  }
}

}  // namespace

Value ContractChecker::expression(NodeId id) {
  const DepthCount depth(depth_);
  if (depth_ > kDeepest) {
    return fail(Kind::NestedTooDeeply, id);
  }
  at(id);
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::Invalid: return Value::error();
    case NodeKind::Name: return find_name(id, NameId{n.a});
    case NodeKind::IntLiteral:
    case NodeKind::DecimalLiteral:
    case NodeKind::UnitLiteral: return number_literal(id);
    case NodeKind::StringLiteral:
    case NodeKind::HexLiteral:
    case NodeKind::UnicodeLiteral: return text_literal(id);
    case NodeKind::BoolLiteral: return Value::of(kBoolType, builder_.const_bool(n.a != 0));
    case NodeKind::Binary: return binary(id);
    case NodeKind::Unary: return unary(id);
    case NodeKind::Postfix: return increment(id, false);
    case NodeKind::Assign: return assignment(id);
    case NodeKind::Conditional: return conditional(id);
    case NodeKind::Call: return call(id);
    case NodeKind::CallOptions: return call_options(id);
    case NodeKind::Index: return index(id);
    case NodeKind::Slice: return slice(id);
    case NodeKind::Member: return member(id);
    case NodeKind::ArrayLiteral: return array_literal(id);
    case NodeKind::Tuple: return tuple(id, false);
    case NodeKind::Paren: return expression(n.a);
    case NodeKind::TypeOf: {
      const TypeId type = read_type_or_library(n.a);
      return type == kErrorType ? Value::error() : Value{.kind = ValueKind::TypeInfo, .type = type};
    }
    case NodeKind::ArrayType:
    case NodeKind::FunctionType:
    case NodeKind::MappingType: {
      const TypeId type = read_type(id);
      return type == kErrorType ? Value::error() : Value::of_type(type);
    }
    case NodeKind::New: {
      const TypeId type = read_type(n.a);
      if (types_[type].kind == TypeKind::Contract) {
        return new_contract(type, id);
      }
      return type == kErrorType ? Value::error() : fail(Kind::NewNeedsArguments, id, {types_.text(type)});
    }
    default: return not_yet(id, "`" + std::string(tree_->tokens->spelled(n.token)) + "` in contracts");
  }
}

ValueId ContractChecker::operand(NodeId id, TypeId type, Location location, Use use) {
  const Value value = convert(expression(id), type, location, id, use);
  return value.is_error() ? poison(type) : value.id;
}

Value ContractChecker::list_value(ValueKind kind, std::vector<Value> parts) {
  lists_.push_back(std::move(parts));
  return {.kind = kind, .type = kVoidType, .id = static_cast<uint32_t>(lists_.size()) - 1};
}

Value ContractChecker::tuple(NodeId id, bool is_target) {
  std::vector<Value> parts;
  for (const NodeId element : tree_->list(node(id).b)) {
    if (element == 0) {
      if (!is_target) {
        return fail(Kind::TupleHole, id);
      }
      parts.push_back(Value::none());
    } else if (is_target) {
      NodeId inner = element;
      while (node(inner).kind == NodeKind::Paren) {
        inner = node(inner).a;
      }
      parts.push_back(node(inner).kind == NodeKind::Tuple ? tuple(inner, true) : expression(element));
    } else {
      parts.push_back(rvalue(element));
    }
  }
  return list_value(ValueKind::Tuple, std::move(parts));
}

Value ContractChecker::array_literal(NodeId id) {
  std::vector<Value> parts;
  bool failed = false;
  for (const NodeId element : tree_->list(node(id).b)) {
    Value part = rvalue(element);
    if (part.kind == ValueKind::Callable) {
      part = settle(part, element);
    }
    if (!part.is_error() && !part.is_data()) {
      part = fail(Kind::NotAValue, element, {value_text(part)});
    }
    failed = failed || part.is_error();
    parts.push_back(part);
  }
  if (parts.empty()) {
    return fail(Kind::EmptyLiteralType, id);
  }
  return failed ? Value::error() : list_value(ValueKind::List, std::move(parts));
}

Value ContractChecker::index(NodeId id) {
  const Node& n = node(id);
  Value base = rvalue(n.a);
  if (base.kind == ValueKind::Type) {
    const TypeId type = read_type(id);
    return type == kErrorType ? Value::error() : Value::of_type(type);
  }
  if (base.is_error()) {
    return base;
  }
  if (n.b == 0) {
    return fail(Kind::NotIndexable, id, {value_text(base)});
  }
  base = settle(base, n.a);
  if (base.is_error()) {
    return base;
  }
  const Type type = types_[base.type];
  if (base.is_storage()) {
    note_access(Access::Read, id);
  }
  switch (type.kind) {
    case TypeKind::Mapping: {
      const ValueId key = operand(n.b, type.key, types_.is_reference(type.key) ? Location::Memory : Location::None, Use::Consume);
      at(id);
      return state_place(builder_.emit(Op::StateEntry, ir::Type::Ref, base.id, key, data_type(base.type)), type.element);
    }
    case TypeKind::Array:
    case TypeKind::FixedArray:
    case TypeKind::Bytes: {
      const Value written = rvalue(n.b);
      if (type.kind == TypeKind::FixedArray && written.kind == ValueKind::Number && number_fits(written, kUint256Type) &&
          compare(numbers_[written.id].numerator, BigInteger::from_unsigned(type.length)) >= 0) {
        return fail(Kind::IndexOutOfBounds, n.b, {numbers_[written.id].numerator.text(), std::to_string(type.length)});
      }
      const Value converted_index = convert(written, kUint256Type, Location::None, n.b);
      const ValueId at_index = converted_index.is_error() ? poison(kUint256Type) : converted_index.id;
      at(id);
      return element_of(base, at_index, id);
    }
    case TypeKind::FixedBytes: {
      const uint32_t count = type.bits / 8;
      const Value written = rvalue(n.b);
      if (written.kind == ValueKind::Number && number_fits(written, kUint256Type) && compare(numbers_[written.id].numerator, BigInteger(count)) >= 0) {
        return fail(Kind::IndexOutOfBounds, n.b, {numbers_[written.id].numerator.text(), std::to_string(count)});
      }
      const Value converted_index = convert(written, kUint256Type, Location::None, n.b);
      const ValueId at_index = converted_index.is_error() ? poison(kUint256Type) : converted_index.id;
      at(id);
      builder_.emit(Op::CheckBound, ir::Type::Void, at_index, count);
      const ValueId behind = builder_.binary(Op::Sub, ir::Type::U256, builder_.const_int(ir::Type::U256, count - 1), at_index);
      const ValueId amount = builder_.binary(Op::Mul, ir::Type::U256, behind, builder_.const_int(ir::Type::U256, 8));
      const ValueId shifted = builder_.binary(Op::Shr, types_.ir(base.type), base.id, amount);
      return Value::of(fixed_bytes_type(1), count == 1 ? shifted : builder_.cast(ir::Type::U8, shifted));
    }
    default: return fail(Kind::NotIndexable, id, {types_.text(base.type)});
  }
}

Value ContractChecker::slice(NodeId id) {
  const Node& n = node(id);
  const Value base = rvalue(n.a);
  if (base.is_error()) {
    return base;
  }
  if (base.location != Location::Calldata) {
    return fail(Kind::NotSliceable, id, {value_text(base) + ", which is not in calldata,"});
  }
  const bool is_array = types_[base.type].kind == TypeKind::Array;
  if (!is_array && base.type != kBytesType && base.type != kStringType) {
    return fail(Kind::NotSliceable, id, {types_.text(base.type)});
  }
  const NodeId low = tree_->rec(n.b, 0);
  const NodeId high = tree_->rec(n.b, 1);
  const ValueId from = low == 0 ? builder_.const_int(ir::Type::U256, 0) : operand(low, kUint256Type);
  const ValueId to = high == 0 ? length_of(base) : operand(high, kUint256Type);
  at(id);
  if (is_array) {
    return slice_of_array(base, from, to);
  }
  return Value::of(base.type, builder_.emit(Op::DataSlice, ir::Type::Ref, base.id, from, to), Location::Calldata);
}

Value ContractChecker::slice_of_array(const Value& base, ValueId from, ValueId to) {
  // What is in calldata never changes, so that a part of it may be another array with the same elements.
  const Label in_order = builder_.new_label();
  const Label outside = builder_.new_label();
  const Label inside = builder_.new_label();
  builder_.cond_br(builder_.compare(Op::Le, from, to), in_order, outside);
  builder_.start_block(in_order);
  builder_.cond_br(builder_.compare(Op::Le, to, length_of(base)), inside, outside);
  builder_.start_block(outside);
  builder_.revert(ir::kNone, {});
  builder_.start_block(inside);
  const TypeId element = types_[base.type].element;
  const ValueId length = builder_.binary(Op::Sub, ir::Type::U256, to, from);
  const ValueId made = builder_.emit(Op::ArrayNew, ir::Type::Ref, length, 32, 0, types_.is_reference(element) ? 0 : ir::kNoRefs);
  count_to(length, [&](ValueId i) {
    const ValueId at_source = builder_.binary(Op::Add, ir::Type::U256, from, i);
    const ValueId word = builder_.emit(Op::ElementGet, types_.ir(element), base.id, at_source, 0, ir::kWord);
    store_word({.kind = ValueKind::Element, .type = element, .id = made, .extra = i}, word);
  });
  return Value::of(base.type, made, Location::Calldata);
}

Value ContractChecker::conditional(NodeId id) {
  const Node& n = node(id);
  const NodeId nodes[] = {tree_->rec(n.b, 0), tree_->rec(n.b, 1)};
  Label labels[] = {builder_.new_label(), builder_.new_label()};
  const Label conversions[] = {builder_.new_label(), builder_.new_label()};
  const Label behind = builder_.new_label();
  condition(n.a, labels[0], labels[1]);
  Value values[2];
  for (int i = 0; i < 2; ++i) {
    builder_.start_block(labels[i]);
    values[i] = rvalue(nodes[i]);
    if (values[i].kind == ValueKind::Callable) {
      values[i] = settle(values[i], nodes[i]);
    }
    jump(conversions[i]);
  }
  const bool is_tuple = values[0].kind == ValueKind::Tuple && values[1].kind == ValueKind::Tuple;
  std::vector<Value> sides[2];
  for (int i = 0; i < 2; ++i) {
    sides[i] = is_tuple ? lists_[values[i].id] : std::vector<Value>{values[i]};
  }
  std::vector<Value> chosen;
  if (sides[0].size() != sides[1].size()) {
    report(Kind::BranchTypes, id, {value_text(values[0]), value_text(values[1])});
  } else {
    for (size_t i = 0; i < sides[0].size(); ++i) {
      chosen.push_back(choice(sides[0][i], sides[1][i], id));
    }
  }
  for (int i = 0; i < 2; ++i) {
    builder_.start_block(conversions[i]);
    for (size_t k = 0; k < chosen.size(); ++k) {
      const Value value = chosen[k].is_error() ? chosen[k] : convert(sides[i][k], chosen[k].type, chosen[k].location, nodes[i]);
      if (!value.is_error()) {
        builder_.set(chosen[k].extra, value.id);
      }
    }
    jump(behind);
  }
  builder_.start_block(behind);
  for (Value& value : chosen) {
    if (value.is_error()) {
      return value;
    }
    value = Value::of(value.type, builder_.get(value.extra), value.location);
  }
  return chosen.empty() ? Value::error() : is_tuple ? list_value(ValueKind::Tuple, std::move(chosen)) : chosen[0];
}

Value ContractChecker::choice(const Value& first, const Value& second, NodeId id) {
  const Value values[] = {first, second};
  TypeId type = kErrorType;
  Location location = Location::None;
  if (!values[0].is_error() && !values[1].is_error()) {
    if (!values[0].is_data() || !values[1].is_data()) {
      report(Kind::NotAValue, id, {value_text(values[0].is_data() ? values[1] : values[0])});
    } else {
      const TypeId mobile[] = {mobile_type(values[0]), mobile_type(values[1])};
      const Value typed[] = {Value::of(mobile[0], 0, values[0].location), Value::of(mobile[1], 0, values[1].location)};
      type = mobile[0] == mobile[1] ? mobile[0] : common_type(typed[0], typed[1]);
      if (type == kErrorType) {
        report(Kind::BranchTypes, id, {value_text(values[0]), value_text(values[1])});
      } else if (types_.is_reference(type)) {
        location = values[0].location == values[1].location && values[0].location != Location::None ? values[0].location : Location::Memory;
      }
    }
  }
  if (type == kErrorType) {
    return Value::error();
  }
  Value made = Value::of(type, 0, location);
  made.extra = builder_.add_slot(types_.ir(type));
  return made;
}

Value ContractChecker::store_tuple(const Value& target, const Value& value, NodeId where) {
  const std::vector<Value> places = lists_[target.id];
  const std::vector<Value> parts = value.kind == ValueKind::Tuple ? lists_[value.id] : std::vector<Value>{value};
  if (parts.size() != places.size()) {
    return fail(Kind::TupleSize, where, {std::to_string(places.size()), std::to_string(parts.size())});
  }
  for (size_t i = places.size(); i-- > 0;) {
    if (places[i].kind == ValueKind::Tuple) {
      store_tuple(places[i], parts[i], where);
    } else if (places[i].kind != ValueKind::Void) {
      store(places[i], parts[i], where);
    }
  }
  return Value::none();
}

Value ContractChecker::assignment(NodeId id) {
  const Node& n = node(id);
  const AssignOp op = static_cast<AssignOp>(n.flags);
  const Value value = rvalue(n.b);
  NodeId target = n.a;
  while (node(target).kind == NodeKind::Paren) {
    target = node(target).a;
  }
  if (op == AssignOp::Assign && node(target).kind == NodeKind::Tuple) {
    const Value places = tuple(target, true);
    return value.is_error() ? value : store_tuple(places, value, id);
  }
  const Value place = expression(target);
  at(id);
  if (place.is_error() || value.is_error()) {
    return Value::error();
  }
  if (op == AssignOp::Assign) {
    return store(place, value, n.b);
  }
  if (!assignable(place, n.a)) {
    return Value::error();
  }
  const Value result = binary_values(operator_of(op), load(place, n.a), value, id);
  return result.is_error() ? result : store(place, result, id);
}

}  // namespace omega::check::contract
