// SPDX-License-Identifier: Apache-2.0
#include "python/native/replay.h"

#include <algorithm>

#include "python/native/tracer.h"

namespace omega::python {
namespace {

/// Whether the operation calls the function. -1 with an exception set.
int calls_function(const Operation* operation, PyObject* function) {
  PyObject* const recorded = plain(operation->function);
  const int is_same = recorded == nullptr ? -1 : recorded == function ? 1 : PyObject_RichCompareBool(recorded, function, Py_EQ);
  Py_XDECREF(recorded);
  return is_same;
}

/// The next operation of an earlier attempt that this one comes by too, where the next is by that function; the size of the log where there is none.
size_t next_operation(const Run* run, PyObject* function) {
  for (size_t at = run->replayed; at < run->log.size(); ++at) {
    const SeenAgain again = run->log[at]->seen_again;
    if (again == SeenAgain::yes || (again == SeenAgain::maybe && calls_function(run->log[at], function) != 0)) {
      return at;
    }
  }
  return run->log.size();
}

SeenAgain seen_again_of(PyObject* object) {
  if (!is_tracer(object)) {
    return is_seen_without_tracer(object) ? SeenAgain::no : SeenAgain::yes;
  }
  const Tracer* const tracer = as_tracer(object);
  PyObject* const value = tracer->operation != nullptr ? tracer->operation->value : tracer->value;
  if (value != nullptr && is_seen_without_tracer(value)) {
    return SeenAgain::no;
  }
  if (tracer->is_computed) {
    return SeenAgain::maybe;
  }
  const SeenAgain producer = tracer->operation != nullptr ? tracer->operation->seen_again : SeenAgain::yes;
  return value != nullptr ? producer : SeenAgain::no;
}

PyObject* value_again(Operation* operation) {
  if (operation->value == nullptr) {
    raise_error(operation);
    return nullptr;
  }
  if (give_back(operation) < 0) {
    return nullptr;
  }
  return seen(Py_NewRef(operation->value));
}

}  // namespace

SeenAgain seen_again(std::initializer_list<PyObject*> objects) {
  SeenAgain most = SeenAgain::no;
  for (PyObject* each : objects) {
    most = std::max(most, seen_again_of(each));
  }
  return most;
}

void note_seen_again(Operation* operation, PyObject* function, PyObject* const* arguments, size_t count) {
  if (operation->callee == operator_callee(OperatorEffect::shared) && !is_numpy_function(function)) {
    return;  // done at once, so to something that was known
  }
  if (is_operator(operation->callee) || is_numpy_function(function)) {
    operation->seen_again = SeenAgain::no;
    for (size_t i = 0; i < count; ++i) {
      if (is_tracer(arguments[i])) {
        operation->seen_again = std::max(operation->seen_again, seen_again_of(arguments[i]));
      }
    }
    return;
  }
  PyObject* const owner = PyCFunction_Check(function) ? PyCFunction_GET_SELF(function) : nullptr;
  operation->seen_again = owner != nullptr && !PyModule_Check(owner) && is_seen_without_tracer(owner) ? SeenAgain::no : SeenAgain::yes;
}

bool is_replayed_next(const Run* run, PyObject* function) {
  const size_t at = next_operation(run, function);
  const bool is_there = at < run->log.size() && calls_function(run->log[at], function) == 1;
  PyErr_Clear();
  return is_there;
}

PyObject* replay(Run* run, PyObject* function) {
  const size_t at = next_operation(run, function);
  if (at == run->log.size()) {
    run->replayed = at;
    return nullptr;
  }
  Operation* const operation = run->log[at];
  const int is_same = calls_function(operation, function);
  if (is_same == 0) {
    run->has_lost_its_way = true;
    PyErr_Format(PyExc_RuntimeError, "traced code took another way with the values than without them: at %s; run it with Config(parallel=False)",
                 operation->callee == nullptr ? "a call" : operation->callee->name.c_str());
  }
  if (is_same != 1) {
    return nullptr;
  }
  run->replayed = at + 1;
  return value_again(operation);
}

PyObject* looked_at_before(Run* run, PyObject* function) {
  const size_t operation = next_operation(run, function);
  for (size_t at = run->looked; at < run->looks.size() && run->looks[at].place <= operation; ++at) {
    if (run->looks[at].function == function) {
      run->looked = at + 1;
      return seen_again_as(Py_XNewRef(run->looks[at].value));
    }
    if (run->looks[at].seen_again == SeenAgain::yes) {
      return nullptr;
    }
  }
  return is_replayed_next(run, function) ? replay(run, function) : nullptr;
}

void note_look(Run* run, PyObject* function, PyObject* value, SeenAgain seen_again) {
  if (run->looked == run->looks.size() && run->replayed == run->log.size()) {
    const bool is_kept = !is_tracer(value) || as_tracer(value)->expression == nullptr || as_tracer(value)->noted_in != nullptr;
    if (is_kept) {
      Py_INCREF(value);
    } else {
      as_tracer(value)->noted_in = run;
      as_tracer(value)->look = static_cast<uint32_t>(run->looks.size());
    }
    run->looks.push_back({function, value, is_kept, run->log.size(), seen_again});
    ++run->looked;
  }
}

}  // namespace omega::python
