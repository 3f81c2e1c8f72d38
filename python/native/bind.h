// SPDX-License-Identifier: Apache-2.0
// The parts of omega._native, one function and one bind_*.cpp each.
#pragma once

#include <pybind11/pybind11.h>

namespace omega::python {

/// What kernels see of an array, and folds over an axis.
void bind_arrays(pybind11::module_& module);
/// What ParallelProcessor stands on.
void bind_performance(pybind11::module_& module);
/// Spikes: packed to bits, and as lists of events.
void bind_spikes(pybind11::module_& module);
/// Sparse matrices.
void bind_sparse(pybind11::module_& module);
/// Products of spikes and sparse matrices.
void bind_products(pybind11::module_& module);

/// The compiler: programs, contracts, ParallelCompiler.
void bind_compiler(pybind11::module_& module);
/// Tracers, traced functions and their graphs.
void bind_xcs(pybind11::module_& module);
/// What tests call to see interrupts arrive.
void bind_interrupts(pybind11::module_& module);

/// Encoders, liquids, ridge readouts.
void bind_spiking(pybind11::module_& module);

/// Echo state networks, tasks, features of reasoning cores.
void bind_reservoir(pybind11::module_& module);

}  // namespace omega::python
