// SPDX-License-Identifier: Apache-2.0
// From IR to the bytes of a native executable.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "omega/base/arena.h"
#include "omega/base/pod_vector.h"
#include "omega/base/result.h"
#include "omega/codegen/native/code_buffer.h"
#include "omega/codegen/native/compile_function.h"
#include "omega/codegen/native/module_view.h"
#include "omega/compile/front_end.h"
#include "omega/compile/load.h"
#include "omega/ir/ir.h"
#include "omega/object/pieces.h"
#include "omega/opt/parallelize.h"

namespace omega::compile {

/// How the executable is made.
struct NativeOptions {
  std::string name;     ///< of the program, for debuggers
  int32_t threads = 0;  ///< of `@@` loops; 0: one for each processor
  bool debug_info = true;
};

/// Machine code of a program as it comes into being: of most functions right after they are checked, of the rest when the loops are decided. Functions are
/// compiled in runs of a fixed number, each into a buffer of its own: the layout depends on the program alone, not on which thread took which run.
class NativeCode final : public FunctionConsumer {
 public:
  /// For a program whose files are loaded; all arguments must outlive this.
  NativeCode(const LoadedProgram& program, const opt::ParallelizeOptions& loops, task::Scheduler& scheduler)
      : program_(program), loops_(loops), scheduler_(scheduler) {}

  void begin(size_t runs, std::span<const std::span<const ir::Type>> results) override;
  /// Compiles functions that no decision about loops can change.
  bool take(size_t run, unsigned worker, ir::FunctionId id, const ir::Function& function) override;
  void end_run(size_t run, unsigned worker) override;

  /// Compiles every function of the finished module that has no code yet. What the target cannot do is reported to `sink`, what take() met too.
  void finish(const ir::Module& module, PhaseTimes& times, diag::Sink& sink);

  /// The executable, whose pieces refer to this: the code over the runtime. Once, after finish(), without errors. Bit-identical whatever the scheduler.
  base::Result<object::Pieces> link(const ir::Module& module, const NativeOptions& options, PhaseTimes& times);

  /// The code as assembler source (codegen/native/listing.h). After finish(), without errors.
  std::string listing();

 private:
  /// What a thread works with: a run's code grows in memory that stays in its cache, and then moves to its place.
  struct alignas(128) Worker {
    codegen::native::Scratch scratch;
    codegen::native::CodeBuffer buffer;
    base::Arena finished{size_t{64} << 10, size_t{8} << 20};
    diag::Sink sink;
  };

  void prepare();
  void compile(unsigned worker, ir::FunctionId id, const ir::Function& function);
  [[nodiscard]] std::vector<codegen::native::CodeBuffer*> buffers();

  const LoadedProgram& program_;
  const opt::ParallelizeOptions& loops_;
  task::Scheduler& scheduler_;
  std::vector<codegen::native::SourceFile> files_;
  codegen::native::ModuleView view_;
  std::vector<codegen::native::CodeBuffer> buffers_;  ///< by run
  std::vector<Worker> workers_;
  base::PodVector<uint8_t> has_code_;  ///< by function
};

}  // namespace omega::compile
