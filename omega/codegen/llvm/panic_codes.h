// SPDX-License-Identifier: Apache-2.0
// Solidity's panic codes.
#pragma once

#include "omega/ir/ir.h"

namespace omega::codegen::llvm {

inline constexpr uint32_t kOverflowPanic = 0x11;
inline constexpr uint32_t kDivisionPanic = 0x12;
inline constexpr uint32_t kIndexPanic = 0x32;
inline constexpr uint32_t kMemoryPanic = 0x41;

/// The code of a panic that contracts have.
uint32_t panic_code(ir::PanicKind kind);

}  // namespace omega::codegen::llvm
