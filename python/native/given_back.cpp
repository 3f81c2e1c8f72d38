// SPDX-License-Identifier: Apache-2.0
#include "python/native/given_back.h"

#include <algorithm>

#include "python/native/callee.h"
#include "python/native/container_walk.h"
#include "python/native/object_attributes.h"
#include "python/native/operation.h"
#include "python/native/order.h"
#include "python/native/structure_copy.h"
#include "python/native/traced_run.h"

namespace omega::python {

namespace {

/// Whether two lists, dicts or sets of one type hold the same, as `is_same` tells of two items. Of dicts and sets in their order.
template <class IsSame>
bool hold_the_same(PyObject* one, PyObject* other, IsSame is_same) {
  std::vector<PyObject*> items;
  any_item(one, [&](PyObject* item) {
    items.push_back(item);
    return false;
  });
  size_t compared = 0;
  const bool differs = any_item(other, [&](PyObject* item) {
    if (compared == items.size()) {
      return true;
    }
    ++compared;
    return !is_same(items[compared - 1], item);
  });
  return !differs && compared == items.size();
}

/// So many containers and objects are looked into for copies; who keeps one behind more has a copy.
constexpr size_t kMostHolders = 10'000;

/// The object of a bound method, in Python or C; null of others.
PyObject* object_of_method(PyObject* object) {
  return PyMethod_Check(object) ? PyMethod_GET_SELF(object) : PyCFunction_Check(object) ? PyCFunction_GET_SELF(object) : nullptr;
}

/// Whether `visit` says so of something that a container or an object holds. The dict of an object's attributes is one of its parts.
template <class Visit>
bool any_part(PyObject* holder, Visit&& visit) {
  PyObject* const object = object_of_method(holder);
  return is_container(holder) ? any_item(holder, visit) : object != nullptr ? visit(object) : any_attribute(holder, visit);
}

bool is_holder(PyObject* object) { return is_container(object) || has_attributes(object) || object_of_method(object) != nullptr; }

/// As any_inside(), also in attributes of objects.
template <class Predicate>
bool any_held(PyObject* value, Predicate&& is_it) {
  return any_reached(value, is_it, is_holder, [](PyObject* holder, auto&& visit) { return any_part(holder, visit); }, kMostHolders);
}

}  // namespace

void Lent::add_all(const Lent& other) {
  for (const auto& each : other.containers_) {
    if (each->original == nullptr) {
      continue;
    }
    const auto [known, is_new] = places_.try_emplace(each->original, containers_.size());
    if (is_new) {
      containers_.push_back(each);
    } else {
      containers_[known->second] = each;  // was the same when that was lent
    }
  }
}

bool Lent::is_current() const {
  std::unordered_map<PyObject*, PyObject*> copies;
  for (const auto& each : containers_) {
    copies.emplace(each->original, each->copy);
  }
  const auto is_same = [&](PyObject* item, PyObject* copied) {
    if (item == copied) {
      return true;
    }
    if (is_tracer(item)) {
      const Tracer* const tracer = as_tracer(item);
      return tracer->value == copied || (tracer->operation != nullptr && tracer->operation->value == copied);
    }
    const auto found = copies.find(item);
    return found != copies.end() && found->second == copied;
  };
  return std::ranges::all_of(containers_, [&](const auto& each) { return each->original == nullptr || hold_the_same(each->original, each->copy, is_same); });
}

void Lent::follow(const Copies& copies) {
  for (const auto& each : containers_) {
    if (PyObject* const next = each->copy == nullptr ? nullptr : copies.of(each->copy); next != nullptr) {
      Py_SETREF(each->copy, next);
    }
  }
}

bool Lent::drop_unused() {
  bool are_copies_gone = true;
  // A container that is dropped gives up what it holds, which comes behind it but for such that several hold.
  for (size_t left = SIZE_MAX; left != containers_.size();) {
    left = containers_.size();
    std::erase_if(containers_, [&](const auto& each) {
      if (each->original != nullptr && (Py_REFCNT(each->copy) == 1 || Py_REFCNT(each->original) == 1)) {
        are_copies_gone = are_copies_gone && Py_REFCNT(each->copy) == 1;
        each->release();
      }
      return each->original == nullptr;
    });
  }
  return are_copies_gone && containers_.empty();
}

bool Lent::has_seen_originals() const {
  for (bool is_new = true; is_new;) {
    is_new = false;
    for (const auto& each : containers_) {
      if (each->original != nullptr && Py_REFCNT(each->original) == 1) {
        each->release();
        is_new = true;  // what it held may be seen by nobody now
      }
    }
  }
  return std::ranges::any_of(containers_, [](const auto& each) { return each->original != nullptr; });
}

void GivenBack::add(const Lent& lent) {
  for (const auto& each : lent.containers()) {
    if (originals_.emplace(each->copy, each->original).second) {
      Py_INCREF(each->copy);
      Py_INCREF(each->original);
    }
  }
}

void GivenBack::clear() {
  in_results_.clear();
  for (const auto& [copy, original] : std::exchange(originals_, {})) {
    Py_DECREF(copy);
    Py_DECREF(original);
  }
}

bool GivenBack::is_copy(PyObject* object) const {
  return originals_.contains(PyCFunction_Check(object) && PyCFunction_GET_SELF(object) != nullptr ? PyCFunction_GET_SELF(object) : object);
}

bool GivenBack::is_in(PyObject* value) const {
  return !originals_.empty() && any_held(value, [&](PyObject* each) { return is_copy(each); });
}

bool GivenBack::has_originals_in(PyObject* value) const {
  return !in_results_.empty() && any_inside(value, [&](PyObject* each) { return in_results_.contains(each); });
}

bool GivenBack::has_originals_in_any(std::span<PyObject* const> objects) const {
  return !in_results_.empty() && std::ranges::any_of(objects, [&](PyObject* each) {
    PyObject* const value = is_tracer(each) ? value_there(as_tracer(each)) : each;
    return value != nullptr && has_originals_in(value);
  });
}

PyObject* GivenBack::tuple_with_originals(PyObject* tuple, std::unordered_set<PyObject*>& put) const {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  PyObject* const items = PyTuple_New(size);
  for (Py_ssize_t i = 0; items != nullptr && i < size; ++i) {
    PyObject* const other = in_place_of(PyTuple_GET_ITEM(tuple, i), put);
    PyTuple_SET_ITEM(items, i, other != nullptr ? other : Py_NewRef(PyTuple_GET_ITEM(tuple, i)));
  }
  if (items == nullptr || PyTuple_CheckExact(tuple)) {
    return items;
  }
  PyObject* const made = tuple_as(tuple, items);
  Py_DECREF(items);
  return made;
}

/// What takes an item's place, a new reference; null where it stays, or with an exception set.
PyObject* GivenBack::in_place_of(PyObject* item, std::unordered_set<PyObject*>& put) const {
  if (const auto found = originals_.find(item); found != originals_.end()) {
    put.insert(found->second);
    return Py_NewRef(found->second);
  }
  if (PyCFunction_Check(item) && is_copy(item)) {
    PyObject* const original = originals_.find(PyCFunction_GET_SELF(item))->second;
    put.insert(original);
    return PyObject_GetAttrString(original, reinterpret_cast<PyCFunctionObject*>(item)->m_ml->ml_name);
  }
  const bool holds_copies = PyTuple_Check(item) && any_inside(item, [&](PyObject* each) { return is_copy(each); }, is_immutable_container);
  if (!holds_copies || Py_EnterRecursiveCall(" in tuples of tuples") != 0) {
    return nullptr;
  }
  PyObject* const made = tuple_with_originals(item, put);
  Py_LeaveRecursiveCall();
  return made;
}

/// Puts originals into a list or dict. -1 with an exception set.
int GivenBack::put_into(PyObject* container, std::unordered_set<PyObject*>& put) const {
  if (PyList_CheckExact(container)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(container); ++i) {
      PyObject* const other = in_place_of(PyList_GET_ITEM(container, i), put);
      if (other != nullptr && PyList_SetItem(container, i, other) < 0) {
        return -1;
      }
    }
  } else if (PyDict_Check(container)) {
    PyObject *key, *item;
    for (Py_ssize_t at = 0; PyDict_Next(container, &at, &key, &item);) {
      PyObject* const other = in_place_of(item, put);
      const int failed = other == nullptr ? 0 : PyDict_SetItem(container, key, other);  // the key is there: the dict keeps its shape
      Py_XDECREF(other);
      if (failed < 0) {
        return -1;
      }
    }
  }
  return PyErr_Occurred() == nullptr ? 0 : -1;
}

/// Puts originals into the slots of an object; its dict is gone into as other dicts are. -1 with an exception set.
int GivenBack::put_into_slots(PyObject* object, std::unordered_set<PyObject*>& put) const {
  return for_each_slot(object, [&](PyMemberDef* slot, PyObject* value) {
    PyObject* const other = in_place_of(value, put);
    const int failed = other == nullptr ? (PyErr_Occurred() == nullptr ? 0 : -1) : PyMember_SetOne(reinterpret_cast<char*>(object), slot, other);
    Py_XDECREF(other);
    return failed;
  });
}

PyObject* GivenBack::with_originals(Run* run, PyObject* value) {
  std::unordered_set<PyObject*> put;
  if (PyObject* const other = in_place_of(value, put); other != nullptr) {
    Py_SETREF(value, other);
  }
  const auto is_gone_into = [&](PyObject* part) { return is_holder(part) && !put.contains(part) && !in_results_.contains(part); };
  bool failed = PyErr_Occurred() != nullptr;
  bool is_in_objects = false;
  ContainerWalk walk(value);
  size_t count = 0;
  for (PyObject* holder = !failed && is_gone_into(value) ? value : nullptr; holder != nullptr && count < kMostHolders; holder = walk.next(), ++count) {
    is_in_objects |= has_attributes(holder);
    failed |= (is_container(holder) ? put_into(holder, put) : has_attributes(holder) ? put_into_slots(holder, put) : 0) < 0;
    any_part(holder, [&](PyObject* part) {
      if (is_gone_into(part)) {
        walk.add(part);
      }
      return false;
    });
  }
  Copies copies;
  run->settings.parallel &= !is_in_objects;  // what these do with them has no order with what traced code does
  for (PyObject* each : put) {
    if (is_in_objects) {
      failed = failed || hand_over(run, each, copies) < 0;
    } else if (in_results_.insert(each).second) {
      bool puts_objects = false;
      failed = failed || make_plain_in_place(each, copies, &puts_objects) < 0;
      run->settings.parallel &= !puts_objects;
    }
  }
  if (failed) {
    Py_CLEAR(value);
  }
  return value;
}

int GivenBack::make_plain_in(std::span<PyObject* const> objects) const {
  Copies copies;
  const auto is_made = [&](PyObject* each) {
    PyObject* const value = is_tracer(each) ? value_there(as_tracer(each)) : nullptr;
    return value == nullptr || !has_originals_in(value) || make_plain_in_place(value, copies) == 0;
  };
  return in_results_.empty() || std::ranges::all_of(objects, is_made) ? 0 : -1;
}

int GivenBack::make_all_plain(Copies& copies) const {
  return std::ranges::all_of(in_results_, [&](PyObject* each) { return make_plain_in_place(each, copies) == 0; }) ? 0 : -1;
}

namespace {

/// Of how many calls of one callee garbage is collected to tell whether it keeps what it is given or has only not dropped it yet.
constexpr uint8_t kMostSuspicions = 2;

/// How many of these copies the value holds.
size_t held_by(PyObject* value, const Lent& lent) {
  std::unordered_set<const PyObject*> left;
  for (const auto& each : lent.containers()) {
    left.insert(each->copy);
  }
  if (value != nullptr) {
    any_inside(value, [&](PyObject* each) { return left.erase(each) > 0 && left.empty(); });
  }
  return lent.containers().size() - left.size();
}

}  // namespace

bool note_given_back(Run* run, Callee* callee, Lent& lent, PyObject* value) {
  const bool has_lent = !lent.is_empty();
  const bool has_kept_nothing = lent.drop_unused();
  if (callee != nullptr && value != nullptr && has_lent) {
    callee->has_kept_nothing = has_kept_nothing;
  }
  if (value == nullptr) {  // its traceback has what it was given
    lent.clear();
  }
  const bool may_keep = callee != nullptr && !is_operator(callee) && !callee->needs_originals && callee->suspicions < kMostSuspicions;
  if (!lent.is_empty() && may_keep && held_by(value, lent) < lent.containers().size()) {
    ++callee->suspicions;
    PyGC_Collect();
    lent.drop_unused();
    callee->needs_originals = held_by(value, lent) < lent.containers().size();
    callee->originals = callee->needs_originals ? nullptr : callee->originals;
    callee->has_known_originals |= callee->needs_originals;
  }
  run->given_back.add(lent);
  return value != nullptr && run->given_back.is_in(value);
}

int give_back(Operation* operation) {
  if (!operation->holds_copies) {
    return 0;
  }
  operation->holds_copies = false;  // also for who asks while that is done
  if (settle(operation->run) < 0) {
    operation->holds_copies = true;
    return -1;
  }
  PyObject* const value = operation->run->given_back.with_originals(operation->run, Py_NewRef(operation->value));
  if (value == nullptr) {
    return -1;
  }
  Py_SETREF(operation->value, value);
  return 0;
}

void take_what_was_lent(Operation* operation, const Operation* giver) {
  operation->may_keep_seen |= giver != nullptr && giver->may_keep_seen;
  if (giver != nullptr && giver->is_lent) {
    operation->is_lent = true;
    operation->may_keep_lent |= giver->may_keep_lent;
    operation->lent_before.add_all(giver->lent_before);
    operation->lent_before.add_all(giver->lent);
  }
}

bool may_be_given_back(PyObject* object) {
  return any_inside(object, [](PyObject* each) {
    const Operation* const operation = is_tracer(each) ? as_tracer(each)->operation : nullptr;
    return operation != nullptr && (operation->is_lent || operation->holds_copies);
  });
}

bool may_share_lent(const Operation* operation) {
  if (operation->is_over()) {
    return operation->holds_copies;
  }
  return operation->may_keep_lent && (operation->lent.has_seen_originals() || operation->lent_before.has_seen_originals());
}

bool is_outdated(const Operation* operation) {
  return operation->is_over() ? operation->holds_copies : operation->is_lent && !(operation->lent.is_current() && operation->lent_before.is_current());
}

int await_outdated(std::span<PyObject* const> objects) {
  for (PyObject* object : objects) {
    const bool holds_some =
        any_inside(object, [](PyObject* each) { return is_tracer(each) && as_tracer(each)->operation != nullptr && is_outdated(as_tracer(each)->operation); });
    if (holds_some && await_given_back(object) < 0) {
      return -1;
    }
  }
  return 0;
}

int await_given_back(PyObject* object) {
  std::vector<PyObject*> tracers;
  any_inside(object, [&](PyObject* each) {
    if (is_tracer(each) && as_tracer(each)->operation != nullptr) {
      tracers.push_back(Py_NewRef(each));
    }
    return false;
  });
  bool failed = false;
  for (PyObject* each : tracers) {
    PyObject* const value = failed ? nullptr : value_of(as_tracer(each));
    failed |= value == nullptr;
    Py_XDECREF(value);
    Py_DECREF(each);
  }
  return failed ? -1 : 0;
}

}  // namespace omega::python
