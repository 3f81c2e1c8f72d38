// SPDX-License-Identifier: Apache-2.0
#include "python/native/operation_threads.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace omega::python {
namespace {

/// Threads that sleep until a run asks for help. Never destroyed: they may sleep in it when the process ends.
class OperationThreads {
 public:
  /// Asks for so many threads; gives up the GIL while it wakes them, where that takes a while.
  void ask(Run* run, size_t count) {
    run->references += static_cast<uint32_t>(count);
    run->helpers += static_cast<uint32_t>(count);
    run->asked += static_cast<uint32_t>(count);
    {
      const std::lock_guard lock(mutex_);
      asked_.insert(asked_.end(), count, run);
      while (asked_.size() > idle_ + starting_ && count_ < kMostThreads && begin_thread()) {
      }
    }
    if (count == 1) {
      changed_.notify_one();
      return;
    }
    Py_BEGIN_ALLOW_THREADS;
    for (size_t i = 0; i < count; ++i) {
      changed_.notify_one();
    }
    Py_END_ALLOW_THREADS;
  }

  [[nodiscard]] bool is_busy() {
    const std::lock_guard lock(mutex_);
    return idle_ < count_ || !asked_.empty();
  }

 private:
  static constexpr unsigned kMostThreads = 512;

  /// One more, where the system has one: otherwise those that there are, and who waits, run the operations.
  bool begin_thread() {
    try {
      std::thread([this, interpreter = PyInterpreterState_Get()] { loop(interpreter); }).detach();
      ++count_;
      ++starting_;
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  void loop(PyInterpreterState* interpreter) {
    constexpr unsigned long kTimerSlack = 1;  // [ns] Operations wait; by default the system lets waits end 50 us late.
    ::prctl(PR_SET_TIMERSLACK, kTimerSlack, 0, 0, 0);
    // Made by the thread itself, so that the interpreter knows it as this thread's: callbacks from C that ask for the lock find it.
    PyThreadState* const state = PyThreadState_New(interpreter);
    for (bool is_new = true;; is_new = false) {
      Run* run;
      {
        std::unique_lock lock(mutex_);
        starting_ -= is_new ? 1 : 0;
        if (state == nullptr) {
          --count_;
          return;
        }
        ++idle_;
        changed_.wait(lock, [&] { return !asked_.empty(); });
        --idle_;
        run = asked_.front();
        asked_.pop_front();
      }
      PyEval_RestoreThread(state);
      help(run);
      PyEval_SaveThread();
    }
  }

  static void help(Run* run);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Run*> asked_;
  unsigned idle_ = 0;
  unsigned starting_ = 0;  ///< made, and not idle yet
  unsigned count_ = 0;
};

OperationThreads* threads = nullptr;

/// Whether the operation is over; without one, whether all are.
bool is_over(const Run* run, const Operation* awaited) { return awaited == nullptr ? run->unfinished == 0 : awaited->is_over(); }

void wake_waiters(Run* run) {
  {
    const std::lock_guard lock(run->mutex);
    ++run->generation;
  }
  run->changed.notify_all();
}

/// How many more threads the run's ready operations are worth; `taken` of them the calling thread runs.
size_t wanted_threads(const Run* run, size_t taken) {
  constexpr uint32_t kMostForUnknown = 64;
  const Operation* const first = run->ready.empty() ? nullptr : run->ready.front();
  const bool is_known = first != nullptr && first->callee != nullptr && first->callee->cost_ns >= 0;
  const uint32_t limit = is_known ? run->settings.max_threads : std::min(kMostForUnknown, run->settings.max_threads);
  const size_t open = run->ready.size() > run->asked + taken ? run->ready.size() - run->asked - taken : 0;
  return std::min<size_t>(open, limit > run->helpers ? limit - run->helpers : 0);
}

void OperationThreads::help(Run* run) {
  --run->asked;
  while (!run->ready.empty()) {
    // Who begins an operation wakes others, in case it waits.
    if (const size_t wanted = wanted_threads(run, 1); wanted > 0) {
      threads->ask(run, std::min<size_t>(wanted, 2));
    }
    run_one(run, true);
  }
  --run->helpers;
  release(run);
}

/// Sleeps until something may have come, a while at most. Without the GIL meanwhile.
void sleep_until_woken(Run* run, const Operation* awaited, std::chrono::microseconds at_most) {
  run->is_awaited_alone = run->waiters == 0;
  run->awaited = awaited;
  ++run->waiters;
  uint64_t seen_generation;
  {
    const std::lock_guard lock(run->mutex);
    seen_generation = run->generation;
  }
  Py_BEGIN_ALLOW_THREADS;
  {
    std::unique_lock lock(run->mutex);
    run->changed.wait_for(lock, at_most, [&] { return run->generation != seen_generation; });
  }
  Py_END_ALLOW_THREADS;
  --run->waiters;
}

/// Runs the next operation, if one is ready. -1 with KeyboardInterrupt set when that ended it: an interrupt reaches what the main thread runs, and is the
/// call's.
int run_next(Run* run, bool& has_run) {
  Operation* const next = run->ready.empty() ? nullptr : run->ready.front();
  if (next != nullptr) {
    ++next->references;
  }
  has_run = run_one(run, false);
  const bool was_interrupted = next != nullptr && next->error != nullptr && PyErr_GivenExceptionMatches(next->error, PyExc_KeyboardInterrupt) != 0;
  if (was_interrupted) {
    raise_error(next);
  }
  if (next != nullptr) {
    release(next);
  }
  return was_interrupted ? -1 : 0;
}

/// Waits for the operation, or for all; runs operations meanwhile. -1 with an exception set when a signal handler raised one.
int wait_until_over(Run* run, const Operation* awaited) {
  while (!is_over(run, awaited)) {
    if (const size_t wanted = wanted_threads(run, 1); wanted > 0) {
      threads->ask(run, wanted);
    }
    bool has_run = false;
    if (run_next(run, has_run) < 0) {
      run->is_stopped = true;
      return -1;
    }
    if (has_run || is_over(run, awaited)) {  // others may have ended it while threads were asked, without the GIL
      continue;
    }
    ++run->references;
    sleep_until_woken(run, awaited, std::chrono::milliseconds(50));
    const bool was_interrupted = PyErr_CheckSignals() < 0;
    release(run);
    if (was_interrupted) {
      run->is_stopped = true;
      return -1;
    }
  }
  return 0;
}

void note_waiting(Run* run, double ns) {
  run->spent.calls += ns;
  run->spent.waiting += ns;
}

/// The same; what it takes is noted.
int wait_in_time(Run* run, const Operation* awaited) {
  if (is_over(run, awaited)) {
    return 0;
  }
  const double begun = own_time_ns();
  const int result = wait_until_over(run, awaited);
  note_waiting(run, own_time_ns() - begun);
  return result;
}

int raise_first(Run* run) {
  raise_error(run->log[run->failed]);
  return -1;
}

}  // namespace

void make_ready(Operation* operation, bool is_taken) {
  Run* const run = operation->run;
  operation->state = Operation::State::ready;
  ++operation->references;
  run->ready.push_back(operation);
  // One is on its way while the function is traced, and wakes others; who waits for results wakes them all.
  if (is_taken) {
    return;
  }
  if (run->asked == 0 && wanted_threads(run, 0) > 0) {
    threads->ask(run, 1);
  }
  if (run->waiters > 0) {
    wake_waiters(run);
  }
}

void complete(Operation* operation, bool goes_on) {
  std::vector<Operation*> ended{operation};
  Run* const run = operation->run;
  while (!ended.empty()) {
    Operation* const one = ended.back();
    ended.pop_back();
    const bool succeeded = one->value != nullptr;
    if (one->state != Operation::State::skipped) {
      one->state = succeeded ? Operation::State::done : Operation::State::failed;
      if (!succeeded && one->index < run->failed) {
        run->failed = one->index;
      }
    }
    --run->unfinished;
    std::vector<Operation*> dependents = std::move(one->dependents);
    one->dependents.clear();
    std::vector<Operation*> light;
    for (Operation* dependent : dependents) {
      if (!succeeded) {
        dependent->state = Operation::State::skipped;
      }
      if (--dependent->missing > 0) {
        release(dependent);
      } else if (dependent->state == Operation::State::skipped) {
        ended.push_back(dependent);
      } else if (dependent->callee != nullptr && dependent->callee->is_light) {
        light.push_back(dependent);
      } else {
        make_ready(dependent, goes_on);
        goes_on = false;
        release(dependent);
      }
    }
    for (Operation* each : light) {
      run_operation(each);
      ended.insert(ended.begin(), each);
    }
    release(one);
  }
  // Who waits for something else would only take the GIL from those that run.
  if (run->waiters > 0 && (!run->is_awaited_alone || is_over(run, run->awaited))) {
    wake_waiters(run);
  }
}

bool run_one(Run* run, bool goes_on) {
  if (run->ready.empty()) {
    return false;
  }
  Operation* const operation = run->ready.front();
  run->ready.pop_front();
  if (run->is_stopped || operation->index > run->failed) {
    operation->state = Operation::State::skipped;
  } else {
    run_operation(operation);
  }
  complete(operation, goes_on);
  return true;
}

void let_begin(Operation* operation) {
  if (operation->state != Operation::State::ready) {
    return;
  }
  Run* const run = operation->run;
  ++operation->references;
  ++run->references;
  constexpr std::chrono::microseconds kMoment{200};
  const double begun = own_time_ns();
  sleep_until_woken(run, operation, kMoment);
  note_waiting(run, own_time_ns() - begun);
  release(operation);
  release(run);
}

int wait_for(Operation* operation) {
  Run* const run = operation->run;
  if (wait_in_time(run, operation) < 0) {
    return -1;
  }
  if (operation->state == Operation::State::done) {
    return 0;
  }
  // The first failure is the one that a sequential run would have had; it may be one before this.
  if (run->failed < run->log.size() && run->failed < operation->index) {
    return raise_first(run);
  }
  raise_error(operation);
  return -1;
}

int wait_for_all(Run* run) {
  if (wait_in_time(run, nullptr) < 0) {
    return -1;
  }
  return run->failed == UINT32_MAX ? 0 : raise_first(run);
}

void start_operation_threads() { threads = new OperationThreads; }

void finish_operation_threads() {
  while (threads->is_busy()) {
    Py_BEGIN_ALLOW_THREADS;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Py_END_ALLOW_THREADS;
    if (PyErr_CheckSignals() < 0) {
      PyErr_Clear();
      return;
    }
  }
}

}  // namespace omega::python
