// SPDX-License-Identifier: Apache-2.0
#include <pybind11/pybind11.h>

#include "omega/compute/kernels/instruction_set.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"

namespace omega::python {

void bind_arrays(pybind11::module_& module) {
  module.def(
      "instruction_set", [] { return compute::name_of(compute::instruction_set()); }, "The instruction set whose loops run: 'baseline', 'avx2' or 'avx512'.");
  module.def(
      "describe",
      [](pybind11::handle object) {
        const pybind11::array array = as_array(object, "object");
        const compute::ArrayView view = view_of(array, "object");
        return std::string(compute::name_of(view.type)) + view.shape.describe();
      },
      pybind11::arg("object"), "Element type and shape that kernels see, 'float64(3, 4)'.");
}

}  // namespace omega::python
