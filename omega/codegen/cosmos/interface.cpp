// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/cosmos/interface.h"

#include <unordered_set>

#include "omega/codegen/common/interface_names.h"

namespace omega::codegen::cosmos {

namespace {

/// Names, each given once.
class Unique {
 public:
  std::string take(const std::string& wanted) {
    std::string name = wanted;
    for (uint32_t k = 2; !taken_.insert(name).second; ++k) {
      name = wanted + "_" + std::to_string(k);
    }
    return name;
  }

 private:
  std::unordered_set<std::string> taken_;
};

void name_fields(ir::Contract& contract, ir::DataFields list, bool is_event) {
  Unique names;
  // Those that have a name keep it.
  for (uint32_t k = 0; k < list.count; ++k) {
    std::string& name = contract.fields[list.first + k].name;
    if (!name.empty() && !(is_event && name.starts_with('_'))) {
      names.take(name);
    }
  }
  for (uint32_t k = 0; k < list.count; ++k) {
    std::string& name = contract.fields[list.first + k].name;
    if (name.empty()) {
      name = names.take("arg" + std::to_string(k));
    } else if (is_event && name.starts_with('_')) {
      name = names.take(name.insert(0, "arg"));
    }
  }
}

}  // namespace

ir::Contract with_outside_names(const ir::Contract& contract) {
  ir::Contract named = contract;
  for (const ir::EntryPoint& entry : named.entries) {
    name_fields(named, entry.params, false);
    name_fields(named, entry.results, false);
  }
  Unique events;
  for (ir::EventType& event : named.events) {
    name_fields(named, event.arguments, true);
    event.name = events.take(event.name.size() < 2 ? "event_" + event.name : event.name);
  }
  for (const ir::ErrorType& error : named.errors) {
    name_fields(named, error.arguments, false);
  }
  Unique variables;
  for (ir::StateVariable& variable : named.variables) {
    variable.name = variables.take(variable.name);
  }
  for (ir::Immutable& immutable : named.immutables) {
    immutable.name = variables.take(immutable.name);
  }
  return named;
}

std::vector<std::string> struct_names(const ir::Contract& contract) {
  std::vector<std::string> names(contract.types.size());
  Unique unique;
  for (size_t k = 0; k < names.size(); ++k) {
    if (contract.types[k].kind == ir::DataKind::Struct) {
      names[k] = unique.take(contract.types[k].name.empty() ? "Struct" : std::string(short_name(contract.types[k])));
    }
  }
  return names;
}

}  // namespace omega::codegen::cosmos
