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

/// An axis before the last: the rows behind it lie one behind the other, and are columns of words.
class AcrossRows {
 public:
  AcrossRows(const SpikeArray& input, size_t axis) : input_(input), length_(input.shape()[axis]) {
    for (size_t i = 0; i < axis; ++i) {
      outer_ *= input.shape()[i];
    }
    for (size_t i = axis + 1; i + 1 < input.shape().rank(); ++i) {
      inner_ *= input.shape()[i];
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
  int64_t length_;
  int64_t outer_ = 1;
  int64_t inner_ = 1;
};

}  // namespace

void fold_axis(Fold fold, const SpikeArray& input, std::optional<int> axis, MutableArrayView output, const Execution& execution) {
  const Shape& shape = input.shape();
  const Shape needed = fold_shape(shape, axis, false, fold);
  require_type("output", output.type, fold_type(fold, ElementType::boolean));
  if (!(output.shape == needed)) {
    require_shape("output", output.shape, fold_shape(shape, axis, true, fold));
  }
  require_contiguous("output", output);
  if (output.count() == 0) {
    return;
  }
  if (!axis || shape.rank() == 1) {
    fold_all(input, Answer(fold, output, shape.count()), execution);
    return;
  }
  const size_t folded = static_cast<size_t>(*axis < 0 ? *axis + static_cast<int>(shape.rank()) : *axis);
  const Answer answer(fold, output, shape[folded]);
  if (folded == shape.rank() - 1) {
    fold_rows(input, answer, execution);
  } else {
    AcrossRows(input, folded).fold(answer, execution);
  }
}

}  // namespace omega::compute
