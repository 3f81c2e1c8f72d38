// SPDX-License-Identifier: Apache-2.0
// One operation of a traced function: what it calls, what it waits for, what became of it. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "python/native/callee.h"
#include "python/native/code_facts.h"
#include "python/native/given_back.h"
#include "python/native/reach.h"
#include "python/native/surroundings.h"
#include "python/native/tracer.h"

namespace omega::python {

struct Run;

/// One operation: a call that was seen while a function was traced.
struct Operation {
  enum class State : uint8_t { waiting, ready, running, done, failed, skipped };
  enum class Known : uint8_t { no_one_asked, no, yes };
  uint32_t references = 1;
  uint32_t index = 0;    ///< in program order
  uint32_t missing = 0;  ///< operations that it waits for
  State state = State::waiting;
  Run* run = nullptr;  ///< one reference
  Callee* callee = nullptr;
  PyObject* function = nullptr;   ///< a tracer where it is the result of another operation
  PyObject* arguments = nullptr;  ///< a tuple; null when it has run
  PyObject* keywords = nullptr;   ///< a dict, or null
  Surroundings surroundings;      ///< of the call, of an operation that starts later
  Lent lent;                      ///< for it; when it is over, what somebody has still
  Lent lent_before;               ///< for others whose results it takes
  bool is_lent = false;           ///< it was lent something, or takes what an operation may give back that was
  bool may_keep_lent = false;     ///< it, or one that it takes from, was lent something by a call that has not shown that it keeps none of it
  bool may_keep_seen = false;     ///< it, or one that it takes from, was given containers that traced code sees in results: these themselves
  bool holds_copies = false;      ///< of traced code's containers: its value, which traced code may not see yet
  Met* met = nullptr;             ///< of the instruction that called it, which did not wait for what it changes or calls
  PyObject* value = nullptr;
  PyObject* error = nullptr;                       ///< the exception of a failed one
  std::vector<Operation*> dependents;              ///< one reference each
  std::unique_ptr<Reach> reach;                    ///< what it can see and may change, once somebody asked
  Known changing_operators = Known::no_one_asked;  ///< whether operators on what it gives may change something
  PyObject* code = nullptr;                        ///< where it was called
  int line = 0;
  double nanoseconds = 0;
  double tracing_ns = 0;       ///< of that: tracing of calls within it
  bool is_inline = false;      ///< run where it was called
  bool is_for_effect = false;  ///< of a library, and nobody takes what it gives: it was made for what it changes
  SeenAgain seen_again = SeenAgain::yes;

  [[nodiscard]] bool is_over() const { return state >= State::done; }
  /// Whether what it gives is there, its arguments no longer: also while what waits for it is not told yet, when other threads may look.
  [[nodiscard]] bool has_given() const { return is_over() || value != nullptr; }
};
/// Gives up one reference.
void release(Operation* operation);

/// A new one at the end of the run's log, which has its reference.
Operation* new_operation(Run* run, Callee* callee, PyObject* function);
/// Notes where the function that is traced is now.
void note_place(Operation* operation);
/// `operation` waits for `other`, which may be null.
void depend(Operation* operation, Operation* other);
/// `operation` uses what `tracer` stands for.
void depend_on(Operation* operation, const Tracer* tracer);
/// Whether calls of the function go to a worker process.
bool goes_to_process(const Run* run, const Callee* callee, PyObject* function);
/// Calls an operation whose inputs are there; its value is there then, or its error.
void run_operation(Operation* operation);
/// Whether a call changes anything, or keeps what it is given or gives it back; also where that cannot be found out.
bool changes_or_keeps(PyObject* function, std::span<PyObject* const> arguments);
/// Sets the operation's exception, or that it did not run.
void raise_error(Operation* operation);

/// Nanoseconds of the clock that calls are measured by.
double now_ns();

/// Calls `in_process(callable, *args, **kwargs)` for what runs in worker processes.
void set_process_call(PyObject* in_process);

}  // namespace omega::python
