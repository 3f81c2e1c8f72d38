// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/sparse_product.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/instruction_choice.h"
#include "omega/compute/kernels/sparse_product_loops.h"

namespace omega::compute {
namespace {

/// Multiplications that are not worth a second thread: some 10 us.
constexpr int64_t kSmall = 100'000;

template <class T>
const SparseProductLoops<T>& loops() {
  return loops_of(&kSparseProductsBaseline, &kSparseProductsAvx2, &kSparseProductsAvx512).of<T>();
}

template <class T>
Terms<T> terms_of_row(const TermRows& rows, int64_t row) {
  const int64_t begin = rows.first[static_cast<size_t>(row)];
  const T* const factors = rows.is_ones ? nullptr : reinterpret_cast<const T*>(rows.factors.data) + begin;
  return {rows.columns.data() + begin, factors, rows.first[static_cast<size_t>(row) + 1] - begin};
}

std::span<const int32_t> columns_of_row(const TermRows& rows, int64_t row) {
  const auto begin = static_cast<size_t>(rows.first[static_cast<size_t>(row)]);
  return rows.columns.subspan(begin, static_cast<size_t>(rows.first[static_cast<size_t>(row) + 1]) - begin);
}

bool has_term(const TermRows& rows, int64_t row, int32_t column) {
  const auto begin = rows.columns.begin();
  return std::binary_search(begin + rows.first[static_cast<size_t>(row)], begin + rows.first[static_cast<size_t>(row) + 1], column);
}

void run_sized(const Execution& execution, int64_t multiplications, int64_t pieces, const auto& body) {
  if (multiplications <= kSmall) {
    body(0, pieces);
  } else {
    run_pieces(execution, pieces, body);
  }
}

template <class T>
bool all_finite(const T* numbers, int64_t count, const Execution& execution) {
  constexpr int64_t kPiece = 8192;
  std::atomic<bool> finite{true};
  run_sized(execution, count, (count + kPiece - 1) / kPiece, [&](int64_t begin, int64_t end) {
    if (!loops<T>().all_finite(numbers + begin * kPiece, std::min(end * kPiece, count) - begin * kPiece)) {
      finite.store(false, std::memory_order_relaxed);
    }
  });
  return finite.load(std::memory_order_relaxed);
}

/// Rows of the dense right side in which something is infinite or NaN.
template <class T>
std::vector<int32_t> unusual_rows(const T* right, int64_t rows, int64_t columns, const Execution& execution) {
  if (all_finite(right, rows * columns, execution)) {
    return {};
  }
  std::vector<uint8_t> is_unusual(static_cast<size_t>(rows));
  const auto look = [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      is_unusual[static_cast<size_t>(k)] = loops<T>().all_finite(right + k * columns, columns) ? 0 : 1;
    }
  };
  run_sized(execution, rows * columns, rows, look);
  std::vector<int32_t> found;
  for (int64_t k = 0; k < rows; ++k) {
    if (is_unusual[static_cast<size_t>(k)] != 0) {
      found.push_back(static_cast<int32_t>(k));
    }
  }
  return found;
}

/// What is infinite or NaN in the right side, `inner` x `columns`, times what the left side, of so many rows, does not keep is no number; `keeps(row, k)`.
template <class T>
void put_zero_products(int64_t rows, const auto& keeps, const T* right, int64_t inner, int64_t columns, T* outputs, const Execution& execution) {
  const std::vector<int32_t> unusual = unusual_rows(right, inner, columns, execution);
  if (unusual.empty()) {
    return;
  }
  run_pieces(execution, rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      for (const int32_t k : unusual) {
        if (keeps(r, k)) {
          continue;
        }
        for (int64_t n = 0; n < columns; ++n) {
          outputs[r * columns + n] += T{0} * right[k * columns + n];
        }
      }
    }
  });
}

/// A piece of work is some rows and some columns, of which the right side's stay in a cache while the rows pass.
template <class T>
void multiply_dense(const TermRows& left, const T* right, int64_t columns, T* outputs, const Execution& execution) {
  constexpr int64_t kColumns = 64;
  constexpr int64_t kRows = 32;
  const int64_t row_blocks = (left.rows() + kRows - 1) / kRows;
  const int64_t column_blocks = (columns + kColumns - 1) / kColumns;
  const auto body = [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t first = piece / row_blocks * kColumns;
      const int64_t row = piece % row_blocks * kRows;
      for (int64_t r = row; r < std::min(row + kRows, left.rows()); ++r) {
        if (columns == 1) {
          outputs[r] = loops<T>().dot(terms_of_row<T>(left, r), right);
        } else {
          loops<T>().add_rows(terms_of_row<T>(left, r), right + first, columns, outputs + r * columns + first, std::min(kColumns, columns - first));
        }
      }
    }
  };
  const auto terms = static_cast<int64_t>(left.columns.size());
  run_sized(execution, terms * columns, row_blocks * column_blocks, body);
  if constexpr (std::is_floating_point_v<T>) {
    const auto keeps = [&](int64_t row, int32_t k) { return has_term(left, row, k); };
    put_zero_products(left.rows(), keeps, right, left.inner, columns, outputs, execution);
  }
}

template <class T>
void multiply_bits(const SpikeArray& spikes, const T* vector, T* outputs, const Execution& execution) {
  run_sized(execution, spikes.rows() * spikes.columns() / 8, spikes.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      outputs[r] = loops<T>().dot_bits(spikes.row(r), spikes.columns(), vector);
    }
  });
  if constexpr (std::is_floating_point_v<T>) {
    const auto keeps = [&](int64_t row, int32_t k) { return (spikes.row(row)[k / 64] >> (k % 64) & 1) != 0; };
    put_zero_products(spikes.rows(), keeps, vector, spikes.columns(), 1, outputs, execution);
  }
}

/// Calls `missing(n)` for each of `columns` columns that a sorted list lacks.
void visit_missing(std::span<const int32_t> kept, int64_t columns, const auto& missing) {
  size_t at = 0;
  for (int32_t n = 0; n < columns; ++n) {
    if (at < kept.size() && kept[at] == n) {
      ++at;
    } else {
      missing(n);
    }
  }
}

/// Some rows of a dense left side times some columns of a matrix. Rows side by side are a vector for each of the matrix's elements; sums are added up in a
/// block that stays in a cache.
template <class T>
class DensePiece {
 public:
  /// Rows that are taken together.
  static constexpr int64_t kWidth = 128 / sizeof(T);

  DensePiece(const TermRows& matrix, int64_t columns, ColumnRange range) : matrix_(matrix), columns_(columns), range_(range) {
    at_.reserve(static_cast<size_t>(matrix.rows()));
    for (int64_t k = 0; k < matrix.rows(); ++k) {
      const auto row = columns_of_row(matrix, k);
      at_.push_back(matrix.first[static_cast<size_t>(k)] + (std::lower_bound(row.begin(), row.end(), range.begin) - row.begin()));
    }
    // A block's columns should have some elements in each row, for whose sake the row is looked at.
    constexpr int64_t kTermsOfRow = 8;
    constexpr int64_t kFewest = 128;
    block_ = std::max<int64_t>(kFewest, kTermsOfRow * columns * matrix.rows() / std::max<int64_t>(1, static_cast<int64_t>(matrix.columns.size())));
  }

  /// Writes the range's columns of `rows` rows, at most kWidth of them; left: their first, outputs: theirs.
  void multiply(const T* left, int64_t rows, T* outputs) {
    const int64_t width = rows <= kWidth / 2 ? kWidth / 2 : kWidth;
    const Array factors = side_by_side(left, rows, width);
    const MatrixRows<T> matrix{matrix_.first.data(), matrix_.columns.data(), reinterpret_cast<const T*>(matrix_.factors.data)};
    Array sums(element_type_of<T>(), {std::min(block_, range_.end - range_.begin), width});
    for (int64_t begin = range_.begin; begin < range_.end; begin += block_) {
      const ColumnRange block{begin, std::min(begin + block_, range_.end)};
      std::fill_n(sums.as<T>(), (block.end - block.begin) * width, T{0});
      loops<T>().add_side_by_side(matrix, matrix_.rows(), at_.data(), block, factors.as<T>(), sums.as<T>(), width);
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t n = block.begin; n < block.end; ++n) {
          outputs[r * columns_ + n] = sums.as<T>()[(n - block.begin) * width + r];
        }
      }
    }
  }

 private:
  /// Column k of the rows in [k * width, k * width + rows), 0 behind it.
  Array side_by_side(const T* left, int64_t rows, int64_t width) const {
    constexpr int64_t kLine = 16;
    const int64_t inner = matrix_.rows();
    Array turned(element_type_of<T>(), {inner, width});
    std::fill_n(turned.as<T>(), rows < width ? inner * width : 0, T{0});
    for (int64_t begin = 0; begin < inner; begin += kLine) {
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t k = begin; k < std::min(begin + kLine, inner); ++k) {
          turned.as<T>()[k * width + r] = left[r * inner + k];
        }
      }
    }
    return turned;
  }

  const TermRows& matrix_;
  int64_t columns_;
  ColumnRange range_;
  /// Where the next block's elements begin, of each row of the matrix.
  std::vector<int64_t> at_;
  int64_t block_;
};

/// What is not kept of a matrix times what is infinite or NaN in a dense left side.
template <class T>
void put_zero_products(const T* left, int64_t rows, const TermRows& right, int64_t columns, T* outputs, const Execution& execution) {
  const int64_t inner = right.rows();
  if (all_finite(left, rows * inner, execution)) {
    return;
  }
  run_pieces(execution, rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      for (int64_t k = 0; k < inner; ++k) {
        const T factor = left[r * inner + k];
        if (!std::isfinite(factor)) {
          visit_missing(columns_of_row(right, k), columns, [&](int32_t n) { outputs[r * columns + n] += T{0} * factor; });
        }
      }
    }
  });
}

template <class T>
void multiply_rows(const T* left, int64_t rows, const SparseMatrix& right, T* outputs, const Execution& execution) {
  constexpr int64_t kWidth = DensePiece<T>::kWidth;
  const TermRows matrix = terms_of(right);
  const int64_t tiles = (rows + kWidth - 1) / kWidth;
  const auto threads = static_cast<int64_t>(execution.where().threads());
  // The matrix is shared out only where there are too few rows for the threads: to do so, each of its rows is looked through.
  const int64_t needed = threads == 1 ? 1 : (2 * threads + tiles - 1) / std::max<int64_t>(1, tiles);
  const int64_t ranges = std::clamp<int64_t>(needed, 1, std::max<int64_t>(1, right.columns()));
  const auto body = [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t row = piece / ranges * kWidth;
      const int64_t range = piece % ranges;
      DensePiece<T> part(matrix, right.columns(), {right.columns() * range / ranges, right.columns() * (range + 1) / ranges});
      part.multiply(left + row * right.rows(), std::min(kWidth, rows - row), outputs + row * right.columns());
    }
  };
  run_sized(execution, static_cast<int64_t>(matrix.columns.size()) * rows, tiles * ranges, body);
  put_zero_products(left, rows, matrix, right.columns(), outputs, execution);
}

/// Of two sparse sides: what is not kept of one times what is infinite or NaN in the other.
template <class T>
void put_zero_products(const TermRows& left, const TermRows& right, int64_t columns, T* outputs, const Execution& execution) {
  const auto* const values = reinterpret_cast<const T*>(right.factors.data);
  const auto terms = static_cast<int64_t>(right.columns.size());
  if (!all_finite(values, terms, execution)) {
    run_pieces(execution, left.rows(), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        visit_missing(columns_of_row(left, r), left.inner, [&](int32_t k) {
          for (int64_t e = right.first[static_cast<size_t>(k)]; e < right.first[static_cast<size_t>(k) + 1]; ++e) {
            outputs[r * columns + right.columns[static_cast<size_t>(e)]] += T{0} * values[e];
          }
        });
      }
    });
  }
  const T* const factors = left.is_ones ? nullptr : reinterpret_cast<const T*>(left.factors.data);
  if (factors == nullptr || all_finite(factors, static_cast<int64_t>(left.columns.size()), execution)) {
    return;
  }
  run_pieces(execution, left.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      for (int64_t t = left.first[static_cast<size_t>(r)]; t < left.first[static_cast<size_t>(r) + 1]; ++t) {
        if (!std::isfinite(factors[t])) {
          visit_missing(columns_of_row(right, left.columns[static_cast<size_t>(t)]), columns,
                        [&](int32_t n) { outputs[r * columns + n] += T{0} * factors[t]; });
        }
      }
    }
  });
}

/// The part of a row's terms with this number, of so many.
template <class T>
Terms<T> part_of(const Terms<T>& terms, int64_t part, int64_t parts) {
  const int64_t begin = terms.count * part / parts;
  const int64_t end = terms.count * (part + 1) / parts;
  return {terms.columns + begin, terms.factors == nullptr ? nullptr : terms.factors + begin, end - begin};
}

/// Few rows are shared out by their terms too: each part adds up in a row of its own, and these are added in their order.
template <class T>
void multiply_sparse(const TermRows& left, const TermRows& right, int64_t columns, T* outputs, const Execution& execution) {
  const auto per_term = 1 + static_cast<int64_t>(right.columns.size()) / std::max<int64_t>(1, left.inner);
  const int64_t multiplications = static_cast<int64_t>(left.columns.size()) * per_term;
  constexpr int64_t kMostParts = 8;
  const int64_t most = std::max<int64_t>(1, kMostParts / std::max<int64_t>(1, left.rows()));
  const int64_t parts = std::clamp<int64_t>(multiplications / std::max(kSmall, kMostParts * columns), 1, most);
  const MatrixRows<T> matrix{right.first.data(), right.columns.data(), reinterpret_cast<const T*>(right.factors.data)};
  std::vector<T> others(static_cast<size_t>((parts - 1) * left.rows() * columns));
  const auto sums_of = [&](int64_t row, int64_t part) {
    return part == 0 ? outputs + row * columns : others.data() + ((part - 1) * left.rows() + row) * columns;
  };
  const auto body = [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t row = piece / parts;
      T* const sums = sums_of(row, piece % parts);
      std::fill(sums, sums + columns, T{0});
      loops<T>().scatter(part_of(terms_of_row<T>(left, row), piece % parts, parts), matrix, sums);
    }
  };
  run_sized(execution, multiplications, left.rows() * parts, body);
  for (int64_t row = 0; row < left.rows(); ++row) {
    for (int64_t part = 1; part < parts; ++part) {
      std::transform(sums_of(row, 0), sums_of(row, 0) + columns, sums_of(row, part), sums_of(row, 0), std::plus<>());
    }
  }
  put_zero_products(left, right, columns, outputs, execution);
}

void check(const TermRows& left, const Shape& right, const MutableArrayView& outputs) {
  if (right.rank() < 1 || right.rank() > 2 || right[0] != left.inner) {
    throw std::invalid_argument("right: shape " + right.describe() + "; a left side of " + std::to_string(left.inner) + " columns needs as many rows");
  }
  const Shape expected = right.rank() == 2 ? Shape{left.rows(), right[1]} : Shape{left.rows()};
  require_shape("outputs", outputs.shape, expected);
  require_contiguous("outputs", outputs);
  if (!left.is_ones) {
    require_type("left", left.factors.type, outputs.type);
  }
}

/// Calls `as` with the type in which products of this element type are added up.
void visit_element_type(ElementType type, const auto& as) {
  switch (type) {
    case ElementType::float32: return as(std::type_identity<float>());
    case ElementType::float64: return as(std::type_identity<double>());
    case ElementType::int32: return as(std::type_identity<uint32_t>());
    case ElementType::int64: return as(std::type_identity<uint64_t>());
    default: throw std::invalid_argument("outputs: their type is " + std::string(name_of(type)) + "; it must be float32, float64, int32 or int64");
  }
}

}  // namespace

TermRows terms_of(const SparseMatrix& matrix) { return {matrix.first(), matrix.column_numbers(), matrix.values(), false, matrix.columns()}; }

TermRows terms_of(const EventArray& events) { return {events.first(), events.columns(), {}, true, events.shape()[events.shape().rank() - 1]}; }

void multiply(const TermRows& left, const ArrayView& right, MutableArrayView outputs, const Execution& execution) {
  check(left, right.shape, outputs);
  require_array("right", right, outputs.type, right.shape);
  const int64_t columns = right.rank() == 2 ? right.shape[1] : 1;
  visit_element_type(outputs.type, [&]<class T>(std::type_identity<T>) {
    multiply_dense<T>(left, reinterpret_cast<const T*>(right.data), columns, reinterpret_cast<T*>(outputs.data), execution);
  });
}

void multiply(const SpikeArray& spikes, const ArrayView& vector, MutableArrayView outputs, const Execution& execution) {
  require_array("vector", vector, outputs.type, {spikes.columns()});
  require_shape("outputs", outputs.shape, {spikes.rows()});
  require_contiguous("outputs", outputs);
  visit_element_type(outputs.type, [&]<class T>(std::type_identity<T>) {
    multiply_bits<T>(spikes, reinterpret_cast<const T*>(vector.data), reinterpret_cast<T*>(outputs.data), execution);
  });
}

void multiply(const TermRows& left, const SparseMatrix& right, MutableArrayView outputs, const Execution& execution) {
  check(left, {right.rows(), right.columns()}, outputs);
  require_floats("outputs", outputs.type);
  require_type("right", right.type(), outputs.type);
  if (outputs.type == ElementType::float32) {
    multiply_sparse<float>(left, terms_of(right), right.columns(), outputs.as<float>(), execution);
  } else {
    multiply_sparse<double>(left, terms_of(right), right.columns(), outputs.as<double>(), execution);
  }
}

void multiply(const ArrayView& left, const SparseMatrix& right, MutableArrayView outputs, const Execution& execution) {
  const int64_t rows = left.rank() == 2 ? left.shape[0] : 1;
  require_floats("outputs", outputs.type);
  require_type("right", right.type(), outputs.type);
  require_array("left", left, outputs.type, {rows, right.rows()});
  require_shape("outputs", outputs.shape, {rows, right.columns()});
  require_contiguous("outputs", outputs);
  constexpr int64_t kManyRows = 4;  // are worth a vector for each element of the matrix
  if (rows < kManyRows) {
    const SparseMatrix kept = SparseMatrix::from_dense(left);
    multiply(terms_of(kept), right, outputs, execution);
  } else if (outputs.type == ElementType::float32) {
    multiply_rows<float>(reinterpret_cast<const float*>(left.data), rows, right, outputs.as<float>(), execution);
  } else {
    multiply_rows<double>(reinterpret_cast<const double*>(left.data), rows, right, outputs.as<double>(), execution);
  }
}

}  // namespace omega::compute
