// SPDX-License-Identifier: Apache-2.0
// A contract's IR to what the EVM and its clients need.
#pragma once

#include <optional>
#include <string>

#include "omega/diag/diagnostic.h"
#include "omega/ir/contract.h"
#include "omega/ir/ir.h"

namespace omega::codegen::evm {

struct Options {
  std::string source = "contract.sol";  ///< name of the contract's file, for the storage layout
};

/// Everything is made; nothing is written.
struct Artifacts {
  std::string init;        ///< bytes of the code that makes the contract; the constructor's arguments, encoded, go behind it
  std::string runtime;     ///< bytes of the code that stays, immutables still zero
  std::string abi;         ///< JSON as solc writes it
  std::string storage;     ///< JSON as solc's storageLayout
  std::string source_map;  ///< of the code that stays: `start:length:file:jump` for each operation, as solc compresses it
  std::string init_source_map;
};

/// Compiles the module, which has a contract and no slots (opt::slots_to_values ran over it); nothing, and a diagnostic that names it, when there is something
/// that the EVM cannot do. Pure; any thread.
std::optional<Artifacts> emit(const ir::Module& module, const Options& options, diag::Sink& sink);

}  // namespace omega::codegen::evm
