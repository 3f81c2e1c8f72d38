// SPDX-License-Identifier: Apache-2.0
// Whether references that begin without a value have one on every way that leads to where they are read.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"
#include "omega/ir/dominators.h"

namespace omega::check::contract {

using diag::Kind;

namespace {

/// Where one slot may still be without its value.
class UnsetSlot {
 public:
  /// `declared`: the instruction with which it begins anew, or kNone where that is the function's own begin.
  UnsetSlot(const ir::Function& function, const ir::ControlFlow& flow, uint32_t slot, ValueId declared)
      : function_(function), flow_(flow), slot_(slot), declared_(declared), unset_behind_(function.blocks.size(), 0) {
    for (bool changes = true; changes;) {
      changes = false;
      for (const ir::BlockId block : flow.order) {
        const bool now = at(block, function.blocks[block].end);
        changes = changes || now != (unset_behind_[block] != 0);
        unset_behind_[block] = now ? 1 : 0;
      }
    }
  }

  /// True when the slot may have no value before instruction `until` of `block`.
  bool at(ir::BlockId block, ValueId until) const {
    const auto before = flow_.predecessors(block);
    bool unset = (block == flow_.order[0] && declared_ == ir::kNone) || std::ranges::any_of(before, [&](ir::BlockId b) { return unset_behind_[b] != 0; });
    for (ValueId i = function_.blocks[block].first; i < until; ++i) {
      if (function_.insts[i].op == Op::SlotSet && function_.insts[i].a == slot_) {
        unset = i == declared_;
      }
    }
    return unset;
  }

 private:
  const ir::Function& function_;
  const ir::ControlFlow& flow_;
  uint32_t slot_;
  ValueId declared_;
  std::vector<uint8_t> unset_behind_;
};

}  // namespace

void ContractChecker::begin_unset(Local& local) {
  local.unset = static_cast<uint32_t>(unset_.size());
  unset_.push_back({local.slot, ir::kNone, local.type, local.declared, {}});
}

ValueId ContractChecker::read_local(const Local& local, Span where) {
  const ValueId value = builder_.get(local.slot);
  if (local.unset != kNone) {
    unset_[local.unset].reads.emplace_back(value, where);
  }
  return value;
}

ir::Function ContractChecker::finish_function() {
  ir::Function made = builder_.finish();
  if (unset_.empty()) {
    return made;
  }
  const ir::ControlFlow flow(made);
  for (const UnsetLocal& local : unset_) {
    const UnsetSlot slot(made, flow, local.slot, local.declared);
    for (const auto& [read, where] : local.reads) {
      const auto holds = [read = read](const ir::Block& b) { return b.first <= read && read < b.end; };
      const auto block = static_cast<ir::BlockId>(std::find_if(made.blocks.begin(), made.blocks.end(), holds) - made.blocks.begin());
      if (flow.reachable(block) && slot.at(block, read)) {
        diag::Diagnostic& said = sink_.report(Kind::ContractLocation, where, {types_.text(local.type), "needs a value: it refers to data elsewhere"});
        if (where.begin != local.place.begin || where.file != local.place.file) {
          said.note(local.place, "it is declared here, without one");
        }
        break;
      }
    }
  }
  unset_.clear();
  return made;
}

}  // namespace omega::check::contract
