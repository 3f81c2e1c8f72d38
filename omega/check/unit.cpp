// SPDX-License-Identifier: Apache-2.0
// Units in order, and their functions under final ids.
#include "omega/check/unit.h"

#include "omega/base/check.h"

namespace omega::check {

std::vector<Unit> first_units(const Declarations& declarations) {
  std::vector<Unit> units;
  units.reserve(declarations.functions.size() + 1);
  for (uint32_t i = 0; i < declarations.functions.size(); ++i) {
    if (declarations.functions[i].function_id != kNoDeclaration) {
      units.push_back({.kind = UnitKind::Function, .declaration = i, .requested_at = {}});
    }
  }
  if (!declarations.modules.empty() && !declarations.modules[0].statements.empty()) {
    units.push_back({.kind = UnitKind::Program, .requested_at = {}});
  }
  return units;
}

std::vector<Unit> InstanceTable::next_units(std::span<const CheckedUnit> round) {
  std::vector<Unit> units;
  for (const CheckedUnit& checked : round) {
    for (const InstanceRequest& request : checked.requests) {
      if (positions_.emplace(key(request.declaration, request.type_arguments), count_).second) {
        ++count_;
        units.push_back({.kind = UnitKind::Instance, .declaration = request.declaration, .type_arguments = request.type_arguments,
                         .depth = checked.unit.depth + 1, .requested_at = request.requested_at});
      }
    }
  }
  return units;
}

uint32_t InstanceTable::position(const InstanceRequest& request) const {
  const auto found = positions_.find(key(request.declaration, request.type_arguments));
  OMEGA_CHECK(found != positions_.end(), "instance was never made");
  return found->second;
}

ir::Module join_units(const Declarations& declarations, const InstanceTable& instances, std::span<CheckedUnit> units) {
  const uint32_t declared = declarations.module_function_count;
  const uint32_t program = declared + instances.size();
  ir::Module module;
  uint32_t next = program;
  std::vector<uint32_t> first_local(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    next += units[i].unit.kind == UnitKind::Program ? 1 : 0;
  }
  for (size_t i = 0; i < units.size(); ++i) {
    first_local[i] = next;
    next += units[i].functions.empty() ? 0 : static_cast<uint32_t>(units[i].functions.size()) - 1;
  }
  module.functions.resize(next);
  uint32_t instance = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    CheckedUnit& checked = units[i];
    if (checked.functions.empty()) {
      continue;
    }
    const uint32_t own = checked.unit.kind == UnitKind::Program    ? program
                         : checked.unit.kind == UnitKind::Instance ? declared + instance++
                                                                   : declarations.functions[checked.unit.declaration].function_id;
    for (const FunctionPatch& patch : checked.patches) {
      uint32_t& id = checked.functions[patch.function].insts[patch.inst].a;
      if ((id & kLocalFunction) != 0) {
        const uint32_t index = id & ~kLocalFunction;
        id = index == 0 ? own : first_local[i] + index - 1;
      } else {
        id = declared + instances.position(checked.requests[id & ~kRequestedFunction]);
      }
    }
    module.functions[own] = std::move(checked.functions[0]);
    for (size_t k = 1; k < checked.functions.size(); ++k) {
      module.functions[first_local[i] + k - 1] = std::move(checked.functions[k]);
    }
    if (checked.unit.kind == UnitKind::Program) {
      module.entry = program;
    }
  }
  if (declarations.main_function != kNoDeclaration) {
    module.entry = declarations.functions[declarations.main_function].function_id;
  }
  return module;
}

}  // namespace omega::check
