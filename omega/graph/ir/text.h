// SPDX-License-Identifier: Apache-2.0
// Graphs as text and as JSON. Both forms keep everything: reading what was written gives an identical() graph. README.md shows them.
#pragma once

#include <string>
#include <string_view>

#include "omega/base/result.h"
#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// The graph as text, one definition a line.
std::string write_text(const ComputationGraph& graph);
/// The graph that text describes. Definitions may stand in any order. An error says line and column. The result may still be invalid
/// (validate()): only syntax, and names that nothing defines, are errors here.
base::Result<ComputationGraph> parse_text(std::string_view text);

/// The graph as JSON, indented by `indent` spaces, or on one line when negative.
std::string write_json(const ComputationGraph& graph, int indent = -1);
/// The graph that JSON describes; errors as parse_text(), saying where in the document.
base::Result<ComputationGraph> parse_json(std::string_view text);

}  // namespace omega::graph
