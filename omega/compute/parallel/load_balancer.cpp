// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/load_balancer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>
#include <utility>

namespace omega::compute {
namespace {

/// How much the last measurement counts beside those before it.
constexpr double kWeight = 0.3;

size_t size_class(double elements) { return elements < 1 ? 0 : std::min<size_t>(static_cast<size_t>(std::ilogb(elements)), 63); }

}  // namespace

std::optional<double> LoadBalancer::expected_locked(std::string_view function, double elements) const {
  const auto found = costs_.find(std::string(function));
  if (found == costs_.end()) {
    return std::nullopt;
  }
  const size_t wanted = size_class(elements);
  const double* const known = found->second.seconds_per_element;
  for (size_t distance = 0; distance < kSizes; ++distance) {
    for (const size_t at : {wanted - distance, wanted + distance}) {
      if (at < kSizes && known[at] > 0) {
        return known[at] * std::max(elements, 1.0);
      }
    }
  }
  return std::nullopt;
}

std::optional<double> LoadBalancer::expected_seconds(std::string_view function, double elements) const {
  const std::lock_guard lock(mutex_);
  return expected_locked(function, elements);
}

std::vector<double> LoadBalancer::estimate_loads(std::span<const std::string> functions, std::span<const double> elements) const {
  const size_t count = elements.size();
  std::vector<std::optional<double>> known(count);
  double known_seconds = 0;
  double known_elements = 0;
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < count; ++i) {
      known[i] = expected_locked(functions[i], elements[i]);
      if (known[i]) {
        known_seconds += *known[i];
        known_elements += std::max(elements[i], 1.0);
      }
    }
  }
  const double scale = known_elements > 0 ? known_seconds / known_elements : 1;
  std::vector<double> loads(count);
  for (size_t i = 0; i < count; ++i) {
    loads[i] = std::max(known[i] ? *known[i] : scale * std::max(elements[i], 1.0), 1e-12);
  }
  return loads;
}

void LoadBalancer::record(const TaskRecord& record) {
  const std::lock_guard lock(mutex_);
  if (costs_.size() >= kMaxFunctions && !costs_.contains(record.function)) {
    costs_.erase(std::ranges::min_element(costs_, {}, [](const auto& entry) { return entry.second.last_use; }));
  }
  Cost& cost = costs_[record.function];
  if (cost.function == nullptr) {
    cost.function = std::make_shared<const std::string>(record.function);
  }
  cost.last_use = ++uses_;
  const double measured = std::max(record.seconds, 1e-9) / std::max(record.elements, 1.0);
  double& per_element = cost.seconds_per_element[size_class(record.elements)];
  per_element = per_element > 0 ? per_element + kWeight * (measured - per_element) : measured;
  Kept kept{cost.function, record.elements, record.estimate, record.seconds, record.worker};
  if (records_.size() < kMaxRecords) {
    records_.push_back(std::move(kept));
  } else {
    records_[oldest_] = std::move(kept);
    oldest_ = (oldest_ + 1) % kMaxRecords;
  }
}

std::vector<TaskRecord> LoadBalancer::history() const {
  const std::lock_guard lock(mutex_);
  std::vector<TaskRecord> records;
  records.reserve(records_.size());
  for (size_t i = 0; i < records_.size(); ++i) {
    const Kept& kept = records_[(oldest_ + i) % records_.size()];
    records.push_back({*kept.function, kept.elements, kept.estimate, kept.seconds, kept.worker});
  }
  return records;
}

void LoadBalancer::clear() {
  const std::lock_guard lock(mutex_);
  costs_.clear();
  records_.clear();
  oldest_ = 0;
}

std::vector<std::vector<uint32_t>> assign_heaviest_first(std::span<const double> loads, unsigned workers) {
  std::vector<uint32_t> order(loads.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) { return loads[a] > loads[b]; });
  using Entry = std::pair<double, unsigned>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> least;
  for (unsigned worker = 0; worker < workers; ++worker) {
    least.emplace(0.0, worker);
  }
  std::vector<std::vector<uint32_t>> lists(workers);
  for (const uint32_t task : order) {
    const auto [load, worker] = least.top();
    least.pop();
    lists[worker].push_back(task);
    least.emplace(load + loads[task], worker);
  }
  return lists;
}

std::vector<std::vector<uint32_t>> assign_in_order(size_t tasks, unsigned workers, size_t chunk) {
  std::vector<std::vector<uint32_t>> lists(workers);
  if (chunk == 0) {
    chunk = std::max<size_t>((tasks + workers - 1) / workers, 1);
  }
  for (size_t task = 0; task < tasks; ++task) {
    lists[task / chunk % workers].push_back(static_cast<uint32_t>(task));
  }
  return lists;
}

TaskHandout::TaskHandout(std::vector<std::vector<uint32_t>> lists, std::vector<double> loads, std::optional<double> threshold, Chunk chunk)
    : lanes_(lists.size()), loads_(std::move(loads)), threshold_(threshold), chunk_(chunk) {
  chunk_.most = std::max<size_t>(chunk_.most, 1);
  for (size_t worker = 0; worker < lists.size(); ++worker) {
    for (const uint32_t task : lists[worker]) {
      lanes_[worker].tasks.push_back(task);
      lanes_[worker].load += loads_[task];
      ++left_;
    }
  }
}

double TaskHandout::usual_pace() const {
  double seconds = 0;
  double done = 0;
  for (const Lane& lane : lanes_) {
    seconds += lane.seconds;
    done += lane.done;
  }
  return done > 0 && seconds > 0 ? seconds / done : chunk_.pace;
}

void TaskHandout::rebalance(unsigned worker) {
  // A worker that was slower than expected is expected to be so for the rest.
  const double known = usual_pace();
  const double usual = known > 0 ? known : 1;
  const auto time_left = [&](const Lane& lane) { return (lane.load + lane.running) * pace_of(lane, usual); };
  Lane& own = lanes_[worker];
  while (true) {
    Lane* most = nullptr;
    double most_left = 0;
    for (Lane& lane : lanes_) {
      if (&lane != &own && !lane.tasks.empty() && time_left(lane) > most_left) {
        most = &lane;
        most_left = time_left(lane);
      }
    }
    const bool idle = own.tasks.empty();
    if (most == nullptr || time_left(own) >= (1 - *threshold_) * most_left) {
      return;
    }
    // Who has nothing begins with the heaviest; who still has some takes the lightest, unless that would only turn the two round.
    const uint32_t task = idle ? most->tasks.front() : most->tasks.back();
    if (!idle && time_left(own) + loads_[task] * pace_of(own, usual) > most_left) {
      return;
    }
    idle ? most->tasks.pop_front() : most->tasks.pop_back();
    most->load -= loads_[task];
    own.tasks.push_back(task);
    own.load += loads_[task];
    ++moves_;
  }
}

size_t TaskHandout::most_at_once() const {
  return chunk_.seconds && chunk_.pace == 0 ? std::min(chunk_.most, std::max<size_t>(left_ / (2 * lanes_.size()), 1)) : chunk_.most;
}

std::vector<uint32_t> TaskHandout::next(unsigned worker, double seconds) {
  const std::lock_guard lock(mutex_);
  Lane& own = lanes_[worker];
  own.done += own.running;
  own.seconds += seconds;
  own.running = 0;
  if (threshold_ && *threshold_ < 1) {
    rebalance(worker);
  }
  const double pace = chunk_.seconds ? pace_of(own, usual_pace()) : 0;
  const size_t most = most_at_once();
  double expected = 0;
  std::vector<uint32_t> taken;
  while (!own.tasks.empty() && taken.size() < most && (taken.empty() || !chunk_.seconds || (pace > 0 && expected < *chunk_.seconds))) {
    const uint32_t task = own.tasks.front();
    own.tasks.pop_front();
    own.load -= loads_[task];
    own.running += loads_[task];
    expected += loads_[task] * pace;
    taken.push_back(task);
  }
  left_ -= taken.size();
  return taken;
}

void TaskHandout::stop() {
  const std::lock_guard lock(mutex_);
  for (Lane& lane : lanes_) {
    lane.tasks.clear();
    lane.load = 0;
  }
  left_ = 0;
}

uint64_t TaskHandout::moves() const {
  const std::lock_guard lock(mutex_);
  return moves_;
}

size_t TaskHandout::left() const {
  const std::lock_guard lock(mutex_);
  return left_;
}

}  // namespace omega::compute
