// SPDX-License-Identifier: Apache-2.0
// What a call can see and what it may change: found from the objects that it is given and the code that it can run. Used with the GIL.
#pragma once

#include <Python.h>

#include <span>
#include <utility>
#include <vector>

#include "python/native/things.h"

namespace omega::python {

struct Operation;
struct Callee;

/// What a call can see and may change.
struct Reach {
  Things seen;
  Things changed;  ///< all of them seen
  bool sees_all = false;
  bool changes_all = false;
  bool is_first = true;                                       ///< as it was when the operation was put in order, not found again since
  std::vector<const Operation*> awaited;                      ///< not over when this was found: what they give is not looked at yet
  std::vector<std::pair<const void*, PyObject*>> attributes;  ///< objects and attributes of theirs whose values are changed; names are immortal
  std::vector<std::pair<const void*, PyObject*>> assigned;    ///< objects and attributes of theirs that get other values

  [[nodiscard]] bool changes() const { return changes_all || !changed.empty(); }
  /// Whether one of the two changes what the other sees.
  [[nodiscard]] bool conflicts_with(const Reach& other) const;
  /// Whether every call that conflicts with the other one conflicts with this one too.
  [[nodiscard]] bool covers(const Reach& other) const;
  /// Takes in what a call before, which this one waits for, may have put where this one finds it.
  void come_behind(const Reach& other);
};

/// A call to be looked at.
struct SeenCall {
  const Callee* callee;  ///< null: what is called is the result of an operation
  PyObject* function;
  std::span<PyObject* const> arguments;
  PyObject* keywords = nullptr;  ///< a dict, or null

  /// Whether it may change something by code that it runs: what is called may, or what it is given.
  [[nodiscard]] bool is_open() const;
};
/// What the call can see, and what it may change if it is open.
Reach reach_of(const SeenCall& call, bool is_open);
/// What the call can see, also of what is in the attributes of objects of libraries, which are not looked into otherwise.
Reach whole_reach_of(const SeenCall& call);
/// Of an operation that is not over.
Reach reach_of(const Operation* operation);
/// Of looking at an object as a whole, which may run its methods.
Reach reach_of_object(PyObject* object);
/// The builtin `getattr`, of operations that get attributes.
PyObject* getattr_function();
/// Where the memory of an array that is a view lies; the object itself where it is none.
PyObject* memory_owner(PyObject* object);
/// Numbers, texts and other objects that hold nothing that changes.
bool is_atomic(PyObject* object);

}  // namespace omega::python
