// SPDX-License-Identifier: Apache-2.0
// What a call finds around it on the thread that makes it: context variables, and how NumPy treats floating-point errors. Used with the GIL.
#pragma once

#include <Python.h>

namespace omega::python {

/// What a thread had around it at a moment, for one call elsewhere.
class Surroundings {
 public:
  Surroundings() = default;
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  ~Surroundings() { drop(); }

  /// Takes a copy of those of this thread. Nothing is taken, and no exception set, where there is no memory.
  void take();
  void drop();

 private:
  friend class Surrounded;
  PyObject* context_ = nullptr;
  PyObject* error_handling_ = nullptr;  ///< as numpy.geterrobj() gives it; null: the usual one, or a part of the context
};

/// Finds NumPy's handling of errors, when this module is imported: what is imported at a first call may wait for another thread, which waits for the call. -1
/// with an exception set.
int find_error_handling();

/// Whether floating-point errors in arrays do more on this thread than to warn: NumPy finds them then, at each operation.
bool handles_array_errors();

/// This thread has the surroundings as long as this lives. What is set meanwhile is gone then. They are for one use.
class Surrounded {
 public:
  explicit Surrounded(const Surroundings& surroundings);
  Surrounded(const Surrounded&) = delete;
  Surrounded& operator=(const Surrounded&) = delete;
  /// An exception that is set stays set.
  ~Surrounded();

 private:
  PyObject* context_ = nullptr;
  PyObject* error_handling_before_ = nullptr;
  bool has_other_error_handling_ = false;
};

}  // namespace omega::python
