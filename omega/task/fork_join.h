// SPDX-License-Identifier: Apache-2.0
// fork_join: two or more calls that may run at the same time, joined before it returns.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "omega/task/scheduler.h"

namespace omega::task {

namespace fork_join_detail {

/// The second call, on the stack of who forked it.
template <class Call>
class Forked : public Job {
 public:
  explicit Forked(Call& call) noexcept : Job(run_stolen), latch(1), call_(call) {}
  ~Forked() {}  // NOLINT(modernize-use-equals-default): the union member is there only where a thief has made it

  /// On the thread that forked it, when nobody stole it.
  void run_here() { std::invoke(call_); }

  /// Waits for the thief. Rethrows what the call threw.
  void join_stolen(Worker& worker) {
    worker.wait(latch);
    std::exception_ptr failure = take_failure();
    if (failure) [[unlikely]] {
      std::rethrow_exception(std::move(failure));
    }
  }

  /// Takes the call back unrun, or waits for the thief and drops what the call threw.
  void abandon(Worker& worker) noexcept {
    while (Job* const job = worker.pop()) {
      if (job == this) {
        return;
      }
      job->run(*job, worker);
    }
    worker.wait(latch);
    take_failure();
  }

  Latch latch;

 private:
  static void run_stolen(Job& job, Worker& worker) noexcept {
    auto& self = static_cast<Forked&>(job);
    new (&self.failure_) std::exception_ptr();
    try {
      std::invoke(self.call_);
    } catch (...) {
      self.failure_ = std::current_exception();
    }
    worker.arrive(self.latch);
  }

  std::exception_ptr take_failure() noexcept {
    std::exception_ptr failure = std::move(failure_);
    failure_.~exception_ptr();
    return failure;
  }

  Call& call_;
  union {
    std::exception_ptr failure_;  ///< made by the thief, so that a call that is not stolen pays nothing for it
  };
};

/// When what comes off the deque is not the forked call: runs what lies above it, then the call itself, or joins the thief.
template <class Call>
[[gnu::noinline]] void join_slow(Worker& worker, Forked<Call>& forked, Job* popped) {
  while (popped != nullptr) {
    popped->run(*popped, worker);
    popped = worker.pop();
    if (popped == &forked) {
      forked.run_here();
      return;
    }
  }
  forked.join_stolen(worker);
}

}  // namespace fork_join_detail

/// Runs `first` on the calling thread and `second` there afterwards or on a worker at the same time; returns when both are done. `worker`
/// is the slot the calling thread holds. Allocates nothing. If calls throw, the first one's exception is thrown here; `second` may not have
/// run then. The calls must not block on each other, since they may run one after the other.
template <class First, class Second>
void fork_join(Worker& worker, First&& first, Second&& second) {
  fork_join_detail::Forked<std::remove_reference_t<Second>> forked(second);
  worker.push(forked);
  try {
    std::invoke(first);
  } catch (...) {
    forked.abandon(worker);
    throw;
  }
  Job* const popped = worker.pop();
  if (popped == &forked) [[likely]] {
    forked.run_here();
  } else {
    fork_join_detail::join_slow(worker, forked, popped);
  }
}

/// The same in a scheduler, from any thread.
template <class First, class Second>
void fork_join(Scheduler& scheduler, First&& first, Second&& second) {
  const Attachment attachment(scheduler);
  fork_join(attachment.worker(), first, second);
}

/// The same in the scheduler in which the calling thread works, else the global one.
template <class First, class Second>
  requires(!std::is_base_of_v<Worker, std::remove_cvref_t<First>> && !std::is_base_of_v<Scheduler, std::remove_cvref_t<First>>)
void fork_join(First&& first, Second&& second) {
  if (Worker* const worker = current_worker()) [[likely]] {
    fork_join(*worker, first, second);
  } else {
    fork_join(Scheduler::global(), first, second);
  }
}

/// The same for three calls and more; if several throw, the exception of the leftmost is thrown.
template <class First, class Second, class Third, class... Rest>
  requires(!std::is_base_of_v<Worker, std::remove_cvref_t<First>> && !std::is_base_of_v<Scheduler, std::remove_cvref_t<First>>)
void fork_join(First&& first, Second&& second, Third&& third, Rest&&... rest) {
  fork_join(first, [&] { fork_join(second, third, rest...); });
}

}  // namespace omega::task
