// SPDX-License-Identifier: Apache-2.0
// NumPy's arrays and numbers as values of graphs, and back. Used with the GIL.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>

#include "omega/graph/exec/value.h"

namespace omega::python {

/// The memory of an array that steps can work on, which must live as long as the value.
graph::Value value_of_array(PyObject* array);
/// The number in a scalar object of NumPy's of that type. A Python exception is set where it has none.
graph::Value value_of_scalar(PyObject* object, graph::DType dtype);
/// A number of that type by its bytes in memory.
graph::Value value_of_bits(graph::DType dtype, uint64_t bits);
/// NumPy's array of the value's memory, which it keeps; a scalar of NumPy's for a number. Throws error_already_set.
pybind11::object to_numpy(graph::Value value);

}  // namespace omega::python
