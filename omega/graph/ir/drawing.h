// SPDX-License-Identifier: Apache-2.0
// Graphs as pictures.
#pragma once

#include <cstddef>
#include <string>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// A drawing for Graphviz's `dot`: operations as boxes, inputs and outputs as ellipses, order through memory and tokens dashed. Any size.
std::string draw_dot(const ComputationGraph& graph);

/// A picture for browsers: rows are independent sets, top to bottom. Draws the first `limit` operations in topological order and says how many
/// are left out. The graph must be free of cycles.
std::string draw_svg(const ComputationGraph& graph, size_t limit = 2000);

}  // namespace omega::graph
