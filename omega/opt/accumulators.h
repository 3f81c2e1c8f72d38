// SPDX-License-Identifier: Apache-2.0
// Accumulators: the block of words into which the iterations of a parallel loop fold what outlives them.
#pragma once

#include <vector>

#include "omega/opt/function_copier.h"
#include "omega/opt/outline.h"

namespace omega::opt {

/// A word of the accumulator block.
struct Accumulator {
  ir::Type type;
  ir::Op op;  ///< of the fold
  uint8_t flags;
  uint32_t offset;
};

/// How a sum in a found loop shows that it overflowed nowhere: bits that no addend exceeds, and how many there were.
struct SumGuard {
  uint32_t magnitude = ir::kNone;  ///< index of its accumulator; kNone: the reduction needs none
  uint32_t count = ir::kNone;      ///< the same; kNone: at most `sites` in an iteration
  uint32_t sites = 0;
};

/// Accumulators of a loop: one for each reduction, then those of the guards, then (found loops) the mark that all cells ended.
struct AccumulatorSet {
  std::vector<Accumulator> words;
  std::vector<SumGuard> guards;  ///< by reduction
  uint32_t done = ir::kNone;
  uint32_t size = 0;
};

/// Makes room for a value of `type` behind the first `size` bytes of a block: its offset; `size` grows.
uint32_t place(uint32_t& size, ir::Type type);

/// The value that changes nothing when `op` folds it in.
ir::ValueId neutral_value(ir::FunctionBuilder& b, ir::Op op, ir::Type type);

AccumulatorSet make_accumulators(const FunctionFacts& facts, const LoopPlan& plan);

/// Behind a found loop of `f` that has folded into the block at `acc`: goes on to `sequential` unless every cell ended and no sum can have
/// overflowed on the way, in any order. `counts_from_lo`: the record's range is the loop's own, else it begins at 0.
void emit_guards(FunctionCopier& copier, const ir::Function& f, const LoopPlan& plan, const AccumulatorSet& set, ir::ValueId acc,
                 const ir::ParallelForRecord& record, bool counts_from_lo, ir::Label sequential);

/// Collects the bits of |addend|, or one less for a negative one, in the slots that `guard` names among `folded`.
void note_addend(ir::FunctionBuilder& b, ir::ValueId addend, ir::Type type, const SumGuard& guard, const std::vector<ir::SlotId>& folded);

}  // namespace omega::opt
