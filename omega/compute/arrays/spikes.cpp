// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/arrays/spikes.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

#include "omega/compute/arrays/strided.h"
#include "omega/task/parallel_for.h"

namespace omega::compute {

namespace {

constexpr int64_t kWordBits = 64;

/// 64 elements that lie one behind the other.
template <class T>
uint64_t pack_word(const std::byte* at) {
  uint64_t word = 0;
  if constexpr (sizeof(T) == 1) {
    for (int part = 0; part < 4; ++part) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + ptrdiff_t{16} * part));
      const auto zeros = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128())));
      word |= static_cast<uint64_t>(~zeros & 0xffffU) << (16 * part);
    }
  } else {
    for (size_t bit = 0; bit < kWordBits; ++bit) {
      word |= static_cast<uint64_t>(load_element<T>(at + bit * sizeof(T)) != T{0}) << bit;
    }
  }
  return word;
}

template <class T>
void pack_row(const std::byte* at, int64_t stride, int64_t columns, uint64_t* words) {
  int64_t column = 0;
  if (stride == sizeof(T)) {
    for (; column + kWordBits <= columns; column += kWordBits) {
      words[column / kWordBits] = pack_word<T>(at + column * stride);
    }
  }
  for (; column < columns; column += kWordBits) {
    uint64_t word = 0;
    for (int64_t bit = 0; bit < std::min(kWordBits, columns - column); ++bit) {
      word |= static_cast<uint64_t>(load_element<T>(at + (column + bit) * stride) != T{0}) << bit;
    }
    words[column / kWordBits] = word;
  }
}

/// The 8 bits of a byte as 8 bytes of 0 and 1, the lowest first.
uint64_t spread(uint64_t byte) {
  const uint64_t picked = (byte * 0x0101010101010101U) & 0x8040201008040201U;
  return ((picked + 0x7f7f7f7f7f7f7f7fU) | picked) >> 7 & 0x0101010101010101U;
}

template <class T>
void unpack_row(const uint64_t* words, int64_t columns, std::byte* at, int64_t stride) {
  int64_t column = 0;
  if (sizeof(T) == 1 && stride == 1) {
    for (; column + 8 <= columns; column += 8) {
      store_element(at + column, spread(words[column / kWordBits] >> (column % kWordBits) & 0xff));
    }
  }
  for (; column < columns; ++column) {
    store_element(at + column * stride, static_cast<T>(words[column / kWordBits] >> (column % kWordBits) & 1));
  }
}

void require_same_shape(const Shape& given, const Shape& needed) {
  if (!(given == needed)) {
    throw std::invalid_argument("dense: its shape is " + given.describe() + "; the spikes' is " + needed.describe());
  }
}

int64_t rows_of(const Shape& shape) {
  int64_t rows = 1;
  for (size_t i = 0; i + 1 < shape.rank(); ++i) {
    rows *= shape[i];
  }
  return rows;
}

void require_axis(const Shape& shape, const char* what) {
  if (shape.rank() == 0) {
    throw std::invalid_argument(std::string(what) + ": a scalar has no row of spikes; give at least one axis");
  }
}

/// How many rows make a piece of work worth taking.
size_t grain_of(int64_t bytes_in_row) { return static_cast<size_t>(std::max<int64_t>(1, (64 << 10) / std::max<int64_t>(1, bytes_in_row))); }

/// Columns of events are int32.
void require_countable(const Shape& shape) {
  const int64_t columns = shape[shape.rank() - 1];
  if (columns > std::numeric_limits<int32_t>::max()) {
    throw std::invalid_argument("EventArray: rows of " + std::to_string(columns) + " elements are more than 32 bits count");
  }
}

}  // namespace

SpikeArray::SpikeArray(const Shape& shape) : shape_(shape), rows_(rows_of(shape)) {
  require_axis(shape, "SpikeArray");
  columns_ = shape[shape.rank() - 1];
  words_per_row_ = (columns_ + kWordBits - 1) / kWordBits;
  // Readable for a vector behind the end, on the boundary of a cache line.
  constexpr size_t kAlignment = 64;
  const size_t bytes = (byte_size() + 2 * kAlignment - 1) / kAlignment * kAlignment;
  void* const memory = std::aligned_alloc(kAlignment, bytes);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  std::memset(memory, 0, bytes);
  words_ = std::shared_ptr<uint64_t[]>(static_cast<uint64_t*>(memory), [](uint64_t* words) { std::free(words); });
}

SpikeArray SpikeArray::from_dense(const ArrayView& dense) {
  require_axis(dense.shape, "dense");
  SpikeArray spikes(dense.shape);
  if (dense.count() == 0) {
    return spikes;
  }
  const Rows<const std::byte> rows(dense);
  visit_element(dense.type, [&]<class T>(std::type_identity<T>) {
    task::parallel_for(
        0, static_cast<size_t>(rows.count()),
        [&](size_t i) { pack_row<T>(rows.row(static_cast<int64_t>(i)), rows.stride(), rows.columns(), spikes.mutable_row(static_cast<int64_t>(i))); },
        {.grain = grain_of(rows.columns() * static_cast<int64_t>(sizeof(T)))});
  });
  return spikes;
}

int64_t SpikeArray::count() const {
  int64_t count = 0;
  for (const uint64_t* word = words_.get(); word != words_.get() + rows_ * words_per_row_; ++word) {
    count += std::popcount(*word);
  }
  return count;
}

void SpikeArray::to_dense(MutableArrayView dense) const {
  require_same_shape(dense.shape, shape_);
  if (dense.count() == 0) {
    return;
  }
  const Rows<std::byte> rows(dense);
  visit_element(dense.type, [&]<class T>(std::type_identity<T>) {
    task::parallel_for(0, static_cast<size_t>(rows_),
                       [&](size_t i) { unpack_row<T>(row(static_cast<int64_t>(i)), columns_, rows.row(static_cast<int64_t>(i)), rows.stride()); },
                       {.grain = grain_of(columns_ * static_cast<int64_t>(sizeof(T)))});
  });
}

EventArray::EventArray(const Shape& shape, std::vector<int64_t> first, std::vector<int32_t> columns)
    : shape_(shape), first_(std::move(first)), columns_(std::move(columns)) {
  require_axis(shape, "EventArray");
  const int64_t row_count = rows_of(shape);
  const int64_t column_count = shape[shape.rank() - 1];
  require_countable(shape);
  if (first_.size() != static_cast<size_t>(row_count) + 1 || first_.front() != 0 || first_.back() != static_cast<int64_t>(columns_.size())) {
    throw std::invalid_argument("first: " + std::to_string(first_.size()) + " numbers" +
                                (first_.empty() ? "" : " from " + std::to_string(first_.front()) + " to " + std::to_string(first_.back())) + "; for shape " +
                                shape.describe() + " they must be " + std::to_string(row_count + 1) + ", from 0 to the number of events, " +
                                std::to_string(columns_.size()));
  }
  for (size_t i = 0; i < static_cast<size_t>(row_count); ++i) {
    if (first_[i] > first_[i + 1] || first_[i + 1] > first_.back()) {
      throw std::invalid_argument("first: row " + std::to_string(i) + " begins at " + std::to_string(first_[i]) + " and ends at " +
                                  std::to_string(first_[i + 1]));
    }
    int32_t last = -1;
    for (const int32_t column : row(static_cast<int64_t>(i))) {
      if (column <= last || column >= column_count) {
        throw std::invalid_argument("columns: " + std::to_string(column) + " in row " + std::to_string(i) + "; they must ascend and be less than " +
                                    std::to_string(column_count));
      }
      last = column;
    }
  }
}

EventArray EventArray::from_dense(const ArrayView& dense) { return from_spikes(SpikeArray::from_dense(dense)); }

EventArray EventArray::from_spikes(const SpikeArray& spikes) {
  const Shape& shape = spikes.shape();
  require_axis(shape, "EventArray");
  require_countable(shape);
  EventArray events;
  events.shape_ = shape;
  const auto row_count = static_cast<size_t>(spikes.rows());
  events.first_.resize(row_count + 1);
  const auto words = [&](size_t row) { return std::span(spikes.row(static_cast<int64_t>(row)), static_cast<size_t>(spikes.words_per_row())); };
  const task::LoopOptions options{.grain = grain_of(spikes.columns())};
  task::parallel_for(
      0, row_count,
      [&](size_t row) {
        int64_t count = 0;
        for (const uint64_t word : words(row)) {
          count += std::popcount(word);
        }
        events.first_[row + 1] = count;
      },
      options);
  std::partial_sum(events.first_.begin(), events.first_.end(), events.first_.begin());
  events.columns_.resize(static_cast<size_t>(events.first_.back()));
  task::parallel_for(
      0, row_count,
      [&](size_t row) {
        int32_t* at = events.columns_.data() + events.first_[row];
        int32_t first = 0;
        for (uint64_t word : words(row)) {
          for (; word != 0; word &= word - 1) {
            *at++ = first + std::countr_zero(word);
          }
          first += kWordBits;
        }
      },
      options);
  return events;
}

SpikeArray EventArray::to_spikes() const {
  SpikeArray spikes(shape_);
  for (int64_t i = 0; i < rows(); ++i) {
    for (const int32_t column : row(i)) {
      spikes.mutable_row(i)[column / kWordBits] |= uint64_t{1} << (column % kWordBits);
    }
  }
  return spikes;
}

void EventArray::to_dense(MutableArrayView dense) const {
  require_same_shape(dense.shape, shape_);
  to_spikes().to_dense(dense);
}

}  // namespace omega::compute
