// SPDX-License-Identifier: Apache-2.0
// Scheduler: threads that run jobs and take them from each other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "omega/task/job.h"
#include "omega/task/worker.h"

namespace omega::task {

/// Where a scheduler's threads may run.
enum class Affinity : uint8_t {
  none,       ///< anywhere the process may
  processor,  ///< thread i on the i-th processor of SchedulerOptions::processors, in turn
  apart,      ///< anywhere, but a thread that is woken begins on another processor than who woke it: for long work, worth some system calls
};

/// How a scheduler is made.
struct SchedulerOptions {
  /// Threads that work at once, the calling one among them, at most Scheduler::max_threads; 0 means one for each processor the process may run on.
  unsigned threads = 0;
  /// Its own threads can be bound to processors; threads that call it are left as they are.
  Affinity affinity = Affinity::none;
  /// For Affinity::processor; empty means those the process may run on, without the first, which is left to the caller.
  std::vector<unsigned> processors;
  /// How long a worker that finds no work looks on before it sleeps [microseconds]. Waking one takes tens of microseconds on virtual machines; between two
  /// calls that a Python program makes lie as many.
  unsigned search_us = 100;
  /// Name of its threads in debuggers and traces, at most 15 bytes.
  std::string name = "omega-worker";
};

/// Workers with a deque each, and queues for work from outside. Its threads start when work for them appears and sleep, using no processor,
/// when there is none. Schedulers are independent of each other; a thread may work in several, one inside the other.
///
/// All members may be called from any thread. The destructor may not run while work is in the scheduler: whoever makes work waits for it.
class Scheduler {
 public:
  static constexpr unsigned max_threads = 32768;

  explicit Scheduler(unsigned threads) : Scheduler(SchedulerOptions{.threads = threads, .processors = {}, .name = "omega-worker"}) {}
  explicit Scheduler(const SchedulerOptions& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// The scheduler of the process, with a thread for each processor; made at first use and never destroyed.
  static Scheduler& global();
  /// The scheduler in which the calling thread works, else the global one.
  static Scheduler& current();

  /// Threads that work at once, the calling one among them.
  [[nodiscard]] unsigned threads() const noexcept;
  /// Slot numbers are less than this: its own threads' and those of the threads that can be inside at the same time.
  [[nodiscard]] uint32_t slot_limit() const noexcept;
  /// How many of its threads have been started.
  [[nodiscard]] unsigned started_threads() const noexcept;
  /// Whether one of its threads sleeps or has not started.
  [[nodiscard]] bool someone_sleeps() const noexcept;
  /// Whether one of its threads is awake without work.
  [[nodiscard]] bool someone_searches() const noexcept;

  /// Queues a job for any worker, first in, first out among those of equal priority. The job must stay in place until it runs.
  void post(Job& job, Priority priority = Priority::normal) noexcept;

  /// Wakes up to `count` sleepers even though someone may search already: for who publishes work for many at once.
  void wake(unsigned count) noexcept;

 private:
  friend class Worker;
  friend class Attachment;
  struct State;

  Worker* attach();
  void detach(Worker& worker) noexcept;

  std::unique_ptr<State> state_;
};

/// Makes the calling thread work in a scheduler as long as it lives: what is spawned in its scope goes to that scheduler. Every operation
/// does this for itself where needed; around many of them one attachment of one's own saves some nanoseconds each. Nests; must end on its
/// thread, in reverse order.
class Attachment {
 public:
  /// Throws std::system_error (resource_unavailable_try_again) when more than 1,000 outside threads are inside at once.
  explicit Attachment(Scheduler& scheduler);
  ~Attachment();
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  /// The slot in which the thread works.
  [[nodiscard]] Worker& worker() const noexcept { return *worker_; }

 private:
  Worker* outer_;
  Worker* worker_;
  bool own_;
};

}  // namespace omega::task
