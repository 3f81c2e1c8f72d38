// SPDX-License-Identifier: Apache-2.0
// Machine code for loops over arrays in which every element is computed alone, in vectors.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace omega::codegen::native {

/// What is done to the lanes of vectors. minimum and maximum: a number wins over what is none, the second operand where both are equal. Comparisons give masks,
/// which is what and_, or_, not_ and the first operand of select take: select(mask, x, y) is x where the mask is set.
enum class LaneOp : uint8_t {
  add,
  sub,
  mul,
  div,
  minimum,
  maximum,
  neg,
  abs,
  sqrt,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  and_,
  or_,
  not_,
  select
};
/// How many operands it takes.
constexpr uint32_t operand_count(LaneOp op) {
  return op == LaneOp::select ? 3 : op == LaneOp::neg || op == LaneOp::abs || op == LaneOp::sqrt || op == LaneOp::not_ ? 1 : 2;
}
/// Whether its result is a mask. Masks cannot be outputs.
constexpr bool gives_mask(LaneOp op) { return op >= LaneOp::equal && op <= LaneOp::not_; }

/// out[k][i] = f_k(in[0][i], in[1][i], …, scalars), for all i. Operands are numbered: arrays, then scalars, then steps.
struct VectorLoop {
  struct Step {
    LaneOp op;
    uint16_t operands[3];  ///< arrays, scalars and earlier steps
  };
  bool is_double = true;  ///< float64, else float32
  uint16_t arrays = 0;
  uint16_t scalars = 0;
  std::vector<Step> steps;
  std::vector<uint16_t> outputs;  ///< operands
};

/// Instruction sets of vectors: 32 and 64 bytes.
enum class VectorSet : uint8_t { avx2, avx512 };
constexpr uint32_t vector_bytes(VectorSet set) { return set == VectorSet::avx512 ? 64 : 32; }

/// Position-independent code of two functions of this type. `inputs`, `outputs`: first byte of each array, aligned for their elements; `bytes`: of each array,
/// a multiple of 64 above 0. Arrays may be the same, not overlap otherwise. `slots`: 64 bytes each, aligned to 64: the scalars, each repeated over its slot,
/// the three constants of VectorCode, and room for what the code keeps there.
using VectorFunction = void (*)(const void* const* inputs, void* slots, void* const* outputs, uint64_t bytes);
struct VectorCode {
  std::vector<uint8_t> code;     ///< begins with the function that writes through the caches
  uint32_t streaming_entry = 0;  ///< where the one begins that writes past them, to memory aligned to 64
  uint32_t slots = 0;            ///< in all
  uint32_t constant_slots = 0;   ///< the first of three, whose lanes are to be: the sign bit alone; all others; all bits
};

/// Every operation as IEEE 754 has it, rounded once; none is fused. Nothing for loops of more arrays than there are registers for.
std::optional<VectorCode> compile_vector_loop(const VectorLoop& loop, VectorSet set);

}  // namespace omega::codegen::native
