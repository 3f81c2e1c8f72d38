// SPDX-License-Identifier: Apache-2.0
// A contract's IR to a program of Solana.
#pragma once

#include <optional>
#include <string>

#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"

namespace omega::codegen::solana {

struct Artifacts {
  std::string program;  ///< an ELF file of sBPF version 3
  std::string idl;      ///< Anchor's IDL, JSON
  int64_t llvm_ns = 0;  ///< what LLVM's process had of processors
};

/// Compiles a module that verify() accepts and that has a contract. Nothing comes back when something is in it that Solana cannot do, or when LLVM is missing;
/// `sink` says what and where. Pure but for loading LLVM; any thread.
std::optional<Artifacts> emit(const ir::Module& module, diag::Sink& sink);

}  // namespace omega::codegen::solana
