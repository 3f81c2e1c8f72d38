// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/element_code.h"

#include <cstring>
#include <optional>
#include <vector>

#include "omega/codegen/native/code_pages.h"
#include "omega/codegen/native/vector_loop.h"

namespace omega::compile {
namespace {

using codegen::native::LaneOp;
using codegen::native::VectorCode;
using codegen::native::VectorFunction;
using codegen::native::VectorLoop;
using codegen::native::VectorSet;
using graph::ElementOp;
using graph::ElementProgram;

constexpr size_t kSlotBytes = 64;

std::optional<VectorSet> best_set() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return VectorSet::avx512;
  }
  return __builtin_cpu_supports("avx2") ? std::optional(VectorSet::avx2) : std::nullopt;
}

std::optional<LaneOp> lane_op(ElementOp op) {
  switch (op) {
    case ElementOp::add: return LaneOp::add;
    case ElementOp::sub: return LaneOp::sub;
    case ElementOp::mul: return LaneOp::mul;
    case ElementOp::div: return LaneOp::div;
    case ElementOp::minimum: return LaneOp::minimum;
    case ElementOp::maximum: return LaneOp::maximum;
    case ElementOp::neg: return LaneOp::neg;
    case ElementOp::abs: return LaneOp::abs;
    case ElementOp::sqrt: return LaneOp::sqrt;
    case ElementOp::equal: return LaneOp::equal;
    case ElementOp::not_equal: return LaneOp::not_equal;
    case ElementOp::less: return LaneOp::less;
    case ElementOp::less_equal: return LaneOp::less_equal;
    case ElementOp::greater: return LaneOp::greater;
    case ElementOp::greater_equal: return LaneOp::greater_equal;
    case ElementOp::logical_and: return LaneOp::and_;
    case ElementOp::logical_or: return LaneOp::or_;
    case ElementOp::logical_not: return LaneOp::not_;
    case ElementOp::select: return LaneOp::select;
    default: return std::nullopt;
  }
}

/// Aligned slots of the thread, kept between calls.
std::byte* thread_slots(size_t count) {
  thread_local graph::Buffer buffer;
  if (buffer.size() < count * kSlotBytes) {
    buffer = graph::Buffer(count * kSlotBytes);
  }
  return buffer.data();
}

template <class T>
void fill_slot(std::byte* slot, T value) {
  for (size_t at = 0; at < kSlotBytes; at += sizeof(T)) {
    std::memcpy(slot + at, &value, sizeof(T));
  }
}

class NativeElementCode final : public graph::ElementCode {
 public:
  static std::unique_ptr<const NativeElementCode> make(const VectorLoop& loop, std::vector<uint16_t> arrays, std::vector<uint16_t> scalars, VectorSet set) {
    auto made = codegen::native::compile_vector_loop(loop, set);
    auto code = std::make_unique<NativeElementCode>();
    if (!made || !code->pages_.fill(made->code)) {
      return nullptr;
    }
    code->made_ = std::move(*made);
    code->made_.code = {};
    code->arrays_ = std::move(arrays);
    code->scalars_ = std::move(scalars);
    code->is_double_ = loop.is_double;
    return code;
  }

  void run(const std::byte* const* inputs, std::byte* const* outputs, size_t bytes, bool streams) const override {
    is_double_ ? run_of<uint64_t>(inputs, outputs, bytes, streams) : run_of<uint32_t>(inputs, outputs, bytes, streams);
  }

 private:
  template <class Bits>
  void run_of(const std::byte* const* inputs, std::byte* const* outputs, size_t bytes, bool streams) const {
    std::byte* const slots = thread_slots(made_.slots);
    for (size_t k = 0; k < scalars_.size(); ++k) {
      Bits bits;
      std::memcpy(&bits, inputs[scalars_[k]], sizeof bits);
      fill_slot(slots + k * kSlotBytes, bits);
    }
    constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
    std::byte* const constants = slots + made_.constant_slots * kSlotBytes;
    fill_slot(constants, kSign);
    fill_slot(constants + kSlotBytes, static_cast<Bits>(~kSign));
    fill_slot(constants + 2 * kSlotBytes, static_cast<Bits>(~Bits{0}));
    const void* arrays[16];
    for (size_t k = 0; k < arrays_.size(); ++k) {
      arrays[k] = inputs[arrays_[k]];
    }
    pages_.function<VectorFunction>(streams ? made_.streaming_entry : 0)(arrays, slots, const_cast<void* const*>(reinterpret_cast<const void* const*>(outputs)),
                                                                         bytes);
  }

  codegen::native::CodePages pages_;
  VectorCode made_;
  std::vector<uint16_t> arrays_;   ///< which input each array of the loop is
  std::vector<uint16_t> scalars_;  ///< likewise
  bool is_double_ = true;
};

}  // namespace

std::unique_ptr<const graph::ElementCode> compile_element_program(const ElementProgram& program, graph::DType dtype, uint64_t scalars) {
  static const std::optional<VectorSet> set = best_set();
  if (!set) {
    return nullptr;
  }
  // Inputs that the program names, arrays first: their numbers in the loop.
  std::vector<uint16_t> arrays;
  std::vector<uint16_t> numbers;
  std::array<uint16_t, 64> place;
  place.fill(UINT16_MAX);
  const auto is_scalar = [&](uint16_t input) { return (scalars >> input & 1) != 0; };
  const auto note = [&](uint16_t operand) {
    if (operand < ElementProgram::kStep && place[operand] == UINT16_MAX) {
      auto& list = is_scalar(operand) ? numbers : arrays;
      place[operand] = static_cast<uint16_t>(list.size());
      list.push_back(operand);
    }
  };
  for (const ElementProgram::Step& step : program.steps) {
    for (size_t k = 0; k < graph::element_op_info(step.op).inputs; ++k) {
      note(step.operands[k]);
    }
  }
  for (const ElementProgram::Yield& yield : program.yields) {
    note(yield.operand);
  }
  if (arrays.size() > 16) {
    return nullptr;
  }
  VectorLoop loop;
  loop.is_double = dtype == graph::DType::float64;
  loop.arrays = static_cast<uint16_t>(arrays.size());
  loop.scalars = static_cast<uint16_t>(numbers.size());
  const auto operand = [&](uint16_t named) -> uint16_t {
    if (named >= ElementProgram::kStep) {
      return static_cast<uint16_t>(arrays.size() + numbers.size() + (named - ElementProgram::kStep));
    }
    return static_cast<uint16_t>(place[named] + (is_scalar(named) ? arrays.size() : 0));
  };
  for (const ElementProgram::Step& step : program.steps) {
    const auto op = lane_op(step.op);
    if (!op) {
      return nullptr;
    }
    VectorLoop::Step made{*op, {}};
    for (size_t k = 0; k < graph::element_op_info(step.op).inputs; ++k) {
      made.operands[k] = operand(step.operands[k]);
    }
    loop.steps.push_back(made);
  }
  for (const ElementProgram::Yield& yield : program.yields) {
    loop.outputs.push_back(operand(yield.operand));
  }
  return NativeElementCode::make(loop, std::move(arrays), std::move(numbers), *set);
}

void use_native_element_code() { graph::set_element_compiler(compile_element_program); }

}  // namespace omega::compile
