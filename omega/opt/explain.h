// SPDX-License-Identifier: Apache-2.0
// What was done with each loop and why, as values and as text.
#pragma once

#include <string>
#include <vector>

#include "omega/diag/render.h"
#include "omega/ir/ir.h"

namespace omega::opt {

enum class LoopOutcome : uint8_t {
  Parallel,  ///< as the program says
  Found,     ///< plain in the program, runs in parallel when it pays
  Sequential
};

/// One loop of the program.
struct LoopReport {
  base::Span span;
  std::string function;
  ir::LoopKind kind = ir::LoopKind::Sequential;
  LoopOutcome outcome = LoopOutcome::Sequential;
  std::string threads;               ///< parallel loops: how many, as a number or the name of the variable
  std::string range;                 ///< `[0, 100)`; empty when it does not count
  std::string reason;                ///< of the outcome
  std::vector<diag::Note> accesses;  ///< those that stand in the way
  uint32_t checks = 0;               ///< conditions tested when the loop starts
};

/// `FILE:LINE:COLUMN: 2 threads for range [0, 100)` and the like, a line each, accesses indented below.
std::string explain_text(const std::vector<LoopReport>& reports, const diag::SourceReader& sources);

/// One JSON object a line.
std::string explain_json(const std::vector<LoopReport>& reports, const diag::SourceReader& sources);

}  // namespace omega::opt
