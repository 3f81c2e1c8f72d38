// SPDX-License-Identifier: Apache-2.0
#include "python/native/plain_functions.h"

#include <algorithm>
#include <utility>

#include "python/native/container_walk.h"
#include "python/native/globals_view.h"
#include "python/native/operation.h"
#include "python/native/order.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

PyFunctionObject* as_python(PyObject* function) { return reinterpret_cast<PyFunctionObject*>(function); }

Py_ssize_t cells_of(PyObject* function) {
  PyObject* const closure = as_python(function)->func_closure;
  return closure == nullptr ? 0 : PyTuple_GET_SIZE(closure);
}

PyObject* cell_of(PyObject* function, Py_ssize_t i) { return PyTuple_GET_ITEM(as_python(function)->func_closure, i); }

/// Without its variables, defaults and attributes.
PyObject* same_code(PyObject* function) {
  PyFunctionObject* const original = as_python(function);
  PyObject* const made = PyFunction_NewWithQualName(original->func_code, globals_of(original), original->func_qualname);
  if (made == nullptr) {
    return nullptr;
  }
  Py_XSETREF(as_python(made)->func_name, Py_NewRef(original->func_name));
  Py_XSETREF(as_python(made)->func_doc, Py_XNewRef(original->func_doc));
  Py_XSETREF(as_python(made)->func_module, Py_XNewRef(original->func_module));
  if (const Py_ssize_t size = cells_of(function); size > 0) {
    PyObject* const cells = PyTuple_New(size);
    for (Py_ssize_t i = 0; cells != nullptr && i < size; ++i) {
      PyTuple_SET_ITEM(cells, i, PyCell_New(nullptr));
    }
    as_python(made)->func_closure = cells;
  }
  return made;
}

/// What a variable, a default or an attribute is where no operation has its own: lists and dicts stay themselves, and what traced code puts into them later is
/// replaced too.
PyObject* shared_now(Run* run, PyObject* value, Copies& copies) {
  if (!is_container(value) || is_immutable_container(value)) {
    return plain_structure(value, copies);
  }
  return hand_over(run, value, copies) < 0 ? nullptr : Py_NewRef(value);
}

/// Defaults, annotations, attributes and variables. -1 with an exception set.
template <class Kept>
int take(PyObject* function, PyObject* made, Kept kept) {
  PyFunctionObject* const from = as_python(function);
  PyFunctionObject* const to = as_python(made);
  PyObject* annotations = from->func_annotations == nullptr ? nullptr : PyFunction_GetAnnotations(function);
  const std::pair<PyObject*, PyObject**> all[] = {{from->func_defaults, &to->func_defaults},
                                                  {from->func_kwdefaults, &to->func_kwdefaults},
                                                  {annotations, &to->func_annotations},
#if PY_VERSION_HEX >= 0x030E0000
                                                  {from->func_annotate, &to->func_annotate},  // a function that gives them when somebody asks
#endif
                                                  {from->func_dict, &to->func_dict}};
  for (const auto& [value, place] : all) {
    PyObject* const taken = value == nullptr ? nullptr : kept(value);
    if (value != nullptr && taken == nullptr) {
      return -1;
    }
    Py_XSETREF(*place, taken);
  }
  for (Py_ssize_t i = 0; i < cells_of(function); ++i) {
    PyObject* const content = PyCell_GET(cell_of(function, i));
    PyObject* const taken = content == nullptr ? nullptr : kept(content);
    if (content != nullptr && taken == nullptr) {
      return -1;
    }
    PyCell_Set(cell_of(made, i), taken);
    Py_XDECREF(taken);
  }
  return 0;
}

}  // namespace

PlainFunctions::~PlainFunctions() {
  for (const Made& each : std::exchange(made_, {})) {
    drop(each);
  }
}

void PlainFunctions::drop(const Made& made) {
  Py_DECREF(made.original);
  Py_DECREF(made.plain);
  for (PyObject* content : made.contents) {
    Py_XDECREF(content);
  }
}

PyObject* PlainFunctions::of(PyObject* function, Operation* operation, Copies& copies) {
  const auto known = std::ranges::find_if(made_, [&](const Made& each) { return each.original == function && each.operation == operation; });
  if (known != made_.end()) {
    return Py_NewRef(known->plain);
  }
  if (PyObject* const copy = copies.of(function); copy != nullptr) {
    return copy;
  }
  PyObject* const made = same_code(function);
  if (made == nullptr) {
    return nullptr;
  }
  // Noted before it is filled: it may hold itself.
  copies.note(function, made);
  Made& noted = made_.emplace_back(Py_NewRef(function), Py_NewRef(made), operation, std::vector<PyObject*>(static_cast<size_t>(cells_of(function))));
  for (size_t i = 0; i < noted.contents.size(); ++i) {
    noted.contents[i] = Py_XNewRef(PyCell_GET(cell_of(function, static_cast<Py_ssize_t>(i))));
  }
  Run* const run = current_run();
  const auto kept = [&](PyObject* value) { return operation != nullptr ? prepared(operation, value, copies) : shared_now(run, value, copies); };
  if (take(function, made, kept) < 0) {
    Py_DECREF(made);
    return nullptr;
  }
  return made;
}

int PlainFunctions::begin(const Operation* operation, Copies& copies) {
  for (size_t at = 0; at < made_.size(); ++at) {
    if (made_[at].operation != operation) {
      continue;
    }
    PyObject* const made = made_[at].plain;
    const auto kept = [&](PyObject* value) { return plain_structure(value, copies); };
    if (take(made, made, kept) < 0) {
      return -1;
    }
  }
  return 0;
}

int PlainFunctions::follow(Run* run, bool at_end) {
  for (size_t at = 0; at < made_.size();) {
    const bool is_over = made_[at].operation == nullptr || made_[at].operation->is_over();
    if (is_over && Py_REFCNT(made_[at].plain) == 1) {  // nobody has kept it
      drop(std::exchange(made_[at], made_.back()));
      made_.pop_back();
      continue;
    }
    const bool has_own = std::exchange(made_[at].operation, is_over ? nullptr : made_[at].operation) != nullptr;
    if (is_over && run->unfinished > 0 && is_behind(made_[at]) && settle(run) < 0) {  // operations may call it
      return -1;
    }
    if (is_over && follow_cells(run, at, at_end || has_own) < 0) {
      return -1;
    }
    ++at;
  }
  return 0;
}

bool PlainFunctions::is_behind(const Made& made) {
  for (size_t i = 0; i < made.contents.size(); ++i) {
    if (made.contents[i] != PyCell_GET(cell_of(made.original, static_cast<Py_ssize_t>(i)))) {
      return true;
    }
  }
  return false;
}

bool PlainFunctions::is_behind() const {
  return std::ranges::any_of(made_, [](const Made& each) { return each.operation != nullptr && !each.operation->is_over() && is_behind(each); });
}

int PlainFunctions::follow_cells(Run* run, size_t at, bool all) {
  for (size_t i = 0; i < made_[at].contents.size(); ++i) {
    PyObject* const content = PyCell_GET(cell_of(made_[at].original, static_cast<Py_ssize_t>(i)));
    if (content == made_[at].contents[i] && !all) {
      continue;
    }
    Py_XSETREF(made_[at].contents[i], Py_XNewRef(content));
    Copies copies;
    PyObject* const value = content == nullptr ? nullptr : shared_now(run, content, copies);  // may come by more functions
    if (content != nullptr && value == nullptr) {
      return -1;
    }
    PyCell_Set(cell_of(made_[at].plain, static_cast<Py_ssize_t>(i)), value);
    Py_XDECREF(value);
  }
  return 0;
}

}  // namespace omega::python
