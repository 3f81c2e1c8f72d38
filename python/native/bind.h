// SPDX-License-Identifier: Apache-2.0
// The parts of omega._native, one function and one bind_*.cpp each.
#pragma once

#include <pybind11/pybind11.h>

namespace omega::python {

/// Spike arrays, event lists, sparse matrices, and sums over them.
void bind_arrays(pybind11::module_& module);
/// What ParallelProcessor stands on.
void bind_performance(pybind11::module_& module);

/// The compiler: programs, contracts, ParallelCompiler.
void bind_compiler(pybind11::module_& module);
/// What tests call to see interrupts arrive.
void bind_interrupts(pybind11::module_& module);

}  // namespace omega::python
