// SPDX-License-Identifier: Apache-2.0
// One IR function as a Move function.
#pragma once

#include <vector>

#include "omega/codegen/move/program.h"
#include "omega/ir/dominators.h"

namespace omega::codegen::move {

/// Writes the code of one function. Locals 0 and 1 are &mut Memory and &mut State, then come the parameters. A value that is used once, in its own block,
/// and that has no effect is written where it is used; the others go to locals: to one of their own when another block uses them, else to one that is used
/// again after the last use. Slots have locals of their own.
class FunctionWriter {
 public:
  FunctionWriter(Program& program, ir::FunctionId id);
  void write();

 private:
  using ValueId = ir::ValueId;

  // ---- plan (function_writer.cpp) ----
  void plan();
  void plan_slots();
  uint32_t new_local(ir::Type type);
  void free_local(ValueId v);

  // ---- values ----
  ir::Type type_of(ValueId v) const { return f_.insts[v].type; }
  /// Pushes a value, once for each of its uses.
  void push(ValueId v);
  /// Puts what is on the stack into the value's local, or drops it when nobody uses it.
  void keep(ValueId v);
  /// Writes now the late values that read the slot.
  void settle(ir::SlotId slot);
  void push_constant(const ir::Inst& in);
  /// Pushes the value as u256, whatever its type.
  void push_word(ValueId v);
  /// Turns the word on the stack into a register of this type.
  void from_word(ir::Type type);
  bool is_constant(ValueId v, uint64_t& value) const;

  // ---- instructions ----
  void block(ir::BlockId id);
  void instruction(uint32_t i);
  /// Writes the code of a value that has no effect but its own.
  void expression(uint32_t i);
  void arithmetic(const ir::Inst& in);
  void comparison(const ir::Inst& in);
  void shift(const ir::Inst& in);
  void cast(const ir::Inst& in);
  void memory(uint32_t i);
  void word_place(ValueId object, uint64_t words, ValueId index, uint64_t more, bool is_mutable);
  void byte_place(ValueId array, ValueId index, bool is_mutable);
  void state(uint32_t i);
  void transient(uint32_t i);
  void state_get(uint32_t i);
  void state_set(ValueId place, ir::DataTypeId type, ValueId value);
  uint32_t field_of(ValueId place) const;
  void message(uint32_t i);
  void data(uint32_t i);
  void event(const ir::Inst& in);
  void call(uint32_t i);
  void decode(uint32_t i);
  void keep_results(uint32_t i, size_t results);
  void panic_unless(uint64_t code);
  void terminator(uint32_t i);
  void revert(const ir::Inst& in);
  void jump(ir::BlockId to, std::span<const uint32_t> arguments);
  void refuse(uint32_t i, const std::string& what) { program_.refuse(f_, i, what); }

  Program& program_;
  Support& support_;
  const ir::Function& f_;
  ir::FunctionId id_;
  ir::ControlFlow flow_;
  CodeWriter code_;
  std::vector<uint32_t> uses_;
  std::vector<uint32_t> left_;  ///< uses still to come of a value in a local
  std::vector<uint8_t> late_;   ///< written where it is used
  std::vector<uint8_t> is_local_to_block_;
  std::vector<uint32_t> local_;  ///< of values; kNone: none
  std::vector<uint32_t> slot_local_;
  std::vector<std::vector<uint32_t>> reads_;  ///< slots that a late value reads
  std::vector<ValueId> pending_;              ///< late values of this block that read slots
  std::vector<uint32_t> free_words_;
  std::vector<uint32_t> free_booleans_;
  std::vector<CodeWriter::Label> labels_;
  uint32_t panics_ = 0;
};

}  // namespace omega::codegen::move
