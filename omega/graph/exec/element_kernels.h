// SPDX-License-Identifier: Apache-2.0
// The innermost loops of element-wise work, compiled for several instruction sets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "omega/graph/ir/types.h"

namespace omega::graph {

/// Elements in a block: small enough that the blocks of a program stay in the first cache.
inline constexpr size_t kBlockElements = 256;

/// Bytes of each operand that a program is run over at a time by ElementKernels::run_lines: few enough that the processor computes on some while
/// it still waits for the next.
inline constexpr size_t kLineBytes = 128;

/// Where a line comes from: an array, whose lines follow one another, or kLineBytes that stay (a scalar, a step's value). Aligned for their type.
struct LineSource {
  const std::byte* base = nullptr;
  size_t moves = 0;  ///< all bits set for an array, else 0
};

/// A step of a program that runs line by line: one of has_lines().
struct LineStep {
  ElementOp op;
  LineSource operands[2];
  std::byte* result;  ///< kLineBytes
};

/// What is written past the caches after the steps.
struct LineOutput {
  LineSource from;
  std::byte* to;
};

/// A program without folds over float32 or float64 alone.
struct LineProgram {
  DType dtype;
  const LineStep* steps;
  size_t step_count;
  const LineOutput* outputs;
  size_t output_count;
};

/// Whether the operator can be a LineStep.
constexpr bool has_lines(ElementOp op) {
  return op == ElementOp::add || op == ElementOp::sub || op == ElementOp::mul || op == ElementOp::div || op == ElementOp::neg || op == ElementOp::abs ||
         op == ElementOp::sqrt;
}

/// Whether apply() computes so long on a vector of it that memory can come meanwhile.
constexpr bool is_vector_function(ElementOp op) {
  return op == ElementOp::exp || op == ElementOp::log || op == ElementOp::sin || op == ElementOp::cos || op == ElementOp::tanh;
}

/// Blocks that are needed next, to be fetched on the way.
struct NextBlocks {
  const std::byte* const* data;
  size_t count;
};

/// One instruction set's loops. Operands and result are blocks of kBlockElements, results aligned to 64 bytes, operands for their type (memory of
/// others may lie anywhere; where vectors do not cross lines, loads cost the same); `count` elements matter, more may be read and written up to the block's
/// end.
struct ElementKernels {
  const char* name;
  /// result = op(a, b, c) for operands of `dtype` (of b for select). Returns false where an integer is divided by zero. Vector functions fetch `next`.
  bool (*apply)(ElementOp op, DType dtype, const void* a, const void* b, const void* c, void* result, size_t count, NextBlocks next);
  /// Folds a block into one element, in an order that depends only on `count`.
  void (*fold)(ReduceOp op, DType dtype, const void* block, void* result, size_t count);
  /// Copies to memory that nobody reads soon, past the caches; `to` aligned to 64 bytes, `bytes` a multiple of 64.
  void (*stream)(void* to, const void* from, size_t bytes);
  /// Runs the program over `bytes` of each array, a multiple of kLineBytes. Gives the bits that apply() gives.
  void (*run_lines)(const LineProgram& program, size_t bytes);
};

/// The best that this processor runs.
const ElementKernels& element_kernels();

}  // namespace omega::graph
