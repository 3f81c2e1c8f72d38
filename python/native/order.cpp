// SPDX-License-Identifier: Apache-2.0
#include "python/native/order.h"

#include <algorithm>
#include <memory>
#include <ranges>
#include <utility>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/operation_threads.h"
#include "python/native/operator_effects.h"

namespace omega::python {
namespace {

/// Waits for those that change what the reach sees, which changes nothing itself. -1 with an exception set.
int wait_for_changing(Run* run, const Reach& reach) {
  std::vector<Operation*> awaited;
  PlacedOperations::Candidates candidates(run->beside, reach);
  while (Operation* const each = candidates.next()) {
    if (each->reach != nullptr && each->reach->changes() && reach_now(each).conflicts_with(reach)) {
      awaited.push_back(each);
    }
  }
  for (Operation* each : std::views::reverse(awaited)) {
    if (wait_for(each) < 0) {
      return -1;
    }
  }
  return raise_kept() ? -1 : 0;
}

int wait_for_reach(Run* run, const Reach& reach) {
  if (raise_kept()) {
    return -1;
  }
  return reach.changes() ? settle(run) : wait_for_changing(run, reach);
}

/// Finds the reach of a call again where results have come since that it is found from: others have them by their objects now. Whether there were some.
bool find_again(Reach& reach, const SeenCall& call, bool is_open) {
  if (std::ranges::none_of(reach.awaited, [](const Operation* each) { return each->has_given(); })) {
    return false;
  }
  Reach now = reach_of(call, is_open);
  now.seen.add_all(reach.seen);
  now.sees_all |= reach.sees_all;
  reach = std::move(now);
  return true;
}

}  // namespace

bool is_something_changing(Run* run) {
  while (!run->changing.empty() && run->changing.back()->is_over()) {
    run->changing.pop_back();
  }
  return !run->changing.empty();
}

bool is_settled(const Run* run) { return run->unfinished == 0 && run->failed == UINT32_MAX && !has_expressions(); }

int settle(Run* run) { return wait_for_all(run) < 0 || evaluate_all_expressions() < 0 ? -1 : 0; }

namespace {

/// What a call comes behind that reaches `reach`, to which what those may have put there is added.
std::vector<Operation*> operations_before(Run* run, const SeenCall& call, bool is_open, Reach& reach) {
  std::vector<Operation*> behind;
  if (reach.changes_all || (!reach.changes() && !is_something_changing(run))) {
    return behind;
  }
  // What it comes behind may have put more into its reach.
  for (size_t known = SIZE_MAX; known != reach.changed.size() + reach.seen.size() || find_again(reach, call, is_open);) {
    known = reach.changed.size() + reach.seen.size();
    PlacedOperations::Candidates candidates(run->beside, reach);
    while (Operation* const other = candidates.next()) {
      const bool is_new = std::ranges::find(behind, other) == behind.end();
      if (is_new && (!(reach.changes() || (other->reach != nullptr && other->reach->changes())) || !reach.conflicts_with(reach_now(other)))) {
        continue;
      }
      if (is_new) {
        behind.push_back(other);
        if (other->reach->changes()) {
          reach.come_behind(*other->reach);
        }
      }
      if (other->reach->is_first && other->reach->covers(reach)) {
        break;  // whatever this call comes behind of those before that one, that one does
      }
    }
  }
  return behind;
}

}  // namespace

Order order_of(Run* run, const SeenCall& call, bool is_open) {
  auto reach = std::make_unique<Reach>(reach_of(call, is_open));
  std::vector<Operation*> behind = operations_before(run, call, is_open, *reach);
  return {std::move(reach), std::move(behind)};
}

void take_place(Run* run, Operation* operation, Order&& order) {
  for (Operation* other : order.behind) {
    depend(operation, other);
  }
  operation->reach = std::move(order.reach);
  run->beside.add(operation, run->unfinished);
  if (operation->reach != nullptr && operation->reach->changes()) {
    run->operator_effects.forget();
    if (run->changing.size() > size_t{2} * run->unfinished) {
      std::erase_if(run->changing, [](const Operation* each) { return each->is_over(); });
    }
    run->changing.push_back(operation);
  }
}

int wait_for_changes(PyObject* value, Looking looking) {
  Run* const run = current_run();
  if (run == nullptr || is_settled(run)) {
    return 0;
  }
  const bool may_be_changed = !run->changing.empty() && is_something_changing(run);
  if (looking == Looking::itself) {
    Reach reach;
    if (may_be_changed) {
      reach.seen.add(value);
      reach.seen.add(memory_owner(value));
    }
    return may_be_changed ? wait_for_changing(run, reach) : 0;
  }
  return may_be_changed || has_changing_operators(value) ? wait_for_reach(run, reach_of_object(value)) : 0;
}

int wait_for_arrays(std::span<PyObject* const> operands) {
  for (PyObject* each : operands) {
    PyObject* const value = is_tracer(each) ? as_tracer(each)->value : each;
    if (value != nullptr && wait_for_changes(value, Looking::itself) < 0) {
      return -1;
    }
  }
  return 0;
}

bool runs_code_for(PyObject* object, PyObject* name) {
  PyTypeObject* const type = Py_TYPE(object);
  if (!is_program_type(type)) {
    return false;
  }
  PyObject* const of_class = _PyType_Lookup(type, name);
  if (type->tp_getattro != &PyObject_GenericGetAttr && !PyType_Check(object)) {
    static PyObject* const always = PyUnicode_InternFromString("__getattribute__");
    PyObject* const getter = _PyType_Lookup(type, always);
    if (getter != nullptr && PyFunction_Check(getter)) {
      return true;
    }
    PyObject* const attributes = of_class == nullptr ? PyObject_GenericGetDict(object, nullptr) : nullptr;
    const bool is_there = of_class != nullptr || (attributes != nullptr && PyDict_GetItemWithError(attributes, name) != nullptr);
    Py_XDECREF(attributes);
    PyErr_Clear();
    if (!is_there) {
      return true;  // __getattr__
    }
  }
  if (of_class == nullptr || Py_TYPE(of_class)->tp_descr_get == nullptr || PyFunction_Check(of_class)) {
    return false;
  }
  PyTypeObject* const descriptor = Py_TYPE(of_class);
  return PyType_IsSubtype(descriptor, &PyProperty_Type) || PyType_HasFeature(descriptor, Py_TPFLAGS_HEAPTYPE);
}

int wait_for_attribute(PyObject* object, PyObject* name) {
  Run* const run = current_run();
  if (run == nullptr || run->changing.empty() || !is_something_changing(run)) {
    return 0;
  }
  PyObject* const of_class = _PyType_Lookup(Py_TYPE(object), name);
  if (of_class != nullptr && Py_TYPE(of_class)->tp_descr_get != nullptr && Py_TYPE(of_class)->tp_descr_set == nullptr) {
    return 0;  // a method
  }
  return wait_for_changes(object, Looking::itself);
}

PyObject* looked_at(PyObject* object, Looking looking) {
  if (is_recorded(object)) {
    current_run()->recording->note_awaited(as_tracer(object)->producer);
  }
  PyObject* const value = plain(object);
  if (value != nullptr && current_run() != nullptr && wait_for_changes(value, looking) < 0) {
    Py_DECREF(value);
    return nullptr;
  }
  return value;
}

}  // namespace omega::python
