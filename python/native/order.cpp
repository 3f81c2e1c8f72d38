// SPDX-License-Identifier: Apache-2.0
#include "python/native/order.h"

#include <algorithm>
#include <ranges>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/operation_threads.h"
#include "python/native/operator_effects.h"

namespace omega::python {
namespace {

void drop_ended(std::vector<Operation*>& operations) {
  std::erase_if(operations, [](const Operation* each) { return each->is_over(); });
}

/// What an operation that is not over can see and change; found again when more of what it takes is there.
const Reach& reach_now(Operation* operation) {
  if (operation->reach == nullptr) {
    operation->reach = std::make_unique<Reach>(reach_of(operation));
    operation->reach->is_first = false;
  } else if (std::ranges::any_of(operation->reach->awaited, [](const Operation* each) { return each->is_over(); })) {
    Reach now = reach_of(operation);
    now.seen.add_all(operation->reach->seen);
    now.sees_all |= operation->reach->sees_all;
    now.is_first = false;
    *operation->reach = std::move(now);
  }
  return *operation->reach;
}

bool changes_itself(const Reach& reach, PyObject* value) { return reach.changes_all || reach.changed.has(value) || reach.changed.has(memory_owner(value)); }

/// Waits for those that change something for which `changes` holds, as long as there are any.
template <class Changes>
int wait_for_those(Run* run, Changes changes) {
  for (size_t i = 0; i < run->changing.size(); ++i) {
    Operation* const each = run->changing[i];
    if (!each->is_over() && changes(reach_now(each)) && wait_for(each) < 0) {
      return -1;
    }
  }
  return raise_kept() ? -1 : 0;
}

int wait_for_reach(Run* run, const Reach& reach) {
  if (raise_kept()) {
    return -1;
  }
  return reach.changes() ? settle(run) : wait_for_those(run, [&](const Reach& other) { return other.conflicts_with(reach); });
}

}  // namespace

bool is_something_changing(Run* run) {
  drop_ended(run->changing);
  return !run->changing.empty();
}

bool is_settled(const Run* run) { return run->unfinished == 0 && !has_expressions(); }

int settle(Run* run) { return wait_for_all(run) < 0 || evaluate_all_expressions() < 0 ? -1 : 0; }

Order order_of(Run* run, const SeenCall& call, bool is_open) {
  Order order{std::make_unique<Reach>(reach_of(call, is_open)), {}};
  Reach& reach = *order.reach;
  if (reach.changes_all) {
    return order;
  }
  std::vector<Operation*>& others = reach.changes() ? run->beside : run->changing;
  drop_ended(others);
  // What it comes behind may have put more into its reach.
  for (size_t known = SIZE_MAX; known != reach.changed.size() + reach.seen.size();) {
    known = reach.changed.size() + reach.seen.size();
    for (Operation* other : std::views::reverse(others)) {
      const bool is_new = std::ranges::find(order.behind, other) == order.behind.end();
      if (is_new && !reach.conflicts_with(reach_now(other))) {
        continue;
      }
      if (is_new) {
        order.behind.push_back(other);
        if (other->reach->changes()) {
          reach.come_behind(*other->reach);
        }
      }
      if (other->reach->is_first && other->reach->covers(reach)) {
        break;  // whatever this call comes behind of those before that one, that one does
      }
    }
  }
  return order;
}

void take_place(Run* run, Operation* operation, Order&& order) {
  for (Operation* other : order.behind) {
    depend(operation, other);
  }
  operation->reach = std::move(order.reach);
  constexpr size_t kMany = 64;
  if (run->beside.size() >= kMany && run->beside.size() > 2 * run->unfinished) {
    drop_ended(run->beside);
  }
  run->beside.push_back(operation);
  if (operation->reach != nullptr && operation->reach->changes()) {
    run->operator_effects.forget();
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
    return may_be_changed ? wait_for_those(run, [&](const Reach& other) { return changes_itself(other, value); }) : 0;
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
