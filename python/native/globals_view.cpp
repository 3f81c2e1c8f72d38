// SPDX-License-Identifier: Apache-2.0
#include "python/native/globals_view.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "python/native/code_facts.h"
#include "python/native/replay.h"
#include "python/native/tracer.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

PyTypeObject* view_type = nullptr;

/// A dict that is empty but for the builtins: names are looked up in the function's own globals.
struct GlobalsView {
  PyDictObject dict;
  PyObject* globals;  ///< the function's
  PyObject* builtins;
  PyObject* substitutes;  ///< builtins that traced code gets others for
  PyObject* code;         ///< of the function
  struct Cached {
    PyObject* value;
    PyObject* seen;
    bool is_member_taken;  ///< of a class that is seen as it is: the function takes attributes or items of it somewhere
  };
  std::unordered_map<PyObject*, Cached>* cache;
};

/// What the interpreter itself looks for beside the builtins, in the dict's own memory.
constexpr std::array kOwnNames = {"__name__", "__package__", "__spec__", "__path__", "__loader__"};
bool is_own_name(PyObject* name) {
  const auto is = [&](const char* other) { return PyUnicode_CompareWithASCIIString(name, other) == 0; };
  return PyUnicode_Check(name) && (is("__builtins__") || std::ranges::any_of(kOwnNames, is));
}

/// Whether a function stands for a builtin where that is called at once; who does something else with it sees the builtin.
bool is_only_called(PyObject* substitute) { return PyFunction_Check(substitute); }

PyObject* look_up(PyObject* self, PyObject* name) {
  auto* const view = reinterpret_cast<GlobalsView*>(self);
  static PyObject* const builtins_name = PyUnicode_InternFromString("__builtins__");
  if (name == builtins_name) {
    return Py_NewRef(view->builtins);
  }
  PyObject* value = PyDict_GetItemWithError(view->globals, name);
  if (value == nullptr && PyErr_Occurred() == nullptr) {
    value = PyDict_GetItemWithError(view->substitutes, name);
    if (value != nullptr && is_only_called(value)) {
      return is_looked_up_to_be_called() ? Py_NewRef(value) : known_tracer(Py_XNewRef(PyDict_GetItem(view->builtins, name)));
    }
  }
  if (value == nullptr && PyErr_Occurred() == nullptr) {
    value = PyDict_GetItemWithError(view->builtins, name);
  }
  if (value == nullptr) {
    if (PyErr_Occurred() == nullptr) {
      PyErr_SetObject(PyExc_KeyError, name);
    }
    return nullptr;
  }
  if (PyLong_Check(value) || PyFloat_Check(value) || PyUnicode_Check(value) || value == Py_None) {
    return look(name, {self}, [&] { return Py_NewRef(value); });
  }
  if (current_run() == nullptr) {
    return Py_NewRef(value);
  }
  GlobalsView::Cached& cached = (*view->cache)[name];
  if (cached.value == value) {
    return cached.is_member_taken && is_looked_up_for_member() ? known_tracer(Py_NewRef(value)) : Py_NewRef(cached.seen);
  }
  PyObject* const made = seen(Py_NewRef(value));
  if (made == nullptr) {
    return nullptr;
  }
  if (cached.value == nullptr) {
    Py_INCREF(name);
  }
  Py_XSETREF(cached.value, Py_NewRef(value));
  Py_XSETREF(cached.seen, Py_NewRef(made));
  // What a class that is seen as it is has is seen all the same: its methods take no tracers.
  cached.is_member_taken = PyType_Check(value) && made == value && takes_member_of(view->code, name);
  if (cached.is_member_taken && is_looked_up_for_member()) {
    Py_DECREF(made);
    return known_tracer(Py_NewRef(value));
  }
  return made;
}

int traverse_view(PyObject* self, visitproc visit, void* arg) {
  auto* const view = reinterpret_cast<GlobalsView*>(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(view->globals);
  Py_VISIT(view->builtins);
  Py_VISIT(view->substitutes);
  Py_VISIT(view->code);
  if (view->cache != nullptr) {
    for (const auto& [name, cached] : *view->cache) {
      Py_VISIT(cached.value);
      Py_VISIT(cached.seen);
    }
  }
  return PyDict_Type.tp_traverse(self, visit, arg);
}

int clear_view(PyObject* self) {
  auto* const view = reinterpret_cast<GlobalsView*>(self);
  if (view->cache != nullptr) {
    for (auto& [name, cached] : std::exchange(*view->cache, {})) {
      Py_DECREF(name);
      Py_XDECREF(cached.value);
      Py_XDECREF(cached.seen);
    }
  }
  Py_CLEAR(view->globals);
  Py_CLEAR(view->builtins);
  Py_CLEAR(view->substitutes);
  Py_CLEAR(view->code);
  return PyDict_Type.tp_clear(self);
}

void free_view(PyObject* self) {
  PyObject_GC_UnTrack(self);
  clear_view(self);
  delete reinterpret_cast<GlobalsView*>(self)->cache;
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_Track(self);
  PyDict_Type.tp_dealloc(self);
  Py_DECREF(type);
}

/// The builtins as the interpreter itself uses them for traced code: what is imported is seen. One for all functions with the same; a new reference.
PyObject* seen_builtins(PyObject* builtins, PyObject* substitutes) {
  static auto& known = *new std::unordered_map<PyObject*, PyObject*>;
  if (const auto found = known.find(builtins); found != known.end()) {
    return Py_NewRef(found->second);
  }
  PyObject* const import = PyDict_GetItemString(substitutes, "__import__");
  PyObject* const copy = PyDict_Copy(builtins);
  if (copy == nullptr || (import != nullptr && PyDict_SetItemString(copy, "__import__", import) < 0)) {
    Py_XDECREF(copy);
    return nullptr;
  }
  known[Py_NewRef(builtins)] = copy;
  return Py_NewRef(copy);
}

}  // namespace

PyObject* globals_behind(PyObject* globals) { return Py_TYPE(globals) == view_type ? reinterpret_cast<GlobalsView*>(globals)->globals : globals; }

PyObject* globals_of(const PyFunctionObject* function) { return globals_behind(function->func_globals); }

bool is_function_of_body(PyObject* object) { return PyFunction_Check(object) && Py_TYPE(PyFunction_GET_GLOBALS(object)) == view_type; }

bool is_generator_of_body(PyObject* object) {
  if (!PyGen_CheckExact(object)) {
    return false;
  }
  PyObject* const frame = PyObject_GetAttrString(object, "gi_frame");
  PyObject* const globals = frame == nullptr || !PyFrame_Check(frame) ? nullptr : PyFrame_GetGlobals(reinterpret_cast<PyFrameObject*>(frame));
  const bool is_of_body = globals != nullptr && Py_TYPE(globals) == view_type;
  Py_XDECREF(globals);
  Py_XDECREF(frame);
  PyErr_Clear();
  return is_of_body;
}

bool is_globals_view(PyObject* globals) { return Py_TYPE(globals) == view_type; }

PyObject* fill_view(PyObject* view) {
  PyObject* const copy = PyDict_Copy(globals_behind(view));
  if (copy == nullptr || PyDict_Merge(view, copy, 0) < 0) {
    Py_XDECREF(copy);
    return nullptr;
  }
  return copy;
}

int empty_view(PyObject* view, PyObject* filled_with) {
  PyObject* const now = PyDict_Copy(view);
  bool ok = now != nullptr;
  PyObject *name, *value;
  for (Py_ssize_t at = 0; ok && PyDict_Next(now, &at, &name, &value);) {
    if (is_own_name(name)) {
      continue;
    }
    if (PyDict_GetItemWithError(filled_with, name) != value) {
      ok = PyErr_Occurred() == nullptr && PyDict_SetItem(globals_behind(view), name, value) == 0;
    }
    ok = ok && (PyDict_DelItem(view, name) == 0);
  }
  Py_XDECREF(now);
  return ok ? 0 : -1;
}

PyObject* make_globals_view(PyFunctionObject* function, PyObject* substitutes) {
  PyObject* const view = PyObject_CallNoArgs(reinterpret_cast<PyObject*>(view_type));
  if (view == nullptr) {
    return nullptr;
  }
  auto* const made = reinterpret_cast<GlobalsView*>(view);
  made->globals = Py_NewRef(globals_of(function));
  made->builtins = Py_NewRef(function->func_builtins);
  made->substitutes = Py_NewRef(substitutes);
  made->code = Py_NewRef(function->func_code);
  made->cache = new std::unordered_map<PyObject*, GlobalsView::Cached>;
  PyObject* const builtins = seen_builtins(made->builtins, substitutes);
  bool ok = builtins != nullptr && PyDict_SetItemString(view, "__builtins__", builtins) == 0;
  Py_XDECREF(builtins);
  for (const char* name : kOwnNames) {
    PyObject* const value = PyDict_GetItemString(made->globals, name);
    ok = ok && (value == nullptr || PyDict_SetItemString(view, name, value) == 0);
  }
  if (!ok) {
    Py_DECREF(view);
    return nullptr;
  }
  return view;
}

int add_globals_view_type() {
  static PyType_Slot view_slots[] = {type_slot(Py_tp_dealloc, free_view),
                                     type_slot(Py_tp_traverse, traverse_view),
                                     type_slot(Py_tp_clear, clear_view),
                                     type_slot(Py_mp_subscript, look_up),
                                     {0, nullptr}};
  static PyType_Spec view_spec = {"omega._native.GlobalsView", sizeof(GlobalsView), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, view_slots};
  view_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpecWithBases(&view_spec, reinterpret_cast<PyObject*>(&PyDict_Type)));
  return view_type == nullptr ? -1 : 0;
}

}  // namespace omega::python
