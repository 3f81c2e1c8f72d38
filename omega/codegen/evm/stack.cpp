// SPDX-License-Identifier: Apache-2.0
// Scheduler: what lies where on the stack, and bringing it into another order.
#include <algorithm>

#include "omega/base/check.h"
#include "omega/codegen/evm/scheduler.h"

namespace omega::codegen::evm {

Scheduler::Source Scheduler::source(ValueId value) const {
  if (is_rematerialized(inst(value).op)) {
    return Source::Push;
  }
  if (folded_[value]) {
    return Source::Tree;
  }
  return spilled_[value] != kNone ? Source::Memory : Source::Stack;
}

uint32_t Scheduler::depth_of(ValueId value) const {
  for (size_t i = stack_.size(); i-- > 0;) {
    if (stack_[i] == value) {
      return static_cast<uint32_t>(stack_.size() - 1 - i);
    }
  }
  return kUnreachable;
}

void Scheduler::spill(ValueId value) {
  if (value < r_.insts.size() && spilled_[value] == kNone && std::find(to_spill_.begin(), to_spill_.end(), value) == to_spill_.end()) {
    to_spill_.push_back(value);
  }
}

void Scheduler::swap_to_top(uint32_t depth) {
  if (depth == 0) {
    return;
  }
  ValueId& other = stack_[stack_.size() - 1 - depth];
  if (depth > 16) {
    spill(other);
  } else {
    out_.swap(depth);
  }
  std::swap(other, stack_.back());
}

void Scheduler::dup(ValueId value) {
  const uint32_t depth = depth_of(value);
  OMEGA_CHECK(depth != kUnreachable, "a value is on the stack until its last use");
  if (depth > 15) {
    spill(value);
  } else {
    out_.dup(depth);
  }
  stack_.push_back(value);
}

void Scheduler::pop() {
  out_.op(Op::Pop);
  stack_.pop_back();
}

void Scheduler::drop_garbage() {
  while (!stack_.empty() && stack_.back() == kGarbage) {
    pop();
  }
}

/// The lowest entries that the target does not want stay where they are, and nobody looks at them again.
void Scheduler::leave_behind(BlockId target, std::span<const ValueId> args) {
  const auto& live = live_in_[target];
  size_t count = 0;
  while (may_leave_ && count < stack_.size() && std::find(live.begin(), live.end(), stack_[count]) == live.end() &&
         std::find(args.begin(), args.end(), stack_[count]) == args.end()) {
    ++count;
  }
  stack_.erase(stack_.begin(), stack_.begin() + static_cast<ptrdiff_t>(count));
}

/// When much is on the stack, what nobody needs any more makes room.
void Scheduler::compact() {
  constexpr size_t kCrowded = 11;
  if (stack_.size() <= kCrowded) {
    return;
  }
  const size_t reach = stack_.size() > 17 ? stack_.size() - 17 : 0;
  for (size_t i = reach; i + 1 < stack_.size(); ++i) {
    if (stack_[i] == kGarbage) {
      swap_to_top(static_cast<uint32_t>(stack_.size() - 1 - i));
      drop_garbage();
    }
  }
}

void Scheduler::die(ValueId value) {
  if (--uses_left_[value] == 0 && live_out_[value] != epoch_) {
    for (ValueId& entry : stack_) {
      if (entry == value) {
        entry = kGarbage;
      }
    }
  }
}

void Scheduler::push_address(ValueId value) {
  if (!has_frame_) {
    out_.push(spilled_[value]);
    return;
  }
  out_.push(area_.frame_word);
  out_.op(Op::Mload);
  if (spilled_[value] != 0) {
    out_.push(spilled_[value]);
    out_.op(Op::Add);
  }
}

void Scheduler::push_value(ValueId value) {
  const Inst& in = inst(value);
  switch (source(value)) {
    case Source::Push:
      if (in.op == Op::Const) {
        out_.push(program_.constants[in.a]);
      } else if (in.op >= Op::Const) {
        out_.push_place(in.op, in.a);
      } else {
        out_.op(in.op);
      }
      stack_.push_back(value);
      return;
    case Source::Memory:
      push_address(value);
      out_.op(Op::Mload);
      stack_.push_back(value);
      return;
    default: dup(value); return;
  }
}

/// The layout for ways into a block that none has come to: what lies on the stack and is needed stays in its order, arguments take the places of what they are
/// made from, and holes are filled from the top.
std::vector<ValueId> Scheduler::choose_layout(BlockId target, std::span<const ValueId> args) const {
  const Block& block = r_.blocks[target];
  const auto is_live = [&](ValueId value) { return std::find(live_in_[target].begin(), live_in_[target].end(), value) != live_in_[target].end(); };
  std::vector<bool> has_place(args.size(), false);
  std::vector<ValueId> layout;
  std::vector<size_t> holes;
  for (const ValueId entry : stack_) {
    ValueId stays = kGarbage;
    if (entry < r_.insts.size() && is_live(entry)) {
      stays = entry;
    } else if (entry < r_.insts.size()) {
      for (uint32_t k = 0; k < args.size() && stays == kGarbage; ++k) {
        if (!has_place[k] && args[k] == entry && uses_[block.first + k] != 0 && spilled_[block.first + k] == kNone) {
          has_place[k] = true;
          stays = block.first + k;
        }
      }
    }
    layout.push_back(stays);
  }
  for (size_t i = 0; i < layout.size(); ++i) {
    if (layout[i] == kGarbage) {
      while (!layout.empty() && layout.back() == kGarbage) {
        layout.pop_back();
      }
      if (i < layout.size()) {
        layout[i] = layout.back();
        layout.pop_back();
      }
    }
  }
  for (uint32_t k = 0; k < args.size(); ++k) {
    if (!has_place[k] && uses_[block.first + k] != 0 && spilled_[block.first + k] == kNone) {
      layout.push_back(block.first + k);
    }
  }
  return layout;
}

/// A value that is wanted more often than it is there; one that fits right on top if there is one, kNone if none is.
ValueId Scheduler::missing_of(const std::vector<ValueId>& want, size_t settled) const {
  const auto is_missing = [&](ValueId value) {
    const auto first = static_cast<ptrdiff_t>(settled);
    const auto wanted = std::count(want.begin() + first, want.end(), value);
    return wanted > std::count(stack_.begin() + first, stack_.end(), value);
  };
  if (stack_.size() < want.size() && is_missing(want[stack_.size()])) {
    return want[stack_.size()];
  }
  for (size_t p = settled; p < want.size(); ++p) {
    if (is_missing(want[p])) {
      return want[p];
    }
  }
  return kNone;
}

/// One operation towards `want`; false when it is reached.
bool Scheduler::shuffle_step(const std::vector<ValueId>& want, size_t& settled) {
  const size_t size = stack_.size();
  while (settled < std::min(size, want.size()) && stack_[settled] == want[settled]) {
    ++settled;
  }
  if (settled == size && size == want.size()) {
    return false;
  }
  if (settled < size) {
    const ValueId top = stack_.back();
    const bool is_right = size <= want.size() && want[size - 1] == top;
    bool is_wanted_later = false;
    if (!is_right) {
      for (size_t p = settled; p < want.size(); ++p) {
        if (want[p] != top || (p < size && stack_[p] == top)) {
          continue;
        }
        if (p + 1 < size) {
          swap_to_top(static_cast<uint32_t>(size - 1 - p));
          return true;
        }
        is_wanted_later = true;
      }
      if (!is_wanted_later) {
        pop();
        return true;
      }
    }
  }
  if (const ValueId missing = missing_of(want, settled); missing != kNone) {
    push_value(missing);
    return true;
  }
  for (size_t p = settled; p + 1 < size; ++p) {
    if (stack_[p] != want[p]) {
      swap_to_top(static_cast<uint32_t>(size - 1 - p));
      return true;
    }
  }
  OMEGA_CHECK(false, "a stack that holds what is wanted can be put in order");
  return false;
}

void Scheduler::shuffle(const std::vector<ValueId>& want) {
  size_t settled = 0;
  size_t steps = 0;
  const size_t limit = 8 * (want.size() + stack_.size()) + 16;
  const size_t unreachable = to_spill_.size();
  while (to_spill_.size() == unreachable && shuffle_step(want, settled)) {
    OMEGA_CHECK(++steps < limit, "shuffling ends");
  }
  stack_ = want;
}

}  // namespace omega::codegen::evm
