// SPDX-License-Identifier: Apache-2.0
// Copies of lists, tuples, dicts and sets in which other objects stand for tracers. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "python/native/structure.h"

namespace omega::python {

/// A tuple of the class of another with these items, and with its attributes, if it has any. Null with an exception set.
PyObject* tuple_as(PyObject* original, PyObject* items);

/// Whether something else stands for the object outside of traced code: it is a tracer, goes over one, or is a function or a generator that sees some.
bool is_replaced(PyObject* object);

/// Says what gives what a generator of traced code gives, without tracers, and what an iterator or view of the interpreter's over its containers does.
void set_plain_generator(PyObject* function, PyObject* of_iterators);

/// The containers at and below an object that hold tracers, themselves or through others.
class Holders {
 public:
  /// `goes_into`: which containers are looked into.
  void find(PyObject* root, bool (*goes_into)(PyObject*));
  [[nodiscard]] bool has(PyObject* container) const { return holders_.contains(container); }

 private:
  std::unordered_set<PyObject*> holders_;
};

/// Copies one structure. Lists, dicts and sets are made empty and filled later, so that they may hold themselves and are no deeper on the stack; tuples and
/// frozen sets are complete when they are made, since they may be keys.
class StructureCopy {
 public:
  /// Which containers are copied, but for tuples and frozen sets without anything that is.
  enum class Which : uint8_t {
    holding,    ///< those that hold tracers
    immutable,  ///< of these the tuples and frozen sets; others stay in them as they are
    all,        ///< lists, dicts and sets
  };

  /// `copies`: what was copied before, and what this one copies that others may have too. `operation`: for which copies are made, if they are: what is pending
  /// stays, and it waits for that. `lent`: to which lists, dicts and sets that are copied are added; or null.
  StructureCopy(Which which, Copies& copies, Operation* operation = nullptr, Lent* lent = nullptr)
      : which_(which), copies_(copies), operation_(operation), lent_(lent) {}
  StructureCopy(const StructureCopy&) = delete;
  StructureCopy& operator=(const StructureCopy&) = delete;
  ~StructureCopy();
  /// A new reference; null with an exception set.
  PyObject* of(PyObject* object);
  /// Whether a value was put in that traced code sees through a tracer elsewhere.
  [[nodiscard]] bool puts_objects() const { return puts_objects_; }

 private:
  /// A tuple or frozen set whose items are being copied.
  struct Unfinished {
    PyObject* original;
    PyObject* items;   ///< a tuple of them, one reference
    PyObject* copied;  ///< a tuple that they come into, one reference
    Py_ssize_t next = 0;
    bool is_same = true;
  };

  PyObject* stands_for(PyObject* tracer);
  [[nodiscard]] bool is_copied(PyObject* object) const;
  PyObject* item(PyObject* object);
  PyObject* function(PyObject* object);
  PyObject* generator(PyObject* object);
  PyObject* iterator(PyObject* object);
  PyObject* to_be_filled(PyObject* object);
  PyObject* immutable(PyObject* object);
  int begin(PyObject* object, std::vector<Unfinished>& unfinished);
  PyObject* finish(const Unfinished& whole);
  void note(PyObject* object, PyObject* copy);
  int fill(PyObject* object, PyObject* copy);
  int fill_list(PyObject* object, PyObject* copy);
  int fill_dict(PyObject* object, PyObject* copy);
  int fill_set(PyObject* object, PyObject* copy);

  Which which_;
  Copies& copies_;
  Operation* operation_;
  Lent* lent_;
  PyObject* root_ = nullptr;
  Holders holders_;
  bool puts_objects_ = false;
  std::vector<std::pair<PyObject*, PyObject*>> empty_;  ///< originals and what will be their copies, a reference to each
};

}  // namespace omega::python
