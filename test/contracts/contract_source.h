// SPDX-License-Identifier: Apache-2.0
// Sources as modules.
#pragma once

#include <memory>
#include <string>

#include "omega/ir/ir.h"
#include "omega/task/scheduler.h"

namespace omega::contract_tests {

/// A contract of a source, or why there is none.
struct LoadedContract {
  std::shared_ptr<ir::Module> module;
  std::string why;
};

/// Compiles the contract `name` of the source at `path`; with `optimize` runs the optimisation passes and verifies after each.
LoadedContract load_contract(const std::string& name, const std::string& path, bool optimize, task::Scheduler& scheduler);

}  // namespace omega::contract_tests
