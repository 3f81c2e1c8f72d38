// SPDX-License-Identifier: Apache-2.0
// The decoder's inside: one function of IR becomes the interpreter's code.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "omega/interp/code.h"
#include "omega/ir/op_info.h"

namespace omega::interp {

using ir::BlockId;
using ir::Function;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

inline uint32_t cells_of(Type type) { return ir::is_wide(type) ? 4 : 1; }

inline Opcode plus(Opcode first, uint32_t kind) { return static_cast<Opcode>(static_cast<uint32_t>(first) + kind); }

/// Decodes one function; used once.
class Decoder {
 public:
  Decoder(const Function& function, DecodedFunction& out, DecodedFunction* functions) : f_(function), out_(out), functions_(functions) {}

  void run();

 private:
  // ---- analysis ----
  void count_uses();
  void fuse();
  void place_cells();

  // ---- cells ----
  uint32_t temp(uint32_t count) {
    const uint32_t cell = temp_next_;
    temp_next_ += count;
    temp_end_ = std::max(temp_end_, temp_next_);
    return cell;
  }
  /// The cell that holds `v`; makes a constant there when this block has not yet.
  uint32_t use(ValueId v);
  /// The cell to write `v` to.
  uint32_t define(ValueId v) {
    if (cell_[v] == kNone) {
      cell_[v] = temp(cells_of(f_.insts[v].type));
    }
    return cell_[v];
  }
  /// True when `v` is a constant that fits an immediate.
  bool immediate(ValueId v, uint32_t* value) const {
    const Inst& inst = f_.insts[v];
    if (inst.op != Op::Const || ir::is_wide(inst.type)) {
      return false;
    }
    const int64_t constant = ir::const_value(inst);
    *value = static_cast<uint32_t>(static_cast<int32_t>(constant));
    return constant == static_cast<int32_t>(constant);
  }

  // ---- emission ----
  void emit(Opcode op, uint32_t d = 0, uint32_t a = 0, uint32_t b = 0, uint16_t aux = 0) {
    out_.codes.push_back({op, aux, d, a, b});
    out_.origin.push_back(at_);
  }
  void emit_constant(ValueId v, uint32_t cell);
  void move(Type type, uint32_t to, uint32_t from) {
    if (to != from) {
      emit(ir::is_wide(type) ? Opcode::MoveWide : Opcode::Move, to, from);
    }
  }
  uint32_t add_list(std::span<const uint32_t> values);
  void append_cell(ValueId v) { out_.lists.push_back(use(v) | (ir::is_wide(f_.insts[v].type) ? kWideCell : 0)); }
  void block(BlockId id);
  void inst(uint32_t i);
  void arithmetic(uint32_t i);
  void integer_add(const Inst& inst, uint32_t i);
  void float_arithmetic(const Inst& inst, uint32_t i);
  void wide_arithmetic(const Inst& inst, uint32_t i);
  void compare(uint32_t i);
  /// Opcode, operands of an integer comparison; for branches the jump's.
  struct Comparison {
    Opcode op;
    uint32_t a;
    uint32_t b;
  };
  Comparison integer_comparison(Op op, ValueId a, ValueId b, bool jump);
  void cast(uint32_t i);
  void bitcast(uint32_t i);
  void memory(uint32_t i);
  void call(uint32_t i);
  void terminator(BlockId id, uint32_t i);
  void cond_br(BlockId id, uint32_t i);
  /// The moves of an edge and the jump; `next` is the block that follows in the code (no jump needed).
  void edge(BlockId target, std::span<const uint32_t> args, BlockId next);
  void materialise(std::span<const uint32_t> args) {
    for (const ValueId v : args) {
      use(v);
    }
  }
  void jump(Opcode op, BlockId target, uint32_t a = 0, uint32_t b = 0) {
    fixups_.push_back(static_cast<uint32_t>(out_.codes.size()));
    emit(op, target, a, b);
  }

  const Function& f_;
  DecodedFunction& out_;
  DecodedFunction* functions_;
  uint32_t at_ = 0;
  BlockId block_ = 0;
  std::vector<uint32_t> uses_;
  std::vector<uint32_t> last_use_;
  std::vector<uint8_t> escapes_;
  std::vector<uint32_t> cell_;    ///< of each value; kNone: not yet placed
  std::vector<BlockId> made_in_;  ///< block in which a lazy constant was last made
  std::vector<uint32_t> slot_cell_;
  std::vector<uint32_t> block_at_;     ///< code index of each block
  std::vector<uint32_t> fixups_;       ///< jumps whose target is still a block
  std::vector<uint8_t> fused_;         ///< 1: nothing to emit (fused into a neighbour)
  std::vector<uint32_t> stack_cells_;  ///< of the StackObject instructions in order
  uint32_t stack_next_ = 0;
  uint32_t temp_begin_ = 0;
  uint32_t temp_next_ = 0;
  uint32_t temp_end_ = 0;
};

}  // namespace omega::interp
