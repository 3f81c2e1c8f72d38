// SPDX-License-Identifier: Apache-2.0
// Units in order, and their functions under final ids.
#include "omega/check/unit.h"

#include <algorithm>
#include <iterator>

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
        units.push_back({.kind = UnitKind::Instance,
                         .declaration = request.declaration,
                         .type_arguments = request.type_arguments,
                         .depth = checked.unit.depth + 1,
                         .requested_at = request.requested_at});
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

ir::Module join_units(const Declarations& declarations, const InstanceTable& instances, std::span<CheckedUnit> units, std::vector<ir::Function> functions) {
  // Declared functions have the ids they were declared with; instances, the program's statements and lambdas follow.
  const uint32_t declared = declarations.module_function_count;
  const uint32_t program = declared + instances.size();
  ir::Module module;
  uint32_t next_lambda = static_cast<uint32_t>(functions.size());
  uint32_t instance = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    const CheckedUnit& checked = units[i];
    const uint32_t own = checked.unit.kind == UnitKind::Program    ? program
                         : checked.unit.kind == UnitKind::Instance ? declared + instance++
                                                                   : declarations.functions[checked.unit.declaration].function_id;
    for (const FunctionPatch& patch : checked.patches) {
      ir::Function& patched = patch.function == 0 ? functions[i] : units[i].lambdas[patch.function - 1];
      uint32_t& id = patched.insts[patch.inst].a;
      if ((id & kLocalFunction) != 0) {
        const uint32_t index = id & ~kLocalFunction;
        id = index == 0 ? own : next_lambda + index - 1;
      } else {
        id = declared + instances.position(checked.requests[id & ~kRequestedFunction]);
      }
    }
    if (checked.unit.kind == UnitKind::Program) {
      module.entry = program;
    }
    next_lambda += static_cast<uint32_t>(checked.lambdas.size());
  }
  if (module.entry != ir::kNone && instances.size() != 0) {
    // The program's statements were checked before the instances.
    std::rotate(functions.begin() + declared, functions.begin() + declared + 1, functions.end());
  }
  if (next_lambda != functions.size()) {
    functions.reserve(next_lambda);
    for (CheckedUnit& checked : units) {
      std::move(checked.lambdas.begin(), checked.lambdas.end(), std::back_inserter(functions));
    }
  }
  module.functions = std::move(functions);
  if (declarations.main_function != kNoDeclaration) {
    module.entry = declarations.functions[declarations.main_function].function_id;
  }
  return module;
}

}  // namespace omega::check
