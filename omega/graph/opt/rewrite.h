// SPDX-License-Identifier: Apache-2.0
// Rewrites: functions from one graph to another that computes the same.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// What a rewrite made.
struct Rewritten {
  ComputationGraph graph;
  size_t changes = 0;
  std::vector<std::string> notes;  ///< for people, one for each change worth a line
};

/// Pure. The graph is valid and free of cycles. With changes == 0 the graph is as it was.
using RewriteFunction = Rewritten (*)(const ComputationGraph& graph);
struct Rewrite {
  std::string_view name;  ///< for switching it off
  RewriteFunction run;
};

/// All rewrites in the order in which GraphOptimizer runs them.
std::span<const Rewrite> rewrites();

// The rewrites, one file each. They look at one graph; run_rewrite() goes into bodies.

/// Leaves out operations whose outputs nobody uses and that have no effect.
Rewritten dead_operations(const ComputationGraph& graph);
/// Pure operations that are alike become one.
Rewritten common_subexpressions(const ComputationGraph& graph);
/// Bodies of `map` marked sequential run in parallel when they touch no shared memory; a `scan` that hands its state on unchanged becomes a
/// `map`.
Rewritten parallelize_map(const ComputationGraph& graph);
/// Independent calls of one operator, where their attribute `batch_limit` says that it takes several at once, become one call with the
/// attribute `batch`.
Rewritten batch_calls(const ComputationGraph& graph);
/// Element-wise operations whose results only each other use become one pass over memory, with the fold at their end if there is one.
Rewritten fuse_elementwise(const ComputationGraph& graph);
/// Puts operations in an order in which fewer bytes are alive at once, so that buffers are used again sooner.
Rewritten memory_layout(const ComputationGraph& graph);
/// Element-wise operations write their result over an input that nobody else uses (attribute `in_place`: its number), so that no further
/// buffer is touched.
Rewritten reuse_buffers(const ComputationGraph& graph);

/// Runs a rewrite over the bodies of CONTROL operations, innermost first, then over the graph itself. Bodies below kDeepestBody stay as
/// they are.
Rewritten run_rewrite(const Rewrite& rewrite, const ComputationGraph& graph);
inline constexpr size_t kDeepestBody = 32;

/// Copies a graph operation by operation, so that a rewrite says only what changes.
class GraphCopier {
 public:
  /// Copies name, metadata, inputs and constants.
  explicit GraphCopier(const ComputationGraph& from);

  [[nodiscard]] ComputationGraph& to() { return to_; }
  /// What stands for a value of the old graph; it must be copied or replaced already.
  [[nodiscard]] ValueRef map(ValueRef old) const { return values_[old.index]; }
  [[nodiscard]] std::vector<ValueRef> map(std::span<const ValueRef> old) const;
  void replace(ValueRef old, ValueRef now) { values_[old.index] = now; }
  /// A shape of the old graph in the new one.
  [[nodiscard]] ShapeRef shape(ShapeRef old) { return old.valid() ? to_.shape(from_.extents(old)) : old; }
  /// Output types of an old operation for the new graph.
  [[nodiscard]] std::vector<ComputationGraph::OutputSpec> outputs(const Operation& op);
  /// Appends the operation as it was, but for `in_place`: whether an input ends there is for the last rewrite to say.
  void copy(const Operation& op);
  /// The same with other attributes and bodies.
  void copy(const Operation& op, std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies);
  /// Copies the graph's outputs and gives the new graph.
  ComputationGraph finish() &&;

 private:
  const ComputationGraph& from_;
  ComputationGraph to_;
  std::vector<ValueRef> values_;
};

/// True when leaving the operation out, or running it once instead of twice, changes nothing else.
bool is_pure(const ComputationGraph& graph, const Operation& op);

}  // namespace omega::graph
