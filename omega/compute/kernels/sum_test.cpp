// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "omega/compute/arrays/strided.h"
#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;
using testing::with_thread_counts;

double element(const ArrayView& view, const std::byte* at) {
  return visit_element(view.type, [&]<class T>(std::type_identity<T>) { return static_cast<double>(load_element<T>(at)); });
}

/// Written out in float64: all elements, outermost index first, of which the numbers on `axis` are folded.
std::vector<double> reference(Fold fold, const ArrayView& input, int axis) {
  const Shape& shape = input.shape;
  int64_t outer = 1;
  int64_t inner = 1;
  for (int i = 0; i < static_cast<int>(shape.rank()); ++i) {
    (i < axis ? outer : inner) *= i == axis ? 1 : shape[static_cast<size_t>(i)];
  }
  const int64_t length = shape[static_cast<size_t>(axis)];
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> results;
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      double result = fold == Fold::highest ? -kInfinity : fold == Fold::lowest ? kInfinity : 0;
      for (int64_t k = 0; k < length; ++k) {
        int64_t flat = (o * length + k) * inner + i;
        const std::byte* at = input.data;
        for (size_t d = shape.rank(); d-- > 0;) {
          at += flat % shape[d] * input.strides[d];
          flat /= shape[d];
        }
        const double x = element(input, at);
        if (fold == Fold::highest || fold == Fold::lowest) {
          result = std::isnan(result) || std::isnan(x) ? NAN : fold == Fold::highest ? std::max(result, x) : std::min(result, x);
        } else {
          result += x;
        }
      }
      results.push_back(fold == Fold::mean ? result / static_cast<double>(length) : result);
    }
  }
  return results;
}

Array folded(Fold fold, const ArrayView& input, std::optional<int> axis, const Execution& execution = {}) {
  Array output(fold_type(fold, input.type), fold_shape(input.shape, axis, false, fold));
  fold_axis(fold, input, axis, output.mutable_view(), execution);
  return output;
}

void expect_close(const Array& got, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(got.shape().count(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    const double x = element(got.view(), got.view().data + i * size_of(got.type()));
    if (std::isnan(expected[i]) || std::isinf(expected[i])) {
      EXPECT_TRUE(std::isnan(x) == std::isnan(expected[i]) && (std::isnan(x) || x == expected[i])) << i << ": " << x;
    } else {
      ASSERT_NEAR(x, expected[i], tolerance) << i;
    }
  }
}

template <class T>
void check_all_axes(const Shape& shape, RandomNumbers& random) {
  const std::vector<T> elements = std::is_floating_point_v<T> ? random.uniform<T>(shape.count()) : random.spikes<T>(shape.count(), 0.4);
  const double tolerance = std::is_same_v<T, float> ? 2e-4 : 1e-9;
  const ArrayView view = view_of(elements.data(), shape);
  for (const Fold fold : {Fold::sum, Fold::mean, Fold::highest, Fold::lowest}) {
    for (int axis = 0; axis < static_cast<int>(shape.rank()); ++axis) {
      SCOPED_TRACE(shape.describe() + " axis " + std::to_string(axis) + " fold " + std::to_string(static_cast<int>(fold)));
      expect_close(folded(fold, view, axis), reference(fold, view, axis), tolerance);
      expect_close(folded(fold, view, axis - static_cast<int>(shape.rank())), reference(fold, view, axis), tolerance);
    }
    ArrayView flat = view;
    flat.shape = {shape.count()};
    flat.strides[0] = sizeof(T);
    expect_close(folded(fold, view, std::nullopt), reference(fold, flat, 0), tolerance);
  }
}

TEST(FoldAxis, EveryTypeAxisAndFoldAgreesWithTheReference) {
  with_every_instruction_set([] {
    RandomNumbers random(1);
    for (const Shape& shape :
         {Shape{1}, Shape{7}, Shape{300}, Shape{20000}, Shape{3, 5}, Shape{600, 9}, Shape{9, 700}, Shape{4, 130, 33}, Shape{2, 3, 4, 5}, Shape{9000, 3}}) {
      check_all_axes<uint8_t>(shape, random);
      check_all_axes<int32_t>(shape, random);
      check_all_axes<int64_t>(shape, random);
      check_all_axes<float>(shape, random);
      check_all_axes<double>(shape, random);
    }
  });
}

TEST(FoldAxis, FollowsAnyStrides) {
  with_every_instruction_set([] {
    RandomNumbers random(2);
    const std::vector<double> elements = random.uniform<double>(40 * 30 * 20);
    ArrayView view = view_of(elements.data(), {40, 30, 20});
    std::swap(view.strides[0], view.strides[2]);
    view.shape = {20, 30, 40};
    ArrayView backwards = view_of(elements.data(), {40, 30, 20});
    backwards.data += (40 * 30 * 20 - 1) * static_cast<int64_t>(sizeof(double));
    for (size_t i = 0; i < 3; ++i) {
      backwards.strides[i] = -backwards.strides[i];
    }
    ArrayView repeated = view_of(elements.data(), {30});
    repeated.shape = {50, 30};
    repeated.strides = {0, static_cast<int64_t>(sizeof(double))};
    ArrayView odd{reinterpret_cast<const std::byte*>(elements.data()) + 1, ElementType::uint8, {7, 900}, {1000, 3}};
    for (const ArrayView& each : {view, backwards, repeated, odd}) {
      for (int axis = 0; axis < static_cast<int>(each.rank()); ++axis) {
        expect_close(folded(Fold::sum, each, axis), reference(Fold::sum, each, axis), 1e-9);
        expect_close(folded(Fold::highest, each, axis), reference(Fold::highest, each, axis), 0);
      }
      expect_close(folded(Fold::sum, each, std::nullopt),
                   {element(folded(Fold::sum, folded(Fold::sum, each, 0).view(), std::nullopt).view(),
                            folded(Fold::sum, folded(Fold::sum, each, 0).view(), std::nullopt).view().data)},
                   1e-9);
    }
  });
}

/// The view with its axes in another order.
ArrayView in_order(const ArrayView& view, const std::vector<size_t>& order) {
  ArrayView turned = view;
  std::vector<int64_t> extents;
  for (size_t i = 0; i < order.size(); ++i) {
    extents.push_back(view.shape[order[i]]);
    turned.strides[i] = view.strides[order[i]];
  }
  turned.shape = Shape(extents);
  return turned;
}

/// Axes one after the other, each by the reference.
Array folded_in_turn(Fold fold, const ArrayView& view, AxisSet axes) {
  const Fold part = fold == Fold::mean ? Fold::sum : fold;
  Array result = contiguous_copy(view, fold_type(part, view.type));
  for (size_t i = 0; i < view.rank(); ++i) {
    if (axes[i]) {
      const std::vector<double> values = reference(part, result.view(), static_cast<int>(i));
      const Array exact = contiguous_copy(view_of(values.data(), folded_shape(result.shape(), AxisSet().set(i), true, part)), result.type());
      result = exact;
    }
  }
  return result;
}

template <class T>
void check_axes_however_they_lie(RandomNumbers& random) {
  const std::vector<T> elements = random.spikes<T>(3 * 20 * 7 * 18, 0.5);
  ArrayView dense = view_of(elements.data(), {3, 20, 7, 18});
  ArrayView backwards = dense;
  for (const size_t axis : {size_t{1}, size_t{3}}) {
    backwards.data += (dense.shape[axis] - 1) * dense.strides[axis];
    backwards.strides[axis] = -dense.strides[axis];
  }
  ArrayView gaps = dense;
  gaps.shape = {3, 20, 7, 9};
  gaps.strides[3] *= 2;
  ArrayView repeated = dense;
  repeated.strides[1] = 0;
  for (const ArrayView& lies : {dense, backwards, gaps, repeated}) {
    for (const std::vector<size_t>& order : {std::vector<size_t>{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {0, 2, 1, 3}}) {
      const ArrayView view = in_order(lies, order);
      for (unsigned set = 0; set < 16; ++set) {
        for (const Fold fold : {Fold::sum, Fold::highest, Fold::lowest}) {
          SCOPED_TRACE(view.shape.describe() + " axes " + std::to_string(set) + " fold " + std::to_string(static_cast<int>(fold)));
          Array got(fold_type(fold, view.type), folded_shape(view.shape, set, true, fold));
          fold_axes(fold, view, set, got.mutable_view());
          const Array expected = folded_in_turn(fold, view, set);
          EXPECT_EQ(std::memcmp(got.view().data, expected.view().data, static_cast<size_t>(got.shape().count()) * size_of(got.type())), 0);
        }
      }
    }
  }
}

TEST(FoldAxes, AnySetOfAxesHoweverTheyLie) {
  with_every_instruction_set([] {
    RandomNumbers random(6);
    check_axes_however_they_lie<uint8_t>(random);
    check_axes_however_they_lie<int32_t>(random);
    check_axes_however_they_lie<double>(random);
  });
}

TEST(FoldAxes, AnAxisOfFloatsIsAddedInOneOrderHoweverItLies) {
  RandomNumbers random(7);
  const std::vector<float> numbers = random.uniform<float>(300 * 700);
  const ArrayView view = view_of(numbers.data(), {300, 700});
  ArrayView backwards = view;
  backwards.data += 299 * view.strides[0] + 699 * view.strides[1];
  backwards.strides = {-view.strides[0], -view.strides[1]};
  for (const ArrayView& each : {in_order(view, {1, 0}), backwards, in_order(backwards, {1, 0})}) {
    const Array copy = contiguous_copy(each, each.type);
    for (const int axis : {0, 1}) {
      const Array expected = folded(Fold::sum, copy.view(), axis);
      const Array got = folded(Fold::sum, each, axis);
      EXPECT_EQ(std::memcmp(got.as<float>(), expected.as<float>(), static_cast<size_t>(got.shape().count()) * sizeof(float)), 0);
    }
  }
}

TEST(FoldAxis, BytesAddUpBeyondWhatBytesHold) {
  with_every_instruction_set([] {
    const std::vector<uint8_t> full(1000 * 70, 255);
    expect_close(folded(Fold::sum, view_of(full.data(), {1000, 70}), 0), std::vector<double>(70, 255000), 0);
    expect_close(folded(Fold::sum, view_of(full.data(), {70, 1000}), 1), std::vector<double>(70, 255000), 0);
    const std::vector<uint8_t> ones(1000 * 70, 1);
    ArrayView booleans = view_of(ones.data(), {1000, 70});
    booleans.type = ElementType::boolean;
    expect_close(folded(Fold::sum, booleans, 0), std::vector<double>(70, 1000), 0);
  });
}

TEST(FoldAxis, BooleansOfEveryWidthAndWithGaps) {
  with_every_instruction_set([] {
    RandomNumbers random(5);
    for (const int64_t columns : {1, 2, 31, 50, 63, 64, 65, 100, 127, 128, 200, 511, 512, 513, 700}) {
      for (const int64_t rows : {1, 2, 3, 255, 256, 300}) {
        const std::vector<uint8_t> elements = random.spikes<uint8_t>(3 * rows * columns, 0.5);
        ArrayView whole = view_of(elements.data(), {3, rows, columns});
        whole.type = ElementType::boolean;
        ArrayView part = whole;
        part.shape = Shape{3, rows, (columns + 1) / 2};
        part.data += columns - part.shape[2];
        for (const ArrayView& each : {whole, part}) {
          SCOPED_TRACE(each.shape.describe());
          expect_close(folded(Fold::sum, each, 1), reference(Fold::sum, each, 1), 0);
        }
      }
    }
  });
}

TEST(FoldAxis, OneBooleanUnlikeTheOthersIsFoundWhereverItIs) {
  constexpr int64_t kCount = 5000;
  for (const bool odd : {false, true}) {
    Array row(ElementType::boolean, {1, kCount});
    std::fill_n(row.as<uint8_t>(), kCount, odd ? 0 : 1);
    for (const int64_t at : {0, 1, 1023, 1024, 1025, 3000, 4999}) {
      Array highest(ElementType::boolean, {1});
      Array lowest(ElementType::boolean, {1});
      row.as<uint8_t>()[at] = odd ? 1 : 0;
      fold_axis(Fold::highest, row.view(), 1, highest.mutable_view());
      fold_axis(Fold::lowest, row.view(), 1, lowest.mutable_view());
      EXPECT_EQ(*highest.as<uint8_t>(), 1) << at;
      EXPECT_EQ(*lowest.as<uint8_t>(), 0) << at;
      row.as<uint8_t>()[at] = odd ? 0 : 1;
    }
    Array same(ElementType::boolean, {1});
    fold_axis(odd ? Fold::highest : Fold::lowest, row.view(), 1, same.mutable_view());
    EXPECT_EQ(*same.as<uint8_t>(), odd ? 0 : 1);
  }
}

TEST(FoldAxis, NotANumberAndInfinityAsInNumPy) {
  with_every_instruction_set([] {
    for (const int64_t place : {0, 5, 99}) {
      std::vector<float> numbers(100, 1);
      numbers[static_cast<size_t>(place)] = NAN;
      for (const Fold fold : {Fold::sum, Fold::mean, Fold::highest, Fold::lowest}) {
        EXPECT_TRUE(std::isnan(folded(fold, view_of(numbers.data(), {100}), 0).as<float>()[0]));
        EXPECT_TRUE(std::isnan(folded(fold, view_of(numbers.data(), {100, 1}), 0).as<float>()[0]));
      }
      numbers[static_cast<size_t>(place)] = INFINITY;
      EXPECT_EQ(folded(Fold::sum, view_of(numbers.data(), {100}), 0).as<float>()[0], INFINITY);
      EXPECT_EQ(folded(Fold::highest, view_of(numbers.data(), {100}), 0).as<float>()[0], INFINITY);
      EXPECT_EQ(folded(Fold::lowest, view_of(numbers.data(), {100}), 0).as<float>()[0], 1);
    }
  });
}

TEST(FoldAxis, NothingAddsUpToZeroAndHasNoMean) {
  const std::vector<float> none;
  const ArrayView empty = view_of(none.data(), {0, 3});
  expect_close(folded(Fold::sum, empty, 0), {0, 0, 0}, 0);
  expect_close(folded(Fold::mean, empty, 0), {NAN, NAN, NAN}, 0);
  EXPECT_EQ(folded(Fold::sum, empty, 1).shape(), Shape{0});
  EXPECT_EQ(folded(Fold::highest, empty, 1).shape(), Shape{0});
  EXPECT_THROW(static_cast<void>(folded(Fold::highest, empty, 0)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(folded(Fold::lowest, empty, std::nullopt)), std::invalid_argument);
}

TEST(FoldAxis, RefusesWrongAxesTypesAndShapes) {
  const std::vector<float> numbers(6);
  const ArrayView view = view_of(numbers.data(), {2, 3});
  EXPECT_THROW(static_cast<void>(folded(Fold::sum, view, 2)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(folded(Fold::sum, view, -3)), std::invalid_argument);
  Array wrong_type(ElementType::float64, {3});
  EXPECT_THROW(fold_axis(Fold::sum, view, 0, wrong_type.mutable_view()), std::invalid_argument);
  Array wrong_shape(ElementType::float32, {2});
  EXPECT_THROW(fold_axis(Fold::sum, view, 0, wrong_shape.mutable_view()), std::invalid_argument);
  Array kept(ElementType::float32, {1, 3});
  EXPECT_NO_THROW(fold_axis(Fold::sum, view, 0, kept.mutable_view()));
}

TEST(FoldAxis, SameBitsOnEveryNumberOfThreadsAndInEveryInstructionSet) {
  RandomNumbers random(3);
  const std::vector<float> numbers = random.uniform<float>(30000 * 11);
  for (const Shape& shape : {Shape{30000, 11}, Shape{11, 30000}, Shape{330000}}) {
    const ArrayView view = view_of(numbers.data(), shape);
    const Array expected = folded(Fold::sum, view, 0);
    with_every_instruction_set([&] {
      with_thread_counts([&](task::Scheduler& scheduler) {
        const Array got = folded(Fold::sum, view, 0, {.scheduler = &scheduler});
        EXPECT_EQ(std::memcmp(got.as<float>(), expected.as<float>(), static_cast<size_t>(got.shape().count()) * sizeof(float)), 0);
      });
    });
  }
}

TEST(FoldAxis, StopsWhenCancelled) {
  const std::vector<float> numbers(1000000);
  task::Cancellation cancellation;
  cancellation.cancel();
  EXPECT_THROW(static_cast<void>(folded(Fold::sum, view_of(numbers.data(), {1000000}), 0, {.cancellation = &cancellation})), Stopped);
}

TEST(FoldAxisOfSpikes, AgreesWithTheBytes) {
  with_every_instruction_set([] {
    RandomNumbers random(4);
    for (const Shape& shape :
         {Shape{1}, Shape{100}, Shape{70000, 3}, Shape{5, 512}, Shape{1000, 600}, Shape{3, 100, 200}, Shape{2, 33, 5, 70}, Shape{3, 0}, Shape{0, 3}}) {
      for (const double density : {0.0, 0.1, 1.0}) {
        std::vector<uint8_t> bytes = random.spikes<uint8_t>(shape.count(), density);
        ArrayView view = view_of(bytes.data(), shape);
        view.type = ElementType::boolean;
        const SpikeArray spikes = SpikeArray::from_dense(view);
        for (const Fold fold : {Fold::sum, Fold::mean, Fold::highest, Fold::lowest}) {
          for (int axis = -1; axis < static_cast<int>(shape.rank()); ++axis) {
            const std::optional<int> folds = axis < 0 ? std::nullopt : std::optional(axis);
            if ((axis < 0 ? shape.count() : shape[static_cast<size_t>(axis)]) == 0) {
              continue;
            }
            const Array expected = folded(fold, view, folds);
            Array got(expected.type(), expected.shape());
            fold_axis(fold, spikes, folds, got.mutable_view());
            EXPECT_EQ(std::memcmp(got.view().data, expected.view().data, static_cast<size_t>(got.shape().count()) * size_of(got.type())), 0)
                << shape.describe() << " axis " << axis << " fold " << static_cast<int>(fold);
          }
        }
      }
    }
  });
}

TEST(FoldAxesOfSpikes, AnySetOfAxesIsThatOfTheBytes) {
  RandomNumbers random(8);
  const Shape shape{3, 20, 7, 70};
  std::vector<uint8_t> bytes = random.spikes<uint8_t>(shape.count(), 0.7);
  ArrayView view = view_of(bytes.data(), shape);
  view.type = ElementType::boolean;
  const SpikeArray spikes = SpikeArray::from_dense(view);
  for (unsigned set = 0; set < 16; ++set) {
    for (const Fold fold : {Fold::sum, Fold::mean, Fold::highest, Fold::lowest}) {
      Array expected(fold_type(fold, ElementType::boolean), folded_shape(shape, set, false, fold));
      Array got(expected.type(), expected.shape());
      fold_axes(fold, view, set, expected.mutable_view());
      fold_axes(fold, spikes, set, got.mutable_view());
      EXPECT_EQ(std::memcmp(got.view().data, expected.view().data, static_cast<size_t>(got.shape().count()) * size_of(got.type())), 0)
          << "axes " << set << " fold " << static_cast<int>(fold);
    }
  }
}

}  // namespace
}  // namespace omega::compute
