// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/reservoir_layout.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "omega/compute/arrays/strided.h"
#include "omega/task/parallel_for.h"

namespace omega::compute {

template <class T>
Panels<T>::Panels(const ArrayView& input, const ArrayView& recurrent)
    : count_((recurrent.shape[0] + kPanelColumns<T> - 1) / kPanelColumns<T>),
      rows_(input.shape[0] + recurrent.shape[1]),
      weights_(recurrent.type, {count_ * rows_, kPanelColumns<T>}) {
  const int64_t inputs = input.shape[0];
  const int64_t neurons = recurrent.shape[0];
  task::parallel_for(0, static_cast<size_t>(count_), [&](size_t i) {
    T* const panel = weights_.as<T>() + static_cast<int64_t>(i) * rows_ * kPanelColumns<T>;
    const int64_t first = static_cast<int64_t>(i) * kPanelColumns<T>;
    const int64_t columns = std::min(kPanelColumns<T>, neurons - first);
    std::memset(panel, 0, static_cast<size_t>(rows_ * kPanelBytes));
    for (int64_t k = 0; k < inputs; ++k) {
      for (int64_t c = 0; c < columns; ++c) {
        panel[k * kPanelColumns<T> + c] = load_element<T>(input.data + k * input.strides[0] + (first + c) * input.strides[1]);
      }
    }
    // A square at a time, so that both sides stay in the cache.
    constexpr int64_t kSquare = 64;
    for (int64_t begin = 0; begin < recurrent.shape[1]; begin += kSquare) {
      for (int64_t c = 0; c < columns; ++c) {
        for (int64_t k = begin; k < std::min(begin + kSquare, recurrent.shape[1]); ++k) {
          panel[(inputs + k) * kPanelColumns<T> + c] = load_element<T>(recurrent.data + (first + c) * recurrent.strides[0] + k * recurrent.strides[1]);
        }
      }
    }
  });
}

template class Panels<float>;
template class Panels<double>;

JoinedRows join_rows(const SparseMatrix& input_transposed, const SparseMatrix& recurrent) {
  JoinedRows rows;
  const auto count = static_cast<size_t>(input_transposed.count() + recurrent.count());
  rows.first.reserve(static_cast<size_t>(recurrent.rows()) + 1);
  rows.columns.reserve(count);
  rows.values = Array(recurrent.type(), {static_cast<int64_t>(count)});
  const size_t element = size_of(recurrent.type());
  std::byte* at = rows.values.mutable_view().data;
  for (size_t n = 0; n < static_cast<size_t>(recurrent.rows()); ++n) {
    const auto append = [&](const SparseMatrix& matrix, int64_t base) {
      const int64_t begin = matrix.first()[n];
      const int64_t end = matrix.first()[n + 1];
      for (int64_t e = begin; e < end; ++e) {
        rows.columns.push_back(static_cast<int32_t>(base + matrix.column_numbers()[static_cast<size_t>(e)]));
      }
      const size_t bytes = static_cast<size_t>(end - begin) * element;
      if (bytes > 0) {
        std::memcpy(at, matrix.values().data + static_cast<size_t>(begin) * element, bytes);
      }
      at += bytes;
    };
    append(input_transposed, 0);
    append(recurrent, input_transposed.columns());
    rows.first.push_back(static_cast<int64_t>(rows.columns.size()));
  }
  return rows;
}

template <class T>
Groups<T>::Groups(const JoinedRows& rows, int64_t columns) {
  const auto count = static_cast<int64_t>(rows.first.size()) - 1;
  windows_ = (count + kWindowNeurons - 1) / kWindowNeurons;
  // Where weights are few, blocks are wider: a row of one should have enough of them to be worth beginning.
  constexpr int64_t kEnough = 16;
  block_columns_ = std::clamp(kEnough * columns * count / std::max<int64_t>(1, rows.first.back()), kLeastColumns, kMostColumns);
  blocks_ = std::max<int64_t>(1, (columns + block_columns_ - 1) / block_columns_);
  columns_.reserve(rows.columns.size());
  values_.reserve(rows.columns.size());
  for (int64_t window = 0; window < windows_; ++window) {
    for (int64_t block = 0; block < blocks_; ++block) {
      put_window(rows, window, block);
    }
  }
}

template <class T>
void Groups<T>::put_window(const JoinedRows& rows, int64_t window, int64_t block) {
  struct Row {
    int32_t neuron;
    int64_t begin;
    int64_t length;
    int64_t absent;  ///< a column of the block in which it has no weight, if it has fewer weights than the block columns
  };
  std::vector<Row> members(kWindowNeurons, Row{-1, 0, 0, 0});
  const auto column_at = [&](int64_t column) { return [column](int32_t each) { return each < column; }; };
  for (int64_t i = 0; i < kWindowNeurons && window * kWindowNeurons + i + 1 < static_cast<int64_t>(rows.first.size()); ++i) {
    const auto n = static_cast<size_t>(window * kWindowNeurons + i);
    const auto begin = rows.columns.begin() + rows.first[n];
    const auto end = rows.columns.begin() + rows.first[n + 1];
    const auto from = std::partition_point(begin, end, column_at(block * block_columns_));
    const auto to = std::partition_point(from, end, column_at((block + 1) * block_columns_));
    const auto is_present = [&](int64_t at) { return at < to - from && from[at] == column(block) + at; };
    int64_t absent = 0;
    while (is_present(absent)) {
      ++absent;
    }
    members[static_cast<size_t>(i)] = {static_cast<int32_t>(n), from - rows.columns.begin(), to - from, absent};
  }
  // Rows that do not exist stay behind all others.
  std::stable_sort(members.begin(), members.end(),
                   [](const Row& a, const Row& b) { return (a.neuron < 0) == (b.neuron < 0) ? a.length > b.length : b.neuron < 0; });
  for (size_t group = 0; group < kWindowNeurons; group += kGroupRows) {
    const std::span side_by_side = std::span(members).subspan(group, kGroupRows);
    const int64_t longest = side_by_side[0].length;
    for (const Row& row : side_by_side) {
      rows_.push_back(row.neuron);
    }
    for (int64_t j = 0; j < longest; ++j) {
      for (const Row& row : side_by_side) {
        const auto at = static_cast<size_t>(row.begin + j);
        columns_.push_back(static_cast<uint16_t>(j < row.length ? rows.columns[at] - column(block) : row.absent));
        values_.push_back(j < row.length ? rows.values.as<T>()[at] : T{0});
      }
    }
    first_.push_back(first_.back() + longest);
  }
}

template class Groups<float>;
template class Groups<double>;

template <class T>
EventBlocks<T>::EventBlocks(const SparseMatrix& input, const SparseMatrix& recurrent_transposed)
    : rows_(input.rows() + recurrent_transposed.rows()), blocks_((recurrent_transposed.columns() + kBlockNeurons - 1) / kBlockNeurons) {
  const auto each = [&](auto&& visit) {
    for (const auto& [matrix, base] : {std::pair{&input, int64_t{0}}, std::pair{&recurrent_transposed, input.rows()}}) {
      for (int64_t k = 0; k < matrix->rows(); ++k) {
        for (int64_t e = matrix->first()[static_cast<size_t>(k)]; e < matrix->first()[static_cast<size_t>(k) + 1]; ++e) {
          visit(base + k, static_cast<int64_t>(matrix->column_numbers()[static_cast<size_t>(e)]), matrix->values().template as<T>()[e]);
        }
      }
    }
  };
  // Counted, then placed: entry k + 1 of a block counts row k, and becomes where row k + 1 begins.
  first_.resize(static_cast<size_t>(blocks_ * (rows_ + 1)));
  const auto entry = [&](int64_t block, int64_t k) -> int64_t& { return first_[static_cast<size_t>(block * (rows_ + 1) + k)]; };
  each([&](int64_t k, int64_t n, T) { ++entry(n / kBlockNeurons, k + 1); });
  int64_t sum = 0;
  for (int64_t& count : first_) {
    sum += (count + kEventMultiple - 1) / kEventMultiple * kEventMultiple;
    count = sum;
  }
  targets_.resize(static_cast<size_t>(sum));
  values_.resize(static_cast<size_t>(sum));
  std::fill(targets_.begin(), targets_.end(), static_cast<uint16_t>(kBlockNeurons));
  std::fill(values_.begin(), values_.end(), T{0});
  std::vector<int64_t> next = first_;
  each([&](int64_t k, int64_t n, T value) {
    const auto at = static_cast<size_t>(next[static_cast<size_t>(n / kBlockNeurons * (rows_ + 1) + k)]++);
    targets_[at] = static_cast<uint16_t>(n % kBlockNeurons);
    values_[at] = value;
  });
}

template class EventBlocks<float>;
template class EventBlocks<double>;

}  // namespace omega::compute
