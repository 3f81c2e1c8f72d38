// SPDX-License-Identifier: Apache-2.0
// Tables of slots and methods from which types of Python's are made.
#pragma once

#include <Python.h>

namespace omega::python {

/// The entry of a table: the number, Py_tp_call and its like, and the function or table that the slot holds.
template <class Entry>
PyType_Slot type_slot(int number, Entry* entry) {
  return {number, reinterpret_cast<void*>(entry)};
}

/// The entry of a method that takes keywords: tables hold all methods by the type of those that take none.
inline PyMethodDef keyword_method(const char* name, PyCFunctionWithKeywords function, const char* doc) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function)), METH_VARARGS | METH_KEYWORDS, doc};
}

}  // namespace omega::python
