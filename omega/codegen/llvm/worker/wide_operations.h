// SPDX-License-Identifier: Apache-2.0
// Operations on more than 64 bits, for machines that have instructions for 64 and no library to call.
#pragma once

#include "omega/codegen/llvm/worker/llvm_functions.h"

namespace omega::codegen::llvm {

/// Writes each product of integers of more than 64 bits as a sum of products of 32 by 32 bits, and each shift of one by an amount that is not constant as
/// shifts by powers of two; products of more than 32 bits that are checked for overflow as products of twice the bits. A contract's own products and shifts are
/// calls of the runtime; passes make others, out of sums (`x + x + x`), loops and divisions.
void expand_wide_operations(const Library& llvm, void* context, void* module);

}  // namespace omega::codegen::llvm
