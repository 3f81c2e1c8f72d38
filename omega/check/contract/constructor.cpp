// SPDX-License-Identifier: Apache-2.0
// The constructor: one function that binds the parameters of all constructors, from the most derived contract to the most basic one, then gives
// variables their first values and runs the constructors' bodies in the opposite order.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

DeclId ContractChecker::constructor_of(ContractId contract) const {
  for (const DeclId id : program_.contracts[contract].members) {
    const Declaration& d = program_.declarations[id];
    const parse::Tree& there = program_.tree_of(d);
    if (d.kind == DeclKind::Function && there.function(there.node(d.node)).kind == static_cast<uint32_t>(parse::FunctionKind::Constructor)) {
      return id;
    }
  }
  return kNone;
}

ContractId ContractChecker::base_named(NodeId path) {
  const std::vector<DeclId> found = named_in_files(path).declarations;
  const bool is_contract = !found.empty() && program_.declarations[found[0]].kind == DeclKind::Contract;
  return is_contract ? program_.declarations[found[0]].contract : kNone;
}

void ContractChecker::collect_base_arguments(ContractId contract, std::unordered_map<ContractId, BaseArguments>& arguments) {
  const Declaration& d = program_.declarations[program_.contracts[contract].declaration];
  const ScopeSwitch there(*this, {d.module, contract});
  auto add = [&](NodeId use, bool sees_params) {
    const ContractId base = base_named(node(use).a);
    if (base == kNone || !program_.derives(contract, base) || base == contract) {
      return false;
    }
    if (sees_params && (node(use).flags & 1) == 0) {
      report(Kind::ContractBaseArguments, use, {std::string(program_.name_of(program_.contracts[base].declaration)), "are left out, with their brackets"});
    } else if ((node(use).flags & 1) != 0 && !arguments.try_emplace(base, BaseArguments{use, scope_, sees_params}).second) {
      report(Kind::ContractBaseArguments, use, {std::string(program_.name_of(program_.contracts[base].declaration)), "are given twice"});
    }
    return true;
  };
  for (const NodeId use : tree_->list(tree_->rec(node(d.node).b, 0))) {
    if (node(use).kind == NodeKind::ModifierUse) {
      add(use, false);
    }
  }
  if (const DeclId own = constructor_of(contract); own != kNone) {
    for (const NodeId use : tree_->list(tree_->function(node(program_.declarations[own].node)).modifiers)) {
      add(use, true);
    }
  }
}

void ContractChecker::bind_constructor_params(ContractId contract, const BaseArguments* arguments) {
  const DeclId constructor = constructor_of(contract);
  std::vector<Local>& bound = constructor_params_[contract];
  bound.clear();
  const std::string name(program_.name_of(program_.contracts[contract].declaration));
  const size_t count = constructor == kNone ? 0 : signature(constructor).params.size();
  std::vector<ValueId> args;
  if (contract == self_) {
    for (uint32_t i = 0; i < count; ++i) {
      args.push_back(builder_.param(i));
    }
  } else if (arguments != nullptr) {
    const ScopeSwitch giver(*this, arguments->scope);
    if (arguments->sees_params) {
      const std::vector<Local>& params = constructor_params_[arguments->scope.contract];
      locals_.insert(locals_.end(), params.begin(), params.end());
    }
    const std::vector<Param> params = constructor == kNone ? std::vector<Param>{} : signature(constructor).params;
    const auto order = match_names(tree_->list(node(arguments->use).b), params, arguments->use, name);
    if (order) {
      args = converted(params, evaluate(*order), arguments->use, *order, Use::Keep);
    }
  } else if (count != 0) {
    if (!program_.contracts[self_].is_abstract) {
      sink_.report(Kind::ContractBaseArguments, program_.span_of(program_.contracts[self_].declaration), {name, "are missing"})
          .note(program_.span_of(constructor), "this constructor takes them");
    }
  }
  if (constructor == kNone) {
    return;
  }
  const Declaration& d = program_.declarations[constructor];
  const ScopeSwitch there(*this, {d.module, contract});
  for (size_t i = 0; i < count; ++i) {
    const Param& param = signature(constructor).params[i];
    const uint32_t local = declare_local(param.name, param.type, param.location, param.node);
    // Where they are left to a derived contract, or wrong, the body is checked all the same.
    builder_.set(locals_[local].slot, args.size() == count ? args[i] : poison(param.type));
    bound.push_back(locals_[local]);
  }
}

void ContractChecker::initialize_variables(ContractId contract) {
  for (const DeclId id : program_.contracts[contract].members) {
    const Declaration& d = program_.declarations[id];
    if (d.kind != DeclKind::Variable) {
      continue;
    }
    const ScopeSwitch there(*this, {d.module, contract});
    const uint32_t record = node(d.node).b;
    const NodeId initial = tree_->rec(record, 2);
    if (initial == 0 || (tree_->rec(record, 1) & parse::kConstant) != 0 || declared_type(id) == kErrorType) {
      continue;
    }
    const Value value = rvalue(initial);
    const Value place = variable_value(id, d.node);
    at(d.node);
    if (!value.is_error() && !place.is_error()) {
      store(place, value, initial);
    }
  }
}

void ContractChecker::run_constructor_of(ContractId contract) {
  const DeclId constructor = constructor_of(contract);
  if (constructor == kNone) {
    return;
  }
  const Declaration& d = program_.declarations[constructor];
  const ScopeSwitch there(*this, {d.module, contract});
  parameters_ = constructor_params_[contract];
  locals_.insert(locals_.end(), parameters_.begin(), parameters_.end());
  const parse::FunctionRecord& record = tree_->function(node(d.node));
  body_ = record.body;
  body_scope_ = scope_;
  layers_.clear();
  for (const NodeId use : tree_->list(record.modifiers)) {
    const ContractId base = base_named(node(use).a);
    if (base != kNone && program_.derives(contract, base)) {
      continue;
    }
    if (const auto layer = modifier_of(use)) {
      layers_.push_back(*layer);
    }
  }
  if (body_ != 0) {
    run_layers(0);
  }
}

void ContractChecker::make_constructor() {
  const ContractDecl& contract = program_.contracts[self_];
  const DeclId own = constructor_of(self_);
  const std::vector<Param> params = own == kNone ? std::vector<Param>{} : signature(own).params;
  const ir::FunctionId id = reserve_function(contract_->name + ".constructor");
  begin_function(id, own == kNone ? contract.declaration : own, params, {});
  in_constructor_ = true;
  std::unordered_map<ContractId, BaseArguments> arguments;
  for (const ContractId base : contract.linear) {
    collect_base_arguments(base, arguments);
  }
  for (const ContractId base : contract.linear) {
    const auto given = arguments.find(base);
    bind_constructor_params(base, given == arguments.end() ? nullptr : &given->second);
  }
  for (auto base = contract.linear.rbegin(); base != contract.linear.rend(); ++base) {
    initialize_variables(*base);
    run_constructor_of(*base);
  }
  if (builder_.is_open()) {
    builder_.ret();
  }
  in_constructor_ = false;
  const bool is_payable = own != kNone && signature(own).mutability == ir::Mutability::Payable;
  if (own != kNone && !is_payable && value_at_.valid()) {
    sink_.report(Kind::ContractAccess, value_at_, {"the constructor", "payable"});
  }
  module_.functions[id] = finish_function();
  ir::EntryPoint entry;
  entry.kind = ir::EntryKind::Constructor;
  entry.is_implicit = own == kNone;
  entry.mutability = is_payable ? ir::Mutability::Payable : ir::Mutability::NonPayable;
  entry.params = data_fields(params);
  entry.function = id;
  contract_->entries.push_back(std::move(entry));
}

}  // namespace omega::check::contract
