// SPDX-License-Identifier: Apache-2.0
// Elements of any type at any strides, row by row.
#pragma once

#include <cstring>
#include <type_traits>

#include "omega/base/check.h"
#include "omega/compute/arrays/array.h"

namespace omega::compute {

/// Calls `visit(std::type_identity<T>())` with the C++ type of the elements; a boolean is a uint8_t here.
template <class Visit>
decltype(auto) visit_element(ElementType type, Visit&& visit) {
  switch (type) {
    case ElementType::boolean:
    case ElementType::uint8: return visit(std::type_identity<uint8_t>());
    case ElementType::int32: return visit(std::type_identity<int32_t>());
    case ElementType::int64: return visit(std::type_identity<int64_t>());
    case ElementType::float32: return visit(std::type_identity<float>());
    case ElementType::float64: return visit(std::type_identity<double>());
  }
  OMEGA_UNREACHABLE("an element type that does not exist");
}

/// An element wherever it lies, aligned or not.
template <class T>
T load_element(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <class T>
void store_element(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

/// The rows of a view: all its last axes, in the order of the other axes' numbers. A scalar is one row of one element.
template <class Byte>
class Rows {
 public:
  explicit Rows(const BasicArrayView<Byte>& view)
      : view_(view),
        outer_(view.rank() > 0 ? view.rank() - 1 : 0),
        columns_(view.rank() > 0 ? view.shape[outer_] : 1),
        stride_(view.rank() > 0 ? view.strides[outer_] : 0) {
    for (size_t i = 0; i < outer_; ++i) {
      count_ *= view.shape[i];
    }
  }

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] int64_t columns() const { return columns_; }
  /// Bytes from one element of a row to the next.
  [[nodiscard]] int64_t stride() const { return stride_; }
  /// First element of row `i`.
  [[nodiscard]] Byte* row(int64_t i) const {
    Byte* at = view_.data;
    for (size_t axis = outer_; axis-- > 0;) {
      at += i % view_.shape[axis] * view_.strides[axis];
      i /= view_.shape[axis];
    }
    return at;
  }

 private:
  const BasicArrayView<Byte>& view_;
  size_t outer_;
  int64_t count_ = 1;
  int64_t columns_;
  int64_t stride_;
};

}  // namespace omega::compute
