// SPDX-License-Identifier: Apache-2.0
// Who of several workers does which piece of a job, and in which order.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "omega/task/cancellation.h"
#include "omega/task/scheduler.h"

namespace omega::compile {

enum class DistributionStrategy : uint8_t {
  RoundRobin,     ///< pieces are dealt out to the workers in turn
  LoadBalancing,  ///< whoever is free takes the largest piece that is left
  Priority,       ///< whoever is free takes the first piece that is left
};

/// `round_robin`, `load_balancing`, `priority`; nothing for other names.
std::optional<DistributionStrategy> strategy_named(std::string_view name);

/// The pieces, by number, in the queues that workers take them from; `costs` is what each piece is expected to take, in any unit, the piece of highest priority
/// first. One queue for each of `workers`, or one for all.
std::vector<std::vector<uint32_t>> deal(std::span<const uint64_t> costs, DistributionStrategy strategy, size_t workers);

/// How pieces are distributed.
struct Distribution {
  DistributionStrategy strategy = DistributionStrategy::LoadBalancing;
  unsigned workers = 0;                      ///< at most; 0: the scheduler's threads
  bool takes_from_others = true;             ///< a worker whose queue is empty takes from the others'
  const task::Cancellation* stop = nullptr;  ///< pieces that have not begun then are left out
};

/// Runs `body(piece)` once for each piece, or for fewer when stopped, and returns when all that began are done. Any thread.
void distribute(task::Scheduler& scheduler, std::span<const uint64_t> costs, const Distribution& distribution, const std::function<void(uint32_t)>& body);

}  // namespace omega::compile
