// SPDX-License-Identifier: Apache-2.0
// NumPy's arrays as views and back, without copies.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <span>
#include <string_view>
#include <vector>

#include "omega/compute/arrays/array.h"

namespace omega::python {

/// A view of what NumPy holds, any strides; valid as long as `array` lives and is not resized. Raises TypeError, naming `argument` and the dtype, for
/// element types that kernels do not know.
compute::ArrayView view_of(const pybind11::array& array, std::string_view argument);
/// The same for writing; raises ValueError when the array is read-only.
compute::MutableArrayView mutable_view_of(pybind11::array& array, std::string_view argument);
/// NumPy's view of an array's memory, which it keeps alive.
pybind11::array to_numpy(compute::Array array);
/// NumPy's view of numbers in the memory of `keeper`, which it keeps alive; read only.
template <class T>
pybind11::array kept_view(std::span<const T> numbers, const pybind11::object& keeper) {
  pybind11::array view(pybind11::dtype::of<T>(), {static_cast<ssize_t>(numbers.size())}, numbers.data(), keeper);
  view.attr("flags").attr("writeable") = false;
  return view;
}
/// An int, or a tuple or list of them. Raises TypeError, or ValueError for a negative one, naming `argument`.
compute::Shape shape_of(pybind11::handle object, std::string_view argument);
/// Integers as contiguous ones of another type, "int32". Raises TypeError naming `argument` for other elements, ValueError for one that the type does not hold.
pybind11::array integers_of(pybind11::handle object, const char* type, std::string_view argument);
/// The same in a vector; `type` is NumPy's name of T.
template <class T>
std::vector<T> integer_vector(pybind11::handle object, const char* type, std::string_view argument) {
  const pybind11::array numbers = integers_of(object, type, argument);
  const T* const first = static_cast<const T*>(numbers.data());
  return {first, first + numbers.size()};
}
/// A new array of NumPy's, not initialised.
pybind11::array new_array(compute::ElementType type, const compute::Shape& shape);
/// Whatever gives an array to NumPy (__array__, the buffer protocol, DLPack, lists), without a copy where that can be; SciPy's sparse matrices made dense.
/// Raises TypeError naming `argument`.
pybind11::array as_array(pybind11::handle object, std::string_view argument);
/// The same of real numbers of any type and byte order: those of a type that kernels do not know as the narrowest known one that holds them, float64 for what
/// is wider. Raises TypeError naming `argument` and the dtype for other elements.
pybind11::array numbers_of(pybind11::handle object, std::string_view argument);

}  // namespace omega::python
