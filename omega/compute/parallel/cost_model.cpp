// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/cost_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <set>

namespace omega::compute {
namespace {

/// A call of which the processors were busy for less than this part waits; in processes it would wait as well. Where neighbours take turns at the processors
/// a call seems to wait for some of its time.
constexpr double kBusy = 0.25;
/// What has not been tried must be predicted to take less than this part of the best that is known.
constexpr double kWorthTrying = 0.9;
constexpr double kLeastForkSeconds = 1e-4;

void smooth(std::optional<double>& mean, double now) { mean = mean ? 0.7 * *mean + 0.3 * now : now; }

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g ms", seconds * 1e3);
  return text;
}

std::string kind_of(std::span<const std::string> functions, std::span<const double> elements) {
  std::string kind;
  for (const std::string_view name : std::set<std::string_view>(functions.begin(), functions.end())) {
    kind += std::string(name) + ",";
  }
  return kind + std::to_string(std::ilogb(1 + std::accumulate(elements.begin(), elements.end(), 0.0)));
}

}  // namespace

std::string_view name_of(Place place) {
  switch (place) {
    case Place::threads: return "thread";
    case Place::processes: return "process";
  }
  return "?";
}

CostModel::Choice CostModel::choose(std::span<const std::string> functions, std::span<const double> elements, unsigned workers) const {
  if (workers < 2 || processors_ < 2) {
    return {Place::threads, "there is one worker"};
  }
  const std::lock_guard lock(mutex_);
  const auto found = kinds_.find(kind_of(functions, elements));
  if (found == kinds_.end()) {
    return {Place::threads, "work like this has not been measured yet"};
  }
  if (!found->second.threads) {
    return {Place::threads, "work like this is measured anew after " + std::to_string(kMeasuredAnew) + " calls"};
  }
  const Known& known = found->second;
  const std::string threads = "threads took " + milliseconds(*known.threads);
  if (known.processes) {
    return {*known.processes < *known.threads ? Place::processes : Place::threads, threads + " and processes " + milliseconds(*known.processes)};
  }
  if (known.busy < kBusy * *known.threads) {
    return {Place::threads, threads + ", most of it waiting: the processor was busy for " + milliseconds(known.busy)};
  }
  const double predicted = predicted_in_processes(known, workers);
  const std::string processes = "; processes should take " + milliseconds(predicted);
  if (predicted < kWorthTrying * *known.threads) {
    return {Place::processes, threads + " with the processor busy for " + milliseconds(known.busy) + processes};
  }
  return {Place::threads, threads + processes};
}

double CostModel::predicted_in_processes(const Known& known, unsigned workers) const { return known.busy / std::min(workers, processors_) + fork_seconds_; }

void CostModel::learn(Place place, std::span<const std::string> functions, std::span<const double> elements, unsigned workers, const CallTimes& times) {
  const std::lock_guard lock(mutex_);
  if (kinds_.size() >= kMaxKinds) {
    kinds_.clear();
  }
  Known& known = kinds_[kind_of(functions, elements)];
  if (known.calls >= kMeasuredAnew) {
    known = {};
  }
  ++known.calls;
  switch (place) {
    case Place::threads:
      smooth(known.threads, times.seconds);
      known.busy = times.busy;
      break;
    case Place::processes:
      smooth(known.processes, times.seconds);
      const double beside = times.seconds - times.work / std::max(1U, std::min(workers, processors_));
      fork_seconds_ = 0.7 * fork_seconds_ + 0.3 * std::max(beside, kLeastForkSeconds);
      break;
  }
}

}  // namespace omega::compute
