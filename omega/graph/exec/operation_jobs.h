// SPDX-License-Identifier: Apache-2.0
// Jobs for ready operations, used again as soon as they run: few lie in the cache however large the graph is.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>

#include "omega/task/worker.h"

namespace omega::graph {

class GraphRun;

/// What the scheduler runs for one ready operation, or, where a queue decides, for the next of the queue.
struct OperationJob : task::Job {
  OperationJob(Run how, GraphRun* owner, uint32_t ready) noexcept : Job(how), run_of(owner), operation(ready) {}
  GraphRun* run_of;
  std::atomic<uint32_t> operation;  ///< atomic for those who look at a job that may be another's by now
};

/// The jobs of one run. Each worker of a number below `workers` takes first what it gave back last. No more are made than operations are
/// pushed, but for a chunk of each worker.
class OperationJobs {
 public:
  /// Bytes that `count` operations on so many workers take.
  static size_t bytes(size_t count, uint32_t workers) { return workers * sizeof(Pool) + capacity(count, workers) * sizeof(OperationJob); }

  /// In memory of bytes(), aligned to 64, which must outlive it.
  OperationJobs(std::byte* memory, size_t count, uint32_t workers)
      : pools_(reinterpret_cast<Pool*>(memory)),
        jobs_(reinterpret_cast<OperationJob*>(memory + workers * sizeof(Pool))),
        end_(jobs_ + capacity(count, workers)),
        workers_(workers),
        chunk_(chunk(count)) {
    for (uint32_t i = 0; i < workers; ++i) {
      new (&pools_[i]) Pool{};
    }
  }

  /// A job for the operation. `worker` is null on threads that are none.
  OperationJob& take(const task::Worker* worker, task::Job::Run how, GraphRun* run, uint32_t operation) noexcept {
    if (worker == nullptr || worker->index() >= workers_) [[unlikely]] {
      return *new (&jobs_[made_.fetch_add(1, std::memory_order_relaxed)]) OperationJob(how, run, operation);
    }
    Pool& pool = pools_[worker->index()];
    if (OperationJob* job = pool.free) {
      pool.free = static_cast<OperationJob*>(job->next.load(std::memory_order_relaxed));
      job->run = how;
      job->operation.store(operation, std::memory_order_relaxed);
      return *job;
    }
    if (pool.fresh == pool.fresh_end) {
      pool.fresh = jobs_ + made_.fetch_add(chunk_, std::memory_order_relaxed);
      pool.fresh_end = pool.fresh + chunk_;
    }
    return *new (pool.fresh++) OperationJob(how, run, operation);
  }

  /// Gives back a job that runs on that worker; its contents are not needed any more.
  void give_back(OperationJob& job, const task::Worker& worker) noexcept {
    if (worker.index() >= workers_) [[unlikely]] {
      return;
    }
    Pool& pool = pools_[worker.index()];
    job.next.store(pool.free, std::memory_order_relaxed);
    pool.free = &job;
  }

  /// Whether the job, which may be gone, is one of these.
  [[nodiscard]] bool holds(const OperationJob* job) const noexcept { return job >= jobs_ && job < end_; }

 private:
  struct alignas(64) Pool {
    OperationJob* free = nullptr;
    OperationJob* fresh = nullptr;
    OperationJob* fresh_end = nullptr;
  };

  static size_t chunk(size_t count) { return std::clamp<size_t>(count / 64, 1, 64); }
  static size_t capacity(size_t count, uint32_t workers) { return count + workers * chunk(count); }

  Pool* pools_;
  OperationJob* jobs_;
  OperationJob* end_;
  uint32_t workers_;
  size_t chunk_;
  std::atomic<size_t> made_{0};
};

}  // namespace omega::graph
