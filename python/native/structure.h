// SPDX-License-Identifier: Apache-2.0
// Tracers inside lists, tuples, dicts and sets, which may be nested as deeply as memory allows, and hold themselves. Used with the GIL.
#pragma once

#include <Python.h>

#include <unordered_map>

namespace omega::python {

class Lent;
struct Operation;

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

/// Tuples that traced code sees as others, with tracers in them, so that these become the same objects again.
class SeenTuples {
 public:
  SeenTuples() = default;
  SeenTuples(const SeenTuples&) = delete;
  SeenTuples& operator=(const SeenTuples&) = delete;
  ~SeenTuples();
  /// `seen` stands for `original` as long as it is there.
  void note(PyObject* seen, PyObject* original);
  /// The tuple that `seen` stands for, if that has these items; a new reference, or null.
  [[nodiscard]] PyObject* original_of(PyObject* seen, PyObject* items) const;

 private:
  std::unordered_map<const PyObject*, PyObject*> originals_;  ///< by the others' addresses, which tuples that are made later may have; a reference to each
};

/// `object` without tracers: lists, tuples, dicts and sets that hold some are copied. Null with an exception set. `lent`: to which the copied are added; or
/// null.
PyObject* plain_structure(PyObject* object);
PyObject* plain_structure(PyObject* object, Copies& copies, Lent* lent = nullptr);
/// An argument as the operation keeps it until it runs: lists, dicts and sets are copied, since traced code may change them meanwhile; tracers that are pending
/// stay and are waited for, what is there is put in. Null with an exception set. `lent`: as above.
PyObject* prepared(Operation* operation, PyObject* object, Copies& copies, Lent* lent = nullptr);
/// The same as plain_structure() in place, in lists, dicts and sets, also of tuples: for who is going to keep or change them. -1 with an exception set.
/// `puts_objects`: set where one of the values is such that traced code sees it through a tracer elsewhere; or null.
int make_plain_in_place(PyObject* object, Copies& copies, bool* puts_objects = nullptr);
/// Takes out of a list or dict what operations that failed should have given, and makes the rest plain. No exception is set.
void drop_failed(PyObject* object);
/// Whether a structure holds a tracer.
bool holds_tracer(PyObject* object);
/// Whether a structure holds a tracer of an operation that is not over.
bool is_pending(PyObject* object);

}  // namespace omega::python
