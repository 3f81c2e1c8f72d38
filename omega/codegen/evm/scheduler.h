// SPDX-License-Identifier: Apache-2.0
// Scheduler: a routine's values onto the stack of the EVM.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "omega/codegen/evm/assembler.h"
#include "omega/codegen/evm/code.h"

namespace omega::codegen::evm {

/// Labels that all routines of a program share.
struct SharedLabels {
  std::vector<LabelId> routines;                    ///< entry of each
  std::vector<std::pair<uint32_t, LabelId>> exits;  ///< Exit and where it is

  LabelId exit(uint32_t exit, Assembler& out);
};

/// Where a routine keeps the values that the stack's 16 reachable places do not hold.
struct SpillArea {
  uint32_t next = 0x80;         ///< first byte of memory that is free for it
  uint32_t frame_word = kNone;  ///< the word that holds the frame of the innermost recursive routine that spills; kNone: there is none yet
};

/// Emits one routine, its label placed first unless it is the program's entry.
///
/// Blocks are walked along the flow. Values that are used once, in the block that makes them, are computed where they are used, as far as the order of
/// effects allows (`folded`); the others lie on the stack from where they are made until their last use. Ways that meet agree on a layout: that of the first
/// one that comes. What cannot be reached when it is needed gets a word of memory, and the routine is emitted again.
class Scheduler {
 public:
  Scheduler(const Program& program, RoutineId routine, SharedLabels& labels, SpillArea& area, Assembler& out);
  /// False when the routine needs more than the stack can be made to hold.
  bool run();

 private:
  enum class Source : uint8_t { Push, Tree, Memory, Stack };

  // What holds for all attempts (flow.cpp).
  void find_uses();
  void find_live();
  void find_loops();
  void find_folded();

  // One attempt.
  void emit_all();
  void begin_frame();
  void emit_block(BlockId block);
  /// Where a block begins in the source, for what has to be done to the stack before.
  [[nodiscard]] uint32_t location_of(BlockId block) const;
  void enter(BlockId block);
  void emit_root(ValueId id);
  void take_results(ValueId id, uint32_t count);
  void evaluate(ValueId id, uint32_t reserved);
  void emit_call(ValueId id, uint32_t reserved);
  void emit_operation(const Inst& inst);
  void prepare(std::span<ValueId> operands, Op& op, uint32_t reserved);
  void place_operand(ValueId value, uint32_t placed, uint32_t reserved);
  [[nodiscard]] uint32_t in_place(std::span<const ValueId> operands) const;
  void push_value(ValueId value);
  void terminator(ValueId id);
  void branch(const Inst& inst);
  void branch_edge(BlockId target, bool is_then);
  void jump_to(BlockId target, std::span<const ValueId> args);
  void return_to(const Inst& inst);

  // The stack (stack.cpp).
  [[nodiscard]] uint32_t depth_of(ValueId value) const;
  void swap_to_top(uint32_t depth);
  void dup(ValueId value);
  void pop();
  void drop_garbage();
  void leave_behind(BlockId target, std::span<const ValueId> args);
  void compact();
  void die(ValueId value);
  std::vector<ValueId> choose_layout(BlockId target, std::span<const ValueId> args) const;
  void shuffle(const std::vector<ValueId>& want);
  bool shuffle_step(const std::vector<ValueId>& want, size_t& settled);
  [[nodiscard]] ValueId missing_of(const std::vector<ValueId>& want, size_t settled) const;
  void spill(ValueId value);
  void push_address(ValueId value);

  [[nodiscard]] Source source(ValueId value) const;
  [[nodiscard]] bool is_dying(ValueId value) const { return uses_left_[value] == 1 && live_out_[value] != epoch_; }
  [[nodiscard]] const Inst& inst(ValueId value) const { return r_.insts[value]; }

  static constexpr ValueId kGarbage = 0xffff'fffeu;
  static constexpr ValueId kTemporary = 0xffff'fffdu;
  static constexpr uint32_t kUnreachable = 0xffff'ffffu;

  const Program& program_;
  const Routine& r_;
  RoutineId id_;
  SharedLabels& labels_;
  SpillArea& area_;
  Assembler& out_;

  std::vector<uint32_t> uses_;
  std::vector<bool> needed_;  ///< instructions that are emitted
  std::vector<bool> folded_;
  std::vector<BlockId> block_of_;
  std::vector<uint32_t> pred_count_;
  std::vector<std::vector<ValueId>> live_in_;
  std::vector<bool> in_loop_;

  std::vector<uint32_t> spilled_;  ///< place in memory or frame of each value, kNone: on the stack
  std::vector<ValueId> to_spill_;  ///< found unreachable in this attempt
  uint32_t frame_bytes_ = 0;
  bool has_frame_ = false;

  std::vector<ValueId> stack_;  ///< bottom first
  std::vector<uint32_t> uses_left_;
  std::vector<uint32_t> live_out_;
  uint32_t epoch_ = 0;
  std::vector<LabelId> block_labels_;
  std::vector<std::vector<ValueId>> layouts_;
  std::vector<bool> has_layout_;
  std::vector<bool> emitted_;
  struct Pending {
    BlockId block;
    LabelId edge;  ///< kNone: the block itself, else code that leads to it
    std::vector<ValueId> stack;
    bool may_leave;
  };
  std::vector<Pending> pending_;
  bool may_leave_ = false;  ///< what lies lowest and is dead may stay there, out of the model: this block runs once, and nothing returns
  BlockId next_ = kNone;    ///< the block that follows without a jump
};

}  // namespace omega::codegen::evm
