// SPDX-License-Identifier: Apache-2.0
// benchmark_parallel_performance: the same work in sequence and in parallel.
#include <algorithm>
#include <random>
#include <stdexcept>

#include "omega/compute/kernels/sum.h"
#include "omega/compute/parallel/parallel_processor.h"
#include "omega/compute/parallel/reservoir_batch.h"
#include "omega/sys/environment.h"

namespace omega::compute {
namespace {

constexpr size_t kBatches = 8;

template <class Run>
double median_seconds(int iterations, Run&& run) {
  run();
  std::vector<double> seconds;
  for (int i = 0; i < iterations; ++i) {
    const int64_t begin = sys::real_clock().now_ns();
    run();
    seconds.push_back(static_cast<double>(sys::real_clock().now_ns() - begin) * 1e-9);
  }
  std::ranges::nth_element(seconds, seconds.begin() + iterations / 2);
  return seconds[static_cast<size_t>(iterations / 2)];
}

template <class Sequential, class Parallel>
BenchmarkTiming compare(int iterations, Sequential&& sequential, Parallel&& parallel) {
  BenchmarkTiming timing;
  task::Scheduler one(1);
  {
    const task::Attachment attachment(one);
    timing.sequential_time = median_seconds(iterations, sequential);
  }
  timing.parallel_time = median_seconds(iterations, parallel);
  timing.speedup = timing.sequential_time / timing.parallel_time;
  return timing;
}

std::vector<Array> random_arrays(size_t count, ElementType type, const Shape& shape, std::mt19937_64& engine) {
  std::vector<Array> arrays;
  for (size_t i = 0; i < count; ++i) {
    Array array(type, shape);
    for (int64_t k = 0; k < shape.count(); ++k) {
      if (type == ElementType::boolean) {
        array.as<uint8_t>()[k] = engine() % 10 == 0;
      } else {
        array.as<double>()[k] = static_cast<double>(engine() >> 11) * 0x1p-52 - 1;
      }
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

std::vector<ArrayView> views_of(const std::vector<Array>& arrays) {
  std::vector<ArrayView> views;
  std::ranges::transform(arrays, std::back_inserter(views), [](const Array& array) { return array.view(); });
  return views;
}

Array fold(Fold kind, int axis, const ArrayView& input) {
  Array output(fold_type(kind, input.type), fold_shape(input.shape, axis, false, kind));
  fold_axis(kind, input, axis, output.mutable_view());
  return output;
}

}  // namespace

BenchmarkReport ParallelProcessor::benchmark_parallel_performance(std::span<const int64_t> sizes, int iterations) {
  if (iterations < 1) {
    throw std::invalid_argument("num_iterations = " + std::to_string(iterations) + ": it must be at least 1");
  }
  std::mt19937_64 engine(42);
  BenchmarkReport report;
  const ProcessingFunction sum_spikes = [](const ArrayView& batch) { return fold(Fold::sum, 1, batch); };
  const ProcessingFunction cores[] = {[](const ArrayView& data) { return fold(Fold::sum, -1, data); },
                                      [](const ArrayView& data) { return fold(Fold::mean, -1, data); },
                                      [](const ArrayView& data) { return fold(Fold::highest, -1, data); }};
  for (const int64_t size : sizes) {
    if (size < 1) {
      throw std::invalid_argument("test_sizes: " + std::to_string(size) + "; sizes must be at least 1");
    }
    const std::vector<Array> batches = random_arrays(kBatches, ElementType::boolean, {10, 100, size}, engine);
    const std::vector<ArrayView> batch_views = views_of(batches);
    report.spike_processing[size] =
        compare(iterations, [&] { std::ranges::for_each(batch_views, sum_spikes); }, [&] { parallel_spike_processing(batch_views, sum_spikes); });

    const std::vector<Array> states = random_arrays(kBatches, ElementType::float64, {size}, engine);
    const std::vector<Array> spikes = random_arrays(kBatches, ElementType::boolean, {std::max<int64_t>(size / 2, 1)}, engine);
    const std::vector<Array> weights = random_arrays(1, ElementType::float64, {std::max<int64_t>(size / 2, 1), size}, engine);
    const std::vector<Array> recurrent = random_arrays(1, ElementType::float64, {size, size}, engine);
    const std::vector<ArrayView> state_views = views_of(states);
    const std::vector<ArrayView> spike_views = views_of(spikes);
    report.reservoir_computation[size] = compare(
        iterations, [&] { reservoir_currents(state_views, weights[0].view(), recurrent[0].view(), spike_views); },
        [&] { parallel_reservoir_computation(state_views, weights[0].view(), recurrent[0].view(), spike_views); });

    std::vector<Array> inputs;
    for (const int64_t width : {300, 250, 350}) {
      inputs.push_back(random_arrays(1, ElementType::float64, {size, width}, engine)[0]);
    }
    const std::vector<ArrayView> input_views = views_of(inputs);
    report.multi_modal_reasoning[size] = compare(
        iterations,
        [&] {
          for (size_t i = 0; i < std::size(cores); ++i) {
            cores[i](input_views[i]);
          }
        },
        [&] { parallel_multi_modal_reasoning(cores, input_views); });
  }
  return report;
}

}  // namespace omega::compute
