// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/device_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "omega/compute/parallel/parallel_processor.h"
#include "omega/compute/parallel/reservoir_batch.h"
#include "omega/sys/environment.h"

namespace omega::compute {
namespace {

constexpr const char* kDoubled =
    "__kernel void doubled(__global const int* in, __global int* out, long n) { long i = get_global_id(0); if (i < n) out[i] = 2 * in[i]; }";

/// How many devices there are at least: PoCL, which the tests need, makes one of all processors, and one processor cannot be split.
unsigned device_count() { return std::min(sys::cpu_count(), 2U); }

TEST(DevicePool, RunsAKernelForEachTaskOnAllDevices) {
  for (unsigned wanted = 1; wanted <= device_count(); ++wanted) {
    DevicePool pool(wanted);
    EXPECT_EQ(pool.count(), wanted);
    EXPECT_EQ(pool.names().size(), wanted);
    std::vector<Array> inputs;
    std::vector<Array> outputs;
    std::vector<DeviceTask> tasks;
    for (const int64_t size : {5, 1000, 0, 64, 65}) {
      inputs.emplace_back(ElementType::int32, Shape{size});
      std::iota(inputs.back().as<int32_t>(), inputs.back().as<int32_t>() + size, 7);
      outputs.emplace_back(ElementType::int32, Shape{size});
      tasks.push_back({.inputs = {inputs.back().view()}, .output = outputs.back().mutable_view(), .numbers = {size}, .load = static_cast<double>(size)});
    }
    const std::vector<unsigned> device_of = pool.run(kDoubled, "doubled", tasks);
    EXPECT_EQ(device_of[1] != device_of[0], wanted > 1);
    for (size_t t = 0; t < tasks.size(); ++t) {
      for (int64_t i = 0; i < outputs[t].shape().count(); ++i) {
        ASSERT_EQ(outputs[t].as<int32_t>()[i], 2 * (i + 7));
      }
    }
  }
}

TEST(DevicePool, PoolsFollowEachOther) {
  Array input(ElementType::int32, {64});
  std::iota(input.as<int32_t>(), input.as<int32_t>() + 64, 7);
  for (int round = 0; round < 200; ++round) {
    DevicePool pool(1 + static_cast<unsigned>(round) % device_count());
    Array output(ElementType::int32, {64});
    pool.run(kDoubled, "doubled", std::vector<DeviceTask>{{.inputs = {input.view()}, .output = output.mutable_view(), .numbers = {64}}});
    ASSERT_EQ(output.as<int32_t>()[63], 2 * (63 + 7));
  }
}

TEST(DevicePool, AKernelThatDoesNotCompileSaysWhy) {
  DevicePool pool(std::nullopt);
  Array output(ElementType::int32, {1});
  const DeviceTask task{.inputs = {}, .output = output.mutable_view(), .numbers = {}};
  EXPECT_THROW(pool.run("__kernel void broken(", "broken", std::span(&task, 1)), DeviceError);
}

TEST(DevicePool, MoreDevicesThanThereAreIsAnError) {
  EXPECT_GT(DevicePool(std::nullopt).count(), 0u);
  EXPECT_THROW(DevicePool(4000), DeviceError);
}

/// In a process of its own, since drivers are loaded once.
TEST(DevicePool, ADriverThatEndsTheProcessIsAnError) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto pool_without_sys = [] {
    ::setenv("HWLOC_FSROOT", "/nowhere", 1);  // PoCL then sees the machine as it does where /sys is not mounted, and aborts
    try {
      const DevicePool pool(std::nullopt);
      std::fprintf(stderr, "found\n");
    } catch (const DeviceError& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(7);
  };
  EXPECT_EXIT(pool_without_sys(), testing::ExitedWithCode(7), "no OpenCL device: .*killed by signal 6, Aborted: .*where /sys is not mounted");
}

TEST(DevicePool, CurrentsAreThoseOfTheEngine) {
  ParallelConfig config;
  config.parallel_strategy = "jax_pmap";
  config.num_threads = device_count();
  ParallelProcessor processor(config);
  for (const ElementType type : {ElementType::float32, ElementType::float64}) {
    Array input(type, {5, 30});
    Array recurrent(type, {30, 30});
    Array states(type, {3, 30});
    Array spikes(ElementType::boolean, {3, 5});
    for (const auto& [array, step] : {std::pair(&input, 0.37), {&recurrent, 0.11}, {&states, 0.7}}) {
      for (int64_t i = 0; i < array->shape().count(); ++i) {
        const double value = std::sin(step * static_cast<double>(i));
        type == ElementType::float32 ? void(array->as<float>()[i] = static_cast<float>(value)) : void(array->as<double>()[i] = value);
      }
    }
    for (int64_t i = 0; i < 15; ++i) {
      spikes.as<uint8_t>()[i] = i % 2 == 0;
    }
    const ArrayView state_views[] = {states.view(), states.view()};
    const ArrayView spike_views[] = {spikes.view(), spikes.view()};
    for (const Activation activation : {Activation{}, {Activation::Kind::tanh, 1}, {Activation::Kind::leaky_tanh, 0.25}}) {
      const auto expected = reservoir_currents(state_views, input.view(), recurrent.view(), spike_views, activation);
      const auto got = processor.parallel_reservoir_computation(state_views, input.view(), recurrent.view(), spike_views, activation);
      ASSERT_EQ(got.size(), 2u);
      EXPECT_NE(processor.explain().find("OpenCL devices"), std::string::npos) << processor.explain();
      for (int64_t i = 0; i < 90; ++i) {
        if (type == ElementType::float32) {
          ASSERT_NEAR(got[1].as<float>()[i], expected[1].as<float>()[i], 1e-4);
        } else {
          ASSERT_NEAR(got[1].as<double>()[i], expected[1].as<double>()[i], 1e-12);
        }
      }
    }
  }
  const ArrayView nothing[1];
  const Array weights(ElementType::float32, {1, 1});
  EXPECT_THROW(processor.parallel_reservoir_computation({}, PreparedReservoir(weights.view(), weights.view()), {}), std::invalid_argument);
  EXPECT_THROW(processor.parallel_spike_processing(nothing, [](const ArrayView&) { return Array(); }), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
