// SPDX-License-Identifier: Apache-2.0
// From the trees of a program's files to one IR module for each contract that can be deployed.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "omega/base/interner.h"
#include "omega/check/declarations.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"

namespace omega::check {

/// Checks all contracts, libraries and functions of the program's first file, with what they use of the others, and gives a module for each
/// contract of the first file that is neither abstract nor an interface nor a library, in the order in which they are declared. The bodies must have been
/// read (no deferred ones). Meaningless when `sink` has errors afterwards. `interner` must be the parsers'.
std::vector<std::shared_ptr<ir::Module>> check_contracts(std::span<const ModuleInput> files, base::NameInterner& interner, diag::Sink& sink);

/// The contracts of the first file, in order, that check_contracts() looks at: how many tasks there are.
class ContractProgram {
 public:
  /// Collects names and orders bases. The files must outlive it.
  ContractProgram(std::span<const ModuleInput> files, base::NameInterner& interner, diag::Sink& sink);
  ~ContractProgram();
  ContractProgram(const ContractProgram&) = delete;
  ContractProgram& operator=(const ContractProgram&) = delete;

  /// One for each contract of the first file, and one for what stands there outside of contracts.
  [[nodiscard]] size_t task_count() const;
  /// Checks one; any tasks may run at once with sinks of their own.
  void check(size_t task, diag::Sink& sink) const;
  /// When all tasks are done: the modules of contracts that can be deployed, in the order in which they are declared, each with those that it makes
  /// (ir::Module::created), for which contracts of other files are checked now. To be called once.
  std::vector<std::shared_ptr<ir::Module>> link(diag::Sink& sink) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace omega::check
