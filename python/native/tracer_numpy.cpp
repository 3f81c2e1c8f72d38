// SPDX-License-Identifier: Apache-2.0
// What NumPy asks of a tracer: its functions become expressions where they can, run later where something is pending, at once otherwise.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/issue.h"
#include "python/native/operation_threads.h"
#include "python/native/order.h"
#include "python/native/replay.h"
#include "python/native/structure.h"
#include "python/native/traced_run.h"
#include "python/native/tracer_protocols.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

PyTypeObject* fold_type = nullptr;
PyObject* numpy_asarray = nullptr;

// Folds: x.sum() and its like.

/// The axis and keepdims of a fold's arguments behind the array; false where there is something else among them.
bool read_axis(PyObject* arguments, Py_ssize_t first, PyObject* keywords, std::optional<int>& axis, bool& keeps_axis) {
  PyObject* given = PyTuple_GET_SIZE(arguments) > first ? PyTuple_GET_ITEM(arguments, first) : nullptr;
  if (PyTuple_GET_SIZE(arguments) > first + 1) {
    return false;
  }
  PyObject *key, *value;
  for (Py_ssize_t at = 0; keywords != nullptr && PyDict_Next(keywords, &at, &key, &value);) {
    if (PyUnicode_CompareWithASCIIString(key, "axis") == 0) {
      given = value;
    } else if (PyUnicode_CompareWithASCIIString(key, "keepdims") == 0 && PyBool_Check(value)) {
      keeps_axis = value == Py_True;
    } else {
      return false;
    }
  }
  if (given != nullptr && given != Py_None) {
    if (!PyLong_CheckExact(given)) {
      return false;
    }
    axis = static_cast<int>(PyLong_AsLong(given));
    PyErr_Clear();
  }
  return true;
}

/// A fold by its arguments; null without an exception where NumPy has to do it.
PyObject* fold_array(ArrayFold fold, PyObject* array, PyObject* arguments, Py_ssize_t first, PyObject* keywords) {
  if (wait_for_arrays({&array, 1}) < 0) {
    return nullptr;
  }
  std::optional<int> axis;
  bool keeps_axis = false;
  if (fold == ArrayFold::none || !read_axis(arguments, first, keywords, axis, keeps_axis)) {
    return nullptr;
  }
  if (!axis && !keeps_axis) {
    PyObject* const folded = array_fold(fold, array);
    if (folded != nullptr || PyErr_Occurred() != nullptr) {
      return folded;
    }
  }
  return array_fold_axis(fold, array, axis, keeps_axis);
}

struct BoundFold {
  PyObject_HEAD PyObject* array;
  PyObject* name;
  ArrayFold fold;
};

PyObject* call_fold(PyObject* self, PyObject* arguments, PyObject* keywords) {
  auto* const bound = reinterpret_cast<BoundFold*>(self);
  PyObject* const folded = look(bound->name, {bound->array}, [&] { return fold_array(bound->fold, bound->array, arguments, 0, keywords); });
  if (folded != nullptr || PyErr_Occurred() != nullptr) {
    return folded;
  }
  PyObject* const array = plain(bound->array);
  PyObject* const method = array == nullptr ? nullptr : PyObject_GetAttr(array, bound->name);
  PyObject* const all = method == nullptr ? nullptr : plain_structure(arguments);
  PyObject* const named = all == nullptr || keywords == nullptr ? nullptr : plain_structure(keywords);
  PyObject* const result = all == nullptr || (keywords != nullptr && named == nullptr) ? nullptr : PyObject_Call(method, all, named);
  Py_XDECREF(array);
  Py_XDECREF(method);
  Py_XDECREF(all);
  Py_XDECREF(named);
  return seen(result);
}

void free_fold(PyObject* self) {
  Py_DECREF(reinterpret_cast<BoundFold*>(self)->array);
  Py_DECREF(reinterpret_cast<BoundFold*>(self)->name);
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

ArrayOp array_op_of(PyObject* function) {
  static auto& known = *new std::unordered_map<PyObject*, ArrayOp>;
  const auto found = known.find(function);
  if (found != known.end()) {
    return found->second;
  }
  PyObject* const name = PyObject_GetAttrString(function, "__name__");
  const char* const text = name == nullptr ? nullptr : PyUnicode_AsUTF8(name);
  const ArrayOp op = text == nullptr                           ? ArrayOp::none
                     : std::string_view(text) == "bitwise_and" ? ArrayOp::logical_and
                     : std::string_view(text) == "bitwise_or"  ? ArrayOp::logical_or
                     : std::string_view(text) == "invert"      ? ArrayOp::logical_not
                                                               : array_op_named(text);
  Py_XDECREF(name);
  PyErr_Clear();
  Py_INCREF(function);
  return known[function] = op;
}

/// Issues a call that is given as a tuple and a dict.
PyObject* issue_call(Run* run, Callee* callee, PyObject* function, PyObject* arguments, PyObject* keywords) {
  const auto count = static_cast<size_t>(PyTuple_GET_SIZE(arguments));
  std::vector<PyObject*> all(reinterpret_cast<PyTupleObject*>(arguments)->ob_item, reinterpret_cast<PyTupleObject*>(arguments)->ob_item + count);
  PyObject* const names = keywords == nullptr || PyDict_GET_SIZE(keywords) == 0 ? nullptr : PyTuple_New(PyDict_GET_SIZE(keywords));
  PyObject *key, *value;
  for (Py_ssize_t at = 0; names != nullptr && PyDict_Next(keywords, &at, &key, &value);) {
    PyTuple_SET_ITEM(names, static_cast<Py_ssize_t>(all.size() - count), Py_NewRef(key));
    all.push_back(value);
  }
  PyObject* const result = callee == nullptr || PyErr_Occurred() != nullptr ? nullptr : issue(run, callee, function, all.data(), count, names);
  Py_XDECREF(names);
  return result;
}

/// Calls a function of NumPy's on values: later, where something is pending. `seen_by`: whether a repeated attempt comes by.
PyObject* call_numpy(PyObject* function, PyObject* arguments, PyObject* keywords, bool changes, PyObject* seen_by) {
  Run* const run = current_run();
  if (run != nullptr &&
      (changes || is_pending(arguments) || (keywords != nullptr && is_pending(keywords)) || is_something_changing(run) || is_replayed_next(run, function))) {
    return issue_call(run, changes ? operator_callee(OperatorEffect::shared) : callee_of(function), function, arguments, keywords);
  }
  return look(function, {seen_by}, [&] {
    PyObject* const all = plain_structure(arguments);
    PyObject* const named = all == nullptr || keywords == nullptr ? nullptr : plain_structure(keywords);
    PyObject* const result = all == nullptr || (keywords != nullptr && named == nullptr) ? nullptr : PyObject_Call(function, all, named);
    Py_XDECREF(all);
    Py_XDECREF(named);
    return seen(result);
  });
}

/// A call of one of NumPy's functions: an expression where it can be one. `self`: what the function is of. `seen_by`: as of call_numpy().
PyObject* call_array_function(PyObject* function, PyObject* inputs, PyObject* keywords, PyObject* self, PyObject* seen_by) {
  PyObject* const name = PyObject_GetAttrString(function, "__name__");
  const char* const text = name == nullptr ? nullptr : PyUnicode_AsUTF8(name);
  const auto count = static_cast<size_t>(PyTuple_GET_SIZE(inputs));
  if (text == nullptr || wait_for_arrays({reinterpret_cast<PyTupleObject*>(inputs)->ob_item, count}) < 0) {
    Py_XDECREF(name);
    return nullptr;
  }
  const std::string_view called(text);
  PyObject* result = nullptr;
  if (called == "where" && count == 3 && PyDict_GET_SIZE(keywords) == 0) {
    result = look(function, {self}, [&] { return array_operation(ArrayOp::where, {reinterpret_cast<PyTupleObject*>(inputs)->ob_item, count}); });
  } else if (count >= 1 && is_tracer(PyTuple_GET_ITEM(inputs, 0))) {
    result = look(function, {self}, [&] { return fold_array(array_fold_named(called), PyTuple_GET_ITEM(inputs, 0), inputs, 1, keywords); });
  }
  static constexpr std::array kChanging = {"copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis"};
  if (result == nullptr && PyErr_Occurred() == nullptr) {
    const bool changes = std::ranges::any_of(kChanging, [&](const char* each) { return called == each; }) || PyDict_GetItemString(keywords, "out") != nullptr;
    result = call_numpy(function, inputs, keywords, changes, seen_by);
  }
  Py_DECREF(name);
  return result;
}

}  // namespace

PyObject* bound_fold(PyObject* array, PyObject* name, ArrayFold fold) {
  auto* const bound = PyObject_New(BoundFold, fold_type);
  if (bound == nullptr) {
    return nullptr;
  }
  bound->array = Py_NewRef(array);
  bound->name = Py_NewRef(name);
  bound->fold = fold;
  return reinterpret_cast<PyObject*>(bound);
}

bool is_bound_fold_type(const PyTypeObject* type) { return type == fold_type; }

PyObject* array_of(PyObject* self, PyObject* arguments, PyObject* keywords) {
  PyObject* const value = plain(self);
  if (value == nullptr) {
    return nullptr;
  }
  PyObject* dtype = PyTuple_GET_SIZE(arguments) > 0 ? PyTuple_GET_ITEM(arguments, 0) : keywords == nullptr ? nullptr : PyDict_GetItemString(keywords, "dtype");
  PyObject* const result = PyObject_CallFunctionObjArgs(numpy_asarray, value, dtype, nullptr);
  Py_DECREF(value);
  return result;
}

PyObject* array_ufunc(PyObject* self, PyObject* arguments, PyObject* keywords) {
  if (PyTuple_GET_SIZE(arguments) < 2) {
    PyErr_SetString(PyExc_TypeError, "__array_ufunc__(ufunc, method, *inputs)");
    return nullptr;
  }
  PyObject* const ufunc = PyTuple_GET_ITEM(arguments, 0);
  PyObject* const method = PyTuple_GET_ITEM(arguments, 1);
  const bool is_call = PyUnicode_CompareWithASCIIString(method, "__call__") == 0;
  const bool is_plain = keywords == nullptr || PyDict_GET_SIZE(keywords) == 0;
  const auto count = static_cast<size_t>(PyTuple_GET_SIZE(arguments) - 2);
  if (is_call && is_plain) {
    const ArrayOp op = array_op_of(ufunc);
    if (op != ArrayOp::none) {
      if (wait_for_arrays({reinterpret_cast<PyTupleObject*>(arguments)->ob_item + 2, count}) < 0) {
        return nullptr;
      }
      PyObject* const result = look(ufunc, {self}, [&] { return array_operation(op, {reinterpret_cast<PyTupleObject*>(arguments)->ob_item + 2, count}); });
      if (result != nullptr || PyErr_Occurred() != nullptr) {
        return result;
      }
    }
  }
  PyObject* const inputs = PyTuple_GetSlice(arguments, 2, PyTuple_GET_SIZE(arguments));
  PyObject* const function = inputs == nullptr ? nullptr : is_call ? Py_NewRef(ufunc) : PyObject_GetAttr(ufunc, method);
  const bool changes = (keywords != nullptr && PyDict_GetItemString(keywords, "out") != nullptr) || PyUnicode_CompareWithASCIIString(method, "at") == 0;
  PyObject* const result = function == nullptr ? nullptr : call_numpy(function, inputs, keywords, changes, inputs);
  Py_XDECREF(inputs);
  Py_XDECREF(function);
  return result;
}

PyObject* array_function(PyObject* self, PyObject* arguments) {
  PyObject *function, *types, *inputs, *keywords;
  if (PyArg_ParseTuple(arguments, "OOO!O!", &function, &types, &PyTuple_Type, &inputs, &PyDict_Type, &keywords) == 0) {
    return nullptr;
  }
  return call_array_function(function, inputs, keywords, self, inputs);
}

PyObject* call_numpy_function(PyObject* called, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names) {
  const bool is_element_wise = !PyFunction_Check(function) && PyObject_HasAttrString(function, "nin") != 0;
  if (is_element_wise && std::any_of(arguments, arguments + count, is_tracer)) {
    return seen(PyObject_Vectorcall(function, arguments, count, names));  // NumPy asks __array_ufunc__()
  }
  PyObject* const inputs = PyTuple_New(static_cast<Py_ssize_t>(count));
  PyObject* const keywords = inputs == nullptr ? nullptr : PyDict_New();
  for (size_t i = 0; keywords != nullptr && i < count; ++i) {
    PyTuple_SET_ITEM(inputs, static_cast<Py_ssize_t>(i), Py_NewRef(arguments[i]));
  }
  const Py_ssize_t named = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
  bool ok = keywords != nullptr;
  for (Py_ssize_t i = 0; ok && i < named; ++i) {
    ok = PyDict_SetItem(keywords, PyTuple_GET_ITEM(names, i), arguments[count + static_cast<size_t>(i)]) == 0;
  }
  PyObject* const* const tracer = std::find_if(arguments, arguments + count, is_tracer);
  PyObject* const result = !ok ? nullptr : call_array_function(function, inputs, keywords, tracer == arguments + count ? called : *tracer, called);
  Py_XDECREF(inputs);
  Py_XDECREF(keywords);
  return result;
}

int add_numpy_protocols() {
  static PyType_Slot slots[] = {type_slot(Py_tp_dealloc, free_fold), type_slot(Py_tp_call, call_fold), {0, nullptr}};
  static PyType_Spec spec = {"omega._native.BoundFold", sizeof(BoundFold), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  fold_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  PyObject* const numpy = fold_type == nullptr ? nullptr : PyImport_ImportModule("numpy");
  numpy_asarray = numpy == nullptr ? nullptr : PyObject_GetAttrString(numpy, "asarray");
  Py_XDECREF(numpy);
  return numpy_asarray == nullptr ? -1 : 0;
}

}  // namespace omega::python
