// SPDX-License-Identifier: Apache-2.0
// Statements other than loops.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;
using parse::UnaryOp;

void Checker::block(NodeId id) {
  const Node& n = node(id);
  const uint32_t mark = open_scope();
  const bool outer_unchecked = unchecked_;
  unchecked_ = unchecked_ || (n.flags & 1) != 0;
  for (NodeId item : tree_->list(n.b)) {
    statement(item);
  }
  unchecked_ = outer_unchecked;
  close_scope(mark);
}

void Checker::statement(NodeId id) {
  const DepthGuard guard(*this);
  if (guard.too_deep()) [[unlikely]] {
    report_at(Kind::NestedTooDeeply, tree_->span(id));
    return;
  }
  at(id);
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::ExprStmt: return expression_statement(n.a);
    case NodeKind::VarDecl: return variable(id);
    case NodeKind::If: return if_statement(id);
    case NodeKind::Return: return return_statement(id);
    case NodeKind::For: return for_loop(id);
    case NodeKind::RangeLoop: return range_loop(id);
    case NodeKind::While: return while_loop(id);
    case NodeKind::DoWhile: return do_while_loop(id);
    case NodeKind::Block: return block(id);
    case NodeKind::TupleDecl: return tuple_declaration(id);
    case NodeKind::Break:
    case NodeKind::Continue: {
      const bool is_break = n.kind == NodeKind::Break;
      if (loops_.size() <= frames_.back().first_loop) {
        report(Kind::OutsideLoop, id, {is_break ? "break" : "continue"});
        return;
      }
      LoopContext& loop = loops_[loops_.size() - 1];
      if (is_break && (loop.kind == ir::LoopKind::Parallel || loop.kind == ir::LoopKind::ParallelThreads)) {
        report(Kind::LeavesParallelLoop, id, {"break"}).with_help("`continue` ends the iteration; use a plain `@` loop to stop early");
        return;
      }
      loop.breaks += is_break ? 1 : 0;
      builder_->br(is_break ? loop.break_label : loop.continue_label);
      return;
    }
    case NodeKind::Revert: return revert_statement(id);
    case NodeKind::Emit:
    case NodeKind::TryStatement:
    case NodeKind::Assembly:
    case NodeKind::Placeholder:
      report_at(Kind::ContractStatement, tree_->span(id),
                {n.kind == NodeKind::Emit           ? "emit"
                 : n.kind == NodeKind::TryStatement ? "try"
                 : n.kind == NodeKind::Assembly     ? "assembly"
                                                    : "_"})
          .with_help(n.kind == NodeKind::TryStatement ? "`try(() => ..., e => ...)` gives a value when its body fails, `try(() => ...)` a `Result`" : "");
      return;
    case NodeKind::Invalid: return;
    case NodeKind::Match: check_match(*this, id, kNoType); return;
    case NodeKind::StateVar: report(Kind::ConstantInFunction, id); return;
    default: expression_statement(id);
  }
}

void Checker::expression_statement(NodeId id) {
  const Node& n = node(id);
  at(id);
  switch (n.kind) {
    case NodeKind::Assign: assignment(id, false); return;
    case NodeKind::Postfix: increment(id, false, false); return;
    case NodeKind::Unary:
      if (n.flags == static_cast<uint8_t>(UnaryOp::Increment) || n.flags == static_cast<uint8_t>(UnaryOp::Decrement)) {
        increment(id, true, false);
        return;
      }
      break;
    default: break;
  }
  const Value value = expression(id);
  const bool may_act = n.kind == NodeKind::Call || n.kind == NodeKind::Match || n.kind == NodeKind::Try || n.kind == NodeKind::Conditional ||
                       n.kind == NodeKind::Invalid || (n.kind == NodeKind::Unary && n.flags == static_cast<uint8_t>(UnaryOp::Delete));
  if (!may_act && !value.is_error()) {
    report(Kind::StatementWithoutEffect, id);
  }
}

void Checker::variable(NodeId id) {
  const Node& n = node(id);
  const NameId name{tree_->rec(n.b, 0)};
  const NodeId initial = tree_->rec(n.b, 2);
  TypeId type = kErrorType;
  ValueId value = 0;
  if (n.a != 0) {
    type = read_type(n.a);
    if (initial == 0) {
      value = type == kErrorType ? poison(type) : zero_value(type);
    } else if (type == kErrorType) {
      expression(initial);
      value = poison(type);
    } else {
      value = operand(initial, type);
    }
  } else if (initial == 0) {
    value = poison(type);  // the parser reported it
  } else {
    const Value found = runtime_expression(initial);
    type = found.is_error() ? kErrorType : found.type;
    value = found.is_error() ? poison(type) : found.id;
  }
  at(id);
  const bool is_declaration = n.a == 0 || type != kErrorType;  // `print x` is a call without parentheses
  const uint32_t index = declare_slot(name, type, n.token, is_declaration);
  builder_->set(locals_[index].storage, value);
}

void Checker::tuple_declaration(NodeId id) {
  const Node& n = node(id);
  const auto parts = tree_->list(n.b);
  PodVector<Value> values;
  NodeId initial = n.a;
  while (node(initial).kind == NodeKind::Paren) {
    initial = node(initial).a;
  }
  PodVector<TypeId> declared;
  for (NodeId part : parts) {
    declared.push_back(part == 0 || node(part).a == 0 ? kNoType : read_type(node(part).a));
  }
  if (node(initial).kind == NodeKind::Tuple) {
    const auto items = tree_->list(node(initial).b);
    for (size_t i = 0; i < items.size(); ++i) {
      const TypeId hint = i < parts.size() ? declared[i] : kNoType;
      values.push_back(items[i] == 0 ? Value::error() : expression(items[i], hint));
    }
  } else {
    Value value = expression(initial);
    if (!value.is_error() && value.kind != ValueKind::Multi) {
      value = to_runtime(value, initial);
      if (!value.is_error() && types_[value.type].kind != TypeKind::Tuple) {
        report(Kind::NotATuple, initial, {value_text(value)});
        value = Value::error();
      }
    }
    if (value.is_error()) {
      values.resize(parts.size(), Value::error());
    } else {
      for (uint32_t i = 0; i < types_[value.type].part_count; ++i) {
        values.push_back(tuple_part(value, i));
      }
    }
  }
  if (values.size() != parts.size()) {
    report(Kind::TupleSize, id, {std::to_string(parts.size()), std::to_string(values.size())});
    values.clear();
    values.resize(parts.size(), Value::error());
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == 0) {
      continue;
    }
    const Node& part = node(parts[i]);
    Value value = values[i];
    const NodeId where = node(initial).kind == NodeKind::Tuple && i < tree_->list(node(initial).b).size() ? tree_->list(node(initial).b)[i] : initial;
    if (declared[i] != kNoType) {
      value = convert(value, declared[i], where);
    } else {
      value = to_runtime(value, where);
    }
    const TypeId type = declared[i] != kNoType ? declared[i] : value.is_error() ? kErrorType : value.type;
    const ValueId emitted = value.is_error() ? poison(type) : materialize(value);
    const uint32_t index = declare_slot(NameId{tree_->rec(part.b, 0)}, type, part.token);
    builder_->set(locals_[index].storage, emitted);
  }
}

void Checker::if_statement(NodeId id) {
  const Label join = builder_->new_label();
  bool joins = false;
  auto branch = [&](NodeId body) {
    const uint32_t mark = open_scope();
    statement(body);
    close_scope(mark);
    if (reachable()) {
      builder_->br(join);
      joins = true;
    } else if (builder_->is_open()) {
      builder_->unreachable();
    }
  };
  // `else if` chains may be long: a loop, no recursion.
  for (NodeId at_node = id; at_node != 0;) {
    const Node& n = node(at_node);
    at(at_node);
    const NodeId otherwise = tree_->rec(n.b, 1);
    const Label then_label = builder_->new_label();
    const Label else_label = otherwise == 0 ? join : builder_->new_label();
    joins = joins || otherwise == 0;
    condition(n.a, then_label, else_label);
    builder_->start_block(then_label);
    branch(tree_->rec(n.b, 0));
    if (otherwise == 0) {
      break;
    }
    builder_->start_block(else_label);
    if (node(otherwise).kind == NodeKind::If) {
      at_node = otherwise;
      continue;
    }
    branch(otherwise);
    break;
  }
  if (joins) {
    builder_->start_block(join);
  }
}

void Checker::return_statement(NodeId id) {
  const Node& n = node(id);
  for (size_t i = frames_.back().first_loop; i < loops_.size(); ++i) {
    if (loops_[i].kind == ir::LoopKind::Parallel || loops_[i].kind == ir::LoopKind::ParallelThreads) {
      report(Kind::LeavesParallelLoop, id, {"return"}).with_help("`continue` ends the iteration; use a plain `@` loop to stop early");
      if (n.a != 0) {
        expression(n.a);
      }
      return;
    }
  }
  ReturnFrame& frame = frames_.back();
  ++frame.returns;
  if (n.a == 0) {
    if (!frame.named_results.empty()) {
      return return_named();
    }
    if (frame.infers && frame.returns == 1) {
      frame.infers = false;
    }
    if (frame.type != kVoidType && frame.type != kErrorType) {
      report(Kind::ReturnNeedsValue, id, {types_.text(frame.type)});
    }
    emit_return({});
    return;
  }
  return_values(n.a, id);
}

void Checker::return_values(NodeId value_node, NodeId where) {
  const size_t frame_index = frames_.size() - 1;
  if (frames_[frame_index].infers) {
    Value value = expression(value_node);
    if (value.kind != ValueKind::Void) {
      value = to_runtime(value, value_node);
    }
    ReturnFrame& frame = frames_[frame_index];
    if (frame.infers) {
      frame.infers = false;
      frame.type = value.is_error() ? kErrorType : value.kind == ValueKind::Void ? kVoidType : value.type;
    }
    at(where);
    const ValueId id = value.id;
    emit_return({&id, value.kind == ValueKind::Runtime ? 1u : 0u});
    return;
  }
  const TypeId type = frames_[frame_index].type;
  if (type == kVoidType) {
    const Value value = expression(value_node);
    if (!value.is_error() && value.kind != ValueKind::Void) {
      report(Kind::ReturnWithoutResult, value_node, {value_text(value)})
          .with_help(unit_->unit.kind == UnitKind::Program && level_ == 0 ? "`exit(code)` ends the program with a code"
                                                                          : "give the function a result: `returns (...)`");
    }
    emit_return({});
    return;
  }
  if (type == kErrorType) {
    expression(value_node);
    emit_return({});
    return;
  }
  if (!frames_[frame_index].several) {
    const ValueId id = operand(value_node, type);
    at(where);
    emit_return({&id, 1});
    return;
  }
  const auto parts = types_[type].components();
  PodVector<ValueId> values;
  NodeId inner = value_node;
  while (node(inner).kind == NodeKind::Paren) {
    inner = node(inner).a;
  }
  if (node(inner).kind == NodeKind::Tuple) {
    const auto items = tree_->list(node(inner).b);
    if (items.size() != parts.size()) {
      report(Kind::TupleSize, where, {std::to_string(parts.size()), std::to_string(items.size())});
      emit_return({});
      return;
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      values.push_back(items[i] == 0 ? poison(parts[i]) : operand(items[i], parts[i]));
    }
  } else {
    const Value value = expression(inner, type);
    if (!value.is_error() && value.kind != ValueKind::Multi && (!value.is_value() || types_[value.type].kind != TypeKind::Tuple)) {
      mismatch(type, value, value_node);
      emit_return({});
      return;
    }
    if (value.is_error() || types_[value.type].part_count != parts.size()) {
      if (!value.is_error()) {
        report(Kind::TupleSize, where, {std::to_string(parts.size()), std::to_string(types_[value.type].part_count)});
      }
      emit_return({});
      return;
    }
    for (uint32_t i = 0; i < parts.size(); ++i) {
      const Value part = convert(tuple_part(value, i), parts[i], value_node);
      values.push_back(part.is_error() ? poison(parts[i]) : materialize(part));
    }
  }
  at(where);
  emit_return({values.data(), values.size()});
}

void Checker::return_named() {
  PodVector<ValueId> values;
  for (uint32_t index : frames_.back().named_results) {
    values.push_back(locals_[index].type == kErrorType ? poison(kErrorType) : read_local(index).id);
  }
  emit_return({values.data(), values.size()});
}

void Checker::emit_return(std::span<const ValueId> values) {
  ReturnFrame& frame = frames_.back();
  if (!frame.is_inlined) {
    builder_->ret(values);
    return;
  }
  if (!values.empty()) {
    if (frame.slot == ir::kNone) {
      frame.slot = builder_->add_slot(types_.ir(frame.type));
    }
    builder_->set(frame.slot, values[0]);
  }
  builder_->br(frame.exit);
}

void Checker::revert_statement(NodeId id) {
  const Node& call_node = node(node(id).a);
  const Value callee = call_node.kind == NodeKind::Call ? expression(call_node.a) : Value::error();
  if (callee.is_error()) {
    return;
  }
  if (callee.kind != ValueKind::ErrorName) {
    report(Kind::NotAnError, id, {value_text(callee)});
    return;
  }
  const ValueId message = error_message(callee.id, node(id).a);
  at(id);
  builder_->panic(ir::PanicKind::Revert, message);
}

ValueId Checker::error_message(uint32_t error, NodeId call_node) {
  const NamedNode& declared = decls_.errors[error];
  const parse::Tree& tree = *decls_.modules[declared.module].tree;
  const auto params = tree.list(tree.node(declared.node).b);
  const auto arguments = tree_->list(node(call_node).b);
  ValueId text = builder_->const_string(name_text(declared.name) + "(");
  if (params.size() != arguments.size()) {
    report(Kind::ArgumentCount, call_node, {name_text(declared.name), arguments_text(params.size()), std::to_string(arguments.size())})
        .note(tree.span(declared.node), "declared here");
    check_arguments_alone(arguments);
    return text;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TypeId type = read_type_with(declared.module, tree.node(params[i]).a, {});
    const NodeId argument = node(arguments[i]).kind == NodeKind::NamedArg ? node(arguments[i]).b : arguments[i];
    const ValueId value = operand(argument, type);
    if (i != 0) {
      text = builder_->call_runtime(ir::RuntimeFunctionId::StringConcat, {text, builder_->const_string(", ")});
    }
    const TypeKind kind = types_[type].kind;
    const bool has_text = type == kStringType || kind == TypeKind::Bool || kind == TypeKind::Integer || kind == TypeKind::Float || kind == TypeKind::Address ||
                          kind == TypeKind::Bytes;
    if (has_text) {
      const Value shown = explicit_convert(Value::of(type, value), kStringType, argument);
      text = builder_->call_runtime(ir::RuntimeFunctionId::StringConcat, {text, materialize(shown)});
    }
  }
  return builder_->call_runtime(ir::RuntimeFunctionId::StringConcat, {text, builder_->const_string(")")});
}

}  // namespace omega::check
