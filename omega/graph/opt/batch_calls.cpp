// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>

#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {
namespace {

/// How many calls the operation's operator takes at once; 1 when it does not say.
int64_t batch_limit(const ComputationGraph& graph, const Operation& op) {
  const AttributeValue* limit = graph.attribute(op, "batch_limit");
  const auto* count = limit == nullptr ? nullptr : std::get_if<int64_t>(limit);
  const bool can = op.type == OpType::call && is_pure(graph, op) && graph.attribute(op, "batch") == nullptr && graph.bodies(op).empty();
  return can && count != nullptr ? std::max<int64_t>(*count, 1) : 1;
}

}  // namespace

Rewritten batch_calls(const ComputationGraph& graph) {
  // Operations of one level are independent; going level by level puts every input before the batch that takes it.
  const std::vector<uint32_t> levels = operation_levels(graph);
  std::vector<uint32_t> order(levels.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](uint32_t id) { return levels[id]; });
  struct Key {
    uint32_t level;
    uint32_t callee;
    uint32_t inputs;
    uint32_t outputs;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<uint32_t>> groups;
  for (const uint32_t id : order) {
    const Operation& op = graph.operations()[id];
    if (batch_limit(graph, op) > 1) {
      groups[{levels[id], op.callee.index, op.input_count, op.output_count}].push_back(id);
    }
  }
  // Of each operation that begins a batch: the batch; of the others in it: empty.
  std::map<uint32_t, std::vector<uint32_t>> batches;
  for (const auto& [key, calls] : groups) {
    const auto limit = static_cast<size_t>(batch_limit(graph, graph.operations()[calls[0]]));
    for (size_t begin = 0; begin < calls.size(); begin += limit) {
      const size_t end = std::min(begin + limit, calls.size());
      if (end - begin > 1) {
        batches[calls[begin]] = {calls.begin() + static_cast<ptrdiff_t>(begin), calls.begin() + static_cast<ptrdiff_t>(end)};
        for (size_t i = begin + 1; i < end; ++i) {
          batches[calls[i]];
        }
      }
    }
  }
  Rewritten result;
  if (batches.empty()) {
    result.graph = graph;
    return result;
  }
  GraphCopier copier(graph);
  for (const uint32_t id : order) {
    const Operation& op = graph.operations()[id];
    const auto found = batches.find(id);
    if (found == batches.end()) {
      copier.copy(op);
      continue;
    }
    if (found->second.empty()) {
      continue;
    }
    std::vector<ValueRef> inputs;
    std::vector<ComputationGraph::OutputSpec> outputs;
    for (const uint32_t call : found->second) {
      const Operation& each = graph.operations()[call];
      const std::vector<ValueRef> own = copier.map(graph.inputs(each));
      inputs.insert(inputs.end(), own.begin(), own.end());
      const auto specs = copier.outputs(each);
      outputs.insert(outputs.end(), specs.begin(), specs.end());
    }
    std::vector<Attribute> attributes(graph.attributes(op).begin(), graph.attributes(op).end());
    attributes.push_back({"batch", static_cast<int64_t>(found->second.size())});
    const OperationId batch = copier.to().add_operation(OpType::call, copier.to().name(graph.text(op.callee)), inputs, outputs, op.flags, attributes);
    uint32_t next = 0;
    for (const uint32_t call : found->second) {
      for (uint32_t i = 0; i < op.output_count; ++i) {
        copier.replace(graph.output(graph.operations()[call], i), copier.to().output(copier.to().operation(batch), next++));
      }
    }
    ++result.changes;
    result.notes.push_back(std::to_string(found->second.size()) + " independent calls of `" + std::string(graph.text(op.callee)) + "` become one");
  }
  result.graph = std::move(copier).finish();
  return result;
}

}  // namespace omega::graph
