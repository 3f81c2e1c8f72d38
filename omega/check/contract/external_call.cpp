// SPDX-License-Identifier: Apache-2.0
// Calls of other contracts, by interface and by bytes, and `try`.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

Value ContractChecker::call_options(NodeId id) {
  const Node& n = node(id);
  const Value callee = callee_of(n.a);
  if (callee.is_error()) {
    return callee;
  }
  const bool is_creation = callee.kind == ValueKind::Callable && callables_[callee.id].kind == Callable::Kind::Create;
  const bool is_call = callee.kind == ValueKind::Callable &&
                       (is_creation || callables_[callee.id].kind == Callable::Kind::External || callables_[callee.id].kind == Callable::Kind::Value ||
                        (callables_[callee.id].kind == Callable::Kind::Builtin && callables_[callee.id].has_self));
  if (!is_call) {
    return fail(Kind::ContractOptions, id, {std::string(tree_->tokens->spelled(node(n.a).token))});
  }
  Callable made = callables_[callee.id];
  if (made.value != ir::kNone || made.gas != ir::kNone || made.salt != ir::kNone) {
    return fail(Kind::ContractOptions, id, {name_text(made.name)});
  }
  for (const NodeId option : tree_->list(n.b)) {
    const std::string_view name = program_.text(NameId{node(option).a});
    ValueId* const to = name == "value" ? &made.value : name == "gas" && !is_creation ? &made.gas : name == "salt" && is_creation ? &made.salt : nullptr;
    if (to == nullptr) {
      return fail(Kind::UnknownParameter, option, {std::string(name), "call options"});
    }
    if (*to != ir::kNone) {
      return fail(Kind::ArgumentTwice, option, {std::string(name)});
    }
    *to = operand(node(option).b, name == "salt" ? kBytes32Type : kUint256Type);
  }
  return callable(std::move(made));
}

Callable ContractChecker::callable_of_value(const Value& function) {
  Callable made;
  made.kind = Callable::Kind::Value;
  made.has_self = true;
  made.self = function;
  return made;
}

Value ContractChecker::callee_of(NodeId id) {
  const Value callee = expression(id);
  if (callee.is_data() && types_[callee.type].kind == TypeKind::ExternalFunction) {
    return callable(callable_of_value(load(callee, id)));
  }
  return callee;
}

Value ContractChecker::external_call(DeclId function, const Callable& callee, std::span<const Value> values, std::span<const NodeId> places, NodeId id) {
  const Signature& s = signature(function);
  return send_message({external_index(function), callee.self.id, s.params, s.results, s.mutability, name_text(callee.name)}, callee, values, places, id);
}

Value ContractChecker::send_message(Message message, const Callable& callee, std::span<const Value> values, std::span<const NodeId> places, NodeId id) {
  for (std::vector<Param>* list : {&message.params, &message.results}) {
    for (Param& param : *list) {
      if (param.location == Location::Storage) {
        return fail(Kind::ContractLocation, id, {types_.text(param.type), "cannot be handed to another contract"});
      }
      param.location = param.location == Location::None ? Location::None : Location::Memory;
    }
  }
  if (callee.value != ir::kNone && message.mutability != ir::Mutability::Payable) {
    return fail(Kind::ContractNotPayable, id, {message.name});
  }
  const std::vector<ValueId> args = converted(message.params, values, id, places, Use::Consume);
  if (args.size() != message.params.size()) {
    return Value::error();
  }
  at(id);
  note_access(access_of(message.mutability), id);
  std::vector<uint32_t> all{message.address, callee.value, callee.gas};
  if (message.selector != ir::kNone) {
    all.push_back(message.selector);
  }
  all.insert(all.end(), args.begin(), args.end());
  const std::vector<Param>& results = message.results;
  const bool is_try = id == try_call_;
  const ir::Type first = is_try ? ir::Type::U1 : results.empty() ? ir::Type::Void : types_.ir(results[0].type);
  const ValueId made =
      builder_.emit(Op::CallContract, first, message.external, builder_.add_extra(all), static_cast<uint32_t>(all.size()), is_try ? ir::kTry : 0);
  if (!is_try) {
    return results_of(made, results, 0);
  }
  std::vector<Value> parts{Value::of(kBoolType, made)};
  for (uint32_t i = 0; i < results.size(); ++i) {
    parts.push_back(Value::of(results[i].type, builder_.result(made, i + 1, types_.ir(results[i].type)), results[i].location));
  }
  const ValueId data = builder_.result(made, static_cast<uint32_t>(results.size()) + 1, ir::Type::Ref);
  parts.push_back(Value::of(kBytesType, data, Location::Memory));
  return list_value(ValueKind::Tuple, std::move(parts));
}

Value ContractChecker::raw_call(const Callable& callee, NodeId id, std::span<const NodeId> arguments) {
  const bool is_static = callee.builtin == Builtin::StaticCall;
  const bool is_delegate = callee.builtin == Builtin::DelegateCall;
  if (!expect_count(arguments, 1, id, is_static ? "staticcall" : is_delegate ? "delegatecall" : "call")) {
    return Value::error();
  }
  if (callee.value != ir::kNone && (is_static || is_delegate)) {
    return fail(Kind::ContractNotPayable, id, {is_static ? "staticcall" : "delegatecall"});
  }
  const ValueId bytes = bytes_operand(arguments[0]);
  at(id);
  note_access(is_static ? Access::Read : Access::Write, id);
  const uint32_t all[] = {callee.self.id, callee.value, callee.gas, bytes};
  const ir::RawCallKind kind = is_static ? ir::RawCallKind::Static : is_delegate ? ir::RawCallKind::Delegate : ir::RawCallKind::Call;
  const ValueId made = builder_.emit(Op::CallRaw, ir::Type::U1, static_cast<uint32_t>(kind), builder_.add_extra(all), 4);
  const Param results[] = {{kBoolType, Location::None, {}, 0}, {kBytesType, Location::Memory, {}, 0}};
  return results_of(made, results, 0);
}

Value ContractChecker::transfer(const Callable& callee, NodeId id, std::span<const NodeId> arguments) {
  const bool reverts = callee.builtin == Builtin::Transfer;
  if (!expect_count(arguments, 1, id, reverts ? "transfer" : "send")) {
    return Value::error();
  }
  const ValueId value = operand(arguments[0], kUint256Type);
  at(id);
  note_access(Access::Write, id);
  // The receiver has what the value brings with it; nothing sent brings nothing.
  const ValueId zero_value = builder_.const_int(ir::Type::U256, 0);
  const ValueId gas = builder_.select(ir::Type::U256, builder_.compare(Op::Eq, value, zero_value), builder_.const_int(ir::Type::U256, 2300), zero_value);
  const uint32_t all[] = {callee.self.id, value, gas, builder_.const_null()};
  const ValueId made = builder_.emit(Op::CallRaw, ir::Type::U1, static_cast<uint32_t>(ir::RawCallKind::Call), builder_.add_extra(all), 4);
  const ValueId answer = builder_.result(made, 1, ir::Type::Ref);
  if (!reverts) {
    return Value::of(kBoolType, made);
  }
  const Label failed = builder_.new_label();
  const Label behind = builder_.new_label();
  builder_.cond_br(made, behind, failed);
  builder_.start_block(failed);
  builder_.revert_data(answer);
  builder_.start_block(behind);
  return Value::none();
}

void ContractChecker::try_statement(NodeId id) {
  const Node& n = node(id);
  const auto returns = tree_->list(tree_->rec(n.b, 0));
  const NodeId done = tree_->rec(n.b, 1);
  const auto clauses = tree_->list(tree_->rec(n.b, 2));
  NodeId called = n.a;
  while (node(called).kind == NodeKind::Paren) {
    called = node(called).a;
  }
  if (node(called).kind != NodeKind::Call) {
    report(Kind::ContractTry, n.a);
    return;
  }
  const Value callee = callee_of(node(called).a);
  if (callee.is_error()) {
    return;
  }
  if (callee.kind == ValueKind::Callable &&
      std::ranges::any_of(callables_[callee.id].candidates, [&](DeclId function) { return is_message_to_library(callables_[callee.id], function); })) {
    not_yet(called, "`try` with a library's function");
    return;
  }
  if (callee.kind != ValueKind::Callable || (callables_[callee.id].kind != Callable::Kind::External && callables_[callee.id].kind != Callable::Kind::Value &&
                                             callables_[callee.id].kind != Callable::Kind::Create)) {
    report(Kind::ContractTry, n.a);
    return;
  }
  try_call_ = called;
  const Value outcome = call_callable(callables_[callee.id], called, tree_->list(node(called).b));
  try_call_ = 0;
  if (outcome.is_error()) {
    return;
  }
  std::vector<Value> parts = lists_[outcome.id];
  const Value succeeded = parts.front();
  const Value data = parts.back();
  parts.erase(parts.begin());
  parts.pop_back();
  const Label went_well = builder_.new_label();
  const Label failed = builder_.new_label();
  const Label behind = builder_.new_label();
  builder_.cond_br(succeeded.id, went_well, failed);
  builder_.start_block(went_well);
  const uint32_t mark = open_scope();
  if (!returns.empty() && returns.size() != parts.size()) {
    report(Kind::TupleSize, id, {std::to_string(parts.size()), std::to_string(returns.size())});
  } else {
    bind_params(returns, parts);
  }
  block(done);
  close_scope(mark);
  jump(behind);
  builder_.start_block(failed);
  catch_clauses(data.id, clauses, behind);
  builder_.start_block(behind);
}

void ContractChecker::bind_params(std::span<const NodeId> nodes, std::span<const Value> values) {
  for (size_t i = 0; i < nodes.size() && i < values.size(); ++i) {
    const Node& n = node(nodes[i]);
    const TypeId type = read_type(n.a);
    const Location location = location_of(nodes[i], type, static_cast<parse::DataLocation>(tree_->rec(n.b, 1)), true, Location::Memory);
    const uint32_t local = declare_local(NameId{tree_->rec(n.b, 0)}, type, location, nodes[i]);
    const Value value = convert(values[i], type, location, nodes[i]);
    if (!value.is_error()) {
      builder_.set(locals_[local].slot, value.id);
    }
  }
}

void ContractChecker::catch_clauses(ValueId data, std::span<const NodeId> clauses, Label behind) {
  const TypeId bytes4 = fixed_bytes_type(4);
  const Value bytes = Value::of(kBytesType, data, Location::Memory);
  NodeId rest = 0;
  for (const NodeId clause : clauses) {
    const Node& n = node(clause);
    const NameId name{tree_->rec(n.a, 0)};
    const auto params = tree_->list(tree_->rec(n.a, 1));
    const auto clauses_before = std::span(clauses.begin(), static_cast<size_t>(std::ranges::find(clauses, clause) - clauses.begin()));
    const bool is_known = std::ranges::any_of(clauses_before, [&](NodeId before) { return NameId{tree_->rec(node(before).a, 0)} == name; });
    if (is_known) {
      report(Kind::ContractTry, clause);
    }
    if (!name.valid()) {
      rest = clause;
      continue;
    }
    const bool is_panic = program_.text(name) == "Panic";
    if ((!is_panic && program_.text(name) != "Error") || params.size() != 1) {
      report(Kind::ContractTry, clause);
      continue;
    }
    // `Panic(uint256)` has 36 bytes, `Error(string)` at least 68.
    const Label named = builder_.new_label();
    const Label is_long = builder_.new_label();
    const Label next = builder_.new_label();
    const ValueId length = length_of(bytes);
    builder_.cond_br(builder_.compare(is_panic ? Op::Eq : Op::Ge, length, builder_.const_int(ir::Type::U256, is_panic ? 36 : 68)), is_long, next);
    builder_.start_block(is_long);
    const ValueId wanted = builder_.const_int(ir::Type::U32, is_panic ? 0x4e487b71 : 0x08c379a0);
    builder_.cond_br(builder_.compare(Op::Eq, bytes_to_fixed(data, bytes4), wanted), named, next);
    builder_.start_block(named);
    const uint32_t mark = open_scope();
    const ValueId behind_selector = builder_.emit(Op::DataSlice, ir::Type::Ref, data, builder_.const_int(ir::Type::U256, 4), length);
    const TypeId type = is_panic ? kUint256Type : kStringType;
    const uint32_t decoded = data_type(type);
    const ValueId value = builder_.emit(Op::DataDecode, types_.ir(type), behind_selector, builder_.add_extra({&decoded, 1}), 1);
    const Value bound = Value::of(type, value, is_panic ? Location::None : Location::Memory);
    bind_params(params, {&bound, 1});
    block(n.b);
    close_scope(mark);
    jump(behind);
    builder_.start_block(next);
  }
  if (rest == 0) {
    builder_.revert_data(data);
    return;
  }
  const uint32_t mark = open_scope();
  bind_params(tree_->list(tree_->rec(node(rest).a, 1)), {&bytes, 1});
  block(node(rest).b);
  close_scope(mark);
  jump(behind);
}

}  // namespace omega::check::contract
