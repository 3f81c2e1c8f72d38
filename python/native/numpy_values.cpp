// SPDX-License-Identifier: Apache-2.0
#include "python/native/numpy_values.h"

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "python/native/array_expression.h"
#include "python/native/made_once.h"

namespace omega::python {

using graph::DType;
namespace py = pybind11;

namespace {

py::dtype numpy_dtype(DType dtype) {
  const auto& dtypes = made_once([] { return std::array{py::dtype("bool"), py::dtype("int64"), py::dtype("float32"), py::dtype("float64")}; });
  return dtypes[dtype == DType::boolean ? 0 : dtype == DType::int64 ? 1 : dtype == DType::float32 ? 2 : 3];
}

}  // namespace

graph::Value value_of_array(PyObject* array) {
  DType dtype = DType::any;
  std::span<const int64_t> shape;
  array_type(array, dtype, shape);
  const auto* data = reinterpret_cast<const std::byte*>(py::detail::array_proxy(array)->data);
  return graph::Value(std::make_unique<graph::Array>(dtype, shape, data));
}

graph::Value value_of_bits(DType dtype, uint64_t bits) {
  switch (dtype) {
    case DType::float64: {
      double value;
      std::memcpy(&value, &bits, sizeof value);
      return graph::Value(value);
    }
    case DType::float32: {
      float value;
      std::memcpy(&value, &bits, sizeof value);
      return graph::Value(value);
    }
    case DType::boolean: return graph::Value(bits != 0);
    default: return graph::Value(static_cast<int64_t>(bits));
  }
}

graph::Value value_of_scalar(PyObject* object, DType dtype) {
  switch (dtype) {
    case DType::float64: return graph::Value(PyFloat_AsDouble(object));
    case DType::float32: return graph::Value(static_cast<float>(PyFloat_AsDouble(object)));
    case DType::boolean: return graph::Value(PyObject_IsTrue(object) == 1);
    default: {
      const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(object));
      return graph::Value(static_cast<int64_t>(PyLong_AsLongLong(index.ptr())));
    }
  }
}

py::object to_numpy(graph::Value value) {
  auto& api = py::detail::npy_api::get();
  if (!value.is_array()) {
    const py::dtype dtype = numpy_dtype(value.dtype());
    PyObject* const array = api.PyArray_NewFromDescr_(api.PyArray_Type_, dtype.inc_ref().ptr(), 0, nullptr, nullptr, nullptr, 0, nullptr);
    if (array == nullptr) {
      throw py::error_already_set();
    }
    const py::object owner = py::reinterpret_steal<py::object>(array);
    std::memcpy(py::detail::array_proxy(array)->data, value.scalar_bytes(), graph::element_size(value.dtype()));
    return owner[py::tuple()];
  }
  const py::dtype dtype = numpy_dtype(value.dtype());
  auto* const kept = new graph::Value(std::move(value));
  const py::capsule keeper(kept, [](void* memory) { delete static_cast<graph::Value*>(memory); });
  const graph::Array& array = kept->as_array();
  constexpr int kWriteable = py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  PyObject* const result = api.PyArray_NewFromDescr_(api.PyArray_Type_, dtype.inc_ref().ptr(), static_cast<int>(array.shape().size()),
                                                     reinterpret_cast<const Py_intptr_t*>(array.shape().data()), nullptr, array.data(), kWriteable, nullptr);
  if (result == nullptr) {
    throw py::error_already_set();
  }
  api.PyArray_SetBaseObject_(result, keeper.inc_ref().ptr());
  return py::reinterpret_steal<py::object>(result);
}

}  // namespace omega::python
