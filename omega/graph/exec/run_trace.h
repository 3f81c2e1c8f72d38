// SPDX-License-Identifier: Apache-2.0
// Who ran what, when, and why it waited.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// How an operation ended.
enum class OperationStatus : uint8_t { not_run, done, failed, skipped };
std::string_view name_of(OperationStatus status);

/// One operation of a run. Times are CLOCK_MONOTONIC [ns].
struct TraceEvent {
  OperationId operation;
  OperationId released_by;  ///< whose end it waited for last; none: it could start at once
  uint32_t lane;            ///< thread or process
  uint32_t attempts;
  OperationStatus status;
  int64_t ready_ns;  ///< when nothing but a free lane was missing
  int64_t start_ns;
  int64_t end_ns;
};

/// What a run recorded.
struct RunTrace {
  std::vector<TraceEvent> events;       ///< by start
  std::vector<std::string> lane_names;  ///< "worker 3", "waiting 0", "process 1"

  /// The format of chrome://tracing and Perfetto: one slice an operation with its waiting time and what it waited for, arrows along
  /// releases.
  [[nodiscard]] std::string to_chrome_json(const ComputationGraph& graph) const;
};

/// What operations cost, learnt from runs: by operator, and size of inputs in steps of two. Any thread.
class CostModel {
 public:
  void learn(std::string_view callee, size_t input_bytes, double nanoseconds);
  void learn(const ComputationGraph& graph, const RunTrace& trace);
  /// Expected time [ns]: that of the nearest size seen, else `unknown`.
  [[nodiscard]] double predict(std::string_view callee, size_t input_bytes, double unknown = 0) const;
  /// All that is known, as JSON that read() takes.
  [[nodiscard]] std::string to_json() const;
  /// Adds what to_json() wrote; false, having changed nothing, when it is something else.
  bool read(std::string_view json);

 private:
  struct Cost {
    double mean = 0;
    double weight = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, uint32_t>, Cost> costs_;
};

}  // namespace omega::graph
