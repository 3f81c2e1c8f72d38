// SPDX-License-Identifier: Apache-2.0
// ParallelConfig: how a ParallelProcessor works.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

namespace omega::compute {

/// Keys of a ParallelProcessor, with their documented names and defaults. A value; validate() throws for what cannot be.
struct ParallelConfig {
  std::optional<int> num_threads{};              ///< workers, or devices; nothing: one for each processor
  bool thread_affinity = false;                  ///< binds worker i to processor i
  bool use_openmp = true;                        ///< lets libraries that use OpenMP inside callbacks have their threads; off: one each
  std::string parallel_strategy = "thread";      ///< thread, process, device (jax_pmap), hybrid
  std::optional<int> chunk_size{};               ///< batches handed to a worker at once; nothing: chosen by measured cost
  bool enable_load_balancing = true;             ///< by estimated load, heaviest first
  double load_balance_threshold = 0.8;           ///< 0 to 1: a worker's load over the mean's by more than 1 / threshold is rebalanced
  std::optional<size_t> max_memory_per_worker{}; ///< bytes; work that needs more is refused or cut into smaller chunks
  bool enable_memory_monitoring = false;         ///< peak memory per worker in get_parallel_info()
  bool verbose = false;                          ///< logs what runs where

  /// Throws std::invalid_argument that names the key, the value and the choices.
  void validate() const;
};

}  // namespace omega::compute
