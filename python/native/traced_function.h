// SPDX-License-Identifier: Apache-2.0
// TracedFunction: a Python function that is traced at each call.
#pragma once

#include <Python.h>

#include <span>

namespace omega::python {

struct Run;

/// A call of a plain function, or a method, whose body is traced as part of the run: its result. Null with an exception set.
PyObject* step_into(Run* run, PyObject* callable, PyObject* const* arguments, size_t count, PyObject* names);

/// Whether tracing the body of a plain function, or a method, pays as part of the run.
bool is_worth_stepping_into(const Run& run, PyObject* callable, std::span<PyObject* const> arguments);

/// Bodies that are traced have made an expression of arrays.
void note_arrays_in_bodies(const Run& run);

/// Brings what the bodies that are traced see of enclosing functions' variables up to date: a call may have assigned them.
void refresh_closures(const Run* run);
/// The function that a traced one was made from; borrowed. Null for other objects.
PyObject* function_of_traced(PyObject* object);

/// Makes the type `omega._native.TracedFunction` and adds it to the module. -1 with an exception set.
int add_traced_function_type(PyObject* module);
/// This process is the child of a fork: there is one thread, so functions run as they were written.
void note_forked_child();

}  // namespace omega::python
