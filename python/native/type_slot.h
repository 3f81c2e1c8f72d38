// SPDX-License-Identifier: Apache-2.0
// Tables of slots from which types of Python's are made.
#pragma once

#include <Python.h>

namespace omega::python {

/// The entry of a table: the number, Py_tp_call and its like, and the function or table that the slot holds.
template <class Entry>
PyType_Slot type_slot(int number, Entry* entry) {
  return {number, reinterpret_cast<void*>(entry)};
}

}  // namespace omega::python
