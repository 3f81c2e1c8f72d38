// SPDX-License-Identifier: Apache-2.0
// Functions that are traced at each call: they run once, with tracers, in a copy that sees globals and closures through tracers.
#include "python/native/traced_function.h"

#include <pthread.h>
#include <structmember.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "python/native/array_expression.h"
#include "python/native/globals_view.h"
#include "python/native/issue.h"
#include "python/native/operation_threads.h"
#include "python/native/overlap.h"
#include "python/native/recording.h"
#include "python/native/structure.h"
#include "python/native/traced_end.h"
#include "python/native/traced_run.h"
#include "python/native/type_slot.h"
#include "python/native/worth.h"

namespace omega::python {
namespace {

PyTypeObject* function_type = nullptr;
bool is_forked_child = false;

/// What calls of one function did.
struct Counts {
  unsigned long long calls = 0;
  unsigned long long untraced = 0;
  unsigned long long as_written = 0;
  unsigned long long replays = 0;
  unsigned long long operations = 0;
  unsigned long long inline_operations = 0;
  unsigned long long inlined_into_others = 0;
};

struct TracedFunction {
  PyObject_HEAD PyObject* function;  ///< as it was written
  PyObject* copy;                    ///< the same code with tracers around it; null where it is not traced
  PyObject* substitutes;             ///< builtins that the copy gets others for
  PyObject* stepped_functions;       ///< a dict: the traced functions of plain ones that calls have stepped into
  PyObject* reason;                  ///< why it is not traced: a string; or None
  PyObject* record;                  ///< of the last call that was recorded: Recording::as_tuple(); or None
  PyObject* attributes;
  PyObject* weak_references;
  PyObject* defaults;  ///< those that the copy was made from
  PyObject* kwdefaults;
  std::vector<PyObject*>* contents;  ///< of the closure's cells, when they were last looked at
  RunSettings settings;
  Counts counts;
  Worth* worth;  ///< of its code; null where it is not traced
  bool records;
  bool is_asked_for;  ///< the next call is traced whether that pays or not
  vectorcallfunc call;
};

TracedFunction* as_function(PyObject* object) { return reinterpret_cast<TracedFunction*>(object); }

/// Each element as traced code sees it, in a new tuple.
PyObject* seen_tuple(PyObject* tuple) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  PyObject* const made = PyTuple_New(size);
  for (Py_ssize_t i = 0; made != nullptr && i < size; ++i) {
    PyTuple_SET_ITEM(made, i, seen(Py_NewRef(PyTuple_GET_ITEM(tuple, i))));
  }
  return made;
}

/// Brings the copy's closure up to date.
void refresh_closure(TracedFunction* self) {
  auto* const function = reinterpret_cast<PyFunctionObject*>(self->function);
  auto* const copy = reinterpret_cast<PyFunctionObject*>(self->copy);
  for (size_t i = 0; i < self->contents->size(); ++i) {
    PyObject* const content = PyCell_GET(PyTuple_GET_ITEM(function->func_closure, static_cast<Py_ssize_t>(i)));
    if (content != (*self->contents)[i]) {
      (*self->contents)[i] = content;
      PyObject* const value = seen(Py_XNewRef(content));
      PyCell_Set(PyTuple_GET_ITEM(copy->func_closure, static_cast<Py_ssize_t>(i)), value);
      Py_XDECREF(value);
    }
  }
}

/// Brings the copy's closure and defaults up to date. -1 with an exception set.
int refresh_copy(TracedFunction* self) {
  auto* const function = reinterpret_cast<PyFunctionObject*>(self->function);
  auto* const copy = reinterpret_cast<PyFunctionObject*>(self->copy);
  refresh_closure(self);
  if (function->func_defaults != self->defaults) {
    Py_XSETREF(self->defaults, Py_XNewRef(function->func_defaults));
    Py_XSETREF(copy->func_defaults, function->func_defaults == nullptr ? nullptr : seen_tuple(function->func_defaults));
  }
  if (function->func_kwdefaults != nullptr) {
    PyObject* const made = PyDict_New();
    PyObject *key, *value;
    for (Py_ssize_t at = 0; made != nullptr && PyDict_Next(function->func_kwdefaults, &at, &key, &value);) {
      PyObject* const each = seen(Py_NewRef(value));
      PyDict_SetItem(made, key, each);
      Py_XDECREF(each);
    }
    Py_XSETREF(copy->func_kwdefaults, made);
  }
  return PyErr_Occurred() != nullptr ? -1 : 0;
}

PyObject* make_copy(TracedFunction* self, PyObject* substitutes) {
  auto* const function = reinterpret_cast<PyFunctionObject*>(self->function);
  PyObject* const view = make_globals_view(function, substitutes);
  PyObject* const copy = view == nullptr ? nullptr : PyFunction_NewWithQualName(function->func_code, view, function->func_qualname);
  Py_XDECREF(view);
  if (copy == nullptr) {
    return nullptr;
  }
  if (function->func_closure != nullptr) {
    const Py_ssize_t size = PyTuple_GET_SIZE(function->func_closure);
    PyObject* const cells = PyTuple_New(size);
    for (Py_ssize_t i = 0; cells != nullptr && i < size; ++i) {
      PyTuple_SET_ITEM(cells, i, PyCell_New(nullptr));
    }
    PyFunction_SetClosure(copy, cells);
    Py_XDECREF(cells);
    self->contents->assign(static_cast<size_t>(size), nullptr);
  }
  return copy;
}

/// Where the stack of this thread ends, but for what code that is called may need.
const char* end_of_stack() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  size_t size = 0;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) {
    return nullptr;
  }
  ::pthread_attr_getstack(&attributes, &lowest, &size);
  ::pthread_attr_destroy(&attributes);
  constexpr size_t kMostKept = size_t{1} << 20;  // [bytes]
  return static_cast<const char*>(lowest) + std::min(size / 4, kMostKept);
}

/// Whether another call fits on the stack: those of traced functions take some of it, which the interpreter's limit of recursion does not count. An exception
/// is set where it does not.
bool fits_on_stack() {
  static thread_local const char* const end = end_of_stack();
  const char here = 0;
  if (&here > end) {
    return true;
  }
  PyErr_SetString(PyExc_RecursionError,
                  "calls of traced functions are nested deeper than the stack of their thread holds; raise it (ulimit -s, threading.stack_size())");
  return false;
}

/// Whether a body gives the object to another as it is: it made it, since others' containers it sees through tracers.
bool is_made_by_body(PyObject* object) {
  return PyList_CheckExact(object) || PyDict_CheckExact(object) || PySet_CheckExact(object) || PyTuple_CheckExact(object);
}

/// A body is over that was given arrays of so many elements.
void note_call_without_passes(Worth& worth, size_t elements) {
  if (elements >= kLeastElements && !worth.computes_arrays(elements)) {
    worth.note_call_without_passes();
  }
}

/// The copy called with what the arguments are to traced code.
PyObject* call_copy(TracedFunction* self, PyObject* const* arguments, size_t count, PyObject* names) {
  if (!fits_on_stack()) {
    return nullptr;
  }
  const size_t all = count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)));
  constexpr size_t kFew = 8;
  PyObject* few[kFew];
  std::vector<PyObject*> many(all > kFew ? all : 0);
  PyObject** const made = all > kFew ? many.data() : few;
  Run* const run = current_run();
  const bool is_inside = !run->bodies.empty();
  bool ok = true;
  for (size_t i = 0; i < all; ++i) {
    made[i] = Py_NewRef(arguments[i]);
    made[i] = is_inside && is_made_by_body(arguments[i]) ? made[i] : seen(made[i]);
    ok &= made[i] != nullptr;
  }
  run->bodies.push_back({reinterpret_cast<PyObject*>(self), most_elements({arguments, all})});
  PyObject* const result =
      !ok || run->plain_functions.follow(run, false) < 0 || refresh_copy(self) < 0 ? nullptr : PyObject_Vectorcall(self->copy, made, count, names);
  note_call_without_passes(*self->worth, run->bodies.back().elements);
  run->bodies.pop_back();
  for (size_t i = 0; i < all; ++i) {
    Py_XDECREF(made[i]);
  }
  return result;
}

Run* new_run(const TracedFunction* self) {
  auto* const run = new Run;
  run->settings = self->settings;
  run->substitutes = self->substitutes;
  run->stepped_functions = self->stepped_functions;
  return run;
}

PyObject* call_traced(TracedFunction* self, PyObject* const* arguments, size_t count, PyObject* names) {
  const size_t all = count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)));
  TracedCall call(*self->worth, most_elements({arguments, all}));
  Run* const run = new_run(self);
  const bool is_asked_for = std::exchange(self->is_asked_for, false);
  run->settings.adaptive &= !is_asked_for;
  run->recording = self->records ? std::make_unique<Recording>(is_asked_for ? Recording::kMostAskedFor : Recording::kMostOfFirst) : nullptr;
  PyObject* value = nullptr;
  size_t progress = 0;
  Failure first;
  for (bool again = true; again;) {
    again = false;
    run->replayed = 0;
    run->looked = 0;
    run->bodies_met = 0;
    run->stepped = nullptr;
    current_run() = run;
    PyObject* const result = call_copy(self, arguments, count, names);
    if (result != nullptr) {
      if (run->recording != nullptr) {
        run->recording->note_result(result);
      }
      value = finished(run, result);
    } else {
      again = is_replayed(run, progress, first);
      self->counts.replays += again ? 1 : 0;
    }
    if (value == nullptr && !again && !run->handed_over.empty()) {
      Failure failure;
      failure.fetch();
      drop_failed_results(run);
      failure.restore();
    }
    current_run() = nullptr;
  }
  self->counts.operations += run->log.size();
  for (const Operation* operation : run->log) {
    self->counts.inline_operations += operation->is_inline ? 1 : 0;
  }
  if (const Recording* const recording = run->recording != nullptr ? run->recording.get() : run->recorded.get(); recording != nullptr) {
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    if (PyObject* const made = recording->as_tuple(*run); made != nullptr) {
      Py_SETREF(self->record, made);
    } else {
      PyErr_Clear();
    }
    self->records = false;
    PyErr_Restore(type, error, traceback);
  }
  call.judge(*run);
  end_run(run);
  return value;
}

/// Whether this thread is in a call that runs as written since nothing in it could run beside something else: so it is in all calls within it.
bool& is_within_serial_call() {
  thread_local bool is_within = false;
  return is_within;
}

/// A call whose tracing does not pay. Calls within it that would do the same are part of its time.
PyObject* call_as_written(TracedFunction* self, PyObject* const* arguments, size_t count, PyObject* names) {
  ++self->counts.as_written;
  Worth& worth = *self->worth;
  if (worth.is_timed || is_within_serial_call()) {
    return PyObject_Vectorcall(self->function, arguments, count, names);
  }
  const unsigned calls = worth.calls_to_time();
  const bool is_serial = !worth.may_overlap();
  if (calls == 0 && !is_serial) {
    return PyObject_Vectorcall(self->function, arguments, count, names);
  }
  worth.is_timed = calls > 0;
  is_within_serial_call() = is_serial;
  const double begun = calls > 0 ? now_ns() : 0;
  PyObject* const result = PyObject_Vectorcall(self->function, arguments, count, names);
  if (calls > 0) {
    worth.run_as_written(now_ns() - begun, calls);
  }
  is_within_serial_call() = false;
  worth.is_timed = false;
  return result;
}

/// Who has gained by it may again.
bool is_worth_tracing(Worth& worth, const RunSettings& settings, PyObject* function, std::span<PyObject* const> arguments) {
  const size_t elements = most_elements(arguments);
  if (worth.computes_arrays(elements) || (elements >= kLeastElements && worth.looks_for_arrays())) {
    return true;
  }
  return worth.pays() && (worth.gained() > 0 || settings.processes == Processes::all || may_overlap(worth, function, arguments));
}

bool is_worth_tracing(const TracedFunction* self, std::span<PyObject* const> arguments) {
  return !self->settings.adaptive || is_worth_tracing(*self->worth, self->settings, self->function, arguments);
}

/// A method of an exception that a traced body makes: its class is called as it is, so that it is another one where the body is run again.
PyObject* call_for_exception(TracedFunction* self, PyObject* const* arguments, size_t count, PyObject* names) {
  ++self->counts.as_written;
  std::vector<PyObject*> values;
  const size_t all = count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)));
  for (PyObject* each : std::span(arguments, all)) {
    values.push_back(plain_structure(each));
  }
  PyObject* result = nullptr;
  if (std::ranges::find(values, nullptr) == values.end()) {
    const OutsideTrace outside;
    result = PyObject_Vectorcall(self->function, values.data(), count, names);
  }
  for (PyObject* each : values) {
    Py_XDECREF(each);
  }
  return result;
}

PyObject* call_function(PyObject* object, PyObject* const* arguments, size_t flagged_count, PyObject* names) {
  TracedFunction* const self = as_function(object);
  const auto count = static_cast<size_t>(PyVectorcall_NARGS(flagged_count));
  Run* const run = current_run();
  if (!fits_on_stack()) {
    return nullptr;
  }
  ++self->counts.calls;
  if (self->copy == nullptr || is_forked_child) {
    ++self->counts.untraced;
    if (run == nullptr) {
      return PyObject_Vectorcall(self->function, arguments, count, names);
    }
    Callee* const callee = callee_of(self->function);
    return callee == nullptr ? nullptr : issue(run, callee, self->function, arguments, count, names);
  }
  if (run == nullptr) {
    const bool is_serial = self->settings.adaptive && is_within_serial_call();
    const size_t all = count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)));
    const bool is_traced = self->is_asked_for || (!is_serial && is_worth_tracing(self, {arguments, all}));
    return is_traced ? call_traced(self, arguments, count, names) : call_as_written(self, arguments, count, names);
  }
  if (count > 0 && PyExceptionInstance_Check(arguments[0])) {
    return call_for_exception(self, arguments, count, names);
  }
  const size_t all = count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)));
  const bool pays = is_worth_tracing(self, {arguments, all});
  Callee* const callee = pays && !run->is_replay ? nullptr : callee_of(self->function);
  if (PyErr_Occurred() != nullptr) {
    return nullptr;
  }
  if (runs_as_written(*run, pays, callee)) {
    ++self->counts.as_written;
    const double begun = now_ns();
    PyObject* const result = issue(run, callee, self->function, arguments, count, names);
    self->worth->run_as_written(now_ns() - begun);
    return result;
  }
  // Part of the trace that is going on.
  ++self->counts.inlined_into_others;
  const TracedBody body(run, *self->worth);
  return call_copy(self, arguments, count, names);
}

PyObject* bind(PyObject* self, PyObject* instance, PyObject*) {
  return instance == nullptr || instance == Py_None ? Py_NewRef(self) : PyMethod_New(self, instance);
}

/// A class that is made with the function in it: where a plain function of that name would become a static or class method of itself, this one does too.
PyObject* set_name(PyObject* self, PyObject* arguments) {
  PyObject *owner, *name;
  if (PyArg_ParseTuple(arguments, "OU", &owner, &name) == 0) {
    return nullptr;
  }
  const auto is_named = [&](const char* other) { return PyUnicode_CompareWithASCIIString(name, other) == 0; };
  const bool is_of_class = is_named("__init_subclass__") || is_named("__class_getitem__");
  if (!is_of_class && !is_named("__new__")) {
    Py_RETURN_NONE;
  }
  PyObject* const method = is_of_class ? PyClassMethod_New(self) : PyStaticMethod_New(self);
  const int failed = method == nullptr ? -1 : PyObject_SetAttr(owner, name, method);
  Py_XDECREF(method);
  return failed < 0 ? nullptr : Py_NewRef(Py_None);
}

PyObject* new_function(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"function", "reason", "substitutes", nullptr};
  PyObject *function, *reason, *substitutes;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "OOO!", const_cast<char**>(names), &function, &reason, &PyDict_Type, &substitutes) == 0) {
    return nullptr;
  }
  auto* const self = reinterpret_cast<TracedFunction*>(type->tp_alloc(type, 0));
  if (self == nullptr) {
    return nullptr;
  }
  self->function = Py_NewRef(function);
  self->substitutes = Py_NewRef(substitutes);
  self->stepped_functions = PyDict_New();
  if (self->stepped_functions == nullptr) {
    Py_DECREF(self);
    return nullptr;
  }
  self->reason = Py_NewRef(reason);
  self->record = Py_NewRef(Py_None);
  self->contents = new std::vector<PyObject*>;
  self->settings = {};
  self->counts = {};
  self->worth = nullptr;
  self->records = true;
  self->is_asked_for = false;
  self->call = call_function;
  if (reason == Py_None) {
    if (!PyFunction_Check(function)) {
      PyErr_SetString(PyExc_TypeError, "only a Python function can be traced");
      Py_DECREF(self);
      return nullptr;
    }
    self->worth = &Worth::of(PyFunction_GET_CODE(function));
    self->copy = make_copy(self, substitutes);
    if (self->copy == nullptr) {
      Py_DECREF(self);
      return nullptr;
    }
  }
  return reinterpret_cast<PyObject*>(self);
}

int traverse_function(PyObject* object, visitproc visit, void* arg) {
  const TracedFunction* const self = as_function(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->function);
  Py_VISIT(self->copy);
  Py_VISIT(self->substitutes);
  Py_VISIT(self->stepped_functions);
  Py_VISIT(self->reason);
  Py_VISIT(self->record);
  Py_VISIT(self->attributes);
  Py_VISIT(self->defaults);
  return 0;
}

int clear_function(PyObject* object) {
  TracedFunction* const self = as_function(object);
  Py_CLEAR(self->function);
  Py_CLEAR(self->copy);
  Py_CLEAR(self->substitutes);
  Py_CLEAR(self->stepped_functions);
  Py_CLEAR(self->reason);
  Py_CLEAR(self->record);
  Py_CLEAR(self->attributes);
  Py_CLEAR(self->defaults);
  return 0;
}

void free_function(PyObject* object) {
  PyObject_GC_UnTrack(object);
  if (as_function(object)->weak_references != nullptr) {
    PyObject_ClearWeakRefs(object);
  }
  clear_function(object);
  delete as_function(object)->contents;
  PyTypeObject* const type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* configure(PyObject* object, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"max_threads", "inline_below_us", "parallel", "fuse", "adaptive", "processes", nullptr};
  RunSettings& settings = as_function(object)->settings;
  double inline_below_us = 0;
  int parallel = 0;
  int fuse = 0;
  int adaptive = 0;
  int processes = 0;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "Idpppi", const_cast<char**>(names), &settings.max_threads, &inline_below_us, &parallel, &fuse,
                                  &adaptive, &processes) == 0) {
    return nullptr;
  }
  settings.inline_below_ns = inline_below_us * 1000;
  settings.parallel = parallel != 0;
  settings.fuse = fuse != 0;
  settings.adaptive = adaptive != 0;
  settings.processes = static_cast<Processes>(processes);
  Py_RETURN_NONE;
}

PyObject* counts_of(PyObject* object, PyObject*) {
  const Counts& counts = as_function(object)->counts;
  return Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K}", "calls", counts.calls, "untraced_calls", counts.untraced, "calls_as_written", counts.as_written,
                       "replays", counts.replays, "operations", counts.operations, "inline_operations", counts.inline_operations, "calls_within_traces",
                       counts.inlined_into_others);
}

constexpr const char* kAsItWasWritten = "The function's, as it was written.";

PyObject* attribute_of_function(PyObject* object, void* name) { return PyObject_GetAttrString(as_function(object)->function, static_cast<const char*>(name)); }

/// None where it is not traced at all.
PyObject* worth_of_tracing(PyObject* object, PyObject*) {
  const Worth* const worth = as_function(object)->worth;
  constexpr double kNsPerMs = 1e6;
  return worth == nullptr ? Py_NewRef(Py_None)
                          : Py_BuildValue("(Odd)", (worth->pays() && worth->may_overlap()) || !as_function(object)->settings.adaptive ? Py_True : Py_False,
                                          worth->spent() / kNsPerMs, worth->gained() / kNsPerMs);
}

PyObject* has_overlap(PyObject* object, PyObject*) {
  const Worth* const worth = as_function(object)->worth;
  return PyBool_FromLong(worth != nullptr && worth->may_overlap() ? 1 : 0);
}

PyObject* record_next(PyObject* object, PyObject*) {
  as_function(object)->records = true;
  as_function(object)->is_asked_for = true;
  Py_RETURN_NONE;
}

/// The traced function of a plain one; a new reference. Null with an exception set. The run's function keeps those of a module's own.
TracedFunction* traced_of_plain(const Run* run, PyObject* function) {
  const auto* const plain = reinterpret_cast<PyFunctionObject*>(function);
  const bool is_kept = PyDict_GetItemWithError(globals_of(plain), plain->func_name) == function;
  PyObject* const known = is_kept ? PyDict_GetItemWithError(run->stepped_functions, function) : nullptr;
  if (known != nullptr || PyErr_Occurred() != nullptr) {
    return as_function(Py_XNewRef(known));
  }
  PyObject* const made = PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(function_type), function, Py_None, run->substitutes, nullptr);
  if (made != nullptr && is_kept && PyDict_SetItem(run->stepped_functions, function, made) < 0) {
    Py_DECREF(made);
    return nullptr;
  }
  return as_function(made);
}

/// The function of one array as a program, or None.
PyObject* program_of(PyObject* object, PyObject* example) {
  TracedFunction* const self = as_function(object);
  graph::DType dtype = graph::DType::any;
  std::span<const int64_t> shape;
  if (self->copy == nullptr || current_run() != nullptr || !array_type(example, dtype, shape)) {
    Py_RETURN_NONE;
  }
  PyObject* const parameter = parameter_tracer(dtype, shape);
  if (parameter == nullptr) {
    return nullptr;
  }
  Run* const run = new_run(self);
  run->is_abstract = true;
  current_run() = run;
  PyObject* const result = refresh_copy(self) < 0 ? nullptr : PyObject_CallOneArg(self->copy, parameter);
  current_run() = nullptr;
  PyObject* program = result == nullptr ? nullptr : make_array_program(parameter, result);
  if (program == nullptr && PyErr_ExceptionMatches(PyExc_Exception) != 0) {
    PyErr_Clear();  // it cannot be made; calling the function says what is wrong, if something is
    program = Py_NewRef(Py_None);
  }
  Py_XDECREF(result);
  Py_DECREF(parameter);
  end_run(run);
  return program;
}

}  // namespace

PyObject* step_into(Run* run, PyObject* callable, PyObject* const* arguments, size_t count, PyObject* names) {
  PyObject* const owner = PyMethod_Check(callable) ? PyMethod_GET_SELF(callable) : nullptr;
  TracedFunction* const traced = traced_of_plain(run, owner == nullptr ? callable : PyMethod_GET_FUNCTION(callable));
  if (traced == nullptr) {
    return nullptr;
  }
  std::vector<PyObject*> all;
  if (owner != nullptr) {
    all.push_back(owner);
    all.insert(all.end(), arguments, arguments + count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names))));
  }
  SteppedCall call{run->stepped == nullptr ? nullptr : run->stepped->last};
  SteppedCall* const outer = std::exchange(run->stepped, &call);
  const TracedBody body(run, *traced->worth);
  PyObject* const result = owner == nullptr ? call_copy(traced, arguments, count, names) : call_copy(traced, all.data(), count + 1, names);
  run->stepped = outer;
  if (outer != nullptr) {
    outer->last = call.last;
  }
  Py_DECREF(reinterpret_cast<PyObject*>(traced));
  return result;
}

bool is_worth_stepping_into(const Run& run, PyObject* callable, std::span<PyObject* const> arguments) {
  PyObject* const function = PyMethod_Check(callable) ? PyMethod_GET_FUNCTION(callable) : callable;
  return !run.settings.adaptive || is_worth_tracing(Worth::of(PyFunction_GET_CODE(function)), run.settings, callable, arguments);
}

void note_arrays_in_bodies(const Run& run) {
  for (const Body& each : run.bodies) {
    as_function(each.function)->worth->note_arrays(each.elements);
  }
}

void refresh_closures(const Run* run) {
  for (const Body& each : run->bodies) {
    refresh_closure(as_function(each.function));
  }
}

PyObject* function_of_traced(PyObject* object) { return Py_TYPE(object) == function_type ? as_function(object)->function : nullptr; }

void note_forked_child() { is_forked_child = true; }

int add_traced_function_type(PyObject* module) {
  static PyMethodDef methods[] = {
      keyword_method("configure", configure, "How calls run."),
      {"__set_name__", set_name, METH_VARARGS, "Called for each class that is made with it in its body."},
      {"counts", counts_of, METH_NOARGS, "What calls did, as a dict."},
      {"worth", worth_of_tracing, METH_NOARGS,
       "worth() -> (pays, spent_ms, gained_ms) | None\n\nWhether calls are traced, what tracing has cost, what it gained."},
      {"may_overlap", has_overlap, METH_NOARGS, "Whether anything could have run beside something else in the call that was last looked at."},
      {"record_next", record_next, METH_NOARGS, "Keeps what the next call does in `record`."},
      {"program", program_of, METH_O, "program(example) -> ArrayProgram | None"},
      {nullptr, nullptr, 0, nullptr}};
  static PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(TracedFunction, call), READONLY, nullptr},
                                  {"__dictoffset__", T_PYSSIZET, offsetof(TracedFunction, attributes), READONLY, nullptr},
                                  {"__weaklistoffset__", T_PYSSIZET, offsetof(TracedFunction, weak_references), READONLY, nullptr},
                                  {"function", T_OBJECT, offsetof(TracedFunction, function), READONLY, "As it was written."},
                                  {"reason", T_OBJECT, offsetof(TracedFunction, reason), READONLY, "Why it is not traced, or None."},
                                  {"record", T_OBJECT, offsetof(TracedFunction, record), READONLY, "What the recorded call did."},
                                  {nullptr, 0, 0, 0, nullptr}};
  static PyGetSetDef properties[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                                     {"__code__", attribute_of_function, nullptr, kAsItWasWritten, const_cast<char*>("__code__")},
                                     {"__defaults__", attribute_of_function, nullptr, kAsItWasWritten, const_cast<char*>("__defaults__")},
                                     {"__kwdefaults__", attribute_of_function, nullptr, kAsItWasWritten, const_cast<char*>("__kwdefaults__")},
#if PY_VERSION_HEX >= 0x030E0000  // `functools.update_wrapper` copies what makes them, no longer what they are
                                     {"__annotations__", attribute_of_function, nullptr, kAsItWasWritten, const_cast<char*>("__annotations__")},
#endif
                                     {"__globals__", attribute_of_function, nullptr, kAsItWasWritten, const_cast<char*>("__globals__")},
                                     {"__closure__", attribute_of_function, nullptr, kAsItWasWritten, const_cast<char*>("__closure__")},
                                     {nullptr, nullptr, nullptr, nullptr, nullptr}};
  static PyType_Slot slots[] = {type_slot(Py_tp_dealloc, free_function),
                                type_slot(Py_tp_traverse, traverse_function),
                                type_slot(Py_tp_clear, clear_function),
                                type_slot(Py_tp_new, new_function),
                                type_slot(Py_tp_call, PyVectorcall_Call),
                                type_slot(Py_tp_descr_get, bind),
                                type_slot(Py_tp_methods, methods),
                                type_slot(Py_tp_members, members),
                                type_slot(Py_tp_getset, properties),
                                type_slot(Py_tp_doc, const_cast<char*>("A function that is traced at each call.")),
                                {0, nullptr}};
  static PyType_Spec spec = {"omega._native.TracedFunction", sizeof(TracedFunction), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
                             slots};
  function_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (add_globals_view_type() < 0 || function_type == nullptr) {
    return -1;
  }
  return PyModule_AddObjectRef(module, "TracedFunction", reinterpret_cast<PyObject*>(function_type));
}

}  // namespace omega::python
