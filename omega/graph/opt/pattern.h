// SPDX-License-Identifier: Apache-2.0
// Shapes of parallel work that people know by name, found in graphs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// One place where a pattern was found.
struct PatternMatch {
  std::string pattern;
  std::vector<OperationId> operations;  ///< in program order
  std::string description;              ///< for people: "20 calls of `model` on their own, joined by `list`"
  bool parallelizable = false;          ///< its parts can run at the same time
};

/// Finds one pattern. A user's own go into GraphOptimizer beside those of default_matchers(). Must not keep state between calls.
class PatternMatcher {
 public:
  virtual ~PatternMatcher() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// All places, in program order. The graph is free of cycles.
  [[nodiscard]] virtual std::vector<PatternMatch> match(const ComputationGraph& graph) const = 0;
};

/// Calls of one operator that do not depend on each other and that one operation joins; and `map` bodies.
class MapPatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "map"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};
/// Folds of arrays, and chains of three and more of one associative operator.
class ReducePatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "reduce"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};
/// A map whose results one fold or associative chain takes.
class MapReducePatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "map-reduce"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};
/// A chain of one associative operator of which every link is used elsewhere too; and `scan` bodies.
class ScanPatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "scan"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};
/// Three and more operations, each the only user of the one before.
class PipelinePatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "pipeline"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};
/// One operation that feeds several others which one operation joins again.
class FanPatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "fan-out/fan-in"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};
/// Calls, perhaps of different operators, of the same inputs, which one operation joins.
class EnsemblePatternMatcher final : public PatternMatcher {
 public:
  [[nodiscard]] std::string_view name() const override { return "ensemble"; }
  [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override;
};

/// One of each of the above.
std::vector<std::unique_ptr<PatternMatcher>> default_matchers();

}  // namespace omega::graph
