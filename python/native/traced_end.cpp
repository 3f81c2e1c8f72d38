// SPDX-License-Identifier: Apache-2.0
#include "python/native/traced_end.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/container_walk.h"
#include "python/native/operation_threads.h"
#include "python/native/recording.h"
#include "python/native/structure.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

/// Arrays in a structure that have not been computed.
std::vector<Tracer*> expressions_in(PyObject* object) {
  std::vector<Tracer*> tracers;
  Things met;
  any_inside(object, [&](PyObject* each) {
    if (is_tracer(each) && as_tracer(each)->expression != nullptr && met.add(each)) {
      tracers.push_back(as_tracer(each));
    }
    return false;
  });
  return tracers;
}

/// Lists and dicts that others have too hold no tracers when the call is over.
int finish_handed_over(const Run* run, Copies& copies) {
  const bool are_plain = std::ranges::all_of(run->handed_over, [&](PyObject* each) { return make_plain_in_place(each, copies) == 0; });
  return are_plain ? run->given_back.make_all_plain(copies) : -1;
}

/// Whether the exception may come from a tracer where code takes none: not those that the program's own values and names raise.
bool may_come_from_tracer(PyObject* type) {
  PyObject* const others[] = {PyExc_LookupError, PyExc_ArithmeticError, PyExc_NameError, PyExc_AssertionError, PyExc_RecursionError, PyExc_OSError};
  return PyErr_GivenExceptionMatches(type, PyExc_Exception) != 0 &&
         std::ranges::none_of(others, [&](PyObject* other) { return PyErr_GivenExceptionMatches(type, other) != 0; });
}

}  // namespace

PyObject* finished(Run* run, PyObject* result) {
  PyObject* value = nullptr;
  Copies copies;
  if (is_tracer(result)) {
    value = plain(result);
  } else {
    const std::vector<Tracer*> expressions = expressions_in(result);
    // Without arrays to compute meanwhile all is waited for at once: each time this thread woke, it would contend for the GIL with operations that end.
    const bool is_ready = expressions.empty() ? wait_for_all(run) == 0 : evaluate_expressions(expressions) == 0;
    const bool is_plain = is_ready && make_plain_in_place(result, copies) == 0;  // lists that are in it twice stay one
    value = is_plain ? plain_structure(result, copies) : nullptr;
  }
  if (value != nullptr && (run->plain_functions.follow(run, true) < 0 || finish_handed_over(run, copies) < 0)) {
    Py_CLEAR(value);
  }
  if (value == nullptr) {
    // Operations before the one that failed decide which exception it is.
    if (run->failed != UINT32_MAX && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) == 0) {
      PyErr_Clear();
      static_cast<void>(wait_for_all(run));
    }
  } else if (wait_for_all(run) < 0) {
    Py_CLEAR(value);
  }
  Py_DECREF(result);
  return value;
}

void drop_failed_results(const Run* run) {
  for (PyObject* each : run->handed_over) {
    drop_failed(each);
  }
}

bool is_replayed(Run* run, size_t& progress, Failure& first) {
  Failure failure;
  failure.fetch();
  const bool is_error = PyErr_GivenExceptionMatches(failure.type, PyExc_Exception) != 0;
  if (is_error && wait_for_all(run) < 0) {
    return false;
  }
  if (run->has_lost_its_way && first.type != nullptr) {
    first.restore();
    return false;
  }
  if (may_come_from_tracer(failure.type) && (!run->is_replay || run->log.size() > progress)) {
    progress = run->log.size();
    run->is_replay = true;
    if (run->recording != nullptr) {
      run->recording->note_all_awaited(run->log.size());
    }
    if (first.type == nullptr) {
      std::swap(first, failure);
    }
    return true;
  }
  failure.restore();
  return false;
}

}  // namespace omega::python
