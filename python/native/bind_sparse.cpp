// SPDX-License-Identifier: Apache-2.0
// Sparse matrices.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <utility>
#include <vector>

#include "omega/compute/arrays/sparse.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace py = pybind11;

namespace {

using compute::SparseMatrix;

/// The kept elements, in the memory of the matrix.
py::array data_of(const py::object& self) {
  const compute::ArrayView values = self.cast<const SparseMatrix&>().values();
  if (values.type == compute::ElementType::float32) {
    return kept_view(std::span(values.as<float>(), static_cast<size_t>(values.count())), self);
  }
  return kept_view(std::span(values.as<double>(), static_cast<size_t>(values.count())), self);
}

SparseMatrix from_dense(py::handle object) {
  const py::array array = numbers_of(object, "dense");
  const compute::ArrayView view = view_of(array, "dense");
  return unlocked(static_cast<double>(view.count()), [&](const task::Cancellation*) { return SparseMatrix::from_dense(view); });
}

/// Elements of a matrix in an array that outlives theirs; integers become float64.
compute::Array copied(py::array array) {
  if (array.dtype().kind() != 'f') {
    array = array.attr("astype")("float64");
  }
  const compute::ArrayView view = view_of(array, "data");
  compute::Array copy(view.type, view.shape);
  py::array target = to_numpy(copy);
  py::module_::import("numpy").attr("copyto")(target, array);
  return copy;
}

/// Compressed rows, or whatever has them (SciPy's matrices), or a dense matrix.
SparseMatrix matrix_of(const py::object& shape, const py::object& indptr, const py::object& indices, const py::object& data) {
  if (indptr.is_none() && indices.is_none() && data.is_none()) {
    if (py::isinstance<SparseMatrix>(shape)) {
      return shape.cast<SparseMatrix>();
    }
    const bool has_rows = py::hasattr(shape, "tocsr") || py::hasattr(shape, "indptr");
    return has_rows ? py::type::of<SparseMatrix>().attr("from_scipy")(shape).cast<SparseMatrix>() : from_dense(shape);
  }
  for (const auto& [part, name] : {std::pair(indptr, "indptr"), {indices, "indices"}, {data, "data"}}) {
    if (part.is_none()) {
      throw py::type_error("SparseMatrix: `" + std::string(name) + "` is missing; it takes a matrix, or shape, indptr, indices and data");
    }
  }
  const compute::Shape extents = shape_of(shape, "shape");
  if (extents.rank() != 2) {
    throw py::value_error("shape = " + py::repr(shape).cast<std::string>() + ": it must be (rows, columns)");
  }
  return {extents[0], extents[1], integer_vector<int64_t>(indptr, "int64", "indptr"), integer_vector<int32_t>(indices, "int32", "indices"),
          copied(numbers_of(data, "data"))};
}

py::array to_dense(const SparseMatrix& matrix, const py::object& dtype) {
  py::array dense = new_array(matrix.type(), compute::Shape{matrix.rows(), matrix.columns()});
  const compute::MutableArrayView view = mutable_view_of(dense, "dense");
  unlocked(static_cast<double>(view.count()), [&](const task::Cancellation*) { matrix.to_dense(view); });
  return dtype.is_none() ? dense : py::array(dense.attr("astype")(dtype));
}

}  // namespace

void bind_sparse(py::module_& module) {
  py::class_<SparseMatrix>(module, "SparseMatrix",
                           "A matrix of float32 or float64 in compressed rows: row r holds data[indptr[r]:indptr[r + 1]] in columns indices[…]. Immutable.\n\n"
                           "Parameters\n----------\nshape : tuple of int, or a matrix\n    A dense one, one of SciPy's, or another SparseMatrix: alone, "
                           "without the others.\nindptr : array_like of int64, shape (rows + 1,)\nindices : array_like of int32\n"
                           "    Ascending in each row.\ndata : array_like\n    float32 or float64; other real numbers become float64.")
      .def(py::init(&matrix_of), py::arg("shape"), py::arg("indptr") = py::none(), py::arg("indices") = py::none(), py::arg("data") = py::none())
      .def_static("from_dense", from_dense, py::arg("dense"), "What is not 0 in an array of two axes; integers become float64.")
      .def_property_readonly("shape", [](const SparseMatrix& matrix) { return py::make_tuple(matrix.rows(), matrix.columns()); })
      .def_property_readonly("nnz", &SparseMatrix::count, "Elements kept.")
      .def_property_readonly("dtype", [](const SparseMatrix& matrix) { return py::dtype(std::string(compute::name_of(matrix.type()))); })
      .def_property_readonly(
          "indptr", [](const py::object& self) { return kept_view(self.cast<const SparseMatrix&>().first(), self); }, "int64 of shape (rows + 1,), read only.")
      .def_property_readonly(
          "indices", [](const py::object& self) { return kept_view(self.cast<const SparseMatrix&>().column_numbers(), self); },
          "int32 of shape (nnz,), read only.")
      .def_property_readonly("data", data_of, "The elements, of shape (nnz,), read only.")
      .def_property_readonly("T", &SparseMatrix::transposed, "The transposed matrix.")
      .def("to_dense", to_dense, py::arg("dtype") = py::none(), "A new array.")
      .def("__reduce__", [](const py::object& self) {
        const auto copy = [&self](const char* name) { return self.attr(name).attr("copy")(); };
        return py::make_tuple(py::type::of(self), py::make_tuple(self.attr("shape"), copy("indptr"), copy("indices"), copy("data")));
      });
}

}  // namespace omega::python
