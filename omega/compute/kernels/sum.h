// SPDX-License-Identifier: Apache-2.0
// Sums over axes.
#pragma once

#include <optional>
#include <type_traits>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/fold_layout.h"

namespace omega::compute {

/// How axes are folded.
enum class Fold : uint8_t { sum, mean, highest, lowest };

/// Element type of the result, as NumPy has it: sums of boolean and integers are int64, means of them float64, else the type itself.
ElementType fold_type(Fold fold, ElementType type);
/// An axis, counted from the end if negative, or all where there is none. Throws std::invalid_argument when it does not exist.
AxisSet axes_of(const Shape& shape, std::optional<int> axis);
/// The shape without `axes`, or with 1 in their places. Throws std::invalid_argument when a highest or lowest of nothing is asked for.
Shape folded_shape(const Shape& shape, AxisSet axes, bool keep_axes, Fold fold);

/// Elements that become one.
int64_t fold_length(const Shape& shape, AxisSet axes);

/// Folds `axes` of `input`, any strides, into `output`, contiguous, of fold_type() and fold_shape(). NaN and infinity as NumPy. Floats of one axis are added
/// pairwise in an order that depends on its length alone; those of several axes in one that depends on how they lie too.
void fold_axes(Fold fold, const ArrayView& input, AxisSet axes, MutableArrayView output, const Execution& execution = {});
/// The same of packed spikes; int64 sums, float64 means.
void fold_axes(Fold fold, const SpikeArray& input, AxisSet axes, MutableArrayView output, const Execution& execution = {});
/// Throws std::invalid_argument, naming `output`, where it is not as fold_axes() needs it.
void check_fold_output(Fold fold, const Shape& shape, ElementType type, AxisSet axes, const ArrayView& output);

/// An axis, or all.
inline Shape fold_shape(const Shape& shape, std::optional<int> axis, bool keep_axis, Fold fold) {
  return folded_shape(shape, axes_of(shape, axis), keep_axis, fold);
}
template <class Input>
void fold_axis(Fold fold, const Input& input, std::optional<int> axis, MutableArrayView output, const Execution& execution = {}) {
  if constexpr (std::is_same_v<Input, SpikeArray>) {
    fold_axes(fold, input, axes_of(input.shape(), axis), output, execution);
  } else {
    const ArrayView view = input;
    fold_axes(fold, view, axes_of(view.shape, axis), output, execution);
  }
}

}  // namespace omega::compute
