// SPDX-License-Identifier: Apache-2.0
// What kernels see of an array, and folds over an axis.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "omega/compute/kernels/instruction_set.h"
#include "omega/compute/kernels/spike_values.h"
#include "omega/compute/kernels/sum.h"
#include "omega/graph/exec/buffer.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// Of an array or of packed spikes.
template <class Input>
py::array fold_into_new(compute::Fold fold, const Input& input, compute::ElementType type, const std::optional<std::vector<int>>& numbers, bool keepdims) {
  const compute::Shape& shape = input.shape();
  compute::AxisSet axes = numbers ? compute::AxisSet() : compute::axes_of(shape, std::nullopt);
  for (const int axis : numbers.value_or(std::vector<int>())) {
    axes |= compute::axes_of(shape, axis);
  }
  const compute::Shape folded = compute::folded_shape(shape, axes, keepdims, fold);
  py::array output = new_array(compute::fold_type(fold, type), folded);
  const compute::MutableArrayView view = mutable_view_of(output, "output");
  unlocked(static_cast<double>(shape.count()),
           [&](const task::Cancellation* stop) { compute::fold_axes(fold, input.value(), axes, view, {.cancellation = stop}); });
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

py::array fold(compute::Fold kind, py::handle object, const std::optional<std::vector<int>>& axes, bool keepdims) {
  if (py::isinstance<compute::SpikeArray>(object)) {
    return fold_into_new(kind, PackedInput{object.cast<const compute::SpikeArray&>()}, compute::ElementType::boolean, axes, keepdims);
  }
  const py::array array = as_array(object, "array");
  const DenseInput input{view_of(array, "array")};
  return fold_into_new(kind, input, input.view.type, axes, keepdims);
}

/// New arrays of these shapes in memory that was used before: a fault for each new page takes longer than filling it. Small ones share a buffer, which is free
/// again when none of them is left.
std::vector<compute::Array> reused_arrays(compute::ElementType type, std::span<const compute::ArrayView> shapes) {
  constexpr size_t kBuffer = size_t{1} << 20;
  constexpr size_t kAlignment = 64;
  const auto bytes_of = [&](size_t i) { return (static_cast<size_t>(shapes[i].count()) * compute::size_of(type) + kAlignment - 1) / kAlignment * kAlignment; };
  std::vector<compute::Array> arrays;
  while (arrays.size() < shapes.size()) {
    const size_t first = arrays.size();
    size_t end = first;
    size_t size = 0;
    while (end < shapes.size() && size < kBuffer) {
      size += bytes_of(end++);
    }
    const auto buffer = std::make_shared<graph::Buffer>(size);
    std::byte* at = buffer->data();
    for (size_t i = first; i < end; ++i) {
      arrays.emplace_back(compute::MutableArrayView{at, type, shapes[i].shape, compute::contiguous_strides(type, shapes[i].shape)}, buffer);
      at += bytes_of(i);
    }
  }
  return arrays;
}

py::list put_values(const py::list& batches, const py::array& values) {
  const compute::ArrayView value_view = view_of(values, "values");
  std::vector<py::array> kept;
  std::vector<compute::ArrayView> batch_views;
  double elements = 0;
  for (const py::handle each : batches) {
    kept.push_back(as_array(each, "batches"));
    batch_views.push_back(view_of(kept.back(), "batches"));
    elements += static_cast<double>(batch_views.back().count());
  }
  std::vector<compute::Array> arrays = reused_arrays(value_view.type, batch_views);
  std::vector<compute::MutableArrayView> views;
  views.reserve(arrays.size());
  for (compute::Array& array : arrays) {
    views.push_back(array.mutable_view());
  }
  unlocked(elements, [&](const task::Cancellation* stop) { compute::put_values(batch_views, value_view, views, {.cancellation = stop}); });
  py::list outputs;
  for (compute::Array& array : arrays) {
    outputs.append(to_numpy(std::move(array)));
  }
  return outputs;
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
      "as_array", [](py::handle object, const std::string& argument) { return as_array(object, argument); }, py::arg("object"), py::arg("argument"),
      "NumPy's array of whatever gives one, without a copy where that can be. `argument`: its name, for who is told that it is none.");
  module.def(
      "as_numbers", [](py::handle object, const std::string& argument) { return numbers_of(object, argument); }, py::arg("object"), py::arg("argument"),
      "The same of real numbers of any type, in one that kernels know.");
  py::enum_<compute::Fold>(module, "Fold", "How an axis is folded.")
      .value("sum", compute::Fold::sum)
      .value("mean", compute::Fold::mean)
      .value("highest", compute::Fold::highest)
      .value("lowest", compute::Fold::lowest);
  module.def("fold", fold, py::arg("kind"), py::arg("array"), py::arg("axes") = py::none(), py::arg("keepdims") = false,
             "Folds axes, or all, of an array or of packed spikes.");
  module.def("put_values", put_values, py::arg("batches"), py::arg("values"),
             "For each boolean array, contiguous, an array of its shape: values[1] where it is True, values[0] elsewhere.");
}

}  // namespace omega::python
