// SPDX-License-Identifier: Apache-2.0
// The order that a graph asks for: through memory, and over all operations.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// `before` must be done before `after` starts, though no value leads from one to the other.
struct OrderEdge {
  OperationId before;
  OperationId after;
  friend bool operator==(const OrderEdge&, const OrderEdge&) = default;
};

/// A part of memory as a LOAD or STORE names it. "weights[3]" is element 3 of `weights`; "weights", or an access with an index that is a value,
/// may be any of it. Different resources never overlap unless the graph's attribute "alias" lists them together ("a=b;c=d").
struct MemoryPlace {
  std::string_view resource;
  std::optional<int64_t> element;
};
MemoryPlace memory_place(const ComputationGraph& graph, const Operation& op);
/// True when two operations may touch the same memory and at least one writes it.
bool may_conflict(const ComputationGraph& graph, const Operation& a, const Operation& b);

/// Order through memory: read after write, write after read and write after write on places that may overlap, and the chain of kOrdered
/// operations; in program order. An operation does what its bodies do. Edges that follow from others are left out where that costs nothing. Linear in
/// operations and edges, and the edges are at most a few for each operation.
std::vector<OrderEdge> order_edges(const ComputationGraph& graph);

/// For each operation the number of operations in the longest chain of dependencies before it. Shorter than operations() when there is a
/// cycle.
std::vector<uint32_t> operation_levels(const ComputationGraph& graph);

/// All operations so that each comes after its dependencies: program order where that serves, else the smallest number first among those
/// that are ready at each step of a breadth-first walk. Shorter than operations() when there is a cycle: those on and behind one are missing.
std::vector<OperationId> topological_order(const ComputationGraph& graph);

}  // namespace omega::graph
