// SPDX-License-Identifier: Apache-2.0
// How a traced call ends: with its result, an exception, or by running the body again with the results that there are. With the GIL.
#pragma once

#include <Python.h>

#include <cstddef>
#include <utility>

namespace omega::python {

struct Run;

/// The result of the body without tracers, when everything has ended. Takes the reference over. Null with an exception set.
PyObject* finished(Run* run, PyObject* result);

/// After an exception: lists and dicts that others have too hold nothing of operations that failed.
void drop_failed_results(const Run* run);

/// The exception that ends an attempt.
struct Failure {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;

  void fetch() {
    drop();
    PyErr_Fetch(&type, &value, &traceback);
  }
  void restore() { PyErr_Restore(std::exchange(type, nullptr), std::exchange(value, nullptr), std::exchange(traceback, nullptr)); }
  void drop() {
    Py_CLEAR(type);
    Py_CLEAR(value);
    Py_CLEAR(traceback);
  }
  ~Failure() { drop(); }
};

/// The exception of the body is set: whether the function is to be run again with the values that there are. If not, the right exception is set; where this
/// attempt did not come by what those before did, that is `first`, of the first attempt. `progress`: how many operations the attempt before had.
bool is_replayed(Run* run, size_t& progress, Failure& first);

}  // namespace omega::python
