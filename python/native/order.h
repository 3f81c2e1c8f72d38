// SPDX-License-Identifier: Apache-2.0
// The order that effects ask for: an operation comes behind those before it that change what it sees or see what it changes, and traced code that looks at
// something behind those that change it. Used with the GIL.
#pragma once

#include <Python.h>

#include <memory>
#include <span>
#include <vector>

#include "python/native/traced_run.h"

namespace omega::python {

/// Where a call stands among the operations that are not over.
struct Order {
  std::unique_ptr<Reach> reach;    ///< of the call; null where nobody had to know it
  std::vector<Operation*> behind;  ///< what it waits for; borrowed from the log
};
Order order_of(Run* run, const SeenCall& call, bool is_open);
/// Notes an operation that has begun to wait or run, with what was found for it.
void take_place(Run* run, Operation* operation, Order&& order);
/// Whether an operation that is not over may change something.
bool is_something_changing(Run* run);

/// Everything before has ended well and nothing waits to be computed: memory may be changed. `settle` waits until it is so; -1 with an exception set.
bool is_settled(const Run* run);
int settle(Run* run);

/// How much of an object is looked at.
enum class Looking : uint8_t {
  itself,  ///< its own elements or attributes, not what these hold
  whole    ///< whatever its methods may look at
};
/// What the object stands for, as `plain`, when all that changes it has ended. A new reference; null with an exception set.
PyObject* looked_at(PyObject* object, Looking looking);
/// Waits for what changes the value, which is no tracer. -1 with an exception set.
int wait_for_changes(PyObject* value, Looking looking);
/// Waits for what changes arrays that become operands of expressions: what changes them later has these computed first. -1 with an exception set.
int wait_for_arrays(std::span<PyObject* const> operands);
/// Whether getting an attribute of the object runs code of the program: it is a property, or `__getattr__` is asked.
bool runs_code_for(PyObject* object, PyObject* name);
/// Waits for what changes what an attribute of the object gives, which runs no code. -1 with an exception set.
int wait_for_attribute(PyObject* object, PyObject* name);

}  // namespace omega::python
