// SPDX-License-Identifier: Apache-2.0
#include "python/native/reach.h"

#include <algorithm>
#include <string_view>

#include "python/native/code_facts.h"
#include "python/native/operation.h"
#include "python/native/operator_effects.h"
#include "python/native/reach_walk.h"
#include "python/native/tracer.h"

namespace omega::python {
namespace {

/// What the function gives for a walk that runs operators alone; gone again where these call what they are given.
template <class Begin>
Reach reach_of_operators(bool has_effects, Begin begin) {
  for (const RunCode code : {RunCode::operators, RunCode::met}) {
    ReachWalk walk(code, has_effects);
    begin(walk);
    walk.run();
    if (!has_effects || !walk.calls_given()) {
      return walk.finished(false);
    }
  }
  return {};
}

Reach reach_of_operator(const SeenCall& call, bool is_open) {
  return reach_of_operators(is_open, [&](ReachWalk& walk) {
    if (call.function == getattr_function() && PyUnicode_Check(call.arguments[1])) {
      walk.add_name(call.arguments[1]);
    }
    for (PyObject* each : call.arguments) {
      walk.add(each);
    }
  });
}

bool looks_at_itself(const SeenCall& call) {
  if (call.callee == operator_callee(OperatorEffect::none) && PyCFunction_Check(call.function)) {
    const std::string_view name = reinterpret_cast<PyCFunctionObject*>(call.function)->m_ml->ml_name;
    return name == "getitem" || name == "getattr";
  }
  return call.callee != nullptr && call.callee->looks_at_itself;
}

/// Whether a closed function sees objects, by names or in its closure, of which operators change something.
bool sees_changing_operators(const Callee& callee, PyObject* function) {
  const bool has = std::ranges::any_of(callee.closed_over, [](const auto& place) {
    PyObject* const value = PyDict_GetItemWithError(place.first, place.second);
    return value != nullptr && has_changing_operators(value, true);
  });
  if (has || !PyFunction_Check(function)) {
    return has;
  }
  const auto* const python = reinterpret_cast<PyFunctionObject*>(function);
  const Py_ssize_t cells = python->func_closure == nullptr ? 0 : PyTuple_GET_SIZE(python->func_closure);
  for (Py_ssize_t i = 0; i < cells; ++i) {
    PyObject* const content = PyCell_GET(PyTuple_GET_ITEM(python->func_closure, i));
    if (content != nullptr && has_changing_operators(content, true)) {
      return true;
    }
  }
  return (python->func_defaults != nullptr && has_changing_operators(python->func_defaults)) ||
         (python->func_kwdefaults != nullptr && has_changing_operators(python->func_kwdefaults));
}

/// The thing that a call changes which changes its first argument, as reaches have it.
const void* thing_of(PyObject* object) {
  if (!is_tracer(object)) {
    return object;
  }
  const Operation* const operation = as_tracer(object)->operation;
  return operation == nullptr     ? static_cast<const void*>(as_tracer(object)->value)
         : operation->has_given() ? static_cast<const void*>(operation->value)
                                  : operation;
}

}  // namespace

PyObject* getattr_function() {
  static PyObject* const function = PyDict_GetItemString(PyEval_GetBuiltins(), "getattr");
  return function;
}

bool Reach::covers(const Reach& other) const { return !other.sees_all && !other.changes_all && changed.has_all(other.changed) && seen.has_all(other.seen); }

bool Reach::conflicts_with(const Reach& other) const {
  const auto meets = [](const Reach& changing, const Reach& seeing) {
    return (changing.changes_all && (seeing.sees_all || !seeing.seen.empty() || seeing.changes_all)) || (seeing.sees_all && changing.changes()) ||
           changing.changed.meets(seeing.seen);
  };
  return meets(*this, other) || meets(other, *this);
}

void Reach::come_behind(const Reach& other) {
  seen.add_all(other.seen);
  sees_all |= other.sees_all;
  const bool is_another = std::ranges::any_of(attributes, [&](const auto& each) { return std::ranges::find(other.assigned, each) != other.assigned.end(); });
  if (is_another) {
    changed.add_all(other.seen);
  }
}

bool SeenCall::is_open() const {
  return callee == nullptr || !callee->is_closed || std::ranges::any_of(arguments, [](PyObject* each) { return has_changing_operators(each); }) ||
         sees_changing_operators(*callee, function);
}

namespace {

/// Of a function or method of a library; null of others.
const UsesOfGiven* uses_by_library(PyObject* callable) {
  PyObject* const function = function_inside(PyMethod_Check(callable) ? PyMethod_GET_FUNCTION(callable) : callable);
  if (function == nullptr || !PyFunction_Check(function)) {
    return nullptr;
  }
  const CodeFacts* const facts = facts_of(function, PyMethod_Check(callable));
  return facts == nullptr || !facts->is_library ? nullptr : &uses_of_given(function);
}

Reach reach_of_call(const SeenCall& call, bool is_open, bool enters_libraries) {
  ReachWalk walk(RunCode::met, is_open);
  if (enters_libraries) {
    walk.enter_libraries();
  }
  walk.add_callee(call.callee, call.function);
  for (PyObject* each : call.arguments) {
    walk.add(each);
  }
  walk.add(call.keywords);
  if (const UsesOfGiven* const uses = is_open ? uses_by_library(call.function) : nullptr; uses != nullptr) {
    for (PyObject* each : uses->names) {
      walk.add_name(each);
    }
    for (PyObject* each : uses->changes ? call.arguments : std::span<PyObject* const>()) {
      walk.add_changed(each);
    }
  }
  walk.run();
  return walk.finished(call.callee == nullptr);
}

}  // namespace

Reach whole_reach_of(const SeenCall& call) { return reach_of_call(call, false, true); }

Reach reach_of(const SeenCall& call, bool is_open) {
  if (looks_at_itself(call) && !is_open) {
    ReachWalk walk(RunCode::operators, false);
    walk.add_shallow(PyCFunction_GET_SELF(call.function));
    for (PyObject* each : call.arguments) {
      walk.add_shallow(each);
    }
    walk.run();
    return walk.finished(false);
  }
  if (call.callee != nullptr && is_operator(call.callee)) {
    Reach reach = reach_of_operator(call, is_open);
    if (call.callee->changes_first) {
      const void* const thing = thing_of(call.arguments[0]);
      reach.seen.add(thing);
      reach.changed.add(thing);
    }
    return reach;
  }
  return reach_of_call(call, is_open, false);
}

Reach reach_of(const Operation* operation) {
  const Callee* const callee = is_tracer(operation->function) && as_tracer(operation->function)->operation != nullptr ? nullptr : operation->callee;
  const bool is_kept = operation->arguments != nullptr;
  const SeenCall call{
      callee, operation->function,
      is_kept ? std::span(reinterpret_cast<PyTupleObject*>(operation->arguments)->ob_item, static_cast<size_t>(PyTuple_GET_SIZE(operation->arguments)))
              : std::span<PyObject*>(),
      operation->keywords};
  return reach_of(call, call.is_open());
}

PyObject* memory_owner(PyObject* object) {
  while (PyObject_TypeCheck(object, array_type_object())) {
    PyObject* const base = PyObject_GetAttrString(object, "base");
    Py_XDECREF(base);  // the array keeps it
    PyErr_Clear();
    if (base == nullptr || base == Py_None) {
      break;
    }
    object = base;
  }
  return object;
}

bool is_atomic(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || type == &PyBool_Type || object == Py_None || type == &PyBytes_Type ||
         type == &PyComplex_Type || type == &PyCode_Type || type == &PyRange_Type || type == &PyModule_Type || type == &PyGetSetDescr_Type ||
         type == &PyMemberDescr_Type || type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type || type == &PyEllipsis_Type;
}

Reach reach_of_object(PyObject* object) {
  const RunCode code = Py_TYPE(object)->tp_iternext != nullptr ? RunCode::met : RunCode::operators;  // an iterator is run where it is looked into
  if (code == RunCode::operators) {
    return reach_of_operators(true, [&](ReachWalk& walk) { walk.add(object); });
  }
  ReachWalk walk(code, true);
  walk.add(object);
  walk.run();
  return walk.finished(false);
}

}  // namespace omega::python
