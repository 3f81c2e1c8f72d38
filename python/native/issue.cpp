// SPDX-License-Identifier: Apache-2.0
#include "python/native/issue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/container_walk.h"
#include "python/native/globals_view.h"
#include "python/native/operation_threads.h"
#include "python/native/order.h"
#include "python/native/plain_frames.h"
#include "python/native/recording.h"
#include "python/native/replay.h"
#include "python/native/structure.h"
#include "python/native/traced_function.h"

namespace omega::python {
namespace {

/// A call as vectorcall has it.
struct Invocation {
  PyObject* function;
  PyObject* const* arguments;
  size_t count;                      ///< of those by position
  PyObject* names;                   ///< of those by keyword, behind them; or null
  bool takes_results = false;        ///< of other operations, as far as the run is recorded
  PyObject* const* given = nullptr;  ///< the arguments as traced code gave them
  bool has_effects = false;          ///< it may change what it is given
  uint64_t own = 0;                  ///< a bit for each of the first arguments: it stands in the call itself, and nobody else has it or what it holds

  [[nodiscard]] bool is_own(size_t argument) const { return argument < 64 && (own >> argument & 1) != 0; }
  [[nodiscard]] size_t all() const { return count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names))); }
};

/// Notes that an operation failed where it was called: it is not run again, and its exception, which is set, ends the call. A StopIteration does not, which
/// whoever goes over something takes for the end, nor an attribute that an object does not have: `dict(pairs)` asks for `keys`, and does without.
void note_failure(Run* run, Callee* callee, PyObject* function) {
  const bool is_missing = is_operator(callee) && PyErr_ExceptionMatches(PyExc_AttributeError) != 0;
  const bool ends_call = !is_missing && PyErr_ExceptionMatches(PyExc_StopIteration) == 0;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback != nullptr) {
    PyException_SetTraceback(value, traceback);
  }
  Operation* const operation = new_operation(run, callee, function);
  operation->state = Operation::State::failed;
  operation->is_inline = true;
  operation->error = Py_XNewRef(value);
  if (ends_call) {
    run->failed = std::min(run->failed, operation->index);
  }
  PyErr_Restore(type, value, traceback);
}

struct Arguments {
  std::vector<PyObject*> made;
  Arguments() = default;
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments() { clear(); }
  void clear() {
    for (PyObject* each : std::exchange(made, {})) {
      Py_XDECREF(each);
    }
  }
};

/// Arguments without tracers, and what was copied for them other than such that the call has alone; false with an exception set.
bool make_plain(const Invocation& call, Arguments& plain_arguments, Lent* lent = nullptr) {
  Copies copies;
  plain_arguments.made.reserve(call.all());
  for (size_t i = 0; i < call.all(); ++i) {
    PyObject* const made = plain_structure(call.arguments[i], copies, call.is_own(i) ? nullptr : lent);
    if (made == nullptr) {
      return false;
    }
    plain_arguments.made.push_back(made);
  }
  return true;
}

/// In a body that is stepped into: whether the call keeps its order with others of which nothing is known either.
bool keeps_order(const Run* run, const Callee* callee) {
  return run->stepped != nullptr && (callee == nullptr || (!callee->is_light && !callee->is_looked_into));
}

/// The call that this one comes behind whatever it takes. Null where there is none.
Operation* previous_of(const Run* run, const Callee* callee) { return keeps_order(run, callee) ? run->stepped->last : nullptr; }

bool holds_containers(PyObject* object) {
  return any_inside(
      object, [](PyObject* each) { return PyList_CheckExact(each) || PyDict_CheckExact(each) || PyAnySet_CheckExact(each) || is_function_of_body(each); },
      is_immutable_container);
}

/// Whether nobody else has the containers in an object. What a set holds is not changed.
bool holds_only_its_own(PyObject* object) {
  return !any_inside(
      object, [&](PyObject* each) { return each != object && Py_REFCNT(each) > 1 && is_container(each) && holds_containers(each); },
      [](PyObject* each) { return PyList_CheckExact(each) || PyTuple_Check(each) || PyDict_CheckExact(each); });
}

/// References to an argument beside the call's own. From CPython 3.14 on calls are lent what variables hold: only of a temporary the call has a reference.
Py_ssize_t references_of_others(PyObject* argument) {
#if PY_VERSION_HEX >= 0x030E0000
  return PyUnstable_Object_IsUniqueReferencedTemporary(argument) != 0 ? 0 : Py_REFCNT(argument);
#else
  return Py_REFCNT(argument) - 1;
#endif
}

/// Whether the body has no way any more to the lists and dicts of an argument: it stands in the call itself, or in a variable that is not read again.
bool is_given_away(PyObject* argument) {
  const Py_ssize_t others = references_of_others(argument);
  return holds_only_its_own(argument) && (others == 0 || is_in_dead_variables(argument, others));
}

/// Those of the arguments that the call has alone, as `Invocation` has them: asked before anybody holds them.
uint64_t own_arguments(const Invocation& call) {
  uint64_t own = 0;
  for (size_t i = 0; i < std::min<size_t>(call.all(), 64); ++i) {
    PyObject* const each = call.arguments[i];
    own |= uint64_t{is_container(each) && references_of_others(each) == 0 && holds_only_its_own(each)} << i;
  }
  return own;
}

/// Whether it stands for a list, dict or set, as far as is known.
bool is_seen_container(PyObject* object) {
  const Operation* const operation = is_tracer(object) ? as_tracer(object)->operation : nullptr;
  if (operation != nullptr && operation->value == nullptr) {
    return operation->callee != nullptr && operation->callee->gives_containers;
  }
  PyObject* const value = !is_tracer(object) ? nullptr : operation != nullptr ? operation->value : as_tracer(object)->value;
  return value != nullptr && is_changeable_container(value);
}

/// Whether it stands for a list, dict or set, or for what is not there yet.
bool may_be_container(PyObject* object) {
  if (!is_tracer(object)) {
    return false;
  }
  PyObject* const value = as_tracer(object)->operation != nullptr ? as_tracer(object)->operation->value : as_tracer(object)->value;
  return value == nullptr ? as_tracer(object)->operation != nullptr : is_changeable_container(value);
}

/// Whether an argument is one of those by position or name.
bool is_one_of(PyObject* places, const Invocation& call, size_t argument) {
  const bool is_by_name = argument >= call.count;
  PyObject* const key = is_by_name ? Py_NewRef(PyTuple_GET_ITEM(call.names, static_cast<Py_ssize_t>(argument - call.count))) : PyLong_FromSize_t(argument);
  const bool is_one = key == nullptr || PySet_Contains(places, key) != 0;
  Py_XDECREF(key);
  return is_one;
}

/// Whether a tracer in the object stands for what holds a container of the body's own.
bool holds_given_back(const GivenBack& given_back, PyObject* object) {
  return any_inside(object, [&](PyObject* each) {
    return is_tracer(each) && value_there(as_tracer(each)) != nullptr && given_back.has_originals_in(value_there(as_tracer(each)));
  });
}

/// Whether the call is given lists or dicts that it may keep, give back or change, and that the body has still: it gets them, not copies. -1 with an exception
/// set.
int takes_containers(Callee* callee, const Invocation& call) {
  const GivenBack& given_back = current_run()->given_back;
  if (callee != nullptr && callee->changes_first) {
    const bool waits = may_be_given_back(call.arguments[0]);
    return waits && await_given_back(call.arguments[0]) < 0 ? -1 : holds_given_back(given_back, call.arguments[0]) ? 1 : 0;
  }
  if (!PyType_Check(call.function) && (callee == nullptr || (callee->has_known_originals && !callee->needs_originals))) {
    return 0;
  }
  for (size_t i = 0; i < call.all(); ++i) {
    PyObject* const argument = call.arguments[i];
    const bool may_hold = may_be_given_back(argument);
    const bool holds = may_hold || holds_containers(argument) || holds_given_back(given_back, argument);
    const bool may_change_result = may_be_container(argument);
    if ((!holds && !may_change_result) || (!may_hold && !may_change_result && is_given_away(argument))) {
      continue;
    }
    const bool is_type = PyType_Check(call.function);
    if (!is_type && callee != nullptr && !callee->has_known_originals && learn_originals(*callee, call.function) < 0) {
      return -1;
    }
    const bool are_known = !is_type && callee != nullptr && callee->needs_originals && callee->originals != nullptr;
    if (are_known && may_change_result && is_one_of(callee->changed, call, i)) {  // which others may be looking at
      return settle(current_run()) < 0 ? -1 : 1;
    }
    const bool is_one_of_these = are_known && is_one_of(callee->originals, call, i);
    if (holds && (is_type || callee == nullptr || is_one_of_these || (callee->needs_originals && callee->originals == nullptr))) {
      return may_hold && await_given_back(argument) < 0 ? -1 : 1;
    }
  }
  return 0;
}

/// Hands over those containers in an object that others have too, which nobody else has. -1 with an exception set.
int hand_over_shared_in(Run* run, PyObject* object, Copies& copies) {
  std::vector<PyObject*> shared;
  any_inside(object, [&](PyObject* each) {
    if (each != object && is_changeable_container(each) && Py_REFCNT(each) > 1) {
      shared.push_back(Py_NewRef(each));
    }
    return false;
  });
  bool failed = false;
  for (PyObject* each : shared) {
    failed = failed || hand_over(run, each, copies) < 0;
    Py_DECREF(each);
  }
  return failed ? -1 : 0;
}

/// Hands the lists and dicts of the arguments over to a call that may keep them. Where traced code has some still and sees objects in them without tracers from
/// now on, everything runs in its order from now on. -1 with an exception set.
int hand_over(Run* run, std::span<PyObject* const> arguments) {
  const bool was_parallel = run->settings.parallel;
  Copies copies;
  for (PyObject* each : arguments) {
    const bool is_shared = references_of_others(each) > 0 && holds_containers(each);
    const bool failed = is_shared ? hand_over(run, each, copies) < 0 : hand_over_shared_in(run, each, copies) < 0 || make_plain_in_place(each, copies) < 0;
    if (failed) {
      return -1;
    }
  }
  return was_parallel && !run->settings.parallel ? settle(run) : 0;
}

/// Runs an operation where it is called, whose inputs are there. `made`: these, which are given up behind it; `lent`: what was copied for them.
PyObject* run_inline(Run* run, Callee* callee, const Invocation& call, Arguments& made, Lent& lent) {
  const double traced_before = tracing_ns();
  const double start = now_ns();
  PyObject* value = [&]() -> PyObject* {
    PlainFrames frames;
    if (callee->looks_at_callers && frames.make([&](PyObject* each) { return holds_containers(each) ? hand_over(run, {&each, 1}) : 0; }) < 0) {
      return nullptr;
    }
    const OutsideTrace outside;
    return PyObject_Vectorcall(call.function, call.arguments, call.count, call.names);
  }();
  const double ns = now_ns() - start;
  run->spent.calls += ns;
  run->spent.useful += ns - (tracing_ns() - traced_before);
  if (value == nullptr) {
    note_failure(run, callee, call.function);
    return nullptr;
  }
  if (!lent.is_empty()) {
    made.clear();
    const bool holds_copies = note_given_back(run, callee, lent, value);
    if (holds_copies && settle(run) < 0) {
      Py_DECREF(value);
      return nullptr;
    }
    value = holds_copies ? run->given_back.with_originals(run, value) : value;
    if (value == nullptr) {
      return nullptr;
    }
  }
  Operation* const operation = new_operation(run, callee, call.function);
  operation->state = Operation::State::done;
  operation->value = value;
  operation->nanoseconds = ns;
  operation->is_inline = true;
  if (!PyFunction_Check(call.function)) {
    note_seen_again(operation, call.function, call.given, call.count);
  }
  callee->learn(ns, false);
  callee->gives_containers |= is_changeable_container(value);
  const bool is_tracked = run->recording != nullptr && run->settings.parallel && !run->is_replay && (call.takes_results || !callee->is_light);
  PyObject* const result = is_tracked ? seen_as_result(Py_NewRef(value), operation->index) : seen(Py_NewRef(value));
  if (operation->seen_again != SeenAgain::yes && result != nullptr && is_tracer(result)) {
    as_tracer(result)->is_computed = true;
  }
  return result;
}

/// Runs a call at once; waits for what it takes.
PyObject* call_here(Run* run, Callee* callee, const Invocation& call) {
  PyObject* const called = plain(call.function);
  if (called == nullptr) {
    return nullptr;
  }
  const int takes = takes_containers(callee, call);
  bool ready = takes >= 0;
  if (takes > 0) {
    ready = hand_over(run, {call.arguments, call.all()}) == 0;
  } else if (ready && call.has_effects) {
    Copies copies;
    for (size_t i = 0; ready && i < call.all(); ++i) {
      ready = make_plain_in_place(call.arguments[i], copies) == 0;
    }
  }
  PyObject* result = nullptr;
  Arguments made;
  Lent lent;
  if (ready && make_plain(call, made, &lent)) {
    Callee* const known = callee == nullptr ? callee_of(called) : callee;
    result =
        known == nullptr ? nullptr : run_inline(run, known, {called, made.made.data(), call.count, call.names, call.takes_results, call.arguments}, made, lent);
    run->replayed = run->log.size();
    if (result != nullptr && keeps_order(run, known)) {
      run->stepped->last = run->log.back();
    }
  }
  Py_DECREF(called);
  if (callee == nullptr || !callee->is_closed) {
    run->operator_effects.forget();
    refresh_closures(run);
  }
  return result;
}

/// Keeps the arguments for when the operation runs, and has it wait for those that are pending. False with an exception set.
bool keep_arguments(Operation* operation, const Invocation& call) {
  Copies copies;  // who has a list twice has its copy twice
  operation->arguments = PyTuple_New(static_cast<Py_ssize_t>(call.count));
  operation->keywords = call.names == nullptr ? nullptr : PyDict_New();
  bool ok = operation->arguments != nullptr && (call.names == nullptr || operation->keywords != nullptr);
  for (size_t i = 0; ok && i < call.all(); ++i) {
    operation->may_keep_seen |= is_seen_container(call.arguments[i]);
    PyObject* const made = prepared(operation, call.arguments[i], copies, call.is_own(i) ? nullptr : &operation->lent);
    ok = made != nullptr;
    if (ok && i < call.count) {
      PyTuple_SET_ITEM(operation->arguments, static_cast<Py_ssize_t>(i), made);
    } else if (ok) {
      ok = PyDict_SetItem(operation->keywords, PyTuple_GET_ITEM(call.names, static_cast<Py_ssize_t>(i - call.count)), made) == 0;
      Py_DECREF(made);
    }
  }
  const bool is_lent = !operation->lent.is_empty();
  operation->is_lent |= is_lent;
  const bool has_shown = is_declared(call.function) || is_operator(operation->callee) || (operation->callee != nullptr && operation->callee->has_kept_nothing);
  operation->may_keep_lent |= is_lent && !has_shown;
  return ok;
}

/// A call as an operation, which starts when what it waits for is there: a tracer of its result.
PyObject* call_later(Run* run, Callee* callee, const Invocation& call, Operation* previous, Order&& order) {
  Operation* const operation = new_operation(run, callee, call.function);
  run->replayed = run->log.size();
  if (run->begun_later++ == 0) {
    run->spent.begun_beside = now_ns();
    run->spent.computed_before = process_computing_ns();
  }
  note_place(operation);
  operation->missing = 1;  // it may not become ready before it is whole
  note_seen_again(operation, call.function, call.arguments, call.count);
  if (is_tracer(call.function)) {
    operation->seen_again = SeenAgain::maybe;
  }
  operation->surroundings.take();
  const bool ok = keep_arguments(operation, call);
  if (is_tracer(call.function)) {
    take_what_was_lent(operation, as_tracer(call.function)->operation);
    depend_on(operation, as_tracer(call.function));
  }
  depend(operation, previous);
  take_place(run, operation, std::move(order));
  if (keeps_order(run, callee)) {
    run->stepped->last = operation;
  }
  ++run->unfinished;
  Tracer* const tracer = ok ? new_tracer() : nullptr;
  if (tracer != nullptr) {
    tracer->operation = operation;
    tracer->producer = operation->index;
    ++operation->references;
  } else {
    operation->state = Operation::State::skipped;
  }
  if (--operation->missing > 0) {
    return reinterpret_cast<PyObject*>(tracer);
  }
  if (operation->state == Operation::State::skipped) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    ++operation->references;
    complete(operation);
    PyErr_Restore(type, value, traceback);
  } else {
    make_ready(operation);
    if (callee != nullptr && callee->cost_ns < 0 && !callee->is_light && !std::exchange(callee->has_begun, true)) {
      let_begin(operation);
    }
  }
  return reinterpret_cast<PyObject*>(tracer);
}

/// Runs a call that all others before it have ended for; what comes then comes behind it.
PyObject* call_settled(Run* run, Callee* callee, const Invocation& call) {
  const auto index = static_cast<uint32_t>(run->log.size());
  PyObject* const result = call_here(run, callee, call);
  if (run->recording != nullptr && run->log.size() > index) {
    run->recording->note_awaited(index);
  }
  return result;
}

bool changes_containers(const Reach& reach, PyObject* object, Things& met);

/// Whether it changes a variable's container of a function that traced code has defined.
bool changes_variables(const Reach& reach, PyObject* function, Things& met) {
  PyObject* const cells = met.add(function) ? PyFunction_GET_CLOSURE(function) : nullptr;
  for (Py_ssize_t i = 0; cells != nullptr && i < PyTuple_GET_SIZE(cells); ++i) {
    PyObject* const content = PyCell_GET(PyTuple_GET_ITEM(cells, i));
    if (content != nullptr && changes_containers(reach, content, met)) {
      return true;
    }
  }
  return false;
}

bool changes_containers(const Reach& reach, PyObject* object, Things& met) {
  return any_inside(object, [&](PyObject* each) {
    return is_changeable_container(each) ? reach.changed.has(each) : is_function_of_body(each) && changes_variables(reach, each, met);
  });
}

/// Whether the call changes a container of traced code, which looks at it unseen: one of its arguments, of which an operation that starts later gets copies, or
/// one that it comes by through an object that has it, if the code goes on to look at that.
bool changes_what_code_has(const Run* run, const Reach& reach, std::span<PyObject* const> arguments) {
  Things met;
  if (std::ranges::any_of(arguments, [&](PyObject* object) { return changes_containers(reach, object, met); })) {
    return true;
  }
  std::vector<PyObject*> changed;
  run->given_back.add_seen(changed, [&](PyObject* each) { return reach.changed.has(each); });  // all that were handed over are among these
  return !changed.empty() && may_look_later(changed);
}

/// Whether the call sees a container in an object which traced code may change while the call is under way. Of containers that it is given it has copies.
bool sees_later_changes(const Run* run, const Callee* callee, const Invocation& call) {
  if (run->changed_later.empty()) {
    return false;
  }
  std::vector<PyObject*> given(call.arguments, call.arguments + call.all());
  if (callee == nullptr || !is_operator(callee)) {
    std::erase_if(given, [](PyObject* each) { return is_container(each); });
    std::for_each(call.arguments, call.arguments + call.all(), [&](PyObject* argument) {
      any_inside(argument, [&](PyObject* each) {
        if (each != argument && !is_container(each)) {
          given.push_back(each);
        }
        return false;
      });
    });
  }
  const SeenCall seen_call{callee, call.function, given};
  const bool is_of_operator = callee != nullptr && is_operator(callee);
  const Reach reach = is_of_operator ? reach_of(seen_call, false) : whole_reach_of(seen_call);
  std::vector<PyObject*> seen;
  for (PyObject* each : run->changed_later) {
    if (reach.sees_all || reach.seen.has(each)) {
      seen.push_back(each);
    }
  }
  return !seen.empty() && may_change_later(seen);
}

/// Whether one of these operations changes a container that a call which comes behind them gets a copy of: the copy is made when that is over.
bool change_copied(const Run* run, const std::vector<Operation*>& behind, std::span<PyObject* const> arguments) {
  const auto is_changed = [&](PyObject* container) {
    return is_changeable_container(container) &&
           std::ranges::any_of(behind, [&](const Operation* each) { return each->reach != nullptr && each->reach->changed.has(container); });
  };
  return !behind.empty() && std::ranges::any_of(arguments, [&](PyObject* argument) {
    return any_inside(argument, [&](PyObject* each) {
      PyObject* const value = is_tracer(each) ? value_there(as_tracer(each)) : nullptr;
      return value == nullptr ? is_changed(each) : run->given_back.has_originals_in(value) && any_inside(value, is_changed);
    });
  });
}

/// Where a call stands among the operations that are not over. What it changes is found for calls that run beside others.
Order place_of(Run* run, const Callee* callee, const Invocation& call, bool is_beside) {
  if (is_settled(run) && !is_beside) {
    return {};
  }
  const SeenCall seen_call{callee, call.function, {call.arguments, call.all()}};
  const bool is_open = seen_call.is_open();
  const bool is_changing = is_open || (callee != nullptr && callee->changes_first);
  return is_changing || is_something_changing(run) ? order_of(run, seen_call, is_open) : Order{};
}

}  // namespace

PyObject* issue(Run* run, Callee* callee, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names, const Tracer* called) {
  const bool is_known_light = callee != nullptr && callee->is_light && callee->effect == Callee::Effect::none;
  if (run->is_abstract && !is_known_light) {
    PyErr_Format(PyExc_TypeError, "calls %s, which is no array operation", callee == nullptr ? "a result" : callee->name.c_str());
    return nullptr;
  }
  if (run->replayed < run->log.size()) {
    PyObject* const result = replay(run, function);
    if (result != nullptr || PyErr_Occurred() != nullptr) {
      return result;
    }
  }
  Copies copies;
  for (PyObject* each : run->handed_over) {
    if (make_plain_in_place(each, copies) < 0) {
      return nullptr;
    }
  }
  Invocation call{function, arguments, count, names};
  call.own = own_arguments(call);
  if (await_outdated({arguments, call.all()}) < 0 || run->given_back.make_plain_in({arguments, call.all()}) < 0) {
    return nullptr;
  }
  const bool is_behind = is_tracer(function) && run->plain_functions.is_behind();  // a decorator gives the function that it was given
  if ((is_behind && settle(run) < 0) || run->plain_functions.follow(run, false) < 0) {
    return nullptr;
  }
  const bool is_for_effect = callee != nullptr && callee->is_called_for_effect && is_called_for_nothing();
  const bool is_shared = is_for_effect || (callee != nullptr && callee->effect == Callee::Effect::shared);
  call.has_effects = is_shared;
  if (is_shared && settle(run) < 0) {
    return nullptr;
  }
  Operation* const previous = previous_of(run, callee);
  if (run->recording != nullptr && run->log.size() >= run->recording->most()) {
    std::swap(run->recorded, run->recording);
  }
  if (run->recording != nullptr) {
    const auto index = static_cast<uint32_t>(run->log.size());
    if (is_shared) {
      run->recording->note_all_awaited(index);
    }
    call.takes_results = run->recording->note_inputs(index, is_tracer(function) ? as_tracer(function) : called, {arguments, call.all()});
    if (previous != nullptr) {
      run->recording->note_need(index, previous->index);
    }
  }
  if (is_shared) {
    PyObject* const result = call_settled(run, callee, call);
    if (is_for_effect && result != nullptr) {
      run->log.back()->is_for_effect = true;
    }
    return result;
  }
  const bool waits = is_tracer(function) || (previous != nullptr && !previous->is_over()) ||
                     std::any_of(arguments, arguments + call.all(), [](PyObject* argument) { return is_pending(argument); });
  const bool is_cheap = callee != nullptr && (callee->is_light || (callee->cost_ns >= 0 && callee->cost_ns < run->settings.inline_below_ns));
  const int takes = takes_containers(callee, call);
  if (takes < 0) {
    return nullptr;
  }
  const bool is_kept = takes > 0;
  if (is_kept && run->given_back.has_originals_in_any({arguments, call.all()}) && settle(run) < 0) {  // what has begun may see them
    return nullptr;
  }
  const bool is_beside = run->settings.parallel && !is_kept && (waits || !is_cheap || goes_to_process(run, callee, function));
  Order order = place_of(run, callee, call, is_beside);
  if (raise_kept() || (change_copied(run, order.behind, {arguments, call.all()}) && settle(run) < 0)) {
    return nullptr;
  }
  const Reach* const reach = order.reach.get();
  const bool is_awaited = reach != nullptr && (reach->changes_all || (is_kept && !order.behind.empty()) ||
                                               (reach->changes() && changes_what_code_has(run, *reach, {arguments, call.all()})));
  if (is_awaited) {
    return settle(run) < 0 ? nullptr : call_settled(run, callee, call);
  }
  if (reach != nullptr && reach->changes() && evaluate_all_expressions() < 0) {
    return nullptr;
  }
  const bool is_later = is_beside || !order.behind.empty();
  if (is_later && sees_later_changes(run, callee, call)) {
    return settle(run) < 0 ? nullptr : call_settled(run, callee, call);
  }
  if (raise_kept()) {
    return nullptr;
  }
  return is_later ? call_later(run, callee, call, previous, std::move(order)) : call_here(run, callee, call);
}

PyObject* issue_operator(OperatorEffect effect, PyObject* function, PyObject* const* arguments, size_t count) {
  Run* const run = current_run();
  return run != nullptr ? issue(run, operator_callee(effect), function, arguments, count, nullptr) : call_with_values(function, arguments, count, nullptr);
}

bool lends_containers(PyObject* const* arguments, size_t count, PyObject* names) {
  const size_t all = Invocation{nullptr, arguments, count, names}.all();
  return std::any_of(arguments, arguments + all, [](PyObject* each) { return may_be_given_back(each) || (holds_containers(each) && !is_given_away(each)); });
}

PyObject* call_with_values(PyObject* function, PyObject* const* arguments, size_t count, PyObject* names) {
  Arguments values;
  return make_plain({function, arguments, count, names}, values) ? PyObject_Vectorcall(function, values.made.data(), count, names) : nullptr;
}

}  // namespace omega::python
