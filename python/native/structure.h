// SPDX-License-Identifier: Apache-2.0
// Tracers inside lists, tuples, dicts, sets and dataclasses. Used with the GIL.
#pragma once

#include <Python.h>

namespace omega::python {

/// `object` without tracers: lists, tuples, dicts, sets and dataclasses that hold some are copied. Null with an exception set.
PyObject* plain_structure(PyObject* object, int depth = 0);
/// The same in place, in lists and dicts, also of tuples: for who is going to keep or change them. -1 with an exception set. `puts_objects`: set where one of
/// the values is such that traced code sees it through a tracer elsewhere; or null.
int make_plain_in_place(PyObject* object, bool* puts_objects = nullptr, int depth = 0);
/// Takes out of a list or dict what operations that failed should have given, and makes the rest plain. No exception is set.
void drop_failed(PyObject* object);
/// Whether a structure holds a tracer.
bool holds_tracer(PyObject* object, int depth = 0);
/// Whether a list, tuple or dict holds a tracer of an operation that is not over.
bool is_pending(PyObject* object, int depth = 0);

}  // namespace omega::python
