// SPDX-License-Identifier: Apache-2.0
// omega._native: what the Python package calls.
#include <pybind11/pybind11.h>

#include "omega/compile/element_code.h"
#include "python/native/bind.h"
#include "python/native/internal_error.h"
#include "python/native/interrupts.h"

PYBIND11_MODULE(_native, module) {
  module.doc() = "The C++ side of the package omega. Use the package's own modules; names here may change.";
  omega::compile::use_native_element_code();
  omega::python::register_exceptions();
  omega::python::bind_internal_errors(module);
  omega::python::bind_spikes(module);
  omega::python::bind_sparse(module);
  omega::python::bind_arrays(module);
  omega::python::bind_compiler(module);
  omega::python::bind_interrupts(module);
  omega::python::bind_performance(module);
  omega::python::bind_spiking(module);
  omega::python::bind_reservoir(module);
  omega::python::bind_xcs(module);
}
