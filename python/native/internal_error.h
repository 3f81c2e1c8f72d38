// SPDX-License-Identifier: Apache-2.0
// Failed checks of Omega's own (OMEGA_CHECK) as Python's exceptions.
#pragma once

#include <pybind11/pybind11.h>

namespace omega::python {

/// Adds `InternalError`. From then on a check that fails in a phase of the compiler, or in what binds it, is raised as that: phases are functions from one
/// value to another, so that nothing is left half done, and the tasks that they run on hand exceptions on. A check that fails elsewhere, where threads or
/// memory may be in no good state, ends the process as before, and so does one in the child of a fork.
void bind_internal_errors(pybind11::module_& module);

}  // namespace omega::python
