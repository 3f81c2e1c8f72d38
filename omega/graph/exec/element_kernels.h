// SPDX-License-Identifier: Apache-2.0
// The innermost loops of element-wise work, compiled for several instruction sets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "omega/graph/ir/types.h"

namespace omega::graph {

/// Elements in a block: small enough that the blocks of a program stay in the first cache.
inline constexpr size_t kBlockElements = 256;

/// One instruction set's loops. Operands and result are blocks of kBlockElements, aligned to 64 bytes; `count` elements matter, more may be
/// read and written up to the block's end.
struct ElementKernels {
  const char* name;
  /// result = op(a, b, c) for operands of `dtype` (of b for select). Returns false where an integer is divided by zero.
  bool (*apply)(ElementOp op, DType dtype, const void* a, const void* b, const void* c, void* result, size_t count);
  /// Folds a block into one element, in an order that depends only on `count`.
  void (*fold)(ReduceOp op, DType dtype, const void* block, void* result, size_t count);
  /// Copies to memory that nobody reads soon, past the caches; both aligned to 64 bytes, `bytes` a multiple of 64.
  void (*stream)(void* to, const void* from, size_t bytes);
};

/// The best that this processor runs.
const ElementKernels& element_kernels();

}  // namespace omega::graph
