// SPDX-License-Identifier: Apache-2.0
// The checker of one contract: its run, and where code stands.
#include "omega/check/contract/contract_checker.h"

#include <algorithm>
#include <iterator>

namespace omega::check::contract {

using diag::Kind;

ScopeSwitch::ScopeSwitch(ContractChecker& of, Scope to)
    : checker(of), scope(of.scope_), tree(of.tree_), floor(of.local_floor_), mark(of.open_scope()), unchecked(of.unchecked_) {
  of.scope_ = to;
  of.tree_ = of.program_.modules[to.module].tree;
  of.local_floor_ = mark;
  of.unchecked_ = false;
}

ScopeSwitch::~ScopeSwitch() {
  checker.close_scope(mark);
  checker.scope_ = scope;
  checker.tree_ = tree;
  checker.local_floor_ = floor;
  checker.unchecked_ = unchecked;
}

ContractChecker::ContractChecker(const Program& program, ContractId contract, diag::Sink& sink)
    : program_(program), self_(contract), sink_(sink), types_(program), contract_(std::make_shared<ir::Contract>()) {}

diag::Diagnostic& ContractChecker::report(Kind kind, NodeId where, std::initializer_list<std::string> args) {
  return sink_.report(kind, tree_->full_span(where), args);
}

Value ContractChecker::not_yet(NodeId where, std::string what) {
  report(Kind::ContractNotYet, where, {std::move(what)});
  return Value::error();
}

void ContractChecker::at(NodeId id) {
  // A function's code has places in one file: what comes from another one belongs to where it is used.
  if (scope_.module == function_module_) {
    builder_.set_location(tree_->tokens->offset(tree_->node(id).token));
  }
}

std::string ContractChecker::value_text(const Value& value) const {
  switch (value.kind) {
    case ValueKind::Void: return "no value";
    case ValueKind::Number: return "a number";
    case ValueKind::Text: return "a string literal";
    case ValueKind::List: return "an array literal";
    case ValueKind::Tuple: return "several values";
    case ValueKind::Type: return "the type `" + types_.text(value.type) + "`";
    case ValueKind::TypeInfo: return "`type(" + types_.text(value.type) + ")`";
    case ValueKind::Module: return "a file";
    case ValueKind::Callable: return "a function";
    case ValueKind::Event: return "an event";
    case ValueKind::ErrorName: return "an error";
    case ValueKind::Super: return "`super`";
    case ValueKind::Space: return "a part of the language";
    case ValueKind::Code: return "the code of an address";
    default: return "`" + types_.text(value.type) + (value.is_storage() ? " storage`" : value.location == Location::None ? "`" : " memory`");
  }
}

bool ContractChecker::stands_for_several(const Value& value) const {
  if (value.kind != ValueKind::Callable && value.kind != ValueKind::Event) {
    return false;
  }
  const Callable& named = callables_[value.id];
  if (named.kind == Callable::Kind::Builtin) {
    return named.builtin == Builtin::Require || named.builtin == Builtin::Revert || named.builtin == Builtin::Push;
  }
  return named.candidates.size() > 1;
}

ir::Module ContractChecker::run() {
  const ContractDecl& contract = program_.contracts[self_];
  const Declaration& own = program_.declarations[contract.declaration];
  scope_ = {own.module, self_};
  tree_ = program_.modules[own.module].tree;
  contract_->name = std::string(program_.name_of(contract.declaration));
  check_inheritance();
  check_events_once();
  for (const ContractId base : contract.linear) {
    for (const uint32_t use : program_.contracts[base].usings) {
      check_using(use);
    }
  }
  lay_out_state();
  const bool is_deployable = contract.kind == parse::ContractKind::Contract && !contract.is_abstract;
  if (is_deployable) {
    check_implemented();
  }
  make_events();
  make_entries();
  if (contract.kind == parse::ContractKind::Contract) {
    make_constructor();
  }
  make_pending();
  make_callers();
  // What nothing reaches is checked too and left out, but for errors: those outside are told of all that is declared.
  const size_t reached = module_.functions.size();
  const size_t made = created_.size();
  for (const ContractId base : contract.linear) {
    for (const DeclId member : program_.contracts[base].members) {
      check_unused(member);
      if (program_.declarations[member].kind == DeclKind::Error) {
        error_index(member);
      }
    }
  }
  check_errors_apart();
  make_pending();
  for (const ContractId base : contract.linear) {
    for (const DeclId member : program_.contracts[base].members) {
      if (program_.declarations[member].kind == DeclKind::Modifier) {
        check_unused_modifier(member);
      }
    }
  }
  make_pending();
  module_.functions.resize(reached);
  contract_->creations.resize(made);
  created_.resize(made);
  module_.contract = contract_;
  return std::move(module_);
}

void ContractChecker::make_events() {
  std::vector<DeclId> events;
  for (const ContractId base : program_.contracts[self_].linear) {
    std::ranges::copy_if(program_.contracts[base].members, std::back_inserter(events),
                         [&](DeclId member) { return program_.declarations[member].kind == DeclKind::Event; });
  }
  std::ranges::sort(events);
  for (const DeclId event : events) {
    event_index(event);
  }
}

void ContractChecker::check_file(uint32_t module) {
  scope_ = {module, kNone};
  tree_ = program_.modules[module].tree;
  for (const uint32_t use : program_.modules[module].usings) {
    check_using(use);
  }
  for (const uint32_t use : program_.global_usings) {
    check_using(use);
  }
  for (const DeclId id : program_.modules[module].declarations) {
    check_unused(id);
  }
  // Overloaded functions and events, those of imported files included.
  for (const auto& [name, meaning] : program_.modules[module].visible) {
    std::map<std::string, DeclId> known;
    for (const DeclId id : meaning.declarations) {
      const DeclKind kind = program_.declarations[id].kind;
      if ((kind != DeclKind::Function && kind != DeclKind::Event) || signature(id).has_error) {
        continue;
      }
      std::string key;
      for (const Param& param : signature(id).params) {
        key += "," + std::to_string(param.type);
      }
      if (const auto [same, is_new] = known.try_emplace(std::move(key), id); !is_new) {
        const DeclId later = std::max(id, same->second);
        sink_.report(Kind::SameSignature, program_.span_of(later), {std::string(program_.name_of(id))})
            .note(program_.span_of(std::min(id, same->second)), "declared here first");
      }
    }
  }
  make_pending();
}

void ContractChecker::check_unused(DeclId id) {
  const Declaration& d = program_.declarations[id];
  switch (d.kind) {
    case DeclKind::Function:
      if (signature(id).has_body && d.name.valid()) {
        function_of(id);
      }
      break;
    case DeclKind::Struct: fields(declared_type(id)); break;
    case DeclKind::Event:
    case DeclKind::Error:
    case DeclKind::Modifier: signature(id); break;
    case DeclKind::Contract: break;
    case DeclKind::Variable:
      if (declared_type(id) != kErrorType && (program_.tree_of(d).rec(program_.tree_of(d).node(d.node).b, 1) & parse::kConstant) != 0) {
        check_constant(id);
      }
      break;
    default: declared_type(id);
  }
}

}  // namespace omega::check::contract
