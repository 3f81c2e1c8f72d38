// SPDX-License-Identifier: Apache-2.0
// What each strategy takes for work of several kinds, and what `hybrid` chooses: the label, after some calls.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "omega/compute/parallel/parallel_processor.h"

namespace omega::compute {
namespace {

constexpr size_t kBatches = 8;

Array sine(const ArrayView& input, int64_t count) {
  Array output(ElementType::float64, {1});
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += std::sin(sum + input.as<double>()[i % input.count()]);
  }
  *output.as<double>() = sum;
  return output;
}

/// Takes no time.
Array tiny(const ArrayView& input) { return sine(input, 10); }
/// A millisecond of the processor.
Array computes(const ArrayView& input) { return sine(input, 50'000); }
/// A millisecond of the processor behind a lock that lets one in at a time, as a library may have it.
Array locked(const ArrayView& input) {
  static std::mutex library;
  const std::lock_guard lock(library);
  return sine(input, 50'000);
}
/// Four milliseconds of the processor behind the lock.
Array long_locked(const ArrayView& input) {
  static std::mutex library;
  const std::lock_guard lock(library);
  return sine(input, 200'000);
}
/// Half behind the lock.
Array half_locked(const ArrayView& input) {
  locked(input);
  return sine(input, 50'000);
}
/// Waits a millisecond.
Array waits(const ArrayView& input) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return tiny(input);
}
/// Writes 16 MB that the system has to give.
Array allocates(const ArrayView& input) {
  const std::vector<double> fresh(size_t{2} << 20, *input.as<double>());
  Array output(ElementType::float64, {1});
  *output.as<double>() = fresh[fresh.size() / 2];
  return output;
}

void places(benchmark::State& state, const ProcessingFunction& function, const std::string& strategy) {
  ParallelConfig config;
  config.parallel_strategy = strategy;
  ParallelProcessor processor(config);
  Array batch(ElementType::float64, {1000});
  std::fill_n(batch.as<double>(), 1000, 0.25);
  const std::vector<ArrayView> batches(kBatches, batch.view());
  const CallOptions options{.name = "work", .timeout = {}, .cancellation = nullptr};
  for (int i = 0; i < 5; ++i) {
    processor.parallel_spike_processing(batches, function, options);
  }
  for (const auto _ : state) {
    processor.parallel_spike_processing(batches, function, options);
  }
  const std::string words = processor.explain();
  if (const size_t at = words.find("hybrid: "); at != std::string::npos) {
    state.SetLabel(words.substr(at + 8));
  }
}

const bool registered = [] {
  const std::pair<const char*, Array (*)(const ArrayView&)> kinds[] = {
      {"tiny", tiny},   {"computes", computes},  {"locked", locked}, {"long_locked", long_locked}, {"half_locked", half_locked},
      {"waits", waits}, {"allocates", allocates}};
  for (const auto& [name, function] : kinds) {
    for (const char* strategy : {"thread", "process", "hybrid"}) {
      benchmark::RegisterBenchmark((std::string(name) + "/" + strategy).c_str(), places, ProcessingFunction(function), std::string(strategy))->UseRealTime();
    }
  }
  return true;
}();

}  // namespace
}  // namespace omega::compute
