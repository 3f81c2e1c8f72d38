// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/call_appender.h"

#include <algorithm>

namespace omega::graph {

CallAppender::Ends CallAppender::ends_of(ComputationGraph& graph) {
  const size_t operation = graph.operations_.size();
  const size_t value = graph.values_.size();
  const size_t room = std::min(graph.operations_.capacity() - operation, graph.values_.capacity() - value);
  return {graph.operations_.data(),
          {graph.values_.data(), graph.input_values_.data(), graph.uses_.data()},
          graph.dependency_counts_.data(),
          static_cast<uint32_t>(operation),
          static_cast<uint32_t>(operation + room),
          static_cast<uint32_t>(value - operation),
          static_cast<uint32_t>(graph.input_values_.size()),
          static_cast<uint32_t>(graph.input_values_.capacity()),
          graph.all_flags_,
          graph.carries_data_};
}

void CallAppender::commit(ComputationGraph& graph, Ends ends) {
  graph.operations_.extend_unchecked(ends.operation - graph.operations_.size());
  graph.values_.extend_unchecked(ends.first_value + ends.operation - graph.values_.size());
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
