// SPDX-License-Identifier: Apache-2.0
// One IR function as C text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "omega/codegen/c/emit_c.h"
#include "omega/ir/dominators.h"

namespace omega::codegen::c {

/// Writes the definition of one function. Pure values that are used once become part of the expression that uses them; blocks become
/// labels, block arguments variables.
class FunctionWriter {
 public:
  FunctionWriter(const Program& program, ir::FunctionId id);

  /// The whole file.
  std::string write();

 private:
  using ValueId = ir::ValueId;

  /// A value that has no variable: its expression stands where it is used.
  struct Inlined {
    std::string text;
    /// What it reads: slots, and block arguments (with the top bit). It must be evaluated before they change.
    std::vector<uint32_t> reads;
  };
  static constexpr uint32_t kArgument = 0x8000'0000u;

  // ---- analysis ----
  void count_uses();
  /// Instructions with an effect and all they need; nothing else is written.
  void find_live();

  // ---- names and expressions (function_writer.cpp) ----
  std::string variable(ValueId v) const;
  std::string slot_name(ir::SlotId slot) const;
  /// The expression of a value; parenthesised unless it is one word or call.
  std::string expr(ValueId v) const;
  std::vector<uint32_t> reads_of(ValueId v) const;
  const ir::Inst& inst(ValueId v) const { return f_.insts[v]; }
  ir::Type type_of(ValueId v) const { return f_.insts[v].type; }
  std::string as(std::string_view type, ValueId v) const { return "(" + std::string(type) + ")" + expr(v); }
  std::string as_s64(ValueId v) const { return as("int64_t", v); }
  std::string as_u64(ValueId v) const { return as("uint64_t", v); }
  /// `OMC_AT(…)` of the instruction being written.
  std::string place() const;
  /// Gives value `v` an expression: kept back to be inlined where that is right, else written to a variable.
  void define(ValueId v, const std::string& text, bool pure);
  void write_variable(ValueId v, const std::string& text);
  /// Writes out the inlined values that read `what`, which is about to change, and are still needed behind instruction `at`.
  void settle(uint32_t what, uint32_t at);
  void line(const std::string& text);
  std::string list(std::span<const uint32_t> values) const;

  // ---- instructions (write_*.cpp) ----
  void block(ir::BlockId id);
  void instruction(uint32_t i);
  void constant(uint32_t i);
  void arithmetic(uint32_t i);
  std::string narrow_arithmetic(const ir::Inst& in) const;
  std::string integer_sum(const ir::Inst& in) const;
  std::string wide_arithmetic(const ir::Inst& in) const;
  std::string float_arithmetic(const ir::Inst& in) const;
  std::string comparison(const ir::Inst& in) const;
  std::string cast(const ir::Inst& in) const;
  std::string bitcast(const ir::Inst& in) const;
  /// Cuts a 64-bit expression to an integer type of at most 64 bits.
  std::string cut(ir::Type type, const std::string& text) const;
  std::string amount(ValueId v) const;
  void memory(uint32_t i);
  std::string read_memory(ir::Type type, const std::string& typed_place, const std::string& address) const;
  void write_memory(ValueId value, const std::string& typed_place, const std::string& address);
  void atomic(const ir::Inst& in);
  void call(uint32_t i);
  void runtime_call(uint32_t i);
  void results_of_call(uint32_t i, const std::string& text, std::span<const ir::Type> results);
  void make_closure(uint32_t i);
  void parallel_for(uint32_t i);
  void terminator(ir::BlockId id, uint32_t i);
  void edge(ir::BlockId from, ir::BlockId to, std::span<const uint32_t> args, const std::string& indent);
  void jump(ir::BlockId from, ir::BlockId to, const std::string& indent);
  void declarations(std::string& out);
  std::string signature() const;

  const Program& program_;
  const ir::Module& m_;
  const ir::Function& f_;
  const ir::FunctionId id_;
  ir::ControlFlow flow_;
  std::vector<uint8_t> live_;
  std::vector<uint32_t> uses_;  ///< by live instructions
  std::vector<uint32_t> last_use_;
  std::vector<uint8_t> escapes_;   ///< used outside of its block
  std::vector<uint8_t> has_text_;  ///< 1: inlined_[…] holds its expression
  std::vector<Inlined> inlined_;   ///< by value, only where has_text_
  std::vector<ValueId> pending_;   ///< inlined values of the block with something to read
  std::vector<uint8_t> slot_used_;
  std::vector<uint8_t> slot_read_;
  std::vector<uint8_t> string_used_;
  std::vector<ir::FunctionId> closures_;  ///< functions whose closure cell the file needs
  std::string wrappers_;                  ///< static functions in front
  std::string body_;                      ///< statements of all blocks
  std::vector<std::string> block_text_;
  std::vector<uint32_t> jumps_to_;  ///< gotos to each block
  ir::BlockId block_ = 0;
  uint32_t at_ = 0;
  uint32_t next_temporary_ = 0;
};

}  // namespace omega::codegen::c
