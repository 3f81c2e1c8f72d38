// SPDX-License-Identifier: Apache-2.0
// A diamond of slow calls, run three times: by a trace that opens in Perfetto (written to the file named, if one is), with a transient
// failure that is retried, and with a deadline that is too short.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>
#include <vector>

#include "omega/graph/exec/executor.h"

using namespace omega::graph;

namespace {

using Refs = std::vector<ValueRef>;

void pause(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

/// fetch -> (left, right) -> join
ComputationGraph diamond() {
  ComputationGraph graph;
  const ValueRef address = graph.add_input(DType::string, kScalarShape, "address");
  const ValueRef fetched = graph.call("fetch", Refs{address}, DType::string, kScalarShape, kWaits);
  const ValueRef left = graph.call("left", Refs{fetched}, DType::string, kScalarShape, kWaits);
  const ValueRef right = graph.call("right", Refs{fetched}, DType::string, kScalarShape, kWaits);
  graph.add_output(graph.call("join", Refs{left, right}, DType::string, kScalarShape));
  return graph;
}

}  // namespace

int main(int argc, char** argv) {
  OperatorRegistry registry;
  std::atomic<int> failures{2};
  registry.add("fetch", [](Call& call) {
    pause(5);
    call.set(0, Value(call.input(0).as_string() + ": page"));
  });
  registry.add("left", [](Call& call) {
    pause(20);
    call.set(0, Value("left of (" + call.input(0).as_string() + ")"));
  });
  registry.add("right", [&](Call& call) {
    if (failures.fetch_sub(1) > 0) {
      throw TransientError("the right side is busy");
    }
    pause(20);
    call.set(0, Value("right of (" + call.input(0).as_string() + ")"));
  });
  registry.add("join", [](Call& call) { call.set(0, Value(call.input(0).as_string() + " + " + call.input(1).as_string())); });

  const ComputationGraph graph = diamond();
  const Value input(std::string("example"));
  ParallelExecutor executor(registry);

  RunOptions options;
  options.retry = {.attempts = 3, .backoff = std::chrono::milliseconds(1)};
  options.record_trace = true;
  const RunResult result = executor.run(graph, {&input, 1}, options);
  std::printf("%s\n", result.outputs[0].describe().c_str());
  std::vector<TraceEvent> events = result.trace.events;  // by start
  std::ranges::sort(events, {}, &TraceEvent::operation);
  for (const TraceEvent& event : events) {
    std::printf("%s: %u attempts\n", std::string(graph.text(graph.operation(event.operation).callee)).c_str(), event.attempts);
  }
  if (argc > 1) {
    std::ofstream(argv[1]) << result.trace.to_chrome_json(graph);
  }

  const omega::task::Cancellation deadline(std::chrono::milliseconds(10));
  RunOptions hurried;
  hurried.cancellation = &deadline;
  const RunResult late = executor.run(graph, {&input, 1}, hurried);
  std::printf("%s\n",
              late.outcome == RunResult::Outcome::deadline_exceeded ? "the deadline passed before the end" : "there was time enough");
}
