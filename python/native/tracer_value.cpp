// SPDX-License-Identifier: Apache-2.0
// What looks at the value that a tracer stands for, and so waits for it: truth, conversions, iteration, copies, and what NumPy looks for.
#include "python/native/array_expression.h"
#include "python/native/recording.h"
#include "python/native/tracer_protocols.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

PyTypeObject* iterator_type = nullptr;

template <PyObject* (*Function)(PyObject*)>
PyObject* converted(PyObject* self) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : Function(value);
  Py_XDECREF(value);
  return result;
}

int truth(PyObject* self) {
  PyObject* const value = plain(self);
  const int result = value == nullptr ? -1 : PyObject_IsTrue(value);
  Py_XDECREF(value);
  return result;
}

Py_hash_t hash(PyObject* self) {
  PyObject* const value = plain(self);
  const Py_hash_t result = value == nullptr ? -1 : PyObject_Hash(value);
  Py_XDECREF(value);
  return result;
}

Py_ssize_t length(PyObject* self) {
  const Expression* const expression = as_tracer(self)->expression;
  if (expression != nullptr && expression->rank > 0) {
    return expression->shape[0];
  }
  PyObject* const value = plain(self);
  const Py_ssize_t result = value == nullptr ? -1 : PyObject_Length(value);
  Py_XDECREF(value);
  return result;
}

int contains(PyObject* self, PyObject* element) {
  PyObject* const value = plain(self);
  PyObject* const searched = value == nullptr ? nullptr : plain(element);
  const int result = searched == nullptr ? -1 : PySequence_Contains(value, searched);
  Py_XDECREF(value);
  Py_XDECREF(searched);
  return result;
}

// Iteration.

struct SeenIterator {
  PyObject_HEAD PyObject* iterator;
  uint32_t producer;  ///< of what is gone over, where that is recorded
};

PyObject* iterate(PyObject* self) {
  PyObject* const value = plain(self);
  PyObject* const iterator = value == nullptr ? nullptr : PyObject_GetIter(value);
  Py_XDECREF(value);
  if (iterator == nullptr) {
    return nullptr;
  }
  auto* const made = PyObject_New(SeenIterator, iterator_type);
  if (made == nullptr) {
    Py_DECREF(iterator);
    return nullptr;
  }
  made->iterator = iterator;
  made->producer = is_recorded(self) ? as_tracer(self)->producer : kNoOperation;
  return reinterpret_cast<PyObject*>(made);
}

PyObject* next_of(PyObject* self) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyIter_Check(value) != 0 ? PyIter_Next(value) : nullptr;
  if (result == nullptr && value != nullptr && PyIter_Check(value) == 0) {
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator", Py_TYPE(value)->tp_name);
  }
  Py_XDECREF(value);
  return seen(result);
}

PyObject* next_seen(PyObject* self) {
  const auto* const seen_iterator = reinterpret_cast<SeenIterator*>(self);
  PyObject* const next = PyIter_Next(seen_iterator->iterator);
  return seen_iterator->producer == kNoOperation ? seen(next) : seen_as_result(next, seen_iterator->producer);
}

void free_iterator(PyObject* self) {
  Py_DECREF(reinterpret_cast<SeenIterator*>(self)->iterator);
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

// Methods that the interpreter and NumPy look for.

PyObject* formatted(PyObject* self, PyObject* format) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyObject_Format(value, format);
  Py_XDECREF(value);
  return result;
}

PyObject* instance_check(PyObject* self, PyObject* instance) {
  PyObject* const type = plain(self);
  PyObject* const value = type == nullptr ? nullptr : plain(instance);
  const int result = value == nullptr ? -1 : PyObject_IsInstance(value, type);
  Py_XDECREF(type);
  Py_XDECREF(value);
  return result < 0 ? nullptr : PyBool_FromLong(result);
}

PyObject* subclass_check(PyObject* self, PyObject* derived) {
  PyObject* const type = plain(self);
  PyObject* const value = type == nullptr ? nullptr : plain(derived);
  const int result = value == nullptr ? -1 : PyObject_IsSubclass(value, type);
  Py_XDECREF(type);
  Py_XDECREF(value);
  return result < 0 ? nullptr : PyBool_FromLong(result);
}

/// Copies and pickles are those of the value.
PyObject* forwarded(PyObject* self, const char* name, PyObject* argument) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyObject_CallMethod(value, name, "(O)", argument);
  Py_XDECREF(value);
  return result;
}
PyObject* reduced(PyObject* self, PyObject* protocol) { return forwarded(self, "__reduce_ex__", protocol); }
PyObject* copied_by(PyObject* self, const char* function, PyObject* memory) {
  PyObject* const value = plain(self);
  PyObject* const module = value == nullptr ? nullptr : PyImport_ImportModule("copy");
  PyObject* const result = module == nullptr   ? nullptr
                           : memory != nullptr ? PyObject_CallMethod(module, function, "OO", value, memory)
                                               : PyObject_CallMethod(module, function, "(O)", value);
  Py_XDECREF(value);
  Py_XDECREF(module);
  return result;
}
PyObject* copied(PyObject* self, PyObject*) { return copied_by(self, "copy", nullptr); }
PyObject* deeply_copied(PyObject* self, PyObject* memory) { return copied_by(self, "deepcopy", memory); }
PyObject* rounded(PyObject* self, PyObject* arguments) {
  PyObject* const value = plain(self);
  PyObject* const function = value == nullptr ? nullptr : PyObject_GetAttrString(value, "__round__");
  PyObject* const result = function == nullptr ? nullptr : PyObject_Call(function, arguments, nullptr);
  Py_XDECREF(value);
  Py_XDECREF(function);
  return seen(result);
}

int get_buffer(PyObject* self, Py_buffer* buffer, int flags) {
  PyObject* const value = plain(self);
  const int result = value == nullptr ? -1 : PyObject_GetBuffer(value, buffer, flags);
  Py_XDECREF(value);
  return result;
}

}  // namespace

bool is_seen_iterator_type(const PyTypeObject* type) { return type == iterator_type; }

std::span<const PyType_Slot> value_slots() {
  static PyMethodDef methods[] = {
      {"__array__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(array_of)), METH_VARARGS | METH_KEYWORDS, "The value as an array."},
      {"__array_ufunc__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(array_ufunc)), METH_VARARGS | METH_KEYWORDS, "NumPy's element-wise functions."},
      {"__array_function__", array_function, METH_VARARGS, "NumPy's other functions."},
      {"__format__", formatted, METH_O, "The value's."},
      {"__instancecheck__", instance_check, METH_O, "The value's."},
      {"__subclasscheck__", subclass_check, METH_O, "The value's."},
      {"__reduce_ex__", reduced, METH_O, "The value's."},
      {"__copy__", copied, METH_NOARGS, "The value's."},
      {"__deepcopy__", deeply_copied, METH_O, "The value's."},
      {"__round__", rounded, METH_VARARGS, "The value's."},
      {nullptr, nullptr, 0, nullptr}};
  static const PyType_Slot slots[] = {
      type_slot(Py_tp_hash, hash),
      type_slot(Py_tp_str, converted<PyObject_Str>),
      type_slot(Py_tp_repr, converted<PyObject_Repr>),
      type_slot(Py_tp_iter, iterate),
      type_slot(Py_tp_iternext, next_of),
      type_slot(Py_bf_getbuffer, get_buffer),
      type_slot(Py_mp_length, length),
      type_slot(Py_sq_contains, contains),
      type_slot(Py_nb_bool, truth),
      type_slot(Py_nb_int, converted<PyNumber_Long>),
      type_slot(Py_nb_float, converted<PyNumber_Float>),
      type_slot(Py_nb_index, converted<PyNumber_Index>),
      type_slot(Py_tp_methods, methods),
  };
  return slots;
}

int add_seen_iterator_type() {
  static PyType_Slot iterator_slots[] = {
      type_slot(Py_tp_dealloc, free_iterator), type_slot(Py_tp_iter, PyObject_SelfIter), type_slot(Py_tp_iternext, next_seen), {0, nullptr}};
  static PyType_Spec iterator_spec = {"omega._native.SeenIterator", sizeof(SeenIterator), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                      iterator_slots};
  iterator_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&iterator_spec));
  return iterator_type == nullptr ? -1 : 0;
}

}  // namespace omega::python
