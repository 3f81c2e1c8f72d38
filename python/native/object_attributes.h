// SPDX-License-Identifier: Apache-2.0
// What objects of Python's classes hold themselves: their dict of attributes and their slots. Used with the GIL.
#pragma once

#include <Python.h>
#include <structmember.h>

namespace omega::python {

/// Whether it is an object of a class that is written in Python, or of one like these, and has attributes of its own. Classes and modules do not count.
inline bool has_attributes(PyObject* object) {
  return PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_HEAPTYPE) && !PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_IMMUTABLETYPE) && !PyType_Check(object);
}

/// Calls `function(PyMemberDef* slot, PyObject* value)` for each slot of the object that has a value, until it gives a negative number, which is given then.
template <class Function>
int for_each_slot(PyObject* object, Function&& function) {
  PyObject* const bases = Py_TYPE(object)->tp_mro;
  for (Py_ssize_t i = 0; bases != nullptr && i < PyTuple_GET_SIZE(bases); ++i) {
    auto* const base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(bases, i));
    PyObject *name, *descriptor;
    for (Py_ssize_t at = 0; PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE) && PyDict_Next(base->tp_dict, &at, &name, &descriptor);) {
      if (Py_TYPE(descriptor) != &PyMemberDescr_Type) {
        continue;
      }
      PyMemberDef* const slot = reinterpret_cast<PyMemberDescrObject*>(descriptor)->d_member;
      if (slot->type != T_OBJECT_EX || (slot->flags & READONLY) != 0) {
        continue;
      }
      PyObject* const value = PyMember_GetOne(reinterpret_cast<char*>(object), slot);
      if (value == nullptr) {
        PyErr_Clear();  // it has none now
        continue;
      }
      const int result = function(slot, value);
      Py_DECREF(value);
      if (result < 0) {
        return result;
      }
    }
  }
  return 0;
}

/// Whether `visit` says so of the dict of the object's attributes or of a slot's value.
template <class Visit>
bool any_attribute(PyObject* object, Visit&& visit) {
  const bool may_have_dict = Py_TYPE(object)->tp_dictoffset != 0 || PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_MANAGED_DICT);
  PyObject* const attributes = may_have_dict ? PyObject_GenericGetDict(object, nullptr) : nullptr;
  PyErr_Clear();
  const bool is_found = attributes != nullptr && visit(attributes);
  Py_XDECREF(attributes);  // the object has another one
  return is_found || for_each_slot(object, [&](PyMemberDef*, PyObject* value) { return visit(value) ? -1 : 0; }) < 0;
}

}  // namespace omega::python
