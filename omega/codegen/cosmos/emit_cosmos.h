// SPDX-License-Identifier: Apache-2.0
// A contract's IR to a module of CosmWasm.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"

namespace omega::codegen::cosmos {

struct Options {
  /// The coin that value (msg.value, balances) is counted in, in its smallest unit: see is_denomination.
  std::string denomination = "stake";
};

struct Artifacts {
  std::string module;   ///< WebAssembly
  std::string schema;   ///< JSON (docs/targets.md)
  int64_t llvm_ns = 0;  ///< what LLVM's process had of processors
};

/// Whether a text can be a coin's name: 3 to 128 letters, digits and `/:._-`, a letter first. Source: cosmos-sdk, types/coin.go.
bool is_denomination(std::string_view text);

/// Compiles a module that verify() accepts and that has a contract. Nothing comes back when something is in it that CosmWasm cannot do, or when LLVM is
/// missing; `sink` says what and where. Pure but for loading LLVM; any thread.
std::optional<Artifacts> emit(const ir::Module& module, const Options& options, diag::Sink& sink);

}  // namespace omega::codegen::cosmos
