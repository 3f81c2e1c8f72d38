// SPDX-License-Identifier: Apache-2.0
// Sums of packed spikes: counted as bits along a row, in carry-save counters across rows.
#include <algorithm>
#include <cmath>
#include <vector>

#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/sum.h"
#include "omega/compute/kernels/sum_loops.h"

namespace omega::compute {

namespace {

/// How many spikes there are becomes what was asked for.
class Answer {
 public:
  Answer(Fold fold, MutableArrayView output, int64_t length) : fold_(fold), output_(output), length_(length) {}

  /// The answers at `at` and behind it.
  void put(int64_t at, const int64_t* spikes, int64_t count) const {
    switch (fold_) {
      case Fold::sum: std::copy_n(spikes, count, output_.as<int64_t>() + at); break;
      case Fold::mean:
        std::transform(spikes, spikes + count, output_.as<double>() + at,
                       [this](int64_t each) { return static_cast<double>(each) / static_cast<double>(length_); });
        break;
      case Fold::highest:
        std::transform(spikes, spikes + count, output_.as<uint8_t>() + at, [](int64_t each) { return static_cast<uint8_t>(each > 0); });
        break;
      case Fold::lowest:
        std::transform(spikes, spikes + count, output_.as<uint8_t>() + at, [this](int64_t each) { return static_cast<uint8_t>(each == length_); });
        break;
    }
  }

 private:
  Fold fold_;
  MutableArrayView output_;
  int64_t length_;
};

void fold_all(const SpikeArray& input, const Answer& answer, const Execution& execution) {
  constexpr int64_t kPieceWords = 4096;
  const int64_t words = input.rows() * input.words_per_row();
  const int64_t pieces = (words + kPieceWords - 1) / kPieceWords;
  std::vector<int64_t> counts(static_cast<size_t>(pieces));
  run_pieces(execution, pieces, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      counts[static_cast<size_t>(i)] = sum_loops().bits(input.row(0) + i * kPieceWords, std::min(kPieceWords, words - i * kPieceWords));
    }
  });
  int64_t sum = 0;
  for (const int64_t count : counts) {
    sum += count;
  }
  answer.put(0, &sum, 1);
}

void fold_rows(const SpikeArray& input, const Answer& answer, const Execution& execution) {
  const SumLoops& loops = sum_loops();
  run_pieces(execution, input.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t count = loops.bits(input.row(i), input.words_per_row());
      answer.put(i, &count, 1);
    }
  });
}

/// Axes before the last, [first, end), that stand one behind the other: the rows behind them lie one behind the other, and are columns of words.
class AcrossRows {
 public:
  AcrossRows(const SpikeArray& input, size_t first, size_t end) : input_(input) {
    for (size_t i = 0; i + 1 < input.shape().rank(); ++i) {
      (i < first ? outer_ : i < end ? length_ : inner_) *= input.shape()[i];
    }
  }

  void fold(const Answer& answer, const Execution& execution) const {
    const int64_t tiles = (words() + kTileWords - 1) / kTileWords;
    run_pieces(execution, outer_ * tiles, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t word = i % tiles * kTileWords;
        fold_tile(i / tiles, word, std::min(kTileWords, words() - word), answer);
      }
    });
  }

 private:
  static constexpr int64_t kTileWords = 8;

  [[nodiscard]] int64_t words() const { return inner_ * input_.words_per_row(); }

  void fold_tile(int64_t place, int64_t first_word, int64_t tile_words, const Answer& answer) const {
    int64_t sums[64 * kTileWords] = {};
    int32_t counts[64 * kTileWords];
    const uint64_t* const base = input_.row(0) + place * length_ * words() + first_word;
    for (int64_t row = 0; row < length_; row += kBitRows) {
      sum_loops().bit_columns(base + row * words(), words(), std::min(kBitRows, length_ - row), tile_words, counts);
      for (int64_t c = 0; c < 64 * tile_words; ++c) {
        sums[c] += counts[c];
      }
    }
    for (int64_t w = 0; w < tile_words; ++w) {
      const int64_t row = (first_word + w) / input_.words_per_row();
      const int64_t column = (first_word + w) % input_.words_per_row() * 64;
      answer.put((place * inner_ + row) * input_.columns() + column, sums + 64 * w, std::min<int64_t>(64, input_.columns() - column));
    }
  }

  const SpikeArray& input_;
  int64_t outer_ = 1;
  int64_t length_ = 1;
  int64_t inner_ = 1;
};

/// Axes that stand one behind the other, which `axes` begins or ends with: those up to the last axis of the array, else the first ones.
AxisSet neighbours(AxisSet axes, size_t rank) {
  AxisSet some;
  if (axes[rank - 1]) {
    some.set(rank - 1);
    return some;
  }
  size_t i = 0;
  while (!axes[i]) {
    ++i;
  }
  for (; axes[i]; ++i) {
    some.set(i);
  }
  return some;
}

/// Some axes at once: all, the last, or neighbours before it.
void fold_at_once(Fold fold, const SpikeArray& input, AxisSet axes, MutableArrayView output, const Execution& execution) {
  const Shape& shape = input.shape();
  const size_t rank = shape.rank();
  if (axes.count() == rank) {
    fold_all(input, Answer(fold, output, shape.count()), execution);
    return;
  }
  size_t first = 0;
  while (!axes[first]) {
    ++first;
  }
  int64_t length = 1;
  size_t end = first;
  for (; end < rank && axes[end]; ++end) {
    length *= shape[end];
  }
  const Answer answer(fold, output, length);
  if (first == rank - 1) {
    fold_rows(input, answer, execution);
  } else {
    AcrossRows(input, first, end).fold(answer, execution);
  }
}

}  // namespace

void fold_axes(Fold fold, const SpikeArray& input, AxisSet axes, MutableArrayView output, const Execution& execution) {
  const Shape& shape = input.shape();
  check_fold_output(fold, shape, ElementType::boolean, axes, output);
  if (output.count() == 0) {
    return;
  }
  const AxisSet at_once = axes.count() == shape.rank() ? axes : axes.none() ? axes : neighbours(axes, shape.rank());
  if (axes.any() && at_once == axes) {
    fold_at_once(fold, input, axes, output, execution);
    return;
  }
  // The rest of the axes from numbers.
  const Fold part = fold == Fold::mean ? Fold::sum : fold;
  Array between(fold_type(part, ElementType::boolean), folded_shape(shape, at_once, true, part));
  if (axes.none()) {
    input.to_dense(between.mutable_view());
  } else {
    fold_at_once(part, input, at_once, between.mutable_view(), execution);
  }
  if (fold != Fold::mean) {
    fold_axes(part, between.view(), axes, output, execution);
    return;
  }
  Array sums(ElementType::int64, output.shape);
  fold_axes(part, between.view(), axes, sums.mutable_view(), execution);
  const auto length = static_cast<double>(fold_length(shape, axes));
  std::transform(sums.as<int64_t>(), sums.as<int64_t>() + output.count(), output.as<double>(), [&](int64_t sum) { return static_cast<double>(sum) / length; });
}

}  // namespace omega::compute
