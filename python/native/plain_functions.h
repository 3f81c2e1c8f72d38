// SPDX-License-Identifier: Apache-2.0
// Functions that traced code defines, outside of it: the same code with the module's own globals, and variables without tracers. Used with the GIL.
#pragma once

#include <Python.h>

#include <vector>

#include "python/native/structure.h"

namespace omega::python {

struct Operation;
struct Run;

/// What stands outside for the functions of a run's traced code, each for one.
///
/// While a call runs, variables that the function takes from traced code are what they were at the call: an operation that starts later has its own. When it is
/// over, and for what ran where it was called, they follow those of traced code: others may have kept the function.
class PlainFunctions {
 public:
  PlainFunctions() = default;
  PlainFunctions(const PlainFunctions&) = delete;
  PlainFunctions& operator=(const PlainFunctions&) = delete;
  ~PlainFunctions();

  /// What stands for the function in the arguments of `operation`, which starts later, or wherever else it is given (null). A new reference; null with an
  /// exception set.
  PyObject* of(PyObject* function, Operation* operation, Copies& copies);
  /// Before an operation runs, when what it waits for is over: its functions' variables without tracers. -1 with an exception set.
  int begin(const Operation* operation, Copies& copies);
  /// Has functions that others may have kept see what variables are now. `at_end`: all, whether they changed or not. -1 with an exception set.
  int follow(Run* run, bool at_end);
  /// Whether variables have changed since an operation that is not over got a function that takes them.
  [[nodiscard]] bool is_behind() const;

 private:
  struct Made {
    PyObject* original;
    PyObject* plain;
    Operation* operation;             ///< that has its own variables; null: they follow. Borrowed from the run's log
    std::vector<PyObject*> contents;  ///< of the original's cells, as far as they were followed; a reference to each
  };
  static bool is_behind(const Made& made);
  static void drop(const Made& made);
  int follow_cells(Run* run, size_t at, bool all);
  std::vector<Made> made_;
};

}  // namespace omega::python
