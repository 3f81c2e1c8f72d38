// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <queue>

#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {
namespace {

/// Bytes of a value whose type and shape are known, else 0.
uint64_t bytes_of(const ComputationGraph& graph, ValueRef ref) {
  const ValueRecord& value = graph.value(ref);
  if (value.kind != ValueKind::result || !value.shape.valid() || value.shape == kScalarShape) {
    return 0;
  }
  uint64_t size = element_size(value.dtype);
  for (const int64_t extent : graph.extents(value.shape)) {
    if (extent < 0 || __builtin_mul_overflow(size, static_cast<uint64_t>(extent), &size)) {
      return 0;
    }
  }
  return size;
}

/// Of each value: how many operations use it; outputs of the graph are never given up.
std::vector<uint32_t> use_counts(const ComputationGraph& graph) {
  std::vector<uint32_t> counts(graph.values().size(), 0);
  for (const Operation& op : graph.operations()) {
    for (const ValueRef input : graph.inputs(op)) {
      ++counts[input.index];
    }
  }
  for (const ValueRef output : graph.outputs()) {
    ++counts[output.index];
  }
  return counts;
}

/// Most bytes alive at once when the operations run in that order, one after the other.
uint64_t peak_bytes(const ComputationGraph& graph, const std::vector<OperationId>& order) {
  std::vector<uint32_t> left = use_counts(graph);
  uint64_t alive = 0;
  uint64_t peak = 0;
  for (const OperationId id : order) {
    const Operation& op = graph.operation(id);
    for (uint32_t i = 0; i < op.output_count; ++i) {
      alive += bytes_of(graph, graph.output(op, i));
    }
    peak = std::max(peak, alive);
    for (const ValueRef input : graph.inputs(op)) {
      alive -= --left[input.index] == 0 ? bytes_of(graph, input) : 0;
    }
    for (uint32_t i = 0; i < op.output_count; ++i) {
      alive -= left[op.first_output + i] == 0 ? bytes_of(graph, graph.output(op, i)) : 0;
    }
  }
  return peak;
}

/// Among the ready operations the one that gives up most bytes for those it makes; in program order among equals.
std::vector<OperationId> frugal_order(const ComputationGraph& graph) {
  std::vector<uint32_t> left = use_counts(graph);
  std::vector<uint32_t> missing(graph.dependency_counts().begin(), graph.dependency_counts().end());
  std::vector<std::vector<uint32_t>> after(graph.has_memory_order() ? graph.operations().size() : 0);
  for (const OrderEdge& edge : order_edges(graph)) {
    after[edge.before.index].push_back(edge.after.index);
    ++missing[edge.after.index];
  }
  const auto gain = [&](uint32_t id) {
    const Operation& op = graph.operations()[id];
    int64_t bytes = 0;
    for (const ValueRef input : graph.inputs(op)) {
      bytes += left[input.index] == 1 ? static_cast<int64_t>(bytes_of(graph, input)) : 0;
    }
    for (uint32_t i = 0; i < op.output_count; ++i) {
      bytes -= static_cast<int64_t>(bytes_of(graph, graph.output(op, i)));
    }
    return bytes;
  };
  struct Candidate {
    int64_t gain;
    uint32_t id;
    bool operator<(const Candidate& other) const { return gain != other.gain ? gain < other.gain : id > other.id; }
  };
  std::priority_queue<Candidate> ready;
  for (uint32_t id = 0; id < missing.size(); ++id) {
    if (missing[id] == 0) {
      ready.push({gain(id), id});
    }
  }
  std::vector<OperationId> order;
  while (!ready.empty()) {
    const Candidate best = ready.top();
    ready.pop();
    // Its gain may have grown since; once put back with the new one it comes out for good.
    if (const int64_t now = gain(best.id); now > best.gain) {
      ready.push({now, best.id});
      continue;
    }
    order.push_back({best.id});
    const Operation& op = graph.operations()[best.id];
    for (const ValueRef input : graph.inputs(op)) {
      --left[input.index];
    }
    const auto release = [&](uint32_t id) {
      if (--missing[id] == 0) {
        ready.push({gain(id), id});
      }
    };
    for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
      for (uint32_t use = graph.values()[v].first_use; use != UINT32_MAX; use = graph.uses()[use].next) {
        release(graph.uses()[use].operation);
      }
    }
    for (const uint32_t id : after.empty() ? std::vector<uint32_t>{} : after[best.id]) {
      release(id);
    }
  }
  return order;
}

}  // namespace

Rewritten memory_layout(const ComputationGraph& graph) {
  const uint64_t before = peak_bytes(graph, topological_order(graph));
  const std::vector<OperationId> order = frugal_order(graph);
  const uint64_t after = peak_bytes(graph, order);
  Rewritten result;
  if (after >= before) {
    result.graph = graph;
    return result;
  }
  GraphCopier copier(graph);
  for (const OperationId id : order) {
    copier.copy(graph.operation(id));
  }
  result.graph = std::move(copier).finish();
  result.changes = 1;
  result.notes.push_back("another order keeps at most " + std::to_string(after) + " bytes instead of " + std::to_string(before));
  return result;
}

}  // namespace omega::graph
