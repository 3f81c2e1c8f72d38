// SPDX-License-Identifier: Apache-2.0
#include "python/native/overlap.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "python/native/callee.h"
#include "python/native/code_facts.h"
#include "python/native/operation.h"
#include "python/native/reach.h"
#include "python/native/things.h"
#include "python/native/traced_function.h"
#include "python/native/tracer.h"
#include "python/native/worth.h"

namespace omega::python {
namespace {

PyObject* ask_named_values = nullptr;
PyObject* ask_holds_lock = nullptr;
PyObject* ask_holds_objects = nullptr;

/// So many objects are looked at; who comes by more may come by anything.
constexpr size_t kMostObjects = 5'000;
/// Of the items of one list, tuple or set, which are mostly of one kind; of objects of one class.
constexpr size_t kMostItems = 64;
constexpr size_t kMostOfClass = 32;

/// What a question about functions and classes of libraries is answered, asked once.
class Known {
 public:
  [[nodiscard]] bool is_so(PyObject* question, PyObject* value) {
    const bool is_function = PyCFunction_Check(value);
    const void* const key = is_function ? static_cast<const void*>(reinterpret_cast<PyCFunctionObject*>(value)->m_ml) : value;
    if (const auto found = answers_.find(key); found != answers_.end()) {
      return found->second;
    }
    const ReadingCode reading;
    PyObject* const answer = PyObject_CallOneArg(question, value);
    if (answer == nullptr) {
      PyErr_Clear();
      return false;
    }
    Py_DECREF(answer);
    if (!is_function) {
      Py_INCREF(value);  // a program has so many of these as its text
    }
    return answers_[key] = answer == Py_True;
  }

 private:
  std::unordered_map<const void*, bool> answers_;
};

bool holds_lock(PyObject* value) {
  static auto& known = *new Known;
  return known.is_so(ask_holds_lock, value);
}

bool holds_objects(PyTypeObject* cls) {
  static auto& known = *new Known;
  return known.is_so(ask_holds_objects, reinterpret_cast<PyObject*>(cls));
}

/// Names in a class under which there is nothing that runs.
bool is_about_class(PyObject* name) {
  static constexpr std::array<std::string_view, 3> kAbout{"__annotations__", "__dataclass_fields__", "__dataclass_params__"};
  Py_ssize_t size = 0;
  const char* const text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &size) : nullptr;
  return text != nullptr && std::ranges::find(kAbout, std::string_view(text, static_cast<size_t>(size))) != kAbout.end();
}

/// Whether code, or objects of a class, may come by something that overlaps: found from what the code names, and again after a while.
struct Answer {
  bool may_overlap = true;
  double found = 0;  ///< when [ns]
  double cost = 0;   ///< of finding it [ns]

  /// Names may get other values. Finding it again may cost a part of the time.
  [[nodiscard]] bool is_fresh() const {
    constexpr double kPart = 1.0 / 32;
    constexpr double kLongest = 5e7;  // [ns]
    return now_ns() - found < std::min(cost / kPart, kLongest);
  }
};
std::unordered_map<PyObject*, Answer>& answers() {
  static auto& known = *new std::unordered_map<PyObject*, Answer>;  // by code and class: a program has so many of these as its text
  return known;
}
bool answer_of(PyObject* function_or_class);

/// What an answer is known by.
PyObject* key_of(PyObject* function_or_class) { return PyFunction_Check(function_or_class) ? PyFunction_GET_CODE(function_or_class) : function_or_class; }

/// Goes through what a call can come by, the nearest first.
class OverlapWalk {
 public:
  enum class Of : uint8_t {
    code,   ///< through all code that is named
    values  ///< of other code and classes is known what they can come by
  };
  explicit OverlapWalk(Of of) : of_(of) {}
  OverlapWalk(const OverlapWalk&) = delete;
  OverlapWalk& operator=(const OverlapWalk&) = delete;
  ~OverlapWalk() {
    for (PyObject* each : met_) {
      Py_DECREF(each);
    }
  }

  void add(PyObject* object) {
    if (object != nullptr && (!is_atomic(object) || PyModule_Check(object)) && visited_.add(object)) {
      met_.push_back(Py_NewRef(object));
    }
  }
  /// What a function holds beside its code.
  void add_held(PyObject* function);
  /// Whether something was found that may overlap.
  bool run() {
    for (size_t at = 0; at < met_.size(); ++at) {
      if (met_.size() > kMostObjects || visit(met_[at])) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] const std::vector<PyObject*>& met() const { return met_; }

 private:
  bool visit(PyObject* object);
  bool visit_function(PyObject* function);
  bool visit_class(PyTypeObject* cls);
  void add_parts(PyObject* object);
  bool add_named(PyObject* function);

  Of of_;
  Things visited_;
  std::vector<PyObject*> met_;  ///< one reference each
  std::unordered_map<PyTypeObject*, size_t> objects_of_;
};

/// What the code of a function names; false where that cannot be said.
bool OverlapWalk::add_named(PyObject* function) {
  const ReadingCode reading;
  PyObject* const named = PyObject_CallOneArg(ask_named_values, function);
  const bool is_known = named != nullptr && PyTuple_Check(named);
  for (Py_ssize_t i = 0; is_known && i < PyTuple_GET_SIZE(named); ++i) {
    add(PyTuple_GET_ITEM(named, i));
  }
  PyErr_Clear();
  Py_XDECREF(named);
  return is_known;
}

void OverlapWalk::add_held(PyObject* function) {
  const auto* const python = reinterpret_cast<PyFunctionObject*>(function);
  const Py_ssize_t cells = python->func_closure == nullptr ? 0 : PyTuple_GET_SIZE(python->func_closure);
  for (Py_ssize_t i = 0; i < cells; ++i) {
    add(PyCell_GET(PyTuple_GET_ITEM(python->func_closure, i)));
  }
  add(python->func_defaults);
  add(python->func_kwdefaults);
}

/// What an object holds, as far as it is looked at.
void OverlapWalk::add_parts(PyObject* object) {
  struct Parts {
    OverlapWalk* walk;
    size_t left;
  } parts{this, PyDict_Check(object) || is_program_type(Py_TYPE(object)) ? kMostObjects : kMostItems};
  const auto take = [](PyObject* part, void* to) {
    auto* const into = static_cast<Parts*>(to);
    into->walk->add(part);
    return --into->left == 0 ? 1 : 0;
  };
  if (const traverseproc traverse = Py_TYPE(object)->tp_traverse; traverse != nullptr) {
    traverse(object, take, &parts);
  }
}

bool OverlapWalk::visit_function(PyObject* function) {
  add_held(function);
  return of_ == Of::code ? !add_named(function) : answer_of(function);
}

bool OverlapWalk::visit_class(PyTypeObject* cls) {
  auto* const object = reinterpret_cast<PyObject*>(cls);
  if (!is_program_type(cls)) {
    return !holds_lock(object);
  }
  if (of_ == Of::values) {
    return answer_of(object);
  }
  PyObject *name, *value;
  for (Py_ssize_t at = 0; PyDict_Next(cls->tp_dict, &at, &name, &value);) {
    if (!is_about_class(name)) {
      add(value);
    }
  }
  for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(cls->tp_mro); ++i) {
    add(PyTuple_GET_ITEM(cls->tp_mro, i));
  }
  return false;
}

bool OverlapWalk::visit(PyObject* object) {
  if (is_tracer(object)) {
    add(as_tracer(object)->value);
    return as_tracer(object)->value == nullptr;  // what is not there yet may be anything
  }
  if (PyFunction_Check(object)) {
    return visit_function(object);
  }
  if (PyType_Check(object)) {
    return visit_class(reinterpret_cast<PyTypeObject*>(object));
  }
  if (PyModule_Check(object)) {
    return !holds_lock(object);  // whatever is taken from it
  }
  if (PyCFunction_Check(object)) {
    PyObject* const owner = PyCFunction_GET_SELF(object);
    add(owner == nullptr || PyModule_Check(owner) ? nullptr : owner);
    return !holds_lock(object);
  }
  if (is_declared(object) || PyGen_Check(object) || PyCoro_CheckExact(object) || PyAsyncGen_CheckExact(object)) {
    return true;
  }
  if (PyObject* const function = function_of_traced(object); function != nullptr) {
    add(function);
    return false;
  }
  PyTypeObject* const cls = Py_TYPE(object);
  if (visit_class(cls)) {
    return true;
  }
  if (is_program_type(cls) ? ++objects_of_[cls] <= kMostOfClass : holds_objects(cls)) {
    add_parts(object);
  }
  return false;
}

bool answer_of(PyObject* function_or_class) {
  PyObject* const key = key_of(function_or_class);
  if (const auto found = answers().find(key); found != answers().end() && found->second.is_fresh()) {
    return found->second.may_overlap;
  }
  const double begun = now_ns();
  OverlapWalk walk(OverlapWalk::Of::code);
  walk.add(function_or_class);
  const bool may_overlap = walk.run();
  const double now = now_ns();
  const auto note = [&](PyObject* each) {
    const auto [place, is_new] = answers().try_emplace(each);
    if (is_new) {
      Py_INCREF(each);
    }
    place->second = {may_overlap, now, now - begun};
  };
  note(key);
  for (PyObject* each : walk.met()) {
    if (!may_overlap && (PyFunction_Check(each) || (PyType_Check(each) && is_program_type(reinterpret_cast<PyTypeObject*>(each))))) {
      note(key_of(each));  // it comes by nothing that the walk has not come by
    }
  }
  return may_overlap;
}

}  // namespace

bool may_overlap(Worth& account, PyObject* function, std::span<PyObject* const> arguments) {
  const double begun = own_time_ns();
  OverlapWalk walk(OverlapWalk::Of::values);
  walk.add(function);
  for (PyObject* each : arguments) {
    walk.add(each);
  }
  const bool found = walk.run();
  account.note_overlap(found);
  account.charge(own_time_ns() - begun);
  return found;
}

void set_overlap_hooks(PyObject* named_values, PyObject* holds_lock, PyObject* holds_objects) {
  ask_named_values = Py_NewRef(named_values);
  ask_holds_lock = Py_NewRef(holds_lock);
  ask_holds_objects = Py_NewRef(holds_objects);
}

}  // namespace omega::python
