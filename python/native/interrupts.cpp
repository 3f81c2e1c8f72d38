// SPDX-License-Identifier: Apache-2.0
#include "python/native/interrupts.h"

#include <pthread.h>
#include <pybind11/eval.h>
#include <semaphore.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <new>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "omega/compute/kernels/execution.h"
#include "python/native/made_once.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// What the handler of SIGINT needs. The call that an interrupt stops is one: the main thread's outermost.
struct Signals {
  std::atomic<task::Cancellation*> armed{nullptr};
  std::atomic<int> handlers_inside{0};
  struct sigaction previous{};  ///< Python's, while `armed`
  sem_t interrupted{};
  bool has_watcher = false;  ///< GIL
};
Signals signals;

/// A callback that runs, by the thread that runs it.
struct RunningCallback {
  unsigned long thread;
  const task::Cancellation* stop;
  bool is_interrupted = false;  ///< an exception was raised in it from outside, which may not have arrived yet
};
/// GIL.
std::vector<RunningCallback>& running_callbacks() {
  static auto& callbacks = *new std::vector<RunningCallback>;
  return callbacks;
}

/// What stops the callback that this thread runs.
thread_local const task::Cancellation* stop_of_callback = nullptr;

/// Runs in any thread, in the middle of anything. Python's handler only notes the signal; here the work is told.
void on_interrupt(int number, siginfo_t* info, void* context) {
  const int kept_errno = errno;
  signals.handlers_inside.fetch_add(1);
  if (task::Cancellation* const armed = signals.armed.load()) {
    armed->cancel();
    sem_post(&signals.interrupted);
  }
  if ((signals.previous.sa_flags & SA_SIGINFO) != 0) {
    signals.previous.sa_sigaction(number, info, context);
  } else if (signals.previous.sa_handler != SIG_DFL && signals.previous.sa_handler != SIG_IGN) {
    signals.previous.sa_handler(number);
  }
  signals.handlers_inside.fetch_sub(1);
  errno = kept_errno;
}

bool is_ours(const struct sigaction& action) { return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == on_interrupt; }

pthread_t& main_thread() {
  static pthread_t thread{};
  return thread;
}

/// What the rules ask for is the thread that Python calls main: it imported the module or made this process by fork.
bool is_main_thread() { return pthread_equal(pthread_self(), main_thread()) != 0; }

/// Whether SIGINT raises KeyboardInterrupt, and nothing else. GIL.
bool interrupts_by_default() {
  const py::object& getsignal = made_once([] { return py::object(py::module_::import("_signal").attr("getsignal")); });
  const py::object& raises = made_once([] { return py::object(py::module_::import("_signal").attr("default_int_handler")); });
  const py::object& number = made_once([] { return py::object(py::int_(SIGINT)); });
  return getsignal(number).is(raises);
}

/// Waits for interrupts and raises them in callbacks on other threads.
void watch() {
  for (;;) {
    while (sem_wait(&signals.interrupted) != 0) {
    }
    const py::gil_scoped_acquire lock;
    raise_in_stopped_callbacks(PyExc_KeyboardInterrupt);
  }
}

/// GIL.
void start_watcher() {
  if (!signals.has_watcher) {
    signals.has_watcher = true;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread(watch).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
}

/// In a child made by fork: its only thread is the main one, and nobody else is there.
void after_fork() {
  main_thread() = pthread_self();
  signals.armed.store(nullptr);
  signals.handlers_inside.store(0);
  signals.has_watcher = false;
  sem_init(&signals.interrupted, 0, 0);
  running_callbacks().clear();
}

/// States of threads that ended without the GIL, for whoever has it next.
struct AbandonedStates {
  struct Node {
    PyThreadState* state;
    Node* next;
  };
  std::atomic<Node*> first{nullptr};

  void add(PyThreadState* state) {
    Node* const node = new Node{state, first.load()};
    while (!first.compare_exchange_weak(node->next, node)) {
    }
  }
  /// GIL, which others may have for a moment.
  void clear() {
    Node* node = first.load() == nullptr ? nullptr : first.exchange(nullptr);
    if (node == nullptr) {
      return;
    }
#if PY_VERSION_HEX >= 0x030C0000
    // From CPython 3.12 on, whoever deletes a state that another thread had loses its own for PyGILState_Ensure(), until the state becomes current again after
    // one that is new. So another stands in while they are deleted.
    PyThreadState* const own = PyThreadState_Get();
    PyThreadState* const stand_in = PyThreadState_New(PyThreadState_GetInterpreter(own));
    PyThreadState_Swap(stand_in);
    remove(node);
    PyThreadState_Clear(stand_in);
    PyThreadState_Swap(nullptr);
    PyThreadState_Delete(stand_in);
    PyThreadState_Swap(own);
#else
    remove(node);
#endif
  }

 private:
  static void remove(Node* node) {
    while (node != nullptr) {
      PyThreadState_Clear(node->state);
      PyThreadState_Delete(node->state);
      delete std::exchange(node, node->next);
    }
  }
};
AbandonedStates abandoned_states;

/// Keeps the state that a thread of Omega's has in Python until the thread ends.
struct KeptState {
  PyThreadState* state = nullptr;

  ~KeptState() {
    if (state != nullptr) {
      abandoned_states.add(state);
    }
  }
};
thread_local KeptState kept_state;

/// A function in Python that does nothing. GIL.
const py::object& step_of_python() {
  return made_once([] { return py::object(py::eval("lambda: None", py::dict())); });
}

/// What was raised too late must not hit the next callback. It arrives in a step of Python: taken back by PyThreadState_SetAsyncExc(), it would leave the
/// interpreter asking for ever whether there is one, at which functions that are profiled hang in CPython 3.11.
void take_late_exception() {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject* const result = PyObject_CallNoArgs(step_of_python().ptr());
  Py_XDECREF(result);
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
}

PyGILState_STATE lock_python() {
  if (PyGILState_GetThisThreadState() == nullptr) {
    PyGILState_Ensure();
    kept_state.state = PyThreadState_Get();
    PyEval_SaveThread();
  }
  return PyGILState_Ensure();
}

}  // namespace

UnlockedScope::UnlockedScope(double operations) : cancellation_(stop_of_callback) {
  if (operations >= kShortWork && cancellation_ == nullptr && is_main_thread() && signals.armed.load() == nullptr) {
    if (PyErr_CheckSignals() != 0) {
      throw py::error_already_set();
    }
    if (interrupts_by_default()) {
      if (operations == kEndlessWork) {
        start_watcher();
      }
      arm();
    }
  }
  thread_ = PyEval_SaveThread();
}

UnlockedScope::~UnlockedScope() { relock(); }

void UnlockedScope::arm() {
  cancellation_ = &own_.emplace();
  sigaction(SIGINT, nullptr, &signals.previous);
  signals.armed.store(&*own_);
  struct sigaction ours{};
  ours.sa_sigaction = on_interrupt;
  ours.sa_flags = SA_SIGINFO | (signals.previous.sa_flags & (SA_ONSTACK | SA_RESTART));
  ours.sa_mask = signals.previous.sa_mask;
  sigaction(SIGINT, &ours, nullptr);
}

void UnlockedScope::disarm() {
  struct sigaction seen{};
  sigaction(SIGINT, &signals.previous, &seen);
  if (!is_ours(seen)) {
    // Somebody set another one meanwhile.
    sigaction(SIGINT, &seen, nullptr);
  }
  signals.armed.store(nullptr);
  // On another thread it may still use what goes away now.
  while (signals.handlers_inside.load() != 0) {
    std::this_thread::yield();
  }
}

void UnlockedScope::relock() {
  if (thread_ != nullptr) {
    PyEval_RestoreThread(std::exchange(thread_, nullptr));
    if (own_) {
      disarm();
    }
  }
}

void UnlockedScope::raise_interrupt() {
  if (own_ && own_->requested()) {
    if (PyErr_CheckSignals() == 0) {
      // A callback on this thread has had the signal already.
      PyErr_SetNone(PyExc_KeyboardInterrupt);
    }
    throw py::error_already_set();
  }
}

CallbackScope::CallbackScope(const task::Cancellation* stop) : outer_(stop_of_callback) {
  const auto refuse_when_stopped = [stop] {
    if (stop != nullptr && stop->requested()) {
      throw compute::Stopped{stop->state()};
    }
  };
  refuse_when_stopped();
  lock_ = lock_python();
  try {
    refuse_when_stopped();
    abandoned_states.clear();
    running_callbacks().push_back({PyThread_get_thread_ident(), stop});
  } catch (...) {
    PyGILState_Release(lock_);
    throw;
  }
  stop_of_callback = stop;
}

CallbackScope::~CallbackScope() {
  stop_of_callback = outer_;
  const unsigned long self = PyThread_get_thread_ident();
  // Nearly always the last one.
  auto& callbacks = running_callbacks();
  const auto mine = std::find_if(callbacks.rbegin(), callbacks.rend(), [self](const RunningCallback& each) { return each.thread == self; });
  if (mine != callbacks.rend()) {  // a child made by fork has forgotten them
    const bool is_interrupted = mine->is_interrupted;
    callbacks.erase(std::next(mine).base());
    if (is_interrupted) {
      take_late_exception();
    }
  }
  PyGILState_Release(lock_);
}

void raise_in_stopped_callbacks(PyObject* type) {
  for (RunningCallback& each : running_callbacks()) {
    // Python gives the main thread the signal itself.
    if (each.stop != nullptr && each.stop->requested() && pthread_equal(each.thread, main_thread()) == 0) {
      each.is_interrupted = true;
      PyThreadState_SetAsyncExc(each.thread, type);
    }
  }
}

void register_exceptions() {
  main_thread() = static_cast<pthread_t>(py::module_::import("threading").attr("main_thread")().attr("ident").cast<unsigned long>());
  interrupts_by_default();  // both look their objects up before there are threads: that may let go of the GIL
  step_of_python();
  sem_init(&signals.interrupted, 0, 0);
  pthread_atfork(nullptr, nullptr, after_fork);
  py::register_exception_translator([](std::exception_ptr failure) {
    try {
      if (failure) {
        std::rethrow_exception(std::move(failure));
      }
    } catch (const compute::Stopped& stopped) {
      if (stopped.reason == task::Outcome::deadline_exceeded) {
        PyErr_SetString(PyExc_TimeoutError, "not done within the time that was given");
      } else {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
      }
    } catch (const std::bad_alloc& failed) {
      const bool says_which = std::string_view(failed.what()) != std::bad_alloc().what();
      PyErr_SetString(PyExc_MemoryError, says_which ? failed.what() : "there is not enough memory for the arrays of this call");
    } catch (const std::system_error& failed) {
      errno = failed.code().value();
      PyErr_SetObject(PyExc_OSError, py::make_tuple(failed.code().value(), failed.what()).ptr());
    }
  });
}

}  // namespace omega::python
