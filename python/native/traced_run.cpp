// SPDX-License-Identifier: Apache-2.0
// From a call that was seen to its result: what it waits for, and where it runs.
#include "python/native/traced_run.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_map>
#include <utility>

#include "python/native/array_expression.h"

namespace omega::python {
namespace {

PyObject* classify_hook = nullptr;
PyObject* process_hook = nullptr;
PyTypeObject* declared_type = nullptr;

std::unordered_map<const void*, Callee*>& callees() {
  static auto& known = *new std::unordered_map<const void*, Callee*>;
  return known;
}

double now_ns() { return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count()); }

/// What calls of the callable are known by: its code, its C function, or its type. `keep` is what must live on.
const void* key_of(PyObject* callable, PyObject*& keep) {
  if (PyMethod_Check(callable)) {
    callable = PyMethod_GET_FUNCTION(callable);
  }
  if (PyFunction_Check(callable)) {
    return keep = PyFunction_GET_CODE(callable);
  }
  keep = nullptr;
  if (PyCFunction_Check(callable)) {
    return reinterpret_cast<PyCFunctionObject*>(callable)->m_ml;
  }
  if (PyType_Check(callable) || Py_TYPE(callable) == declared_type || PyObject_HasAttrString(callable, "func") == 1) {
    return keep = callable;
  }
  return keep = reinterpret_cast<PyObject*>(Py_TYPE(callable));
}

/// The object that a call changes where it changes its own.
PyObject* receiver_of(PyObject* callable) { return PyMethod_Check(callable) ? PyMethod_GET_SELF(callable) : callable; }

void learn(Callee& callee, double ns) {
  ++callee.calls;
  callee.cost_ns = callee.cost_ns < 0 ? ns : ns < callee.cost_ns ? 0.5 * ns + 0.5 * callee.cost_ns : 0.7 * ns + 0.3 * callee.cost_ns;
}

Operation* new_operation(Run* run, Callee* callee, PyObject* function) {
  auto* const operation = new Operation;
  operation->index = static_cast<uint32_t>(run->log.size());
  operation->run = run;
  ++run->references;
  operation->callee = callee;
  operation->function = Py_NewRef(function);
  run->log.push_back(operation);
  return operation;
}

void note_place(Operation* operation) {
  PyThreadState* const thread = PyThreadState_Get();
  PyFrameObject* const frame = PyThreadState_GetFrame(thread);
  if (frame != nullptr) {
    operation->code = reinterpret_cast<PyObject*>(PyFrame_GetCode(frame));
    operation->line = PyFrame_GetLineNumber(frame);
    Py_DECREF(frame);
  }
}

/// `operation` waits for `other`.
void depend(Operation* operation, Operation* other) {
  if (other == nullptr || other == operation) {
    return;
  }
  operation->needs.push_back(other->index);
  if (other->state >= Operation::State::failed) {
    operation->state = Operation::State::skipped;
  } else if (!other->is_over()) {
    ++operation->missing;
    ++operation->references;
    other->dependents.push_back(operation);
  }
}

/// `operation` uses what `tracer` stands for.
void depend_on(Operation* operation, const Tracer* tracer) {
  if (tracer->operation != nullptr) {
    depend(operation, tracer->operation);
    depend(operation, tracer->operation->last_call);
  }
}

/// An argument as the operation keeps it until it runs: pending tracers stay, in copies of the containers that hold them; what is there is put in.
PyObject* prepared(Operation* operation, PyObject* object, int depth) {
  if (is_tracer(object)) {
    Tracer* const tracer = as_tracer(object);
    if (tracer->operation != nullptr && !tracer->operation->is_over()) {
      depend_on(operation, tracer);
      return Py_NewRef(object);
    }
    depend_on(operation, tracer);
    return value_of(tracer);
  }
  const bool is_list = PyList_CheckExact(object);
  if ((!is_list && !PyTuple_CheckExact(object) && !PyDict_CheckExact(object)) || depth > 32) {
    return holds_tracer(object, depth) ? plain_structure(object, depth) : Py_NewRef(object);
  }
  if (PyDict_CheckExact(object)) {
    PyObject* const copy = PyDict_New();
    PyObject *key, *value;
    for (Py_ssize_t at = 0; copy != nullptr && PyDict_Next(object, &at, &key, &value);) {
      PyObject* const made = prepared(operation, value, depth + 1);
      if (made == nullptr || PyDict_SetItem(copy, key, made) < 0) {
        Py_XDECREF(made);
        Py_DECREF(copy);
        return nullptr;
      }
      Py_DECREF(made);
    }
    return copy;
  }
  // A copy in any case: traced code may change a list before the operation runs.
  const Py_ssize_t size = is_list ? PyList_GET_SIZE(object) : PyTuple_GET_SIZE(object);
  if (!is_list && !holds_tracer(object, depth)) {
    return Py_NewRef(object);
  }
  PyObject* const copy = is_list ? PyList_New(size) : PyTuple_New(size);
  for (Py_ssize_t i = 0; copy != nullptr && i < size; ++i) {
    PyObject* const made = prepared(operation, is_list ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), depth + 1);
    if (made == nullptr) {
      Py_DECREF(copy);
      return nullptr;
    }
    is_list ? PyList_SET_ITEM(copy, i, made) : PyTuple_SET_ITEM(copy, i, made);
  }
  return copy;
}

/// Names the operation and where it was called in the exception that is set.
void add_note(const Operation* operation) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback != nullptr) {
    PyException_SetTraceback(value, traceback);
  }
  if (operation->code != nullptr && !operation->is_inline) {
    const auto* const code = reinterpret_cast<const PyCodeObject*>(operation->code);
    PyObject* const note =
        PyUnicode_FromFormat("in operation %u, a call of %s at %U:%d in %U", operation->index,
                             operation->callee != nullptr ? operation->callee->name.c_str() : "a result", code->co_filename, operation->line, code->co_name);
    PyObject* const done = note == nullptr ? nullptr : PyObject_CallMethod(value, "add_note", "O", note);
    Py_XDECREF(note);
    Py_XDECREF(done);
    PyErr_Clear();
  }
  PyErr_Restore(type, value, traceback);
}

/// Whether calls of the function go to a worker process.
bool goes_to_process(const Run* run, const Callee* callee, PyObject* function) {
  return callee != nullptr && run->settings.processes != Processes::none &&
         (callee->runs_in_process || (run->settings.processes == Processes::all && !callee->is_light && !is_tracer(function) && !PyCFunction_Check(function)));
}

PyObject* call_now(Operation* operation, PyObject* function, PyObject* arguments, PyObject* keywords) {
  if (goes_to_process(operation->run, operation->callee, function)) {
    const Py_ssize_t count = PyTuple_GET_SIZE(arguments);
    PyObject* const all = PyTuple_New(count + 1);
    if (all == nullptr) {
      return nullptr;
    }
    PyTuple_SET_ITEM(all, 0, Py_NewRef(function));
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyTuple_SET_ITEM(all, i + 1, Py_NewRef(PyTuple_GET_ITEM(arguments, i)));
    }
    PyObject* const result = PyObject_Call(process_hook, all, keywords);
    Py_DECREF(all);
    return result;
  }
  return PyObject_Call(function, arguments, keywords);
}

/// Calls an operation whose inputs are there.
void run_operation(Operation* operation) {
  operation->state = Operation::State::running;
  Run* const traced = std::exchange(current_run(), nullptr);
  PyObject* const function = plain(operation->function);
  PyObject* const arguments = function == nullptr ? nullptr : plain_structure(operation->arguments);
  PyObject* const keywords = arguments == nullptr || operation->keywords == nullptr ? nullptr : plain_structure(operation->keywords);
  const double start = now_ns();
  if (arguments != nullptr && (operation->keywords == nullptr || keywords != nullptr)) {
    if (operation->callee == nullptr) {
      operation->callee = callee_of(function);
    }
    operation->value = call_now(operation, function, arguments, keywords);
  }
  operation->nanoseconds = now_ns() - start;
  if (operation->value == nullptr) {
    add_note(operation);
    PyObject *type, *traceback;
    PyErr_Fetch(&type, &operation->error, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
  } else if (operation->callee != nullptr && !operation->callee->is_light) {
    learn(*operation->callee, operation->nanoseconds);
  }
  Py_XDECREF(function);
  Py_XDECREF(arguments);
  Py_XDECREF(keywords);
  Py_CLEAR(operation->arguments);
  Py_CLEAR(operation->keywords);
  current_run() = traced;
}

void make_ready(Operation* operation, bool is_taken);

/// Threads that sleep until a run asks for help. Never destroyed: they may sleep in it when the process ends.
class OperationThreads {
 public:
  /// Asks for so many threads; gives up the GIL while it wakes them, where that takes a while.
  void ask(Run* run, size_t count) {
    run->references += static_cast<uint32_t>(count);
    run->helpers += static_cast<uint32_t>(count);
    run->asked += static_cast<uint32_t>(count);
    {
      const std::lock_guard lock(mutex_);
      asked_.insert(asked_.end(), count, run);
      while (asked_.size() > idle_ + starting_ && count_ < kMostThreads && begin_thread()) {
      }
    }
    if (count == 1) {
      changed_.notify_one();
      return;
    }
    Py_BEGIN_ALLOW_THREADS;
    for (size_t i = 0; i < count; ++i) {
      changed_.notify_one();
    }
    Py_END_ALLOW_THREADS;
  }

  [[nodiscard]] bool is_busy() {
    const std::lock_guard lock(mutex_);
    return idle_ < count_ || !asked_.empty();
  }

 private:
  static constexpr unsigned kMostThreads = 512;

  /// One more, where the system has one: otherwise those that there are, and who waits, run the operations.
  bool begin_thread() {
    PyThreadState* const state = PyThreadState_New(PyInterpreterState_Get());
    try {
      std::thread([this, state] { loop(state); }).detach();
      ++count_;
      ++starting_;
      return true;
    } catch (const std::system_error&) {
      PyThreadState_Clear(state);
      PyThreadState_Delete(state);
      return false;
    }
  }

  void loop(PyThreadState* state) {
    for (bool is_new = true;; is_new = false) {
      Run* run;
      {
        std::unique_lock lock(mutex_);
        starting_ -= is_new ? 1 : 0;
        ++idle_;
        changed_.wait(lock, [&] { return !asked_.empty(); });
        --idle_;
        run = asked_.front();
        asked_.pop_front();
      }
      PyEval_RestoreThread(state);
      help(run);
      PyEval_SaveThread();
    }
  }

  static void help(Run* run);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Run*> asked_;
  unsigned idle_ = 0;
  unsigned starting_ = 0;  ///< made, and not idle yet
  unsigned count_ = 0;
};

OperationThreads* threads = nullptr;

void wake_waiter(Run* run) {
  {
    const std::lock_guard lock(run->mutex);
    ++run->generation;
  }
  run->changed.notify_all();
}

/// Notes how operations ended, and what they made ready; light ones run at once. One reference of `operation` is taken over. `goes_on`: the thread runs ready
/// operations next.
void complete(Operation* operation, bool goes_on) {
  std::vector<Operation*> ended{operation};
  Run* const run = operation->run;
  while (!ended.empty()) {
    Operation* const one = ended.back();
    ended.pop_back();
    const bool succeeded = one->value != nullptr;
    if (one->state != Operation::State::skipped) {
      one->state = succeeded ? Operation::State::done : Operation::State::failed;
      if (!succeeded && one->index < run->failed) {
        run->failed = one->index;
      }
    }
    --run->unfinished;
    std::vector<Operation*> dependents = std::move(one->dependents);
    one->dependents.clear();
    std::vector<Operation*> light;
    for (Operation* dependent : dependents) {
      if (!succeeded) {
        dependent->state = Operation::State::skipped;
      }
      if (--dependent->missing > 0) {
        release(dependent);
      } else if (dependent->state == Operation::State::skipped) {
        ended.push_back(dependent);
      } else if (dependent->callee != nullptr && dependent->callee->is_light) {
        light.push_back(dependent);
      } else {
        make_ready(dependent, goes_on);
        goes_on = false;
        release(dependent);
      }
    }
    for (Operation* each : light) {
      run_operation(each);
      ended.insert(ended.begin(), each);
    }
    release(one);
  }
  wake_waiter(run);
}

/// Runs the first ready operation of the run, if there is one.
bool run_one(Run* run, bool goes_on) {
  if (run->ready.empty()) {
    return false;
  }
  Operation* const operation = run->ready.front();
  run->ready.pop_front();
  if (run->is_stopped || operation->index > run->failed) {
    operation->state = Operation::State::skipped;
  } else {
    run_operation(operation);
  }
  complete(operation, goes_on);
  return true;
}

/// How many more threads the run's ready operations are worth; `taken` of them the calling thread runs.
size_t wanted_threads(const Run* run, size_t taken) {
  constexpr uint32_t kMostForUnknown = 64;
  const Operation* const first = run->ready.empty() ? nullptr : run->ready.front();
  const bool is_known = first != nullptr && first->callee != nullptr && first->callee->cost_ns >= 0;
  const uint32_t limit = is_known ? run->settings.max_threads : std::min(kMostForUnknown, run->settings.max_threads);
  const size_t open = run->ready.size() > run->asked + taken ? run->ready.size() - run->asked - taken : 0;
  return std::min<size_t>(open, limit > run->helpers ? limit - run->helpers : 0);
}

void OperationThreads::help(Run* run) {
  --run->asked;
  while (!run->ready.empty()) {
    // Who begins an operation wakes others, in case it waits.
    if (const size_t wanted = wanted_threads(run, 1); wanted > 0) {
      threads->ask(run, std::min<size_t>(wanted, 2));
    }
    run_one(run, true);
  }
  --run->helpers;
  release(run);
}

/// All that the operation waits for is there. `is_taken`: the calling thread runs it next.
void make_ready(Operation* operation, bool is_taken) {
  Run* const run = operation->run;
  operation->state = Operation::State::ready;
  ++operation->references;
  run->ready.push_back(operation);
  // One is on its way while the function is traced, and wakes others; who waits for results wakes them all.
  if (!is_taken && run->asked == 0 && wanted_threads(run, 0) > 0) {
    threads->ask(run, 1);
  }
  wake_waiter(run);
}

/// Waits until `is_over()`; runs operations meanwhile. -1 with an exception set when a signal handler raised one.
template <class Condition>
int wait_until(Run* run, Condition is_over) {
  while (!is_over()) {
    if (const size_t wanted = wanted_threads(run, 1); wanted > 0) {
      threads->ask(run, wanted);
    }
    if (run_one(run, false)) {
      continue;
    }
    uint64_t seen_generation;
    {
      const std::lock_guard lock(run->mutex);
      seen_generation = run->generation;
    }
    ++run->references;
    Py_BEGIN_ALLOW_THREADS;
    {
      std::unique_lock lock(run->mutex);
      run->changed.wait_for(lock, std::chrono::milliseconds(50), [&] { return run->generation != seen_generation; });
    }
    Py_END_ALLOW_THREADS;
    const bool was_interrupted = PyErr_CheckSignals() < 0;
    release(run);
    if (was_interrupted) {
      run->is_stopped = true;
      return -1;
    }
  }
  return 0;
}

int raise_error(Operation* operation) {
  if (operation->error == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "an operation did not run: one before it failed, or the call was interrupted");
    return -1;
  }
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(operation->error)), operation->error);
  return -1;
}

int raise_first(Run* run) { return raise_error(run->log[run->failed]); }

/// Everything before has ended and nothing waits to be computed: memory may be changed.
int settle(Run* run) { return wait_for_all(run) < 0 || evaluate_all_expressions() < 0 ? -1 : 0; }

/// Runs an operation where it is called, whose inputs are there.
PyObject* issue_inline(Run* run, Callee* callee, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names) {
  Run* const traced = std::exchange(current_run(), nullptr);
  const double start = now_ns();
  PyObject* const value = PyObject_Vectorcall(function, arguments, count, names);
  const double ns = now_ns() - start;
  current_run() = traced;
  if (value == nullptr) {
    return nullptr;
  }
  Operation* const operation = new_operation(run, callee, function);
  operation->state = Operation::State::done;
  operation->value = value;
  operation->nanoseconds = ns;
  operation->is_inline = true;
  if (!callee->is_light) {
    learn(*callee, ns);
  }
  return seen(Py_NewRef(value));
}

/// Whether a repeated attempt does the operation by itself: operators, and methods of numbers and strings, are not seen when their values are there.
bool is_done_again(const Operation* operation, PyObject* function) {
  if (operation->callee == operator_callee(false)) {
    return true;
  }
  PyObject* const owner = PyCFunction_Check(function) ? PyCFunction_GET_SELF(function) : nullptr;
  return owner != nullptr && (PyUnicode_Check(owner) || PyLong_Check(owner) || PyFloat_Check(owner) || PyBytes_Check(owner) || PyTuple_Check(owner));
}

/// What an earlier attempt of the same call got for the next operation with that function. Null without an exception where there is none any more.
PyObject* replay(Run* run, PyObject* function) {
  for (size_t at = run->replayed; at < run->log.size(); ++at) {
    Operation* const operation = run->log[at];
    PyObject* const recorded = plain(operation->function);
    if (recorded == nullptr) {
      return nullptr;
    }
    const int is_same = recorded == function ? 1 : PyObject_RichCompareBool(recorded, function, Py_EQ);
    const bool is_passed = is_same == 0 && is_done_again(operation, recorded);
    Py_DECREF(recorded);
    if (is_same == 1) {
      run->replayed = at + 1;
      return seen(Py_NewRef(operation->value));
    }
    if (is_same < 0) {
      return nullptr;
    }
    if (!is_passed) {
      PyErr_Format(PyExc_RuntimeError, "traced code took another way with the values than without them: at %s; run it with Config(parallel=False)",
                   operation->callee == nullptr ? "a call" : operation->callee->name.c_str());
      return nullptr;
    }
  }
  run->replayed = run->log.size();
  return nullptr;
}

struct Arguments {
  std::vector<PyObject*> made;
  ~Arguments() {
    for (PyObject* each : made) {
      Py_XDECREF(each);
    }
  }
};

/// Arguments without tracers; false with an exception set.
bool make_plain(PyObject* const* arguments, size_t count, Arguments& plain_arguments) {
  for (size_t i = 0; i < count; ++i) {
    PyObject* const made = plain_structure(arguments[i]);
    if (made == nullptr) {
      return false;
    }
    plain_arguments.made.push_back(made);
  }
  return true;
}

bool is_pending(PyObject* object, int depth = 0) {
  if (is_tracer(object)) {
    const Operation* const operation = as_tracer(object)->operation;
    return operation != nullptr && (!operation->is_over() || (operation->last_call != nullptr && !operation->last_call->is_over()));
  }
  if (depth > 32) {
    return false;
  }
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) {
    const Py_ssize_t size = Py_SIZE(object);
    for (Py_ssize_t i = 0; i < size; ++i) {
      if (is_pending(PyList_CheckExact(object) ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), depth + 1)) {
        return true;
      }
    }
  } else if (PyDict_CheckExact(object)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      if (is_pending(value, depth + 1)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

void release(Operation* operation) {
  if (--operation->references > 0) {
    return;
  }
  Py_XDECREF(operation->function);
  Py_XDECREF(operation->arguments);
  Py_XDECREF(operation->keywords);
  Py_XDECREF(operation->value);
  Py_XDECREF(operation->error);
  Py_XDECREF(operation->code);
  for (Operation* other : {operation->last_call, operation->origin}) {
    if (other != nullptr) {
      release(other);
    }
  }
  for (Operation* dependent : operation->dependents) {
    release(dependent);
  }
  Run* const run = operation->run;
  delete operation;
  release(run);
}

void release(Run* run) {
  if (--run->references == 0) {
    delete run;
  }
}

Run*& current_run() {
  thread_local Run* run = nullptr;
  return run;
}

Callee* callee_of(PyObject* callable) {
  PyObject* keep = nullptr;
  const void* const key = key_of(callable, keep);
  if (const auto found = callees().find(key); found != callees().end()) {
    return found->second;
  }
  PyObject* const answer = PyObject_CallOneArg(classify_hook, callable);
  if (answer == nullptr) {
    return nullptr;
  }
  int effect = 0;
  int is_light = 0;
  int in_process = 0;
  const char* name = nullptr;
  const char* reason = nullptr;
  if (PyArg_ParseTuple(answer, "ippss", &effect, &is_light, &in_process, &name, &reason) == 0) {
    Py_DECREF(answer);
    return nullptr;
  }
  auto* const callee = new Callee;
  callee->effect = static_cast<Callee::Effect>(effect);
  callee->is_light = is_light != 0;
  callee->runs_in_process = in_process != 0;
  callee->name = name;
  callee->reason = reason;
  Py_DECREF(answer);
  Py_XINCREF(keep);
  callees()[key] = callee;
  return callee;
}

Callee* operator_callee(bool changes) {
  static Callee& pure = *new Callee{.effect = Callee::Effect::none, .is_light = true, .name = "operator", .reason = ""};
  static Callee& change = *new Callee{.effect = Callee::Effect::shared, .is_light = true, .name = "change", .reason = "changes an object"};
  return changes ? &change : &pure;
}

PyObject* issue_operator(PyObject* function, PyObject* const* arguments, size_t count) {
  Run* const run = current_run();
  if (run == nullptr) {
    Arguments all;
    return make_plain(arguments, count, all) ? PyObject_Vectorcall(function, all.made.data(), count, nullptr) : nullptr;
  }
  return issue(run, operator_callee(false), function, arguments, count, nullptr);
}

PyObject* issue_change(PyObject* function, PyObject* const* arguments, size_t count) {
  Run* const run = current_run();
  if (run == nullptr) {
    Arguments all;
    return make_plain(arguments, count, all) ? PyObject_Vectorcall(function, all.made.data(), count, nullptr) : nullptr;
  }
  return issue(run, operator_callee(true), function, arguments, count, nullptr);
}

PyObject* issue(Run* run, Callee* callee, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names) {
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
  const size_t all = count + (names == nullptr ? 0 : static_cast<size_t>(PyTuple_GET_SIZE(names)));
  const bool is_shared = callee != nullptr && callee->effect == Callee::Effect::shared;
  if (is_shared && settle(run) < 0) {
    return nullptr;
  }
  bool waits = is_tracer(function);
  for (size_t i = 0; i < all && !waits; ++i) {
    waits = is_pending(arguments[i]);
  }
  Operation* previous = nullptr;
  if (callee != nullptr && callee->effect == Callee::Effect::own) {
    const auto found = run->receivers.find(receiver_of(function));
    previous = found == run->receivers.end() ? nullptr : found->second;
    waits |= previous != nullptr && !previous->is_over();
  }
  const bool is_cheap = callee != nullptr && (callee->is_light || (callee->cost_ns >= 0 && callee->cost_ns < run->settings.inline_below_ns));
  if (is_shared || !run->settings.parallel || (!waits && is_cheap && !goes_to_process(run, callee, function))) {
    PyObject* const called = plain(function);
    Arguments made;
    bool ready = called != nullptr;
    for (size_t i = 0; ready && is_shared && i < all; ++i) {
      ready = make_plain_in_place(arguments[i]) == 0;
    }
    ready = ready && make_plain(arguments, all, made);
    PyObject* result = nullptr;
    if (ready) {
      Callee* const known = callee == nullptr ? callee_of(called) : callee;
      result = known == nullptr ? nullptr : issue_inline(run, known, called, made.made.data(), count, names);
      run->replayed = run->log.size();
    }
    Py_XDECREF(called);
    return result;
  }
  Operation* const operation = new_operation(run, callee, function);
  run->replayed = run->log.size();
  note_place(operation);
  operation->missing = 1;  // it may not become ready before it is whole
  operation->arguments = PyTuple_New(static_cast<Py_ssize_t>(count));
  operation->keywords = names == nullptr ? nullptr : PyDict_New();
  bool ok = operation->arguments != nullptr;
  for (size_t i = 0; ok && i < all; ++i) {
    PyObject* const made = prepared(operation, arguments[i], 0);
    ok = made != nullptr;
    if (ok && i < count) {
      PyTuple_SET_ITEM(operation->arguments, static_cast<Py_ssize_t>(i), made);
    } else if (ok) {
      ok = PyDict_SetItem(operation->keywords, PyTuple_GET_ITEM(names, static_cast<Py_ssize_t>(i - count)), made) == 0;
      Py_DECREF(made);
    }
  }
  if (is_tracer(function)) {
    depend_on(operation, as_tracer(function));
    // A method of a result may change it: its calls keep their order.
    Operation* const own = as_tracer(function)->operation;
    if (own != nullptr && own->origin != nullptr) {
      depend(operation, own->origin->last_call);
      if (own->origin->last_call != nullptr) {
        release(own->origin->last_call);
      }
      ++operation->references;
      own->origin->last_call = operation;
    }
  }
  if (callee != nullptr && callee->effect == Callee::Effect::own) {
    depend(operation, previous);
    run->receivers[receiver_of(function)] = operation;
  }
  ++run->unfinished;
  Tracer* const tracer = ok ? new_tracer() : nullptr;
  if (tracer != nullptr) {
    tracer->operation = operation;
    ++operation->references;
  } else {
    operation->state = Operation::State::skipped;
  }
  if (--operation->missing == 0) {
    if (operation->state == Operation::State::skipped) {
      PyObject *type, *value, *traceback;
      PyErr_Fetch(&type, &value, &traceback);
      ++operation->references;
      complete(operation, false);
      PyErr_Restore(type, value, traceback);
    } else {
      make_ready(operation, false);
    }
  }
  return reinterpret_cast<PyObject*>(tracer);
}

void end_run(Run* run) {
  run->is_stopped = true;
  while (run_one(run, true)) {
  }
  for (Operation* operation : std::exchange(run->log, {})) {
    release(operation);
  }
  run->receivers.clear();
  release(run);
}

int wait_for(Operation* operation) {
  Run* const run = operation->run;
  const auto is_over = [&] { return operation->is_over() && (operation->last_call == nullptr || operation->last_call->is_over()); };
  if (!is_over() && wait_until(run, is_over) < 0) {
    return -1;
  }
  if (operation->state == Operation::State::done) {
    return 0;
  }
  // The first failure is the one that a sequential run would have had; it may be one before this.
  if (run->failed < run->log.size() && run->failed < operation->index) {
    return raise_first(run);
  }
  return raise_error(operation);
}

int wait_for_all(Run* run) {
  if (run->unfinished > 0 && wait_until(run, [&] { return run->unfinished == 0; }) < 0) {
    return -1;
  }
  return run->failed == UINT32_MAX ? 0 : raise_first(run);
}

void start_operation_threads() { threads = new OperationThreads; }

void finish_operation_threads() {
  while (threads->is_busy()) {
    Py_BEGIN_ALLOW_THREADS;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Py_END_ALLOW_THREADS;
    if (PyErr_CheckSignals() < 0) {
      PyErr_Clear();
      return;
    }
  }
}

void forget_operation_threads() { threads = new OperationThreads; }

void set_run_hooks(PyObject* classify, PyObject* in_process, PyObject* declared) {
  Py_XSETREF(classify_hook, Py_NewRef(classify));
  Py_XSETREF(process_hook, Py_NewRef(in_process));
  declared_type = reinterpret_cast<PyTypeObject*>(Py_NewRef(declared));
}

}  // namespace omega::python
