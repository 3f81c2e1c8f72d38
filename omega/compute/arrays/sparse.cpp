// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/arrays/sparse.h"

#include <limits>
#include <stdexcept>
#include <string>

#include "omega/compute/arrays/strided.h"

namespace omega::compute {

namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("sparse matrix: " + what); }

void check_extents(int64_t rows, int64_t columns) {
  if (rows < 0 || columns < 0) {
    refuse(std::to_string(rows) + " rows and " + std::to_string(columns) + " columns");
  }
  if (rows > std::numeric_limits<int32_t>::max() || columns > std::numeric_limits<int32_t>::max()) {
    refuse("more rows or columns than 32 bits count: " + std::to_string(rows) + " x " + std::to_string(columns));
  }
}

void check_row(int64_t row, int64_t columns, std::span<const int32_t> numbers) {
  int32_t last = -1;
  for (const int32_t column : numbers) {
    if (column < 0 || column >= columns) {
      refuse("row " + std::to_string(row) + " names column " + std::to_string(column) + " of " + std::to_string(columns));
    }
    if (column <= last) {
      refuse("row " + std::to_string(row) + ": column " + std::to_string(column) + " stands behind column " + std::to_string(last) +
             "; columns ascend, each once");
    }
    last = column;
  }
}

}  // namespace

SparseMatrix::SparseMatrix(int64_t rows, int64_t columns, std::vector<int64_t> first, std::vector<int32_t> column_numbers, Array values)
    : rows_(rows), columns_(columns), values_(std::move(values)) {
  check_extents(rows, columns);
  if (values_.type() != ElementType::float32 && values_.type() != ElementType::float64) {
    refuse("values are " + std::string(name_of(values_.type())) + "; float32 and float64 are supported");
  }
  if (values_.shape().rank() != 1 || values_.shape().count() != static_cast<int64_t>(column_numbers.size())) {
    refuse("values of shape " + values_.shape().describe() + " for " + std::to_string(column_numbers.size()) + " column numbers");
  }
  if (!values_.view().is_contiguous()) {
    values_ = contiguous_copy(values_.view(), values_.type());
  }
  if (first.size() != static_cast<size_t>(rows) + 1 || first.front() != 0 || first.back() != static_cast<int64_t>(column_numbers.size())) {
    refuse("beginnings of rows are " + std::to_string(first.size()) + " numbers" +
           (first.empty() ? "" : " from " + std::to_string(first.front()) + " to " + std::to_string(first.back())) + "; they must be " +
           std::to_string(rows + 1) + ", from 0 to the number of elements, " + std::to_string(column_numbers.size()));
  }
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    if (first[row] > first[row + 1] || first[row + 1] > first.back()) {
      refuse("row " + std::to_string(row) + " begins at " + std::to_string(first[row]) + " and ends at " + std::to_string(first[row + 1]));
    }
    check_row(static_cast<int64_t>(row), columns,
              std::span(column_numbers).subspan(static_cast<size_t>(first[row]), static_cast<size_t>(first[row + 1] - first[row])));
  }
  parts_ = std::make_shared<const Parts>(Parts{std::move(first), std::move(column_numbers)});
}

SparseMatrix SparseMatrix::from_dense(const ArrayView& dense) {
  if (dense.rank() != 2) {
    refuse("made from an array of shape " + dense.shape.describe() + "; it must have 2 dimensions");
  }
  check_extents(dense.shape[0], dense.shape[1]);
  const ElementType type = dense.type == ElementType::float32 ? ElementType::float32 : ElementType::float64;
  const Rows<const std::byte> rows(dense);
  std::vector<int64_t> first{0};
  first.reserve(static_cast<size_t>(rows.count()) + 1);
  std::vector<int32_t> numbers;
  std::vector<double> kept;
  visit_element(dense.type, [&]<class T>(std::type_identity<T>) {
    for (int64_t i = 0; i < rows.count(); ++i) {
      const std::byte* at = rows.columns() > 0 ? rows.row(i) : nullptr;
      for (int64_t k = 0; k < rows.columns(); ++k, at += rows.stride()) {
        const T value = load_element<T>(at);
        if (value != T{0}) {
          numbers.push_back(static_cast<int32_t>(k));
          kept.push_back(static_cast<double>(value));
        }
      }
      first.push_back(static_cast<int64_t>(numbers.size()));
    }
  });
  Array values = contiguous_copy(view_of(kept.data(), {static_cast<int64_t>(kept.size())}), type);
  return {dense.shape[0], dense.shape[1], std::move(first), std::move(numbers), std::move(values)};
}

void SparseMatrix::to_dense(MutableArrayView dense) const {
  if (!(dense.shape == Shape{rows_, columns_})) {
    throw std::invalid_argument("dense: its shape is " + dense.shape.describe() + "; the sparse matrix has " + Shape{rows_, columns_}.describe());
  }
  const Rows<std::byte> rows(dense);
  visit_element(dense.type, [&]<class To>(std::type_identity<To>) {
    visit_element(type(), [&]<class From>(std::type_identity<From>) {
      const From* value = values_.as<From>();
      for (int64_t i = 0; i < rows_ && columns_ > 0; ++i) {
        std::byte* const row = rows.row(i);
        for (int64_t k = 0; k < columns_; ++k) {
          store_element(row + k * rows.stride(), To{0});
        }
        for (int64_t e = first()[static_cast<size_t>(i)]; e < first()[static_cast<size_t>(i) + 1]; ++e) {
          const From element = value[e];
          store_element(row + column_numbers()[static_cast<size_t>(e)] * rows.stride(),
                        dense.type == ElementType::boolean ? static_cast<To>(element != From{0}) : static_cast<To>(element));
        }
      }
    });
  });
}

SparseMatrix SparseMatrix::transposed() const {
  std::vector<int64_t> starts(static_cast<size_t>(columns_) + 1);
  for (const int32_t column : column_numbers()) {
    ++starts[static_cast<size_t>(column) + 1];
  }
  for (size_t i = 1; i < starts.size(); ++i) {
    starts[i] += starts[i - 1];
  }
  std::vector<int32_t> numbers(column_numbers().size());
  Array moved(type(), {count()});
  std::vector<int64_t> next(starts.begin(), starts.end() - 1);
  visit_element(type(), [&]<class T>(std::type_identity<T>) {
    for (int64_t row = 0; row < rows_; ++row) {
      for (int64_t e = first()[static_cast<size_t>(row)]; e < first()[static_cast<size_t>(row) + 1]; ++e) {
        const int64_t at = next[static_cast<size_t>(column_numbers()[static_cast<size_t>(e)])]++;
        numbers[static_cast<size_t>(at)] = static_cast<int32_t>(row);
        moved.as<T>()[at] = values_.as<T>()[e];
      }
    }
  });
  return {columns_, rows_, std::move(starts), std::move(numbers), std::move(moved)};
}

}  // namespace omega::compute
