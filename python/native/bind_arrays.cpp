// SPDX-License-Identifier: Apache-2.0
// What kernels see of an array, and folds over an axis.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>

#include "omega/compute/kernels/instruction_set.h"
#include "omega/compute/kernels/sum.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// Of an array or of packed spikes.
template <class Input>
py::array fold_into_new(compute::Fold fold, const Input& input, compute::ElementType type, std::optional<int> axis, bool keepdims) {
  const compute::Shape& shape = input.shape();
  const compute::Shape folded = compute::fold_shape(shape, axis, keepdims, fold);
  py::array output = new_array(compute::fold_type(fold, type), folded);
  const compute::MutableArrayView view = mutable_view_of(output, "output");
  unlocked(static_cast<double>(shape.count()),
           [&](const task::Cancellation* stop) { compute::fold_axis(fold, input.value(), axis, view, {.cancellation = stop}); });
  return output;
}

struct DenseInput {
  compute::ArrayView view;
  [[nodiscard]] const compute::Shape& shape() const { return view.shape; }
  [[nodiscard]] const compute::ArrayView& value() const { return view; }
};
struct PackedInput {
  const compute::SpikeArray& spikes;
  [[nodiscard]] const compute::Shape& shape() const { return spikes.shape(); }
  [[nodiscard]] const compute::SpikeArray& value() const { return spikes; }
};

py::array fold(compute::Fold kind, py::handle object, std::optional<int> axis, bool keepdims) {
  if (py::isinstance<compute::SpikeArray>(object)) {
    return fold_into_new(kind, PackedInput{object.cast<const compute::SpikeArray&>()}, compute::ElementType::boolean, axis, keepdims);
  }
  const py::array array = as_array(object, "array");
  const DenseInput input{view_of(array, "array")};
  return fold_into_new(kind, input, input.view.type, axis, keepdims);
}

}  // namespace

void bind_arrays(py::module_& module) {
  module.def(
      "instruction_set", [] { return compute::name_of(compute::instruction_set()); }, "The instruction set whose loops run: 'baseline', 'avx2' or 'avx512'.");
  module.def(
      "describe",
      [](py::handle object) {
        const py::array array = as_array(object, "object");
        const compute::ArrayView view = view_of(array, "object");
        return std::string(compute::name_of(view.type)) + view.shape.describe();
      },
      py::arg("object"), "Element type and shape that kernels see, 'float64(3, 4)'.");
  module.def(
      "as_array", [](py::handle object) { return as_array(object, "object"); }, py::arg("object"),
      "NumPy's array of whatever gives one, without a copy where that can be.");
  py::enum_<compute::Fold>(module, "Fold", "How an axis is folded.")
      .value("sum", compute::Fold::sum)
      .value("mean", compute::Fold::mean)
      .value("highest", compute::Fold::highest)
      .value("lowest", compute::Fold::lowest);
  module.def("fold", fold, py::arg("kind"), py::arg("array"), py::arg("axis") = py::none(), py::arg("keepdims") = false,
             "Folds an axis, or all, of an array or of packed spikes.");
}

}  // namespace omega::python
