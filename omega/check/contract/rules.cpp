// SPDX-License-Identifier: Apache-2.0
// What Solidity demands of declarations beyond what their code needs.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

void ContractChecker::check_name(NameId name, NodeId where) {
  if (name.valid() && is_reserved_word(program_.text(name))) {
    report(Kind::ContractReservedName, where, {name_text(name)});
  }
}

void ContractChecker::check_constant(DeclId id) {
  const Declaration d = program_.declarations[id];
  const ScopeSwitch there(*this, {d.module, d.contract});
  const ir::FunctionId function = reserve_function(std::string(program_.text(d.name)));
  begin_function(function, id, {}, {});
  variable_value(id, d.node);
  builder_.ret();
  module_.functions[function] = builder_.finish();
}

void ContractChecker::check_events_once() {
  std::unordered_map<std::string, DeclId> known;
  const auto& linear = program_.contracts[self_].linear;
  for (auto base = linear.rbegin(); base != linear.rend(); ++base) {
    for (const DeclId id : program_.contracts[*base].members) {
      if (program_.declarations[id].kind != DeclKind::Event || signature(id).has_error) {
        continue;
      }
      std::string key(program_.name_of(id));
      for (const Param& param : signature(id).params) {
        key += "," + std::to_string(param.type);
      }
      const auto [same, is_new] = known.try_emplace(std::move(key), id);
      if (!is_new) {
        sink_.report(Kind::SameSignature, program_.span_of(id), {std::string(program_.name_of(id))})
            .note(program_.span_of(same->second), "declared here first");
      }
    }
  }
}

void ContractChecker::check_modifier_override(DeclId id, ContractId contract) {
  const Declaration& d = program_.declarations[id];
  const parse::Tree& there = program_.tree_of(d);
  const bool overrides = there.rec(there.node(d.node).b, 2) != 0;
  const std::string name(program_.text(d.name));
  const bool has_body = there.rec(there.node(d.node).b, 3) != 0;
  if (!has_body && (signature(id).attributes & parse::kVirtual) == 0) {
    sink_.report(Kind::ContractNoBody, there.span(d.node), {name});
  } else if (!has_body && !program_.contracts[self_].is_abstract && modifier_named(id) == id) {
    sink_.report(Kind::ContractNotImplemented, program_.span_of(program_.contracts[self_].declaration), {contract_->name, name})
        .note(there.span(d.node), "it is declared here")
        .with_help("write it, or make the contract `abstract`");
  }
  bool finds_one = false;
  for (const ContractId base : program_.contracts[contract].linear) {
    const auto named = program_.contracts[base].by_name.find(d.name.index);
    if (base == contract || named == program_.contracts[base].by_name.end()) {
      continue;
    }
    const DeclId other = named->second[0];
    if (program_.declarations[other].kind != DeclKind::Modifier) {
      continue;
    }
    finds_one = true;
    auto wrong = [&](const char* what) {
      sink_.report(Kind::ContractOverride, there.span(d.node), {name, what}).note(program_.span_of(other), "this is overridden");
    };
    if (!overrides) {
      wrong("`override` is missing");
    } else if ((signature(other).attributes & parse::kVirtual) == 0) {
      wrong("what it overrides is not `virtual`");
    } else if (!same_params(id, other)) {
      wrong("its parameters differ");
    }
  }
  if (overrides && !finds_one) {
    sink_.report(Kind::ContractOverridesNothing, there.span(d.node), {name});
  }
}

void ContractChecker::check_using_type(const UsingDecl& use) {
  const NodeId type_node = tree_->rec(node(use.node).a, 0);
  auto wrong = [&](const char* what) { report(Kind::ContractSpecial, use.node, {"using", what}); };
  if (type_node == 0) {
    if (use.contract == kNone) {
      wrong("outside of contracts is for one type, not for `*`");
    }
    return;
  }
  if (!use.is_global) {
    return;
  }
  if (use.contract != kNone) {
    wrong("in a contract holds there: `global` belongs to file level");
    return;
  }
  const TypeId type = read_type(type_node);
  const TypeKind kind = types_[type].kind;
  const bool is_declared = kind == TypeKind::Struct || kind == TypeKind::Enum || kind == TypeKind::UserType;
  if (type != kErrorType && !(is_declared && program_.declarations[types_[type].declaration].module == use.module &&
                              program_.declarations[types_[type].declaration].contract == kNone)) {
    wrong("with `global` is for a struct, an enum or a value type that this file declares outside of contracts");
  }
}

void ContractChecker::check_using(uint32_t index) {
  const UsingDecl& u = program_.usings[index];
  const ScopeSwitch there(*this, {u.module, u.contract});
  const bool in_braces = tree_->tokens->kind(node(u.node).token + 1) == lex::TokenKind::LeftBrace;
  check_using_type(u);
  for (const NodeId item : tree_->list(node(u.node).b)) {
    const NodeId path = node(item).a;
    if (node(item).b != 0 && !u.is_global) {
      report(Kind::ContractSpecial, path, {"using", "gives operators to types of this file for all: it ends with `global`"});
    }
    const std::vector<DeclId> named = named_by_path(path, u);
    if (named.empty()) {
      report(Kind::UnknownName, path, {std::string(tree_->tokens->spelled(node(path).token))});
      continue;
    }
    const Declaration& d = program_.declarations[named[0]];
    const ContractId holder = d.contract;
    const bool is_library = holder != kNone && program_.contracts[holder].kind == parse::ContractKind::Library;
    const bool fits = in_braces ? d.kind == DeclKind::Function && (holder == kNone || is_library) : d.kind == DeclKind::Contract && is_library;
    if (!fits) {
      report(Kind::ContractUsing, path, {std::string(program_.text(d.name)), in_braces ? "no function of a file or a library" : "no library"});
    } else if (in_braces && named.size() > 1) {
      report(Kind::ContractUsing, path, {std::string(program_.text(d.name)), "several functions of one name"});
    } else if (in_braces && signature(named[0]).params.empty() && !signature(named[0]).has_error) {
      report(Kind::ContractUsing, path, {std::string(program_.text(d.name)), "a function without parameters"});
    }
  }
}

}  // namespace omega::check::contract
