// SPDX-License-Identifier: Apache-2.0
// What a run leaves: outputs, failures, its trace.
#include "omega/graph/exec/graph_run.h"

#include <algorithm>

namespace omega::graph {

void GraphRun::record(uint32_t operation, const Executing& who, OperationStatus status, uint32_t attempts, int64_t start, int64_t end) noexcept {
  if (!records_) {
    return;
  }
  const TraceEvent event{{operation}, {released_by_[operation]}, who.trace_lane, attempts, status, ready_ns_[operation], start, end};
  if (who.worker != nullptr) {
    worker_events_[who.worker->index()].push_back(event);
  } else {
    const std::lock_guard lock(result_mutex_);
    outside_events_.push_back(event);
  }
}

RunResult GraphRun::collect() {
  RunResult result;
  for (const ValueRef output : graph_.outputs()) {
    result.outputs.push_back(slots_ == nullptr ? Value() : slots_[output.index]);
  }
  result.failures = std::move(failures_);
  std::ranges::sort(result.failures, {}, [](const OperationFailure& failure) { return failure.operation; });
  result.deaths = std::move(deaths_);
  for (size_t i = 0; any_skipped_.load(std::memory_order_relaxed) && i < count_; ++i) {
    result.skipped += states_[i].load(std::memory_order_relaxed) == static_cast<uint8_t>(OperationStatus::skipped) ? 1 : 0;
  }
  using Outcome = RunResult::Outcome;
  if (!result.failures.empty()) {
    result.outcome = Outcome::failed;
  } else if (result.skipped > 0) {
    result.outcome = options_.cancellation != nullptr && options_.cancellation->state() == task::Outcome::deadline_exceeded ? Outcome::deadline_exceeded
                                                                                                                            : Outcome::cancelled;
  }
  if (records_) {
    collect_trace(result);
  }
  return result;
}

void GraphRun::collect_trace(RunResult& result) {
  std::vector<TraceEvent>& events = result.trace.events;
  events = std::move(outside_events_);
  for (const auto& list : worker_events_) {
    events.insert(events.end(), list.begin(), list.end());
  }
  std::ranges::sort(events,
                    [](const TraceEvent& a, const TraceEvent& b) { return a.start_ns != b.start_ns ? a.start_ns < b.start_ns : a.operation < b.operation; });
  std::vector<uint32_t> lanes;
  lanes.reserve(events.size());
  for (const TraceEvent& event : events) {
    lanes.push_back(event.lane);
  }
  std::ranges::sort(lanes);
  lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
  for (const uint32_t lane : lanes) {
    result.trace.lane_names.push_back(lane >= kProcessLane   ? "process " + std::to_string(lane - kProcessLane)
                                      : lane >= kWaitingLane ? "waiting " + std::to_string(lane - kWaitingLane)
                                                             : "worker " + std::to_string(lane));
  }
  for (TraceEvent& event : events) {
    event.lane = static_cast<uint32_t>(std::ranges::lower_bound(lanes, event.lane) - lanes.begin());
  }
  costs_.learn(graph_, result.trace);
}

}  // namespace omega::graph
