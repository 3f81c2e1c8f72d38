// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/parallel_compiler.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>

#include "omega/compile/optimize.h"
#include "omega/sys/environment.h"
#include "omega/task/cancellation.h"

namespace omega::compile {

/// A job as its compiler knows it. What changes while it runs is atomic, so that its status can be read meanwhile.
struct ParallelCompiler::Record {
  Record(uint64_t number, std::vector<std::string> names) : id(number), targets(std::move(names)), progress(targets.size()) {}

  const uint64_t id;
  const std::vector<std::string> targets;
  std::vector<TargetProgress> progress;  ///< as `targets`
  std::atomic<JobState> state{JobState::Queued};
  task::Cancellation cancellation;
};

struct ParallelCompiler::State {
  State(ParallelCompilerConfig with, sys::FileSystem& from, task::Scheduler* given) : config(std::move(with)), files(from) {
    if (given == nullptr) {
      own = std::make_unique<task::Scheduler>(
          task::SchedulerOptions{.threads = config.max_parallel_jobs, .affinity = task::Affinity::apart, .processors = {}, .name = "omega-compile"});
    }
    scheduler = given == nullptr ? own.get() : given;
  }

  std::shared_ptr<Record> record_of(uint64_t id) {
    const std::lock_guard lock(mutex);
    const auto found = records.find(id);
    return found == records.end() ? nullptr : found->second;
  }

  const ParallelCompilerConfig config;
  sys::FileSystem& files;
  std::unique_ptr<task::Scheduler> own;
  task::Scheduler* scheduler;
  std::mutex mutex;  ///< of what follows; nobody holds it while compiling
  uint64_t last_id = 0;
  std::map<uint64_t, std::shared_ptr<Record>> records;
  std::deque<uint64_t> ended;  ///< the oldest first
  PerformanceMetrics metrics;
};

ParallelCompiler::ParallelCompiler(ParallelCompilerConfig config, sys::FileSystem& files, task::Scheduler* scheduler)
    : state_(std::make_unique<State>(std::move(config), files, scheduler)) {
  state_->metrics.threads = state_->scheduler->threads();
}

ParallelCompiler::~ParallelCompiler() = default;

base::Result<CompilationJob> ParallelCompiler::create_compilation_job(std::string input_file, const std::vector<std::string>& targets) {
  CompilationJob job;
  for (const std::string& target : targets) {
    if (!is_chain_target(target)) {
      return base::Error{"there is no chain target `" + target + "`", 0, ""};
    }
    if (std::ranges::find(job.targets, target) == job.targets.end()) {
      job.targets.push_back(target);
    }
  }
  const std::string& strategy = state_->config.target_distribution_strategy;
  if (!strategy_named(strategy)) {
    return base::Error{"there is no distribution strategy `" + strategy + "`, only round_robin, load_balancing and priority", 0, ""};
  }
  const std::lock_guard lock(state_->mutex);
  if (state_->metrics.jobs_queued >= state_->config.job_queue_size) {
    return base::Error{"the job queue is full", 0, ""};
  }
  job.job_id = ++state_->last_id;
  job.chains.source = input_file;
  job.input_file = std::move(input_file);
  state_->records.emplace(job.job_id, std::make_shared<Record>(job.job_id, job.targets));
  ++state_->metrics.jobs_queued;
  return job;
}

base::Result<CompilationResult> ParallelCompiler::compile_parallel(const CompilationJob& job) {
  if (auto known = check_pass_names(job.disabled_passes); !known) {
    return known.error();
  }
  const std::shared_ptr<Record> record = state_->record_of(job.job_id);
  JobState expected = JobState::Queued;
  if (record == nullptr || !record->state.compare_exchange_strong(expected, JobState::Running)) {
    return base::Error{"job " + std::to_string(job.job_id) + " does not wait to be compiled", 0, ""};
  }
  CompilationResult result;
  result.job_id = job.job_id;
  base::Result<void> loaded;
  try {
    run(job, *record, result, loaded);
  } catch (...) {
    result.state = JobState::Failed;
    end(*record, result, 0);
    throw;
  }
  if (!loaded) {
    return loaded.error();
  }
  return result;
}

void ParallelCompiler::run(const CompilationJob& job, Record& record, CompilationResult& result, base::Result<void>& loaded) {
  const sys::Clock& clock = sys::real_clock();
  const int64_t begin = clock.now_ns();
  const unsigned seconds = state_->config.compilation_timeout;
  const auto timeout = seconds == 0 ? std::chrono::nanoseconds::max() : std::chrono::nanoseconds(std::chrono::seconds(seconds));
  const task::Cancellation stop(timeout, &record.cancellation);
  PhaseTimes own_times;
  PhaseTimes& times = job.times == nullptr ? own_times : *job.times;
  if (job.program == nullptr) {
    result.program = std::make_unique<LoadedProgram>();
  }
  LoadedProgram& program = job.program == nullptr ? *result.program : *job.program;
  if (program.files.empty()) {
    loaded = load(program, job.input_file, LoadUntil::Trees, state_->files, *state_->scheduler, times, result.sink);
  }
  std::vector<std::shared_ptr<ir::Module>> modules;
  if (loaded && !stop.requested()) {
    modules = check_contracts(program, *state_->scheduler, times, result.sink);
    if (!result.sink.has_errors() && modules.empty()) {
      result.sink.report(diag::Kind::NoContract, {program.files[0].id, 0, 0}, {job.input_file});
    }
  }
  const bool is_fine = loaded && !result.sink.has_errors() && !stop.requested();
  if (is_fine) {
    optimize_contracts(modules, job.disabled_passes, *state_->scheduler, times);
  }
  result.front_end_ns = result.one_by_one_ns = clock.now_ns() - begin;
  if (is_fine) {
    make(job, record, stop, modules, result, times);
  }
  result.state = !loaded || result.sink.has_errors()                ? JobState::Failed
                 : stop.state() == task::Outcome::cancelled         ? JobState::Cancelled
                 : stop.state() == task::Outcome::deadline_exceeded ? JobState::TimedOut
                                                                    : JobState::Done;
  if (std::ranges::any_of(result.targets, [](const MadeTarget& target) { return target.sink.has_errors(); })) {
    result.state = JobState::Failed;
  } else if (result.targets.size() == job.targets.size() && std::ranges::all_of(result.targets, &MadeTarget::is_whole)) {
    result.state = JobState::Done;  // the stop came when all was done
  }
  result.wall_ns = clock.now_ns() - begin;
  size_t lines = 0;
  for (const LoadedFile& file : program.files) {
    lines += program.texts.line_starts(file.id).size();
  }
  end(record, result, lines);
}

void ParallelCompiler::make(const CompilationJob& job, Record& record, const task::Cancellation& stop, std::span<const std::shared_ptr<ir::Module>> modules,
                            CompilationResult& result, PhaseTimes& times) {
  for (TargetProgress& progress : record.progress) {
    progress.contracts.store(static_cast<uint32_t>(modules.size()), std::memory_order_relaxed);
  }
  const Distribution distribution{*strategy_named(state_->config.target_distribution_strategy), state_->config.max_parallel_jobs,
                                  state_->config.enable_load_balancing, &stop};
  result.targets = make_contracts(modules, job.targets, job.chains, distribution, record.progress, *state_->scheduler, times);
  for (const MadeTarget& target : result.targets) {
    result.one_by_one_ns += target.work_ns;
  }
}

void ParallelCompiler::end(Record& record, CompilationResult& result, size_t lines) {
  record.state.store(result.state);
  const std::lock_guard lock(state_->mutex);
  PerformanceMetrics& metrics = state_->metrics;
  --metrics.jobs_queued;
  ++(result.state == JobState::Done ? metrics.jobs_done : metrics.jobs_failed);
  metrics.lines += lines;
  metrics.wall_ns += result.wall_ns;
  metrics.one_by_one_ns += result.one_by_one_ns;
  state_->ended.push_back(record.id);
  if (state_->ended.size() > state_->config.job_queue_size) {
    state_->records.erase(state_->ended.front());
    state_->ended.pop_front();
  }
}

std::optional<JobStatus> ParallelCompiler::get_job_status(uint64_t job_id) const {
  const std::shared_ptr<Record> record = state_->record_of(job_id);
  if (record == nullptr) {
    return std::nullopt;
  }
  JobStatus status{job_id, record->state.load(), {}};
  const int64_t now = sys::real_clock().now_ns();
  for (size_t i = 0; i < record->targets.size(); ++i) {
    const TargetProgress& progress = record->progress[i];
    TargetStatus& target = status.targets.emplace_back();
    target.target = record->targets[i];
    target.contracts = progress.contracts.load(std::memory_order_relaxed);
    target.made = progress.made.load(std::memory_order_relaxed);
    target.has_failed = progress.has_failed.load(std::memory_order_relaxed);
    const int64_t begin = progress.begin_ns.load(std::memory_order_relaxed), done = progress.end_ns.load(std::memory_order_relaxed);
    target.elapsed_ns = begin == 0 ? 0 : std::max<int64_t>(0, (done == 0 ? now : done) - begin);
  }
  return status;
}

bool ParallelCompiler::cancel_job(uint64_t job_id) {
  const std::shared_ptr<Record> record = state_->record_of(job_id);
  if (record == nullptr || record->state.load() > JobState::Running) {
    return false;
  }
  record->cancellation.cancel();
  return true;
}

PerformanceMetrics ParallelCompiler::get_performance_metrics() const {
  const std::lock_guard lock(state_->mutex);
  return state_->metrics;
}

}  // namespace omega::compile
