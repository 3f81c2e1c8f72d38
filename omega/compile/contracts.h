// SPDX-License-Identifier: Apache-2.0
// From loaded files to a module for each contract, and on to what chain targets make of them.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "omega/compile/distribution.h"
#include "omega/compile/load.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// True when the first file declares a contract, an interface or a library.
bool has_contracts(const LoadedProgram& program);

/// Checks the contracts of the program's first file, which was loaded as whole trees, on the scheduler's threads: a module for each that can be made, as
/// declared. Nothing when mistakes were reported, now or before. The result does not depend on the scheduler.
std::vector<std::shared_ptr<ir::Module>> check_contracts(LoadedProgram& program, task::Scheduler& scheduler, PhaseTimes& times, diag::Sink& sink);

/// Runs the optimisation passes over the modules, in place, but for those named; modules side by side on the scheduler's threads.
void optimize_contracts(std::span<const std::shared_ptr<ir::Module>> modules, const std::vector<std::string>& disabled_passes, task::Scheduler& scheduler,
                        PhaseTimes& times);

/// A file that a target makes.
struct ContractFile {
  std::string name;  ///< without folder
  std::string text;
};

/// What a target makes of one contract.
struct MadeContract {
  std::vector<ContractFile> files;  ///< the last one is what a chain takes
  size_t code_bytes = 0;            ///< of what runs on the chain
  int64_t elsewhere_ns = 0;         ///< what processes that helped had of processors
};

/// What a target makes of all contracts.
struct MadeTarget {
  std::string target;
  std::vector<MadeContract> contracts;  ///< as the modules; empty when `sink` got errors
  diag::Sink sink;                      ///< what the target cannot do
  bool is_whole = false;                ///< every contract was made
  int64_t work_ns = 0;                  ///< what its contracts had of processors, in this process and in LLVM's: the time they take one after another on one
                                        ///< that nobody else uses, but for loading LLVM
};

/// How far a target is: written by who makes it, read from any thread.
struct TargetProgress {
  std::atomic<uint32_t> contracts{0};  ///< 0 until it is known
  std::atomic<uint32_t> made{0};
  std::atomic<bool> has_failed{false};
  std::atomic<int64_t> begin_ns{0};  ///< of the first contract, by sys::real_clock(); 0 before
  std::atomic<int64_t> end_ns{0};    ///< of the last one
};

/// What chain targets need to know beside the contracts.
struct ChainOptions {
  std::string source;                         ///< name of the first file, for what names it
  std::array<uint8_t, 32> move_address{};     ///< the account that publishes Move modules
  std::string cosmos_denomination = "stake";  ///< the coin that value is counted in on CosmWasm: codegen::cosmos::is_denomination
};

/// True for names of targets that make contracts rather than programs: `evm`, `move`, `cosmos`.
bool is_chain_target(std::string_view name);

/// Compiles each optimised module for each of the chain targets, all side by side on the scheduler's threads; the targets in the given order, and `progress` in
/// that order too. The result does not depend on the scheduler or, but where it is stopped, on the distribution.
std::vector<MadeTarget> make_contracts(std::span<const std::shared_ptr<ir::Module>> modules, std::span<const std::string> targets, const ChainOptions& options,
                                       const Distribution& distribution, std::span<TargetProgress> progress, task::Scheduler& scheduler, PhaseTimes& times);

}  // namespace omega::compile
