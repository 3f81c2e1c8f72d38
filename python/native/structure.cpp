// SPDX-License-Identifier: Apache-2.0
#include "python/native/structure.h"

#include "python/native/operation.h"

namespace omega::python {
namespace {

constexpr int kMostDepth = 64;

bool is_dataclass(PyObject* object) {
  static PyObject* const fields = PyUnicode_InternFromString("__dataclass_fields__");
  PyTypeObject* const type = Py_TYPE(object);
  return PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_dictoffset != 0 && _PyType_Lookup(type, fields) != nullptr;
}

/// The attributes of a dataclass's instance; a new reference, null where it has no dictionary.
PyObject* attributes_of(PyObject* object) {
  PyObject* const attributes = PyObject_GenericGetDict(object, nullptr);
  if (attributes == nullptr) {
    PyErr_Clear();
  }
  return attributes;
}

int too_deep() {
  PyErr_Format(PyExc_RecursionError, "a value of a traced function is nested deeper than %d", kMostDepth);
  return -1;
}

PyObject* plain_sequence(PyObject* object, int depth) {
  const bool is_list = PyList_Check(object);
  const Py_ssize_t size = Py_SIZE(object);
  PyObject* const copy = is_list ? PyList_New(size) : PyTuple_New(size);
  for (Py_ssize_t i = 0; copy != nullptr && i < size; ++i) {
    PyObject* const made = plain_structure(is_list ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), depth + 1);
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

PyObject* plain_dict(PyObject* object, int depth) {
  PyObject* const copy = PyDict_CheckExact(object) ? PyDict_New() : PyObject_CallMethod(object, "copy", nullptr);
  PyObject *key, *value;
  for (Py_ssize_t at = 0; copy != nullptr && PyDict_Next(object, &at, &key, &value);) {
    PyObject* const made_key = plain_structure(key, depth + 1);
    PyObject* const made = made_key == nullptr ? nullptr : plain_structure(value, depth + 1);
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

PyObject* plain_set(PyObject* object, int depth) {
  PyObject* const list = PySequence_List(object);
  PyObject* const made = list == nullptr ? nullptr : plain_sequence(list, depth);
  Py_XDECREF(list);
  PyObject* const copy = made == nullptr ? nullptr : PyFrozenSet_CheckExact(object) ? PyFrozenSet_New(made) : PySet_New(made);
  Py_XDECREF(made);
  return copy;
}

PyObject* plain_dataclass(PyObject* object, int depth) {
  PyObject* const attributes = attributes_of(object);
  PyObject* const plain_attributes = attributes == nullptr ? nullptr : plain_dict(attributes, depth);
  Py_XDECREF(attributes);
  if (plain_attributes == nullptr) {
    return nullptr;
  }
  PyTypeObject* const type = Py_TYPE(object);
  PyObject* const empty = PyTuple_New(0);
  PyObject* copy = PyBaseObject_Type.tp_new(type, empty, nullptr);
  Py_XDECREF(empty);
  if (copy != nullptr && PyObject_GenericSetDict(copy, plain_attributes, nullptr) < 0) {
    Py_CLEAR(copy);
  }
  Py_DECREF(plain_attributes);
  return copy;
}

}  // namespace

bool holds_tracer(PyObject* object, int depth) {
  if (is_tracer(object)) {
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
      if (is_tracer(key) || holds_tracer(value, depth + 1)) {
        return true;
      }
    }
    return false;
  }
  if (PyAnySet_CheckExact(object)) {
    PyObject* element;
    Py_hash_t hash;
    for (Py_ssize_t at = 0; _PySet_NextEntry(object, &at, &element, &hash) != 0;) {
      if (is_tracer(element) || PyTuple_CheckExact(element)) {
        return is_tracer(element) || holds_tracer(element, depth + 1);
      }
    }
    return false;
  }
  if (is_dataclass(object)) {
    PyObject* const attributes = attributes_of(object);
    const bool holds = attributes != nullptr && holds_tracer(attributes, depth + 1);
    Py_XDECREF(attributes);
    return holds;
  }
  return false;
}

PyObject* plain_structure(PyObject* object, int depth) {
  if (is_tracer(object)) {
    return value_of(as_tracer(object));
  }
  if (!holds_tracer(object, depth)) {
    return Py_NewRef(object);
  }
  if (depth > kMostDepth) {
    too_deep();
    return nullptr;
  }
  if (PyList_CheckExact(object) || PyTuple_Check(object)) {
    return plain_sequence(object, depth);
  }
  if (PyDict_Check(object)) {
    return plain_dict(object, depth);
  }
  return PyAnySet_CheckExact(object) ? plain_set(object, depth) : plain_dataclass(object, depth);
}

int make_plain_in_place(PyObject* object, int depth) {
  if (depth > kMostDepth) {
    return too_deep();
  }
  if (PyList_CheckExact(object)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(object); ++i) {
      PyObject* const item = PyList_GET_ITEM(object, i);
      if (is_tracer(item)) {
        PyObject* const value = value_of(as_tracer(item));
        if (value == nullptr || PyList_SetItem(object, i, value) < 0) {
          return -1;
        }
      } else if (make_plain_in_place(item, depth + 1) < 0) {
        return -1;
      }
    }
  } else if (PyDict_CheckExact(object)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      if (is_tracer(value)) {
        PyObject* const made = value_of(as_tracer(value));
        const bool failed = made == nullptr || PyDict_SetItem(object, key, made) < 0;  // the key is there: the dict keeps its shape
        Py_XDECREF(made);
        if (failed) {
          return -1;
        }
      } else if (make_plain_in_place(value, depth + 1) < 0) {
        return -1;
      }
    }
  }
  return 0;
}

bool is_pending(PyObject* object, int depth) {
  if (is_tracer(object)) {
    const Operation* const operation = as_tracer(object)->operation;
    return operation != nullptr && !operation->is_over();
  }
  if (depth > 32) {
    return false;
  }
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) {
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
