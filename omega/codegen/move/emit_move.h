// SPDX-License-Identifier: Apache-2.0
// A contract's IR to a Move module.
#pragma once

#include <optional>
#include <string>

#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"
#include "omega/object/move_module.h"

namespace omega::codegen::move {

struct Options {
  /// The account that will publish the module: a part of its name, and where the state lies.
  object::move::AccountAddress address{};
};

struct Artifacts {
  std::string module;    ///< bytecode, version 6
  std::string abi_json;  ///< what callers need (docs/targets.md)
};

/// Compiles a module that verify() accepts and that has a contract. Nothing comes back when something is in it that Move cannot do; `sink` says
/// what and where. Pure; any thread.
std::optional<Artifacts> emit(const ir::Module& module, const Options& options, diag::Sink& sink);

}  // namespace omega::codegen::move
