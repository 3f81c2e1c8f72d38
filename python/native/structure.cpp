// SPDX-License-Identifier: Apache-2.0
#include "python/native/structure.h"

#include "python/native/globals_view.h"
#include "python/native/operation.h"

namespace omega::python {

Copies::~Copies() {
  for (const auto& [object, copy] : made_) {
    Py_DECREF(object);
    Py_DECREF(copy);
  }
}

PyObject* Copies::of(PyObject* object) const {
  const auto found = made_.find(object);
  return found == made_.end() ? nullptr : Py_NewRef(found->second);
}

void Copies::note(PyObject* object, PyObject* copy) {
  if (copy != nullptr && made_.emplace(object, copy).second) {
    Py_INCREF(object);
    Py_INCREF(copy);
  }
}

namespace {

constexpr int kMostDepth = 64;

int too_deep() {
  PyErr_Format(PyExc_RecursionError, "a value of a traced function is nested deeper than %d", kMostDepth);
  return -1;
}

PyObject* plain_copy(PyObject* object, int depth, Copies& copies);

PyObject* plain_sequence(PyObject* object, int depth, Copies& copies) {
  const bool is_list = PyList_Check(object);
  const Py_ssize_t size = Py_SIZE(object);
  PyObject* const copy = is_list ? PyList_New(size) : PyTuple_New(size);
  for (Py_ssize_t i = 0; copy != nullptr && i < size; ++i) {
    PyObject* const made = plain_copy(is_list ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), depth + 1, copies);
    if (made == nullptr) {
      Py_DECREF(copy);
      return nullptr;
    }
    is_list ? PyList_SET_ITEM(copy, i, made) : PyTuple_SET_ITEM(copy, i, made);
  }
  if (copy != nullptr && !is_list && !PyTuple_CheckExact(object)) {  // a named tuple
    PyObject* const named = PyObject_CallMethod(reinterpret_cast<PyObject*>(Py_TYPE(object)), "_make", "(O)", copy);
    Py_DECREF(copy);
    return named;
  }
  return copy;
}

PyObject* plain_dict(PyObject* object, int depth, Copies& copies) {
  PyObject* const copy = PyDict_CheckExact(object) ? PyDict_New() : PyObject_CallMethod(object, "copy", nullptr);
  PyObject *key, *value;
  for (Py_ssize_t at = 0; copy != nullptr && PyDict_Next(object, &at, &key, &value);) {
    PyObject* const made_key = plain_copy(key, depth + 1, copies);
    PyObject* const made = made_key == nullptr ? nullptr : plain_copy(value, depth + 1, copies);
    const bool failed = made == nullptr || PyDict_SetItem(copy, made_key, made) < 0;
    Py_XDECREF(made);
    Py_XDECREF(made_key);
    if (failed) {
      Py_DECREF(copy);
      return nullptr;
    }
  }
  return copy;
}

PyObject* plain_set(PyObject* object, int depth, Copies& copies) {
  PyObject* const list = PySequence_List(object);
  PyObject* const made = list == nullptr ? nullptr : plain_sequence(list, depth, copies);
  Py_XDECREF(list);
  PyObject* const copy = made == nullptr ? nullptr : PyFrozenSet_CheckExact(object) ? PyFrozenSet_New(made) : PySet_New(made);
  Py_XDECREF(made);
  return copy;
}

/// An iterator that gives what the generator gives, without tracers.
PyObject* plain_items(PyObject* generator) {
  static PyMethodDef definition{"plain", [](PyObject* /*self*/, PyObject* item) { return plain_structure(item); }, METH_O, nullptr};
  static PyObject* const function = PyCFunction_New(&definition, nullptr);
  return function == nullptr ? nullptr : PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(&PyMap_Type), function, generator, nullptr);
}

PyObject* plain_copy(PyObject* object, int depth, Copies& copies) {
  if (is_tracer(object)) {
    return value_of(as_tracer(object));
  }
  if (is_generator_of_body(object)) {
    return plain_items(object);
  }
  if (!holds_tracer(object, depth)) {
    return Py_NewRef(object);
  }
  if (depth > kMostDepth) {
    too_deep();
    return nullptr;
  }
  if (PyObject* const known = copies.of(object); known != nullptr) {
    return known;
  }
  PyObject* const copy = PyList_CheckExact(object) || PyTuple_Check(object) ? plain_sequence(object, depth, copies)
                         : PyDict_Check(object)                             ? plain_dict(object, depth, copies)
                                                                            : plain_set(object, depth, copies);
  if (depth == 0 || Py_REFCNT(object) > 1) {  // whoever asks may have it several times, and lend it without a reference
    copies.note(object, copy);
  }
  return copy;
}

/// What takes the place of an item that holds a tracer and cannot be changed, or is one: a new reference. Null without an exception where the item stays, which
/// holds no tracer then.
PyObject* in_place_of(PyObject* item, Copies& copies, bool* puts_objects, int depth) {
  if (!is_tracer(item)) {
    const bool is_done = make_plain_in_place(item, copies, puts_objects, depth + 1) < 0 || !PyTuple_Check(item) || !holds_tracer(item, depth);
    return is_done ? nullptr : plain_copy(item, depth, copies);
  }
  PyObject* const value = value_of(as_tracer(item));
  if (value != nullptr && puts_objects != nullptr) {
    *puts_objects |= !is_seen_as_it_is(value);
  }
  return value;
}

int make_list_plain(PyObject* list, Copies& copies, bool* puts_objects, int depth) {
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
    PyObject* const made = in_place_of(PyList_GET_ITEM(list, i), copies, puts_objects, depth);
    if ((made == nullptr && PyErr_Occurred() != nullptr) || (made != nullptr && PyList_SetItem(list, i, made) < 0)) {
      return -1;
    }
  }
  return 0;
}

int make_tuple_plain(PyObject* tuple, Copies& copies, bool* puts_objects, int depth) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); ++i) {
    PyObject* const item = PyTuple_GET_ITEM(tuple, i);
    if (!is_tracer(item) && make_plain_in_place(item, copies, puts_objects, depth + 1) < 0) {
      return -1;
    }
  }
  return 0;
}

int make_dict_plain(PyObject* dict, Copies& copies, bool* puts_objects, int depth) {
  PyObject *key, *value;
  bool has_tracers_as_keys = false;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) {
    has_tracers_as_keys |= holds_tracer(key, depth);
    PyObject* const made = in_place_of(value, copies, puts_objects, depth);
    const bool failed = made == nullptr ? PyErr_Occurred() != nullptr : PyDict_SetItem(dict, key, made) < 0;  // the key is there: the dict keeps its shape
    Py_XDECREF(made);
    if (failed) {
      return -1;
    }
  }
  if (!has_tracers_as_keys) {
    return 0;
  }
  PyObject* const made = plain_copy(dict, depth, copies);
  if (made != nullptr) {
    PyDict_Clear(dict);
  }
  const int done = made == nullptr ? -1 : PyDict_Update(dict, made);
  Py_XDECREF(made);
  return done;
}

int make_set_plain(PyObject* set) {
  if (!PySet_CheckExact(set) || !holds_tracer(set)) {
    return 0;
  }
  PyObject* const made = plain_structure(set);
  PyObject* const done = made == nullptr || PySet_Clear(set) < 0 ? nullptr : PyNumber_InPlaceOr(set, made);
  Py_XDECREF(made);
  Py_XDECREF(done);
  return done == nullptr ? -1 : 0;
}

}  // namespace

bool holds_tracer(PyObject* object, int depth) {
  if (is_tracer(object) || is_generator_of_body(object)) {
    return true;
  }
  if (depth > kMostDepth) {
    return true;  // plain_structure() says that it is too deep
  }
  if (PyList_CheckExact(object) || PyTuple_Check(object)) {
    const bool is_list = PyList_CheckExact(object);
    for (Py_ssize_t i = 0; i < Py_SIZE(object); ++i) {
      if (holds_tracer(is_list ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), depth + 1)) {
        return true;
      }
    }
    return false;
  }
  if (PyDict_Check(object)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      if (holds_tracer(key, depth + 1) || holds_tracer(value, depth + 1)) {
        return true;
      }
    }
    return false;
  }
  if (PyAnySet_CheckExact(object)) {
    PyObject* const elements = PyObject_GetIter(object);
    bool holds = false;
    while (PyObject* const element = holds || elements == nullptr ? nullptr : PyIter_Next(elements)) {
      holds = holds_tracer(element, depth + 1);
      Py_DECREF(element);
    }
    Py_XDECREF(elements);
    PyErr_Clear();  // no memory: the set is taken to hold none
    return holds;
  }
  return false;
}

PyObject* plain_structure(PyObject* object, int depth) {
  Copies copies;
  return plain_copy(object, depth, copies);
}

PyObject* plain_structure(PyObject* object, Copies& copies) { return plain_copy(object, 0, copies); }

int make_plain_in_place(PyObject* object, Copies& copies, bool* puts_objects, int depth) {
  if (depth > kMostDepth) {
    return too_deep();
  }
  return PyList_CheckExact(object)     ? make_list_plain(object, copies, puts_objects, depth)
         : PyTuple_Check(object)       ? make_tuple_plain(object, copies, puts_objects, depth)
         : PyDict_CheckExact(object)   ? make_dict_plain(object, copies, puts_objects, depth)
         : PyAnySet_CheckExact(object) ? make_set_plain(object)
                                       : 0;
}

void drop_failed(PyObject* object) {
  const auto has_failed = [](PyObject* item) {
    const Operation* const operation = is_tracer(item) ? as_tracer(item)->operation : nullptr;
    return operation != nullptr && operation->value == nullptr;
  };
  if (PyList_CheckExact(object)) {
    for (Py_ssize_t i = PyList_GET_SIZE(object) - 1; i >= 0; --i) {
      if (has_failed(PyList_GET_ITEM(object, i))) {
        PySequence_DelItem(object, i);
      }
    }
  } else if (PyDict_CheckExact(object)) {
    PyObject* const keys = PyDict_Keys(object);
    for (Py_ssize_t i = 0; keys != nullptr && i < PyList_GET_SIZE(keys); ++i) {
      PyObject* const value = PyDict_GetItemWithError(object, PyList_GET_ITEM(keys, i));
      if (value != nullptr && has_failed(value)) {
        PyDict_DelItem(object, PyList_GET_ITEM(keys, i));
      }
    }
    Py_XDECREF(keys);
  }
  Copies copies;
  static_cast<void>(make_plain_in_place(object, copies));
  PyErr_Clear();
}

bool is_pending(PyObject* object, int depth) {
  if (is_tracer(object)) {
    const Operation* const operation = as_tracer(object)->operation;
    return operation != nullptr && !operation->is_over();
  }
  if (depth > 32) {
    return false;
  }
  if (PyList_CheckExact(object) || PyTuple_Check(object)) {
    const Py_ssize_t size = Py_SIZE(object);
    for (Py_ssize_t i = 0; i < size; ++i) {
      if (is_pending(PyList_CheckExact(object) ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), depth + 1)) {
        return true;
      }
    }
  } else if (PyDict_CheckExact(object)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      if (is_pending(value, depth + 1)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace omega::python
