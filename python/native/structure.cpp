// SPDX-License-Identifier: Apache-2.0
#include "python/native/structure.h"

#include "python/native/container_walk.h"
#include "python/native/globals_view.h"
#include "python/native/operation.h"
#include "python/native/structure_copy.h"

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

SeenTuples::~SeenTuples() {
  for (const auto& [seen, original] : originals_) {
    Py_DECREF(original);
  }
}

void SeenTuples::note(PyObject* seen, PyObject* original) {
  PyObject*& place = originals_[seen];
  Py_XSETREF(place, Py_NewRef(original));
}

PyObject* SeenTuples::original_of(PyObject* seen, PyObject* items) const {
  const auto found = originals_.find(seen);
  if (found == originals_.end() || Py_TYPE(found->second) != Py_TYPE(seen) || Py_SIZE(found->second) != Py_SIZE(items)) {
    return nullptr;
  }
  for (Py_ssize_t i = 0; i < Py_SIZE(items); ++i) {
    if (PyTuple_GET_ITEM(found->second, i) != PyTuple_GET_ITEM(items, i)) {
      return nullptr;
    }
  }
  return Py_NewRef(found->second);
}

namespace {

/// Makes what containers hold plain where it is, each container for itself: others that are in it are left to whoever goes through them.
class InPlace {
 public:
  InPlace(Copies& copies, bool* puts_objects) : copies_(copies), puts_objects_(puts_objects) {}

  /// -1 with an exception set.
  int make_plain(PyObject* container) {
    return PyList_CheckExact(container) ? list(container) : PyDict_CheckExact(container) ? dict(container) : PySet_CheckExact(container) ? set(container) : 0;
  }

 private:
  /// What takes the place of an item that is replaced, or cannot be changed and holds one: a new reference. Null without an exception where the item stays.
  PyObject* in_place_of(PyObject* item) {
    const bool is_kept = !is_replaced(item) && !(is_immutable_container(item) && any_inside(item, is_replaced, is_immutable_container));
    if (is_kept) {
      return nullptr;
    }
    StructureCopy copy(StructureCopy::Which::immutable, copies_);
    PyObject* const made = copy.of(item);
    if (puts_objects_ != nullptr) {
      *puts_objects_ |= copy.puts_objects();
    }
    return made;
  }

  int list(PyObject* list) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
      PyObject* const made = in_place_of(PyList_GET_ITEM(list, i));
      if ((made == nullptr && PyErr_Occurred() != nullptr) || (made != nullptr && PyList_SetItem(list, i, made) < 0)) {
        return -1;
      }
    }
    return 0;
  }

  int dict(PyObject* dict) {
    PyObject *key, *value;
    bool has_tracers_in_keys = false;
    for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) {
      has_tracers_in_keys |= any_inside(key, is_replaced, is_immutable_container);
      PyObject* const made = in_place_of(value);
      const bool failed = made == nullptr ? PyErr_Occurred() != nullptr : PyDict_SetItem(dict, key, made) < 0;  // the key is there: the dict keeps its shape
      Py_XDECREF(made);
      if (failed) {
        return -1;
      }
    }
    return has_tracers_in_keys ? keys(dict) : 0;
  }

  int keys(PyObject* dict) {
    PyObject* const items = PyDict_Items(dict);
    if (items == nullptr || list(items) < 0) {
      Py_XDECREF(items);
      return -1;
    }
    PyDict_Clear(dict);
    const int done = PyDict_MergeFromSeq2(dict, items, 1);
    Py_DECREF(items);
    return done;
  }

  int set(PyObject* set) {
    if (!any_inside(set, is_replaced)) {
      return 0;
    }
    PyObject* const elements = PySequence_List(set);
    PyObject* const done = elements == nullptr || list(elements) < 0 || PySet_Clear(set) < 0 ? nullptr : PyObject_CallMethod(set, "update", "(O)", elements);
    Py_XDECREF(elements);
    Py_XDECREF(done);
    return done == nullptr ? -1 : 0;
  }

  Copies& copies_;
  bool* puts_objects_;
};

}  // namespace

bool holds_tracer(PyObject* object) { return any_inside(object, is_replaced); }

bool is_pending(PyObject* object) {
  return any_inside(object, [](PyObject* each) {
    const Operation* const operation = is_tracer(each) ? as_tracer(each)->operation : nullptr;
    return operation != nullptr && !operation->is_over();
  });
}

PyObject* plain_structure(PyObject* object) {
  Copies copies;
  return plain_structure(object, copies);
}

PyObject* plain_structure(PyObject* object, Copies& copies, Lent* lent) {
  if (is_tracer(object)) {
    return value_of(as_tracer(object));
  }
  return holds_tracer(object) ? StructureCopy(StructureCopy::Which::holding, copies, nullptr, lent).of(object) : Py_NewRef(object);
}

PyObject* prepared(Operation* operation, PyObject* object, Copies& copies, Lent* lent) {
  return StructureCopy(StructureCopy::Which::all, copies, operation, lent).of(object);
}

int make_plain_in_place(PyObject* object, Copies& copies, bool* puts_objects) {
  InPlace in_place(copies, puts_objects);
  ContainerWalk walk(object);
  for (PyObject* container = is_container(object) ? object : nullptr; container != nullptr; container = walk.next()) {
    if (in_place.make_plain(container) < 0) {
      return -1;
    }
    any_item(container, [&](PyObject* item) {
      if (is_container(item)) {
        walk.add(item);
      }
      return false;
    });
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
  Copies copies;
  static_cast<void>(make_plain_in_place(object, copies));
  PyErr_Clear();
}

}  // namespace omega::python
