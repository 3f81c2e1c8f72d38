// SPDX-License-Identifier: Apache-2.0
// The LLVM text that stands between runtime/chain/solana and a contract: tables of its layout, functions by their discriminators, events.
#pragma once

#include <string>

#include "omega/codegen/solana/interface.h"
#include "omega/codegen/solana/layout.h"
#include "omega/ir/ir.h"

namespace omega::codegen::solana {

/// To be appended to what llvm::contract_text gives for the same contract. Types and counts are constants in it, so that what is read and written is laid out
/// when compiling. Pure.
std::string dispatch_text(const ir::Module& module, const Interface& interface, const Layout& layout);

}  // namespace omega::codegen::solana
