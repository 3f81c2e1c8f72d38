// SPDX-License-Identifier: Apache-2.0
// Loops as the control flow shows them, whatever the source said.
#pragma once

#include <map>
#include <vector>

#include "omega/ir/dominators.h"

namespace omega::compile {

/// The natural loops of a function, by header. Immutable once found.
struct NaturalLoops {
  /// Of each header: the blocks of its loop, sorted.
  std::map<ir::BlockId, std::vector<ir::BlockId>> blocks;
  /// A block of a loop that is entered elsewhere too; kNone when there is none. Then `blocks` is not complete.
  ir::BlockId second_way_in = ir::kNone;

  NaturalLoops(const ir::Function& function, const ir::ControlFlow& flow);

 private:
  void add(const ir::Function& function, const ir::ControlFlow& flow, ir::BlockId header, ir::BlockId latch);
};

}  // namespace omega::compile
