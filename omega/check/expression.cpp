// SPDX-License-Identifier: Apache-2.0
// Expressions: dispatch, names, conditions, assignments.
#include <bit>

#include "omega/check/checker.h"
#include "omega/check/result_type.h"

namespace omega::check {

using diag::Kind;
using parse::AssignOp;
using parse::BinaryOp;
using parse::UnaryOp;

Value Checker::expression(NodeId id, TypeId hint) {
  const DepthGuard guard(*this);
  if (guard.too_deep()) [[unlikely]] {
    report_at(Kind::NestedTooDeeply, tree_->span(id));
    return Value::error();
  }
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::Name: return name_expression(id);
    case NodeKind::IntLiteral:
      if ((n.flags & 1) != 0 && n.b <= INT32_MAX) [[likely]] {
        return Value::integer(kNumberType, static_cast<int64_t>(static_cast<uint64_t>(n.b) << 32 | n.a));
      }
      return int_literal(id);
    case NodeKind::Binary: return binary(id, hint);
    case NodeKind::Call: return call(id, hint);
    case NodeKind::Index: return index(id);
    case NodeKind::Member: return member(id, hint);
    case NodeKind::Paren: return expression(n.a, hint);
    case NodeKind::Assign: return assignment(id, true);
    case NodeKind::Unary:
      if (n.flags == static_cast<uint8_t>(UnaryOp::Increment) || n.flags == static_cast<uint8_t>(UnaryOp::Decrement)) {
        return increment(id, true, true);
      }
      return unary(id, hint);
    case NodeKind::Postfix: return increment(id, false, true);
    case NodeKind::DecimalLiteral: return decimal_literal(id);
    case NodeKind::BoolLiteral: return Value::boolean(n.a != 0);
    case NodeKind::StringLiteral:
    case NodeKind::UnicodeLiteral: return text_constant(literal_text(id));
    case NodeKind::HexLiteral: return hex_literal(id, hint);
    case NodeKind::UnitLiteral: return unit_literal(id);
    case NodeKind::Conditional: return conditional(id, hint);
    case NodeKind::CallOptions: {
      const TypeId type = type_named_by(n.a);
      if (type != kNoType && types_[type].kind == TypeKind::Struct) {
        return struct_value(type, tree_->list(n.b), true, id);
      }
      if (type != kErrorType) {
        report(Kind::CallOptionsOnTarget, id);
      }
      return Value::error();
    }
    case NodeKind::Slice: return slice(id);
    case NodeKind::ArrayLiteral: return array_literal(id, hint);
    case NodeKind::Tuple: return tuple_literal(id, hint);
    case NodeKind::Lambda: return {.kind = ValueKind::Lambda, .type = kNoType, .id = id};
    case NodeKind::Range: {
      const ValueId low = index_value(n.a);
      ValueId high = index_value(n.b);
      if ((n.flags & 1) != 0) {
        at(id);
        high = builder_->binary(Op::Add, ir::Type::S64, high, builder_->const_int(ir::Type::S64, 1), ir::kChecked);
      }
      return Value::range(low, high);
    }
    case NodeKind::Try: return try_operator(id, hint);
    case NodeKind::Match: return check_match(*this, id, hint);
    case NodeKind::New: {
      const TypeId type = read_type(n.a);
      if (type != kErrorType) {
        diag::Diagnostic& diagnostic = report(Kind::NewNeedsArguments, id, {types_.text(type)});
        if (types_[type].kind == TypeKind::FixedArray) {
          diagnostic.with_help("write `new " + types_.text(types_[type].element) + "[](" + std::to_string(types_[type].length) + ")`");
        }
      }
      return Value::error();
    }
    case NodeKind::GenericType:
    case NodeKind::ArrayType:
    case NodeKind::MappingType:
    case NodeKind::FunctionType:
    case NodeKind::TupleType: {
      const TypeId type = read_type(id);
      return type == kErrorType ? Value::error() : Value::of_type(type);
    }
    case NodeKind::TypeOf: report(Kind::NotAValue, id, {"`type(...)`"}).with_help("ask for `.min` or `.max`"); return Value::error();
    case NodeKind::NamedArg: report(Kind::UnexpectedNamedArgument, id, {name_text(NameId{n.a})}); return Value::error();
    case NodeKind::Block: report(Kind::NotAValue, id, {"a block"}); return Value::error();
    case NodeKind::Invalid: return Value::error();
    default: report(Kind::NotAValue, id, {"this"}); return Value::error();
  }
}

Value Checker::name_expression(NodeId id) {
  const NameId name = tree_->name(node(id));
  const uint32_t innermost = innermost_[name.index];
  if (innermost != 0) [[likely]] {
    at(id);
    return read_local(innermost - 1);
  }
  return symbol_value(lookup(name), id);
}

Value Checker::symbol_value(Symbol symbol, NodeId id) {
  const Node& n = node(id);
  const NameId name = n.kind == NodeKind::Member ? NameId{n.b} : tree_->name(n);
  switch (symbol.kind) {
    case SymbolKind::Local: return read_local(symbol.index);
    case SymbolKind::Functions:
      if (!signatures_known(id)) {
        return Value::error();
      }
      return {.kind = ValueKind::Functions, .type = kNoType, .id = symbol.index};
    case SymbolKind::Struct: return Value::of_type(decls_.structs[symbol.index].type);
    case SymbolKind::Enum: return Value::of_type(decls_.enums[symbol.index].type);
    case SymbolKind::UserType: {
      const TypeId type = type_named_by(id);
      return type == kErrorType ? Value::error() : Value::of_type(type);
    }
    case SymbolKind::ElementaryType:
    case SymbolKind::TypeParameter: return Value::of_type(symbol.index);
    case SymbolKind::Constant:
      if (resolver_ != nullptr && decls_.constants[symbol.index].state != 2) {
        resolver_->resolve_constant(symbol.index, tree_->full_span(id));
      }
      return constant_value(decls_.constants[symbol.index].value);
    case SymbolKind::Module: return {.kind = ValueKind::Module, .type = kNoType, .id = symbol.index};
    case SymbolKind::BuiltinFunction: return {.kind = ValueKind::Builtin, .type = kNoType, .id = symbol.index};
    case SymbolKind::Pattern: return {.kind = ValueKind::Pattern, .type = kNoType, .id = symbol.index};
    case SymbolKind::BuiltinConstant:
      return {
          .kind = ValueKind::Constant, .form = ConstantForm::Float, .type = kFloat64Type, .bits = std::bit_cast<int64_t>(constant_names()[symbol.index].value)};
    case SymbolKind::ErrorDecl: return {.kind = ValueKind::ErrorName, .type = kNoType, .id = symbol.index};
    case SymbolKind::Event:
    case SymbolKind::Contract: report(Kind::ContractNotOnTarget, id, {name_text(name)}); return Value::error();
    case SymbolKind::Alias: return Value::error();  // its import was reported
    case SymbolKind::None: break;
  }
  report_unknown(name, id);
  return Value::error();
}

bool Checker::signatures_known(NodeId where) {
  if (resolver_ != nullptr) {
    report(Kind::NotConstant, where);
    return false;
  }
  return true;
}

Value Checker::to_runtime(Value value, NodeId where) {
  switch (value.kind) {
    case ValueKind::Runtime:
    case ValueKind::Error: return value;
    case ValueKind::Constant:
      if (value.type == kNumberType) {
        value = convert(value, default_type(value), where);
        if (value.is_error()) {
          return value;
        }
      }
      return Value::of(value.type, materialize(value));
    case ValueKind::Multi: {
      PodVector<ValueId> parts;
      for (uint32_t i = 0; i < types_[value.type].part_count; ++i) {
        parts.push_back(value.id + i);
      }
      return Value::of(value.type, tuple_object(value.type, {parts.data(), parts.size()}));
    }
    case ValueKind::Functions: {
      const FunctionDecl& f = decls_.functions[value.id];
      if (f.next_overload == kNoDeclaration && !f.is_generic) {
        return f.has_error ? Value::error() : function_value(value.id);
      }
      report(Kind::AmbiguousFunctionValue, where, {name_text(f.name)}).with_help("give the variable a function type");
      return Value::error();
    }
    case ValueKind::Lambda:
      report(Kind::LambdaTypeUnknown, where).with_help("write the types of its parameters, `(int64 x) => ...`, or use it where a function type is expected");
      return Value::error();
    case ValueKind::Builtin:
    case ValueKind::Pattern: report(Kind::NotAValue, where, {"a built-in function"}).with_help("wrap it in a lambda: `x => ...`"); return Value::error();
    case ValueKind::Void: report(Kind::GivesNoValue, where); return Value::error();
    default: report(Kind::NotAValue, where, {value_text(value)}); return Value::error();
  }
}

Value Checker::runtime_expression(NodeId id, TypeId hint) {
  Value value = expression(id, hint);
  if (value.kind == ValueKind::Lambda && hint == kNoType) {
    // A lambda with written types needs no context.
    PodVector<TypeId> parameters;
    for (NodeId param : tree_->list(node(value.id).a)) {
      const TypeId type = node(param).a == 0 ? kNoType : read_type(node(param).a);
      if (type == kNoType) {
        return to_runtime(value, id);
      }
      parameters.push_back(type);
    }
    return lambda_value(value.id, {parameters.data(), parameters.size()}, kNoType, true);
  }
  if (hint != kNoType && (value.kind == ValueKind::Lambda || (value.is_constant() && value.type == kNumberType)) && converts(value, hint)) {
    value = convert(value, hint, id);
  }
  return to_runtime(value, id);
}

ValueId Checker::operand(NodeId id, TypeId type) {
  const Value value = convert(expression(id, type), type, id);
  return value.is_error() ? poison(type) : materialize(value);
}

ValueId Checker::poison(TypeId type) {
  const ir::Type ir = types_.ir(type);
  switch (ir) {
    case ir::Type::Void: return builder_->const_int(ir::Type::S64, 0);
    case ir::Type::F32: return builder_->const_f32(0);
    case ir::Type::F64: return builder_->const_f64(0);
    default: return builder_->const_int(ir, 0);
  }
}

void Checker::condition(NodeId id, Label then_label, Label else_label) {
  const DepthGuard guard(*this);
  const Node& n = node(id);
  if (!guard.too_deep()) {
    if (n.kind == NodeKind::Paren) {
      return condition(n.a, then_label, else_label);
    }
    if (n.kind == NodeKind::Unary && n.flags == static_cast<uint8_t>(UnaryOp::Not)) {
      return condition(n.a, else_label, then_label);
    }
    if (n.kind == NodeKind::Binary && (n.flags == static_cast<uint8_t>(BinaryOp::And) || n.flags == static_cast<uint8_t>(BinaryOp::Or))) {
      const Label right = builder_->new_label();
      if (n.flags == static_cast<uint8_t>(BinaryOp::And)) {
        condition(n.a, right, else_label);
      } else {
        condition(n.a, then_label, right);
      }
      builder_->start_block(right);
      return condition(n.b, then_label, else_label);
    }
  }
  const Value value = convert(expression(id, kBoolType), kBoolType, id);
  if (value.is_constant()) {
    builder_->br(value.bits != 0 ? then_label : else_label);
    return;
  }
  builder_->cond_br(value.is_error() ? poison(kBoolType) : value.id, then_label, else_label);
}

Value Checker::logical(NodeId id) {
  const Node& n = node(id);
  const bool is_and = n.flags == static_cast<uint8_t>(BinaryOp::And);
  const Value left = convert(expression(n.a, kBoolType), kBoolType, n.a);
  if (left.is_constant()) {
    const Value right = convert(expression(n.b, kBoolType), kBoolType, n.b);
    return (left.bits != 0) == is_and ? right : left;
  }
  const ValueId first = left.is_error() ? poison(kBoolType) : left.id;
  const ValueId decided = builder_->const_bool(!is_and);
  const Label right_label = builder_->new_label();
  const Label join = builder_->new_label();
  if (is_and) {
    builder_->cond_br(first, right_label, join, {}, {&decided, 1});
  } else {
    builder_->cond_br(first, join, right_label, {&decided, 1}, {});
  }
  builder_->start_block(right_label);
  const ValueId right = operand(n.b, kBoolType);
  builder_->br(join, {&right, 1});
  builder_->start_block(join);
  const ValueId result = builder_->block_arg(0, ir::Type::U1);
  return left.is_error() ? Value::error() : Value::of(kBoolType, result);
}

TypeId Checker::float_type_of_choices(Value first, Value second) {
  if (!first.is_value() || !second.is_value()) {
    return kNoType;
  }
  const TypeId typed = first.type == kNumberType ? second.type : first.type;
  const bool same = second.type == typed || second.type == kNumberType;
  return same && is_float_type(typed) ? typed : kNoType;
}

Value Checker::conditional(NodeId id, TypeId hint) {
  const Node& n = node(id);
  const NodeId then_node = tree_->rec(n.b, 0);
  const NodeId else_node = tree_->rec(n.b, 1);
  const Label then_label = builder_->new_label();
  const Label else_label = builder_->new_label();
  const Label then_done = builder_->new_label();
  const Label join = builder_->new_label();
  condition(n.a, then_label, else_label);
  builder_->start_block(then_label);
  // The common type is known only behind both branches, so the first one's conversion goes into a block behind the second.
  const Value first = expression(then_node, hint);
  builder_->br(then_done);
  builder_->start_block(else_label);
  const Value second = expression(else_node, hint != kNoType || !first.is_value() ? hint : first.type == kNumberType ? kNoType : first.type);
  TypeId type = kErrorType;
  if (!first.is_error() && !second.is_error()) {
    if (const TypeId typed = float_type_of_choices(first, second); typed != kNoType) {
      type = typed;
    } else if (hint != kNoType && types_[hint].kind != TypeKind::Number && converts(first, hint) && converts(second, hint)) {
      type = hint;
    } else if (first.kind == ValueKind::Void && second.kind == ValueKind::Void) {
      type = kVoidType;
    } else if (first.is_value() && second.is_value()) {
      type = common_type(first, second);
      if (type == kNumberType) {
        type = default_type(first) == kFloat64Type ? kFloat64Type : default_type(second);
      }
      if (type == kNoType) {
        report(Kind::BranchTypes, id, {value_text(first), value_text(second)});
        type = kErrorType;
      }
    } else {
      to_runtime(first.is_value() ? second : first, first.is_value() ? else_node : then_node);
    }
  }
  const bool has_value = type != kErrorType && type != kVoidType;
  ValueId value = has_value ? materialize(convert(second, type, else_node)) : 0;
  builder_->br(join, {&value, has_value ? 1u : 0u});
  builder_->start_block(then_done);
  value = has_value ? materialize(convert(first, type, then_node)) : 0;
  builder_->br(join, {&value, has_value ? 1u : 0u});
  builder_->start_block(join);
  if (!has_value) {
    return type == kVoidType ? Value::none() : Value::error();
  }
  return Value::of(type, builder_->block_arg(0, types_.ir(type)));
}

Value Checker::assignment(NodeId id, bool value_needed) {
  const Node& n = node(id);
  const auto op = static_cast<AssignOp>(n.flags);
  NodeId target = n.a;
  while (node(target).kind == NodeKind::Paren) {
    target = node(target).a;
  }
  if (op == AssignOp::Assign) {
    if (node(target).kind == NodeKind::Tuple) {
      return tuple_assignment(id);
    }
    if (node(target).kind == NodeKind::Name) {
      const uint32_t innermost = innermost_[tree_->name(node(target)).index];
      if (innermost != 0) {
        const uint32_t index = innermost - 1;
        const TypeId type = locals_[index].type;
        const ValueId value = type == kErrorType ? (expression(n.b), poison(kErrorType)) : operand(n.b, type);
        at(id);
        if (note_write(index, target) && type != kErrorType) {
          builder_->set(locals_[index].storage, value);
        }
        return Value::of(type, value);
      }
    }
    const Place to = place(target);
    if (to.kind == Place::Kind::None) {
      expression(n.b);
      return Value::error();
    }
    const ValueId value = operand(n.b, to.type);
    at(id);
    store(to, value, target);
    return Value::of(to.type, value);
  }
  static constexpr BinaryOp binary_ops[] = {BinaryOp::Add, BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul,    BinaryOp::Div,   BinaryOp::Mod,
                                            BinaryOp::Shl, BinaryOp::Shr, BinaryOp::Sar, BinaryOp::BitAnd, BinaryOp::BitOr, BinaryOp::BitXor};
  const Place to = place(target);
  if (to.kind == Place::Kind::None) {
    expression(n.b);
    return Value::error();
  }
  const Value old = load(to);
  const Value right = expression(n.b);
  at(id);
  const Value result = convert(binary_values(binary_ops[n.flags], old, right, id), to.type, id);
  if (result.is_error()) {
    if (to.kind == Place::Kind::Local) {
      note_write(to.local, target);
    }
    return result;
  }
  const ValueId value = materialize(result);
  store(to, value, target);
  return value_needed ? Value::of(to.type, value) : Value::none();
}

Value Checker::tuple_assignment(NodeId id) {
  const Node& n = node(id);
  const auto targets = tree_->list(node(n.a).b);
  NodeId right = n.b;
  while (node(right).kind == NodeKind::Paren) {
    right = node(right).a;
  }
  PodVector<Value> values;
  if (node(right).kind == NodeKind::Tuple) {
    const auto items = tree_->list(node(right).b);
    if (items.size() != targets.size()) {
      report(Kind::TupleSize, id, {std::to_string(targets.size()), std::to_string(items.size())});
      return Value::error();
    }
    for (NodeId item : items) {
      values.push_back(item == 0 ? Value::error() : expression(item));
    }
    // All of the right side is evaluated before anything is written: `(a, b) = (b, a)`.
  } else {
    Value value = expression(right);
    if (value.is_error()) {
      return value;
    }
    if (value.kind != ValueKind::Multi && types_[value.type].kind != TypeKind::Tuple) {
      report(Kind::NotATuple, right, {value_text(value)});
      return Value::error();
    }
    const TypeInfo& tuple = types_[value.type];
    if (tuple.part_count != targets.size()) {
      report(Kind::TupleSize, id, {std::to_string(targets.size()), std::to_string(tuple.part_count)});
      return Value::error();
    }
    for (uint32_t i = 0; i < tuple.part_count; ++i) {
      values.push_back(tuple_part(value, i));
    }
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] == 0) {
      continue;
    }
    const Place to = place(targets[i]);
    if (to.kind == Place::Kind::None) {
      continue;
    }
    const Value value = convert(values[i], to.type, node(right).kind == NodeKind::Tuple ? tree_->list(node(right).b)[i] : right);
    store(to, value.is_error() ? poison(to.type) : materialize(value), targets[i]);
  }
  return Value::none();
}

Value Checker::increment(NodeId id, bool is_prefix, bool value_needed) {
  const Node& n = node(id);
  const Place to = place(n.a);
  if (to.kind == Place::Kind::None) {
    return Value::error();
  }
  const TypeInfo& info = types_[to.type];
  if (info.kind != TypeKind::Integer && info.kind != TypeKind::Float) {
    report(Kind::OperatorType, id, {n.flags == static_cast<uint8_t>(UnaryOp::Increment) ? "++" : "--", types_.text(to.type)});
    return Value::error();
  }
  const Value old = load(to);
  at(id);
  const ValueId one = materialize(convert(Value::integer(kNumberType, 1), to.type, id));
  const Op op = n.flags == static_cast<uint8_t>(UnaryOp::Increment) ? Op::Add : Op::Sub;
  const ValueId changed = builder_->binary(op, info.ir, old.id, one, info.kind == TypeKind::Integer ? checked_flag() : 0);
  store(to, changed, n.a);
  if (!value_needed) {
    return Value::none();
  }
  return Value::of(to.type, is_prefix ? changed : old.id);
}

Value Checker::try_operator(NodeId id, TypeId hint) {
  const Node& n = node(id);
  const Value value = to_runtime(expression(n.a, hint == kNoType ? kNoType : types_.result_of(hint)), n.a);
  if (value.is_error()) {
    return value;
  }
  const TypeInfo& info = types_[value.type];
  if (info.kind != TypeKind::Result) {
    report(Kind::TryNeedsResult, id, {types_.text(value.type)});
    return Value::error();
  }
  ReturnFrame& frame = frames_.back();
  if (frame.infers || types_[frame.type].kind != TypeKind::Result || frame.is_inlined) {
    report(Kind::TryOutsideResult, id).with_help("use `.or(default)` or `.value`, or let the function return `Result<...>`");
    return Value::error();
  }
  at(id);
  const Label is_result = builder_->new_label();
  const Label failed = builder_->new_label();
  const Label good = builder_->new_label();
  builder_->cond_br(builder_->compare(Op::Ne, value.id, builder_->const_null()), is_result, failed);
  builder_->start_block(is_result);
  builder_->cond_br(builder_->load(ir::Type::U1, value.id, kResultOk), good, failed);
  builder_->start_block(failed);
  if (frame.type == value.type) {
    emit_return({&value.id, 1});
  } else {
    // Another Result type: a fresh one with the same errors; null stays null.
    const Label copy = builder_->new_label();
    const Label leave = builder_->new_label();
    builder_->cond_br(builder_->compare(Op::Ne, value.id, builder_->const_null()), copy, leave);
    builder_->start_block(copy);
    const ValueId error = builder_->load(ir::Type::Ref, value.id, kResultError);
    const ValueId errors = builder_->load(ir::Type::Ref, value.id, kResultErrors);
    const ValueId fresh = builder_->emit(Op::NewObject, ir::Type::Ref, result_size(types_[types_[frame.type].element].size));
    builder_->store(fresh, kResultError, error);
    builder_->store(fresh, kResultErrors, errors);
    emit_return({&fresh, 1});
    builder_->start_block(leave);
    const ValueId none = builder_->const_null();
    emit_return({&none, 1});
  }
  builder_->start_block(good);
  return Value::of(info.element, builder_->load(types_.ir(info.element), value.id, kResultValue));
}

}  // namespace omega::check
