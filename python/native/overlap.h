// SPDX-License-Identifier: Apache-2.0
// Whether anything that a call can come by could run at the same time as something else. Used with the GIL.
#pragma once

#include <Python.h>

#include <span>

namespace omega::python {

class Worth;

/// Whether a call of a Python function or method may come by something that gives up the interpreter's lock, to wait or to compute, or that computes with
/// arrays. It is looked for in its code, in the code that this names, and in the objects that the call is given; where these are many, in the nearest of them.
/// What code names is looked at again after a while. False says that tracing the call gains nothing; whatever the answer, nothing becomes wrong. It is noted in
/// the function's account, to which looking is put.
bool may_overlap(Worth& account, PyObject* function, std::span<PyObject* const> arguments);

/// Functions that are asked: see omega/xcs/overlap.py.
void set_overlap_hooks(PyObject* named_values, PyObject* holds_lock, PyObject* holds_objects);

}  // namespace omega::python
