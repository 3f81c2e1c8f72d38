// SPDX-License-Identifier: Apache-2.0
// FunctionBuilder: makes one ir::Function after the other, reusing its memory.
#pragma once

#include <bit>
#include <initializer_list>
#include <memory>

#include "omega/ir/ir.h"
#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"

namespace omega::ir {

/// A place to branch to: made before its block is known, given one by FunctionBuilder::start_block. Valid for one function.
struct Label {
  uint32_t index = kNone;
  bool valid() const { return index != kNone; }
};

/// Builds functions instruction by instruction: begin(), emit, finish(). Meant to live long: after the first functions nothing is
/// allocated but what finish() returns. Not thread-safe: one per task. Misuse fails a check in debug builds only; verify() finds the rest.
///
/// There is always an open block: after a terminator the next instruction opens a block nothing branches to (code after `return`).
/// Branch targets and loops name labels while building; finish() turns them into block ids.
class FunctionBuilder {
 public:
  /// Where finished functions' arrays go from now on: several builders of one task may share it. Without, the builder makes its own.
  void set_storage(std::shared_ptr<base::Arena> storage) { storage_ = std::move(storage); }

  /// Starts a function with an open entry block that holds its parameters: value i is parameter i.
  void begin(std::string_view name, base::FileId file, uint32_t location, std::span<const Type> params, std::span<const Type> results);

  /// Changes the results given to begin(): for functions whose body decides them.
  void set_results(std::span<const Type> results) {
    results_.clear();
    results_.append(results.data(), results.size());
  }

  /// The function, its arrays one behind the other in the storage, which it keeps alive. Every label that is branched to must have been placed, the last block
  /// terminated.
  Function finish();
  /// finish() without a copy: the function's arrays are the builder's own and hold until its next begin(), or for good after keep().
  Function finish_lent();
  /// Copies the arrays of a function that finish_lent() gave, one behind the other, to the storage.
  void keep(Function& function);
  /// Forgets all of such a function but its name and place, and copies the name to the storage.
  void keep_name(Function& function);

  /// Byte offset in the file that the next instructions are for.
  void set_location(uint32_t offset) { location_ = offset; }
  uint32_t location() const { return location_; }

  /// Appends an instruction; its id is its value.
  ValueId emit(Op op, Type type, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0, uint8_t flags = 0) {
    if (!open_) [[unlikely]] {
      open_dead_block();
    }
    return append(op, type, a, b, c, flags);
  }

  // ---- constants ----
  ValueId const_int(Type type, int64_t value) {
    const uint64_t bits = static_cast<uint64_t>(value);
    return emit(Op::Const, type, 0, static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32));
  }
  ValueId const_bool(bool value) { return const_int(Type::U1, value ? 1 : 0); }
  ValueId const_null() { return const_int(Type::Ref, 0); }
  ValueId const_f64(double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    return emit(Op::ConstFloat, Type::F64, 0, static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32));
  }
  ValueId const_f32(float value) { return emit(Op::ConstFloat, Type::F32, 0, std::bit_cast<uint32_t>(value), 0); }
  /// `limbs`: 256 bits, little-endian, extended by the type's sign.
  ValueId const_wide(Type type, const uint64_t limbs[4]);
  /// The text is copied.
  ValueId const_string(std::string_view text) { return emit(Op::ConstString, Type::Ref, add_string(text)); }
  ValueId function_ref(FunctionId function) { return emit(Op::FunctionRef, Type::Ref, function); }
  /// Adds to the function's strings; const_string does it itself.
  uint32_t add_string(std::string_view text);

  // ---- values ----
  ValueId param(uint32_t index) const { return index; }
  /// The index-th argument of the block just started.
  ValueId block_arg(uint32_t index, Type type) { return emit(Op::BlockArg, type, index); }
  ValueId unary(Op op, Type type, ValueId a, uint8_t flags = 0) { return emit(op, type, a, 0, 0, flags); }
  ValueId binary(Op op, Type type, ValueId a, ValueId b, uint8_t flags = 0) { return emit(op, type, a, b, 0, flags); }
  ValueId compare(Op op, ValueId a, ValueId b) { return emit(op, Type::U1, a, b); }
  ValueId select(Type type, ValueId condition, ValueId a, ValueId b) { return emit(Op::Select, type, condition, a, b); }
  /// Float to integer is always checked.
  ValueId cast(Type type, ValueId a, uint8_t flags = 0) {
    const bool float_to_integer = is_float(type_of(a)) && is_integer(type);
    return emit(Op::Cast, type, a, 0, 0, float_to_integer ? flags | kChecked : flags);
  }
  /// The type of a value made so far.
  Type type_of(ValueId value) const { return insts_[value].type; }
  const Inst& inst(ValueId value) const { return insts_[value]; }
  /// For small repairs after the fact, such as a flag or an immediate.
  Inst& inst(ValueId value) { return insts_[value]; }

  // ---- slots ----
  SlotId add_slot(Type type, base::NameId name = {}, bool is_user = false, uint8_t loop_depth = 0, uint32_t location = 0);
  ValueId get(SlotId slot) { return emit(Op::SlotGet, slots_[slot].type, slot); }
  void set(SlotId slot, ValueId value) { emit(Op::SlotSet, Type::Void, slot, value); }
  const Slot& slot(SlotId id) const { return slots_[id]; }

  // ---- memory ----
  ValueId load(Type type, ValueId base, uint32_t offset) { return emit(Op::Load, type, base, offset); }
  void store(ValueId base, uint32_t offset, ValueId value) { emit(Op::Store, Type::Void, base, offset, value); }

  // ---- calls: `type` is the first result's, Void without results; further ones by result() right behind ----
  ValueId call(FunctionId function, Type type, std::span<const ValueId> args) {
    return emit(Op::Call, type, function, add_extra(args), static_cast<uint32_t>(args.size()));
  }
  ValueId call_closure(ValueId closure, Type type, std::span<const ValueId> args) {
    return emit(Op::CallClosure, type, closure, add_extra(args), static_cast<uint32_t>(args.size()));
  }
  /// The value has the runtime function's own result type.
  ValueId call_runtime(RuntimeFunctionId function, std::span<const ValueId> args) {
    return emit(Op::CallRuntime, runtime_function(function).result, static_cast<uint32_t>(function), add_extra(args), static_cast<uint32_t>(args.size()));
  }
  ValueId call_runtime(RuntimeFunctionId function, std::initializer_list<ValueId> args) {
    return call_runtime(function, std::span<const ValueId>(args.begin(), args.size()));
  }
  ValueId result(ValueId call, uint32_t index, Type type) { return emit(Op::Result, type, call, index); }
  ValueId make_closure(FunctionId function, std::span<const ValueId> captures) {
    return emit(Op::MakeClosure, Type::Ref, function, add_extra(captures), static_cast<uint32_t>(captures.size()));
  }
  ValueId parallel_for(const ParallelForRecord& record);

  // ---- blocks ----
  Label new_label() {
    labels_.push_back(kNone);
    return Label{static_cast<uint32_t>(labels_.size() - 1)};
  }
  /// Opens the block of `label`; the block before must be terminated. Returns its id.
  BlockId start_block(Label label);
  /// new_label and start_block.
  Label start_block() {
    const Label label = new_label();
    start_block(label);
    return label;
  }
  bool placed(Label label) const { return labels_[label.index] != kNone; }
  /// False after a terminator: the next instruction would be dead code.
  bool is_open() const { return open_; }
  /// True while the open block is one that emit opened by itself behind a terminator.
  bool is_dead() const { return dead_; }

  void br(Label target, std::span<const ValueId> args = {}) { terminate(Op::Br, target.index, add_extra(args), static_cast<uint32_t>(args.size())); }
  void cond_br(ValueId condition, Label then_label, Label else_label, std::span<const ValueId> then_args = {}, std::span<const ValueId> else_args = {});
  void ret(std::span<const ValueId> values = {}) { terminate(Op::Ret, 0, add_extra(values), static_cast<uint32_t>(values.size())); }
  void ret(ValueId value) { ret(std::span<const ValueId>(&value, 1)); }
  void panic(PanicKind kind, ValueId message = kNone) { terminate(Op::Panic, static_cast<uint32_t>(kind), message, 0); }
  void unreachable() { terminate(Op::Unreachable, 0, 0, 0); }
  /// `error`: of Contract::errors, or kNone for no data.
  void revert(uint32_t error, std::span<const ValueId> args) { terminate(Op::Revert, error, add_extra(args), static_cast<uint32_t>(args.size())); }
  void revert_data(ValueId bytes) { terminate(Op::RevertData, bytes, 0, 0); }

  // ---- loops ----
  /// A loop record whose header, body, latch and exit are label indices (`Label::index`); finish() turns them into blocks.
  LoopId add_loop(const Loop& loop) {
    loops_.push_back(loop);
    return static_cast<LoopId>(loops_.size() - 1);
  }
  Loop& loop(LoopId id) { return loops_[id]; }

  /// Copies words to extra; the index of the first.
  uint32_t add_extra(std::span<const uint32_t> words) {
    const uint32_t at = static_cast<uint32_t>(extra_.size());
    extra_.append(words.data(), words.size());
    return at;
  }

  /// The words of `extra` so far; holds until more are added.
  const uint32_t* extra_words() const { return extra_.data(); }
  uint32_t inst_count() const { return count_; }
  uint32_t block_count() const { return static_cast<uint32_t>(blocks_.size()); }

 private:
  ValueId append(Op op, Type type, uint32_t a, uint32_t b, uint32_t c, uint8_t flags) {
    if (count_ == capacity_) [[unlikely]] {
      grow();
    }
    insts_.data()[count_] = Inst{op, flags, type, a, b, c};
    locations_.data()[count_] = location_;
    return count_++;
  }
  void terminate(Op op, uint32_t a, uint32_t b, uint32_t c) {
    emit(op, Type::Void, a, b, c);
    blocks_.back().end = count_;
    open_ = false;
    dead_ = false;
  }
  base::Arena& storage();
  void grow();
  void open_dead_block();
  void resolve_labels();

  std::shared_ptr<base::Arena> storage_;
  std::string name_;
  base::FileId file_;
  uint32_t function_location_ = 0;
  uint32_t location_ = 0;
  uint32_t count_ = 0;     ///< instructions made
  uint32_t capacity_ = 0;  ///< of insts_ and locations_, whose size() is this
  bool open_ = false;
  bool dead_ = false;
  base::PodVector<Type> params_;
  base::PodVector<Type> results_;
  base::PodVector<Inst> insts_;
  base::PodVector<uint32_t> locations_;
  base::PodVector<Block> blocks_;
  base::PodVector<uint32_t> extra_;
  base::PodVector<Slot> slots_;
  base::PodVector<Loop> loops_;
  base::PodVector<BlockId> labels_;  ///< block of each label, kNone until placed
  std::vector<std::string> strings_;
};

}  // namespace omega::ir
