// SPDX-License-Identifier: Apache-2.0
// From a call that traced code makes to its result, or to an operation that will give it. Used with the GIL.
#pragma once

#include <Python.h>

#include "python/native/traced_run.h"

namespace omega::python {

/// A call that was seen: runs it, or makes it an operation. What traced code sees of its result; null with an exception set. `called`: the tracer that stood
/// for the function, if one did.
PyObject* issue(Run* run, Callee* callee, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names, const Tracer* called = nullptr);
/// An operator of a module `operator`, on what may be pending. One whose change all see is done at once, when everything before is over.
PyObject* issue_operator(OperatorEffect effect, PyObject* function, PyObject* const* arguments, size_t count);
/// Whether a call, which would start later, gets copies of lists, dicts or sets that traced code has still, or results that may be such copies.
bool lends_containers(PyObject* const* arguments, size_t count, PyObject* names);
/// A call outside of traces, where what is called takes no tracers. Null with an exception set.
PyObject* call_with_values(PyObject* function, PyObject* const* arguments, size_t count, PyObject* names);

}  // namespace omega::python
