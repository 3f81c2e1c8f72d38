// SPDX-License-Identifier: Apache-2.0
// A name for what a graph computes.
#pragma once

#include <cstdint>
#include <string>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// 128 bits, the same on every machine and in every run.
struct ContentHash {
  uint64_t high = 0;
  uint64_t low = 0;
  friend bool operator==(const ContentHash&, const ContentHash&) = default;
  friend auto operator<=>(const ContentHash&, const ContentHash&) = default;
};

/// Hash of what the graph computes: equal for graphs that make the same outputs from the same inputs by the same operations, whatever the
/// order in which independent pure ones were added, whatever values and inputs are called, and whatever unused pure operations hang on. Two
/// pure operations that are alike count as one. The graph must be free of cycles. Not for hostile graphs.
ContentHash content_hash(const ComputationGraph& graph);

/// 32 hexadecimal digits.
std::string to_text(ContentHash hash);

}  // namespace omega::graph
