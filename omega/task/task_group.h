// SPDX-License-Identifier: Apache-2.0
// TaskGroup: tasks that are spawned one by one and waited for together.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "omega/task/cancellation.h"
#include "omega/task/first_failure.h"
#include "omega/task/scheduler.h"

namespace omega::task {

/// Tasks of one scheduler that end together. Tasks may spawn further tasks into their group. One thread at a time may wait; run() may be
/// called from any thread as long as the group is certain not to be done meanwhile (from its owner, or from one of its tasks).
///
///     TaskGroup group;
///     for (const File& file : files) group.run([&] { parse(file); });
///     group.wait();
class TaskGroup {
 public:
  /// In the scheduler in which the calling thread works, else the global one. `cancellation`, if given, must outlive the group.
  explicit TaskGroup(const Cancellation* cancellation = nullptr) : TaskGroup(Scheduler::current(), cancellation) {}
  explicit TaskGroup(Scheduler& scheduler, const Cancellation* cancellation = nullptr) : scheduler_(scheduler), own_(cancellation) {}
  /// Waits for the tasks; drops their exceptions.
  ~TaskGroup() { wait_for_tasks(INT64_MAX); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Spawns `call`, which is moved or copied into the task. Tasks of one thread run last in, first out unless stolen, those of other
  /// priority than normal first in, first out. Captures of up to 72 bytes need no memory from the system. Throws std::bad_alloc, spawning
  /// nothing.
  template <class Call>
  void run(Call&& call, Priority priority = Priority::normal) {
    const Attachment attachment(scheduler_);
    Worker& worker = attachment.worker();
    using Plain = std::decay_t<Call>;
    auto* const task = make<Plain>(worker, std::forward<Call>(call));
    latch_.add(1);
    if (priority == Priority::normal) {
      try {
        worker.push(*task);
      } catch (...) {
        destroy(*task, worker);
        worker.arrive(latch_);
        throw;
      }
    } else {
      scheduler_.post(*task, priority);
    }
  }

  /// Returns when all tasks are done, running tasks meanwhile. Throws the exception of the failed task that was spawned first; of
  /// those spawned after it some are skipped, of those before it none. The group can be used again then, unless it was cancelled.
  Outcome wait() {
    wait_for_tasks(INT64_MAX);
    failure_.rethrow();
    return own_.state();
  }

  /// The same, but at most until `deadline`: then tasks that have not begun are skipped, and those that have are waited for.
  Outcome wait_until(std::chrono::steady_clock::time_point deadline) {
    const int64_t ns = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
    if (!wait_for_tasks(ns)) {
      late_.store(true, std::memory_order_relaxed);
      wait_for_tasks(INT64_MAX);
    }
    failure_.rethrow();
    const bool late = skipped_.exchange(false, std::memory_order_relaxed);
    late_.store(false, std::memory_order_relaxed);
    const Outcome outcome = own_.state();
    return outcome == Outcome::done && late ? Outcome::deadline_exceeded : outcome;
  }
  /// The same with a time from now.
  Outcome wait_for(std::chrono::nanoseconds timeout) { return wait_until(std::chrono::steady_clock::now() + timeout); }

  /// Tasks that have not begun will not run.
  void cancel() noexcept { own_.cancel(); }
  /// What long tasks look at to end early; also stops when the cancellation that the group was given does.
  [[nodiscard]] const Cancellation& cancellation() const noexcept { return own_; }

  /// Tasks spawned and not done. Any thread.
  [[nodiscard]] size_t pending() const noexcept { return static_cast<size_t>(latch_.count()); }

 private:
  struct Task : Job {
    explicit Task(Run r) noexcept : Job(r) {}
    TaskGroup* group;
    uint64_t index;
  };

  template <class Call>
  struct CallTask : Task {
    template <class From>
      requires(!std::same_as<std::remove_cvref_t<From>, CallTask>)
    explicit CallTask(From&& from) : Task(run_task), call(std::forward<From>(from)) {}
    static void run_task(Job& job, Worker& worker) noexcept {
      auto& self = static_cast<CallTask&>(job);
      TaskGroup& group = *self.group;
      if (group.may_begin(self.index)) [[likely]] {
        try {
          std::invoke(self.call);
        } catch (...) {
          group.failure_.note(self.index);
        }
      }
      destroy(self, worker);
      worker.arrive(group.latch_);
    }
    Call call;
  };

  template <class Call>
  static constexpr bool fits = sizeof(CallTask<Call>) <= BlockPool::block_size && alignof(CallTask<Call>) <= BlockPool::alignment;

  template <class Call, class From>
  CallTask<Call>* make(Worker& worker, From&& from) {
    CallTask<Call>* task;
    if constexpr (fits<Call>) {
      void* const memory = worker.blocks().allocate();
      try {
        task = new (memory) CallTask<Call>(std::forward<From>(from));
      } catch (...) {
        BlockPool::free(memory, worker.blocks());
        throw;
      }
    } else {
      task = new CallTask<Call>(std::forward<From>(from));
    }
    task->group = this;
    task->index = next_index_.fetch_add(1, std::memory_order_relaxed);
    return task;
  }

  template <class Call>
  static void destroy(CallTask<Call>& task, Worker& worker) noexcept {
    if constexpr (fits<Call>) {
      task.~CallTask();
      BlockPool::free(&task, worker.blocks());
    } else {
      delete &task;
    }
  }

  [[nodiscard]] bool may_begin(uint64_t index) noexcept {
    if (index > failure_.index() || own_.requested()) [[unlikely]] {
      return false;
    }
    if (late_.load(std::memory_order_relaxed)) [[unlikely]] {
      skipped_.store(true, std::memory_order_relaxed);
      return false;
    }
    return true;
  }

  bool wait_for_tasks(int64_t deadline_ns) noexcept {
    if (latch_.done()) {
      return true;
    }
    const Attachment attachment(scheduler_);
    return attachment.worker().wait_until(latch_, deadline_ns);
  }

  Scheduler& scheduler_;
  Cancellation own_;
  FirstFailure failure_;
  std::atomic<bool> late_{false};
  std::atomic<bool> skipped_{false};
  alignas(64) std::atomic<uint64_t> next_index_{0};
  alignas(64) Latch latch_{0};
};

}  // namespace omega::task
