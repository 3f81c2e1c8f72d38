// SPDX-License-Identifier: Apache-2.0
// Scheduler: the walk over blocks and instructions.
#include "omega/codegen/evm/scheduler.h"

#include <algorithm>

#include "omega/base/check.h"

namespace omega::codegen::evm {

LabelId SharedLabels::exit(uint32_t exit, Assembler& out) {
  for (const auto& [kind, label] : exits) {
    if (kind == exit) {
      return label;
    }
  }
  exits.emplace_back(exit, out.new_label());
  return exits.back().second;
}

Scheduler::Scheduler(const Program& program, RoutineId routine, SharedLabels& labels, SpillArea& area, Assembler& out)
    : program_(program), r_(program.routines[routine]), id_(routine), labels_(labels), area_(area), out_(out) {}

bool Scheduler::run() {
  find_uses();
  find_live();
  find_folded();
  find_loops();
  spilled_.assign(r_.insts.size(), kNone);
  uses_left_.assign(r_.insts.size(), 0);
  live_out_.assign(r_.insts.size(), 0);
  constexpr uint32_t kMaxAttempts = 200;
  for (uint32_t attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const size_t mark = out_.mark();
    to_spill_.clear();
    emit_all();
    if (to_spill_.empty()) {
      return true;
    }
    for (const ValueId value : to_spill_) {
      if (r_.is_recursive) {
        has_frame_ = true;
        spilled_[value] = frame_bytes_;
        frame_bytes_ += 32;
      } else {
        spilled_[value] = area_.next;
        area_.next += 32;
      }
    }
    if (has_frame_ && area_.frame_word == kNone) {
      area_.frame_word = area_.next;
      area_.next += 32;
    }
    out_.rewind(mark);
  }
  return false;
}

void Scheduler::emit_all() {
  const size_t blocks = r_.blocks.size();
  block_labels_.assign(blocks, kNone);
  for (LabelId& label : block_labels_) {
    label = out_.new_label();
  }
  layouts_.assign(blocks, {});
  has_layout_.assign(blocks, false);
  emitted_.assign(blocks, false);
  pending_.clear();
  stack_.clear();
  out_.set_location(r_.insts.empty() ? 0 : inst(0).location);
  if (id_ != program_.entry) {
    out_.place(labels_.routines[id_]);
  }
  for (ValueId i = 0; i < r_.blocks[0].end && (inst(i).op == Op::ReturnAddress || inst(i).op == Op::Param); ++i) {
    stack_.push_back(i);
  }
  begin_frame();
  next_ = 0;
  for (;;) {
    while (next_ != kNone) {
      const BlockId block = next_;
      next_ = kNone;
      emit_block(block);
    }
    if (pending_.empty()) {
      return;
    }
    const Pending pending = std::move(pending_.back());
    pending_.pop_back();
    if (pending.edge != kNone) {
      out_.set_location(location_of(pending.block));
      out_.place(pending.edge);
      stack_ = pending.stack;
      may_leave_ = pending.may_leave;
      ++epoch_;  // nothing dies on the edge
      jump_to(pending.block, {});
    } else if (!emitted_[pending.block]) {
      out_.place(block_labels_[pending.block]);
      stack_ = pending.stack;
      next_ = pending.block;
    }
  }
}

/// Parameters that live in memory go there; a routine that may be entered again while it runs gets a frame from the heap for that.
void Scheduler::begin_frame() {
  if (has_frame_) {
    out_.push(0x40);
    out_.op(Op::Mload);
    out_.push(frame_bytes_ + 32);
    out_.dup(1);
    out_.op(Op::Add);
    out_.push(0x40);
    out_.op(Op::Mstore);
    out_.push(area_.frame_word);
    out_.op(Op::Mload);
    out_.push(frame_bytes_);
    out_.dup(2);
    out_.op(Op::Add);
    out_.op(Op::Mstore);
    out_.push(area_.frame_word);
    out_.op(Op::Mstore);
  }
  for (;;) {
    // The topmost that goes to memory.
    size_t above = stack_.size();
    while (above > 0 && spilled_[stack_[above - 1]] == kNone) {
      --above;
    }
    if (above == 0) {
      return;
    }
    const size_t at = above - 1;
    const ValueId value = stack_[at];
    const auto depth = static_cast<uint32_t>(stack_.size() - above);
    if (depth > 16) {
      for (size_t i = above; i < stack_.size(); ++i) {
        spill(stack_[i]);
      }
      stack_.resize(at);
      continue;
    }
    swap_to_top(depth);
    push_address(value);
    out_.op(Op::Mstore);
    stack_.pop_back();
  }
}

void Scheduler::enter(BlockId block) {
  ++epoch_;
  const Block& range = r_.blocks[block];
  const Inst& last = inst(range.end - 1);
  const auto live = [&](BlockId target) {
    for (const ValueId value : live_in_[target]) {
      live_out_[value] = epoch_;
    }
  };
  if (last.op == Op::JumpTo || last.op == Op::Branch) {
    live(last.a);
  }
  if (last.op == Op::Branch) {
    live(last.b);
  }
  for (ValueId i = range.first; i < range.end; ++i) {
    if (needed_[i] && inst(i).op != Op::Result) {
      for (const ValueId operand : r_.args(inst(i))) {
        uses_left_[operand] = 0;
      }
    }
  }
  for (ValueId i = range.first; i < range.end; ++i) {
    if (needed_[i] && inst(i).op != Op::Result) {
      for (const ValueId operand : r_.args(inst(i))) {
        ++uses_left_[operand];
      }
    }
  }
  std::vector<ValueId> made_here;
  for (ValueId& entry : stack_) {
    if (entry >= r_.insts.size()) {
      continue;
    }
    const bool is_made_here = block_of_[entry] == block;
    const auto& live_in = live_in_[block];
    const bool is_needed = is_made_here ? uses_[entry] != 0 : std::find(live_in.begin(), live_in.end(), entry) != live_in.end();
    if (!is_needed) {
      entry = kGarbage;
    } else if (is_made_here) {
      made_here.push_back(entry);
    }
  }
  may_leave_ = !r_.returns && !in_loop_[block];
  leave_behind(block, std::span<const ValueId>(made_here));
  drop_garbage();
}

uint32_t Scheduler::location_of(BlockId block) const {
  ValueId first = r_.blocks[block].first;
  while (first + 1 < r_.blocks[block].end && inst(first).op == Op::BlockArg) {
    ++first;
  }
  return inst(first).location;
}

void Scheduler::emit_block(BlockId block) {
  emitted_[block] = true;
  out_.set_location(location_of(block));
  enter(block);
  for (ValueId i = r_.blocks[block].first; i < r_.blocks[block].end; ++i) {
    const Inst& in = inst(i);
    if (!needed_[i] || folded_[i] || is_rematerialized(in.op)) {
      continue;
    }
    switch (in.op) {
      case Op::Param:
      case Op::ReturnAddress:
      case Op::BlockArg:
      case Op::Result: break;
      default:
        out_.set_location(in.location);
        if (is_terminator(in.op)) {
          terminator(i);
        } else {
          compact();
          emit_root(i);
        }
    }
  }
}

void Scheduler::emit_root(ValueId id) {
  evaluate(id, 0);
  const Inst& in = inst(id);
  const uint32_t given = in.op == Op::CallRoutine ? in.b : op_info(in.op).given;
  take_results(id, given);
}

/// What nobody uses is garbage, what lives in memory goes there.
void Scheduler::take_results(ValueId id, uint32_t count) {
  for (uint32_t k = count; k-- > 0;) {
    const ValueId value = id + k;
    const uint32_t depth = depth_of(value);
    ValueId& entry = stack_[stack_.size() - 1 - depth];
    if (uses_[value] == 0) {
      entry = kGarbage;
    } else if (spilled_[value] != kNone) {
      swap_to_top(depth);
      push_address(value);
      out_.op(Op::Mstore);
      stack_.pop_back();
    }
  }
  drop_garbage();
}

/// How many of the operands, deepest first, already lie on top in their order and are not needed any more.
uint32_t Scheduler::in_place(std::span<const ValueId> operands) const {
  const size_t n = operands.size();
  for (size_t k = std::min(n, stack_.size()); k > 0; --k) {
    bool all = true;
    for (size_t j = 0; j < k && all; ++j) {
      const ValueId operand = operands[n - 1 - j];
      all = stack_[stack_.size() - k + j] == operand && source(operand) == Source::Stack && is_dying(operand);
    }
    if (all) {
      return static_cast<uint32_t>(k);
    }
  }
  return 0;
}

void Scheduler::place_operand(ValueId value, uint32_t placed, uint32_t reserved) {
  switch (source(value)) {
    case Source::Push:
    case Source::Memory:
      push_value(value);
      stack_.back() = kTemporary;
      --uses_left_[value];
      return;
    case Source::Tree:
      evaluate(value, reserved + placed);
      stack_.back() = kTemporary;
      return;
    case Source::Stack: break;
  }
  const uint32_t depth = depth_of(value);
  if (is_dying(value) && depth == placed && placed <= 2) {
    for (uint32_t j = 1; j <= placed; ++j) {
      swap_to_top(j);
    }
    stack_.back() = kTemporary;
    --uses_left_[value];
    return;
  }
  if (is_dying(value) && placed == 0 && reserved == 0 && depth <= 16) {
    swap_to_top(depth);
    stack_.back() = kTemporary;
    --uses_left_[value];
    return;
  }
  dup(value);
  stack_.back() = kTemporary;
  die(value);
}

/// Brings operands to the top, the first one topmost; of operations that allow it, in the cheaper of both orders.
void Scheduler::prepare(std::span<ValueId> operands, Op& op, uint32_t reserved) {
  uint32_t placed = in_place(operands);
  const Op other = operands.size() == 2 ? exchanged(op) : Op::Stop;
  if (other != Op::Stop && placed < 2) {
    ValueId reversed[] = {operands[1], operands[0]};
    const uint32_t instead = in_place(reversed);
    const bool is_deepest_pushed = source(operands[1]) != Source::Stack || !is_dying(operands[1]);
    const bool saves_copy = instead == 0 && placed == 0 && reserved == 0 && is_deepest_pushed && source(operands[0]) == Source::Stack && is_dying(operands[0]);
    // What is computed first finds its operands on top.
    const bool computes_first = instead == 0 && placed == 0 && source(operands[1]) == Source::Push && source(operands[0]) == Source::Tree;
    if (instead > placed || saves_copy || computes_first) {
      std::swap(operands[0], operands[1]);
      op = other;
      placed = instead;
    }
  }
  for (uint32_t k = 0; k < placed; ++k) {
    --uses_left_[operands[operands.size() - 1 - k]];
    stack_[stack_.size() - 1 - k] = kTemporary;
  }
  for (size_t i = operands.size() - placed; i-- > 0;) {
    place_operand(operands[i], placed, reserved);
    ++placed;
  }
}

void Scheduler::evaluate(ValueId id, uint32_t reserved) {
  const Inst& in = inst(id);
  if (in.op == Op::CallRoutine) {
    emit_call(id, reserved);
    return;
  }
  if (in.op == Op::Immutable) {
    out_.push_immutable(in.a);
    stack_.push_back(id);
    return;
  }
  std::vector<ValueId> operands(r_.args(in).begin(), r_.args(in).end());
  Inst now = in;
  prepare(operands, now.op, reserved);
  stack_.resize(stack_.size() - operands.size());
  out_.set_location(in.location);
  emit_operation(now);
  if (op_info(now.op).given != 0) {
    stack_.push_back(id);
  }
}

void Scheduler::emit_operation(const Inst& in) {
  switch (in.op) {
    case Op::HashPair:
      out_.push(0);
      out_.op(Op::Mstore);
      out_.push(0x20);
      out_.op(Op::Mstore);
      out_.push(0x40);
      out_.push(0);
      out_.op(Op::Keccak256);
      return;
    case Op::HashWord:
      out_.push(0);
      out_.op(Op::Mstore);
      out_.push(0x20);
      out_.push(0);
      out_.op(Op::Keccak256);
      return;
    case Op::ExitIf:
      out_.push_label(labels_.exit(in.a, out_));
      out_.op(Op::Jumpi);
      return;
    default: out_.op(in.op); return;
  }
}

/// The caller's address lies under the arguments.
void Scheduler::emit_call(ValueId id, uint32_t reserved) {
  const Inst in = inst(id);
  std::vector<ValueId> operands(r_.args(in).begin(), r_.args(in).end());
  const Routine& callee = program_.routines[in.a];
  Op op = in.op;
  const LabelId back = callee.returns ? out_.new_label() : kNone;
  constexpr uint32_t kMaxRotation = 3;
  const auto count = static_cast<uint32_t>(operands.size());
  if (!callee.returns) {
    prepare(operands, op, reserved);
  } else if (count <= kMaxRotation && in_place(operands) == count) {
    prepare(operands, op, reserved);
    out_.push_label(back);
    stack_.push_back(kTemporary);
    for (uint32_t depth = count; depth > 0; --depth) {
      swap_to_top(depth);
    }
  } else {
    out_.push_label(back);
    stack_.push_back(kTemporary);
    for (size_t i = operands.size(); i-- > 0;) {
      place_operand(operands[i], static_cast<uint32_t>(operands.size() - 1 - i), reserved + 1);
    }
  }
  out_.push_label(labels_.routines[in.a]);
  out_.op(Op::Jump);
  stack_.resize(stack_.size() - operands.size() - (callee.returns ? 1 : 0));
  if (callee.returns) {
    out_.place(back);
    for (uint32_t k = 0; k < in.b; ++k) {
      stack_.push_back(id + k);
    }
  }
}

void Scheduler::terminator(ValueId id) {
  const Inst& in = inst(id);
  switch (in.op) {
    case Op::JumpTo: jump_to(in.a, r_.args(in)); return;
    case Op::Branch: branch(in); return;
    case Op::ReturnTo: return_to(in); return;
    case Op::Unreachable: return;
    case Op::Exit:
      if (in.a == static_cast<uint32_t>(ExitKind::RevertEmpty)) {
        out_.push(0);
        out_.push(0);
        out_.op(Op::Revert);
      } else {
        out_.push_label(labels_.exit(in.a, out_));
        out_.op(Op::Jump);
      }
      return;
    default: evaluate(id, 0); return;
  }
}

void Scheduler::branch(const Inst& in) {
  ValueId condition[] = {r_.args(in)[0]};
  Op op = in.op;
  prepare(condition, op, 0);
  stack_.pop_back();
  branch_edge(in.a, true);
  branch_edge(in.b, false);
}

/// A way out of a branch. Blocks with one way in take the stack as it is; others agree on a layout, which takes code of its own unless the stack is like that
/// already.
void Scheduler::branch_edge(BlockId target, bool is_then) {
  const bool is_shared = pred_count_[target] > 1;
  if (!is_then) {
    if (is_shared) {
      ++epoch_;
      jump_to(target, {});
    } else {
      next_ = target;
    }
    return;
  }
  if (is_shared && !has_layout_[target]) {
    const std::vector<ValueId> layout = choose_layout(target, {});
    if (layout == stack_) {
      has_layout_[target] = true;
      layouts_[target] = layout;
      pending_.push_back({target, kNone, layout, may_leave_});
    }
  }
  if (!is_shared || (has_layout_[target] && layouts_[target] == stack_)) {
    if (!is_shared) {
      pending_.push_back({target, kNone, stack_, may_leave_});
    }
    out_.push_label(block_labels_[target]);
  } else {
    pending_.push_back({target, out_.new_label(), stack_, may_leave_});
    out_.push_label(pending_.back().edge);
  }
  out_.op(Op::Jumpi);
}

void Scheduler::jump_to(BlockId target, std::span<const ValueId> args) {
  const Block& block = r_.blocks[target];
  leave_behind(target, args);
  if (!has_layout_[target]) {
    layouts_[target] = choose_layout(target, args);
    has_layout_[target] = true;
  }
  std::vector<ValueId> want = layouts_[target];
  for (ValueId& value : want) {
    if (value >= block.first && value < block.first + block.args) {
      value = args[value - block.first];
    }
  }
  // Arguments that live in memory lie on top until all are read.
  std::vector<ValueId> stored;
  for (uint32_t k = 0; k < args.size(); ++k) {
    if (spilled_[block.first + k] != kNone && uses_[block.first + k] != 0) {
      want.push_back(args[k]);
      stored.push_back(block.first + k);
    }
  }
  shuffle(want);
  for (; !stored.empty(); stored.pop_back()) {
    push_address(stored.back());
    out_.op(Op::Mstore);
  }
  stack_ = layouts_[target];
  if (emitted_[target]) {
    out_.push_label(block_labels_[target]);
    out_.op(Op::Jump);
    return;
  }
  if (pred_count_[target] > 1) {
    out_.place(block_labels_[target]);
  }
  next_ = target;
}

void Scheduler::return_to(const Inst& in) {
  std::vector<ValueId> want(r_.args(in).begin(), r_.args(in).end());
  want.push_back(0);
  shuffle(want);
  if (has_frame_) {
    // The frame before this one is the innermost again.
    out_.push(area_.frame_word);
    out_.op(Op::Mload);
    out_.push(frame_bytes_);
    out_.op(Op::Add);
    out_.op(Op::Mload);
    out_.push(area_.frame_word);
    out_.op(Op::Mstore);
  }
  out_.op(Op::Jump);
}

}  // namespace omega::codegen::evm
