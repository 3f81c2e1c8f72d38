// SPDX-License-Identifier: Apache-2.0
// One call of a traced function: its operations, and how they run. All of this is used with the GIL, which is also the lock of what is here.
#pragma once

#include <Python.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "python/native/given_back.h"
#include "python/native/operation.h"
#include "python/native/operator_effects.h"
#include "python/native/placed_operations.h"
#include "python/native/plain_functions.h"
#include "python/native/recording.h"
#include "python/native/structure.h"
#include "python/native/worth.h"

namespace omega::python {

/// Which calls go to worker processes: none, those declared as such, all.
enum class Processes : uint8_t { none, declared, all };

/// How calls of a traced function run.
struct RunSettings {
  unsigned max_threads = 256;
  double inline_below_ns = 20'000;
  bool parallel = true;
  bool fuse = true;
  bool adaptive = true;  ///< what tracing does not pay for runs as written
  Processes processes = Processes::declared;
};

/// A call of a plain function whose body is traced too.
struct SteppedCall {
  Operation* last = nullptr;  ///< the last operation whose effects are not known: in such a body they keep their order. Borrowed from the log
};

/// Something that traced code looked at.
struct Look {
  PyObject* function;  ///< by which; borrowed, never given back
  PyObject* value;     ///< what it got; one reference, but none to an array that is not computed: nobody looks at that itself when it is gone, and null then
  bool is_kept;        ///< whether there is one
  size_t place;        ///< so many operations were before it
  SeenAgain seen_again;
};

/// The body of a traced function that goes on.
struct Body {
  PyObject* function;  ///< borrowed
  size_t elements;     ///< of the largest array that it was given
};

/// One call of a traced function.
struct Run {
  uint32_t references = 1;
  RunSettings settings;
  std::vector<Operation*> log;  ///< all operations in program order, one reference each
  size_t replayed = 0;          ///< operations whose results this attempt has taken over
  std::vector<Look> looks;      ///< in program order, between the operations
  size_t looked = 0;            ///< those that this attempt has taken over
  std::deque<Operation*> ready;
  uint32_t unfinished = 0;
  uint32_t helpers = 0;          ///< threads of the pool that run operations, or were asked to
  uint32_t asked = 0;            ///< those that have not come yet
  uint32_t failed = UINT32_MAX;  ///< the first operation in program order that failed
  bool is_stopped = false;
  bool is_replay = false;                 ///< the function is run again with the results of the operations there are; NumPy computes arrays then
  bool has_lost_its_way = false;          ///< a repeated attempt did not come by the operations of an earlier one
  bool is_abstract = false;               ///< a program is made: there are no values, so nothing can be called
  PlacedOperations beside;                ///< operations that may not be over
  std::vector<Operation*> changing;       ///< those of them that may change something, in program order; borrowed from the log
  SteppedCall* stepped = nullptr;         ///< the innermost that goes on; null in the traced function itself
  std::vector<Body> bodies;               ///< that go on, the innermost last
  PyObject* substitutes = nullptr;        ///< builtins that traced code gets others for; borrowed
  PyObject* stepped_functions = nullptr;  ///< the traced functions of plain ones, by these; borrowed
  std::unique_ptr<Recording> recording;   ///< of a run that is recorded, as long as it is
  std::unique_ptr<Recording> recorded;    ///< the same when it has enough
  OperatorEffects operator_effects;
  SeenTuples seen_tuples;
  PlainFunctions plain_functions;
  GivenBack given_back;
  Copies plain_generators;                      ///< what stands outside for generators of the body, each for one
  std::unordered_set<PyObject*> changed_later;  ///< of those that were handed over: traced code may change them, and calls that see them end before that
  std::vector<PyObject*> handed_over;           ///< lists and dicts of traced code that others may have too, one reference each: tracers in them are replaced

  Spent spent;
  uint32_t begun_later = 0;  ///< operations so far that did not run where they were called
  std::vector<OpenBody> open_bodies;
  size_t bodies_met = 0;                  ///< bodies that this attempt has come by
  size_t bodies_known = 0;                ///< the most that an attempt has
  std::vector<size_t> bodies_as_written;  ///< those of them that were called as written

  uint32_t waiters = 0;                ///< threads that sleep until something has come
  bool is_awaited_alone = false;       ///< there is one, which waits for `awaited`
  const Operation* awaited = nullptr;  ///< null: for all

  std::mutex mutex;
  std::condition_variable changed;
  uint64_t generation = 0;  ///< raised with `mutex` when what the waiting thread waits for may have come
};
/// Gives up one reference.
void release(Run* run);
/// Ends a run: nothing of it is begun any more, and its operations go.
void end_run(Run* run);

/// Hands a list, dict or set of traced code over to others, who may keep it: tracers in it are replaced, now and before each operation from now on. Where
/// traced code sees objects in it without tracers then, everything runs in its order. -1 with an exception set.
int hand_over(Run* run, PyObject* container, Copies& copies);

/// The run that this thread traces, or null.
Run*& current_run();

/// Code that runs while one lives is not part of the trace: traced functions that it calls are calls of their own.
class OutsideTrace {
 public:
  OutsideTrace() : run_(std::exchange(current_run(), nullptr)) {}
  OutsideTrace(const OutsideTrace&) = delete;
  OutsideTrace& operator=(const OutsideTrace&) = delete;
  ~OutsideTrace() { current_run() = run_; }

 private:
  Run* run_;
};

}  // namespace omega::python
