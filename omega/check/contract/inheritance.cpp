// SPDX-License-Identifier: Apache-2.0
// Which function a call runs, and whether overriding is as it must be.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

DeclId ContractChecker::most_derived(DeclId id) {
  const Declaration& d = program_.declarations[id];
  if (self_ == kNone || d.contract == kNone || !program_.derives(self_, d.contract) || program_.contracts[d.contract].kind == parse::ContractKind::Library ||
      (signature(id).attributes & parse::kPrivate) != 0) {
    return id;
  }
  for (const ContractId base : program_.contracts[self_].linear) {
    const auto named = program_.contracts[base].by_name.find(d.name.index);
    if (named == program_.contracts[base].by_name.end()) {
      continue;
    }
    for (const DeclId other : named->second) {
      if (other == id ||
          (program_.declarations[other].kind == DeclKind::Function && (signature(other).attributes & parse::kPrivate) == 0 && same_params(other, id))) {
        return other;
      }
    }
  }
  return id;
}

DeclId ContractChecker::modifier_named(DeclId id) {
  const Declaration& d = program_.declarations[id];
  if (self_ == kNone || !program_.derives(self_, d.contract)) {
    return id;  // a library's
  }
  for (const ContractId base : program_.contracts[self_].linear) {
    const auto named = program_.contracts[base].by_name.find(d.name.index);
    if (named != program_.contracts[base].by_name.end() && program_.declarations[named->second[0]].kind == DeclKind::Modifier) {
      return named->second[0];
    }
  }
  return id;
}

std::vector<DeclId> ContractChecker::super_functions(ContractId contract, NameId name) {
  const auto& own = program_.contracts[self_].linear;
  const auto& linear = std::find(own.begin(), own.end(), contract) != own.end() ? own : program_.contracts[contract].linear;
  std::vector<DeclId> found;
  for (auto base = std::find(linear.begin(), linear.end(), contract) + 1; base < linear.end(); ++base) {
    const auto named = program_.contracts[*base].by_name.find(name.index);
    if (named == program_.contracts[*base].by_name.end()) {
      continue;
    }
    for (const DeclId id : named->second) {
      const bool counts = program_.declarations[id].kind == DeclKind::Function && signature(id).has_body &&
                          (signature(id).attributes & (parse::kPrivate | parse::kExternal)) == 0;
      if (counts && std::none_of(found.begin(), found.end(), [&](DeclId known) { return same_params(known, id); })) {
        found.push_back(id);
      }
    }
  }
  return found;
}

DeclId ContractChecker::definition_in(ContractId contract, DeclId id) {
  const auto named = program_.contracts[contract].by_name.find(program_.declarations[id].name.index);
  if (named == program_.contracts[contract].by_name.end()) {
    return kNone;
  }
  for (const DeclId other : named->second) {
    const DeclKind kind = program_.declarations[other].kind;
    if (kind == DeclKind::Modifier && program_.declarations[id].kind == DeclKind::Modifier) {
      return other;
    }
    const bool counts = (kind == DeclKind::Function || kind == DeclKind::Variable) && (signature(other).attributes & parse::kPrivate) == 0 &&
                        (kind == DeclKind::Function || (signature(other).attributes & parse::kPublic) != 0);
    if (counts && same_params(other, id)) {
      return other;
    }
  }
  return kNone;
}

std::vector<DeclId> ContractChecker::next_definitions(ContractId contract, DeclId id) {
  // On every way up through the bases: the first contract that has the function.
  std::vector<DeclId> found;
  std::vector<ContractId> open(program_.contracts[contract].bases.rbegin(), program_.contracts[contract].bases.rend());
  std::unordered_set<ContractId> seen;
  while (!open.empty()) {
    const ContractId base = open.back();
    open.pop_back();
    if (!seen.insert(base).second) {
      continue;
    }
    if (const DeclId definition = definition_in(base, id); definition != kNone) {
      found.push_back(definition);
    } else {
      open.insert(open.end(), program_.contracts[base].bases.rbegin(), program_.contracts[base].bases.rend());
    }
  }
  return found;
}

void ContractChecker::check_override(DeclId id, ContractId contract) {
  const Declaration& d = program_.declarations[id];
  const ScopeSwitch there(*this, {d.module, contract});
  const Node& n = node(d.node);
  const Signature& own = signature(id);
  const bool is_variable = d.kind == DeclKind::Variable;
  if (own.has_error || (own.attributes & parse::kPrivate) != 0) {
    return;
  }
  const NodeId spec = is_variable ? tree_->rec(n.b, 3) : tree_->function(n).override_spec;
  const std::vector<DeclId> overridden = next_definitions(contract, id);
  const std::string name(program_.text(d.name));
  if (overridden.empty()) {
    if (spec != 0) {
      report(Kind::ContractOverridesNothing, spec, {name});
    }
    return;
  }
  bool needs_override = overridden.size() > 1;
  for (const DeclId base : overridden) {
    const Declaration& b = program_.declarations[base];
    const Signature& s = signature(base);
    const bool is_interface = program_.contracts[b.contract].kind == parse::ContractKind::Interface;
    needs_override = needs_override || !is_interface;
    auto wrong = [&](const std::string& what) {
      sink_.report(Kind::ContractOverride, tree_->span(d.node), {name, what}).note(program_.span_of(base), "this is overridden");
    };
    if (!is_variable && !own.has_body && s.has_body) {
      wrong("it has no body, and what it overrides has one");
    }
    if (b.kind == DeclKind::Variable || (!is_interface && (s.attributes & parse::kVirtual) == 0)) {
      wrong(b.kind == DeclKind::Variable ? "a public variable cannot be overridden" : "what it overrides is not `virtual`");
    }
    if (is_variable ? (s.attributes & parse::kExternal) == 0
                    : ((own.attributes ^ s.attributes) & (parse::kPublic | parse::kInternal)) != 0 &&
                          !((s.attributes & parse::kExternal) != 0 && (own.attributes & parse::kPublic) != 0)) {
      wrong("its visibility differs");
    }
    const bool is_constant = is_variable && (own.attributes & parse::kConstant) != 0;
    const bool may_be = is_constant || own.mutability == s.mutability || (s.mutability == ir::Mutability::NonPayable && own.mutability < s.mutability) ||
                        (s.mutability == ir::Mutability::View && own.mutability == ir::Mutability::Pure) ||
                        (is_variable && s.mutability == ir::Mutability::View);
    if (!may_be) {
      wrong("its mutability allows more");
    }
    const bool is_called_inside = (s.attributes & parse::kExternal) == 0 && !is_variable && b.kind == DeclKind::Function;
    const auto same_location = [](const Param& one, const Param& other) { return one.location == other.location; };
    if (is_called_inside && (!std::ranges::equal(own.params, s.params, same_location) || !std::ranges::equal(own.results, s.results, same_location))) {
      wrong("its data locations differ");
    }
    bool same_results = own.results.size() == s.results.size();
    for (size_t i = 0; same_results && i < own.results.size(); ++i) {
      same_results = own.results[i].type == s.results[i].type;
    }
    if (!same_results && !s.has_error) {
      wrong("its results differ");
    }
  }
  if (spec == 0) {
    if (needs_override) {
      sink_.report(Kind::ContractOverride, tree_->span(d.node), {name, "`override` is missing"}).note(program_.span_of(overridden[0]), "this is overridden");
    }
    return;
  }
  const auto named = tree_->list(node(spec).b);
  std::vector<ContractId> listed;
  for (const NodeId path : named) {
    const ContractId base = base_named(path);
    const bool is_overridden = std::any_of(overridden.begin(), overridden.end(), [&](DeclId o) { return program_.declarations[o].contract == base; });
    if (base == kNone || !is_overridden) {
      report(Kind::ContractOverrideList, path, {name});
    }
    listed.push_back(base);
  }
  if ((overridden.size() > 1 || !named.empty()) && listed.size() != overridden.size()) {
    diag::Diagnostic& said = report(Kind::ContractOverrideList, spec, {name});
    for (const DeclId base : overridden) {
      said.note(program_.span_of(base), "`" + std::string(program_.name_of(program_.contracts[program_.declarations[base].contract].declaration)) + "` has it");
    }
  }
}

void ContractChecker::check_conflicts(ContractId contract) {
  // A function that several bases have and this contract does not override must be one and the same for all.
  std::unordered_set<std::string> seen;
  const auto& linear = program_.contracts[contract].linear;
  if (program_.contracts[contract].bases.size() < 2) {
    return;
  }
  for (size_t i = 1; i < linear.size(); ++i) {
    for (const DeclId id : program_.contracts[linear[i]].members) {
      const Declaration& d = program_.declarations[id];
      const bool is_modifier = d.kind == DeclKind::Modifier;
      if ((d.kind != DeclKind::Function && !is_modifier) || !d.name.valid() || (signature(id).attributes & parse::kPrivate) != 0) {
        continue;
      }
      std::string key(program_.text(d.name));
      for (const Param& param : signature(id).params) {
        key += is_modifier ? "" : "," + std::to_string(param.type);
      }
      if (!seen.insert(key).second) {
        continue;
      }
      const auto own = program_.contracts[contract].by_name.find(d.name.index);
      if (own != program_.contracts[contract].by_name.end() &&
          std::any_of(own->second.begin(), own->second.end(), [&](DeclId mine) { return is_modifier || same_params(mine, id); })) {
        continue;
      }
      std::vector<DeclId> definitions = next_definitions(contract, id);
      std::vector<DeclId> kept;
      for (const DeclId definition : definitions) {
        const ContractId at_contract = program_.declarations[definition].contract;
        const bool is_covered = !signature(definition).has_body && program_.declarations[definition].kind == DeclKind::Function &&
                                std::any_of(definitions.begin(), definitions.end(), [&](DeclId other) {
                                  return other != definition && program_.derives(program_.declarations[other].contract, at_contract);
                                });
        if (!is_covered) {
          kept.push_back(definition);
        }
      }
      if (kept.size() > 1) {
        diag::Diagnostic& said = sink_.report(Kind::ContractMustOverride, program_.span_of(program_.contracts[contract].declaration),
                                              {std::string(program_.name_of(program_.contracts[contract].declaration)), std::string(program_.text(d.name))});
        for (const DeclId definition : kept) {
          said.note(program_.span_of(definition), "here");
        }
      }
    }
  }
}

void ContractChecker::check_special(DeclId id, std::unordered_set<uint32_t>& kinds) {
  const Declaration& d = program_.declarations[id];
  const parse::Tree& there = program_.tree_of(d);
  const Signature& s = signature(id);
  const parse::FunctionKind kind = static_cast<parse::FunctionKind>(there.function(there.node(d.node)).kind);
  const std::string name(there.tokens->spelled(there.node(d.node).token));
  auto wrong = [&](const std::string& what) { sink_.report(Kind::ContractSpecial, there.span(d.node), {name, what}); };
  if (!kinds.insert(static_cast<uint32_t>(kind)).second) {
    sink_.report(Kind::DeclaredTwice, there.span(d.node), {name});
  }
  const parse::ContractKind holder = program_.contracts[d.contract].kind;
  const bool is_constructor = kind == parse::FunctionKind::Constructor;
  if (holder == parse::ContractKind::Library || (holder == parse::ContractKind::Interface && is_constructor)) {
    sink_.report(Kind::ContractInterface, there.span(d.node), {"interfaces and libraries have no " + name});
  }
  const bool may_lack_body = !is_constructor && (holder == parse::ContractKind::Interface || (s.attributes & parse::kVirtual) != 0);
  if (!s.has_body && !may_lack_body) {
    wrong("has no body");
  }
  if (is_constructor) {
    if ((s.attributes & (parse::kExternal | parse::kPrivate | parse::kVirtual)) != 0 || there.function(there.node(d.node)).override_spec != 0) {
      wrong("is called by nobody but the contract's making: it is neither `external`, `private` nor `virtual` and overrides nothing");
    } else if ((s.attributes & parse::kInternal) != 0 && !program_.contracts[d.contract].is_abstract) {
      wrong("is not `internal`: the contract is not `abstract`");
    } else if ((s.attributes & parse::kPublic) != 0 && program_.contracts[d.contract].is_abstract) {
      wrong("is not `public`: the contract is `abstract`, and those that derive from it call it");
    }
    if (std::ranges::any_of(s.params, [](const Param& param) { return param.location == Location::Calldata; })) {
      wrong("takes copies: what it is given stands behind the contract's code, not in calldata");
    }
    if (!s.results.empty() || s.mutability == ir::Mutability::View || s.mutability == ir::Mutability::Pure) {
      wrong(s.results.empty() ? "may change the state: it is neither `view` nor `pure`" : "has no results");
    }
    return;
  }
  if ((s.attributes & parse::kExternal) == 0) {
    wrong("must be `external`");
  }
  check_special_override(id, kind);
  if (kind == parse::FunctionKind::Receive && (s.mutability != ir::Mutability::Payable || !s.params.empty() || !s.results.empty())) {
    wrong("must be `payable`, without parameters and results");
  }
  const bool is_plain = s.params.empty() && s.results.empty();
  const bool takes_bytes = s.params.size() == 1 && s.results.size() == 1 && s.params[0].type == kBytesType && s.results[0].type == kBytesType &&
                           s.params[0].location == Location::Calldata && s.results[0].location == Location::Memory;
  if (kind == parse::FunctionKind::Fallback && !s.has_error && !is_plain && !takes_bytes) {
    wrong("has no parameters and results, or takes `bytes calldata` and gives `bytes memory`");
  }
}

void ContractChecker::check_special_override(DeclId id, parse::FunctionKind kind) {
  const Declaration& d = program_.declarations[id];
  const parse::Tree& there = program_.tree_of(d);
  const bool overrides = there.function(there.node(d.node)).override_spec != 0;
  const std::string name(there.tokens->spelled(there.node(d.node).token));
  bool finds_one = false;
  for (const ContractId base : program_.contracts[d.contract].linear) {
    for (const DeclId other : program_.contracts[base].members) {
      const Declaration& o = program_.declarations[other];
      if (base == d.contract || o.kind != DeclKind::Function || o.name.valid() ||
          static_cast<parse::FunctionKind>(program_.tree_of(o).function(program_.tree_of(o).node(o.node)).kind) != kind) {
        continue;
      }
      finds_one = true;
      const bool may_be = (signature(other).attributes & parse::kVirtual) != 0 || program_.contracts[base].kind == parse::ContractKind::Interface;
      if (!overrides || !may_be) {
        sink_.report(Kind::ContractOverride, there.span(d.node), {name, overrides ? "what it overrides is not `virtual`" : "`override` is missing"})
            .note(program_.span_of(other), "this is overridden");
      }
    }
  }
  if (overrides && !finds_one) {
    sink_.report(Kind::ContractOverridesNothing, there.span(d.node), {name});
  }
}

void ContractChecker::check_names_of_bases() {
  std::unordered_map<uint32_t, DeclId> known;
  const auto& linear = program_.contracts[self_].linear;
  for (auto base = linear.rbegin(); base != linear.rend(); ++base) {
    for (const DeclId id : program_.contracts[*base].members) {
      const Declaration& d = program_.declarations[id];
      if (!d.name.valid()) {
        continue;
      }
      const auto [same, is_new] = known.try_emplace(d.name.index, id);
      const Declaration& other = program_.declarations[same->second];
      const bool is_overridden = other.kind == DeclKind::Function && d.kind == DeclKind::Variable;  // or must be, which is said elsewhere
      const bool may_share = other.kind == d.kind && d.kind != DeclKind::Error;
      if (is_new || other.contract == d.contract || may_share || is_overridden) {
        continue;
      }
      const bool may_be_private = other.kind == DeclKind::Function || other.kind == DeclKind::Variable;
      if (!may_be_private || (signature(same->second).attributes & parse::kPrivate) == 0) {
        sink_.report(Kind::DeclaredTwice, program_.span_of(id), {std::string(program_.text(d.name))})
            .note(program_.span_of(same->second), "a base declares it here");
      }
    }
  }
}

void ContractChecker::check_inheritance() {
  check_names_of_bases();
  const auto& linear = program_.contracts[self_].linear;
  for (const ContractId contract : linear) {
    check_contract_form(contract);
    std::unordered_set<std::string> signatures;
    std::unordered_set<uint32_t> special;
    for (const DeclId id : program_.contracts[contract].members) {
      const Declaration& d = program_.declarations[id];
      const bool is_function = d.kind == DeclKind::Function && d.name.valid();
      if (d.kind == DeclKind::Function && !is_function) {
        check_special(id, special);
      }
      if (is_function) {
        check_function_form(id);
        if (d.name == program_.declarations[program_.contracts[contract].declaration].name) {
          sink_.report(Kind::DeclaredTwice, program_.span_of(id), {std::string(program_.text(d.name))})
              .note(program_.span_of(program_.contracts[contract].declaration), "the contract has this name")
              .with_help("a constructor is written `constructor(...)`");
        }
        std::string key(program_.text(d.name));
        for (const Param& param : signature(id).params) {
          key += "," + std::to_string(param.type);
        }
        if (!signatures.insert(key).second && !signature(id).has_error) {
          sink_.report(Kind::SameSignature, program_.span_of(id), {std::string(program_.text(d.name))});
        }
        const bool is_interface = program_.contracts[contract].kind == parse::ContractKind::Interface;
        const Signature& s = signature(id);
        if (is_interface && (s.has_body || (s.attributes & parse::kExternal) == 0)) {
          sink_.report(Kind::ContractInterface, program_.span_of(id),
                       {s.has_body ? "functions of interfaces have no body" : "functions of interfaces are `external`"});
        } else if (!is_interface && !s.has_body && (s.attributes & parse::kVirtual) == 0) {
          sink_.report(Kind::ContractNoBody, program_.span_of(id), {std::string(program_.text(d.name))});
        }
      }
      if (is_function || (d.kind == DeclKind::Variable && (signature(id).attributes & parse::kPublic) != 0)) {
        check_override(id, contract);
      }
      if (d.kind == DeclKind::Modifier) {
        check_modifier_override(id, contract);
      }
    }
    check_conflicts(contract);
  }
}

void ContractChecker::check_implemented() {
  const ContractDecl& contract = program_.contracts[self_];
  std::unordered_set<DeclId> reported;
  for (const ContractId base : contract.linear) {
    for (const DeclId id : program_.contracts[base].members) {
      const Declaration& d = program_.declarations[id];
      if (d.kind != DeclKind::Function || !d.name.valid() || signature(id).has_body || signature(id).has_error) {
        continue;
      }
      const DeclId winner = most_derived(id);
      bool is_variable = false;
      for (const ContractId above : contract.linear) {
        const auto named = program_.contracts[above].by_name.find(d.name.index);
        is_variable = is_variable || (named != program_.contracts[above].by_name.end() && program_.declarations[named->second[0]].kind == DeclKind::Variable);
      }
      if (!is_variable && !signature(winner).has_body && reported.insert(winner).second) {
        sink_.report(Kind::ContractNotImplemented, program_.span_of(contract.declaration), {contract_->name, std::string(program_.text(d.name))})
            .note(program_.span_of(winner), "it is declared here")
            .with_help("write it, or make the contract `abstract`");
      }
    }
  }
}

}  // namespace omega::check::contract
