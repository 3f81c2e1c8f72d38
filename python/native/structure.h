// SPDX-License-Identifier: Apache-2.0
// Tracers inside lists, tuples, dicts and sets. Used with the GIL.
#pragma once

#include <Python.h>

#include <unordered_map>

namespace omega::python {

/// Copies without tracers of what is held more than once: what is the same object stays the same.
class Copies {
 public:
  Copies() = default;
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  ~Copies();
  /// A new reference; null where there is none.
  [[nodiscard]] PyObject* of(PyObject* object) const;
  void note(PyObject* object, PyObject* copy);

 private:
  std::unordered_map<PyObject*, PyObject*> made_;  ///< a reference to each
};

/// `object` without tracers: lists, tuples, dicts and sets that hold some are copied. Null with an exception set.
PyObject* plain_structure(PyObject* object, int depth = 0);
PyObject* plain_structure(PyObject* object, Copies& copies);
/// The same in place, in lists, dicts and sets, also of tuples: for who is going to keep or change them. -1 with an exception set. `puts_objects`: set where
/// one of the values is such that traced code sees it through a tracer elsewhere; or null.
int make_plain_in_place(PyObject* object, Copies& copies, bool* puts_objects = nullptr, int depth = 0);
/// Takes out of a list or dict what operations that failed should have given, and makes the rest plain. No exception is set.
void drop_failed(PyObject* object);
/// Whether a structure holds a tracer.
bool holds_tracer(PyObject* object, int depth = 0);
/// Whether a list, tuple or dict holds a tracer of an operation that is not over.
bool is_pending(PyObject* object, int depth = 0);

}  // namespace omega::python
