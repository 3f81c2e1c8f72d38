// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/strategy.h"

#include <algorithm>

#include "omega/graph/opt/rewrite.h"

namespace omega::graph {

std::vector<Tracer> ExecutionTracer::make_tracers(TracerContext& context, std::span<const Value> arguments) {
  std::vector<Tracer> tracers;
  tracers.reserve(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    tracers.push_back(context.add_input(arguments[i], "x" + std::to_string(i)));
  }
  return tracers;
}

BuiltGraph ExecutionTracer::trace(const GraphFunction& function, std::span<const Value> arguments) const {
  TracerContext context(context_, TracerContext::Mode::concrete);
  const std::vector<Tracer> tracers = make_tracers(context, arguments);
  const std::vector<Tracer> results = function.traceable(tracers);
  BuiltGraph built{context.finish(results), context.output_values()};
  built.graph.set_name(function.name);
  return built;
}

BuiltGraph TracingStrategy::build_graph(const GraphFunction& function, std::span<const Value> arguments, const CallContext& context) const {
  if (!function.traceable) {
    throw TracingError("`" + function.name + "` cannot be run with tracers: only its code is known, so it needs StaticAnalysisStrategy");
  }
  return ExecutionTracer(context).trace(function, arguments);
}

BuiltGraph StaticAnalysisStrategy::build_graph(const GraphFunction& function, std::span<const Value>, const CallContext&) const {
  if (function.code == nullptr) {
    throw TracingError("the code of `" + function.name +
                       "` is not known, and StaticAnalysisStrategy reads code: hand it in as a StaticFunction, for instance a function of an "
                       "Omega program");
  }
  return {function.code->analyze(), std::nullopt};
}

BuiltGraph HybridStrategy::build_graph(const GraphFunction& function, std::span<const Value> arguments, const CallContext& context) const {
  if (function.code == nullptr) {
    return TracingStrategy().build_graph(function, arguments, context);
  }
  const StructureInfo structure = function.code->analyze_structure();
  if (!function.traceable || structure.branches > 0) {
    return StaticAnalysisStrategy().build_graph(function, arguments, context);
  }
  try {
    BuiltGraph built = TracingStrategy().build_graph(function, arguments, context);
    built.graph = merge_graphs(built.graph, structure);
    return built;
  } catch (const BranchError&) {
    return StaticAnalysisStrategy().build_graph(function, arguments, context);
  }
}

ComputationGraph HybridStrategy::merge_graphs(const ComputationGraph& traced, const StructureInfo& structure) {
  GraphCopier copier(traced);
  copier.to().set_attribute({"loops", static_cast<int64_t>(structure.loops)});
  for (const Operation& op : traced.operations()) {
    const bool is_impure = op.type == OpType::call && std::ranges::find(structure.impure_calls, traced.text(op.callee)) != structure.impure_calls.end();
    if (!is_impure) {
      copier.copy(op);
      continue;
    }
    const auto bodies = traced.bodies(op);
    const std::vector<ComputationGraph::OutputSpec> outputs = copier.outputs(op);
    const OperationId id = copier.to().add_operation(op.type, copier.to().name(traced.text(op.callee)), copier.map(traced.inputs(op)), outputs,
                                                     op.flags | kImpure | kOrdered, traced.attributes(op), {bodies.begin(), bodies.end()});
    for (uint32_t i = 0; i < op.output_count; ++i) {
      copier.replace(traced.output(op, i), copier.to().output(copier.to().operation(id), i));
    }
  }
  return std::move(copier).finish();
}

}  // namespace omega::graph
