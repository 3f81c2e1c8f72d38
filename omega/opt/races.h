// SPDX-License-Identifier: Apache-2.0
// Words for what stands in the way of running a loop's iterations at the same time.
#pragma once

#include <string>
#include <vector>

#include "omega/base/interner.h"
#include "omega/diag/diagnostic.h"
#include "omega/opt/dependence.h"

namespace omega::opt {

/// What forbids a loop, ready for a diagnostic or for --explain.
struct Race {
  diag::Kind kind{};
  std::string subject;             ///< the argument of the diagnostic
  std::string reason;              ///< a clause for --explain
  base::Span place;                ///< of the write
  std::vector<diag::Note> others;  ///< the other access, the loop
  std::string help;
  bool found = false;
};

/// The first thing that forbids the loop; `found` is false when nothing does. `dependence` may be null when pairs were not looked at.
Race find_race(const FunctionFacts& function, ir::LoopId loop, const LoopFacts& facts, const Dependence* dependence, const ir::Module& module,
               const base::NameInterner* names);

/// The name of a slot in quotes, or a description.
std::string slot_text(const ir::Function& function, ir::SlotId slot, const base::NameInterner* names);

}  // namespace omega::opt
