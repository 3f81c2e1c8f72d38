// SPDX-License-Identifier: Apache-2.0
// Going through what lists, tuples, dicts and sets hold, which may hold themselves. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "python/native/things.h"

namespace omega::python {

/// Whether an object is one of the containers that traced code has as they are, not through tracers.
inline bool is_container(PyObject* object) { return PyList_CheckExact(object) || PyTuple_Check(object) || PyDict_Check(object) || PyAnySet_CheckExact(object); }

/// Whether it is one of them that can be changed.
inline bool is_changeable_container(PyObject* object) { return PyList_CheckExact(object) || PyDict_CheckExact(object) || PySet_CheckExact(object); }

/// Whether it is one of them that cannot be changed.
inline bool is_immutable_container(PyObject* object) { return PyTuple_Check(object) || PyFrozenSet_CheckExact(object); }

/// How much a container holds, whatever its class says.
inline Py_ssize_t size_of(PyObject* container) {
  return PyList_Check(container)    ? PyList_GET_SIZE(container)
         : PyTuple_Check(container) ? PyTuple_GET_SIZE(container)
         : PyDict_Check(container)  ? PyDict_GET_SIZE(container)
                                    : PySet_GET_SIZE(container);
}

/// Whether `visit` says so of something that the container holds: an item, a key, a value, an element. No exception is set.
template <class Visit>
bool any_item(PyObject* container, Visit&& visit) {
  if (PyList_CheckExact(container) || PyTuple_Check(container)) {
    const bool is_list = PyList_CheckExact(container);
    for (Py_ssize_t i = 0; i < Py_SIZE(container); ++i) {
      if (visit(is_list ? PyList_GET_ITEM(container, i) : PyTuple_GET_ITEM(container, i))) {
        return true;
      }
    }
    return false;
  }
  if (PyDict_Check(container)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(container, &at, &key, &value);) {
      if (visit(key) || visit(value)) {
        return true;
      }
    }
    return false;
  }
  PyObject* const elements = PyAnySet_CheckExact(container) ? PyObject_GetIter(container) : nullptr;
  bool is_found = false;
  while (PyObject* const element = is_found || elements == nullptr ? nullptr : PyIter_Next(elements)) {
    is_found = visit(element);
    Py_DECREF(element);  // the set has another one
  }
  Py_XDECREF(elements);
  PyErr_Clear();  // no memory: the set is taken for empty
  return is_found;
}

/// Containers that are still to be gone into, each once. They are kept meanwhile.
class ContainerWalk {
 public:
  /// `root`: is gone into by whoever walks, first.
  explicit ContainerWalk(PyObject* root) : root_(root) {}
  ContainerWalk(const ContainerWalk&) = delete;
  ContainerWalk& operator=(const ContainerWalk&) = delete;
  ~ContainerWalk() {
    while (next() != nullptr) {
    }
  }
  /// Notes a container that was come by.
  void add(PyObject* container) {
    // Where a way leads back to a container, it has two references: that by which it was come by, and that of the way.
    if (container != root_ && (Py_REFCNT(container) == 1 || met_.add(container))) {
      pending_.push_back(Py_NewRef(container));
    }
  }
  /// The next one, borrowed until the one after it; null where there is none left.
  PyObject* next() {
    Py_CLEAR(current_);
    if (!pending_.empty()) {
      current_ = pending_.back();
      pending_.pop_back();
    }
    return current_;
  }

 private:
  PyObject* root_;
  PyObject* current_ = nullptr;
  Things met_;
  std::vector<PyObject*> pending_;
};

/// Whether `is_it` says so of the object, or of something that is come by from it: where `goes_into` says so, `any_part(holder, visit)` visits what a holder
/// holds. So many holders are gone into at most.
template <class Predicate, class GoesInto, class AnyPart>
bool any_reached(PyObject* object, Predicate&& is_it, GoesInto&& goes_into, AnyPart&& any_part, size_t most) {
  if (is_it(object)) {
    return true;
  }
  ContainerWalk walk(object);
  size_t count = 0;
  for (PyObject* holder = goes_into(object) ? object : nullptr; holder != nullptr && count < most; holder = walk.next(), ++count) {
    const bool is_found = any_part(holder, [&](PyObject* part) {
      if (is_it(part)) {
        return true;
      }
      if (goes_into(part)) {
        walk.add(part);
      }
      return false;
    });
    if (is_found) {
      return true;
    }
  }
  return false;
}

/// Whether `is_it` says so of the object, or of something that it holds or that containers in it hold. `goes_into`: which containers are looked into.
template <class Predicate>
bool any_inside(PyObject* object, Predicate&& is_it, bool (*goes_into)(PyObject*) = is_container) {
  return any_reached(object, is_it, goes_into, [](PyObject* container, auto&& visit) { return any_item(container, visit); }, SIZE_MAX);
}

}  // namespace omega::python
