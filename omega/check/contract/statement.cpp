// SPDX-License-Identifier: Apache-2.0
// Statements.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

namespace {
constexpr uint32_t kDeepestStatement = 300;
}

void ContractChecker::block(NodeId id) {
  const Node& n = node(id);
  if (n.kind != NodeKind::Block) {
    if (n.kind == NodeKind::VarDecl || n.kind == NodeKind::TupleDecl) {
      report(Kind::ContractStatementPlace, id, {"a variable is declared where nothing can use it"}).with_help("put it into a block, `{ … }`");
    }
    const uint32_t mark = open_scope();
    statement(id);
    close_scope(mark);
    return;
  }
  const bool unchecked_outside = unchecked_;
  const bool is_unchecked = (n.flags & 1) != 0;
  if (is_unchecked && unchecked_outside) {
    report(Kind::ContractStatementPlace, id, {"`unchecked` inside `unchecked`"});
  }
  unchecked_ = unchecked_ || is_unchecked;
  const uint32_t mark = open_scope();
  const uint32_t begin_outside = scope_begin_;
  scope_begin_ = mark;
  for (const NodeId inner : tree_->list(n.b)) {
    statement(inner);
  }
  scope_begin_ = begin_outside;
  close_scope(mark);
  unchecked_ = unchecked_outside;
}

void ContractChecker::governed_body(NodeId id) {
  if (node(id).kind == NodeKind::Block && (node(id).flags & 1) != 0) {
    report(Kind::ContractStatementPlace, id, {"an `unchecked` block stands by itself"}).with_help("put it into a block: `{ unchecked { … } }`");
  }
  block(id);
}

void ContractChecker::statement(NodeId id) {
  if (++depth_ > kDeepestStatement) {
    report(Kind::NestedTooDeeply, id);
    --depth_;
    return;
  }
  at(id);
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::Invalid: break;
    case NodeKind::Block: block(id); break;
    case NodeKind::VarDecl: variable_statement(id); break;
    case NodeKind::TupleDecl: tuple_declaration(id); break;
    case NodeKind::ExprStmt: {
      // A name alone does nothing, and solc takes it where it stands for one thing.
      const Value value = expression(n.a);
      if (stands_for_several(value)) {
        report(Kind::NotAValue, n.a, {value_text(value)});
      } else if (value.kind == ValueKind::Slot) {
        load(value, n.a);  // a reference must have its value by now
      }
      break;
    }
    case NodeKind::If: if_statement(id); break;
    case NodeKind::While:
    case NodeKind::DoWhile:
    case NodeKind::For: loop_statement(id); break;
    case NodeKind::Return: return_statement(id); break;
    case NodeKind::Break:
    case NodeKind::Continue:
      if (loops_.empty()) {
        report(Kind::OutsideLoop, id, {n.kind == NodeKind::Break ? "break" : "continue"});
      } else {
        jump(n.kind == NodeKind::Break ? loops_.back().leave : loops_.back().next);
      }
      break;
    case NodeKind::Emit: emit_statement(id); break;
    case NodeKind::Revert: revert_with(n.a); break;
    case NodeKind::TryStatement: try_statement(id); break;
    case NodeKind::Placeholder: placeholder(id); break;
    case NodeKind::Assembly: report(Kind::ContractNotYet, id, {"assembly"}); break;
    case NodeKind::DeferredBody: report(Kind::ContractNotYet, id, {"a body that was left out"}); break;
    default: report(Kind::ContractNotYet, id, {"`" + std::string(tree_->tokens->spelled(n.token)) + "` in contracts"}); break;
  }
  --depth_;
}

void ContractChecker::variable_statement(NodeId id) {
  const Node& n = node(id);
  const NameId name{tree_->rec(n.b, 0)};
  const NodeId initial = tree_->rec(n.b, 2);
  if (n.a == 0) {
    report(Kind::ContractNotYet, id, {"`let` in contracts"});
    return;
  }
  const TypeId type = read_type(n.a);
  const Location location =
      type == kErrorType ? Location::None : location_of(id, type, static_cast<parse::DataLocation>(tree_->rec(n.b, 1)), true, Location::Memory);
  Value value;
  if (initial != 0) {
    value = convert(rvalue(initial), type, location, initial);
  } else if (location == Location::Storage || location == Location::Calldata) {
    value = Value::of(type, builder_.const_null(), location);
  } else if (type != kErrorType) {
    value = Value::of(type, zero(type), location);
  }
  at(id);
  for (size_t i = locals_.size(); i-- > local_floor_;) {
    if (locals_[i].name == name && locals_[i].declared.file == tree_->span(id).file && i >= scope_begin_) {
      report(Kind::DeclaredTwice, id, {name_text(name)}).note(locals_[i].declared, "declared here first");
      break;
    }
  }
  const uint32_t local = declare_local(name, type, location, id);
  if (!value.is_error()) {
    builder_.set(locals_[local].slot, value.id);
  }
  if (initial == 0 && (location == Location::Storage || location == Location::Calldata)) {
    begin_unset(locals_[local]);
    unset_.back().declared = builder_.inst_count() - 1;
  }
}

void ContractChecker::tuple_declaration(NodeId id) {
  const Node& n = node(id);
  const auto declared = tree_->list(n.b);
  const Value value = rvalue(n.a);
  at(id);
  if ((n.flags & 1) != 0) {
    report(Kind::ContractNotYet, id, {"`let` in contracts"});
    return;
  }
  std::vector<Value> parts;
  if (value.kind == ValueKind::Tuple) {
    parts = lists_[value.id];
  } else if (!value.is_error()) {
    parts = {value};
  }
  if (!value.is_error() && parts.size() != declared.size()) {
    report(Kind::TupleSize, id, {std::to_string(declared.size()), std::to_string(parts.size())});
    parts.clear();
  }
  parts.resize(declared.size());
  for (size_t i = 0; i < declared.size(); ++i) {
    if (declared[i] == 0) {
      continue;
    }
    const Node& variable = node(declared[i]);
    const TypeId type = read_type(variable.a);
    const Location location = location_of(declared[i], type, static_cast<parse::DataLocation>(tree_->rec(variable.b, 1)), true, Location::Memory);
    const Value part = convert(parts[i], type, location, n.a);
    const uint32_t local = declare_local(NameId{tree_->rec(variable.b, 0)}, type, location, declared[i]);
    if (!part.is_error()) {
      builder_.set(locals_[local].slot, part.id);
    }
  }
}

void ContractChecker::if_statement(NodeId id) {
  // A chain of `else if` is walked here: it may be long.
  const Label behind = builder_.new_label();
  NodeId at_if = id;
  for (;;) {
    const Node& n = node(at_if);
    const NodeId otherwise = tree_->rec(n.b, 1);
    const Label yes = builder_.new_label();
    const Label no = otherwise == 0 ? behind : builder_.new_label();
    at(at_if);
    condition(n.a, yes, no);
    builder_.start_block(yes);
    governed_body(tree_->rec(n.b, 0));
    jump(behind);
    if (otherwise == 0) {
      break;
    }
    builder_.start_block(no);
    if (node(otherwise).kind != NodeKind::If) {
      governed_body(otherwise);
      break;
    }
    at_if = otherwise;
  }
  start(behind);
}

void ContractChecker::loop_statement(NodeId id) {
  const Node& n = node(id);
  const Label header = builder_.new_label();
  const Label body = builder_.new_label();
  const Label next = builder_.new_label();
  const Label leave = builder_.new_label();
  const uint32_t mark = open_scope();
  const uint32_t begin_outside = scope_begin_;
  scope_begin_ = mark;
  auto run_body = [&](NodeId inner) {
    loops_.push_back({leave, next});
    governed_body(inner);
    loops_.pop_back();
  };
  if (n.kind == NodeKind::DoWhile) {
    start(body);
    run_body(n.b);
    start(next);
    condition(n.a, body, leave);
  } else {
    const bool is_for = n.kind == NodeKind::For;
    const NodeId first = is_for ? tree_->rec(n.a, 0) : 0;
    const NodeId tested = is_for ? tree_->rec(n.a, 1) : n.a;
    const NodeId step = is_for ? tree_->rec(n.a, 2) : 0;
    if (first != 0) {
      statement(first);
    }
    start(header);
    if (tested != 0) {
      condition(tested, body, leave);
      builder_.start_block(body);
    }
    run_body(n.b);
    start(next);
    if (step != 0) {
      expression(step);
    }
    jump(header);
  }
  scope_begin_ = begin_outside;
  close_scope(mark);
  builder_.start_block(leave);
}

void ContractChecker::return_statement(NodeId id) {
  const Node& n = node(id);
  if (n.a != 0) {
    const Value value = rvalue(n.a);
    at(id);
    if (in_modifier_ || results_.empty()) {
      if (!value.is_error() && value.kind != ValueKind::Void && !(value.kind == ValueKind::Tuple && lists_[value.id].empty())) {
        report(Kind::ReturnWithoutResult, id, {value_text(value)});
      }
    } else if (!value.is_error()) {
      const std::vector<Value> parts = value.kind == ValueKind::Tuple ? lists_[value.id] : std::vector<Value>{value};
      if (parts.size() != results_.size()) {
        report(Kind::TupleSize, id, {std::to_string(results_.size()), std::to_string(parts.size())});
      } else {
        for (size_t i = 0; i < parts.size(); ++i) {
          const Value part = parts[i].kind == ValueKind::Void ? fail(Kind::GivesNoValue, n.a) : convert(parts[i], results_[i].type, results_[i].location, n.a);
          if (!part.is_error()) {
            builder_.set(results_[i].local.slot, part.id);
          }
        }
      }
    }
  } else if (!in_modifier_ && !results_.empty() && !results_named_) {
    report(Kind::ReturnNeedsValue, id, {types_.text(results_[0].type)});
  }
  jump(layer_exits_.back());
}

void ContractChecker::emit_statement(NodeId id) {
  const NodeId call_id = node(id).a;
  const Node& n = node(call_id);
  const Value event = expression(n.a);
  if (event.is_error()) {
    return;
  }
  if (event.kind != ValueKind::Event) {
    report(Kind::ContractEvent, n.a, {std::string(tree_->tokens->spelled(node(n.a).token))});
    return;
  }
  const auto arguments = tree_->list(n.b);
  const Callable callee = callables_[event.id];
  const std::vector<Value> values = evaluate(arguments);
  const DeclId chosen = choose(callee, arguments, values, call_id);
  if (chosen == kNone) {
    return;
  }
  const Signature& s = signature(chosen);
  if (s.has_error) {
    return;
  }
  const auto order = match_names(arguments, s.params, call_id, std::string(program_.name_of(chosen)));
  if (!order) {
    return;
  }
  std::vector<Value> ordered;
  for (const NodeId wanted : *order) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if ((node(arguments[i]).kind == NodeKind::NamedArg ? node(arguments[i]).b : arguments[i]) == wanted) {
        ordered.push_back(values[i]);
      }
    }
  }
  const std::vector<ValueId> args = converted(s.params, ordered, call_id, *order, Use::Consume);
  if (args.size() != s.params.size()) {
    return;
  }
  at(id);
  note_access(Access::Write, id);
  const uint32_t index = event_index(chosen);
  builder_.emit(Op::EmitEvent, ir::Type::Void, index, builder_.add_extra(args), static_cast<uint32_t>(args.size()));
}

}  // namespace omega::check::contract
