// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/parallel_processor.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <numeric>

#include "omega/compute/parallel/cost_model.h"
#include "omega/compute/parallel/device_currents.h"
#include "omega/compute/parallel/library_threads.h"
#include "omega/compute/parallel/process_tasks.h"
#include "omega/compute/parallel/reservoir_batch.h"
#include "omega/sys/environment.h"
#include "omega/sys/processors.h"
#include "omega/task/first_failure.h"
#include "omega/task/parallel_for.h"

namespace omega::compute {
namespace {

/// Tasks that together are expected to take less [s] stay on the calling thread: another one would be awake too late to help.
constexpr double kSmall = 30e-6;
/// Tasks that are handed out at once should take as long [s].
constexpr double kChunk = 50e-6;

double seconds_since(int64_t begin) { return static_cast<double>(sys::real_clock().now_ns() - begin) * 1e-9; }

size_t bytes_of(const ArrayView& view) { return static_cast<size_t>(view.count()) * size_of(view.type); }

/// The name of the type of what a std::function holds: each lambda has one of its own.
std::string type_name(const ProcessingFunction& function) {
  int status = 0;
  char* const name = abi::__cxa_demangle(function.target_type().name(), nullptr, nullptr, &status);
  std::string text = name != nullptr ? name : function.target_type().name();
  std::free(name);
  return text;
}

task::SchedulerOptions scheduler_options(const ParallelConfig& config) {
  return {.threads = config.workers(),
          .affinity = config.thread_affinity ? task::Affinity::processor : task::Affinity::none,
          .processors = {},
          .name = "omega-processor"};
}

/// One call: tasks, where they ran, what became of them.
struct Tasks {
  const char* title;
  const char* noun;
  std::function<const ProcessingFunction&(size_t)> function;
  std::span<const ArrayView> inputs;
  std::vector<std::string> names;
  std::vector<double> elements;
  std::vector<Array> results;
  std::vector<double> seconds;
  std::vector<unsigned> worker;
  std::vector<uint8_t> finished;

  /// Tasks of functions named so, that have not run.
  Tasks(const char* method, const char* each, std::function<const ProcessingFunction&(size_t)> functions, std::span<const ArrayView> arguments,
        std::vector<std::string> called)
      : title(method),
        noun(each),
        function(std::move(functions)),
        inputs(arguments),
        names(std::move(called)),
        elements(arguments.size()),
        results(arguments.size()),
        seconds(arguments.size()),
        worker(arguments.size()),
        finished(arguments.size()) {
    std::ranges::transform(inputs, elements.begin(), [](const ArrayView& input) { return static_cast<double>(input.count()); });
  }

  [[nodiscard]] bool all_finished() const { return std::ranges::find(finished, 0) == finished.end(); }
  [[nodiscard]] std::string name(size_t i) const {
    return std::string(noun) + " " + std::to_string(i) + " of " + std::to_string(inputs.size()) + " in " + title + " (" + names[i] + ")";
  }
};

}  // namespace

struct ParallelProcessor::State {
  explicit State(const ParallelConfig& given)
      : config(given), scheduler((given.validate(), scheduler_options(given))), costs(sys::cpu_count()), peak_bytes(given.workers()) {}

  std::vector<Array> run(Tasks& tasks, bool balanced, const CallOptions& options);
  std::vector<Array> run_reservoirs(std::span<const ArrayView> states, const std::function<std::vector<Array>(const Execution&)>& step, std::string_view where,
                                    const CallOptions& options);
  /// Made when they are first needed.
  DevicePool& devices() {
    const std::lock_guard lock(mutex);
    if (device_pool == nullptr) {
      device_pool = std::make_unique<DevicePool>(config.num_threads ? std::optional(config.workers()) : std::nullopt);
    }
    return *device_pool;
  }
  void check_memory(const Tasks& tasks) const;
  [[nodiscard]] bool is_small(const Tasks& tasks) const;
  [[nodiscard]] CostModel::Choice place_of(const Tasks& tasks, unsigned lanes) const;
  void run_at(Place place, Tasks& tasks, TaskHandout& handout, unsigned lanes, const task::Cancellation& cancellation);
  void run_on_threads(Tasks& tasks, TaskHandout& handout, unsigned lanes, const task::Cancellation& cancellation);
  void run_in_processes(Tasks& tasks, TaskHandout& handout, unsigned lanes, const task::Cancellation& cancellation);
  void note(const Tasks& tasks, std::span<const double> loads, const TaskHandout& handout, bool balanced, const CostModel::Choice& choice, double seconds);
  void explain(std::string words);

  ParallelConfig config;
  task::Scheduler scheduler;
  LoadBalancer balancer;
  CostModel costs;
  mutable std::mutex mutex;  ///< of what follows
  std::vector<size_t> peak_bytes;
  std::string explanation = "nothing has run yet";
  std::unique_ptr<DevicePool> device_pool;
};

void ParallelProcessor::State::check_memory(const Tasks& tasks) const {
  if (!config.max_memory_per_worker) {
    return;
  }
  for (size_t i = 0; i < tasks.inputs.size(); ++i) {
    if (bytes_of(tasks.inputs[i]) > *config.max_memory_per_worker) {
      throw std::length_error(tasks.name(i) + ": " + std::to_string(bytes_of(tasks.inputs[i])) + " bytes, more than max_memory_per_worker = " +
                              std::to_string(*config.max_memory_per_worker) + "; raise it or cut the " + tasks.noun + " into smaller ones");
    }
  }
}

void ParallelProcessor::State::run_on_threads(Tasks& tasks, TaskHandout& handout, unsigned lanes, const task::Cancellation& cancellation) {
  task::FirstFailure failure;
  const auto lane = [&](size_t number) {
    std::optional<OneLibraryThread> guard;
    if (!config.use_openmp) {
      guard.emplace();
    }
    double spent = 0;
    while (!cancellation.requested()) {
      const std::vector<uint32_t> some = handout.next(static_cast<unsigned>(number), spent);
      if (some.empty()) {
        return;
      }
      spent = 0;
      for (const uint32_t i : some) {
        if (i > failure.index() || cancellation.requested()) {
          continue;
        }
        const int64_t begin = sys::real_clock().now_ns();
        try {
          try {
            tasks.results[i] = tasks.function(i)(tasks.inputs[i]);
          } catch (const std::exception& error) {
            std::throw_with_nested(TaskError(i, tasks.name(i) + ": " + error.what()));
          }
        } catch (...) {
          failure.note(i);
          continue;
        }
        tasks.seconds[i] = seconds_since(begin);
        tasks.worker[i] = static_cast<unsigned>(number);
        tasks.finished[i] = 1;
        spent += tasks.seconds[i];
      }
    }
  };
  // All at once: what the last tasks here took says nothing of these, and the first lane would take over what belongs to one that has not begun.
  task::parallel_for(scheduler, 0, lanes, lane, {.partition = task::Partition::fixed});
  failure.rethrow();
}

void ParallelProcessor::State::run_in_processes(Tasks& tasks, TaskHandout& handout, unsigned lanes, const task::Cancellation& cancellation) {
  std::optional<TaskError> failure;
  const auto done = [&](ProcessResult result) {
    const uint32_t i = result.index;
    if (!result.failure.empty()) {
      if (!failure || i < failure->index()) {
        failure.emplace(i, tasks.name(i) + ": " + result.failure);
      }
      return;
    }
    tasks.results[i] = std::move(result.result);
    tasks.seconds[i] = result.seconds;
    tasks.worker[i] = result.worker;
    tasks.finished[i] = 1;
  };
  compute::run_in_processes(handout, lanes, [&](uint32_t i) { return tasks.function(i)(tasks.inputs[i]); }, done,
                            {.cancellation = &cancellation,
                             .max_memory = config.max_memory_per_worker,
                             .processors = config.thread_affinity ? sys::Processors().numbers() : std::vector<unsigned>(),
                             .one_library_thread = !config.use_openmp});
  if (failure) {
    throw TaskError(*failure);
  }
}

bool ParallelProcessor::State::is_small(const Tasks& tasks) const {
  double expected = 0;
  for (size_t i = 0; i < tasks.inputs.size() && expected < kSmall; ++i) {
    expected += balancer.expected_seconds(tasks.names[i], tasks.elements[i]).value_or(kSmall);
  }
  return expected < kSmall;
}

CostModel::Choice ParallelProcessor::State::place_of(const Tasks& tasks, unsigned lanes) const {
  if (config.strategy() != Strategy::hybrid) {
    return {config.strategy() == Strategy::process ? Place::processes : Place::threads, ""};
  }
  CostModel::Choice choice = lanes == 1 && config.workers() > 1 && tasks.inputs.size() > 1
                                 ? CostModel::Choice{Place::threads, "its tasks should be over before another thread is awake"}
                                 : costs.choose(tasks.names, tasks.elements, lanes);
  choice.why = "\nhybrid: " + std::string(name_of(choice.place)) + ", since " + choice.why;
  return choice;
}

void ParallelProcessor::State::run_at(Place place, Tasks& tasks, TaskHandout& handout, unsigned lanes, const task::Cancellation& cancellation) {
  if (place == Place::processes) {
    run_in_processes(tasks, handout, lanes, cancellation);
  } else {
    run_on_threads(tasks, handout, lanes, cancellation);
  }
}

std::vector<Array> ParallelProcessor::State::run(Tasks& tasks, bool balanced, const CallOptions& options) {
  const size_t count = tasks.inputs.size();
  if (config.strategy() == Strategy::device) {
    throw std::invalid_argument("parallel_strategy = '" + config.parallel_strategy +
                                "': a C++ function does not run on an OpenCL device; use 'thread' or 'process' for " + tasks.title +
                                ", or DevicePool with a kernel in OpenCL C");
  }
  check_memory(tasks);
  const int64_t begin = sys::real_clock().now_ns();
  const int64_t busy_before = sys::process_clock().now_ns();
  auto lanes = static_cast<unsigned>(std::min<size_t>(config.workers(), count));
  if (config.strategy() != Strategy::process && is_small(tasks)) {
    lanes = std::min(1U, lanes);
  }
  const CostModel::Choice choice = place_of(tasks, lanes);
  const std::vector<double> loads = balancer.estimate_loads(tasks.names, tasks.elements);
  const auto size = static_cast<size_t>(config.chunk_size.value_or(0));
  const Chunk chunk = size > 0 ? Chunk{.most = size, .seconds = {}} : Chunk{.most = count / (size_t{4} * std::max(lanes, 1U)), .seconds = kChunk};
  TaskHandout handout(balanced ? assign_heaviest_first(loads, lanes) : assign_in_order(count, lanes, size), loads,
                      balanced ? std::optional(config.load_balance_threshold) : std::nullopt, chunk);
  const auto deadline = options.timeout ? std::chrono::steady_clock::now() + *options.timeout : std::chrono::steady_clock::time_point::max();
  const task::Cancellation cancellation(deadline, options.cancellation);
  try {
    run_at(choice.place, tasks, handout, lanes, cancellation);
  } catch (...) {
    note(tasks, loads, handout, balanced, choice, seconds_since(begin));
    throw;
  }
  const CallTimes times{.seconds = seconds_since(begin),
                        .busy = static_cast<double>(sys::process_clock().now_ns() - busy_before) * 1e-9,
                        .work = std::accumulate(tasks.seconds.begin(), tasks.seconds.end(), 0.0)};
  note(tasks, loads, handout, balanced, choice, times.seconds);
  if (!tasks.all_finished()) {
    throw Stopped{cancellation.state()};
  }
  if (config.strategy() == Strategy::hybrid && count > 0) {
    costs.learn(choice.place, tasks.names, tasks.elements, lanes, times);
  }
  return std::move(tasks.results);
}

std::vector<Array> ParallelProcessor::State::run_reservoirs(std::span<const ArrayView> states, const std::function<std::vector<Array>(const Execution&)>& step,
                                                            std::string_view where, const CallOptions& options) {
  const auto deadline = options.timeout ? std::chrono::steady_clock::now() + *options.timeout : std::chrono::steady_clock::time_point::max();
  const task::Cancellation cancellation(deadline, options.cancellation);
  const int64_t begin = sys::real_clock().now_ns();
  std::vector<Array> results = step({.scheduler = &scheduler, .cancellation = &cancellation});
  char text[96];
  std::snprintf(text, sizeof text, "parallel_reservoir_computation: %zu states in %.3g ms ", states.size(), seconds_since(begin) * 1e3);
  const std::lock_guard lock(mutex);
  explain(text + std::string(where));
  return results;
}

void ParallelProcessor::State::note(const Tasks& tasks, std::span<const double> loads, const TaskHandout& handout, bool balanced,
                                    const CostModel::Choice& choice, double seconds) {
  const unsigned lanes = handout.workers();
  char text[160];
  std::snprintf(text, sizeof text, ": %zu tasks in %.3g ms on %u ", tasks.inputs.size(), seconds * 1e3, lanes);
  std::string words = tasks.title + std::string(text) +
                      (choice.place == Place::processes ? "processes"
                       : lanes == 1                     ? "thread"
                                                        : "threads") +
                      (balanced ? ", heaviest first, " : ", in order, ") + std::to_string(handout.moves()) + " moved while running";
  std::vector<double> busy(lanes);
  std::vector<size_t> ran(lanes);
  const std::lock_guard lock(mutex);
  for (size_t i = 0; i < tasks.inputs.size(); ++i) {
    if (tasks.finished[i] == 0) {
      continue;
    }
    balancer.record({tasks.names[i], tasks.elements[i], loads[i], tasks.seconds[i], tasks.worker[i]});
    busy[tasks.worker[i]] += tasks.seconds[i];
    ++ran[tasks.worker[i]];
    peak_bytes[tasks.worker[i]] = std::max(peak_bytes[tasks.worker[i]], bytes_of(tasks.inputs[i]) + bytes_of(tasks.results[i].view()));
  }
  for (unsigned lane = 0; lane < lanes; ++lane) {
    std::snprintf(text, sizeof text, "\nworker %u: %zu tasks, %.3g ms", lane, ran[lane], busy[lane] * 1e3);
    words += text;
  }
  explain(words + choice.why);
}

void ParallelProcessor::State::explain(std::string words) {
  explanation = std::move(words);
  if (config.verbose) {
    std::fprintf(stderr, "omega: %s\n", explanation.c_str());
  }
}

ParallelProcessor::ParallelProcessor(const ParallelConfig& config) : state_(std::make_unique<State>(config)) {}
ParallelProcessor::~ParallelProcessor() = default;

std::vector<Array> ParallelProcessor::parallel_spike_processing(std::span<const ArrayView> batches, const ProcessingFunction& function,
                                                                const CallOptions& options) {
  Tasks tasks(
      "parallel_spike_processing", "batch", [chosen = &function](size_t) -> const ProcessingFunction& { return *chosen; }, batches,
      std::vector<std::string>(batches.size(), options.name.empty() ? type_name(function) : options.name));
  return state_->run(tasks, state_->config.enable_load_balancing, options);
}

std::vector<Array> ParallelProcessor::parallel_multi_modal_reasoning(std::span<const ProcessingFunction> cores, std::span<const ArrayView> inputs,
                                                                     bool load_balance, const CallOptions& options) {
  if (cores.size() != inputs.size()) {
    throw std::invalid_argument("input_data_list: " + std::to_string(inputs.size()) + " entries for " + std::to_string(cores.size()) +
                                " reasoning_cores; they go in pairs");
  }
  std::vector<std::string> names;
  names.reserve(cores.size());
  for (const ProcessingFunction& core : cores) {
    names.push_back(options.name.empty() ? type_name(core) : options.name);
  }
  Tasks tasks("parallel_multi_modal_reasoning", "core", [&](size_t i) -> const ProcessingFunction& { return cores[i]; }, inputs, std::move(names));
  return state_->run(tasks, load_balance && state_->config.enable_load_balancing, options);
}

std::vector<Array> ParallelProcessor::parallel_reservoir_computation(std::span<const ArrayView> states, const ArrayView& input_weights,
                                                                     const ArrayView& reservoir_weights, std::span<const ArrayView> spikes,
                                                                     const Activation& activation, const CallOptions& options) {
  if (state_->config.strategy() == Strategy::device) {
    DevicePool& pool = state_->devices();
    return state_->run_reservoirs(
        states,
        [&](const Execution& execution) { return device_currents(pool, states, input_weights, reservoir_weights, spikes, activation, execution.cancellation); },
        "on " + std::to_string(pool.count()) + " OpenCL devices", options);
  }
  return state_->run_reservoirs(
      states, [&](const Execution& execution) { return reservoir_currents(states, input_weights, reservoir_weights, spikes, activation, execution); },
      "in the engine's loops", options);
}

std::vector<Array> ParallelProcessor::parallel_reservoir_computation(std::span<const ArrayView> states, const PreparedReservoir& reservoir,
                                                                     std::span<const ArrayView> spikes, const Activation& activation,
                                                                     const CallOptions& options) {
  if (state_->config.strategy() == Strategy::device) {
    throw std::invalid_argument("parallel_strategy = '" + state_->config.parallel_strategy +
                                "': a PreparedReservoir is in the layouts of the engine's loops; give the weights themselves");
  }
  return state_->run_reservoirs(
      states, [&](const Execution& execution) { return reservoir_currents(states, reservoir, spikes, activation, execution); },
      "in the engine's loops, with prepared weights", options);
}

ParallelInfo ParallelProcessor::get_parallel_info() const {
  const ParallelConfig& config = state_->config;
  const std::lock_guard lock(state_->mutex);
  return {.num_threads = config.workers(),
          .cpu_count = sys::cpu_count(),
          .parallel_strategy = config.parallel_strategy,
          .strategy = std::string(name_of(config.strategy())),
          .openmp_available = openmp_available(),
          .thread_affinity = config.thread_affinity,
          .load_balancing = config.enable_load_balancing,
          .peak_bytes = config.enable_memory_monitoring ? state_->peak_bytes : std::vector<size_t>()};
}

bool ParallelProcessor::is_openmp_available() const { return openmp_available(); }

std::string ParallelProcessor::explain() const {
  const std::lock_guard lock(state_->mutex);
  return state_->explanation;
}

const LoadBalancer& ParallelProcessor::balancer() const { return state_->balancer; }
const ParallelConfig& ParallelProcessor::config() const { return state_->config; }

}  // namespace omega::compute
