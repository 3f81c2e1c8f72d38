// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/call_appender.h"

#include <algorithm>

namespace omega::graph {

CallAppender::Ends CallAppender::ends_of(ComputationGraph& graph) {
  const size_t operation = graph.operations_.size();
  const size_t value = graph.values_.size();
  const size_t room = std::min(graph.operations_.capacity() - operation, graph.values_.capacity() - value);
  return {.operations = graph.operations_.data(),
          .arrays = {graph.values_.data(), graph.input_values_.data(), graph.uses_.data()},
          .dependency_counts = graph.dependency_counts_.data(),
          .operation = pair(static_cast<uint32_t>(operation), UINT32_MAX),
          .first_value = value - operation,
          .operation_limit = static_cast<uint32_t>(operation + room),
          .input = graph.input_values_.size(),
          .input_limit = graph.input_values_.capacity(),
          .flags = graph.all_flags_,
          .carries_data = graph.carries_data_};
}

void CallAppender::commit(ComputationGraph& graph, Ends ends) {
  graph.operations_.extend_unchecked(static_cast<uint32_t>(ends.operation) - graph.operations_.size());
  graph.values_.extend_unchecked(static_cast<uint32_t>(ends.operation + ends.first_value) - graph.values_.size());
  graph.input_values_.extend_unchecked(ends.input - graph.input_values_.size());
  graph.all_flags_ = ends.flags;
  graph.carries_data_ = ends.carries_data;
}

CallAppender::Ends CallAppender::grown(ComputationGraph& graph, Ends ends, size_t inputs) {
  commit(graph, ends);
  graph.make_room(inputs, 1);
  return ends_of(graph);
}

void CallAppender::add_root(ComputationGraph& graph, uint32_t operation) { graph.roots_.push_back(operation); }

}  // namespace omega::graph
