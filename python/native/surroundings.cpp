// SPDX-License-Identifier: Apache-2.0
#include "python/native/surroundings.h"

namespace omega::python {
namespace {

/// NumPy's elements in a buffer, and its code for warning of division by zero, overflow and invalid values.
constexpr int kUsualBuffer = 8192;
constexpr int kUsualErrors = 521;

/// NumPy 1 keeps it in the dictionary of the thread: size of buffers, what is done with which errors, and what is called for them. Borrowed; null where it is
/// the usual one. NumPy 2 has it in the context.
PyObject* error_handling_of_thread() {
  static PyObject* const key = PyUnicode_InternFromString("UFUNC_PYVALS");
  PyObject* const thread = PyThreadState_GetDict();
  PyObject* const values = thread == nullptr ? nullptr : PyDict_GetItemWithError(thread, key);
  if (values == nullptr || !PyList_CheckExact(values) || PyList_GET_SIZE(values) != 3) {
    return nullptr;
  }
  const bool is_usual = PyLong_AsLong(PyList_GET_ITEM(values, 0)) == kUsualBuffer && PyLong_AsLong(PyList_GET_ITEM(values, 1)) == kUsualErrors &&
                        PyList_GET_ITEM(values, 2) == Py_None;
  PyErr_Clear();
  return is_usual ? nullptr : values;
}

PyObject* numpy_module = nullptr;
PyObject* usual_handling = nullptr;
/// NumPy 2's context variable for it; null where there is none.
PyObject* error_handling_variable = nullptr;

/// Null: the usual one.
void set_error_handling(PyObject* values) {
  PyObject* const done = PyObject_CallMethod(numpy_module, "seterrobj", "(O)", values == nullptr ? usual_handling : values);
  Py_XDECREF(done);
  PyErr_Clear();
}

/// Whether numpy.geterr() has something else than ignoring and warning.
bool has_other_handling() {
  PyObject* const handling = PyObject_CallMethod(numpy_module, "geterr", nullptr);
  PyObject *key, *value;
  bool has_other = false;
  for (Py_ssize_t at = 0; handling != nullptr && PyDict_Next(handling, &at, &key, &value);) {
    has_other |= PyUnicode_CompareWithASCIIString(value, "ignore") != 0 && PyUnicode_CompareWithASCIIString(value, "warn") != 0;
  }
  Py_XDECREF(handling);
  PyErr_Clear();
  return has_other;
}

}  // namespace

int find_error_handling() {
  numpy_module = PyImport_ImportModule("numpy");
  usual_handling = Py_BuildValue("[iiO]", kUsualBuffer, kUsualErrors, Py_None);
  if (numpy_module == nullptr || usual_handling == nullptr) {
    return -1;
  }
  PyObject* const module = PyImport_ImportModule("numpy._core.umath");  // NumPy 1 has none
  error_handling_variable = module == nullptr ? nullptr : PyObject_GetAttrString(module, "_extobj_contextvar");
  Py_XDECREF(module);
  PyErr_Clear();
  return 0;
}

bool handles_array_errors() {
  if (error_handling_of_thread() != nullptr) {
    return has_other_handling();
  }
  PyObject* value = nullptr;
  const bool is_set = error_handling_variable != nullptr && PyContextVar_Get(error_handling_variable, nullptr, &value) == 0 && value != nullptr;
  Py_XDECREF(value);
  PyErr_Clear();
  return is_set && has_other_handling();
}

void Surroundings::take() {
  drop();
  context_ = PyContext_CopyCurrent();
  PyErr_Clear();
  error_handling_ = Py_XNewRef(error_handling_of_thread());
}

void Surroundings::drop() {
  Py_CLEAR(context_);
  Py_CLEAR(error_handling_);
}

Surrounded::Surrounded(const Surroundings& surroundings) {
  if (surroundings.context_ == nullptr) {
    return;
  }
  if (PyContext_Enter(surroundings.context_) == 0) {
    context_ = Py_NewRef(surroundings.context_);
  } else {
    PyErr_Clear();
  }
  PyObject* const before = error_handling_of_thread();
  has_other_error_handling_ = before != surroundings.error_handling_;
  if (has_other_error_handling_) {
    error_handling_before_ = Py_XNewRef(before);
    set_error_handling(surroundings.error_handling_);
  }
}

Surrounded::~Surrounded() {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (has_other_error_handling_) {
    set_error_handling(error_handling_before_);
    Py_XDECREF(error_handling_before_);
  }
  if (context_ != nullptr) {
    static_cast<void>(PyContext_Exit(context_));
    Py_DECREF(context_);
  }
  PyErr_Restore(type, value, traceback);
}

}  // namespace omega::python
