// SPDX-License-Identifier: Apache-2.0
// ParallelCompiler: contracts for several chains at once, job by job.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "omega/base/result.h"
#include "omega/compile/contracts.h"
#include "omega/compile/distribution.h"
#include "omega/compile/load.h"
#include "omega/sys/files.h"

namespace omega::compile {

/// How a ParallelCompiler works.
struct ParallelCompilerConfig {
  unsigned max_parallel_jobs = 0;                            ///< contracts for a target that are compiled at once; 0: one for each processor
  size_t job_queue_size = 100;                               ///< jobs that may wait for compile_parallel()
  unsigned compilation_timeout = 300;                        ///< seconds after which what has not begun is left out; 0: never
  bool enable_load_balancing = true;                         ///< with round_robin: who has nothing left to do takes from the others
  std::string target_distribution_strategy = "round_robin";  ///< round_robin, load_balancing, or priority: the targets in the order of the job
};

/// What is to be made. `program` and `times` may be set to what the caller wants to see; they must outlive the compilation then. A program whose files are
/// loaded already, as whole trees, is not read again.
struct CompilationJob {
  uint64_t job_id = 0;
  std::string input_file;
  std::vector<std::string> targets;  ///< in the order of the results
  ChainOptions chains;
  std::vector<std::string> disabled_passes;  ///< names of optimisation passes that are left out
  LoadedProgram* program = nullptr;
  PhaseTimes* times = nullptr;
};

enum class JobState : uint8_t {
  Queued,
  Running,
  Done,
  Failed,     ///< the program, or the world, or a target failed
  Cancelled,  ///< by cancel_job()
  TimedOut,   ///< after compilation_timeout
};

/// What a job made. Targets that succeeded are whole even when others failed or the job was stopped.
struct CompilationResult {
  uint64_t job_id = 0;
  JobState state = JobState::Done;
  diag::Sink sink;                         ///< what the front end reported
  std::vector<MadeTarget> targets;         ///< none when the front end reported errors
  std::unique_ptr<LoadedProgram> program;  ///< the texts that diagnostics point into, when the job named no program
  int64_t front_end_ns = 0;                ///< reading, checking and optimising
  int64_t wall_ns = 0;                     ///< all of it
  int64_t one_by_one_ns = 0;               ///< front_end_ns, and what each target's contracts had of processors (MadeTarget::work_ns)
};

/// How far one target of a job is.
struct TargetStatus {
  std::string target;
  uint32_t contracts = 0;  ///< 0 until the front end is done
  uint32_t made = 0;
  bool has_failed = false;
  int64_t elapsed_ns = 0;  ///< since its first contract was begun, until its last was done
};

struct JobStatus {
  uint64_t job_id = 0;
  JobState state = JobState::Queued;
  std::vector<TargetStatus> targets;
};

/// Sums over all jobs that ended.
struct PerformanceMetrics {
  uint64_t jobs_done = 0;    ///< without errors
  uint64_t jobs_failed = 0;  ///< all others
  uint64_t jobs_queued = 0;  ///< now
  uint64_t lines = 0;        ///< of source, each job's files
  int64_t wall_ns = 0;
  int64_t one_by_one_ns = 0;
  unsigned threads = 1;

  /// Lines of source a second of processing time; 0 before the first job.
  [[nodiscard]] double compilation_speed() const { return wall_ns == 0 ? 0 : static_cast<double>(lines) * 1e9 / static_cast<double>(wall_ns); }
  /// Time one after another, over time; 1 before the first job.
  [[nodiscard]] double speed_up() const { return wall_ns == 0 ? 1 : static_cast<double>(one_by_one_ns) / static_cast<double>(wall_ns); }
  /// speed_up() a thread.
  [[nodiscard]] double parallel_efficiency() const { return speed_up() / threads; }
};

/// Compiles jobs: the front end once, then all contracts for all targets side by side. All members may be called from any thread; jobs that are compiled at the
/// same time share the threads. What is made does not depend on threads, configuration or other jobs.
class ParallelCompiler {
 public:
  /// Reads files from `files` and works on `scheduler`, or on threads of its own where there is none; both must outlive this.
  explicit ParallelCompiler(ParallelCompilerConfig config, sys::FileSystem& files = sys::real_files(), task::Scheduler* scheduler = nullptr);
  ~ParallelCompiler();
  ParallelCompiler(const ParallelCompiler&) = delete;
  ParallelCompiler& operator=(const ParallelCompiler&) = delete;

  /// Queues a job; targets that are named twice count once. Fails when a target or the configuration's strategy is unknown, or the queue is full.
  base::Result<CompilationJob> create_compilation_job(std::string input_file, const std::vector<std::string>& targets);
  /// Compiles a queued job, once. Fails when its first file cannot be read, the job is not queued, or a pass to be left out is unknown; what is wrong with the
  /// program is in the result.
  /// What `files`, or checks whose handler throws, throw comes through; the job has failed then.
  base::Result<CompilationResult> compile_parallel(const CompilationJob& job);
  /// Nothing for an unknown job. Jobs that ended are known until job_queue_size others have ended.
  [[nodiscard]] std::optional<JobStatus> get_job_status(uint64_t job_id) const;
  /// Stops a job that waits or runs: what has not begun is left out. False when there is no such job.
  bool cancel_job(uint64_t job_id);
  [[nodiscard]] PerformanceMetrics get_performance_metrics() const;

 private:
  struct Record;
  struct State;

  void run(const CompilationJob& job, Record& record, CompilationResult& result, base::Result<void>& loaded);
  void make(const CompilationJob& job, Record& record, const task::Cancellation& stop, std::span<const std::shared_ptr<ir::Module>> modules,
            CompilationResult& result, PhaseTimes& times);
  void end(Record& record, CompilationResult& result, size_t lines);

  std::unique_ptr<State> state_;
};

}  // namespace omega::compile
