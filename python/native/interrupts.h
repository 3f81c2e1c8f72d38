// SPDX-License-Identifier: Apache-2.0
// Work without the interpreter's lock (the GIL), that Ctrl-C stops; callbacks into Python from any thread; exceptions on the way back.
//
//   return unlocked(elements, [&](const task::Cancellation* stop) { return kernel(…, {.cancellation = stop}); });
//
//   unlocked(kEndlessWork, [&](const task::Cancellation* stop) {
//     const auto outcome = task::parallel_for(0, n, [&](size_t i) {
//       const CallbackScope python(stop);
//       results[i] = function(arguments[i]);   // a pybind11::error_already_set travels to the caller with its traceback
//     }, {.grain = 1, .cancellation = stop});
//     if (outcome != task::Outcome::done) { throw compute::Stopped{outcome}; }
//   });
#pragma once

#include <pybind11/pybind11.h>

#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "omega/task/cancellation.h"

namespace omega::python {

/// Work of fewer operations (elements read, multiply-adds) is over too soon for anybody to interrupt it: some hundred microseconds.
inline constexpr double kShortWork = 1e6;
/// Work that takes how long it takes: callbacks.
inline constexpr double kEndlessWork = std::numeric_limits<double>::infinity();

/// Gives up the GIL as long as it lives. Where the work is long, the thread is Python's main one and SIGINT raises KeyboardInterrupt, the signal trips
/// cancellation() too; a handler of the program's own is called when the call is over. About 0.1 us for short work, 2 us for long. Use unlocked().
class UnlockedScope {
 public:
  /// With the GIL. Throws what a signal that came before raises.
  explicit UnlockedScope(double operations);
  ~UnlockedScope();
  UnlockedScope(const UnlockedScope&) = delete;
  UnlockedScope& operator=(const UnlockedScope&) = delete;

  /// What stops the work: of this call, or of the call whose callback makes this one; null where nothing does.
  [[nodiscard]] const task::Cancellation* cancellation() const { return cancellation_; }
  /// Takes the GIL again, before the end of the scope.
  void relock();
  /// After relock(), where the work failed: throws KeyboardInterrupt if that is why.
  void raise_interrupt();

 private:
  void arm();
  void disarm();

  PyThreadState* thread_;
  std::optional<task::Cancellation> own_;
  const task::Cancellation* cancellation_ = nullptr;
};

/// Calls `work(const task::Cancellation*)` without the GIL and gives its result. `operations` says how long it is expected to be. `work` must not touch
/// Python's objects but in a CallbackScope. What it throws comes through; KeyboardInterrupt instead where that stopped it.
template <class Work>
auto unlocked(double operations, Work&& work) -> std::invoke_result_t<Work, const task::Cancellation*> {
  UnlockedScope scope(operations);
  try {
    return std::forward<Work>(work)(scope.cancellation());
  } catch (...) {
    scope.relock();
    scope.raise_interrupt();
    throw;
  }
}

/// Holds the GIL on any thread as long as it lives, for a callback of the call that `stop` stops: throws compute::Stopped rather than begin one that must not
/// run any more. An interrupt raises KeyboardInterrupt in callbacks on other threads than the main one as well, at their next step of Python; what waits
/// in the system is not woken. Objects of Python's made inside must be gone, or handed on, at the end.
///
/// A thread keeps its Python state for the next callback, so that one costs some 100 ns beside waiting for the lock.
class CallbackScope {
 public:
  explicit CallbackScope(const task::Cancellation* stop);
  ~CallbackScope();
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

 private:
  PyGILState_STATE lock_;
  const task::Cancellation* outer_;
};

/// Raises `type` in every callback of a call that was asked to stop, as an interrupt does: for those beyond a deadline. With the GIL.
void raise_in_stopped_callbacks(PyObject* type);

/// What the C++ side throws becomes Python's: std::invalid_argument ValueError, std::bad_alloc MemoryError, std::system_error OSError with its errno,
/// compute::Stopped TimeoutError or KeyboardInterrupt. Once, when the module is made.
void register_exceptions();

}  // namespace omega::python
