// SPDX-License-Identifier: Apache-2.0
// Builder: makes one routine after the other, folding constants, sharing equal values of a block, and forwarding what storage and the free
// memory pointer are known to hold.
#pragma once

#include <functional>
#include <initializer_list>
#include <unordered_map>
#include <vector>

#include "omega/codegen/evm/code.h"

namespace omega::codegen::evm {

using Values = std::vector<ValueId>;

/// begin(), blocks one after the other, finish(). Not thread-safe. Misuse fails a check.
class Builder {
 public:
  explicit Builder(Program& program) : program_(program) {}

  /// Starts a routine with an open entry block; its parameters are param(0) ….
  void begin(std::string name, uint32_t params, uint32_t results, bool returns = true);
  Routine finish();

  [[nodiscard]] ValueId param(uint32_t i) const { return params_[i]; }
  void set_location(uint32_t location) { location_ = location; }
  [[nodiscard]] uint32_t location() const { return location_; }
  Program& program() { return program_; }

  ValueId constant(const Word& word);
  /// An operation of the EVM, operands in stack order (the first on top), or a pseudo-operation with immediates; kNone when it gives nothing.
  /// Storage and free pointer are forwarded, removable operations shared and folded.
  ValueId emit(Op op, std::span<const ValueId> operands, uint32_t a = 0, uint32_t b = 0);
  ValueId emit(Op op, std::initializer_list<ValueId> operands, uint32_t a = 0, uint32_t b = 0) {
    return emit(op, std::span<const ValueId>(operands.begin(), operands.size()), a, b);
  }

  // ---- arithmetic ----
  ValueId add(ValueId x, ValueId y) { return emit(Op::Add, {x, y}); }
  ValueId plus(ValueId x, uint64_t y) { return emit(Op::Add, {x, constant(y)}); }
  ValueId sub(ValueId x, ValueId y) { return emit(Op::Sub, {x, y}); }
  ValueId mul(ValueId x, ValueId y) { return emit(Op::Mul, {x, y}); }
  ValueId lt(ValueId x, ValueId y) { return emit(Op::Lt, {x, y}); }
  ValueId gt(ValueId x, ValueId y) { return emit(Op::Gt, {x, y}); }
  ValueId eq(ValueId x, ValueId y) { return emit(Op::Eq, {x, y}); }
  ValueId is_zero(ValueId x) { return emit(Op::Iszero, {x}); }
  ValueId bit_and(ValueId x, ValueId y) { return emit(Op::And, {x, y}); }
  ValueId bit_or(ValueId x, ValueId y) { return emit(Op::Or, {x, y}); }
  ValueId bit_xor(ValueId x, ValueId y) { return emit(Op::Xor, {x, y}); }
  ValueId shl(uint32_t bits, ValueId x) { return emit(Op::Shl, {constant(bits), x}); }
  ValueId shr(uint32_t bits, ValueId x) { return emit(Op::Shr, {constant(bits), x}); }
  /// x when c is 1, y when it is 0, without a jump.
  ValueId select(ValueId c, ValueId x, ValueId y);
  /// The next multiple of 32.
  ValueId round_up(ValueId x);

  // ---- memory and storage ----
  ValueId mload(ValueId at) { return emit(Op::Mload, {at}); }
  void mstore(ValueId at, ValueId value) { emit(Op::Mstore, {at, value}); }
  ValueId sload(ValueId key) { return emit(Op::Sload, {key}); }
  void sstore(ValueId key, ValueId value) { emit(Op::Sstore, {key, value}); }
  ValueId free_pointer() { return mload(constant(0x40)); }
  void set_free_pointer(ValueId value) { mstore(constant(0x40), value); }

  // ---- control ----
  /// A block of `args` arguments, not yet begun.
  BlockId new_block(uint32_t args = 0);
  /// Opens it; the block before must have ended.
  void start(BlockId block);
  [[nodiscard]] ValueId arg(BlockId block, uint32_t i) const { return routine_.blocks[block].first + i; }
  [[nodiscard]] bool is_open() const { return open_; }
  void jump(BlockId target, std::span<const ValueId> args = {}) { emit(Op::JumpTo, args, target); }
  void jump(BlockId target, std::initializer_list<ValueId> args) { emit(Op::JumpTo, args, target); }
  void branch(ValueId condition, BlockId then_block, BlockId else_block);
  void ret(std::span<const ValueId> values) { emit(Op::ReturnTo, values); }
  void exit_if(ValueId condition, uint32_t exit);
  void revert_if(ValueId condition) { exit_if(condition, static_cast<uint32_t>(ExitKind::RevertEmpty)); }
  void panic_if(ValueId condition, uint32_t code) { exit_if(condition, panic_exit(code)); }
  /// Runs `then` when the condition is not zero.
  void if_then(ValueId condition, const std::function<void()>& then);
  /// Runs one of them; what both give.
  Values if_else(ValueId condition, const std::function<Values()>& then, const std::function<Values()>& otherwise);
  /// Repeats the body, which gives the next values, as long as the condition holds; the last values.
  Values loop(const Values& initial, const std::function<ValueId(const Values&)>& condition, const std::function<Values(const Values&)>& body);
  /// The results of a routine; its arguments in order.
  Values call(RoutineId routine, std::span<const ValueId> args);
  Values call(RoutineId routine, std::initializer_list<ValueId> args) { return call(routine, std::span<const ValueId>(args.begin(), args.size())); }

  // ---- what is known ----
  [[nodiscard]] const Inst& inst(ValueId value) const { return routine_.insts[value]; }
  [[nodiscard]] bool is_constant(ValueId value) const { return inst(value).op == Op::Const; }
  /// The first operand of an operation.
  [[nodiscard]] ValueId first_operand(ValueId value) const { return operand(value, 0); }
  /// The number of a constant.
  [[nodiscard]] const Word& number(ValueId value) const { return program_.constants[inst(value).a]; }
  /// The value is below 2^bits.
  [[nodiscard]] uint32_t max_bits(ValueId value) const { return bits_[value]; }
  [[nodiscard]] uint32_t inst_count() const { return static_cast<uint32_t>(routine_.insts.size()); }

 private:
  struct Known {
    ValueId key;
    ValueId value;
    ValueId store;  ///< the SSTORE, while nothing may have read it; else kNone
  };

  ValueId append(Op op, std::span<const ValueId> operands, uint32_t a, uint32_t b);
  ValueId fold(Op op, std::span<const ValueId> operands);
  ValueId fold_constants(Op op, std::span<const ValueId> operands);
  ValueId fold_unary(Op op, ValueId x);
  ValueId fold_binary(Op op, ValueId x, ValueId y);
  ValueId fold_with_constant(Op op, ValueId x, const Word& c);
  ValueId fold_shift(Op op, ValueId amount, ValueId x);
  ValueId shared(Op op, std::span<const ValueId> operands, uint32_t a);
  ValueId load_memory(ValueId at);
  void store_memory(ValueId at, ValueId value);
  ValueId load_storage(ValueId key);
  void store_storage(ValueId key, ValueId value);
  ValueId condition(ValueId value);
  [[nodiscard]] uint32_t bits_of(Op op, std::span<const ValueId> operands, uint32_t a) const;
  [[nodiscard]] ValueId operand(ValueId value, uint32_t i) const { return routine_.operands[inst(value).first + i]; }
  [[nodiscard]] bool is_number(ValueId value, uint64_t expected) const { return is_constant(value) && number(value) == Word(expected); }
  struct Base {
    ValueId base;  ///< kNone for a constant
    Word offset;
  };
  [[nodiscard]] Base base_of(ValueId key) const;
  [[nodiscard]] bool may_alias(ValueId x, ValueId y) const;
  void remove(ValueId id);
  void forget();

  Program& program_;
  Routine routine_;
  std::vector<ValueId> params_;
  std::vector<uint16_t> bits_;
  std::unordered_map<ConstantId, ValueId> constants_;
  std::unordered_map<uint64_t, ValueId> table_;  ///< by hash: the newest such instruction
  std::vector<Known> storage_;
  ValueId free_value_ = kNone;
  ValueId free_store_ = kNone;
  BlockId block_ = kNone;
  uint32_t block_first_ = 0;
  uint32_t location_ = 0;
  bool open_ = false;
};

}  // namespace omega::codegen::evm
