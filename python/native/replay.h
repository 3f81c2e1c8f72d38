// SPDX-License-Identifier: Apache-2.0
// Running traced code again with the results there are, where it handed a result to code that takes no tracers: every operation gives what it gave, and
// everything that was looked at is what it was then. Used with the GIL.
#pragma once

#include <Python.h>

#include <initializer_list>

#include "python/native/traced_run.h"

namespace omega::python {

/// Notes whether a repeated attempt comes by the operation too: not with numbers, texts and others that are not seen through tracers then. `function` is
/// what is called; `arguments` as traced code gave them.
void note_seen_again(Operation* operation, PyObject* function, PyObject* const* arguments, size_t count);

/// Whether an earlier attempt of the same call made the next call of that function an operation.
bool is_replayed_next(const Run* run, PyObject* function);
/// What an earlier attempt got for the next operation with that function. Null without an exception where this attempt has come further than it.
PyObject* replay(Run* run, PyObject* function);

/// What an earlier attempt got when it looked at something by that function; null without an exception where there is nothing.
PyObject* looked_at_before(Run* run, PyObject* function);
/// Notes what traced code got by looking at something.
void note_look(Run* run, PyObject* function, PyObject* value, SeenAgain seen_again);

/// Whether a repeated attempt sees one of the objects through a tracer again; what is no tracer is seen by itself.
SeenAgain seen_again(std::initializer_list<PyObject*> objects);

/// What `look_now` gives, which looks at the objects by `function`; the same again in a repeated attempt.
template <class Look>
PyObject* look(PyObject* function, std::initializer_list<PyObject*> objects, Look look_now) {
  Run* const run = current_run();
  if (run == nullptr) {
    return look_now();
  }
  if (run->is_replay) {
    PyObject* const before = looked_at_before(run, function);
    if (before != nullptr || PyErr_Occurred() != nullptr) {
      return before;
    }
  }
  PyObject* const value = look_now();
  if (const SeenAgain again = value == nullptr ? SeenAgain::no : seen_again(objects); again != SeenAgain::no) {
    note_look(run, function, value, again);
  }
  return value;
}

}  // namespace omega::python
