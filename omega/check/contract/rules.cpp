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

void ContractChecker::check_errors_apart() {
  std::unordered_map<uint32_t, DeclId> selectors;
  const auto& linear = program_.contracts[self_].linear;
  for (auto base = linear.rbegin(); base != linear.rend(); ++base) {
    for (const DeclId id : program_.contracts[*base].members) {
      const Declaration& d = program_.declarations[id];
      if (d.kind != DeclKind::Error || signature(id).has_error) {
        continue;
      }
      const std::string name(program_.text(d.name));
      const auto [alike, is_first] = selectors.try_emplace(selector(id), id);
      if (!is_first) {
        const std::string other(program_.name_of(alike->second));
        sink_.report(Kind::ContractSelector, program_.span_of(id), {name, other}).note(program_.span_of(alike->second), "this one");
      }
      if (alike->first == 0 || alike->first == ~uint32_t{0}) {
        sink_.report(Kind::ContractSpecial, program_.span_of(id), {name, "has a selector that stands for something else: give it another name"});
      }
    }
  }
}

void ContractChecker::check_function_form(DeclId id) {
  const Declaration& d = program_.declarations[id];
  const parse::Tree& there = program_.tree_of(d);
  const Signature& s = signature(id);
  const parse::ContractKind holder = program_.contracts[d.contract].kind;
  auto wrong = [&](const char* what) { sink_.report(Kind::ContractSpecial, program_.span_of(id), {std::string(program_.text(d.name)), what}); };
  if ((s.attributes & parse::kVirtual) != 0 && (s.attributes & parse::kPrivate) != 0) {
    wrong("cannot be `virtual` and `private`: no other contract sees it");
  } else if ((s.attributes & parse::kVirtual) != 0 && holder == parse::ContractKind::Library) {
    wrong("cannot be `virtual`: nothing derives from a library");
  }
  if (!there.list(there.function(there.node(d.node)).modifiers).empty() && !s.has_body) {
    wrong("has no body around which a modifier could run");
  }
}

void ContractChecker::check_contract_form(ContractId contract) {
  const ContractDecl& c = program_.contracts[contract];
  const Declaration& own = program_.declarations[c.declaration];
  const parse::Tree& there = program_.tree_of(own);
  if (c.kind != parse::ContractKind::Contract && there.rec(there.node(own.node).b, 2) != 0) {
    const bool is_library = c.kind == parse::ContractKind::Library;
    sink_.report(Kind::ContractInterface, program_.span_of(c.declaration),
                 {is_library ? "libraries are not `abstract`: nothing derives from them" : "interfaces are abstract without the word"});
  }
  for (const DeclId id : c.members) {
    const Declaration& d = program_.declarations[id];
    const Node& n = there.node(d.node);
    if (d.kind == DeclKind::Variable && there.rec(n.b, 3) != 0 && (there.rec(n.b, 1) & parse::kPublic) == 0) {
      sink_.report(Kind::ContractOverridesNothing, there.span(d.node), {std::string(program_.text(d.name))})
          .with_help("what overrides a function is the getter of a `public` variable");
    }
    if (d.kind == DeclKind::Modifier && c.kind == parse::ContractKind::Library && (there.rec(n.b, 1) & parse::kVirtual) != 0) {
      sink_.report(Kind::ContractSpecial, there.span(d.node), {std::string(program_.text(d.name)), "cannot be `virtual`: nothing derives from a library"});
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
  if (use.contract != kNone && program_.contracts[use.contract].kind == parse::ContractKind::Interface) {
    wrong("has no place in an interface, where nothing is called");
    return;
  }
  if (type_node == 0) {
    if (use.contract == kNone) {
      wrong("outside of contracts is for one type, not for `*`");
    }
    return;
  }
  const TypeId type = read_type(type_node);
  if (!use.is_global) {
    return;
  }
  if (use.contract != kNone) {
    wrong("in a contract holds there: `global` belongs to file level");
    return;
  }
  const TypeKind kind = types_[type].kind;
  const bool is_declared = kind == TypeKind::Struct || kind == TypeKind::Enum || kind == TypeKind::UserType;
  if (type != kErrorType && !(is_declared && program_.declarations[types_[type].declaration].module == use.module &&
                              program_.declarations[types_[type].declaration].contract == kNone)) {
    wrong("with `global` is for a struct, an enum or a value type that this file declares outside of contracts");
  }
}

void ContractChecker::check_operator(NodeId item, DeclId function, const UsingDecl& use) {
  const NodeId path = node(item).a;
  const lex::TokenKind symbol = tree_->tokens->kind(node(item).b);
  const Signature& s = signature(function);
  const TypeId type = read_type(tree_->rec(node(use.node).a, 0));
  if (s.has_error || type == kErrorType) {
    return;
  }
  auto wrong = [&](const char* what) { report(Kind::ContractUsing, path, {std::string(program_.name_of(function)), what}); };
  if (program_.declarations[function].contract != kNone || s.mutability != ir::Mutability::Pure) {
    wrong("not `pure` and outside of contracts, as the functions of operators are");
    return;
  }
  if (types_[type].kind != TypeKind::UserType) {
    wrong("to be an operator, which only value types (`type T is …`) are given");
    return;
  }
  const bool is_comparison = symbol == lex::TokenKind::EqualEqual || symbol == lex::TokenKind::BangEqual || symbol == lex::TokenKind::Less ||
                             symbol == lex::TokenKind::LessEqual || symbol == lex::TokenKind::Greater || symbol == lex::TokenKind::GreaterEqual;
  const size_t count = s.params.size();
  const bool may_be_unary = symbol == lex::TokenKind::Minus || symbol == lex::TokenKind::Tilde;
  const bool fits = (count == 1 && may_be_unary) || (count == 2 && symbol != lex::TokenKind::Tilde);
  if (!fits || !std::ranges::all_of(s.params, [&](const Param& param) { return param.type == type; })) {
    wrong("not a function of as many values of the type as the operator has, and of nothing else");
  } else if (s.results.size() != 1 || s.results[0].type != (is_comparison ? kBoolType : type)) {
    wrong(is_comparison ? "not a function that gives one `bool`, as comparisons do" : "not a function that gives one value of the type");
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
    } else if (in_braces && (signature(named[0]).attributes & parse::kPrivate) != 0 && holder != u.contract) {
      report(Kind::ContractUsing, path, {std::string(program_.text(d.name)), "private to its library"});
    } else if (node(item).b != 0 && u.is_global && in_braces) {
      check_operator(item, named[0], u);
    }
  }
}

}  // namespace omega::check::contract
