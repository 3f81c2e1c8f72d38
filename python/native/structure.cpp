// SPDX-License-Identifier: Apache-2.0
#include "python/native/structure.h"

#include <unordered_map>

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

/// Copies of what is held more than once: what is the same object stays the same.
class Copies {
 public:
  Copies() = default;
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  ~Copies() {
    for (const auto& [object, copy] : made_) {
      Py_DECREF(copy);
    }
  }
  /// A new reference; null where there is none.
  [[nodiscard]] PyObject* of(PyObject* object) const {
    const auto found = made_.find(object);
    return found == made_.end() ? nullptr : Py_NewRef(found->second);
  }
  void note(PyObject* object, PyObject* copy) {
    if (copy != nullptr && made_.emplace(object, copy).second) {
      Py_INCREF(copy);
    }
  }

 private:
  std::unordered_map<PyObject*, PyObject*> made_;
};

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

PyObject* plain_dataclass(PyObject* object, int depth, Copies& copies) {
  PyObject* const attributes = attributes_of(object);
  PyObject* const plain_attributes = attributes == nullptr ? nullptr : plain_dict(attributes, depth, copies);
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

PyObject* plain_copy(PyObject* object, int depth, Copies& copies) {
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
  if (PyObject* const known = copies.of(object); known != nullptr) {
    return known;
  }
  PyObject* const copy = PyList_CheckExact(object) || PyTuple_Check(object) ? plain_sequence(object, depth, copies)
                         : PyDict_Check(object)                             ? plain_dict(object, depth, copies)
                         : PyAnySet_CheckExact(object)                      ? plain_set(object, depth, copies)
                                                                            : plain_dataclass(object, depth, copies);
  if (Py_REFCNT(object) > 1) {
    copies.note(object, copy);
  }
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
  Copies copies;
  return plain_copy(object, depth, copies);
}

int make_plain_in_place(PyObject* object, bool* puts_objects, int depth) {
  if (depth > kMostDepth) {
    return too_deep();
  }
  const auto plain_value = [&](PyObject* item) {
    PyObject* const value = value_of(as_tracer(item));
    if (value != nullptr && puts_objects != nullptr) {
      *puts_objects |= !is_seen_as_it_is(value);
    }
    return value;
  };
  if (PyList_CheckExact(object)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(object); ++i) {
      PyObject* const item = PyList_GET_ITEM(object, i);
      if (is_tracer(item)) {
        PyObject* const value = plain_value(item);
        if (value == nullptr || PyList_SetItem(object, i, value) < 0) {
          return -1;
        }
      } else if (make_plain_in_place(item, puts_objects, depth + 1) < 0) {
        return -1;
      }
    }
  } else if (PyTuple_CheckExact(object)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); ++i) {
      PyObject* const item = PyTuple_GET_ITEM(object, i);
      if (!is_tracer(item) && make_plain_in_place(item, puts_objects, depth + 1) < 0) {
        return -1;
      }
    }
  } else if (PyDict_CheckExact(object)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      if (is_tracer(value)) {
        PyObject* const made = plain_value(value);
        const bool failed = made == nullptr || PyDict_SetItem(object, key, made) < 0;  // the key is there: the dict keeps its shape
        Py_XDECREF(made);
        if (failed) {
          return -1;
        }
      } else if (make_plain_in_place(value, puts_objects, depth + 1) < 0) {
        return -1;
      }
    }
  }
  return 0;
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
  static_cast<void>(make_plain_in_place(object));
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
