// SPDX-License-Identifier: Apache-2.0
#include "python/native/array_conversion.h"

#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "python/native/made_once.h"

namespace omega::python {
namespace py = pybind11;

namespace {

std::optional<compute::ElementType> element_type(const py::dtype& dtype) {
  using compute::ElementType;
  const ssize_t size = dtype.itemsize();
  switch (dtype.kind()) {
    case 'b': return ElementType::boolean;
    case 'u': return size == 1 ? std::optional(ElementType::uint8) : std::nullopt;
    case 'i': return size == 4 ? std::optional(ElementType::int32) : size == 8 ? std::optional(ElementType::int64) : std::nullopt;
    case 'f': return size == 4 ? std::optional(ElementType::float32) : size == 8 ? std::optional(ElementType::float64) : std::nullopt;
    default: return std::nullopt;
  }
}

/// NumPy's mark of elements in the other byte order; '=' and '|' are those of this machine and of none.
constexpr char kForeignOrder = std::endian::native == std::endian::little ? '>' : '<';

bool is_known(const py::dtype& dtype) { return element_type(dtype) && py::detail::array_descriptor_proxy(dtype.ptr())->byteorder != kForeignOrder; }

/// Of real numbers in any byte order: the narrowest type that kernels know and that holds them, float64 where none does.
const char* known_type_for(char kind, ssize_t size) {
  switch (kind) {
    case 'f': return size <= 4 ? "float32" : "float64";
    case 'i': return size <= 4 ? "int32" : "int64";
    case 'u': return size <= 2 ? "int32" : size == 4 ? "int64" : "float64";
    default: return nullptr;
  }
}

template <class View, class Pointer>
View make_view(const py::array& array, Pointer data, std::string_view argument) {
  if (!is_known(array.dtype())) {
    throw py::type_error(std::string(argument) + ": elements of dtype " + py::str(array.dtype()).cast<std::string>() +
                         " are not supported; use bool, uint8, int32, int64, float32 or float64");
  }
  if (array.ndim() > static_cast<ssize_t>(compute::kMaxRank)) {
    throw py::value_error(std::string(argument) + ": " + std::to_string(array.ndim()) + " dimensions; at most 8 are supported");
  }
  View view;
  view.data = data;
  view.type = *element_type(array.dtype());
  std::vector<int64_t> extents(array.shape(), array.shape() + array.ndim());
  view.shape = compute::Shape(extents);
  for (ssize_t i = 0; i < array.ndim(); ++i) {
    view.strides[static_cast<size_t>(i)] = array.strides(i);
  }
  return view;
}

/// Made once: NumPy takes long to read a name.
const py::dtype& dtype_of(compute::ElementType type) {
  const auto& types = made_once([] {
    return std::array<py::dtype, compute::kElementTypeCount>{py::dtype("bool"),  py::dtype("uint8"),   py::dtype("int32"),
                                                             py::dtype("int64"), py::dtype("float32"), py::dtype("float64")};
  });
  return types[static_cast<size_t>(type)];
}

}  // namespace

compute::ArrayView view_of(const py::array& array, std::string_view argument) {
  return make_view<compute::ArrayView>(array, static_cast<const std::byte*>(array.data()), argument);
}

compute::MutableArrayView mutable_view_of(py::array& array, std::string_view argument) {
  if (!array.writeable()) {
    throw py::value_error(std::string(argument) + ": the array is read-only");
  }
  return make_view<compute::MutableArrayView>(array, static_cast<std::byte*>(array.mutable_data()), argument);
}

py::array to_numpy(compute::Array array) {
  const auto view = array.mutable_view();
  const auto extents = view.shape.extents();
  auto* const owner = new std::shared_ptr<void>(array.owner());
  const py::capsule keeper(owner, [](void* kept) { delete static_cast<std::shared_ptr<void>*>(kept); });
  return py::array(dtype_of(view.type), std::vector<ssize_t>(extents.begin(), extents.end()),
                   std::vector<ssize_t>(view.strides.begin(), view.strides.begin() + static_cast<ptrdiff_t>(extents.size())), view.data, keeper);
}

compute::Shape shape_of(py::handle object, std::string_view argument) {
  const auto refuse = [&](const char* what) { return std::string(argument) + " = " + py::repr(object).cast<std::string>() + ": " + what; };
  const bool is_several = PySequence_Check(object.ptr()) != 0 && !py::isinstance<py::str>(object) && !py::isinstance<py::bytes>(object);
  const py::tuple given = is_several ? py::tuple(py::reinterpret_borrow<py::object>(object)) : py::make_tuple(object);
  std::vector<int64_t> extents;
  for (const py::handle each : given) {
    // Beyond what the type holds: the nearest that it does, which no array has.
    const Py_ssize_t extent =
        PyIndex_Check(each.ptr()) != 0 ? PyNumber_AsSsize_t(each.ptr(), nullptr) : throw py::type_error(refuse("it must be an int or a tuple of ints"));
    if (extent < 0) {
      if (PyErr_Occurred() != nullptr) {
        throw py::error_already_set();
      }
      throw py::value_error(refuse("extents must not be negative"));
    }
    extents.push_back(extent);
  }
  return compute::Shape(extents);
}

py::array integers_of(py::handle object, const char* type, std::string_view argument) {
  const py::array given = as_array(object, argument);
  const py::dtype wanted(type);
  if (given.size() == 0) {  // an empty list is one of float64
    return given.attr("astype")(wanted);
  }
  const char kind = given.dtype().kind();
  if (kind != 'i' && kind != 'u') {
    throw py::type_error(std::string(argument) + ": elements of dtype " + py::str(given.dtype()).cast<std::string>() + "; they must be integers");
  }
  py::array converted = py::module_::import("numpy").attr("ascontiguousarray")(given, wanted);
  if (!py::module_::import("numpy").attr("array_equal")(given, converted).cast<bool>()) {
    throw py::value_error(std::string(argument) + ": an element is not within " + type);
  }
  return converted;
}

py::array new_array(compute::ElementType type, const compute::Shape& shape) {
  const auto extents = shape.extents();
  return py::array(dtype_of(type), std::vector<ssize_t>(extents.begin(), extents.end()));
}

py::array as_array(py::handle object, std::string_view argument) {
  if (py::isinstance<py::array>(object)) {
    return py::reinterpret_borrow<py::array>(object);
  }
  if (py::hasattr(object, "__dlpack__") && !py::hasattr(object, "__array__") && PyObject_CheckBuffer(object.ptr()) == 0) {
    return py::module_::import("numpy").attr("from_dlpack")(object);
  }
  py::object converted = py::reinterpret_steal<py::object>(
      py::detail::npy_api::get().PyArray_FromAny_(object.ptr(), nullptr, 0, 0, py::detail::npy_api::NPY_ARRAY_ENSUREARRAY_, nullptr));
  if (converted && py::array(converted).ndim() == 0 && py::array(converted).dtype().kind() == 'O') {  // an object that NumPy does not look into
    converted = py::hasattr(object, "toarray") ? py::object(object.attr("toarray")()) : py::object();
  }
  if (!converted) {
    PyErr_Clear();
    throw py::type_error(std::string(argument) + ": not an array, and nothing that NumPy makes one of: " + py::repr(object).cast<std::string>());
  }
  return converted;
}

py::array numbers_of(py::handle object, std::string_view argument) {
  py::array array = as_array(object, argument);
  const py::dtype dtype = array.dtype();
  if (is_known(dtype)) {
    return array;
  }
  const char* const type = known_type_for(dtype.kind(), dtype.itemsize());
  if (type == nullptr) {
    throw py::type_error(std::string(argument) + ": elements of dtype " + py::str(array.dtype()).cast<std::string>() + "; they must be real numbers");
  }
  return array.attr("astype")(type);
}

}  // namespace omega::python
