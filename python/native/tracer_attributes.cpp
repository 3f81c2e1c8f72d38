// SPDX-License-Identifier: Apache-2.0
// Attributes and items of what tracers stand for, got and changed.
#include <algorithm>
#include <array>
#include <string_view>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/issue.h"
#include "python/native/order.h"
#include "python/native/recording.h"
#include "python/native/replay.h"
#include "python/native/tracer_protocols.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

using std::string_view_literals::operator""sv;

PyTypeObject* array_object_type = nullptr;  ///< numpy.ndarray
PyObject* numpy_dtype_of = nullptr;         ///< numpy.dtype
PyObject* function_getattr = nullptr;
PyObject* function_setattr = nullptr;
PyObject* function_setitem = nullptr;
PyObject* function_delitem = nullptr;
PyObject* function_delattr = nullptr;

int set_item(PyObject* self, PyObject* key, PyObject* value) {
  PyObject* const all[] = {self, key, value};
  PyObject* const done =
      value == nullptr ? issue_operator(OperatorEffect::shared, function_delitem, all, 2) : issue_operator(OperatorEffect::shared, function_setitem, all, 3);
  Py_XDECREF(done);
  return done == nullptr ? -1 : 0;
}

int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  PyObject* const all[] = {self, name, value};
  PyObject* const done =
      value == nullptr ? issue_operator(OperatorEffect::shared, function_delattr, all, 2) : issue_operator(OperatorEffect::shared, function_setattr, all, 3);
  Py_XDECREF(done);
  return done == nullptr ? -1 : 0;
}

/// Attributes of an array that has not been computed.
PyObject* expression_attribute(Tracer* tracer, PyObject* name, std::string_view text) {
  const Expression& expression = *tracer->expression;
  if (text == "shape") {
    PyObject* const shape = PyTuple_New(expression.rank);
    for (uint8_t i = 0; shape != nullptr && i < expression.rank; ++i) {
      PyTuple_SET_ITEM(shape, i, PyLong_FromLongLong(expression.shape[i]));
    }
    return shape;
  }
  if (text == "ndim") {
    return PyLong_FromLong(expression.rank);
  }
  if (text == "size") {
    long long size = 1;
    for (const int64_t extent : expression.extents()) {
      size *= extent;
    }
    return PyLong_FromLongLong(size);
  }
  if (text == "dtype") {
    const std::string_view type = graph::name_of(expression.dtype);
    return PyObject_CallFunction(numpy_dtype_of, "s", type == "boolean" ? "bool" : type.data());
  }
  static_cast<void>(name);
  return nullptr;
}

bool is_special(std::string_view name) { return name.size() > 4 && name.starts_with("__") && name.ends_with("__"); }

PyObject* special_attribute(PyObject* self, PyObject* name, std::string_view text) {
  if (text == "__class__") {
    if (as_tracer(self)->expression != nullptr && as_tracer(self)->expression->rank > 0) {
      return Py_NewRef(reinterpret_cast<PyObject*>(array_object_type));
    }
    PyObject* const value = plain(self);
    PyObject* const type = value == nullptr ? nullptr : PyObject_GetAttr(value, name);
    Py_XDECREF(value);
    return type != nullptr && current_run() != nullptr && is_taking_attribute() ? known_tracer(type)
                                                                                : type;  // also one that is seen as it is: its methods take no tracers
  }
  if ((text == "__array_interface__" || text == "__array_struct__") && !is_taking_attribute()) {
    PyErr_SetObject(PyExc_AttributeError, name);  // NumPy asks __array__() then
    return nullptr;
  }
  PyObject* const own = PyDict_GetItemWithError(tracer_type->tp_dict, name);                        // not those that every object has
  const bool is_class = as_tracer(self)->value != nullptr && PyType_Check(as_tracer(self)->value);  // it has methods of its objects by these names
  if (own != nullptr && PyType_IsSubtype(Py_TYPE(own), &PyMethodDescr_Type) && !is_class) {
    return PyObject_GenericGetAttr(self, name);
  }
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : outside_trace([&] { return PyObject_GetAttr(value, name); });
  Py_XDECREF(value);
  return seen(result);
}

/// `str.maketrans`, `dict.fromkeys`: called as they are, as the interpreter's other functions.
bool is_function_of_interpreters_class(PyObject* object, PyObject* function) {
  return PyType_Check(object) && !PyType_HasFeature(reinterpret_cast<PyTypeObject*>(object), Py_TPFLAGS_HEAPTYPE) && PyCFunction_Check(function) &&
         is_seen_as_it_is(object);
}

/// Whether a method of lists, dicts or sets by this name changes them, or gives what goes over them.
bool changes_or_shows_containers(std::string_view name) {
  static constexpr std::array names{"append"sv,
                                    "extend"sv,
                                    "insert"sv,
                                    "remove"sv,
                                    "pop"sv,
                                    "popitem"sv,
                                    "clear"sv,
                                    "sort"sv,
                                    "reverse"sv,
                                    "add"sv,
                                    "discard"sv,
                                    "update"sv,
                                    "setdefault"sv,
                                    "difference_update"sv,
                                    "keys"sv,
                                    "values"sv,
                                    "items"sv,
                                    "intersection_update"sv,
                                    "symmetric_difference_update"sv};
  return std::ranges::find(names, name) != names.end();
}

/// What traced code takes (`is_taken`: that it does is known) an operation gives; where C code asks whether there is one, that is to be known.
PyObject* attribute_of(PyObject* self, PyObject* name, bool is_taken) {
  Tracer* const tracer = as_tracer(self);
  Py_ssize_t size = 0;
  const char* const characters = PyUnicode_AsUTF8AndSize(name, &size);
  if (characters == nullptr) {
    return nullptr;
  }
  const std::string_view text{characters, static_cast<size_t>(size)};
  if (is_special(text)) {
    return special_attribute(self, name, text);
  }
  if (tracer->operation != nullptr && changes_or_shows_containers(text) && may_be_given_back(self) && await_given_back(self) < 0) {
    return nullptr;
  }
  const bool runs_code = tracer->value != nullptr && current_run() != nullptr && runs_code_for(tracer->value, name);
  const bool is_result = is_pending_tracer(self) || (is_recorded(self) && !is_array_like(self));
  if (runs_code || (is_result && (is_taken || is_taking_attribute()))) {
    PyObject* const both[] = {self, name};
    return issue_operator(OperatorEffect::none, function_getattr, both, 2);
  }
  if (tracer->expression != nullptr) {
    if (PyObject* const known = expression_attribute(tracer, name, text); known != nullptr || PyErr_Occurred() != nullptr) {
      return known;
    }
  }
  if (is_array_like(self)) {
    const ArrayFold fold = array_fold_named(text);
    const Run* const run = current_run();
    if (fold != ArrayFold::none && (run == nullptr || !run->is_replay || !is_replayed_next(run, function_getattr))) {
      return bound_fold(self, name, fold);
    }
  }
  return look(function_getattr, {self}, [&] {
    PyObject* const value = plain(self);
    PyObject* const result = value == nullptr || wait_for_attribute(value, name) < 0 ? nullptr : outside_trace([&] { return PyObject_GetAttr(value, name); });
    const bool takes_tracers = value != nullptr && result != nullptr && is_function_of_interpreters_class(value, result);
    Py_XDECREF(value);
    return takes_tracers ? result : seen(result);
  });
}

PyObject* attribute(PyObject* self, PyObject* name) { return attribute_of(self, name, false); }

}  // namespace

PyObject* taken_attribute(PyObject* object, PyObject* name) { return is_tracer(object) ? attribute_of(object, name, true) : PyObject_GetAttr(object, name); }

std::span<const PyType_Slot> attribute_slots() {
  static const PyType_Slot slots[] = {type_slot(Py_tp_getattro, attribute), type_slot(Py_tp_setattro, set_attribute), type_slot(Py_mp_ass_subscript, set_item)};
  return slots;
}

int find_attribute_functions(PyObject* operators, PyObject* numpy) {
  array_object_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, "ndarray"));
  numpy_dtype_of = PyObject_GetAttrString(numpy, "dtype");
  function_setitem = PyObject_GetAttrString(operators, "setitem");
  function_delitem = PyObject_GetAttrString(operators, "delitem");
  PyObject* const builtins = PyEval_GetBuiltins();
  function_getattr = Py_XNewRef(PyDict_GetItemString(builtins, "getattr"));
  function_setattr = Py_XNewRef(PyDict_GetItemString(builtins, "setattr"));
  function_delattr = Py_XNewRef(PyDict_GetItemString(builtins, "delattr"));
  return PyErr_Occurred() != nullptr ? -1 : 0;
}

}  // namespace omega::python
