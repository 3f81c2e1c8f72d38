// SPDX-License-Identifier: Apache-2.0
// FunctionCompiler: walks a planned function once and writes its code. Its parts stand in several files: its frame (frame.cpp), values and
// registers (registers.cpp), moves done at once (parallel_moves.cpp), integers, floats, wide integers, memory, calls, control.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

#include "omega/codegen/native/code_buffer.h"
#include "omega/codegen/native/encoder.h"
#include "omega/codegen/native/function_plan.h"
#include "omega/codegen/native/line_rows.h"
#include "omega/codegen/native/module_view.h"
#include "omega/codegen/native/runtime_symbols.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::native {

/// An operand as an instruction can use it, or what a parallel move takes.
struct Operand {
  enum Kind : uint8_t { InGpr, InXmm, InMemory, Immediate, ConstantAddress, FrameAddress };
  Kind kind = Immediate;
  uint8_t reg = 0;
  Mem memory;
  int64_t value = 0;  ///< Immediate; ConstantAddress: offset in the constants

  Gpr gpr() const { return static_cast<Gpr>(reg); }
  Xmm xmm() const { return static_cast<Xmm>(reg); }
  bool is_imm32() const { return kind == Immediate && value >= INT32_MIN && value <= INT32_MAX; }
};

/// What the code at the end of a function does for a failed check.
enum class Failure : uint8_t { Overflow, Divide, Cast, IndexOfArray, IndexOfLength, General };

/// Memory of the code generator that is reused from function to function. One a worker.
class FunctionCompiler {
 public:
  /// Appends the code of function `id` to `buffer`. What this target cannot do is reported to `sink`, and false returned.
  bool compile(const ir::Function& function, ir::FunctionId id, const ModuleView& module, CodeBuffer& buffer, diag::Sink& sink);

 private:
  struct ColdSite {
    uint32_t site;  ///< code offset of the jump's distance; earlier jumps to the same place hang behind it
    uint32_t position;
    LineEntry line;
    uint32_t arguments;  ///< in cold_arguments_, kNone without
    Failure failure;
    bool is_near;  ///< the one jump has a byte
  };
  struct ColdArguments {
    Operand first;
    Operand second;
  };
  struct Move {
    enum Target : uint8_t { ToGpr, ToXmm, ToMemory, ToWide };
    Target target;
    uint8_t reg;
    bool is_float32;
    Mem memory;
    Operand source;
  };
  enum class FrameKind : uint8_t { None, RedZone, Full };

  // ---- function_compiler.cpp ----
  void begin_buffer();
  void begin_function();
  void place_ahead();
  void compile_block(uint32_t block);
  void instruction(uint32_t i);
  void finish_instruction() {
    free_ |= borrowed_ & plan_.temporaries;
    float_free_ |= float_borrowed_ & plan_.float_temporaries;
    pinned_ = borrowed_ = float_pinned_ = float_borrowed_ = 0;
  }
  void emit_cold_sites();
  void emit_cold_site(const ColdSite& site);
  void align_code(uint32_t alignment);
  /// The row for code at `position` (kNone: the function's begin) is written when the line changes, or, if `exact`, the column.
  void note_line(uint32_t position, bool exact) {
    const uint32_t location = position == ir::kNone ? f_->location : f_->locations[position];
    if (location != last_location_ && (exact || location < line_begin_ || location >= line_end_)) {
      last_location_ = location;
      write_line(line_of(location));
    }
  }
  void write_line(LineEntry line) {
    if (line.line != 0) {
      line.offset = here();
      rows_.put(line);
    }
  }
  /// The place of a location; the offset is left open.
  LineEntry line_of(uint32_t location) {
    if (location < line_begin_ || location >= line_end_) [[unlikely]] {
      find_line(location);
    }
    const uint32_t column = file_is_ascii_ ? location - line_begin_ + 1 : column_of(location);
    return {0, line_index_ + 1, static_cast<uint16_t>(column < 0xffff ? column : 0xffff), static_cast<uint16_t>(line_file_)};
  }
  uint32_t column_of(uint32_t location);
  void begin_lines();
  void find_line(uint32_t location);
  uint32_t& add_cold_site(uint32_t i, Failure failure);
  uint32_t& add_cold_site(uint32_t i, Failure failure, const Operand& first, const Operand& second);
  void unsupported(uint32_t i);

  // ---- frame.cpp ----
  void prologue();
  void take_parameters();
  void epilogue();
  int32_t size_below_saved() const;
  void finish_function();

  // ---- registers.cpp: values and registers ----
  const ir::Inst& inst(uint32_t v) const { return insts_[v]; }
  ir::Type type(uint32_t v) const { return insts_[v].type; }
  bool dies(uint32_t v, uint32_t i) const { return plan_.last_use[v] <= i; }
  bool is_const(uint32_t v) const { return insts_[v].op == ir::Op::Const; }
  bool is_imm32(uint32_t v) const {
    if (insts_[v].op != ir::Op::Const) {
      return false;
    }
    const int64_t value = ir::const_value(insts_[v]);
    return value == static_cast<int32_t>(value);
  }
  Mem frame(int32_t offset) {
    uses_frame_ = true;
    return {Gpr::rbp, Gpr::none, 0, offset};
  }
  Mem home(const Variable& v) { return frame(v.frame); }
  int32_t allocate_frame(int32_t bytes, int32_t alignment);
  int32_t allocate_spill();
  void free_spill(int32_t at) { spills_.push_back(at); }
  int32_t allocate_wide();
  Gpr allocate(RegisterSet avoid = 0);
  Xmm allocate_float();
  RegisterSet make_room(RegisterSet avoid);
  RegisterSet make_float_room();
  void spill(uint32_t value);
  void claim(Gpr r);
  void own(uint32_t value, Gpr r);
  void own(uint32_t value, Xmm r);
  /// Gives back what `value` occupies when instruction i is its last user.
  void release(uint32_t value, uint32_t i) {
    if (places_[value].is_temporary() && plan_.last_use[value] <= i) {
      release_place(value);
    }
  }
  void release_place(uint32_t value);
  Operand operand(uint32_t value) {
    const Place place = places_[value];
    Operand o;
    if (place.is_gpr()) {
      o.kind = Operand::InGpr;
      o.reg = place.reg;
      pinned_ |= 1u << place.reg;
      return o;
    }
    if (place.where == Place::Short) {
      o.value = place.at;
      return o;
    }
    return other_operand(value);
  }
  Operand other_operand(uint32_t value);
  Operand constant_operand(const ir::Inst& made);
  void set_variable(const Variable& to, uint32_t value);
  Gpr gpr(uint32_t value);
  Xmm xmm(uint32_t value);
  void load_into(Gpr to, uint32_t value);
  void load_into(Gpr to, const Operand& from);
  void load_whole(Gpr to, const Operand& from);
  void load_into(Xmm to, uint32_t value);
  /// The general register a value is in, as a set.
  RegisterSet register_of(uint32_t value) const { return places_[value].is_gpr() ? 1u << places_[value].reg : 0; }
  RegisterSet float_register_of(uint32_t value);
  bool aliases_outlive(uint32_t slot, uint32_t i) const { return aliases_[slot].last_use > i; }
  void save_aliases(uint32_t slot, uint32_t i);
  /// The variable that instruction i's result goes to directly, kNone without one.
  uint32_t target_of(uint32_t i) const {
    if (plan_.variable_of[i] != ir::kNone) {
      return plan_.variable_of[i];
    }
    const ir::Inst& next = insts_[i + 1];
    if (next.op == ir::Op::Br && next.c != 0) {
      return argument_of(i);
    }
    return next.op == ir::Op::SlotSet && next.b == i && plan_.last_use[i] == i + 1 && !aliases_outlive(next.a, i) ? next.a : ir::kNone;
  }
  uint32_t argument_of(uint32_t i) const;
  uint32_t target_variable(uint32_t i) {
    const uint32_t v = target_of(i);
    if (v != ir::kNone) {
      places_[i] = place_of(v);
    }
    return v;
  }
  Place place_of(uint32_t variable) const { return plan_.variables[variable].place; }
  /// The place of a constant (is_remade, but no StackObject).
  static Place place_of_constant(const ir::Inst& in) {
    const int64_t value = ir::const_value(in);
    return {in.op == ir::Op::Const && value == static_cast<int32_t>(value) ? Place::Short : Place::Remade, 0, static_cast<int32_t>(value)};
  }
  void get_slot(uint32_t i) {
    const uint32_t slot = insts_[i].a;
    places_[i] = place_of(slot);
    Alias& alias = aliases_[slot];
    alias_next_[i] = alias.newest;
    alias.newest = i;
    alias.last_use = std::max(alias.last_use, plan_.last_use[i]);
  }
  Gpr begin_result(uint32_t i, uint32_t reuse, RegisterSet late);
  void end_result(uint32_t, Gpr r) {
    if (pending_store_ != ir::kNone) {
      store_pending(r);
    }
  }
  void store_pending(Gpr r);
  Xmm begin_float_result(uint32_t i, uint32_t reuse, RegisterSet late);
  void end_float_result(uint32_t i, Xmm r);
  /// Makes register r (free or dying, not pinned by others) the place of value i.
  void result_in(uint32_t i, Gpr r);
  void result_in(uint32_t i, Xmm r);

  // ---- parallel_moves.cpp ----
  void add_move(Gpr to, uint32_t value);
  void add_move(Xmm to, uint32_t value);
  void add_move(const Mem& to, uint32_t value);
  void add_variable_move(const Variable& to, uint32_t value);
  Operand move_source(uint32_t value);
  void do_moves();
  void protect_overwritten_sources();
  void move_to_memory(const Move& move);
  void do_general_moves();
  void do_float_moves();
  void copy_wide(const Mem& to, const Mem& from);

  // ---- integers.cpp, division.cpp, casts.cpp ----
  /// Whether a register holds values of this type without unused bits.
  static bool is_register_wide(ir::Type t) { return t == ir::Type::S64 || t == ir::Type::U64; }
  bool arithmetic_in_registers(uint32_t i);
  bool compare_and_branch(uint32_t i);
  void arithmetic(uint32_t i, Alu op);
  bool arithmetic_in_memory(uint32_t i, Alu op);
  void multiply(uint32_t i);
  void multiply_unsigned64(uint32_t i);
  void divide(uint32_t i);
  bool is_compared_with_zero(uint32_t i) const;
  void divide_by_constant(uint32_t i, int64_t divisor);
  void divide_by_magic(uint32_t i, uint64_t divisor, bool negative, bool is_signed);
  void power(uint32_t i);
  void negate(uint32_t i);
  void absolute(uint32_t i);
  void complement(uint32_t i);
  void shift(uint32_t i);
  void shift_by_constant(uint32_t i, uint64_t by);
  void minimum_maximum(uint32_t i);
  void select(uint32_t i);
  void cast(uint32_t i);
  void cast_integer(uint32_t i, ir::Type from, ir::Type to);
  void cast_to_float(uint32_t i, ir::Type from, ir::Type to);
  void cast_from_float(uint32_t i, ir::Type from, ir::Type to);
  void bitcast(uint32_t i);
  void canonicalize(Gpr r, ir::Type t);
  void canonicalize(Gpr to, Gpr from, ir::Type t);
  void check_range(Gpr r, ir::Type t, Failure failure, uint32_t i);
  /// Comparison of the operands of `compare`; the condition that holds when it is true. Floats: see compare_floats.
  Condition compare_integers(uint32_t compare);
  void compare(uint32_t i);
  /// Whether comparison i may be left to the next instruction, which branches on it.
  bool can_fuse(uint32_t i) const;
  /// The operation a fused comparison ends up in.
  ir::Op consumer(uint32_t i) const { return insts_[i + 1].op == ir::Op::Not ? insts_[i + 2].op : insts_[i + 1].op; }
  void jump_if_false(uint32_t value, uint32_t i, uint32_t& false_chain);

  // ---- floats.cpp ----
  void float_arithmetic(uint32_t i, Fp op);
  void float_negate(uint32_t i, bool absolute);
  void float_minimum_maximum(uint32_t i);
  void float_square_root(uint32_t i);
  void float_select(uint32_t i);
  struct FloatCondition {
    Condition condition;
    bool and_not_parity;  ///< true only when also not unordered
    bool or_parity;       ///< true also when unordered
  };
  FloatCondition compare_floats(uint32_t compare);

  // ---- wide.cpp ----
  Mem wide(uint32_t value);
  uint64_t wide_exponent(uint32_t value);
  Mem wide_result(uint32_t i);
  void limb_operation(Alu op, Gpr to, const Mem& from, int32_t k);
  void limb_load(Gpr to, const Mem& from, int32_t k);
  void wide_address(Gpr to, uint32_t value);
  void add_address_move(Gpr to, const Mem& m);
  void wide_load(uint32_t i, const Mem& from, ir::Type t);
  void wide_store(const Mem& to, uint32_t value);
  void wide_call(uint32_t i, RuntimeSymbol symbol, bool has_second);
  void saturate_to_limb(uint32_t value, int32_t at);
  Condition wide_condition(uint32_t compare);
  void wide_compare(uint32_t i);
  void wide_limbwise(uint32_t i, Alu first, Alu rest);
  void wide_complement(uint32_t i);
  void wide_choose(uint32_t i, uint32_t b, uint32_t c, Condition b_when);
  void wide_absolute(uint32_t i);
  void wide_power(uint32_t i);
  void wide_cast(uint32_t i);
  void wide_instruction(uint32_t i);

  // ---- memory.cpp ----
  Mem address(uint32_t value, int32_t offset);
  Mem element(uint32_t array, uint32_t index, uint32_t size, bool fixed, Gpr data);
  void load(uint32_t i, const Mem& from);
  void store(const Mem& to, uint32_t value);
  void memory_instruction(uint32_t i);
  void array_length(uint32_t i);
  void check_index(uint32_t i);
  void check_bound(uint32_t i);
  void element_access(uint32_t i, uint32_t array, uint32_t index, bool fixed);
  void stack_object(uint32_t i);
  void zero_memory(const Mem& at, int32_t bytes);
  void atomic(uint32_t i);

  // ---- calls.cpp ----
  void call_instruction(uint32_t i);
  void pass_arguments(std::span<const uint32_t> values, uint32_t general);
  void before_call(uint32_t i, bool operands_late);
  void call_function(ir::FunctionId f);
  void call_runtime(RuntimeSymbol symbol) { call_runtime_symbol(static_cast<uint32_t>(symbol)); }
  void call_runtime_symbol(uint32_t symbol);
  void release_operands(uint32_t i);
  void after_call();
  void take_results(uint32_t i);
  void allocate_object(uint32_t i);
  void make_closure(uint32_t i);
  void parallel_for(uint32_t i);
  int32_t result_area(uint32_t results);

  // ---- control.cpp ----
  void branch(uint32_t i);
  bool is_test_repeated(uint32_t head) const;
  void repeat_test(uint32_t head);
  void conditional_branch(uint32_t i);
  void return_values(uint32_t i);
  void panic(uint32_t i);
  void check_that(uint32_t i);
  /// Whether neither edge of a conditional branch has arguments.
  bool passes_nothing(const ir::Inst& branch) const {
    const uint32_t* at = f_->extra.data() + branch.b;
    return at[1] == 0 && at[3] == 0;
  }
  void branch_if(Condition c, const ir::Inst& in);
  void edge(uint32_t target, std::span<const uint32_t> arguments);
  void jump_to(uint32_t block);
  void jump_to_if(Condition c, uint32_t block);
  void bind(uint32_t block);
  void fail_if(Condition c, Failure failure, uint32_t i);
  void fail_index_if(Condition c, Failure failure, uint32_t i, const Operand& index, const Operand& bound);

  // ---- code places ----
  uint32_t here() const { return static_cast<uint32_t>(e_.at() - buffer_->code.data()); }
  uint32_t offset_of(const uint8_t* site) const { return static_cast<uint32_t>(site - buffer_->code.data()); }
  void reserve_code(size_t bytes) {
    if (static_cast<size_t>(code_end_ - e_.at()) < bytes) [[unlikely]] {
      grow_code(bytes);
    }
  }
  void grow_code(size_t bytes);
  /// Room that one instruction's code never exceeds, lists of arguments apart (they reserve their own).
  static constexpr size_t code_margin = 1024;
  bool is_near(uint32_t block) const;
  bool is_near_end() const;
  void link_near(uint32_t block, uint8_t* site);
  void link_chain(uint32_t& chain, uint8_t* site);
  void patch_chain(uint32_t chain, uint32_t target);
  void relocate(RelocationKind kind, uint32_t target) { buffer_->relocations.push_back({here() - 4, target & 0x3fff'ffffu, static_cast<uint32_t>(kind)}); }

  Encoder e_;
  const uint8_t* code_end_ = nullptr;
  const ir::Function* f_ = nullptr;
  const ir::Inst* insts_ = nullptr;
  const ModuleView* module_ = nullptr;
  CodeBuffer* buffer_ = nullptr;
  diag::Sink* sink_ = nullptr;
  FunctionPlan plan_;

  base::PodVector<Place> places_;
  /// The values got from a slot in this block since it was set.
  struct Alias {
    uint32_t newest = ir::kNone;
    uint32_t last_use = 0;  ///< of them all
  };
  base::PodVector<Alias> aliases_;        ///< of each slot
  base::PodVector<uint32_t> alias_next_;  ///< of each value
  base::PodVector<uint32_t> labels_;      ///< of each block: its code offset, or the chain of jumps to it
  base::PodVector<uint32_t> near_;        ///< of each block: the last short jump to it, 0 without one
  base::PodVector<uint8_t> bound_;        ///< of each block: whether its place is known; 2: its test is repeated at its loop's end
  base::PodVector<ColdSite> cold_;
  base::PodVector<ColdArguments> cold_arguments_;
  base::PodVector<Move> moves_;
  base::PodVector<int32_t> spill_targets_;  ///< of protect_overwritten_sources
  base::PodVector<int32_t> spills_;         ///< free eight-byte places
  base::PodVector<int32_t> wides_;          ///< free 32-byte places
  base::PodVector<uint32_t> live_floats_;   ///< variables in xmm registers that must be kept across calls here
  uint32_t next_crossing_ = 0;

  RegisterSet free_ = 0;      ///< temporaries without a value
  RegisterSet pinned_ = 0;    ///< used by the instruction at hand
  RegisterSet borrowed_ = 0;  ///< allocated without an owner; free again at the instruction's end
  RegisterSet float_free_ = 0;
  RegisterSet float_pinned_ = 0;
  RegisterSet float_borrowed_ = 0;
  uint32_t owner_[16];
  uint32_t float_owner_[16];
  uint32_t pending_store_ = ir::kNone;  ///< variable that gets the result of the instruction at hand by a move at its end

  uint32_t position_ = 0;
  uint32_t block_ = 0;
  uint32_t block_first_ = 0;
  int32_t frame_bytes_ = 0;     ///< below rbp, in use
  int32_t outgoing_bytes_ = 0;  ///< stack arguments of calls
  int32_t area_ = 0;            ///< rbp offset of the area for results of calls
  int32_t area_bytes_ = 0;
  int32_t area_pointer_ = 0;  ///< rbp offset of where this function's own results beyond registers go
  uint32_t frame_patch_ = 0;
  bool frame_is_short_ = false;  ///< the frame's size is a byte of the instruction that makes room for it
  bool long_forms_ = false;      ///< short ones have been tried and did not reach
  bool too_far_ = false;         ///< a short jump does not reach
  FrameKind frame_kind_ = FrameKind::Full;
  FrameKind smallest_frame_ = FrameKind::None;
  bool uses_frame_ = false;
  bool is_aligned_next_ = false;  ///< the next block is where a loop's end will jump to
  bool failed_ = false;
  uint32_t begin_ = 0;

  std::span<const uint32_t> line_starts_;  ///< of the function's file
  // Where column_of stopped counting: places of one line mostly come in order, and a line may have megabytes.
  uint32_t counted_file_ = ir::kNone;
  uint32_t counted_line_ = 0;
  uint32_t counted_to_ = 0;
  uint32_t counted_column_ = 1;
  uint32_t line_begin_ = 0;  ///< bytes of the source line that code is being written for
  uint32_t line_end_ = 0;
  uint32_t line_index_ = 0;
  uint32_t line_file_ = ir::kNone;
  bool file_is_ascii_ = true;
  uint32_t last_location_ = 0;
  LineRowWriter rows_;

  CodeBuffer* prepared_ = nullptr;
  uint32_t stubs_[6] = {};
};

/// Whether a function of these results takes the address of a result area in r11: its first result is wide, or a further one is not in rdx or xmm1.
bool needs_result_area(std::span<const ir::Type> results);

}  // namespace omega::codegen::native
