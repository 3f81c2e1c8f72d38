// SPDX-License-Identifier: Apache-2.0
#include "python/native/callee.h"

#include <unordered_map>

namespace omega::python {
namespace {

PyObject* classifier = nullptr;
PyTypeObject* declared_type = nullptr;

std::unordered_map<const void*, Callee*>& callees() {
  static auto& known = *new std::unordered_map<const void*, Callee*>;
  return known;
}

/// What calls of the callable are known by: its code, its C function, or its type. `keep` is what must live on.
const void* key_of(PyObject* callable, PyObject*& keep) {
  if (PyMethod_Check(callable)) {
    callable = PyMethod_GET_FUNCTION(callable);
  }
  if (PyFunction_Check(callable)) {
    return keep = PyFunction_GET_CODE(callable);
  }
  keep = nullptr;
  if (PyCFunction_Check(callable)) {
    return reinterpret_cast<PyCFunctionObject*>(callable)->m_ml;
  }
  if (PyType_Check(callable) || Py_TYPE(callable) == declared_type || PyObject_HasAttrString(callable, "func") == 1) {
    return keep = callable;
  }
  return keep = reinterpret_cast<PyObject*>(Py_TYPE(callable));
}

}  // namespace

Callee* callee_of(PyObject* callable) {
  PyObject* keep = nullptr;
  const void* const key = key_of(callable, keep);
  if (const auto found = callees().find(key); found != callees().end()) {
    return found->second;
  }
  PyObject* const answer = PyObject_CallOneArg(classifier, callable);
  if (answer == nullptr) {
    return nullptr;
  }
  int effect = 0;
  int is_light = 0;
  int is_looked_into = 0;
  int in_process = 0;
  const char* name = nullptr;
  const char* reason = nullptr;
  if (PyArg_ParseTuple(answer, "ipppss", &effect, &is_light, &is_looked_into, &in_process, &name, &reason) == 0) {
    Py_DECREF(answer);
    return nullptr;
  }
  auto* const callee = new Callee;
  callee->effect = static_cast<Callee::Effect>(effect);
  callee->is_light = is_light != 0;
  callee->is_looked_into = is_looked_into != 0;
  callee->runs_in_process = in_process != 0;
  callee->name = name;
  callee->reason = reason;
  Py_DECREF(answer);
  Py_XINCREF(keep);
  callees()[key] = callee;
  return callee;
}

Callee* operator_callee(bool changes) {
  static Callee& pure = *new Callee{.effect = Callee::Effect::none, .is_light = true, .is_looked_into = true, .name = "operator", .reason = ""};
  static Callee& change =
      *new Callee{.effect = Callee::Effect::shared, .is_light = true, .is_looked_into = true, .name = "change", .reason = "changes an object"};
  return changes ? &change : &pure;
}

void set_classifier(PyObject* classify, PyObject* declared) {
  Py_XSETREF(classifier, Py_NewRef(classify));
  declared_type = reinterpret_cast<PyTypeObject*>(Py_NewRef(declared));
}

}  // namespace omega::python
