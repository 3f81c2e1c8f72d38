// SPDX-License-Identifier: Apache-2.0
#include "python/native/operator_effects.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "python/native/code_facts.h"
#include "python/native/operation.h"
#include "python/native/reach_walk.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

/// Objects that hold fewer others are looked at each time.
constexpr size_t kMany = 16;

/// A search through what an object holds.
class Search {
 public:
  /// `known`: objects in which there is nothing to find; null where something may change.
  Search(PyObject* object, const OperatorEffects* known) : known_(known) { add(object); }

  bool finds() {
    while (!pending_.empty()) {
      PyObject* const object = pending_.back();
      pending_.pop_back();
      if (is_found(object)) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] size_t size() const { return visited_.size(); }
  /// Whether functions or classes of the program's were met, which are not looked into.
  [[nodiscard]] bool meets_code() const { return meets_code_; }

 private:
  void add(PyObject* object) {
    if (object != nullptr && !is_atomic(object) && Py_TYPE(object) != array_type_object() && visited_.add(object)) {
      pending_.push_back(object);
    }
  }

  bool is_found(PyObject* object) {
    if (is_tracer(object)) {
      const Tracer* const tracer = as_tracer(object);
      if (tracer->operation != nullptr && !tracer->operation->has_given()) {
        return gives_changing_operators(tracer->operation);
      }
      add(tracer->operation != nullptr ? tracer->operation->value : tracer->value);
      return false;
    }
    PyTypeObject* const type = Py_TYPE(object);
    const bool is_program = is_program_type(type);
    if (is_program ? current_run()->operator_effects.has_changing_methods(type) : is_iterator_type(type)) {
      return true;
    }
    meets_code_ |= PyFunction_Check(object);
    const bool is_code = PyFunction_Check(object) || PyCFunction_Check(object) || PyType_Check(object);
    const bool is_container = PyList_Check(object) || PyTuple_Check(object) || PyDict_Check(object) || PyAnySet_Check(object);
    const bool is_known = known_ != nullptr && known_->is_harmless(object);
    if (!is_code && !is_known && (is_program || is_container || !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE))) {
      traverse(object);
    }
    return false;
  }

  void traverse(PyObject* object) {
    holder_type_ = Py_TYPE(object);
    if (Py_TYPE(object)->tp_traverse != nullptr) {
      Py_TYPE(object)->tp_traverse(
          object,
          [](PyObject* child, void* argument) {
            auto* const search = static_cast<Search*>(argument);
            if (!PyType_Check(child)) {
              search->add(child);
            } else if (child != reinterpret_cast<PyObject*>(search->holder_type_)) {
              search->meets_code_ |= is_program_type(reinterpret_cast<PyTypeObject*>(child));
            }
            return 0;
          },
          this);
    }
  }

  const OperatorEffects* known_;
  PyTypeObject* holder_type_ = nullptr;  ///< of the object that is traversed
  bool meets_code_ = false;
  Things visited_;
  std::vector<PyObject*> pending_;
};

}  // namespace

bool OperatorEffects::has_changing_methods(PyTypeObject* type) {
  if (const auto found = types_.find(type); found != types_.end()) {
    return found->second;
  }
  if (std::ranges::find(asked_, type) != asked_.end()) {
    return false;  // so long, for what its own attributes hold
  }
  asked_.push_back(type);
  ReachWalk walk(RunCode::operators, true);
  walk.add_properties();
  walk.add_class(type);
  walk.run();
  const bool changes = walk.may_change();
  asked_.pop_back();
  if (changes) {
    forget_harmless();  // what was found meanwhile took it for harmless
  }
  if (types_.emplace(type, changes).second) {
    Py_INCREF(type);
  }
  return changes;
}

void OperatorEffects::note_harmless(PyObject* object) {
  if (harmless_.add(object)) {
    kept_.push_back(Py_NewRef(object));
  }
}

void OperatorEffects::forget_harmless() {
  std::vector<PyTypeObject*> dropped;
  std::erase_if(types_, [&](const auto& each) {
    if (!each.second) {
      dropped.push_back(each.first);
    }
    return !each.second;
  });
  harmless_ = {};
  for (PyTypeObject* each : dropped) {
    Py_DECREF(each);
  }
  for (PyObject* each : std::exchange(kept_, {})) {
    Py_DECREF(each);
  }
}

void OperatorEffects::forget() {
  for (const auto& [type, changes] : std::exchange(types_, {})) {
    Py_DECREF(type);
  }
  forget_harmless();
}

namespace {

struct Found {
  bool changing_operators = false;
  bool code = false;
};

Found found_in(PyObject* object, bool is_lasting) {
  if (is_tracer(object) && as_tracer(object)->operation == nullptr) {
    object = as_tracer(object)->value;
    is_lasting = true;
  }
  if (object == nullptr || is_atomic(object) || Py_TYPE(object) == array_type_object()) {
    return {};
  }
  Run* const run = current_run();
  if (run == nullptr) {
    return {true, true};
  }
  const bool stays = run->changing.empty();
  Search search(object, stays ? &run->operator_effects : nullptr);
  const bool finds = search.finds();
  if (!finds && !search.meets_code() && stays && is_lasting && search.size() >= kMany) {
    run->operator_effects.note_harmless(object);
  }
  return {finds, search.meets_code()};
}

}  // namespace

bool has_changing_operators(PyObject* object, bool is_lasting) { return found_in(object, is_lasting).changing_operators; }

bool may_give_changing_operators(PyObject* object) {
  const Found found = found_in(object, true);
  return found.changing_operators || found.code;
}

bool gives_changing_operators(Operation* operation) {
  if (operation->has_given()) {
    return operation->value != nullptr && has_changing_operators(operation->value);
  }
  if (operation->changing_operators == Operation::Known::no_one_asked) {
    constexpr int kMostDepth = 64;  // results in lists that other operations take
    thread_local int depth = 0;
    if (depth > kMostDepth) {
      return true;
    }
    ++depth;
    ReachWalk walk(RunCode::operators, true);
    walk.add_properties();
    walk.add_result(operation);
    walk.run();
    --depth;
    operation->changing_operators = walk.may_change() ? Operation::Known::yes : Operation::Known::no;
  }
  return operation->changing_operators == Operation::Known::yes;
}

}  // namespace omega::python
