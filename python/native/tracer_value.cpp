// SPDX-License-Identifier: Apache-2.0
// What looks at the value that a tracer stands for, and so waits for it: truth, conversions, iteration, copies, and what NumPy looks for.
#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/issue.h"
#include "python/native/order.h"
#include "python/native/recording.h"
#include "python/native/replay.h"
#include "python/native/tracer_protocols.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

PyTypeObject* iterator_type = nullptr;

/// The dict of a view, which is all that a view visits. Borrowed.
PyObject* dict_of(PyObject* view) {
  PyObject* dict = nullptr;
  const auto take = [](PyObject* visited, void* to) {
    *static_cast<PyObject**>(to) = visited;
    return 0;
  };
  Py_TYPE(view)->tp_traverse(view, take, static_cast<void*>(&dict));
  return dict;
}

/// The container, of one of the interpreter's or a library's, or of a view of a dict; null for objects that run code of the program to say what they hold, and
/// for iterators, which change when they are asked.
PyObject* container_of(PyObject* value) {
  if (PyDictViewSet_Check(value) || PyDictValues_Check(value)) {
    return dict_of(value);
  }
  return PyIter_Check(value) != 0 || is_program_type(Py_TYPE(value)) ? nullptr : value;
}

Looking looking_for_size(PyObject* self) {
  PyObject* const value = is_tracer(self) ? as_tracer(self)->value : self;
  return value != nullptr && container_of(value) != nullptr ? Looking::itself : Looking::whole;
}

/// What `function` of what the tracer stands for gives, looked at once in all attempts of a call.
template <class Function>
PyObject* look_at(PyObject* name, PyObject* self, Looking looking, Function function) {
  return look(name, {self}, [&] {
    PyObject* const value = looked_at(self, looking);
    PyObject* const result = value == nullptr ? nullptr : outside_trace([&] { return function(value); });
    Py_XDECREF(value);
    return result;
  });
}

/// A name for what was looked at by a function of C's, which operations do not have.
template <auto Function>
PyObject* name_of_look() {
  static PyObject* const name = PyLong_FromVoidPtr(reinterpret_cast<void*>(Function));
  return name;
}

template <PyObject* (*Function)(PyObject*)>
PyObject* converted(PyObject* self) {
  return look_at(name_of_look<Function>(), self, Looking::whole, Function);
}

/// The number that such a look gave; -1 with an exception set. Takes the reference over.
Py_ssize_t number_of(PyObject* looked) {
  const Py_ssize_t number = looked == nullptr ? -1 : PyLong_AsSsize_t(looked);
  Py_XDECREF(looked);
  return number;
}

PyObject* number_or_error(Py_ssize_t number) { return number < 0 && PyErr_Occurred() != nullptr ? nullptr : PyLong_FromSsize_t(number); }

int truth(PyObject* self) {
  return static_cast<int>(number_of(
      look_at(name_of_look<PyObject_IsTrue>(), self, looking_for_size(self), [](PyObject* value) { return number_or_error(PyObject_IsTrue(value)); })));
}

Py_hash_t hash(PyObject* self) {
  PyObject* const value = looked_at(self, Looking::whole);
  const Py_hash_t result = value == nullptr ? -1 : outside_trace([&] { return PyObject_Hash(value); });
  Py_XDECREF(value);
  return result;
}

Py_ssize_t length(PyObject* self) {
  const Expression* const expression = as_tracer(self)->expression;
  if (expression != nullptr && expression->rank > 0) {
    return expression->shape[0];
  }
  return number_of(
      look_at(name_of_look<PyObject_Length>(), self, looking_for_size(self), [](PyObject* value) { return number_or_error(PyObject_Length(value)); }));
}

int contains(PyObject* self, PyObject* element) {
  return static_cast<int>(number_of(look(name_of_look<PySequence_Contains>(), {self}, [&] {
    PyObject* const value = looked_at(self, Looking::whole);
    PyObject* const searched = value == nullptr ? nullptr : looked_at(element, Looking::whole);
    PyObject* const result = searched == nullptr ? nullptr : outside_trace([&] { return number_or_error(PySequence_Contains(value, searched)); });
    Py_XDECREF(value);
    Py_XDECREF(searched);
    return result;
  })));
}

// Iteration.

struct SeenIterator {
  PyObject_HEAD PyObject* iterator;
  PyObject* container;  ///< that is gone over, if it is one of the interpreter's; else null
  uint32_t producer;    ///< of what is gone over, where that is recorded
  size_t behind;        ///< steps of an earlier attempt that were taken over, which the iterator has not made
};

/// Goes over what the tracer stands for by the iterator that `iterator_of` gives of it.
template <class IteratorOf>
PyObject* iterate_by(PyObject* self, IteratorOf iterator_of) {
  if (is_recorded(self)) {
    current_run()->recording->note_awaited(as_tracer(self)->producer);
  }
  PyObject* const value = plain(self);
  PyObject* const container = value == nullptr ? nullptr : container_of(value);
  const bool is_ready =
      value != nullptr && (container == nullptr ? wait_for_changes(value, Looking::whole) : wait_for_changes(container, Looking::itself)) == 0;
  PyObject* const iterator = is_ready ? outside_trace([&] { return iterator_of(value); }) : nullptr;
  auto* const made = iterator == nullptr ? nullptr : PyObject_New(SeenIterator, iterator_type);
  if (made == nullptr) {
    Py_XDECREF(iterator);
    Py_XDECREF(value);
    return nullptr;
  }
  made->iterator = iterator;
  made->container = Py_XNewRef(container);
  Py_DECREF(value);
  made->behind = 0;
  made->producer = is_recorded(self) ? as_tracer(self)->producer : kNoOperation;
  return reinterpret_cast<PyObject*>(made);
}

PyObject* iterate(PyObject* self) { return iterate_by(self, PyObject_GetIter); }
PyObject* reversed(PyObject* self, PyObject*) {
  return iterate_by(self, [](PyObject* value) { return PyObject_CallOneArg(reinterpret_cast<PyObject*>(&PyReversed_Type), value); });
}

/// What stands for the end where steps are noted.
PyObject* end_of_iteration() {
  static PyObject* const end = PyObject_CallNoArgs(reinterpret_cast<PyObject*>(&PyBaseObject_Type));
  return end;
}

/// A step as iterators give it: null at the end.
PyObject* or_end(PyObject* step) {
  const bool is_end = step != nullptr && (step == end_of_iteration() || (is_tracer(step) && as_tracer(step)->value == end_of_iteration()));
  if (is_end) {
    Py_DECREF(step);
  }
  return is_end ? nullptr : step;
}

/// One step of an iterator, which may run code of the program and is an operation therefore. Null without an exception at the end.
PyObject* step_of(PyObject* iterator) {
  static PyObject* const next = PyDict_GetItemString(PyEval_GetBuiltins(), "next");
  PyObject* const both[] = {iterator, end_of_iteration()};
  return or_end(issue_operator(OperatorEffect::shared, next, both, 2));
}

PyObject* next_of(PyObject* self) { return step_of(self); }

/// Makes the steps that were taken over. -1 with an exception set.
int catch_up(SeenIterator* iterator) {
  for (; iterator->behind > 0 && PyErr_Occurred() == nullptr; --iterator->behind) {
    Py_XDECREF(PyIter_Next(iterator->iterator));
  }
  iterator->behind = 0;
  return PyErr_Occurred() == nullptr ? 0 : -1;
}

PyObject* next_seen(PyObject* self) {
  auto* const seen_iterator = reinterpret_cast<SeenIterator*>(self);
  if (current_run() == nullptr) {  // what traced code has made of it, a chain or a closure, is used elsewhere
    return catch_up(seen_iterator) < 0 ? nullptr : PyIter_Next(seen_iterator->iterator);
  }
  if (seen_iterator->container == nullptr) {
    PyObject* const result = step_of(seen_iterator->iterator);
    return result == nullptr || seen_iterator->producer == kNoOperation ? result : seen_as_result(result, seen_iterator->producer);
  }
  if (wait_for_changes(seen_iterator->container, Looking::itself) < 0) {
    return nullptr;
  }
  // Noted without what it is the result of: a repeated attempt hands it to code that takes no tracers.
  const uint32_t producer = seen_iterator->producer;
  ++seen_iterator->behind;
  PyObject* const step = or_end(look(name_of_look<PyIter_Next>(), {seen_iterator->container}, [&] {
    --seen_iterator->behind;
    PyObject* const next = catch_up(seen_iterator) == 0 ? PyIter_Next(seen_iterator->iterator) : nullptr;
    if (next == nullptr) {
      return PyErr_Occurred() == nullptr ? Py_NewRef(end_of_iteration()) : nullptr;
    }
    return producer == kNoOperation || is_seen_as_it_is(next) ? seen(next) : seen_as_result(next, producer);
  }));
  return producer == kNoOperation ? step : seen_as_result(step, producer);
}

/// What `function` gives of the iterator itself.
template <class Function>
PyObject* of_iterator(PyObject* self, Function function) {
  PyObject* const iterator = iterator_behind(self);
  PyObject* const result = iterator == nullptr ? nullptr : outside_trace([&] { return function(iterator); });
  Py_XDECREF(iterator);
  return result;
}

/// The iterator's own: `send`, `close`, `__class__`.
PyObject* attribute_of_iterator(PyObject* self, PyObject* name) {
  PyObject* const result = of_iterator(self, [&](PyObject* iterator) { return PyObject_GetAttr(iterator, name); });
  return current_run() == nullptr ? result : seen(result);
}

PyObject* repr_of_iterator(PyObject* self) { return of_iterator(self, PyObject_Repr); }
PyObject* length_hint_of_iterator(PyObject* self, PyObject*) {
  return of_iterator(self, [](PyObject* iterator) { return number_or_error(PyObject_LengthHint(iterator, 0)); });
}

void free_iterator(PyObject* self) {
  Py_DECREF(reinterpret_cast<SeenIterator*>(self)->iterator);
  Py_XDECREF(reinterpret_cast<SeenIterator*>(self)->container);
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

// Methods that the interpreter and NumPy look for.

PyObject* formatted(PyObject* self, PyObject* format) {
  PyObject* const value = looked_at(self, Looking::whole);
  PyObject* const result = value == nullptr ? nullptr : outside_trace([&] { return PyObject_Format(value, format); });
  Py_XDECREF(value);
  return result;
}

template <int (*Check)(PyObject*, PyObject*)>
PyObject* checked(PyObject* self, PyObject* object) {
  PyObject* const type = plain(self);
  PyObject* const value = type == nullptr ? nullptr : plain(object);
  const int result = value == nullptr ? -1 : outside_trace([&] { return Check(value, type); });
  Py_XDECREF(type);
  Py_XDECREF(value);
  return result < 0 ? nullptr : PyBool_FromLong(result);
}

/// Copies and pickles are those of the value.
PyObject* forwarded(PyObject* self, const char* name, PyObject* argument) {
  PyObject* const value = looked_at(self, Looking::whole);
  PyObject* const result = value == nullptr ? nullptr : outside_trace([&] { return PyObject_CallMethod(value, name, "(O)", argument); });
  Py_XDECREF(value);
  return result;
}
PyObject* reduced(PyObject* self, PyObject* protocol) { return forwarded(self, "__reduce_ex__", protocol); }
PyObject* copied_by(PyObject* self, const char* function, PyObject* memory) {
  PyObject* const value = looked_at(self, Looking::whole);
  PyObject* const module = value == nullptr ? nullptr : PyImport_ImportModule("copy");
  const OutsideTrace outside;
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
  PyObject* const function = PyDict_GetItemString(PyEval_GetBuiltins(), "round");
  PyObject* const value = looked_at(self, Looking::whole);
  PyObject* const digits = PyTuple_GET_SIZE(arguments) > 0 ? PyTuple_GET_ITEM(arguments, 0) : nullptr;
  PyObject* const result = value == nullptr ? nullptr : outside_trace([&] { return PyObject_CallFunctionObjArgs(function, value, digits, nullptr); });
  Py_XDECREF(value);
  return seen(result);
}

/// Asked for before the buffer, which a list or an object with its own __bytes__() does not have.
PyObject* bytes_of(PyObject* value) { return PyObject_CallOneArg(reinterpret_cast<PyObject*>(&PyBytes_Type), value); }
PyObject* as_bytes(PyObject* self, PyObject*) { return converted<bytes_of>(self); }

PyObject* complex_of(PyObject* value) { return PyObject_CallOneArg(reinterpret_cast<PyObject*>(&PyComplex_Type), value); }
PyObject* as_complex(PyObject* self, PyObject*) { return converted<complex_of>(self); }

int get_buffer(PyObject* self, Py_buffer* buffer, int flags) {
  PyObject* const value = looked_at(self, Looking::whole);
  const int result = value == nullptr ? -1 : PyObject_GetBuffer(value, buffer, flags);
  Py_XDECREF(value);
  return result;
}

}  // namespace

bool is_seen_iterator(PyObject* object) { return Py_TYPE(object) == iterator_type; }

PyObject* iterator_behind(PyObject* seen_iterator) {
  auto* const self = reinterpret_cast<SeenIterator*>(seen_iterator);
  return catch_up(self) < 0 ? nullptr : Py_NewRef(self->iterator);
}

std::span<const PyType_Slot> value_slots() {
  static PyMethodDef methods[] = {keyword_method("__array__", array_of, "The value as an array."),
                                  keyword_method("__array_ufunc__", array_ufunc, "NumPy's element-wise functions."),
                                  {"__array_function__", array_function, METH_VARARGS, "NumPy's other functions."},
                                  {"__bytes__", as_bytes, METH_NOARGS, "The value's."},
                                  {"__complex__", as_complex, METH_NOARGS, "The value's."},
                                  {"__format__", formatted, METH_O, "The value's."},
                                  {"__instancecheck__", checked<PyObject_IsInstance>, METH_O, "The value's."},
                                  {"__subclasscheck__", checked<PyObject_IsSubclass>, METH_O, "The value's."},
                                  {"__reduce_ex__", reduced, METH_O, "The value's."},
                                  {"__copy__", copied, METH_NOARGS, "The value's."},
                                  {"__deepcopy__", deeply_copied, METH_O, "The value's."},
                                  {"__reversed__", reversed, METH_NOARGS, "The value's, in which each element is seen."},
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
  static PyMethodDef methods[] = {{"__length_hint__", length_hint_of_iterator, METH_NOARGS, "The iterator's."}, {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot iterator_slots[] = {type_slot(Py_tp_dealloc, free_iterator),
                                         type_slot(Py_tp_iter, PyObject_SelfIter),
                                         type_slot(Py_tp_iternext, next_seen),
                                         type_slot(Py_tp_getattro, attribute_of_iterator),
                                         type_slot(Py_tp_repr, repr_of_iterator),
                                         type_slot(Py_tp_methods, methods),
                                         {0, nullptr}};
  static PyType_Spec iterator_spec = {"omega._native.SeenIterator", sizeof(SeenIterator), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                      iterator_slots};
  iterator_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&iterator_spec));
  return iterator_type == nullptr ? -1 : 0;
}

}  // namespace omega::python
