// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/sum.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/compute/arrays/strided.h"
#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/fold_layout.h"
#include "omega/compute/kernels/instruction_choice.h"
#include "omega/compute/kernels/sum_loops.h"

namespace omega::compute {

namespace isa_baseline {
extern const SumLoops sum_loops;
}
namespace isa_avx2 {
extern const SumLoops sum_loops;
}
namespace isa_avx512 {
extern const SumLoops sum_loops;
}

const SumLoops& sum_loops() { return loops_of(&isa_baseline::sum_loops, &isa_avx2::sum_loops, &isa_avx512::sum_loops); }

namespace {

bool is_float(ElementType type) { return type == ElementType::float32 || type == ElementType::float64; }

/// The axis counted from the front.
size_t resolved_axis(const Shape& shape, int axis) {
  const int rank = static_cast<int>(shape.rank());
  if (axis < -rank || axis >= rank) {
    throw std::invalid_argument("axis: " + std::to_string(axis) + " does not exist in an array of shape " + shape.describe());
  }
  return static_cast<size_t>(axis < 0 ? axis + rank : axis);
}

}  // namespace

ElementType fold_type(Fold fold, ElementType type) {
  if (fold == Fold::highest || fold == Fold::lowest || is_float(type)) {
    return type;
  }
  return fold == Fold::mean ? ElementType::float64 : ElementType::int64;
}

int64_t fold_length(const Shape& shape, AxisSet axes) {
  int64_t length = 1;
  for (size_t i = 0; i < shape.rank(); ++i) {
    length *= axes[i] ? shape[i] : 1;
  }
  return length;
}

Shape folded_shape(const Shape& shape, AxisSet axes, bool keep_axes, Fold fold) {
  std::vector<int64_t> extents;
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (!axes[i]) {
      extents.push_back(shape[i]);
    } else if (keep_axes) {
      extents.push_back(1);
    }
  }
  if (fold_length(shape, axes) == 0 && (fold == Fold::highest || fold == Fold::lowest)) {
    throw std::invalid_argument("axis: the highest or lowest of no elements does not exist; the shape is " + shape.describe());
  }
  return Shape(extents);
}

namespace {

FoldLoop loop_of(Fold fold) { return fold == Fold::highest ? FoldLoop::highest : fold == Fold::lowest ? FoldLoop::lowest : FoldLoop::sum; }

/// One axis that is folded, as a matrix for each of `outer` places: `length` rows of `columns` elements.
struct Job {
  FoldLoop loop;
  ElementType type;
  const std::byte* data;
  int64_t first;                     ///< the result of the first column of the first place
  std::vector<FoldAxis> outer_axes;  ///< outermost first
  int64_t outer;
  FoldAxis length;
  FoldAxis columns;  ///< 1 where the axis that is folded is the one that lies closest

  struct Place {
    const std::byte* at;
    int64_t result;
  };
  [[nodiscard]] Place place(int64_t i) const {
    Place place{data, first};
    for (size_t k = outer_axes.size(); k-- > 0;) {
      const FoldAxis& axis = outer_axes[k];
      place.at += i % axis.extent * axis.stride;
      place.result += i % axis.extent * axis.result;
      i /= axis.extent;
    }
    return place;
  }
};

/// Of a layout with at most one folded axis.
Job job_of(FoldLoop loop, ElementType type, const FoldLayout& layout) {
  // Shorter ones are folded side by side with their neighbours, though that moves each element.
  constexpr int64_t kLongEnough = 16;
  const FoldAxis one{1, static_cast<int64_t>(size_of(type))};
  Job job{loop, type, layout.data, layout.first, layout.kept, 1, layout.folded.empty() ? one : layout.folded[0], one};
  const int64_t nearest = layout.kept.empty() ? 0 : layout.kept.back().stride;
  const bool is_closest = nearest != one.stride && std::abs(job.length.stride) < nearest && job.length.extent >= kLongEnough;
  if (!layout.kept.empty() && !is_closest) {
    job.columns = job.outer_axes.back();
    job.outer_axes.pop_back();
  }
  job.outer = count_of(job.outer_axes);
  return job;
}

template <class A>
A joined(FoldLoop fold, A a, A b) {
  if (fold == FoldLoop::sum) {
    return a + b;
  }
  if constexpr (std::is_floating_point_v<A>) {
    if (std::isnan(b)) {
      return b;
    }
  }
  return fold == FoldLoop::highest ? (b > a ? b : a) : (b < a ? b : a);
}

/// Folds pieces of one job: `T` is the element, `A` the result.
template <class T, class A>
class Folder {
 public:
  explicit Folder(const Job& job) : job_(job), is_ordered_(std::is_floating_point_v<T> && job.loop == FoldLoop::sum) {
    const SumLoops& loops = sum_loops();
    row_ = loops.row[static_cast<int>(job.type)][static_cast<int>(job.loop)];
    columns_ = loops.columns[static_cast<int>(job.type)][static_cast<int>(job.loop)];
  }

  /// Rows [begin, end) of `columns` columns from `at` on, at least one, into `out`.
  void fold(const std::byte* at, int64_t begin, int64_t end, int64_t columns, A* out) const {
    const int64_t count = end - begin;
    if (count <= (is_ordered_ ? kLeafElements : kBufferRows)) {
      leaf(at + begin * job_.length.stride, count, columns, out);
      return;
    }
    // Halves of whole leaves. As deep as the logarithm of the length.
    const int64_t middle = begin + (count / 2 + kLeafElements - 1) / kLeafElements * kLeafElements;
    A right[kTileColumns<T>];
    fold(at, begin, middle, columns, out);
    fold(at, middle, end, columns, right);
    join(columns, out, right);
  }

 private:
  static constexpr int64_t kBufferRows = 4096;
  static constexpr auto kSize = static_cast<int64_t>(sizeof(T));
  /// Elements that are moved at once: the nearest cache holds them.
  static constexpr int64_t kMoved = 16384 / kSize;

  void join(int64_t columns, A* out, const A* right) const {
    for (int64_t c = 0; c < columns; ++c) {
      out[c] = joined(job_.loop, out[c], right[c]);
    }
  }

  void leaf(const std::byte* at, int64_t count, int64_t columns, A* out) const {
    const bool aligned = reinterpret_cast<uintptr_t>(at) % sizeof(T) == 0 && job_.length.stride % kSize == 0;
    if (job_.columns.extent == 1 && job_.length.stride == kSize && aligned) {
      row_(at, count, out);
    } else if (job_.columns.extent > 1 && job_.columns.stride == kSize && aligned) {
      columns_(at, job_.length.stride / kSize, count, columns, out);
    } else {
      moved_leaf(at, count, columns, out);
    }
  }

  /// Elements that do not lie as the loops want them are moved first, some columns of a leaf at a time.
  void moved_leaf(const std::byte* at, int64_t count, int64_t columns, A* out) const {
    T moved[kMoved];
    A part[kTileColumns<T>];
    for (int64_t begin = 0; begin < count; begin += kLeafElements) {
      const int64_t rows = std::min(kLeafElements, count - begin);
      const int64_t most = std::min(kMoved / rows, columns);
      for (int64_t c = 0; c < columns; c += most) {
        const int64_t some = std::min(most, columns - c);
        move(at + begin * job_.length.stride + c * job_.columns.stride, rows, some, moved);
        if (job_.columns.extent == 1) {
          row_(moved, rows, part);
        } else {
          columns_(moved, some, rows, some, part + c);
        }
      }
      if (begin == 0) {
        std::copy_n(part, columns, out);
      } else {
        join(columns, out, part);
      }
    }
  }

  void move(const std::byte* at, int64_t rows, int64_t columns, T* to) const {
    if (columns == 1) {
      for (int64_t i = 0; i < rows; ++i) {
        to[i] = load_element<T>(at + i * job_.length.stride);
      }
      return;
    }
    for (int64_t i = 0; i < rows; ++i) {
      const std::byte* const row = at + i * job_.length.stride;
      for (int64_t c = 0; c < columns; ++c) {
        to[i * columns + c] = load_element<T>(row + c * job_.columns.stride);
      }
    }
  }

  const Job& job_;
  bool is_ordered_;
  void (*row_)(const void*, int64_t, void*);
  void (*columns_)(const void*, int64_t, int64_t, int64_t, void*);
};

/// Rows that are folded by one piece of work: the length is cut at their multiples, whoever works on it.
constexpr int64_t kPieceRows = 8192;

/// The results of the pieces of one column become one, by halves.
template <class A>
A joined_pieces(FoldLoop fold, const A* parts, int64_t stride, int64_t count) {
  if (count == 1) {
    return parts[0];
  }
  const int64_t half = count / 2;
  return joined(fold, joined_pieces(fold, parts, stride, half), joined_pieces(fold, parts + half * stride, stride, count - half));
}

/// Columns of a tile: fewer than at most where all workers would not have some else.
template <class T>
int64_t tile_columns(int64_t columns, int64_t beside, const Execution& execution) {
  constexpr int64_t kLeast = 256;
  const int64_t wanted = int64_t{2} * execution.where().threads();
  int64_t tile = kTileColumns<T>;
  while (tile > kLeast && (columns + tile - 1) / tile * beside < wanted) {
    tile /= 2;
  }
  return tile;
}

template <class T, class A>
void run_job(const Job& job, A* output, const Execution& execution) {
  const Folder<T, A> folder(job);
  const int64_t columns = job.columns.extent;
  const int64_t pieces = (job.length.extent + kPieceRows - 1) / kPieceRows;
  const int64_t tile = tile_columns<T>(columns, job.outer * pieces, execution);
  const int64_t tiles = (columns + tile - 1) / tile;
  // Nothing to join when one piece is all.
  std::vector<A> parts(pieces > 1 ? static_cast<size_t>(job.outer * columns * pieces) : 0);
  run_pieces(execution, job.outer * tiles * pieces, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t piece = i % pieces;
      const int64_t column = i / pieces % tiles * tile;
      const int64_t number = i / pieces / tiles;
      const int64_t some = std::min(tile, columns - column);
      const Job::Place place = job.place(number);
      A apart[kTileColumns<T>];
      const bool is_apart = pieces == 1 && job.columns.result != 1;
      A* const results = is_apart ? apart : pieces > 1 ? parts.data() + (number * pieces + piece) * columns + column : output + place.result + column;
      folder.fold(place.at + column * job.columns.stride, piece * kPieceRows, std::min((piece + 1) * kPieceRows, job.length.extent), some, results);
      for (int64_t c = 0; is_apart && c < some; ++c) {
        output[place.result + (column + c) * job.columns.result] = apart[c];
      }
    }
  });
  for (int64_t number = 0; pieces > 1 && number < job.outer; ++number) {
    const int64_t first = job.place(number).result;
    for (int64_t c = 0; c < columns; ++c) {
      output[first + c * job.columns.result] = joined_pieces(job.loop, parts.data() + number * pieces * columns + c, columns, pieces);
    }
  }
}

/// Folds one axis after the other, the longest first.
template <class T, class A>
void run_layout(FoldLoop loop, FoldLayout layout, ElementType type, A* output, const Execution& execution) {
  if (layout.folded.size() < 2) {
    run_job<T, A>(job_of(loop, type, layout), output, execution);
    return;
  }
  const auto longest = std::ranges::max(layout.folded, {}, &FoldAxis::extent).extent;
  std::vector<A> between(static_cast<size_t>(count_of(layout.kept) * count_of(layout.folded) / longest));
  FoldLayout rest = take_longest(layout, reinterpret_cast<const std::byte*>(between.data()), sizeof(A));
  run_job<T, A>(job_of(loop, type, layout), between.data(), execution);
  run_layout<A, A>(loop, std::move(rest), element_type_of<A>(), output, execution);
}

/// What nothing adds up to: 0, and as a mean no number.
void fill_empty(Fold fold, MutableArrayView output) {
  visit_element(output.type, [&]<class A>(std::type_identity<A>) {
    const A value = fold == Fold::mean ? static_cast<A>(std::nan("")) : A{0};
    std::fill_n(output.as<A>(), output.count(), value);
  });
}

/// Sums become means, which may take their place.
template <class S, class A>
void divide(const S* sums, A* means, int64_t count, int64_t length, const Execution& execution) {
  constexpr int64_t kAtOnce = 16384;
  run_pieces(execution, (count + kAtOnce - 1) / kAtOnce, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * kAtOnce; i < std::min(end * kAtOnce, count); ++i) {
      means[i] = static_cast<A>(sums[i]) / static_cast<A>(length);
    }
  });
}

template <class T>
void fold_elements(Fold fold, const ArrayView& input, AxisSet axes, MutableArrayView output, const Execution& execution) {
  constexpr bool kFloat = std::is_floating_point_v<T>;
  const bool is_sum = fold == Fold::sum || fold == Fold::mean;
  FoldLayout layout = fold_layout(input, axes, kFloat && is_sum);
  const int64_t length = count_of(layout.folded);
  if (!is_sum || kFloat) {
    run_layout<T, T>(loop_of(fold), std::move(layout), input.type, output.as<T>(), execution);
    if constexpr (kFloat) {
      if (fold == Fold::mean) {
        divide(output.as<T>(), output.as<T>(), output.count(), length, execution);
      }
    }
  } else if (fold == Fold::sum) {
    run_layout<T, int64_t>(FoldLoop::sum, std::move(layout), input.type, output.as<int64_t>(), execution);
  } else {
    base::PodVector<int64_t> sums;
    sums.resize(static_cast<size_t>(output.count()));
    run_layout<T, int64_t>(FoldLoop::sum, std::move(layout), input.type, sums.data(), execution);
    divide(sums.data(), output.as<double>(), output.count(), length, execution);
  }
}

}  // namespace

AxisSet axes_of(const Shape& shape, std::optional<int> axis) {
  AxisSet axes;
  if (axis) {
    axes.set(resolved_axis(shape, *axis));
  } else {
    axes = (1U << shape.rank()) - 1U;
  }
  return axes;
}

void check_fold_output(Fold fold, const Shape& shape, ElementType type, AxisSet axes, const ArrayView& output) {
  const Shape needed = folded_shape(shape, axes, false, fold);
  require_type("output", output.type, fold_type(fold, type));
  if (!(output.shape == needed)) {
    require_shape("output", output.shape, folded_shape(shape, axes, true, fold));
  }
  require_contiguous("output", output);
}

void fold_axes(Fold fold, const ArrayView& input, AxisSet axes, MutableArrayView output, const Execution& execution) {
  check_fold_output(fold, input.shape, input.type, axes, output);
  if (output.count() == 0) {
    return;
  }
  if (input.count() == 0) {
    fill_empty(fold, output);
    return;
  }
  visit_element(input.type, [&]<class T>(std::type_identity<T>) { fold_elements<T>(fold, input, axes, output, execution); });
}

}  // namespace omega::compute
