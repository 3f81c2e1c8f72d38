// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/plasticity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;
using testing::with_thread_counts;

TEST(FilterSpikes, AgreesWithTheReferenceAndWithStepsAlone) {
  with_every_instruction_set([] {
    RandomNumbers random(41);
    for (const Shape& shape : {Shape{1, 1}, Shape{50, 70}, Shape{20, 3, 1100}, Shape{0, 5}, Shape{5, 0}}) {
      const std::vector<uint8_t> bytes = random.spikes<uint8_t>(shape.count(), 0.2);
      const SpikeArray spikes = SpikeArray::from_dense(view_of(bytes.data(), shape));
      std::vector<double> filtered(bytes.size());
      filter_spikes(spikes, 0.9, 0.5, mutable_view_of(filtered.data(), shape));
      const int64_t width = shape[0] == 0 ? 0 : shape.count() / shape[0];
      std::vector<double> trace(static_cast<size_t>(width));
      for (int64_t t = 0; t < shape[0]; ++t) {
        for (int64_t i = 0; i < width; ++i) {
          double& each = trace[static_cast<size_t>(i)];
          each = each * 0.9 + (bytes[static_cast<size_t>(t * width + i)] != 0 ? 0.5 : 0);
          ASSERT_DOUBLE_EQ(filtered[static_cast<size_t>(t * width + i)], each);
        }
      }
    }
  });
}

TEST(DecayTraces, AgreesWithTheReference) {
  with_every_instruction_set([] {
    RandomNumbers random(42);
    std::vector<float> traces = random.uniform<float>(3 * 77);
    const std::vector<float> before = traces;
    const std::vector<uint8_t> bytes = random.spikes<uint8_t>(3 * 77, 0.3);
    decay_traces(SpikeArray::from_dense(view_of(bytes.data(), {3, 77})), 0.8, 1, mutable_view_of(traces.data(), {3, 77}));
    for (size_t i = 0; i < traces.size(); ++i) {
      ASSERT_EQ(traces[i], before[i] * 0.8F + static_cast<float>(bytes[i]));
    }
  });
}

TEST(DecayTraces, DoNotEndInSubnormals) {
  const SpikeArray none(Shape{100});
  std::vector<float> traces(100, 1);
  for (int i = 0; i < 1000; ++i) {
    decay_traces(none, 0.9, 1, mutable_view_of(traces.data(), {100}));
  }
  EXPECT_EQ(traces, std::vector<float>(100, 0));
  // The thread's own arithmetic is as it was.
  volatile float smallest = std::numeric_limits<float>::min();
  EXPECT_GT(smallest / 2, 0.0F);
}

template <class T>
struct StdpExample {
  int64_t pre;
  int64_t post;
  std::vector<T> weights;
  std::vector<T> pre_trace;
  std::vector<T> post_trace;
  std::vector<uint8_t> pre_bytes;
  std::vector<uint8_t> post_bytes;

  StdpExample(int64_t pre_count, int64_t post_count, double density, RandomNumbers& random) : pre(pre_count), post(post_count) {
    weights = random.sparse<T>(pre * post, 0.5);
    pre_trace = random.uniform<T>(pre);
    post_trace = random.uniform<T>(post);
    pre_bytes = random.spikes<uint8_t>(pre, density);
    post_bytes = random.spikes<uint8_t>(post, density);
  }

  void step(const StdpParameters& parameters, std::vector<T>& changed, const Execution& execution = {}) const {
    stdp_step(SpikeArray::from_dense(view_of(pre_bytes.data(), {pre})), SpikeArray::from_dense(view_of(post_bytes.data(), {post})),
              view_of(pre_trace.data(), {pre}), view_of(post_trace.data(), {post}), parameters, mutable_view_of(changed.data(), {post, pre}), execution);
  }
};

constexpr StdpParameters kStdp{.potentiation = 0.3, .depression = 0.4, .lowest = 0.05, .highest = 0.9};

template <class T>
void check_stdp(RandomNumbers& random) {
  const StdpExample<T> example(random.between(0, 90), random.between(0, 60), 0.3, random);
  std::vector<T> changed = example.weights;
  example.step(kStdp, changed);
  for (int64_t i = 0; i < example.post; ++i) {
    for (int64_t j = 0; j < example.pre; ++j) {
      const auto at = static_cast<size_t>(i * example.pre + j);
      const double weight = example.weights[at];
      const bool pre = example.pre_bytes[static_cast<size_t>(j)] != 0;
      const bool post = example.post_bytes[static_cast<size_t>(i)] != 0;
      double size = std::fabs(weight);
      if (pre || post) {
        size += (post ? kStdp.potentiation * static_cast<double>(example.pre_trace[static_cast<size_t>(j)]) : 0) -
                (pre ? kStdp.depression * static_cast<double>(example.post_trace[static_cast<size_t>(i)]) : 0);
        size = std::clamp(size, kStdp.lowest, kStdp.highest);
      }
      ASSERT_NEAR(changed[at], weight == 0 ? 0 : std::copysign(size, weight), 1e-6) << i << ", " << j;
    }
  }
}

TEST(StdpStep, AgreesWithTheReference) {
  with_every_instruction_set([] {
    RandomNumbers random(43);
    for (int i = 0; i < 10; ++i) {
      check_stdp<float>(random);
      check_stdp<double>(random);
    }
  });
}

TEST(StdpStep, SameBitsOnEveryNumberOfThreads) {
  RandomNumbers random(44);
  const StdpExample<float> example(500, 300, 0.2, random);
  std::vector<float> expected = example.weights;
  example.step(kStdp, expected);
  with_every_instruction_set([&] {
    with_thread_counts([&](task::Scheduler& scheduler) {
      std::vector<float> changed = example.weights;
      example.step(kStdp, changed, {.scheduler = &scheduler});
      EXPECT_EQ(changed, expected);
    });
  });
}

TEST(StdpStep, ASynapseDoesNotVanish) {
  std::vector<float> weight{0.1F};
  const std::vector<float> trace{100};
  SpikeArray spike(Shape{1});
  spike.mutable_row(0)[0] = 1;
  const SpikeArray none(Shape{1});
  stdp_step(spike, none, view_of(trace.data(), {1}), view_of(trace.data(), {1}), {}, mutable_view_of(weight.data(), {1, 1}));
  EXPECT_EQ(weight[0], std::numeric_limits<float>::min());
  stdp_step(none, spike, view_of(trace.data(), {1}), view_of(trace.data(), {1}), {}, mutable_view_of(weight.data(), {1, 1}));
  EXPECT_EQ(weight[0], 1.0F);
}

TEST(Plasticity, RefusesWrongTypesAndShapes) {
  std::vector<float> numbers(6);
  std::vector<int32_t> integers(6);
  const SpikeArray spikes(Shape{2, 3});
  EXPECT_THROW(decay_traces(spikes, 0.9, 1, mutable_view_of(numbers.data(), {6})), std::invalid_argument);
  EXPECT_THROW(decay_traces(spikes, 0.9, 1, mutable_view_of(integers.data(), {2, 3})), std::invalid_argument);
  EXPECT_THROW(filter_spikes(SpikeArray(Shape{6}), 0.9, 1, mutable_view_of(numbers.data(), {6})), std::invalid_argument);
  const SpikeArray two(Shape{2});
  const SpikeArray three(Shape{3});
  const ArrayView trace_2 = view_of(numbers.data(), {2});
  const ArrayView trace_3 = view_of(numbers.data(), {3});
  const MutableArrayView weights = mutable_view_of(numbers.data(), {2, 3});
  EXPECT_THROW(stdp_step(two, three, trace_2, trace_3, {}, weights), std::invalid_argument);
  EXPECT_THROW(stdp_step(three, two, trace_2, trace_2, {}, weights), std::invalid_argument);
  EXPECT_THROW(stdp_step(spikes, two, trace_3, trace_2, {}, weights), std::invalid_argument);
  EXPECT_THROW(stdp_step(three, two, trace_3, trace_2, {.lowest = 2, .highest = 1}, weights), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
