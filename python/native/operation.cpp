// SPDX-License-Identifier: Apache-2.0
#include "python/native/operation.h"
#include "python/native/recording.h"

#include <chrono>
#include <optional>
#include <utility>

#include "omega/task/ticks.h"
#include "python/native/container_walk.h"

#include "python/native/replay.h"
#include "python/native/structure.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

PyObject* process_call = nullptr;

/// Names the operation and where it was called in the exception that is set.
void add_note(const Operation* operation) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback != nullptr) {
    PyException_SetTraceback(value, traceback);
  }
  if (operation->code != nullptr && !operation->is_inline) {
    const auto* const code = reinterpret_cast<const PyCodeObject*>(operation->code);
    PyObject* const note =
        PyUnicode_FromFormat("in operation %u, a call of %s at %U:%d in %U", operation->index,
                             operation->callee != nullptr ? operation->callee->name.c_str() : "a result", code->co_filename, operation->line, code->co_name);
    PyObject* const done = note == nullptr ? nullptr : PyObject_CallMethod(value, "add_note", "O", note);
    Py_XDECREF(note);
    Py_XDECREF(done);
    PyErr_Clear();
  }
  PyErr_Restore(type, value, traceback);
}

PyObject* call_now(Operation* operation, PyObject* function, PyObject* arguments, PyObject* keywords) {
  const Surrounded surrounded(operation->surroundings);
  if (goes_to_process(operation->run, operation->callee, function)) {
    const Py_ssize_t count = PyTuple_GET_SIZE(arguments);
    PyObject* const all = PyTuple_New(count + 1);
    if (all == nullptr) {
      return nullptr;
    }
    PyTuple_SET_ITEM(all, 0, Py_NewRef(function));
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyTuple_SET_ITEM(all, i + 1, Py_NewRef(PyTuple_GET_ITEM(arguments, i)));
    }
    PyObject* const result = PyObject_Call(process_call, all, keywords);
    Py_DECREF(all);
    return result;
  }
  return PyObject_Call(function, arguments, keywords);
}

}  // namespace

void release(Operation* operation) {
  if (--operation->references > 0) {
    return;
  }
  Py_XDECREF(operation->function);
  Py_XDECREF(operation->arguments);
  Py_XDECREF(operation->keywords);
  Py_XDECREF(operation->value);
  Py_XDECREF(operation->error);
  Py_XDECREF(operation->code);
  for (Operation* dependent : operation->dependents) {
    release(dependent);
  }
  Run* const run = operation->run;
  delete operation;
  release(run);
}

Operation* new_operation(Run* run, Callee* callee, PyObject* function) {
  auto* const operation = new Operation;
  operation->index = static_cast<uint32_t>(run->log.size());
  operation->run = run;
  ++run->references;
  operation->callee = callee;
  operation->function = Py_NewRef(function);
  run->log.push_back(operation);
  return operation;
}

void note_place(Operation* operation) {
  PyThreadState* const thread = PyThreadState_Get();
  PyFrameObject* const frame = PyThreadState_GetFrame(thread);
  if (frame != nullptr) {
    operation->code = reinterpret_cast<PyObject*>(PyFrame_GetCode(frame));
    operation->line = PyFrame_GetLineNumber(frame);
    Py_DECREF(frame);
  }
}

void depend(Operation* operation, Operation* other) {
  if (other == nullptr || other == operation) {
    return;
  }
  if (operation->run->recording != nullptr) {
    operation->run->recording->note_need(operation->index, other->index);
  }
  if (other->state >= Operation::State::failed) {
    operation->state = Operation::State::skipped;
  } else if (!other->is_over()) {
    ++operation->missing;
    ++operation->references;
    other->dependents.push_back(operation);
  }
}

void depend_on(Operation* operation, const Tracer* tracer) {
  if (tracer->operation != nullptr) {
    depend(operation, tracer->operation);
  }
}

bool goes_to_process(const Run* run, const Callee* callee, PyObject* function) {
  return callee != nullptr && run->settings.processes != Processes::none &&
         (callee->runs_in_process || (run->settings.processes == Processes::all && !callee->is_light && !is_tracer(function) && !PyCFunction_Check(function)));
}

bool changes_or_keeps(PyObject* function, std::span<PyObject* const> arguments) {
  Callee* const callee = callee_of(function);
  if (callee == nullptr) {
    PyErr_Clear();
    return true;
  }
  const SeenCall call{callee, function, arguments};
  return may_need_originals(callee, function) || reach_of(call, call.is_open()).changes();
}

namespace {

/// What an instruction has taken for harmless may be found not to be: then it waits the next time.
void note_met(const Operation& operation, PyObject* function, PyObject* arguments) {
  const bool is_operator_on_first = operation.callee != nullptr && operation.callee->changes_first;
  PyObject* const* const given = reinterpret_cast<PyTupleObject*>(arguments)->ob_item;
  const auto count = static_cast<size_t>(PyTuple_GET_SIZE(arguments));
  if (is_operator_on_first ? may_change_in_place(given[0]) : changes_or_keeps(function, {given, count})) {
    *operation.met = Met::harmful;
  }
}

}  // namespace

void run_operation(Operation* operation) {
  operation->state = Operation::State::running;
  Run* const traced = std::exchange(current_run(), nullptr);
  std::optional<Copies> copies(std::in_place);
  PyObject* const function = operation->run->plain_functions.begin(operation, *copies) < 0 ? nullptr : plain(operation->function);
  PyObject* const arguments = function == nullptr ? nullptr : plain_structure(operation->arguments, *copies);
  PyObject* const keywords = arguments == nullptr || operation->keywords == nullptr ? nullptr : plain_structure(operation->keywords, *copies);
  operation->lent.follow(*copies);
  copies.reset();
  const double traced_before = tracing_ns();
  const double start = now_ns();
  if (arguments != nullptr && (operation->keywords == nullptr || keywords != nullptr)) {
    if (operation->callee == nullptr) {
      operation->callee = callee_of(function);
    }
    if (operation->met != nullptr) {
      note_met(*operation, function, arguments);
    }
    // An interrupt may come while what is called is looked at.
    operation->value = operation->callee == nullptr ? nullptr : call_now(operation, function, arguments, keywords);
    if (operation->seen_again != SeenAgain::yes) {  // as far as what was there tells
      note_seen_again(operation, function, reinterpret_cast<PyTupleObject*>(operation->arguments)->ob_item,
                      static_cast<size_t>(PyTuple_GET_SIZE(operation->arguments)));
    }
  }
  operation->nanoseconds = now_ns() - start;
  operation->tracing_ns = tracing_ns() - traced_before;
  if (operation->value == nullptr) {
    add_note(operation);
    PyObject *type, *traceback;
    PyErr_Fetch(&type, &operation->error, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
  } else if (operation->callee != nullptr) {
    operation->callee->learn(operation->nanoseconds, true);
    operation->callee->gives_containers |= is_changeable_container(operation->value);
  }
  Callee* const learning = function == nullptr || is_declared(function) ? nullptr : operation->callee;  // a declaration says all
  Py_XDECREF(function);
  Py_XDECREF(arguments);
  Py_XDECREF(keywords);
  Py_CLEAR(operation->arguments);
  Py_CLEAR(operation->keywords);
  operation->surroundings.drop();
  operation->holds_copies = note_given_back(operation->run, learning, operation->lent, operation->value);
  current_run() = traced;
}

void raise_error(Operation* operation) {
  if (operation->error == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "an operation did not run: one before it failed, or the call was interrupted");
    return;
  }
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(operation->error)), operation->error);
}

double now_ns() {
  static const double ns_of_tick = [] {
    const auto steady_ns = [] { return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count()); };
    constexpr double kLongEnough = 2e5;  // [ns] for the steps of the steady clock not to count
    const double begun = steady_ns();
    const uint64_t first = task::ticks();
    double now = begun;
    while (now - begun < kLongEnough) {
      now = steady_ns();
    }
    return (now - begun) / static_cast<double>(task::ticks() - first);
  }();
  return ns_of_tick * static_cast<double>(task::ticks());
}

void set_process_call(PyObject* in_process) { Py_XSETREF(process_call, Py_NewRef(in_process)); }

}  // namespace omega::python
