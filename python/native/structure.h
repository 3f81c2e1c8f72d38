// SPDX-License-Identifier: Apache-2.0
// Tracers inside lists, tuples, dicts, sets and dataclasses. Used with the GIL.
#pragma once

#include <Python.h>

namespace omega::python {

/// `object` without tracers: lists, tuples, dicts, sets and dataclasses that hold some are copied. Null with an exception set.
PyObject* plain_structure(PyObject* object, int depth = 0);
/// The same in place, in lists and dicts: for who is going to change them. -1 with an exception set.
int make_plain_in_place(PyObject* object, int depth = 0);
/// Whether a structure holds a tracer.
bool holds_tracer(PyObject* object, int depth = 0);
/// Whether a list, tuple or dict holds a tracer of an operation that is not over.
bool is_pending(PyObject* object, int depth = 0);

}  // namespace omega::python
