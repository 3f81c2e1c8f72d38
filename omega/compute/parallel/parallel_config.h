// SPDX-License-Identifier: Apache-2.0
// ParallelConfig: how a ParallelProcessor works.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace omega::compute {

/// Where work runs.
enum class Strategy : uint8_t {
  thread,   ///< on the engine's threads
  process,  ///< in processes forked from this one, which see its arrays where they lie
  device,   ///< on OpenCL devices
  hybrid,   ///< wherever the work is measured to end first: functions must have no effect beside their result, since that may be a process
};
/// "thread", "process", "device", "hybrid".
std::string_view name_of(Strategy strategy);

/// Keys of a ParallelProcessor, with their documented names and defaults. A value; validate() throws for what cannot be.
struct ParallelConfig {
  static constexpr int kMaxThreads = 4096;

  std::optional<int> num_threads{};          ///< workers, or devices; nothing: one for each processor the process may run on
  bool thread_affinity = false;              ///< binds worker i to the i-th of those processors
  bool use_openmp = true;                    ///< lets libraries that use OpenMP inside callbacks have their threads; off: one each
  std::string parallel_strategy = "thread";  ///< thread, process, device (jax_pmap means the same), hybrid
  std::optional<int> chunk_size{};           ///< batches handed to a worker at once; nothing: chosen by measured cost
  bool enable_load_balancing = true;         ///< heaviest first by estimated load, rebalanced while running; off: equal runs of the list
  /// 0 to 1. A worker that has less left than this share away from the most that another has (own < (1 - threshold) * most) takes work from that one; so 0.6
  /// rebalances earlier than 0.8, and 1 never does.
  double load_balance_threshold = 0.8;
  std::optional<size_t> max_memory_per_worker{};  ///< bytes of inputs and outputs that a worker may hold at once; a task that needs more is refused
  bool enable_memory_monitoring = false;          ///< peak bytes per worker in get_parallel_info()
  bool verbose = false;                           ///< logs what runs where

  /// Throws std::invalid_argument that names the key, the value and the choices.
  void validate() const;
  /// What parallel_strategy says; throws as validate() does.
  [[nodiscard]] Strategy strategy() const;
  /// num_threads, or the number of processors.
  [[nodiscard]] unsigned workers() const;
};

}  // namespace omega::compute
