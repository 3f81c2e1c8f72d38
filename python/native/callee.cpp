// SPDX-License-Identifier: Apache-2.0
#include "python/native/callee.h"

#include <array>
#include <string_view>
#include <unordered_map>

#include "python/native/made_once.h"
#include "python/native/worth.h"

namespace omega::python {
namespace {

PyObject* classifier = nullptr;
PyObject* originals_finder = nullptr;
PyTypeObject* declared_type = nullptr;

/// How a callable wraps the one that it is known by.
enum Wrapping : unsigned { kPlain = 0, kPartial = 1, kDeclared = 2, kOrdered = 4, kInProcess = 8, kWrappings = 16 };

/// What is known by code, C function or type; never given back: a program has so many of these as its text.
std::unordered_map<const void*, Callee*>& callees(unsigned wrapping) {
  static auto& known = *new std::array<std::unordered_map<const void*, Callee*>, kWrappings>;
  return known[wrapping];
}

/// Wrappers, which programs make anew again and again, as long as they live.
std::unordered_map<const PyObject*, Callee*>& wrappers() {
  static auto& known = *new std::unordered_map<const PyObject*, Callee*>;
  return known;
}

std::unordered_map<const PyObject*, const PyObject*>& wrappers_by_reference() {
  static auto& known = *new std::unordered_map<const PyObject*, const PyObject*>;
  return known;
}

PyObject* forget_wrapper(PyObject* /*self*/, PyObject* reference) {
  if (const auto found = wrappers_by_reference().find(reference); found != wrappers_by_reference().end()) {
    wrappers().erase(found->second);
    wrappers_by_reference().erase(found);
    Py_DECREF(reference);
  }
  Py_RETURN_NONE;
}

/// Null with an exception set.
Callee* remember_wrapper(PyObject* wrapper, Callee* callee) {
  static PyMethodDef definition{"forget_wrapper", &forget_wrapper, METH_O, nullptr};
  PyObject* const forget = made_once([] { return PyCFunction_New(&definition, nullptr); });
  PyObject* const reference = forget == nullptr ? nullptr : PyWeakref_NewRef(wrapper, forget);
  if (reference == nullptr) {
    return nullptr;
  }
  wrappers()[wrapper] = callee;
  wrappers_by_reference()[reference] = wrapper;
  return callee;
}

PyTypeObject* partial_type() {
  static PyTypeObject* const type = [] {
    PyObject* const module = PyImport_ImportModule("functools");
    PyObject* const found = module == nullptr ? nullptr : PyObject_GetAttrString(module, "partial");
    Py_XDECREF(module);
    return reinterpret_cast<PyTypeObject*>(found);
  }();
  return type;
}

bool has_flag(PyObject* declared, const char* name) {
  PyObject* const value = PyObject_GetAttrString(declared, name);
  const bool is_set = value == Py_True;
  Py_XDECREF(value);
  PyErr_Clear();
  return is_set;
}

/// The callable that wrappers lead to, which lives as long as they do.
PyObject* unwrapped(PyObject* callable, unsigned& wrapping) {
  while (is_partial(callable) || Py_TYPE(callable) == declared_type) {
    const bool is_declared = Py_TYPE(callable) == declared_type;
    if (!is_declared) {
      wrapping |= kPartial;
    } else if ((wrapping & kDeclared) == 0) {
      wrapping |= kDeclared | (has_flag(callable, "ordered") ? kOrdered : kPlain) | (has_flag(callable, "in_process") ? kInProcess : kPlain);
    }
    PyObject* const inner = PyObject_GetAttrString(callable, is_declared ? "function" : "func");
    if (inner == nullptr) {
      PyErr_Clear();
      break;
    }
    Py_DECREF(inner);
    callable = inner;
  }
  return callable;
}

/// Whether the callable is a function of a library and of a type of its own: `is_library_function` of omega/_libraries.py.
bool is_library_function(PyObject* callable) {
  std::string_view name = Py_TYPE(callable)->tp_name;
  name.remove_prefix(name.rfind('.') + 1);
  return name == "_ArrayFunctionDispatcher" || name == "cython_function_or_method" || name == "fused_cython_function";
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
  if (Py_TYPE(callable) == &PyMethodDescr_Type) {
    return reinterpret_cast<PyMethodDescrObject*>(callable)->d_method;
  }
  const bool is_itself = PyType_Check(callable) || is_library_function(callable);
  return keep = is_itself ? callable : reinterpret_cast<PyObject*>(Py_TYPE(callable));
}

/// What `classify` says of a callable. Null with an exception set.
Callee* classified(PyObject* callable) {
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallOneArg(classifier, callable);
  if (answer == nullptr) {
    return nullptr;
  }
  int effect = 0;
  int is_light = 0;
  int is_looked_into = 0;
  PyObject* closed_over = nullptr;
  int looks_at_itself = 0;
  int in_process = 0;
  int is_called_for_effect = 0;
  int looks_at_callers = 0;
  const char* name = nullptr;
  const char* reason = nullptr;
  if (PyArg_ParseTuple(answer, "ippOppppss", &effect, &is_light, &is_looked_into, &closed_over, &looks_at_itself, &in_process, &is_called_for_effect,
                       &looks_at_callers, &name, &reason) == 0) {
    Py_DECREF(answer);
    return nullptr;
  }
  auto* const callee = new Callee;
  callee->effect = static_cast<Callee::Effect>(effect);
  callee->is_light = is_light != 0;
  callee->is_looked_into = is_looked_into != 0;
  callee->is_closed = closed_over != Py_None;
  for (Py_ssize_t i = 0; callee->is_closed && i < PyTuple_GET_SIZE(closed_over); ++i) {
    PyObject* const place = PyTuple_GET_ITEM(closed_over, i);
    callee->closed_over.emplace_back(Py_NewRef(PyTuple_GET_ITEM(place, 0)), Py_NewRef(PyTuple_GET_ITEM(place, 1)));
  }
  callee->looks_at_itself = looks_at_itself != 0;
  callee->runs_in_process = in_process != 0;
  callee->has_known_originals = false;
  callee->is_called_for_effect = is_called_for_effect != 0;
  callee->looks_at_callers = looks_at_callers != 0;
  callee->name = name;
  callee->reason = reason;
  Py_DECREF(answer);
  return callee;
}

}  // namespace

Callee* callee_of(PyObject* callable) {
  const bool is_wrapper = Py_TYPE(callable) == declared_type || is_partial(callable);
  if (is_wrapper) {
    if (const auto found = wrappers().find(callable); found != wrappers().end()) {
      return found->second;
    }
  }
  unsigned wrapping = kPlain;
  PyObject* keep = nullptr;
  const void* const key = key_of(is_wrapper ? unwrapped(callable, wrapping) : callable, keep);
  Callee* callee = nullptr;
  if (const auto found = callees(wrapping).find(key); found != callees(wrapping).end()) {
    callee = found->second;
  } else {
    callee = classified(callable);
    if (callee == nullptr) {
      return nullptr;
    }
    Py_XINCREF(keep);
    callees(wrapping)[key] = callee;
  }
  return is_wrapper ? remember_wrapper(callable, callee) : callee;
}

Callee* operator_callee(OperatorEffect effect) {
  static Callee& pure = *new Callee{.is_light = true, .is_looked_into = true, .is_closed = true, .name = "operator", .reason = ""};
  static Callee& in_place = *new Callee{.is_light = true, .is_looked_into = true, .is_closed = true, .changes_first = true, .name = "operator", .reason = ""};
  static Callee& change = *new Callee{
      .effect = Callee::Effect::shared, .is_light = true, .is_looked_into = true, .needs_originals = true, .name = "change", .reason = "changes an object"};
  return effect == OperatorEffect::none ? &pure : effect == OperatorEffect::first ? &in_place : &change;
}

bool is_operator(const Callee* callee) {
  return callee == operator_callee(OperatorEffect::none) || callee == operator_callee(OperatorEffect::first) ||
         callee == operator_callee(OperatorEffect::shared);
}

bool is_partial(PyObject* callable) { return partial_type() != nullptr && PyObject_TypeCheck(callable, partial_type()); }

bool is_declared(PyObject* callable) { return Py_TYPE(callable) == declared_type; }

bool is_ordered(PyObject* declared) { return is_declared(declared) && has_flag(declared, "ordered"); }

int learn_originals(Callee& callee, PyObject* callable) {
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallOneArg(originals_finder, callable);
  if (answer == nullptr) {
    return -1;
  }
  const bool names_them = PyTuple_Check(answer);
  callee.originals = names_them ? Py_NewRef(PyTuple_GET_ITEM(answer, 0)) : nullptr;
  callee.changed = names_them ? Py_NewRef(PyTuple_GET_ITEM(answer, 1)) : nullptr;
  callee.needs_originals = PyObject_IsTrue(names_them ? callee.originals : answer) != 0;
  callee.has_known_originals = true;
  Py_DECREF(answer);
  return 0;
}

bool may_need_originals(Callee* callee, PyObject* callable) {
  if (callee == nullptr || PyType_Check(callable)) {
    return true;
  }
  if (!callee->has_known_originals && learn_originals(*callee, callable) < 0) {
    PyErr_Clear();
    return true;
  }
  return callee->needs_originals;
}

bool may_change_in_place(PyObject* object) {
  const PyNumberMethods* const number = Py_TYPE(object)->tp_as_number;
  const PySequenceMethods* const sequence = Py_TYPE(object)->tp_as_sequence;
  const auto has_number_slot = [&] {
    return number->nb_inplace_add != nullptr || number->nb_inplace_subtract != nullptr || number->nb_inplace_multiply != nullptr ||
           number->nb_inplace_true_divide != nullptr || number->nb_inplace_floor_divide != nullptr || number->nb_inplace_remainder != nullptr ||
           number->nb_inplace_power != nullptr || number->nb_inplace_matrix_multiply != nullptr || number->nb_inplace_and != nullptr ||
           number->nb_inplace_or != nullptr || number->nb_inplace_xor != nullptr || number->nb_inplace_lshift != nullptr ||
           number->nb_inplace_rshift != nullptr;
  };
  return (number != nullptr && has_number_slot()) ||
         (sequence != nullptr && (sequence->sq_inplace_concat != nullptr || sequence->sq_inplace_repeat != nullptr));
}

void set_classifier(PyObject* classify, PyObject* needs_originals, PyObject* declared) {
  Py_XSETREF(originals_finder, Py_NewRef(needs_originals));
  Py_XSETREF(classifier, Py_NewRef(classify));
  declared_type = reinterpret_cast<PyTypeObject*>(Py_NewRef(declared));
}

}  // namespace omega::python
