// SPDX-License-Identifier: Apache-2.0
// WorkerLocal: one value for each worker, such as an arena or an output buffer, reused from task to task.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "omega/base/arena.h"
#include "omega/base/check.h"
#include "omega/task/scheduler.h"

namespace omega::task {

/// A T for each slot of a scheduler, made at the slot's first use. A task has its worker's T to itself until it spawns, forks, loops or
/// waits: then another task may run on the same worker. Which tasks shared a T differs from run to run, so results must not depend on it.
template <class T>
class WorkerLocal {
 public:
  /// `make` gives a new T; it may be called from several threads at once.
  explicit WorkerLocal(
      Scheduler& scheduler = Scheduler::current(), std::function<T()> make = [] { return T(); })
      : scheduler_(scheduler), make_(std::move(make)), slots_(new std::atomic<Padded*>[scheduler.slot_limit()]()) {}
  ~WorkerLocal() {
    for (uint32_t i = 0; i < scheduler_.slot_limit(); ++i) {
      delete slots_[i].load(std::memory_order_acquire);
    }
  }
  WorkerLocal(const WorkerLocal&) = delete;
  WorkerLocal& operator=(const WorkerLocal&) = delete;

  /// The T of the slot in which the calling thread works, which must be one of this scheduler's.
  T& local() {
    const Worker* const worker = current_worker();
    OMEGA_CHECK(worker != nullptr && &worker->scheduler() == &scheduler_, "a worker's value is asked for outside its scheduler");
    std::atomic<Padded*>& slot = slots_[worker->index()];
    Padded* padded = slot.load(std::memory_order_acquire);
    if (padded == nullptr) [[unlikely]] {
      padded = new Padded{make_()};
      slot.store(padded, std::memory_order_release);
    }
    return padded->value;
  }

  /// Calls `visit(T&)` for every T there is, by slot. When no task uses one.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (uint32_t i = 0; i < scheduler_.slot_limit(); ++i) {
      if (Padded* const padded = slots_[i].load(std::memory_order_acquire)) {
        visit(padded->value);
      }
    }
  }

 private:
  struct alignas(64) Padded {
    T value;
  };

  Scheduler& scheduler_;
  std::function<T()> make_;
  std::unique_ptr<std::atomic<Padded*>[]> slots_;
};

/// Memory of tasks, freed all together at the end.
using WorkerArenas = WorkerLocal<base::Arena>;
/// Text that tasks build, with the memory of the tasks before.
using WorkerBuffers = WorkerLocal<std::string>;

}  // namespace omega::task
