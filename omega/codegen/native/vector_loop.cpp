// SPDX-License-Identifier: Apache-2.0
// One pass over the steps: a value stays in its register until it is needed last; where registers run out, that whose next use is farthest goes (Belady
// 1966). Arrays and scalars are loaded again then, steps are kept in slots.
#include "omega/codegen/native/vector_loop.h"

#include <algorithm>
#include <array>

#include "omega/codegen/native/vector_encoder.h"

namespace omega::codegen::native {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
/// Registers for the addresses of arrays; those of the arguments come last, since they are needed to load the others.
constexpr std::array<Gpr, 11> kPointers = {Gpr::rax, Gpr::r8, Gpr::r9, Gpr::r10, Gpr::r11, Gpr::rbx, Gpr::rbp, Gpr::r12, Gpr::r13, Gpr::r14, Gpr::r15};
constexpr std::array<Gpr, 6> kSaved = {Gpr::rbx, Gpr::rbp, Gpr::r12, Gpr::r13, Gpr::r14, Gpr::r15};
constexpr Gpr kInputs = Gpr::rdi, kSlots = Gpr::rsi, kOutputs = Gpr::rdx, kIndex = Gpr::rcx;
/// Slots of VectorCode::constant_slots.
constexpr uint32_t kConstants = 3;
/// Bytes of the longest code for one step, an array or an output, and of what stands around the loop.
constexpr size_t kStepBytes = 8 * longest_instruction, kFrameBytes = 64 * longest_instruction;

class LoopWriter {
 public:
  LoopWriter(const VectorLoop& loop, VectorSet set)
      : loop_(loop), set_(set), first_step_(uint32_t{loop.arrays} + loop.scalars), vectors_(encoder_, set, loop.is_double) {
    note_uses();
    spilled_.assign(loop.steps.size(), kNone);
    registers_ = set == VectorSet::avx512 ? 32 : 16;
  }

  VectorCode write() {
    VectorCode made;
    made.code.resize(2 * (kFrameBytes + (loop_.steps.size() + loop_.arrays + loop_.outputs.size()) * kStepBytes));
    encoder_.set_at(made.code.data());
    write_function(false);
    made.streaming_entry = static_cast<uint32_t>(encoder_.at() - made.code.data());
    write_function(true);
    made.code.resize(static_cast<size_t>(encoder_.at() - made.code.data()));
    made.constant_slots = loop_.scalars;
    made.slots = loop_.scalars + kConstants + slots_;
    return made;
  }

 private:
  /// Where each operand is used, ascending; outputs count as steps behind the last one.
  void note_uses() {
    uses_.resize(first_step_ + loop_.steps.size());
    for (uint32_t s = 0; s < loop_.steps.size(); ++s) {
      for (uint32_t k = 0; k < operand_count(loop_.steps[s].op); ++k) {
        uses_[loop_.steps[s].operands[k]].push_back(s);
      }
    }
    for (uint32_t k = 0; k < loop_.outputs.size(); ++k) {
      uses_[loop_.outputs[k]].push_back(static_cast<uint32_t>(loop_.steps.size()) + k);
    }
  }

  void write_function(bool streams) {
    const size_t pointers = loop_.arrays + loop_.outputs.size();
    for (const Gpr r : kSaved) {
      encoder_.push(r);
    }
    for (size_t i = 0; i < pointers; ++i) {
      const bool is_input = i < loop_.arrays;
      const auto at = static_cast<int32_t>(8 * (is_input ? i : i - loop_.arrays));
      encoder_.load(Width::w64, kPointers[i], {.base = is_input ? kInputs : kOutputs, .displacement = at});
      encoder_.alu(Alu::add, Width::w64, kPointers[i], kIndex);
    }
    // The index runs from minus the size to 0, so that the addition that moves it also says when to end.
    encoder_.unary(Unary::neg, Width::w64, kIndex);
    const uint8_t* const begin = encoder_.at();
    write_body(streams);
    encoder_.alu_imm(Alu::add, Width::w64, kIndex, static_cast<int32_t>(vector_bytes(set_)));
    encoder_.jcc_back(Condition::not_equal, begin);
    vectors_.zero_upper();
    for (auto r = kSaved.rbegin(); r != kSaved.rend(); ++r) {
      encoder_.pop(*r);
    }
    encoder_.ret();
  }

  void write_body(bool streams) {
    holds_.assign(registers_, kNone);
    place_.assign(uses_.size(), kNone);
    next_use_.assign(uses_.size(), 0);
    std::ranges::fill(spilled_, kNone);
    for (at_ = 0; at_ < loop_.steps.size(); ++at_) {
      write_step(loop_.steps[at_]);
    }
    for (uint32_t k = 0; k < loop_.outputs.size(); ++k, ++at_) {
      const uint32_t value = in_register(loop_.outputs[k], 0);
      const VectorMem to{.base = kPointers[loop_.arrays + k], .index = kIndex};
      streams ? vectors_.store_past_caches(to, value) : vectors_.store(to, value);
      end_use(loop_.outputs[k]);
    }
  }

  void write_step(const VectorLoop::Step& step) {
    const uint32_t a = step.operands[0];
    const uint32_t result = first_step_ + at_;
    if (step.op == LaneOp::minimum || step.op == LaneOp::maximum) {
      // minp gives its second operand where either is none: right but where the second one is none.
      const uint32_t b = step.operands[1];
      const uint32_t x = in_register(a, 0);
      const uint32_t y = in_register(b, 1u << x);
      const uint32_t to = free_register(1u << x | 1u << y);
      holds_[to] = result;
      const uint32_t scratch = set_ == VectorSet::avx512 ? 0 : free_register(1u << x | 1u << y | 1u << to);
      vectors_.rr(step.op == LaneOp::minimum ? Fp::min : Fp::max, to, x, y);
      vectors_.take_where_none(to, x, y, scratch);
      end_use(a);
      end_use(b);
      place_[result] = to;
      forget_unused(result);
      return;
    }
    if (step.op == LaneOp::select) {
      const uint32_t mask = in_register(a, 0);
      const uint32_t x = in_register(step.operands[1], 1u << mask);
      const uint32_t y = in_register(step.operands[2], 1u << mask | 1u << x);
      for (const uint16_t operand : step.operands) {
        end_use(operand);
      }
      const uint32_t to = free_register(0);
      vectors_.select(to, mask, x, y);
      define(result, to);
      return;
    }
    if (const auto predicate = predicate_of(step.op)) {
      const uint32_t x = in_register(a, 0);
      const uint32_t y = in_register(step.operands[1], 1u << x);
      end_use(a);
      end_use(step.operands[1]);
      const uint32_t to = free_register(0);
      vectors_.compare(*predicate, to, x, y);
      define(result, to);
      return;
    }
    if (operand_count(step.op) == 2) {
      const uint32_t b = step.operands[1];
      const uint32_t x = in_register(a, place_[b] == kNone ? 0 : 1u << place_[b]);
      const bool from_memory = place_[b] == kNone && is_last_use(b);
      const uint32_t y = from_memory ? 0 : in_register(b, 1u << x);
      const VectorMem memory = from_memory ? memory_of(b) : VectorMem{};
      end_use(a);
      end_use(b);
      const uint32_t to = free_register(0);
      from_memory ? vectors_.rm(instruction(step.op), to, x, memory) : vectors_.rr(instruction(step.op), to, x, y);
      define(result, to);
      return;
    }
    const uint32_t x = in_register(a, 0);
    end_use(a);
    const uint32_t to = free_register(0);
    if (step.op == LaneOp::sqrt) {
      vectors_.square_root(to, x);
    } else {
      const uint32_t constant = step.op == LaneOp::neg ? 0 : step.op == LaneOp::abs ? 1 : 2;
      const VectorMem memory{.base = kSlots, .displacement = static_cast<int32_t>((loop_.scalars + constant) * 64)};
      vectors_.rm(step.op == LaneOp::abs ? Fp::and_ : Fp::xor_, to, x, memory);
    }
    define(result, to);
  }

  /// Predicates of comparisons as the SDM numbers them: false for what is no number, but for not_equal; quiet.
  static std::optional<uint8_t> predicate_of(LaneOp op) {
    switch (op) {
      case LaneOp::equal: return 0x00;
      case LaneOp::not_equal: return 0x04;
      case LaneOp::less: return 0x11;
      case LaneOp::less_equal: return 0x12;
      case LaneOp::greater: return 0x1e;
      case LaneOp::greater_equal: return 0x1d;
      default: return std::nullopt;
    }
  }

  static Fp instruction(LaneOp op) {
    switch (op) {
      case LaneOp::add: return Fp::add;
      case LaneOp::sub: return Fp::sub;
      case LaneOp::mul: return Fp::mul;
      case LaneOp::and_: return Fp::and_;
      case LaneOp::or_: return Fp::or_;
      default: return Fp::div;
    }
  }

  /// The register that holds an operand, loaded where none does; not one of `kept`.
  uint32_t in_register(uint32_t operand, uint32_t kept) {
    if (place_[operand] == kNone) {
      const uint32_t r = free_register(kept);
      vectors_.load(r, memory_of(operand));
      define(operand, r);
    }
    return place_[operand];
  }

  [[nodiscard]] VectorMem memory_of(uint32_t operand) const {
    if (operand < loop_.arrays) {
      return {.base = kPointers[operand], .index = kIndex};
    }
    const uint32_t slot = operand < first_step_ ? operand - loop_.arrays : loop_.scalars + kConstants + spilled_[operand - first_step_];
    return {.base = kSlots, .displacement = static_cast<int32_t>(slot * 64)};
  }

  /// A register that holds nothing needed, and none of `kept`: that of a value goes elsewhere where there is none.
  uint32_t free_register(uint32_t kept) {
    for (uint32_t r = 0; r < registers_; ++r) {
      if (holds_[r] == kNone && (kept >> r & 1) == 0) {
        return r;
      }
    }
    uint32_t farthest = kNone;
    for (uint32_t r = 0; r < registers_; ++r) {
      if ((kept >> r & 1) == 0 && (farthest == kNone || next_use(holds_[r]) > next_use(holds_[farthest]))) {
        farthest = r;
      }
    }
    const uint32_t victim = holds_[farthest];
    if (victim >= first_step_ && spilled_[victim - first_step_] == kNone) {
      spilled_[victim - first_step_] = slots_++;
      vectors_.store(memory_of(victim), farthest);
    }
    place_[victim] = kNone;
    holds_[farthest] = kNone;
    return farthest;
  }

  [[nodiscard]] uint32_t next_use(uint32_t operand) const { return next_use_[operand] < uses_[operand].size() ? uses_[operand][next_use_[operand]] : kNone; }
  /// Whether what is done now is the last that needs the operand.
  [[nodiscard]] bool is_last_use(uint32_t operand) const { return uses_[operand].back() <= at_; }

  void define(uint32_t operand, uint32_t r) {
    holds_[r] = operand;
    place_[operand] = r;
    forget_unused(operand);
  }
  /// What nobody needs gives its register back.
  void forget_unused(uint32_t operand) {
    if (next_use(operand) == kNone && place_[operand] != kNone) {
      holds_[place_[operand]] = kNone;
      place_[operand] = kNone;
    }
  }
  void end_use(uint32_t operand) {
    while (next_use_[operand] < uses_[operand].size() && uses_[operand][next_use_[operand]] <= at_) {
      ++next_use_[operand];
    }
    forget_unused(operand);
  }

  const VectorLoop& loop_;
  VectorSet set_;
  uint32_t first_step_;
  Encoder encoder_;
  VectorEncoder vectors_;
  uint32_t registers_ = 16;
  uint32_t slots_ = 0;                       ///< for spilled steps
  uint32_t at_ = 0;                          ///< the step, or behind them the output, that is written
  std::vector<std::vector<uint32_t>> uses_;  ///< by operand
  std::vector<uint32_t> next_use_;           ///< by operand: which of its uses comes next
  std::vector<uint32_t> place_;              ///< by operand: its register; kNone: none
  std::vector<uint32_t> holds_;              ///< by register: operand; kNone: free
  std::vector<uint32_t> spilled_;            ///< by step: its slot; kNone: none
};

}  // namespace

std::optional<VectorCode> compile_vector_loop(const VectorLoop& loop, VectorSet set) {
  if (loop.arrays + loop.outputs.size() > kPointers.size()) {
    return std::nullopt;
  }
  return LoopWriter(loop, set).write();
}

}  // namespace omega::codegen::native
