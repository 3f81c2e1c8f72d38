// SPDX-License-Identifier: Apache-2.0
// Products of spikes and sparse matrices.
#include <pybind11/pybind11.h>

#include <optional>

#include "omega/compute/kernels/sparse_product.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace py = pybind11;

namespace {

using compute::ElementType;
using compute::EventArray;
using compute::Shape;
using compute::SparseMatrix;
using compute::SpikeArray;

/// A left side, whose terms are listed without the interpreter's lock.
class LeftSide {
 public:
  explicit LeftSide(const py::object& given) {
    if (py::isinstance<SpikeArray>(given)) {
      spikes_ = &given.cast<const SpikeArray&>();
      rows_ = spikes_->rows();
    } else if (py::isinstance<EventArray>(given)) {
      listed_ = &given.cast<const EventArray&>();
      rows_ = listed_->rows();
    } else if (py::isinstance<SparseMatrix>(given)) {
      matrix_ = given.cast<const SparseMatrix&>();
      rows_ = matrix_.rows();
    } else {
      array_ = as_array(given, "left");
      dense_ = view_of(array_, "left");
      rows_ = dense_->shape[0];
    }
  }

  [[nodiscard]] int64_t rows() const { return rows_; }
  void multiply(const compute::ArrayView& right, compute::MutableArrayView outputs, const compute::Execution& execution) {
    if (spikes_ != nullptr && right.rank() == 1) {
      compute::multiply(*spikes_, right, outputs, execution);
    } else {
      compute::multiply(terms(), right, outputs, execution);
    }
  }
  void multiply(const SparseMatrix& right, compute::MutableArrayView outputs, const compute::Execution& execution) {
    if (dense_) {
      compute::multiply(*dense_, right, outputs, execution);
    } else {
      compute::multiply(terms(), right, outputs, execution);
    }
  }

 private:
  /// Valid as long as this is.
  [[nodiscard]] compute::TermRows terms() {
    if (spikes_ != nullptr) {
      events_ = EventArray::from_spikes(*spikes_);
      listed_ = &events_;
    }
    if (listed_ != nullptr) {
      return terms_of(*listed_);
    }
    return terms_of(matrix_);
  }

  const SpikeArray* spikes_ = nullptr;
  const EventArray* listed_ = nullptr;
  EventArray events_;
  SparseMatrix matrix_;
  py::array array_;
  std::optional<compute::ArrayView> dense_;
  int64_t rows_ = 0;
};

py::array product(const py::object& left, const py::object& right) {
  LeftSide rows(left);
  const bool is_sparse = py::isinstance<SparseMatrix>(right);
  const py::array dense = is_sparse ? py::array() : as_array(right, "right");
  const compute::ArrayView view = is_sparse ? compute::ArrayView{} : view_of(dense, "right");
  const SparseMatrix matrix = is_sparse ? right.cast<const SparseMatrix&>() : SparseMatrix();
  const int64_t columns = is_sparse ? matrix.columns() : view.rank() == 2 ? view.shape[1] : 1;
  const ElementType type = is_sparse ? matrix.type() : view.type;
  py::array outputs = new_array(type, is_sparse || view.rank() == 2 ? Shape{rows.rows(), columns} : Shape{rows.rows()});
  const compute::MutableArrayView output = mutable_view_of(outputs, "outputs");
  unlocked(static_cast<double>(rows.rows()) * static_cast<double>(columns + 1) * 100, [&](const task::Cancellation* stop) {
    if (is_sparse) {
      rows.multiply(matrix, output, {.cancellation = stop});
    } else {
      rows.multiply(view, output, {.cancellation = stop});
    }
  });
  return outputs;
}

}  // namespace

void bind_products(py::module_& module) {
  module.def("product", product, py::arg("left"), py::arg("right"),
             "left @ right: spikes, events, a SparseMatrix, or a dense matrix where `right` is a SparseMatrix; the rows of left one behind the other. The "
             "result has the type of `right`, which lies contiguously where it is dense, as `left` has where it is sparse.");
}

}  // namespace omega::python
