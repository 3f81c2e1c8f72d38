// SPDX-License-Identifier: Apache-2.0
// Globals as traced code sees them. Used with the GIL.
#pragma once

#include <Python.h>

namespace omega::python {

/// What a copy of the function has as globals: names are looked up at each use in the function's own globals, in `substitutes`, in the builtins, and seen
/// through tracers. Null with an exception set.
PyObject* make_globals_view(PyFunctionObject* function, PyObject* substitutes);

/// The dict of a function's module, also of one that traced code defines, whose globals are such a view. Borrowed.
PyObject* globals_of(const PyFunctionObject* function);
/// The same of what a function or frame has as globals. Borrowed.
PyObject* globals_behind(PyObject* globals);
/// Whether a function was defined by traced code, and sees globals through tracers.
bool is_function_of_body(PyObject* object);
/// Whether a generator runs code of a traced body, which sees tracers and gives some.
bool is_generator_of_body(PyObject* object);

bool is_globals_view(PyObject* globals);
/// Puts what the module has into a view's own memory, for who reads that as a dict: gives it, as it is now, as a new dict. Null with an exception set.
PyObject* fill_view(PyObject* view);
/// Takes it out again; what others put in meanwhile the module gets. -1 with an exception set.
int empty_view(PyObject* view, PyObject* filled_with);

/// Makes their type. -1 with an exception set.
int add_globals_view_type();

}  // namespace omega::python
