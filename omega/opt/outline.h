// SPDX-License-Identifier: Apache-2.0
// Outlining: a loop becomes a function of an index range and a ParallelFor.
#pragma once

#include <vector>

#include "omega/opt/dependence.h"

namespace omega::opt {

/// A loop that is to run in parallel.
struct LoopPlan {
  ir::LoopId loop;
  LoopFacts facts;
  std::vector<AliasCheck> checks;
  bool is_auto = false;  ///< found: the sequential loop stays for when a check fails
};

/// Function ids of made functions until they are placed in the module: this bit and their position among the made ones.
inline constexpr ir::FunctionId kMadeFunction = 0x8000'0000u;

/// Why a loop cannot be outlined though its iterations are independent; null when it can.
const char* outline_obstacle(const FunctionFacts& function, ir::LoopId loop, const LoopFacts& facts);

/// The function with the planned loops (disjoint, in order of their headers) replaced; bodies and combiners are appended to `made`, whose
/// names begin with `name`.
ir::Function outline_loops(const FunctionFacts& function, std::vector<LoopPlan>& plans, std::string_view name, std::vector<ir::Function>& made);

}  // namespace omega::opt
