// SPDX-License-Identifier: Apache-2.0
// What the files that make up the type Tracer share.
#pragma once

#include <Python.h>

#include "python/native/array_expression.h"
#include "python/native/tracer.h"

namespace omega::python {

/// A pending tracer whose operation is over becomes known.
void refresh_tracer(Tracer* tracer);
/// Whether the object is a tracer whose operation is not over.
bool is_pending_tracer(PyObject* object);

/// The method of an array that is a fold, `x.sum`.
PyObject* bound_fold(PyObject* array, PyObject* name, ArrayFold fold);
/// Whether that is the type of such methods.
bool is_bound_fold_type(const PyTypeObject* type);

/// `__array__`, `__array_ufunc__`, `__array_function__` of tracers.
PyObject* array_of(PyObject* self, PyObject* arguments, PyObject* keywords);
PyObject* array_ufunc(PyObject* self, PyObject* arguments, PyObject* keywords);
PyObject* array_function(PyObject* self, PyObject* arguments);

/// Finds what they need. -1 with an exception set.
int add_numpy_protocols();

}  // namespace omega::python
