// SPDX-License-Identifier: Apache-2.0
#include "python/native/issue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/operation_threads.h"
#include "python/native/recording.h"
#include "python/native/structure.h"

namespace omega::python {
namespace {

/// Everything before has ended and nothing waits to be computed: memory may be changed.
int settle(Run* run) { return wait_for_all(run) < 0 || evaluate_all_expressions() < 0 ? -1 : 0; }

/// A call as vectorcall has it.
struct Invocation {
  PyObject* function;
  PyObject* const* arguments;
  size_t count;                ///< of those by position
  PyObject* names;             ///< of those by keyword, behind them; or null
  bool takes_results = false;  ///< of other operations, as far as the run is recorded

  [[nodiscard]] size_t all() const { return count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names))); }
};

/// Runs an operation where it is called, whose inputs are there.
PyObject* run_inline(Run* run, Callee* callee, const Invocation& call) {
  Run* const traced = std::exchange(current_run(), nullptr);
  const double start = now_ns();
  PyObject* const value = PyObject_Vectorcall(call.function, call.arguments, call.count, call.names);
  const double ns = now_ns() - start;
  current_run() = traced;
  if (value == nullptr) {
    return nullptr;
  }
  Operation* const operation = new_operation(run, callee, call.function);
  operation->state = Operation::State::done;
  operation->value = value;
  operation->nanoseconds = ns;
  operation->is_inline = true;
  callee->learn(ns);
  const bool is_tracked = run->recording != nullptr && run->settings.parallel && !run->is_replay && (call.takes_results || !callee->is_light);
  return is_tracked ? seen_as_result(Py_NewRef(value), operation->index) : seen(Py_NewRef(value));
}

/// Whether a repeated attempt does the operation by itself: operators, and methods of numbers and strings, are not seen when their values are there.
bool is_done_again(const Operation* operation, PyObject* function) {
  if (operation->callee == operator_callee(false)) {
    return true;
  }
  PyObject* const owner = PyCFunction_Check(function) ? PyCFunction_GET_SELF(function) : nullptr;
  return owner != nullptr && (PyUnicode_Check(owner) || PyLong_Check(owner) || PyFloat_Check(owner) || PyBytes_Check(owner) || PyTuple_Check(owner));
}

/// What an earlier attempt of the same call got for the next operation with that function. Null without an exception where there is none any more.
PyObject* replay(Run* run, PyObject* function) {
  for (size_t at = run->replayed; at < run->log.size(); ++at) {
    Operation* const operation = run->log[at];
    PyObject* const recorded = plain(operation->function);
    if (recorded == nullptr) {
      return nullptr;
    }
    const int is_same = recorded == function ? 1 : PyObject_RichCompareBool(recorded, function, Py_EQ);
    const bool is_passed = is_same == 0 && is_done_again(operation, recorded);
    Py_DECREF(recorded);
    if (is_same == 1) {
      run->replayed = at + 1;
      return seen(Py_NewRef(operation->value));
    }
    if (is_same < 0) {
      return nullptr;
    }
    if (!is_passed) {
      PyErr_Format(PyExc_RuntimeError, "traced code took another way with the values than without them: at %s; run it with Config(parallel=False)",
                   operation->callee == nullptr ? "a call" : operation->callee->name.c_str());
      return nullptr;
    }
  }
  run->replayed = run->log.size();
  return nullptr;
}

struct Arguments {
  std::vector<PyObject*> made;
  ~Arguments() {
    for (PyObject* each : made) {
      Py_XDECREF(each);
    }
  }
};

/// Arguments without tracers; false with an exception set.
bool make_plain(PyObject* const* arguments, size_t count, Arguments& plain_arguments) {
  for (size_t i = 0; i < count; ++i) {
    PyObject* const made = plain_structure(arguments[i]);
    if (made == nullptr) {
      return false;
    }
    plain_arguments.made.push_back(made);
  }
  return true;
}

/// In a body that is stepped into: whether the call keeps its order with others of which nothing is known either.
bool keeps_order(const Run* run, const Callee* callee) {
  return run->stepped != nullptr && (callee == nullptr || (!callee->is_light && !callee->is_looked_into));
}

/// The call that this one comes behind whatever it takes: the last that changed what this one changes. Null where there is none.
Operation* previous_of(const Run* run, const Callee* callee, PyObject* function) {
  if (keeps_order(run, callee)) {
    return run->stepped->last;
  }
  if (callee == nullptr || callee->effect != Callee::Effect::own) {
    return nullptr;
  }
  const auto found = run->receivers.find(receiver_of(function));
  return found == run->receivers.end() ? nullptr : found->second;
}

/// Runs a call at once; waits for what it takes.
PyObject* call_here(Run* run, Callee* callee, const Invocation& call) {
  PyObject* const called = plain(call.function);
  if (called == nullptr) {
    return nullptr;
  }
  bool ready = true;
  if (callee != nullptr && callee->effect == Callee::Effect::shared) {
    for (size_t i = 0; ready && i < call.all(); ++i) {
      ready = make_plain_in_place(call.arguments[i]) == 0;
    }
  }
  PyObject* result = nullptr;
  Arguments made;
  if (ready && make_plain(call.arguments, call.all(), made)) {
    Callee* const known = callee == nullptr ? callee_of(called) : callee;
    result = known == nullptr ? nullptr : run_inline(run, known, {called, made.made.data(), call.count, call.names, call.takes_results});
    run->replayed = run->log.size();
    if (result != nullptr && keeps_order(run, known)) {
      run->stepped->last = run->log.back();
    }
  }
  Py_DECREF(called);
  return result;
}

/// Keeps the arguments for when the operation runs, and has it wait for those that are pending. False with an exception set.
bool keep_arguments(Operation* operation, const Invocation& call) {
  operation->arguments = PyTuple_New(static_cast<Py_ssize_t>(call.count));
  operation->keywords = call.names == nullptr ? nullptr : PyDict_New();
  bool ok = operation->arguments != nullptr && (call.names == nullptr || operation->keywords != nullptr);
  for (size_t i = 0; ok && i < call.all(); ++i) {
    PyObject* const made = prepared(operation, call.arguments[i]);
    ok = made != nullptr;
    if (ok && i < call.count) {
      PyTuple_SET_ITEM(operation->arguments, static_cast<Py_ssize_t>(i), made);
    } else if (ok) {
      ok = PyDict_SetItem(operation->keywords, PyTuple_GET_ITEM(call.names, static_cast<Py_ssize_t>(i - call.count)), made) == 0;
      Py_DECREF(made);
    }
  }
  return ok;
}

/// A call of a result waits for it. A method of a result may change it: its calls keep their order.
void wait_for_function(Operation* operation, PyObject* function) {
  if (!is_tracer(function)) {
    return;
  }
  depend_on(operation, as_tracer(function));
  Operation* const own = as_tracer(function)->operation;
  if (own == nullptr || own->origin == nullptr) {
    return;
  }
  depend(operation, own->origin->last_call);
  if (own->origin->last_call != nullptr) {
    release(own->origin->last_call);
  }
  ++operation->references;
  own->origin->last_call = operation;
}

/// What a call of a result changes is known when the result is there: until then it stands behind the one before.
void follow(Run* run, Operation* operation) {
  Operation* const last = std::exchange(run->last_of_result, operation);
  if (last != nullptr && !last->is_over() && !last->lets_followers_go) {
    ++operation->missing;
    ++operation->references;
    last->follower = operation;
  }
}

/// A call as an operation, which starts when what it waits for is there: a tracer of its result.
PyObject* call_later(Run* run, Callee* callee, const Invocation& call, Operation* previous) {
  Operation* const operation = new_operation(run, callee, call.function);
  run->replayed = run->log.size();
  note_place(operation);
  operation->missing = 1;  // it may not become ready before it is whole
  const bool ok = keep_arguments(operation, call);
  wait_for_function(operation, call.function);
  depend(operation, previous);
  if (keeps_order(run, callee)) {
    run->stepped->last = operation;
  } else if (callee == nullptr) {
    follow(run, operation);
  } else if (callee != nullptr && callee->effect == Callee::Effect::own) {
    run->receivers[receiver_of(call.function)] = operation;
  }
  ++run->unfinished;
  Tracer* const tracer = ok ? new_tracer() : nullptr;
  if (tracer != nullptr) {
    tracer->operation = operation;
    tracer->producer = operation->index;
    ++operation->references;
  } else {
    operation->state = Operation::State::skipped;
  }
  if (--operation->missing > 0) {
    return reinterpret_cast<PyObject*>(tracer);
  }
  if (operation->state == Operation::State::skipped) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    ++operation->references;
    complete(operation);
    PyErr_Restore(type, value, traceback);
  } else {
    make_ready(operation);
  }
  return reinterpret_cast<PyObject*>(tracer);
}

/// An operator that is traced, or called where nothing is.
PyObject* issue_own(bool changes, PyObject* function, PyObject* const* arguments, size_t count) {
  if (Run* const run = current_run(); run != nullptr) {
    return issue(run, operator_callee(changes), function, arguments, count, nullptr);
  }
  Arguments all;
  return make_plain(arguments, count, all) ? PyObject_Vectorcall(function, all.made.data(), count, nullptr) : nullptr;
}

}  // namespace

PyObject* issue(Run* run, Callee* callee, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names, const Tracer* called) {
  const bool is_known_light = callee != nullptr && callee->is_light && callee->effect == Callee::Effect::none;
  if (run->is_abstract && !is_known_light) {
    PyErr_Format(PyExc_TypeError, "calls %s, which is no array operation", callee == nullptr ? "a result" : callee->name.c_str());
    return nullptr;
  }
  if (run->replayed < run->log.size()) {
    PyObject* const result = replay(run, function);
    if (result != nullptr || PyErr_Occurred() != nullptr) {
      return result;
    }
  }
  Invocation call{function, arguments, count, names};
  const bool is_shared = callee != nullptr && callee->effect == Callee::Effect::shared;
  if (is_shared && settle(run) < 0) {
    return nullptr;
  }
  Operation* const previous = previous_of(run, callee, function);
  if (run->recording != nullptr) {
    const auto index = static_cast<uint32_t>(run->log.size());
    call.takes_results = run->recording->note_inputs(index, is_tracer(function) ? as_tracer(function) : called, {arguments, call.all()});
    if (previous != nullptr) {
      run->recording->note_need(index, previous->index);
    }
  }
  const bool waits = is_tracer(function) || (previous != nullptr && !previous->is_over()) ||
                     std::any_of(arguments, arguments + call.all(), [](PyObject* argument) { return is_pending(argument); });
  const bool is_cheap = callee != nullptr && (callee->is_light || (callee->cost_ns >= 0 && callee->cost_ns < run->settings.inline_below_ns));
  if (is_shared || !run->settings.parallel || (!waits && is_cheap && !goes_to_process(run, callee, function))) {
    return call_here(run, callee, call);
  }
  return call_later(run, callee, call, previous);
}

PyObject* issue_operator(PyObject* function, PyObject* const* arguments, size_t count) { return issue_own(false, function, arguments, count); }

PyObject* issue_change(PyObject* function, PyObject* const* arguments, size_t count) { return issue_own(true, function, arguments, count); }

}  // namespace omega::python
