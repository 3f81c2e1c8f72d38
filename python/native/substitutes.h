// SPDX-License-Identifier: Apache-2.0
// Builtins that traced code gets others for, wherever it has them from. Used with the GIL.
#pragma once

#include <Python.h>

namespace omega::python {

/// Says what is called for which builtin, by the builtin itself.
void set_substitutes(PyObject* by_builtin);

/// Whether something else is called for the object where traced code calls it.
bool has_substitute(PyObject* object);

/// What traced code calls for a builtin, or a `functools.partial` of one. `takes_tracers`: it is called as it is, by the frame of traced code.
/// The object itself where that is no such builtin. A new reference; null with an exception set.
PyObject* substituted(PyObject* function, bool& takes_tracers);

}  // namespace omega::python
