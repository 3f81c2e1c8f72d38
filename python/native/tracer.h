// SPDX-License-Identifier: Apache-2.0
// Tracer: what stands for a value while a traced function runs. All of this is used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>

namespace omega::python {

struct Expression;
struct Operation;
struct Callee;
struct Run;

/// Whether a repeated attempt of traced code comes by something through a tracer again.
enum class SeenAgain : uint8_t { no, maybe, yes };

/// No operation of a run.
inline constexpr uint32_t kNoOperation = UINT32_MAX;

/// A Python object. It is one of three things, and becomes the first in the end:
/// known: stands for `value`, so that calls of it are seen; pending: the result of an operation that may not have ended;
/// expression: an array that has not been computed.
struct Tracer {
  PyObject_HEAD PyObject* value;  ///< known; else null
  Operation* operation;           ///< pending, one reference; else null
  Expression* expression;         ///< of an expression, its own; else null
  Callee* callee;                 ///< known: what is known about calls of it; null: nobody asked
  Run* noted_in;                  ///< the run whose looks have this one, by number `look`, without a reference; null: none
  uint32_t look;
  bool is_computed;   ///< by operators or array code: a repeated attempt may compute it without a tracer
  uint32_t producer;  ///< the operation that gave it, in its run's order; kNoOperation: none, or that is not recorded
  vectorcallfunc call;
};

/// The type `omega._native.Tracer`, made by add_tracer_type().
extern PyTypeObject* tracer_type;
/// Makes the types and adds them to the module. -1 with an exception set.
int add_tracer_type(PyObject* module);

/// The type `numpy.ndarray`.
PyTypeObject* array_type_object();

inline bool is_tracer(PyObject* object) { return Py_TYPE(object) == tracer_type; }
inline Tracer* as_tracer(PyObject* object) { return reinterpret_cast<Tracer*>(object); }

/// A tracer in none of its states, for who sets one at once. Null with an exception set.
Tracer* new_tracer();
/// A tracer that stands for `value`. Takes the reference over. Null with an exception set.
PyObject* known_tracer(PyObject* value);
/// `value` as traced code sees it, itself where no function is traced: numbers, strings, None and what else nobody calls as they are, everything else as a
/// known tracer. Takes the reference over; null stays null.
PyObject* seen(PyObject* value);
/// The same in a body that is run again, of what an attempt before saw: texts of classes with code of their own stand for themselves then, since C code takes
/// no tracers of them. Takes the reference over.
PyObject* seen_again_as(PyObject* before);
/// Whether traced code sees the value itself, not a tracer of it.
bool is_seen_as_it_is(PyObject* value);
/// Whether it is seen as it is, or is a short tuple, which is one of what is in it seen.
bool is_seen_without_tracer(PyObject* value);
/// Whether it is an element-wise function or another one of NumPy's.
bool is_numpy_function(PyObject* function);
/// What the tracer stands for, if that is there and traced code may see it; borrowed, else null.
PyObject* value_there(const Tracer* tracer);
/// What the tracer stands for, computed or waited for; a new reference. Null with an exception set.
PyObject* value_of(Tracer* tracer);
/// The same of any object: itself, where it is no tracer.
PyObject* plain(PyObject* object);

/// An attribute of any object as traced code takes it: of a tracer by an operation. Null with an exception set.
PyObject* taken_attribute(PyObject* object, PyObject* name);

/// Whether the object is what traced code has of an iterator over a tracer: one whose elements are seen.
bool is_seen_iterator(PyObject* object);
/// The iterator itself, as far as traced code has gone. A new reference; null with an exception set.
PyObject* iterator_behind(PyObject* seen_iterator);

}  // namespace omega::python
