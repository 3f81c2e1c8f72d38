// SPDX-License-Identifier: Apache-2.0
// TracedFunction: a Python function that is traced at each call.
#pragma once

#include <Python.h>

namespace omega::python {

/// Makes the type `omega._native.TracedFunction` and adds it to the module. -1 with an exception set.
int add_traced_function_type(PyObject* module);
/// This process is the child of a fork: there is one thread, so functions run as they were written.
void note_forked_child();

}  // namespace omega::python
