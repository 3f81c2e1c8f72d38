// SPDX-License-Identifier: Apache-2.0
// Ways to make a graph of a function: all build the same IR.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/trace/tracer.h"

namespace omega::graph {

/// What an analysis of a function's code tells about it, whatever its inputs.
struct StructureInfo {
  size_t branches = 0;  ///< on values that are not known before the run
  size_t loops = 0;
  std::vector<std::string> impure_calls;  ///< operators that have effects
};

/// Code that can be read without running it, for instance a function of an Omega program. Thread-safe.
class StaticFunction {
 public:
  virtual ~StaticFunction() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// The function as a graph. Throws TracingError, naming place and construct, when something in it cannot be one.
  [[nodiscard]] virtual ComputationGraph analyze() const = 0;
  /// What its code tells, without a graph.
  [[nodiscard]] virtual StructureInfo analyze_structure() const = 0;
  /// Adds the operators that the graph calls.
  virtual void add_operators(OperatorRegistry& registry) const = 0;
};

/// A function that a strategy makes a graph of: one that can be run with tracers, one whose code can be read, or both.
struct GraphFunction {
  std::string name;
  std::function<std::vector<Tracer>(std::span<const Tracer>)> traceable;
  std::shared_ptr<const StaticFunction> code;
};

/// A graph, and the outputs where building it computed them.
struct BuiltGraph {
  ComputationGraph graph;
  std::optional<std::vector<Value>> outputs;
};

/// Traces execution to build a graph.
class ExecutionTracer {
 public:
  /// `context` runs the operators and must outlive this.
  explicit ExecutionTracer(const CallContext& context) : context_(context) {}
  /// Runs the function with tracers in place of the arguments: what it does with them is done, and becomes the graph. Exceptions of the
  /// function pass through.
  [[nodiscard]] BuiltGraph trace(const GraphFunction& function, std::span<const Value> arguments) const;

 private:
  static std::vector<Tracer> make_tracers(TracerContext& context, std::span<const Value> arguments);

  const CallContext& context_;
};

/// One way to build graphs. Thread-safe.
class Strategy {
 public:
  virtual ~Strategy() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The function's graph for arguments like these. Throws TracingError when this way cannot see what the function does.
  [[nodiscard]] virtual BuiltGraph build_graph(const GraphFunction& function, std::span<const Value> arguments, const CallContext& context) const = 0;
  /// Whether a graph holds for arguments of all types, so that building it once is enough.
  [[nodiscard]] virtual bool is_general() const { return false; }
};

/// Builds the graph by running the function with tracers.
class TracingStrategy final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "tracing"; }
  [[nodiscard]] BuiltGraph build_graph(const GraphFunction& function, std::span<const Value> arguments, const CallContext& context) const override;
};

/// Builds the graph by reading the function's code: sees branches and loops on values.
class StaticAnalysisStrategy final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "static analysis"; }
  [[nodiscard]] BuiltGraph build_graph(const GraphFunction& function, std::span<const Value> arguments, const CallContext& context) const override;
  [[nodiscard]] bool is_general() const override { return true; }
};

/// Traces for what the values tell, and reads the code for what a trace cannot know: where the code branches on values or tracing fails on
/// such a branch, the static graph counts; else the traced one does, with the effects that the code is known to have.
class HybridStrategy final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "hybrid"; }
  [[nodiscard]] BuiltGraph build_graph(const GraphFunction& function, std::span<const Value> arguments, const CallContext& context) const override;

 private:
  static ComputationGraph merge_graphs(const ComputationGraph& traced, const StructureInfo& structure);
};

}  // namespace omega::graph
