// SPDX-License-Identifier: Apache-2.0
// What the files that make up the type Tracer share.
#pragma once

#include <Python.h>

#include <span>

#include "python/native/array_expression.h"
#include "python/native/traced_run.h"
#include "python/native/tracer.h"

namespace omega::python {

/// A pending tracer whose operation is over becomes known.
void refresh_tracer(Tracer* tracer);
/// Whether the object is a tracer whose operation is not over.
bool is_pending_tracer(PyObject* object);

// Slots of the type, by what they are about; each file's.
std::span<const PyType_Slot> operator_slots();
std::span<const PyType_Slot> attribute_slots();
std::span<const PyType_Slot> value_slots();

/// What the function gives, which runs outside of the trace.
template <class Function>
auto outside_trace(Function function) {
  const OutsideTrace outside;
  return function();
}

/// The method of an array that is a fold, `x.sum`.
PyObject* bound_fold(PyObject* array, PyObject* name, ArrayFold fold);
/// Whether that is the type of such methods.
bool is_bound_fold_type(const PyTypeObject* type);

/// Calls a function of NumPy's, which traced code sees through the tracer `called`: what it gives is seen too.
PyObject* call_numpy_function(PyObject* called, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names);
/// `__array__`, `__array_ufunc__`, `__array_function__` of tracers.
PyObject* array_of(PyObject* self, PyObject* arguments, PyObject* keywords);
PyObject* array_ufunc(PyObject* self, PyObject* arguments, PyObject* keywords);
PyObject* array_function(PyObject* self, PyObject* arguments);

// Finding in Python's modules what each file needs, once. -1 with an exception set.
int find_operators(PyObject* operators);
int find_attribute_functions(PyObject* operators, PyObject* numpy);
int add_seen_iterator_type();
int add_numpy_protocols();

}  // namespace omega::python
