// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/distribution.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "omega/task/parallel_pieces.h"

namespace omega::compile {

std::optional<DistributionStrategy> strategy_named(std::string_view name) {
  if (name == "round_robin") {
    return DistributionStrategy::RoundRobin;
  }
  if (name == "load_balancing") {
    return DistributionStrategy::LoadBalancing;
  }
  return name == "priority" ? std::optional(DistributionStrategy::Priority) : std::nullopt;
}

std::vector<std::vector<uint32_t>> deal(std::span<const uint64_t> costs, DistributionStrategy strategy, size_t workers) {
  if (strategy == DistributionStrategy::RoundRobin) {
    std::vector<std::vector<uint32_t>> queues(workers);
    for (uint32_t piece = 0; piece < costs.size(); ++piece) {
      queues[piece % workers].push_back(piece);
    }
    return queues;
  }
  std::vector<uint32_t> all(costs.size());
  std::iota(all.begin(), all.end(), 0);
  if (strategy == DistributionStrategy::LoadBalancing) {
    std::ranges::stable_sort(all, std::ranges::greater(), [&](uint32_t piece) { return costs[piece]; });
  }
  return {std::move(all)};
}

void distribute(task::Scheduler& scheduler, std::span<const uint64_t> costs, const Distribution& distribution, const std::function<void(uint32_t)>& body) {
  const size_t most = distribution.workers == 0 ? scheduler.threads() : std::min(distribution.workers, scheduler.threads());
  const size_t workers = std::min(most, costs.size());
  if (workers == 0) {
    return;
  }
  const std::vector<std::vector<uint32_t>> queues = deal(costs, distribution.strategy, workers);
  std::vector<std::atomic<uint32_t>> taken(queues.size());
  const auto work_on = [&](size_t queue) {
    while (distribution.stop == nullptr || !distribution.stop->requested()) {
      const uint32_t next = taken[queue].fetch_add(1, std::memory_order_relaxed);
      if (next >= queues[queue].size()) {
        return;
      }
      body(queues[queue][next]);
    }
  };
  task::parallel_pieces(scheduler, workers, 1, [&](size_t begin, size_t end, uint32_t) {
    for (size_t worker = begin; worker < end; ++worker) {
      work_on(worker % queues.size());
      for (size_t k = 1; distribution.takes_from_others && k < queues.size(); ++k) {
        work_on((worker + k) % queues.size());
      }
    }
  });
}

}  // namespace omega::compile
