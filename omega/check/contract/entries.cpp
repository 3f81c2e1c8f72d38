// SPDX-License-Identifier: Apache-2.0
// What outsiders may call: public and external functions, getters of public variables, receive and fallback.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

void ContractChecker::make_getter(DeclId id, ir::FunctionId function) {
  const Declaration d = program_.declarations[id];
  const Signature& s = signature(id);
  const ScopeSwitch there(*this, {d.module, d.contract});
  begin_function(function, id, s.params, s.results);
  Value place = variable_value(id, d.node);
  for (uint32_t i = 0; i < s.params.size() && !place.is_error(); ++i) {
    const Type type = types_[place.type];
    if (type.kind == TypeKind::Mapping) {
      place = state_place(builder_.emit(Op::StateEntry, ir::Type::Ref, place.id, builder_.param(i), data_type(place.type)), type.element);
      continue;
    }
    if (!place.is_storage()) {
      place = load(element_of(place, builder_.param(i), d.node), d.node);
      continue;
    }
    // An index that is too large is no panic here: the call fails without data.
    const Label inside = builder_.new_label();
    const Label outside = builder_.new_label();
    builder_.cond_br(builder_.compare(Op::Lt, builder_.param(i), length_of(place)), inside, outside);
    builder_.start_block(outside);
    builder_.revert(ir::kNone, {});
    builder_.start_block(inside);
    place = state_place(builder_.emit(Op::StateElement, ir::Type::Ref, place.id, builder_.param(i), data_type(place.type)), type.element);
  }
  std::vector<ValueId> values;
  auto add = [&](const Value& from, TypeId type) {
    const Value value = convert(load(from, d.node), type, types_.is_reference(type) ? Location::Memory : Location::None, d.node, Use::Consume);
    values.push_back(value.is_error() ? poison(type) : value.id);
  };
  if (!place.is_error() && types_[place.type].kind == TypeKind::Struct) {
    const std::vector<StructField> all(fields(place.type).begin(), fields(place.type).end());
    for (uint32_t i = 0; i < all.size(); ++i) {
      const TypeKind kind = types_[all[i].type].kind;
      if (kind != TypeKind::Mapping && kind != TypeKind::Array && kind != TypeKind::FixedArray && !holds_mapping(all[i].type)) {
        add(field_of(place, i, all[i].type), all[i].type);
      }
    }
  } else if (!s.results.empty()) {
    add(place, s.results[0].type);
  }
  builder_.ret(values);
  module_.functions[function] = builder_.finish();
}

void ContractChecker::make_entries() {
  const ContractDecl& contract = program_.contracts[self_];
  if (contract.kind != parse::ContractKind::Contract) {
    return;
  }
  // The most derived one of each name and parameters, in the order in which they were declared first.
  std::unordered_map<std::string, DeclId> winners;
  auto key_of = [&](DeclId id) {
    std::string key(program_.declarations[id].name.valid()
                        ? program_.name_of(id)
                        : program_.tree_of(program_.declarations[id])
                              .tokens->spelled(program_.tree_of(program_.declarations[id]).node(program_.declarations[id].node).token));
    // A contract has one `fallback`, with data or without.
    for (size_t i = 0; program_.declarations[id].name.valid() && i < signature(id).params.size(); ++i) {
      key += "," + std::to_string(signature(id).params[i].type);
    }
    return key;
  };
  auto is_entry = [&](DeclId id) {
    const Declaration& d = program_.declarations[id];
    if (d.kind == DeclKind::Variable) {
      const parse::Tree& there = program_.tree_of(d);
      return (there.rec(there.node(d.node).b, 1) & parse::kPublic) != 0;
    }
    if (d.kind != DeclKind::Function) {
      return false;
    }
    const parse::Tree& there = program_.tree_of(d);
    const parse::FunctionKind kind = static_cast<parse::FunctionKind>(there.function(there.node(d.node)).kind);
    return kind != parse::FunctionKind::Constructor &&
           (kind != parse::FunctionKind::Plain || (signature(id).attributes & (parse::kPublic | parse::kExternal)) != 0);
  };
  for (const ContractId base : contract.linear) {
    for (const DeclId id : program_.contracts[base].members) {
      if (is_entry(id)) {
        winners.try_emplace(key_of(id), id);
      }
    }
  }
  std::unordered_set<DeclId> made;
  std::unordered_map<uint32_t, DeclId> selectors;
  for (auto base = contract.linear.rbegin(); base != contract.linear.rend(); ++base) {
    for (const DeclId declared : program_.contracts[*base].members) {
      if (!is_entry(declared)) {
        continue;
      }
      const DeclId id = winners[key_of(declared)];
      const Signature& s = signature(id);
      const Declaration d = program_.declarations[id];
      if (!made.insert(id).second || s.has_error || (d.kind == DeclKind::Function && !s.has_body)) {
        continue;
      }
      ir::EntryPoint entry;
      entry.mutability = s.mutability;
      const parse::Tree& there = program_.tree_of(d);
      if (d.kind == DeclKind::Function && !d.name.valid()) {
        const bool is_receive = there.function(there.node(d.node)).kind == static_cast<uint32_t>(parse::FunctionKind::Receive);
        entry.kind = is_receive ? ir::EntryKind::Receive : ir::EntryKind::Fallback;
      } else {
        entry.name = std::string(program_.text(d.name));
        const auto [same, is_new] = selectors.try_emplace(selector(id), id);
        if (!is_new) {
          sink_.report(Kind::ContractSelector, program_.span_of(id), {entry.name, std::string(program_.name_of(same->second))})
              .note(program_.span_of(same->second), "the other one is here");
        }
      }
      entry.params = data_fields(s.params);
      entry.results = data_fields(s.results);
      if (d.kind == DeclKind::Variable) {
        entry.function = reserve_function(std::string(program_.name_of(program_.contracts[d.contract].declaration)) + "." + entry.name);
        ir::Function& f = module_.functions[entry.function];
        for (const Param& param : s.params) {
          f.params.push_back(types_.ir(param.type));
        }
        make_getter(id, entry.function);
      } else {
        entry.function = function_of(id);
      }
      contract_->entries.push_back(std::move(entry));
    }
  }
}

}  // namespace omega::check::contract
