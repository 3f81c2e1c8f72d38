// SPDX-License-Identifier: Apache-2.0
// ParallelProcessor: lists of spike batches, reservoirs and reasoning cores on all cores.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/kernels/reservoir_step.h"
#include "omega/compute/parallel/load_balancer.h"
#include "omega/compute/parallel/parallel_config.h"

namespace omega::compute {

/// What is done to one batch.
using ProcessingFunction = std::function<Array(const ArrayView&)>;

/// A task failed; nested in it is what it threw (but for tasks in processes, whose text alone arrives).
class TaskError : public std::runtime_error {
 public:
  TaskError(size_t index, const std::string& what) : std::runtime_error(what), index_(index) {}
  /// Its position in the list.
  [[nodiscard]] size_t index() const { return index_; }

 private:
  size_t index_;
};

/// What may be said about one call.
struct CallOptions {
  /// Names the function in the history; empty: by its C++ type.
  std::string name;
  /// Tasks that have not begun by then do not; those that have are waited for on threads and killed in processes.
  std::optional<std::chrono::nanoseconds> timeout;
  const task::Cancellation* cancellation = nullptr;
};

/// What get_parallel_info() tells.
struct ParallelInfo {
  unsigned num_threads = 0;
  unsigned cpu_count = 0;
  std::string parallel_strategy;  ///< as configured
  std::string strategy;           ///< by its own name
  bool openmp_available = false;
  bool thread_affinity = false;
  bool load_balancing = false;
  std::vector<size_t> peak_bytes;  ///< of the input and the result of one task, by worker; with enable_memory_monitoring
};

/// Medians [s] of the same work in sequence and in parallel.
struct BenchmarkTiming {
  double sequential_time = 0;
  double parallel_time = 0;
  double speedup = 0;
};
/// By size.
struct BenchmarkReport {
  std::map<int64_t, BenchmarkTiming> spike_processing;
  std::map<int64_t, BenchmarkTiming> reservoir_computation;
  std::map<int64_t, BenchmarkTiming> multi_modal_reasoning;
};

/// Runs lists of tasks by threads of its own, by processes or on devices. Results are in the order of the inputs; each task runs once. A failure of several is
/// that with the lowest index, as in a loop. Any thread may call, also from inside a task. Memory of inputs must outlive the call.
class ParallelProcessor {
 public:
  /// Throws what ParallelConfig::validate() does.
  explicit ParallelProcessor(const ParallelConfig& config = {});
  ~ParallelProcessor();
  ParallelProcessor(const ParallelProcessor&) = delete;
  ParallelProcessor& operator=(const ParallelProcessor&) = delete;

  /// Calls `function` for each batch. Throws TaskError; std::length_error for a batch that needs more than max_memory_per_worker; Stopped.
  std::vector<Array> parallel_spike_processing(std::span<const ArrayView> batches, const ProcessingFunction& function, const CallOptions& options = {});
  /// reservoir_currents() on the processor's threads, or on the devices with strategy `device`. Nowhere else: on those the last bits may differ, and `hybrid`
  /// gives the same in every call.
  std::vector<Array> parallel_reservoir_computation(std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                                                    std::span<const ArrayView> spikes, const Activation& activation = {}, const CallOptions& options = {});
  /// The same with weights that were prepared. Throws std::invalid_argument with strategy `device`.
  std::vector<Array> parallel_reservoir_computation(std::span<const ArrayView> states, const PreparedReservoir& reservoir, std::span<const ArrayView> spikes,
                                                    const Activation& activation = {}, const CallOptions& options = {});
  /// Calls core i with input i. Throws std::invalid_argument when the lists differ in length, else as parallel_spike_processing().
  std::vector<Array> parallel_multi_modal_reasoning(std::span<const ProcessingFunction> cores, std::span<const ArrayView> inputs, bool load_balance = true,
                                                    const CallOptions& options = {});

  [[nodiscard]] ParallelInfo get_parallel_info() const;
  [[nodiscard]] bool is_openmp_available() const;
  /// Each kind of work over `sizes` neurons: warmed up, medians of `iterations` runs.
  [[nodiscard]] BenchmarkReport benchmark_parallel_performance(std::span<const int64_t> sizes, int iterations = 5);

  /// Where the last call's tasks ran, and why there.
  [[nodiscard]] std::string explain() const;
  /// Times of the last tasks.
  [[nodiscard]] const LoadBalancer& balancer() const;
  [[nodiscard]] const ParallelConfig& config() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace omega::compute
