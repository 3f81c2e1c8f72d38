// SPDX-License-Identifier: Apache-2.0
// One call of a traced function: its operations, and who runs them. All of this is used with the GIL, which is also the lock of what is here.
#pragma once

#include <Python.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "python/native/tracer.h"

namespace omega::python {

/// What is known about calls of one callable, or of all that share its code.
struct Callee {
  /// What a call does besides giving a result. none: nothing that other operations see; own: changes the object it is called on; shared: anything.
  /// traced_through: nothing of its own, it is traced code.
  enum class Effect : uint8_t { none, own, shared, traced_through };
  Effect effect = Effect::none;
  bool is_light = false;         ///< an operator: handing it to a thread never pays
  bool runs_in_process = false;  ///< pure Python that computes
  double cost_ns = -1;           ///< of a call, learnt; negative: not known
  uint64_t calls = 0;
  std::string name;
  std::string reason;  ///< of the effect, for explanations
};

/// What is known about the callable; made when new. Null with an exception set.
Callee* callee_of(PyObject* callable);
/// One of Omega's own: an operator that has no effect, or one that changes what it is given.
Callee* operator_callee(bool changes);

struct Run;

/// One operation: a call that was seen while a function was traced.
struct Operation {
  enum class State : uint8_t { waiting, ready, running, done, failed, skipped };
  uint32_t references = 1;
  uint32_t index = 0;    ///< in program order
  uint32_t missing = 0;  ///< operations that it waits for
  State state = State::waiting;
  Run* run = nullptr;  ///< one reference
  Callee* callee = nullptr;
  PyObject* function = nullptr;   ///< a tracer where it is the result of another operation
  PyObject* arguments = nullptr;  ///< a tuple; null when it has run
  PyObject* keywords = nullptr;   ///< a dict, or null
  PyObject* value = nullptr;
  PyObject* error = nullptr;           ///< the exception of a failed one
  std::vector<Operation*> dependents;  ///< one reference each
  std::vector<uint32_t> needs;         ///< the operations that it waited for, for drawings
  Operation* last_call = nullptr;      ///< the last method that was called on the result; one reference
  Operation* origin = nullptr;         ///< of an attribute: whose; one reference
  PyObject* code = nullptr;            ///< where it was called
  int line = 0;
  double nanoseconds = 0;
  bool is_inline = false;  ///< run where it was called

  [[nodiscard]] bool is_over() const { return state >= State::done; }
};
void release(Operation* operation);

/// Which calls go to worker processes: none, those declared as such, all.
enum class Processes : uint8_t { none, declared, all };

/// How calls of a traced function run.
struct RunSettings {
  unsigned max_threads = 256;
  double inline_below_ns = 20'000;
  bool parallel = true;
  bool fuse = true;
  Processes processes = Processes::declared;
};

/// One call of a traced function.
struct Run {
  uint32_t references = 1;
  RunSettings settings;
  std::vector<Operation*> log;  ///< all operations in program order, one reference each
  size_t replayed = 0;          ///< operations whose results this attempt has taken over
  std::deque<Operation*> ready;
  uint32_t unfinished = 0;
  uint32_t helpers = 0;          ///< threads of the pool that run operations, or were asked to
  uint32_t asked = 0;            ///< those that have not come yet
  uint32_t failed = UINT32_MAX;  ///< the first operation in program order that failed
  bool is_stopped = false;
  bool is_replay = false;                     ///< the function is run again with the results of the operations there are; NumPy computes arrays then
  bool is_abstract = false;                   ///< a program is made: there are no values, so nothing can be called
  std::map<PyObject*, Operation*> receivers;  ///< of each object that calls change: the last one; borrowed from the log
  std::vector<PyObject*> functions;           ///< traced functions that were entered; borrowed

  std::mutex mutex;
  std::condition_variable changed;
  uint64_t generation = 0;  ///< raised with `mutex` when what the waiting thread waits for may have come
};
void release(Run* run);

/// The run that this thread traces, or null.
Run*& current_run();

/// A call that was seen: runs it, or makes it an operation. What traced code sees of its result; null with an exception set.
PyObject* issue(Run* run, Callee* callee, PyObject* function, PyObject* const* arguments, size_t count, PyObject* names);
/// An operator of a module `operator`, on what may be pending.
PyObject* issue_operator(PyObject* function, PyObject* const* arguments, size_t count);
/// The same for one that changes its first argument: everything before is over then, and it is done at once.
PyObject* issue_change(PyObject* function, PyObject* const* arguments, size_t count);

/// Waits for one operation. -1 with its exception set, where it failed or something before it did.
int wait_for(Operation* operation);
/// Waits for all operations. -1 with the exception of the first that failed set.
int wait_for_all(Run* run);

/// `object` without tracers: lists, tuples, dicts, sets and dataclasses that hold some are copied. Null with an exception set.
PyObject* plain_structure(PyObject* object, int depth = 0);
/// The same in place, in lists and dicts: for who is going to change them. -1 with an exception set.
int make_plain_in_place(PyObject* object, int depth = 0);
/// Ends a run: nothing of it is begun any more, and its operations go.
void end_run(Run* run);
/// Whether a structure holds a tracer.
bool holds_tracer(PyObject* object, int depth = 0);

/// The threads that run operations, beside those that compute.
void start_operation_threads();
/// Waits until no operation runs: before the interpreter ends.
void finish_operation_threads();
/// The child of a fork has none of its parent's threads.
void forget_operation_threads();

/// Calls `classify(callable) -> (effect, is_light, name, reason)` for callables that are not known, `in_process(callable, *args, **kwargs)` for those that
/// run in processes. `declared` is the type of objects that are known one by one.
void set_run_hooks(PyObject* classify, PyObject* in_process, PyObject* declared);

}  // namespace omega::python
