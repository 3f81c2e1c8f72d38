// SPDX-License-Identifier: Apache-2.0
// Lambdas: run on the spot, or made into closures; functions as values.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;

void Checker::begin_closure(std::string_view suffix, std::span<const ir::Type> params, std::span<const ir::Type> results, NodeId where) {
  ++level_;
  if (contexts_.size() <= level_) {
    add_context();
  }
  FunctionContext& context = *contexts_[level_];
  context.index = static_cast<uint32_t>(unit_->lambdas.size()) + 1;
  context.captures.clear();
  context.capture_end = 8;
  context.loop_depth = 0;
  unit_->lambdas.emplace_back();
  std::string name = unit_name_ + "." + std::string(suffix) + std::to_string(lambda_count_++);
  builder_ = &context.builder;
  builder_->begin(name, file_, tree_->tokens->offset(node(where).token), params, results);
}

ValueId Checker::end_closure() {
  FunctionContext& context = *contexts_[level_];
  if (builder_->is_open()) {
    builder_->unreachable();
  }
  unit_->lambdas[context.index - 1] = builder_->finish();
  --level_;
  builder_ = &contexts_[level_]->builder;
  PodVector<ValueId> captures;
  for (const Capture& capture : context.captures) {
    captures.push_back(read_local(capture.local).id);
  }
  return emit_closure(kLocalFunction | context.index, {captures.data(), captures.size()});
}

Value Checker::function_value(uint32_t declaration) {
  const FunctionDecl& f = decls_.functions[declaration];
  const TypeId type = types_.function(decls_.parameters(f), decls_.results(f));
  for (const auto& [known, index] : wrappers_) {
    if (known == declaration) {
      return Value::of(type, emit_closure(kLocalFunction | index, {}));
    }
  }
  // Closures are called with themselves as the first argument; a named function does not take it.
  PodVector<ir::Type> params;
  PodVector<ir::Type> results;
  params.push_back(ir::Type::Ref);
  for (TypeId parameter : decls_.parameters(f)) {
    params.push_back(types_.ir(parameter));
  }
  for (TypeId result : decls_.results(f)) {
    results.push_back(types_.ir(result));
  }
  const uint32_t index = static_cast<uint32_t>(unit_->lambdas.size()) + 1;
  begin_closure(std::string(decls_.text(f.name)) + ".value", {params.data(), params.size()}, {results.data(), results.size()}, 0);
  PodVector<ValueId> values;
  for (uint32_t i = 0; i < f.param_count; ++i) {
    values.push_back(i + 1);
  }
  const ValueId first = emit_call(f.function_id, results.empty() ? ir::Type::Void : results[0], {values.data(), values.size()});
  values.clear();
  for (uint32_t i = 0; i < f.result_count; ++i) {
    values.push_back(i == 0 ? first : builder_->result(first, i, results[i]));
  }
  builder_->ret({values.data(), values.size()});
  const ValueId closure = end_closure();
  wrappers_.push_back({declaration, index});
  return Value::of(type, closure);
}

Value Checker::lambda_value(NodeId lambda, std::span<const TypeId> parameters, TypeId result, bool infer_result, bool several) {
  const Node& n = node(lambda);
  const auto params = tree_->list(n.a);
  if (params.size() != parameters.size()) {
    report(Kind::ArgumentCount, lambda, {"the lambda", arguments_text(parameters.size()), std::to_string(params.size())});
    return Value::error();
  }
  PodVector<ir::Type> ir_params;
  ir_params.push_back(ir::Type::Ref);
  for (size_t i = 0; i < params.size(); ++i) {
    const NodeId written = node(params[i]).a;
    if (written != 0) {
      const TypeId type = read_type(written);
      if (type != parameters[i] && type != kErrorType) {
        report(Kind::TypeMismatch, params[i], {types_.text(parameters[i]), "`" + types_.text(type) + "`"});
      }
    }
    ir_params.push_back(types_.ir(parameters[i]));
  }
  const ir::Type ir_result = infer_result ? ir::Type::Void : types_.ir(result);
  PodVector<ir::Type> ir_results;
  if (several) {
    for (TypeId part : types_[result].components()) {
      ir_results.push_back(types_.ir(part));
    }
  } else if (ir_result != ir::Type::Void) {
    ir_results.push_back(ir_result);
  }
  begin_closure("lambda", {ir_params.data(), ir_params.size()}, {ir_results.data(), ir_results.size()}, lambda);
  const uint32_t mark = open_scope();
  ReturnFrame frame;
  frame.infers = infer_result;
  frame.type = infer_result ? kVoidType : result;
  frame.first_loop = static_cast<uint32_t>(loops_.size());
  frame.first_local = mark;
  frame.is_lambda = true;
  frame.several = several;
  frames_.push_back(std::move(frame));
  for (size_t i = 0; i < params.size(); ++i) {
    const NameId name{tree_->rec(node(params[i]).b, 0)};
    const uint32_t index = declare_slot(name, parameters[i], node(params[i]).token, false);
    builder_->set(locals_[index].storage, static_cast<ValueId>(i + 1));
  }
  bool failed = false;
  if (node(n.b).kind == NodeKind::Block) {
    block(n.b);
    if (reachable()) {
      if (frames_.back().type == kVoidType) {
        builder_->ret();
      } else {
        report(Kind::MissingReturn, lambda, {types_.text(frames_.back().type)});
      }
    }
  } else if (!infer_result && result == kVoidType) {
    const Value value = expression(n.b);
    failed = value.is_error();
    builder_->ret();
  } else {
    Value value = infer_result ? expression(n.b) : convert(expression(n.b, result), result, n.b);
    if (infer_result && value.kind != ValueKind::Void) {
      value = to_runtime(value, n.b);
    }
    failed = value.is_error();
    if (infer_result) {
      frames_.back().type = value.kind == ValueKind::Void ? kVoidType : value.type;
    }
    if (value.kind == ValueKind::Void) {
      builder_->ret();
    } else {
      const ValueId id = failed ? poison(frames_.back().type) : materialize(value);
      builder_->ret(id);
    }
  }
  const TypeId found = frames_.back().type;
  frames_.pop_back();
  close_scope(mark);
  if (infer_result && types_.ir(found) != ir::Type::Void) {
    const ir::Type type = types_.ir(found);
    builder_->set_results({&type, 1});
  }
  const ValueId closure = end_closure();
  if (failed) {
    return Value::error();
  }
  if (several) {
    return Value::of(types_.function(parameters, types_[result].components()), closure);
  }
  return Value::of(types_.function(parameters, found == kVoidType ? std::span<const TypeId>{} : std::span<const TypeId>(&found, 1)), closure);
}

void Checker::bind_lambda_params(NodeId lambda, std::span<const Value> args) {
  const auto params = tree_->list(node(lambda).a);
  const bool is_block = node(node(lambda).b).kind == NodeKind::Block;
  for (size_t i = 0; i < params.size(); ++i) {
    const Node& param = node(params[i]);
    const NameId bound{tree_->rec(param.b, 0)};
    TypeId type = args[i].type == kNumberType ? default_type(args[i]) : args[i].type;
    if (param.a != 0) {
      const TypeId written = read_type(param.a);
      if (written != kErrorType) {
        const Value value = convert(args[i], written, params[i]);
        const uint32_t index = declare_slot(bound, written, param.token, false);
        builder_->set(locals_[index].storage, value.is_error() ? poison(written) : materialize(value));
        continue;
      }
    }
    const Value value = args[i].is_error() ? args[i] : convert(args[i], type, params[i]);
    const ValueId id = value.is_error() ? poison(type) : materialize(value);
    if (is_block) {
      const uint32_t index = declare_slot(bound, type, param.token, false);
      builder_->set(locals_[index].storage, id);
    } else {
      declare_value(bound, type, param.token, id);
    }
  }
}

Value Checker::inline_lambda(NodeId lambda, std::span<const Value> args, TypeId hint) {
  while (node(lambda).kind == NodeKind::Paren) {
    lambda = node(lambda).a;
  }
  const Node& n = node(lambda);
  if (n.kind != NodeKind::Lambda) {
    const Value value = expression(lambda, args.empty() ? hint : kNoType);
    const bool is_function = value.kind == ValueKind::Functions || value.kind == ValueKind::Builtin ||
                             (value.kind == ValueKind::Runtime && types_[value.type].kind == TypeKind::Function);
    if (args.empty() && !is_function) {
      return value;
    }
    return apply(value, lambda, args, hint);
  }
  if (tree_->list(n.a).size() != args.size()) {
    report(Kind::ArgumentCount, lambda, {"the lambda", arguments_text(args.size()), std::to_string(tree_->list(n.a).size())});
    return Value::error();
  }
  const uint32_t mark = open_scope();
  ReturnFrame frame;
  frame.is_inlined = true;
  frame.is_lambda = true;
  frame.infers = hint == kNoType;
  frame.type = hint == kNoType ? kVoidType : hint;
  frame.first_loop = static_cast<uint32_t>(loops_.size());
  frame.first_local = mark;
  frames_.push_back(std::move(frame));
  bind_lambda_params(lambda, args);
  Value result;
  if (node(n.b).kind != NodeKind::Block) {
    result = expression(n.b, hint);
    if (result.kind == ValueKind::Multi || result.kind == ValueKind::Functions) {
      result = to_runtime(result, n.b);
    }
  } else {
    frames_.back().exit = builder_->new_label();
    block(n.b);
    const ReturnFrame& done = frames_.back();
    const bool falls_through = reachable();
    if (falls_through && done.returns != 0 && done.type != kVoidType) {
      report(Kind::MissingReturn, lambda, {types_.text(done.type)});
    }
    if (falls_through || builder_->is_dead()) {
      builder_->br(done.exit);
    }
    builder_->start_block(done.exit);
    if (done.slot != ir::kNone) {
      result = Value::of(done.type, builder_->get(done.slot));
    } else {
      result = done.type == kErrorType || (done.returns != 0 && done.type != kVoidType) ? Value::error() : Value::none();
      if (done.returns == 0 && !falls_through) {
        builder_->unreachable();
      }
    }
  }
  frames_.pop_back();
  close_scope(mark);
  return result;
}

Value Checker::apply(Value function, NodeId where, std::span<const Value> args, TypeId hint) {
  switch (function.kind) {
    case ValueKind::Error: return function;
    case ValueKind::Lambda: return inline_lambda(function.id, args, hint);
    case ValueKind::Functions: {
      PodVector<uint32_t> sets;
      collect_sets(function.id, sets);
      return call_overloaded({sets.data(), sets.size()}, where, {}, args);
    }
    case ValueKind::Runtime: {
      const TypeInfo& info = types_[function.type];
      if (info.kind != TypeKind::Function) {
        break;
      }
      if (info.part_count != args.size()) {
        report(Kind::ArgumentCount, where, {"the function value", arguments_text(info.part_count), std::to_string(args.size())});
        return Value::error();
      }
      PodVector<ValueId> values;
      for (size_t i = 0; i < args.size(); ++i) {
        const Value value = convert(args[i], info.parts[i], where);
        if (value.is_error()) {
          return value;
        }
        values.push_back(materialize(value));
      }
      return call_closure(function.id, function.type, {values.data(), values.size()});
    }
    default: break;
  }
  report(Kind::NotCallable, where, {value_text(function)}).with_help("pass a function or a lambda: `x => ...`");
  return Value::error();
}

ValueId Checker::task_closure(NodeId body, TypeId* type, TypeId hint) {
  const ir::Type params[] = {ir::Type::Ref, ir::Type::Ref};
  begin_closure("task", params, {}, body);
  const uint32_t mark = open_scope();
  ReturnFrame frame;  // a body that is no lambda cannot hold `return`, but writes nothing outside either
  frame.is_inlined = true;
  frame.is_lambda = true;
  frame.first_loop = static_cast<uint32_t>(loops_.size());
  frame.first_local = mark;
  frames_.push_back(std::move(frame));
  Value value = inline_lambda(body, {}, hint);
  if (hint != kNoType && hint != kVoidType && !value.is_error()) {
    value = convert(value, hint, body);
  }
  if (value.kind != ValueKind::Void) {
    value = to_runtime(value, body);
  }
  *type = value.is_error() ? kErrorType : value.kind == ValueKind::Void ? kVoidType : value.type;
  if (value.kind == ValueKind::Runtime) {
    builder_->store(1, 0, value.id);
  }
  if (builder_->is_open()) {
    builder_->ret();
  }
  frames_.pop_back();
  close_scope(mark);
  return end_closure();
}

}  // namespace omega::check
