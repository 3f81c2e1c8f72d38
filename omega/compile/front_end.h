// SPDX-License-Identifier: Apache-2.0
// From loaded files to the program's IR: declarations, then every function.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "omega/check/check.h"
#include "omega/compile/load.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// Takes functions while the thread that checked them has them in its cache.
class FunctionConsumer {
 public:
  virtual ~FunctionConsumer() = default;

  /// Before the first function: there will be at most `runs` runs. `results` has the types of the results of the functions that may be called, by
  /// number; it lives as long as the program.
  virtual void begin(size_t runs, std::span<const std::span<const ir::Type>> results) = 0;

  /// Looks at function `id`. The functions of one run come in order, on one thread at a time, whose number among those at work is `worker`; runs come on any
  /// threads at once. True when the instructions are not needed any more, but for what CheckedProgram::restore can bring back.
  virtual bool take(size_t run, unsigned worker, ir::FunctionId id, const ir::Function& function) = 0;

  /// After the last function of a run, on the same thread.
  virtual void end_run(size_t run, unsigned worker) = 0;
};

/// Functions of a run.
inline constexpr size_t functions_per_run = 256;

/// How check_program() is to work.
struct CheckOptions {
  FunctionConsumer* consumer = nullptr;  ///< gets all functions but those whose number or callees are known at the end only
  /// With a consumer: programs of more functions than this forget the instructions that it does not need.
  size_t largest_kept = 4096;
};

/// A program whose names and types are known. Refers to the LoadedProgram it was checked from.
struct CheckedProgram {
  std::unique_ptr<check::TypeStore> types;
  std::unique_ptr<check::Declarations> declarations;
  ir::Module module;                                   ///< meaningless when errors were reported
  base::PodVector<std::span<const ir::Type>> results;  ///< with a consumer: the results of declared functions, by number
  base::PodVector<ir::Type> result_types;              ///< what they point into
  base::PodVector<uint32_t> forgotten;  ///< by function: its declaration when its instructions were forgotten, else check::kNoDeclaration; or empty

  /// Whether the instructions of a function are missing.
  [[nodiscard]] bool is_forgotten(ir::FunctionId id) const { return id < forgotten.size() && forgotten[id] != check::kNoDeclaration; }
  /// Checks these functions, which are forgotten and distinct, once more: the module has their instructions then.
  void restore(std::span<const ir::FunctionId> functions, task::Scheduler& scheduler);
};

/// Checks all files: names and signatures first, then every function on the scheduler's threads, its body read first where the file was loaded
/// as an outline. The result does not depend on the scheduler. Nothing when an outline (`sink` has what loading reported) or a body that it left out has a
/// mistake: only reading the whole files (LoadUntil::Trees) tells then which tokens belong to what; what `sink` and the consumer got is worth nothing.
std::optional<CheckedProgram> check_program(LoadedProgram& program, const CheckOptions& options, task::Scheduler& scheduler, PhaseTimes& times,
                                            diag::Sink& sink);

}  // namespace omega::compile
