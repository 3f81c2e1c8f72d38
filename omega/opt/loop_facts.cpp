// SPDX-License-Identifier: Apache-2.0
// One forward walk over a loop's instructions: values become symbols, memory operations become accesses.
#include "omega/opt/loop_facts.h"

#include <algorithm>

#include "omega/opt/loop_slots.h"
#include "omega/opt/region_analysis.h"

namespace omega::opt {

using ir::BlockId;
using ir::kNone;
using ir::LoopId;
using ir::ValueId;

RegionAnalysis::RegionAnalysis(const FunctionFacts& facts, LoopId loop, const Summaries& summaries)
    : facts_(facts), f_(*facts.function), summaries_(summaries), loop_(loop), symbols_(out_.symbols) {
  begin_ = loop == kNone ? 0 : f_.loops[loop].header;
  end_ = loop == kNone ? static_cast<BlockId>(f_.blocks.size()) : f_.loops[loop].exit;
  first_ = f_.blocks[begin_].first;
  last_ = f_.blocks[end_ - 1].end;
}

LoopFacts RegionAnalysis::run() {
  SlotClasses classes = classify_slots(facts_, begin_, end_, loop_);
  out_.roles = std::move(classes.roles);
  out_.reductions = std::move(classes.reductions);
  out_.carried = classes.carried;
  out_.carried_set = classes.carried_set;
  out_.carried_get = classes.carried_get;
  scan();
  out_.shared_in = shared_in_;
  if (loop_ != kNone) {
    start_loop();
  }
  values_.resize(last_ - first_);
  for (BlockId block = begin_; block < end_; ++block) {
    enter_block(block);
    for (ValueId i = f_.blocks[block].first; i < f_.blocks[block].end; ++i) {
      values_[i - first_] = evaluate(i);
    }
  }
  return std::move(out_);
}

void RegionAnalysis::obstacle(Obstacle what, ValueId where) {
  if (out_.obstacle == Obstacle::None) {
    out_.obstacle = what;
    out_.obstacle_inst = where;
  }
}

void RegionAnalysis::enter_block(BlockId block) {
  const LoopId loop = facts_.loop_of_block[block];
  if (loop != loop_ && loop != kNone && f_.loops[loop].header == block && f_.loops[loop].iv != kNone) {
    const ir::Loop& inner = f_.loops[loop];
    const ValueId set = value_before(inner.iv, f_.blocks[block].first);
    const PolyId lo = set == kNone || !inside(set) ? kNone : int_of(f_.insts[set].b);
    const PolyId hi = upper_bound_inner(inner, f_.blocks[block].first);
    symbols_.set_bounds(symbols_.atom(AtomKind::Inner, loop), lo, minus_one(hi));
    note_bound(loop, lo, hi);
  }
  weight_ = 1;
  LoopId around = loop;
  for (uint32_t depth = 0; around != kNone && around != loop_ && depth < 8; ++depth) {
    weight_ = std::min<uint64_t>(weight_ * trip_estimate(around), 1'000'000'000);
    around = f_.loops[around].parent;
  }
}
LoopFacts analyze_loop(const FunctionFacts& facts, LoopId loop, const Summaries& summaries) { return RegionAnalysis(facts, loop, summaries).run(); }

LoopFacts analyze_function(const FunctionFacts& facts, const Summaries& summaries) { return RegionAnalysis(facts, kNone, summaries).run(); }

}  // namespace omega::opt
