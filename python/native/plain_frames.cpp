// SPDX-License-Identifier: Apache-2.0
#include "python/native/plain_frames.h"

#include <frameobject.h>

#include <algorithm>

#include "python/native/globals_view.h"
#include "python/native/structure.h"
#include "python/native/traced_end.h"

namespace omega::python {
namespace {

/// The variables of a frame are what `locals` has, which `PyFrame_GetLocals` gave; once for each time that it was asked for.
void take_over(PyFrameObject* frame) {
#if PY_VERSION_HEX < 0x030D0000  // else it is a view of them
  PyFrame_LocalsToFast(frame, 0);
#else
  static_cast<void>(frame);
#endif
}

}  // namespace

int PlainFrames::make_frame(PyFrameObject* frame, PyObject* globals, const std::function<int(PyObject*)>& hand_over) {
  if (std::ranges::find(views_, globals, &View::view) == views_.end()) {
    PyObject* const filled_with = fill_view(globals);
    if (filled_with == nullptr) {
      return -1;
    }
    views_.push_back({Py_NewRef(globals), filled_with});
  }
  PyObject* const locals = PyFrame_GetLocals(frame);
  PyObject* const names = locals == nullptr ? nullptr : PyMapping_Keys(locals);
  bool ok = names != nullptr;
  Copies copies;
  for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE(names); ++i) {
    PyObject* const name = PyList_GET_ITEM(names, i);
    PyObject* const seen = PyObject_GetItem(locals, name);
    PyObject* const value = seen == nullptr || hand_over(seen) < 0 ? nullptr : plain_structure(seen, copies);
    ok = value != nullptr && (value == seen || PyObject_SetItem(locals, name, value) == 0);
    if (ok && value != seen) {
      Py_INCREF(frame);
      variables_.push_back({frame, Py_NewRef(name), Py_NewRef(seen), Py_NewRef(value)});
    }
    Py_XDECREF(seen);
    Py_XDECREF(value);
  }
  take_over(frame);
  Py_XDECREF(names);
  Py_XDECREF(locals);
  return ok ? 0 : -1;
}

int make_arguments_plain(PyObject* object) {
  auto* const frame = reinterpret_cast<PyFrameObject*>(object);
  PyCodeObject* const code = PyFrame_GetCode(frame);
  PyObject* const names = PyCode_GetVarnames(code);
  PyObject* const locals = PyFrame_GetLocals(frame);
  bool ok = names != nullptr && locals != nullptr;
  Copies copies;
  for (Py_ssize_t i = 0; ok && i < PyTuple_GET_SIZE(names); ++i) {
    PyObject* const name = PyTuple_GET_ITEM(names, i);
    PyObject* const seen = PyObject_GetItem(locals, name);
    if (seen == nullptr) {
      PyErr_Clear();  // has no value
      continue;
    }
    PyObject* const value = plain_structure(seen, copies);
    ok = value != nullptr && (value == seen || PyObject_SetItem(locals, name, value) == 0);
    Py_DECREF(seen);
    Py_XDECREF(value);
  }
  take_over(frame);
  Py_XDECREF(names);
  Py_XDECREF(locals);
  Py_DECREF(code);
  return ok ? 0 : -1;
}

int PlainFrames::make(const std::function<int(PyObject*)>& hand_over) {
  PyFrameObject* frame = PyThreadState_GetFrame(PyThreadState_Get());
  bool ok = true;
  for (bool is_traced = true; ok && frame != nullptr && is_traced;) {
    PyObject* const globals = PyFrame_GetGlobals(frame);
    is_traced = is_globals_view(globals);
    ok = !is_traced || make_frame(frame, globals, hand_over) == 0;
    Py_DECREF(globals);
    PyFrameObject* const caller = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    frame = caller;
  }
  Py_XDECREF(frame);
  return ok ? 0 : -1;
}

PlainFrames::~PlainFrames() {
  if (variables_.empty() && views_.empty()) {
    return;
  }
  Failure failure;
  failure.fetch();
  for (const Variable& each : variables_) {
    PyObject* const locals = PyFrame_GetLocals(each.frame);
    PyObject* const now = locals == nullptr ? nullptr : PyObject_GetItem(locals, each.name);
    if (now == each.value && PyObject_SetItem(locals, each.name, each.seen) == 0) {
      take_over(each.frame);
#if PY_VERSION_HEX < 0x030D0000  // who keeps the dict has values
      PyObject_SetItem(locals, each.name, each.value);
#endif
    }
    PyErr_Clear();
    Py_XDECREF(now);
    Py_XDECREF(locals);
    Py_DECREF(each.frame);
    Py_DECREF(each.name);
    Py_DECREF(each.seen);
    Py_DECREF(each.value);
  }
  for (const View& each : views_) {
    if (empty_view(each.view, each.filled_with) < 0) {
      PyErr_Clear();
    }
    Py_DECREF(each.view);
    Py_DECREF(each.filled_with);
  }
  failure.restore();
}

}  // namespace omega::python
