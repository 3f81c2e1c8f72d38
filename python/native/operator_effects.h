// SPDX-License-Identifier: Apache-2.0
// Whether operators on objects run code that changes something: special methods and properties of the program's classes. Found once for a type or a large
// container in a run, as long as nothing changes in it. Used with the GIL.
#pragma once

#include <Python.h>

#include <unordered_map>
#include <vector>

#include "python/native/things.h"

namespace omega::python {

struct Operation;

/// What a run has found of types and objects, as long as none of its operations changes anything.
class OperatorEffects {
 public:
  OperatorEffects() = default;
  OperatorEffects(const OperatorEffects&) = delete;
  OperatorEffects& operator=(const OperatorEffects&) = delete;
  ~OperatorEffects() { forget(); }

  /// Whether special methods or properties of the class change something.
  bool has_changing_methods(PyTypeObject* type);
  [[nodiscard]] bool is_harmless(PyObject* object) const { return harmless_.has(object); }
  /// Notes an object that holds many others of which no operator changes anything.
  void note_harmless(PyObject* object);
  /// Something changes: what was found may not hold any more.
  void forget();

 private:
  void forget_harmless();

  std::unordered_map<PyTypeObject*, bool> types_;  ///< with a reference each
  std::vector<PyTypeObject*> asked_;               ///< those that are being looked into, each from within the one before; borrowed
  Things harmless_;
  std::vector<PyObject*> kept_;  ///< of these one reference each, so that no other gets its address
};

/// Whether an operator on the object, or looking at it, may run code that changes something: it is an iterator, its class or that of something that it holds
/// has such special methods or properties, or it is the result of an operation that may give such an object.
/// `is_lasting`: traced code does not change it but by operations, as it does lists of its own.
bool has_changing_operators(PyObject* object, bool is_lasting = false);
/// The same, or it holds functions or classes: what is made of it may be of theirs. For objects that last.
bool may_give_changing_operators(PyObject* object);
/// Whether that holds of what an operation will give.
bool gives_changing_operators(Operation* operation);

}  // namespace omega::python
