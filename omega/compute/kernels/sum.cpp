// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/sum.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "omega/compute/arrays/strided.h"
#include "omega/compute/kernels/argument_checks.h"
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

Shape fold_shape(const Shape& shape, std::optional<int> axis, bool keep_axis, Fold fold) {
  std::vector<int64_t> extents;
  const size_t folded = axis ? resolved_axis(shape, *axis) : 0;
  int64_t length = axis ? shape[folded] : shape.count();
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (axis && i != folded) {
      extents.push_back(shape[i]);
    } else if (keep_axis) {
      extents.push_back(1);
    }
  }
  if (length == 0 && (fold == Fold::highest || fold == Fold::lowest)) {
    throw std::invalid_argument("axis: the highest or lowest of no elements does not exist; the shape is " + shape.describe());
  }
  return Shape(extents);
}

namespace {

FoldLoop loop_of(Fold fold) { return fold == Fold::highest ? FoldLoop::highest : fold == Fold::lowest ? FoldLoop::lowest : FoldLoop::sum; }

/// What is folded, as a matrix for each of `outer` places: `length` rows of `columns` elements.
struct Job {
  Fold fold;
  ArrayView input;
  std::vector<size_t> outer_axes;  ///< outermost first
  int64_t outer = 1;
  int64_t length = 1;  ///< elements folded into one
  int64_t length_stride = 0;
  int64_t columns = 1;  ///< of the last axis, when that is not the one folded
  int64_t column_stride = 0;

  [[nodiscard]] const std::byte* place(int64_t i) const {
    const std::byte* at = input.data;
    for (size_t k = outer_axes.size(); k-- > 0;) {
      const size_t axis = outer_axes[k];
      at += i % input.shape[axis] * input.strides[axis];
      i /= input.shape[axis];
    }
    return at;
  }
};

/// Axes behind `axis` that lie one behind the other become one.
ArrayView with_merged_end(const ArrayView& view, size_t axis) {
  std::vector<int64_t> extents(view.shape.extents().begin(), view.shape.extents().end());
  std::vector<int64_t> strides(view.strides.begin(), view.strides.begin() + static_cast<ptrdiff_t>(view.rank()));
  while (extents.size() > axis + 2 && strides[extents.size() - 2] == strides.back() * extents.back()) {
    extents[extents.size() - 2] *= extents.back();
    strides[extents.size() - 2] = strides.back();
    extents.pop_back();
    strides.pop_back();
  }
  ArrayView merged{view.data, view.type, Shape(extents), {}};
  std::copy(strides.begin(), strides.end(), merged.strides.begin());
  return merged;
}

Job job_of(Fold fold, const ArrayView& input, size_t axis) {
  Job job{.fold = fold, .input = with_merged_end(input, axis), .outer_axes = {}};
  const size_t last = job.input.rank() - 1;
  job.length = job.input.shape[axis];
  job.length_stride = job.input.strides[axis];
  if (axis != last) {
    job.columns = job.input.shape[last];
    job.column_stride = job.input.strides[last];
  }
  for (size_t i = 0; i <= last; ++i) {
    if (i != axis && i != last) {
      job.outer_axes.push_back(i);
      job.outer *= job.input.shape[i];
    }
  }
  return job;
}

template <class A>
A joined(FoldLoop fold, A a, A b) {
  if (fold == FoldLoop::sum) {
    return a + b;
  }
  if (b != b) {
    return b;
  }
  return fold == FoldLoop::highest ? (b > a ? b : a) : (b < a ? b : a);
}

/// Folds pieces of one job: `T` is the element, `A` the result.
template <class T, class A>
class Folder {
 public:
  Folder(const Job& job) : job_(job), fold_(loop_of(job.fold)), size_(static_cast<int64_t>(sizeof(T))) {  // NOLINT(google-explicit-constructor)
    const SumLoops& loops = sum_loops();
    row_ = loops.row[static_cast<int>(job.input.type)][static_cast<int>(fold_)];
    columns_ = loops.columns[static_cast<int>(job.input.type)][static_cast<int>(fold_)];
  }

  /// Rows [begin, end) of `columns` columns from `at` on, at least one, into `out`.
  void fold(const std::byte* at, int64_t begin, int64_t end, int64_t columns, A* out) const {
    const int64_t count = end - begin;
    if (count <= (ordered() ? kLeafElements : kBufferRows)) {
      leaf(at + begin * job_.length_stride, count, columns, out);
      return;
    }
    // Halves of whole leaves. As deep as the logarithm of the length.
    const int64_t middle = begin + (count / 2 + kLeafElements - 1) / kLeafElements * kLeafElements;
    A right[kTileColumns];
    fold(at, begin, middle, columns, out);
    fold(at, middle, end, columns, right);
    for (int64_t c = 0; c < columns; ++c) {
      out[c] = joined(fold_, out[c], right[c]);
    }
  }

 private:
  static constexpr int64_t kBufferRows = 4096;

  [[nodiscard]] bool ordered() const { return std::is_floating_point_v<T>; }

  void leaf(const std::byte* at, int64_t count, int64_t columns, A* out) const {
    const bool aligned = reinterpret_cast<uintptr_t>(at) % sizeof(T) == 0 && job_.length_stride % size_ == 0;
    if (job_.columns == 1 && job_.length_stride == size_ && aligned) {
      row_(at, count, out);
    } else if (job_.columns > 1 && job_.column_stride == size_ && aligned) {
      columns_(at, job_.length_stride / size_, count, columns, out);
    } else {
      gathered_leaf(at, count, columns, out);
    }
  }

  /// Elements that do not lie as the loops want them are moved first, leaf by leaf.
  void gathered_leaf(const std::byte* at, int64_t count, int64_t columns, A* out) const {
    T moved[kLeafElements];
    A part;
    for (int64_t c = 0; c < columns; ++c) {
      for (int64_t begin = 0; begin < count; begin += kLeafElements) {
        const int64_t piece = std::min(kLeafElements, count - begin);
        for (int64_t i = 0; i < piece; ++i) {
          moved[i] = load_element<T>(at + c * job_.column_stride + (begin + i) * job_.length_stride);
        }
        row_(moved, piece, &part);
        out[c] = begin == 0 ? part : joined(fold_, out[c], part);
      }
    }
  }

  const Job& job_;
  FoldLoop fold_;
  int64_t size_;
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

template <class T, class A>
void run_job(const Job& job, A* output, const Execution& execution) {
  const Folder<T, A> folder(job);
  const int64_t tiles = (job.columns + kTileColumns - 1) / kTileColumns;
  const int64_t pieces = (job.length + kPieceRows - 1) / kPieceRows;
  // Nothing to join when one piece is all: it writes the result itself.
  std::vector<A> parts(pieces > 1 ? static_cast<size_t>(job.outer * job.columns * pieces) : 0);
  A* const targets = pieces > 1 ? parts.data() : output;
  run_pieces(execution, job.outer * tiles * pieces, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t piece = i % pieces;
      const int64_t column = i / pieces % tiles * kTileColumns;
      const int64_t place = i / pieces / tiles;
      folder.fold(job.place(place) + column * job.column_stride, piece * kPieceRows, std::min((piece + 1) * kPieceRows, job.length),
                  std::min(kTileColumns, job.columns - column), targets + (place * pieces + piece) * job.columns + column);
    }
  });
  if (pieces > 1) {
    for (int64_t place = 0; place < job.outer; ++place) {
      for (int64_t c = 0; c < job.columns; ++c) {
        output[place * job.columns + c] = joined_pieces(loop_of(job.fold), parts.data() + place * pieces * job.columns + c, job.columns, pieces);
      }
    }
  }
}

void check_output(Fold fold, const Shape& shape, ElementType type, std::optional<int> axis, const ArrayView& output) {
  const Shape needed = fold_shape(shape, axis, false, fold);
  require_type("output", output.type, fold_type(fold, type));
  if (!(output.shape == needed)) {
    require_shape("output", output.shape, fold_shape(shape, axis, true, fold));
  }
  require_contiguous("output", output);
}

/// What nothing adds up to: 0, and as a mean no number.
void fill_empty(Fold fold, MutableArrayView output) {
  visit_element(output.type, [&]<class A>(std::type_identity<A>) {
    const A value = fold == Fold::mean ? static_cast<A>(std::nan("")) : A{0};
    std::fill_n(output.as<A>(), output.count(), value);
  });
}

/// Sums in place become means.
template <class A>
void divide(A* values, int64_t count, int64_t length) {
  for (int64_t i = 0; i < count; ++i) {
    values[i] /= static_cast<A>(length);
  }
}

template <class T>
void fold_elements(const Job& job, MutableArrayView output, const Execution& execution) {
  if (job.fold == Fold::highest || job.fold == Fold::lowest) {
    run_job<T, T>(job, output.as<T>(), execution);
  } else if constexpr (std::is_floating_point_v<T>) {
    run_job<T, T>(job, output.as<T>(), execution);
    if (job.fold == Fold::mean) {
      divide(output.as<T>(), output.count(), job.length);
    }
  } else if (job.fold == Fold::sum) {
    run_job<T, int64_t>(job, output.as<int64_t>(), execution);
  } else {
    std::vector<int64_t> sums(static_cast<size_t>(output.count()));
    run_job<T, int64_t>(job, sums.data(), execution);
    std::ranges::transform(sums, output.as<double>(), [&](int64_t sum) { return static_cast<double>(sum) / static_cast<double>(job.length); });
  }
}

}  // namespace

void fold_axis(Fold fold, const ArrayView& input, std::optional<int> axis, MutableArrayView output, const Execution& execution) {
  check_output(fold, input.shape, input.type, axis, output);
  if (output.count() == 0) {
    return;
  }
  if (input.count() == 0) {
    fill_empty(fold, output);
    return;
  }
  Array copy;
  ArrayView source = input;
  size_t folded = 0;
  if (axis) {
    folded = resolved_axis(input.shape, *axis);
  } else {
    if (!input.is_contiguous()) {
      copy = contiguous_copy(input, input.type);
      source = copy.view();
    }
    source.shape = Shape{input.count()};
    source.strides[0] = static_cast<int64_t>(size_of(input.type));
  }
  const Job job = job_of(fold, source, folded);
  visit_element(input.type, [&]<class T>(std::type_identity<T>) { fold_elements<T>(job, output, execution); });
}

}  // namespace omega::compute
