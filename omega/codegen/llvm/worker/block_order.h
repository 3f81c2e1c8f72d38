// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "omega/codegen/llvm/worker/llvm_functions.h"

namespace omega::codegen::llvm {

/// Puts the blocks of each function of a module in an order in which the likelier way of a branch goes on with the next block, and what hardly ever runs
/// comes last. For machines whose branches LLVM's block placement does not understand: there code comes out in this order (BPFInstrInfo::analyzeBranch of
/// LLVM 19 knows no conditional branch).
void order_blocks(const Library& llvm, void* context, void* module);

}  // namespace omega::codegen::llvm
