// SPDX-License-Identifier: Apache-2.0
// The roles of slots in a loop.
#pragma once

#include "omega/opt/loop_facts.h"

namespace omega::opt {

struct SlotClasses {
  SlotMap<SlotRole> roles{SlotRole::Outside};
  std::vector<Reduction> reductions;
  ir::SlotId carried = ir::kNone;  ///< one that is carried, a named one if there is any
  ir::ValueId carried_set = ir::kNone, carried_get = ir::kNone;
};

/// Classifies the slots that blocks [begin, end) touch; `loop` is the loop they are, or kNone for a whole function (then
/// every slot that is set is private).
SlotClasses classify_slots(const FunctionFacts& facts, ir::BlockId begin, ir::BlockId end, ir::LoopId loop);

}  // namespace omega::opt
