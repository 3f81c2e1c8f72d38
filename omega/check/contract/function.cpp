// SPDX-License-Identifier: Apache-2.0
// The functions of the module: which are made, and their bodies inside their modifiers.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

namespace {
constexpr uint32_t kMostExpansions = 64;  ///< of `_` in one function
}

std::string ContractChecker::unique_name(const std::string& name) {
  const uint32_t number = names_taken_[name]++;
  return number == 0 ? name : name + "#" + std::to_string(number);
}

ir::FunctionId ContractChecker::reserve_function(const std::string& name) {
  module_.functions.emplace_back().name = unique_name(name);
  return static_cast<ir::FunctionId>(module_.functions.size()) - 1;
}

ir::FunctionId ContractChecker::function_of(DeclId id) {
  if (const auto known = function_ids_.find(id); known != function_ids_.end()) {
    return known->second;
  }
  const Declaration& d = program_.declarations[id];
  const Signature& s = signature(id);
  std::string name = d.contract == kNone ? std::string() : std::string(program_.name_of(program_.contracts[d.contract].declaration)) + ".";
  name += d.name.valid() ? std::string(program_.text(d.name)) : std::string(program_.tree_of(d).tokens->spelled(program_.tree_of(d).node(d.node).token));
  const ir::FunctionId made = reserve_function(name);
  ir::Function& f = module_.functions[made];
  for (const Param& param : s.params) {
    f.params.push_back(types_.ir(param.type));
  }
  for (const Param& result : s.results) {
    f.results.push_back(types_.ir(result.type));
  }
  function_ids_[id] = made;
  pending_.push_back({made, id, kErrorType});
  return made;
}

void ContractChecker::make_pending() {
  while (!pending_.empty()) {
    const Pending next = pending_.front();
    pending_.pop_front();
    if (next.zero_of != kErrorType) {
      make_zero(next.id, next.zero_of, next.declaration);
    } else {
      make_function(next.declaration);
    }
  }
}

void ContractChecker::begin_function(ir::FunctionId id, DeclId declaration, std::span<const Param> params, std::span<const Param> results) {
  const Declaration& d = program_.declarations[declaration];
  std::vector<ir::Type> param_types;
  std::vector<ir::Type> result_types;
  for (const Param& param : params) {
    param_types.push_back(types_.ir(param.type));
  }
  for (const Param& result : results) {
    result_types.push_back(types_.ir(result.type));
  }
  const parse::Tree& there = program_.tree_of(d);
  const std::string name(module_.functions[id].name);
  builder_.begin(name, there.tokens->file, there.span(d.node).begin, param_types, result_types);
  function_ = declaration;
  function_module_ = d.module;
  access_ = Access::None;
  read_at_ = write_at_ = value_at_ = {};
  in_constructor_ = in_modifier_ = results_named_ = false;
  loops_.clear();
  layers_.clear();
  layer_exits_.clear();
  results_.clear();
  unset_.clear();
  parameters_.clear();
  expansions_ = 0;
  numbers_.clear();
  texts_.clear();
  lists_.clear();
  callables_.clear();
}

void ContractChecker::make_function(DeclId id) {
  const Declaration d = program_.declarations[id];
  const Signature& s = signature(id);
  const ir::FunctionId function = function_ids_[id];
  const ScopeSwitch there(*this, {d.module, d.contract});
  const size_t errors_before = sink_.error_count();
  begin_function(function, id, s.params, s.results);
  for (uint32_t i = 0; i < s.params.size(); ++i) {
    const uint32_t local = declare_local(s.params[i].name, s.params[i].type, s.params[i].location, s.params[i].node);
    builder_.set(locals_[local].slot, builder_.param(i));
  }
  for (const Param& result : s.results) {
    const uint32_t local = declare_local(result.name, result.type, result.location, result.node);
    results_named_ = results_named_ || result.name.valid();
    if (result.location == Location::None || result.location == Location::Memory) {
      builder_.set(locals_[local].slot, zero(result.type));
    } else {
      begin_unset(locals_[local]);
    }
    results_.push_back({result.type, result.location, locals_[local]});
  }
  parameters_.assign(locals_.begin() + local_floor_, locals_.end());
  const parse::FunctionRecord& record = tree_->function(node(d.node));
  body_ = record.body;
  body_scope_ = scope_;
  for (const NodeId use : tree_->list(record.modifiers)) {
    if (const auto layer = modifier_of(use)) {
      layers_.push_back(*layer);
    }
  }
  if (body_ == 0) {
    builder_.unreachable();
  } else {
    run_layers(0);
    if (builder_.is_open()) {
      std::vector<ValueId> values;
      values.reserve(results_.size());
      for (const Result& result : results_) {
        values.push_back(read_local(result.local, result.local.declared));
      }
      builder_.ret(values);
    }
    check_mutability(id);
  }
  if (sink_.error_count() != errors_before) {
    unset_.clear();
  }
  module_.functions[function] = finish_function();
}

std::optional<ContractChecker::Layer> ContractChecker::modifier_of(NodeId use) {
  const NodeId path = node(use).a;
  const Node& p = node(path);
  std::vector<DeclId> found;
  if (p.kind == NodeKind::Name && scope_.contract != kNone) {
    found = members(scope_.contract, NameId{p.a}, false);
  } else if (p.kind == NodeKind::Member) {
    const auto outer = named_in_files(p.a).declarations;
    if (!outer.empty() && program_.declarations[outer[0]].kind == DeclKind::Contract && scope_.contract != kNone &&
        program_.derives(scope_.contract, program_.declarations[outer[0]].contract)) {
      found = members(program_.declarations[outer[0]].contract, NameId{p.b}, false);
      if (!found.empty() && program_.declarations[found[0]].kind == DeclKind::Modifier && !signature(found[0]).has_body) {
        report(Kind::ContractNoBody, path, {name_text(NameId{p.b})}).note(program_.span_of(found[0]), "it is declared here");
        return std::nullopt;
      }
    }
  }
  if (found.empty() || program_.declarations[found[0]].kind != DeclKind::Modifier) {
    report(Kind::ContractNoModifier, path, {std::string(tree_->tokens->spelled(p.token))});
    return std::nullopt;
  }
  return Layer{use, p.kind == NodeKind::Name ? modifier_named(found[0]) : found[0]};
}

void ContractChecker::run_layers(size_t index) {
  const Label exit = builder_.new_label();
  layer_exits_.push_back(exit);
  if (index == layers_.size()) {
    if (body_ != 0) {
      block(body_);
    }
  } else {
    const Layer layer = layers_[index];
    const Declaration& modifier = program_.declarations[layer.modifier];
    const Signature& s = signature(layer.modifier);
    const auto order = match_names(tree_->list(node(layer.use).b), s.params, layer.use, std::string(program_.text(modifier.name)));
    std::vector<ValueId> args;
    if (order && !s.has_error) {
      args = converted(s.params, evaluate(*order), layer.use, *order, Use::Keep);
    }
    if (order && args.size() == s.params.size()) {
      const ScopeSwitch there(*this, {modifier.module, modifier.contract});
      const NodeId statements = tree_->rec(node(modifier.node).b, 3);
      for (size_t i = 0; i < args.size(); ++i) {
        const uint32_t local = declare_local(s.params[i].name, s.params[i].type, s.params[i].location, s.params[i].node);
        builder_.set(locals_[local].slot, args[i]);
      }
      const size_t layer_outside = layer_;
      const bool in_modifier_outside = in_modifier_;
      layer_ = index;
      in_modifier_ = true;
      if (statements == 0) {
        run_inside();  // a derived contract writes the modifier
      } else {
        checked_modifiers_.insert(layer.modifier);
        const uint32_t expansions_before = expansions_;
        block(statements);
        if (expansions_ == expansions_before) {
          sink_.report(Kind::ContractPlaceholder, tree_->span(modifier.node), {"modifier `" + std::string(program_.text(modifier.name)) + "` has no `_`"});
        }
      }
      in_modifier_ = in_modifier_outside;
      layer_ = layer_outside;
    }
  }
  layer_exits_.pop_back();
  start(exit);
}

void ContractChecker::check_unused_modifier(DeclId id) {
  const Declaration d = program_.declarations[id];
  const Signature& s = signature(id);
  const NodeId statements = program_.tree_of(d).rec(program_.tree_of(d).node(d.node).b, 3);
  if (statements == 0 || s.has_error || !checked_modifiers_.insert(id).second) {
    return;
  }
  const ScopeSwitch there(*this, {d.module, d.contract});
  const ir::FunctionId function = reserve_function(std::string(program_.text(d.name)));
  begin_function(function, id, s.params, {});
  for (uint32_t i = 0; i < s.params.size(); ++i) {
    const uint32_t local = declare_local(s.params[i].name, s.params[i].type, s.params[i].location, s.params[i].node);
    builder_.set(locals_[local].slot, builder_.param(i));
  }
  body_ = 0;
  body_scope_ = scope_;
  layers_.push_back({d.node, id});
  layer_ = 0;
  in_modifier_ = true;
  const Label exit = builder_.new_label();
  layer_exits_.push_back(exit);
  block(statements);
  if (expansions_ == 0) {
    sink_.report(Kind::ContractPlaceholder, tree_->span(d.node), {"modifier `" + std::string(program_.text(d.name)) + "` has no `_`"});
  }
  layer_exits_.pop_back();
  start(exit);
  builder_.ret();
  module_.functions[function] = finish_function();
}

void ContractChecker::placeholder(NodeId id) {
  if (!in_modifier_) {
    report(Kind::ContractPlaceholder, id, {"`_` outside a modifier"});
    return;
  }
  if (unchecked_) {
    report(Kind::ContractPlaceholder, id, {"`_` in an `unchecked` block"});
  }
  if (++expansions_ > kMostExpansions) {
    report(Kind::NestedTooDeeply, id);
    return;
  }
  run_inside();
}

void ContractChecker::run_inside() {
  const ScopeSwitch function_again(*this, body_scope_);
  locals_.insert(locals_.end(), parameters_.begin(), parameters_.end());
  std::vector<LoopLabels> loops_outside;
  loops_outside.swap(loops_);
  const size_t layer_outside = layer_;
  in_modifier_ = false;
  run_layers(layer_outside + 1);
  in_modifier_ = true;
  layer_ = layer_outside;
  loops_.swap(loops_outside);
}

}  // namespace omega::check::contract
