// SPDX-License-Identifier: Apache-2.0
#include "python/native/substitutes.h"

#include <unordered_map>

#include "python/native/callee.h"

namespace omega::python {
namespace {

/// By builtins, which live as long as the interpreter.
std::unordered_map<const PyObject*, PyObject*>& substitutes() {
  static auto& known = *new std::unordered_map<const PyObject*, PyObject*>;
  return known;
}

/// The same arguments kept for what is called in the place of the builtin. Null with an exception set.
PyObject* partial_of(PyObject* partial, PyObject* substitute) {
  PyObject* const arguments = PyObject_GetAttrString(partial, "args");
  PyObject* const keywords = PyObject_GetAttrString(partial, "keywords");
  PyObject* const first = PyTuple_Pack(1, substitute);
  PyObject* const all = arguments == nullptr || first == nullptr ? nullptr : PySequence_Concat(first, arguments);
  PyObject* const made = all == nullptr || keywords == nullptr ? nullptr : PyObject_Call(reinterpret_cast<PyObject*>(Py_TYPE(partial)), all, keywords);
  Py_XDECREF(all);
  Py_XDECREF(first);
  Py_XDECREF(keywords);
  Py_XDECREF(arguments);
  return made;
}

}  // namespace

void set_substitutes(PyObject* by_builtin) {
  PyObject *builtin, *substitute;
  for (Py_ssize_t at = 0; PyDict_Next(by_builtin, &at, &builtin, &substitute);) {
    substitutes()[Py_NewRef(builtin)] = Py_NewRef(substitute);
  }
}

bool has_substitute(PyObject* object) { return substitutes().contains(object); }

PyObject* substituted(PyObject* function, bool& takes_tracers) {
  PyObject* const inner = is_partial(function) ? PyObject_GetAttrString(function, "func") : Py_NewRef(function);
  const auto found = substitutes().find(inner);
  PyObject* made = nullptr;
  if (inner == nullptr || found == substitutes().end()) {
    made = inner == nullptr ? nullptr : Py_NewRef(function);
  } else {
    takes_tracers = !is_declared(found->second);
    made = inner == function ? Py_NewRef(found->second) : partial_of(function, found->second);
  }
  Py_XDECREF(inner);
  return made;
}

}  // namespace omega::python
