// SPDX-License-Identifier: Apache-2.0
// The type Tracer, and which values traced code sees through one.
#include "python/native/tracer.h"

#include <structmember.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/issue.h"
#include "python/native/operation_threads.h"
#include "python/native/replay.h"
#include "python/native/substitutes.h"
#include "python/native/traced_function.h"
#include "python/native/tracer_protocols.h"
#include "python/native/type_slot.h"

namespace omega::python {

PyTypeObject* tracer_type = nullptr;

namespace {

PyTypeObject* number_scalar_type = nullptr;  ///< numpy.generic
PyTypeObject* ufunc_type = nullptr;          ///< numpy.ufunc
PyTypeObject* array_object_type = nullptr;   ///< numpy.ndarray

/// Whether a call of a plain function is better traced than made.
bool steps_into(Run* run, const Callee* callee, PyObject* function, PyObject* const* arguments, size_t count) {
  if (run->settings.processes == Processes::all) {
    return false;
  }
  if (callee->effect == Callee::Effect::array_code) {
    return run->settings.fuse && !is_replayed_next(run, function) && std::any_of(arguments, arguments + count, is_array_like);
  }
  return callee->effect == Callee::Effect::stepped_into && run->settings.parallel && !run->is_abstract &&
         !runs_as_written(*run, is_worth_stepping_into(*run, function, {arguments, count}), callee);
}

/// The type of operators' methods that are bound to an object, which headers of CPython 3.14 do not name.
PyTypeObject* bound_operator_type() {
  static PyTypeObject* const type = [] {
    PyObject* const bound = PyObject_GetAttrString(Py_None, "__repr__");
    PyTypeObject* const found = bound == nullptr ? nullptr : reinterpret_cast<PyTypeObject*>(Py_NewRef(Py_TYPE(bound)));
    Py_XDECREF(bound);
    PyErr_Clear();
    return found;
  }();
  return type;
}

/// Whether it is a method of a class in C that does what an operator does, bound to an object or not: `object.__setattr__`.
bool is_operator_method(PyObject* function) { return Py_TYPE(function) == &PyWrapperDescr_Type || Py_TYPE(function) == bound_operator_type(); }

/// Calls a method as its class in C has it, `dict.get`, which takes no tracer of its object: as the method of that object. What the body has without a tracer
/// is its own.
PyObject* call_unbound(PyObject* method, PyObject* const* arguments, size_t count, PyObject* names) {
  if (count == 0 || !is_tracer(arguments[0])) {
    return PyObject_Vectorcall(method, arguments, count, names);
  }
  PyObject* const object = plain(arguments[0]);
  if (object == nullptr) {
    return nullptr;
  }
  PyObject* const bound = Py_TYPE(method)->tp_descr_get(method, object, reinterpret_cast<PyObject*>(Py_TYPE(object)));  // TypeError: of another class
  Py_DECREF(object);
  PyObject* const called = bound == nullptr ? nullptr : known_tracer(bound);
  PyObject* const result = called == nullptr ? nullptr : PyObject_Vectorcall(called, arguments + 1, count - 1, names);
  Py_XDECREF(called);
  return result;
}

PyObject* call(PyObject* self, PyObject* const* arguments, size_t flagged_count, PyObject* names) {
  const auto count = static_cast<size_t>(PyVectorcall_NARGS(flagged_count));
  Run* const run = current_run();
  Tracer* const tracer = as_tracer(self);
  refresh_tracer(tracer);
  const bool is_pending = run != nullptr && tracer->operation != nullptr;
  const bool may_be_harmful = is_pending && !run->is_abstract && (tracer->operation->may_keep_seen || lends_containers(arguments, count, names));
  Met* const met = may_be_harmful ? met_here() : nullptr;
  const bool is_waited_for =
      is_pending && !run->is_abstract && (is_called_for_nothing() || may_share_lent(tracer->operation) || (met != nullptr && *met != Met::harmless));
  if (is_pending && !is_waited_for) {
    PyObject* const result = issue(run, nullptr, self, arguments, count, names);
    if (result != nullptr && met != nullptr) {
      run->log.back()->met = met;
    }
    return result;
  }
  PyObject* function = value_of(tracer);  // what it does is to be known
  if (function != nullptr && met != nullptr) {
    const bool is_harmful =
        *met == Met::harmful || changes_or_keeps(function, {arguments, count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)))});
    *met = is_harmful ? Met::harmful : Met::harmless;
  }
  bool calls_as_it_is = run == nullptr;
  if (function != nullptr && run != nullptr && tracer->callee == nullptr) {
    Py_SETREF(function, substituted(function, calls_as_it_is));
  }
  if (function == nullptr) {
    return nullptr;
  }
  PyObject* result = nullptr;
  if (run == nullptr) {
    result = call_with_values(function, arguments, count, names);
  } else if (calls_as_it_is) {
    result = PyObject_Vectorcall(function, arguments, count, names);
  } else if (is_numpy_function(function)) {
    result = call_numpy_function(self, function, arguments, count, names);
  } else if (is_operator_method(function)) {
    result = issue(run, operator_callee(OperatorEffect::shared), function, arguments, count, names);
  } else if (Py_TYPE(function) == &PyMethodDescr_Type) {
    result = call_unbound(function, arguments, count, names);
  } else {
    if (tracer->callee == nullptr) {
      tracer->callee = callee_of(function);
    }
    result = tracer->callee == nullptr                                     ? nullptr
             : tracer->callee->effect == Callee::Effect::traced_through    ? PyObject_Vectorcall(function, arguments, count, names)
             : steps_into(run, tracer->callee, function, arguments, count) ? step_into(run, function, arguments, count, names)
                                                                           : issue(run, tracer->callee, function, arguments, count, names, tracer);
  }
  Py_DECREF(function);
  return result;
}

void free_tracer(PyObject* self) {
  PyObject_GC_UnTrack(self);
  Tracer* const tracer = as_tracer(self);
  if (tracer->expression != nullptr) {
    drop_expression(tracer);
  }
  if (tracer->operation != nullptr) {
    release(std::exchange(tracer->operation, nullptr));
  }
  if (tracer->noted_in != nullptr) {
    tracer->noted_in->looks[tracer->look].value = nullptr;
  }
  Py_XDECREF(tracer->value);
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const Tracer* const tracer = as_tracer(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(tracer->value);
  return tracer->expression == nullptr ? 0 : traverse_expression(tracer->expression, visit, arg);
}

/// NumPy's own functions, but for those that draw random numbers.
bool is_numpy_module(PyObject* module) {
  const char* const text = module == nullptr || !PyUnicode_Check(module) ? nullptr : PyUnicode_AsUTF8(module);
  const std::string_view name = text == nullptr ? "" : text;
  return name.starts_with("numpy") && !name.starts_with("numpy.random");
}

/// A function that traced code calls as it is: it takes tracers.
bool takes_tracers(PyObject* module) {
  return module != nullptr && PyUnicode_Check(module) &&
         std::ranges::any_of(std::array{"builtins", "_operator", "omega.xcs.substitutes"},
                             [&](const char* each) { return PyUnicode_CompareWithASCIIString(module, each) == 0; });
}

/// Whether an attribute of a class is code of the program's, or a property.
bool is_own_code(PyObject* value) {
  const bool is_method = Py_TYPE(value) == &PyStaticMethod_Type || Py_TYPE(value) == &PyClassMethod_Type;
  const bool is_property = PyType_IsSubtype(Py_TYPE(value), &PyProperty_Type) != 0;
  PyObject* const function = is_method ? property_function(value, "__func__") : is_property ? property_function(value, "fget") : value;
  const CodeFacts* const facts = function != nullptr && PyFunction_Check(function) ? facts_of(function, true) : nullptr;
  return is_property || (facts != nullptr && !facts->is_library);
}

/// Whether a class or one that it is derived from has code of the program's. Of named tuples `__new__` is made of a text, by no library's.
bool has_own_code(PyTypeObject* type) {
  static PyObject* const fields = PyUnicode_InternFromString("_fields");
  static PyObject* const made_of_text = PyUnicode_InternFromString("__new__");
  static auto& known = *new std::unordered_map<PyTypeObject*, bool>;
  if (const auto found = known.find(type); found != known.end()) {
    return found->second;
  }
  bool has = false;
  for (Py_ssize_t i = 0; !has && i < PyTuple_GET_SIZE(type->tp_mro); ++i) {
    auto* const base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(type->tp_mro, i));
    const bool is_made_of_text =
        PyType_IsSubtype(base, &PyTuple_Type) != 0 && base->tp_dict != nullptr && PyDict_GetItemWithError(base->tp_dict, fields) != nullptr;
    PyObject *name, *value;
    for (Py_ssize_t at = 0; is_program_type(base) && PyDict_Next(base->tp_dict, &at, &name, &value);) {
      has |= !(is_made_of_text && PyObject_RichCompareBool(name, made_of_text, Py_EQ) == 1) && is_own_code(value);
    }
  }
  Py_INCREF(type);  // a program has so many of these as its text
  return known[type] = has;
}

/// Whether objects of one of the interpreter's own classes keep what they are made with: of its lists, dicts, sets and tuples structure.h knows what they hold.
bool keeps_what_it_is_given(const PyTypeObject* type) {
  static const std::array kept{&PyByteArray_Type, &PyMethod_Type,   &PyFunction_Type,     &PyCell_Type,
                               &PyDictProxy_Type, &PyProperty_Type, &PyStaticMethod_Type, &PyClassMethod_Type};
  return std::ranges::find(kept, type) != kept.end();
}

/// Classes whose making is seen: all whose objects can be changed or run code of the program, but for those of the interpreter's own.
bool is_seen_class(PyTypeObject* type) {
  if (PyType_IsSubtype(type, reinterpret_cast<PyTypeObject*>(PyExc_BaseException)) || PyType_IsSubtype(type, number_scalar_type)) {
    return false;
  }
  if (PyType_IsSubtype(type, &PyTuple_Type)) {
    return has_own_code(type);
  }
  if (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
    return true;
  }
  const std::string_view name = type->tp_name;  // of the interpreter's own without a module
  const bool is_iterator = name.starts_with("itertools.");
  return keeps_what_it_is_given(type) || (name.find('.') != std::string_view::npos && !is_iterator);
}

bool is_kind_of_text(PyTypeObject* type) { return PyType_HasFeature(type, Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_BYTES_SUBCLASS) != 0; }

/// Whether a class of numbers or texts has no code of the program's: its objects are numbers and texts by another name, as the members of many enumerations.
bool adds_no_code(PyTypeObject* type) {
  const bool is_simple = is_kind_of_text(type) || PyType_HasFeature(type, Py_TPFLAGS_LONG_SUBCLASS) || PyType_IsSubtype(type, &PyFloat_Type);
  return is_simple && !has_own_code(type);
}

/// Whether the class is one of named tuples without code of the program's: its objects are short tuples by another name.
bool is_record_type(PyTypeObject* type) {
  static PyObject* const maker = PyUnicode_InternFromString("_make");
  return PyType_HasFeature(type, Py_TPFLAGS_TUPLE_SUBCLASS) && type->tp_dictoffset == 0 && _PyType_Lookup(type, maker) != nullptr && !has_own_code(type);
}

bool is_plain_value(PyObject* value) {
  PyTypeObject* const type = Py_TYPE(value);
  if (type == &PyFloat_Type || type == &PyLong_Type || type == &PyUnicode_Type || value == Py_None || type == &PyBool_Type || type == tracer_type ||
      type == &PyBytes_Type || type == &PyComplex_Type || type == &PySlice_Type || value == Py_Ellipsis || value == Py_NotImplemented ||
      type == &PyRange_Type || is_bound_fold_type(type) || is_seen_iterator(value)) {
    return true;
  }
  if (type == &PyList_Type || type == &PyDict_Type || type == &PySet_Type || type == array_object_type) {
    return false;
  }
  if (type == &PyTuple_Type || is_record_type(type)) {
    const Py_ssize_t size = PyTuple_GET_SIZE(value);
    for (Py_ssize_t i = 0; i < size && size <= 8; ++i) {
      if (!is_plain_value(PyTuple_GET_ITEM(value, i))) {
        return false;
      }
    }
    return size <= 8;
  }
  if (adds_no_code(type)) {
    return true;
  }
  const bool is_callable = PyFunction_Check(value) || PyCFunction_Check(value) || PyType_Check(value);
  if (is_callable && has_substitute(value)) {
    return false;
  }
  if (PyFunction_Check(value)) {
    return takes_tracers(reinterpret_cast<PyFunctionObject*>(value)->func_module);
  }
  if (PyCFunction_Check(value)) {
    return takes_tracers(reinterpret_cast<PyCFunctionObject*>(value)->m_module);
  }
  if (PyType_Check(value)) {
    return !is_seen_class(reinterpret_cast<PyTypeObject*>(value));
  }
  return PyObject_TypeCheck(value, number_scalar_type) || std::strcmp(type->tp_name, "numpy.dtype") == 0 ||
         std::strcmp(type->tp_name, "omega._native.TracedFunction") == 0;
}

/// In a body that is run again: whether the value is a text of a class with code of its own, which C code takes no tracers of. What its methods do is not seen
/// then: all that comes runs in its order.
bool stands_for_itself(PyObject* value) {
  Run* const run = current_run();
  const bool is_text = run != nullptr && run->is_replay && is_kind_of_text(Py_TYPE(value));
  if (is_text) {
    run->settings.parallel = false;
  }
  return is_text;
}

}  // namespace

bool is_seen_as_it_is(PyObject* value) { return is_plain_value(value); }

bool is_numpy_function(PyObject* function) {
  if (PyFunction_Check(function)) {
    return is_numpy_module(reinterpret_cast<PyFunctionObject*>(function)->func_module);
  }
  if (PyCFunction_Check(function)) {
    return is_numpy_module(reinterpret_cast<PyCFunctionObject*>(function)->m_module);
  }
  return Py_TYPE(function) == ufunc_type || std::strcmp(Py_TYPE(function)->tp_name, "numpy._ArrayFunctionDispatcher") == 0;
}

PyTypeObject* array_type_object() { return array_object_type; }

void refresh_tracer(Tracer* tracer) {
  Operation* const operation = tracer->operation;
  if (operation != nullptr && operation->state == Operation::State::done && !operation->holds_copies) {
    tracer->value = Py_NewRef(operation->value);
    tracer->is_computed |= operation->seen_again != SeenAgain::yes;
    tracer->operation = nullptr;
    release(operation);
  }
}

PyObject* value_there(const Tracer* tracer) {
  const Operation* const operation = tracer->operation;
  return operation == nullptr ? tracer->value : operation->state == Operation::State::done && !operation->holds_copies ? operation->value : nullptr;
}

bool is_pending_tracer(PyObject* object) {
  if (!is_tracer(object)) {
    return false;
  }
  refresh_tracer(as_tracer(object));
  return as_tracer(object)->operation != nullptr;
}

Tracer* new_tracer() {
  Tracer* const tracer = PyObject_GC_New(Tracer, tracer_type);
  if (tracer != nullptr) {
    tracer->value = nullptr;
    tracer->operation = nullptr;
    tracer->expression = nullptr;
    tracer->callee = nullptr;
    tracer->noted_in = nullptr;
    tracer->look = 0;
    tracer->is_computed = false;
    tracer->producer = kNoOperation;
    tracer->call = call;
    PyObject_GC_Track(tracer);
  }
  return tracer;
}

PyObject* seen_again_as(PyObject* before) {
  PyObject* const value = before != nullptr && is_tracer(before) ? as_tracer(before)->value : nullptr;
  if (value == nullptr || !stands_for_itself(value)) {
    return before;
  }
  Py_INCREF(value);
  Py_DECREF(before);
  return value;
}

PyObject* known_tracer(PyObject* value) {
  Tracer* const tracer = new_tracer();
  if (tracer == nullptr) {
    Py_DECREF(value);
    return nullptr;
  }
  tracer->value = value;
  return reinterpret_cast<PyObject*>(tracer);
}

namespace {

/// A short tuple is a tuple to traced code too, of what it sees: C code that takes tuples, as the operator `%` of texts does, takes no tracer of one.
bool is_short_tuple(PyObject* value) {
  return PyTuple_Check(value) && PyTuple_GET_SIZE(value) <= 8 && (PyTuple_CheckExact(value) || is_record_type(Py_TYPE(value)));
}

/// Takes the reference over.
PyObject* seen_items(PyObject* tuple) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  PyObject* const made = PyTuple_New(size);
  for (Py_ssize_t i = 0; made != nullptr && i < size; ++i) {
    PyObject* const item = seen(Py_NewRef(PyTuple_GET_ITEM(tuple, i)));
    if (item == nullptr) {
      Py_DECREF(made);
      Py_DECREF(tuple);
      return nullptr;
    }
    PyTuple_SET_ITEM(made, i, item);
  }
  Py_DECREF(tuple);
  return made;
}

/// As a tuple of the same class. Takes the reference over.
PyObject* seen_short_tuple(PyObject* tuple) {
  PyTypeObject* const type = Py_TYPE(tuple);
  PyObject* made = seen_items(Py_NewRef(tuple));
  if (made != nullptr && type != &PyTuple_Type) {
    PyObject* const arguments = PyTuple_Pack(1, made);
    Py_SETREF(made, arguments == nullptr ? nullptr : PyTuple_Type.tp_new(type, arguments, nullptr));
    Py_XDECREF(arguments);
  }
  if (Run* const run = current_run(); run != nullptr && made != nullptr) {
    run->seen_tuples.note(made, tuple);
  }
  Py_DECREF(tuple);
  return made;
}

}  // namespace

bool is_seen_without_tracer(PyObject* value) { return is_plain_value(value) || is_short_tuple(value); }

PyObject* seen(PyObject* value) {
  if (value == nullptr || current_run() == nullptr || is_plain_value(value)) {
    return value;
  }
  if (is_short_tuple(value)) {
    return seen_short_tuple(value);
  }
  return stands_for_itself(value) ? value : known_tracer(value);
}

PyObject* value_of(Tracer* tracer) {
  if (tracer->operation != nullptr) {
    Operation* const operation = tracer->operation;
    if (operation->state == Operation::State::done && current_run() == nullptr) {
      return Py_NewRef(operation->value);  // for an operation that runs: what it had to wait for is over
    }
    ++operation->references;
    const int failed = wait_for(operation) < 0 ? -1 : give_back(operation);
    PyObject* const value = failed < 0 ? nullptr : Py_NewRef(operation->value);
    release(operation);
    if (failed == 0) {
      refresh_tracer(tracer);
    }
    return value;
  }
  if (tracer->expression != nullptr && evaluate_expressions({&tracer, 1}) < 0) {
    return nullptr;
  }
  return Py_XNewRef(tracer->value);
}

PyObject* plain(PyObject* object) { return is_tracer(object) ? value_of(as_tracer(object)) : Py_NewRef(object); }

int add_tracer_type(PyObject* module) {
  static PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Tracer, call), READONLY, nullptr}, {nullptr, 0, 0, 0, nullptr}};
  std::vector<PyType_Slot> slots = {type_slot(Py_tp_dealloc, free_tracer), type_slot(Py_tp_traverse, traverse), type_slot(Py_tp_members, members),
                                    type_slot(Py_tp_call, PyVectorcall_Call),
                                    type_slot(Py_tp_doc, const_cast<char*>("What stands for a value while a traced function runs."))};
  for (const auto part : {operator_slots(), attribute_slots(), value_slots()}) {
    slots.insert(slots.end(), part.begin(), part.end());
  }
  slots.push_back({0, nullptr});
  PyType_Spec spec = {"omega._native.Tracer", sizeof(Tracer), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots.data()};
  tracer_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  PyObject* const numpy = PyImport_ImportModule("numpy");
  PyObject* const operators = PyImport_ImportModule("operator");
  if (tracer_type == nullptr || add_seen_iterator_type() < 0 || numpy == nullptr || operators == nullptr) {
    return -1;
  }
  number_scalar_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, "generic"));
  array_object_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, "ndarray"));
  ufunc_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, "ufunc"));
  const int failed = find_operators(operators) < 0 || find_attribute_functions(operators, numpy) < 0 || PyErr_Occurred() != nullptr ? -1 : 0;
  Py_DECREF(numpy);
  Py_DECREF(operators);
  return failed < 0 || add_numpy_protocols() < 0 ? -1 : PyModule_AddObjectRef(module, "Tracer", reinterpret_cast<PyObject*>(tracer_type));
}

}  // namespace omega::python
