// SPDX-License-Identifier: Apache-2.0
// What a call can see and what it may change: found from the objects that it is given and the code that it can run. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace omega::python {

struct Operation;
struct Callee;

/// Things by their address: objects, and operations for what they will give. Nothing is kept alive: the address of what is gone is at worst taken for
/// another's.
class Things {
 public:
  /// Adds a thing; whether it is new.
  bool add(const void* thing);
  void add_all(const Things& others);
  [[nodiscard]] bool has(const void* thing) const;
  [[nodiscard]] bool meets(const Things& others) const;
  [[nodiscard]] bool has_all(const Things& others) const;
  [[nodiscard]] bool empty() const { return things_.empty(); }
  [[nodiscard]] size_t size() const { return things_.size(); }
  [[nodiscard]] auto begin() const { return things_.begin(); }
  [[nodiscard]] auto end() const { return things_.end(); }

 private:
  void grow();
  std::vector<const void*> things_;
  std::vector<uint32_t> table_;  ///< numbers of things, from 1, by their hash; a power of two long
  uint64_t mask_ = 0;            ///< a bit for each thing's hash
};

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
  bool is_open = true;           ///< it may change something
};
Reach reach_of(const SeenCall& call);
/// Of an operation that is not over.
Reach reach_of(const Operation* operation);
/// Of looking at an object as a whole, which may run its methods.
Reach reach_of_object(PyObject* object);
/// Of getting an attribute that is a property.
Reach reach_of_attribute(PyObject* object, PyObject* name);
/// Where the memory of an array that is a view lies; the object itself where it is none.
PyObject* memory_owner(PyObject* object);
/// Whether the object is an iterator, or of a class of the program.
bool has_code_of_its_own(PyObject* object);

}  // namespace omega::python
