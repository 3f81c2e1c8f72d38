// SPDX-License-Identifier: Apache-2.0
// Strongly connected components of a sparse matrix's graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace omega::compute {

/// The graph of a square matrix in compressed rows: an edge from each row to the columns of its elements.
struct Adjacency {
  std::span<const int64_t> first;    ///< of each row, and the end: rows + 1
  std::span<const int32_t> columns;  ///< of each element
};

/// The sets of nodes that reach each other, each in ascending order, without the nodes that are on no cycle. Linear in nodes and edges (Tarjan 1972,
/// "Depth-first search and linear graph algorithms"), without recursion.
std::vector<std::vector<int32_t>> components_with_cycles(const Adjacency& graph);

}  // namespace omega::compute
