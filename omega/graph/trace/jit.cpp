// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/jit.h"

#include <algorithm>

namespace omega::graph {

namespace structure {

void append_signature(const Value& value, std::string& signature, size_t depth) {
  signature += name_of(value.dtype());
  if (value.is_array()) {
    for (const int64_t extent : value.as_array().shape()) {
      signature += "," + std::to_string(extent);
    }
    signature += "a";
  } else if (value.is_list()) {
    if (depth >= 64) {
      throw TracingError("an argument has lists nested deeper than 64");
    }
    signature += " " + std::to_string(value.as_list().size()) + "(";
    for (const Value& each : value.as_list()) {
      append_signature(each, signature, depth + 1);
    }
    signature += ")";
  }
  signature += ";";
}

}  // namespace structure

namespace {

/// True when running the graph twice does what running it once does.
bool has_no_effects(const ComputationGraph& graph) {
  return std::ranges::all_of(graph.operations(), [&](const Operation& op) { return is_pure(graph, op); });
}

}  // namespace

JitCore::JitCore(JitOptions options, std::shared_ptr<const StaticFunction> code)
    : options_(std::move(options)),
      engine_(options_.engine == nullptr ? Engine::process() : *options_.engine),
      code_(std::move(code)),
      strategy_(options_.strategy) {
  options_.rewrites.validate();
  if (options_.run.resources == nullptr) {
    options_.run.resources = &engine_.resources();
  }
  if (code_ != nullptr) {
    code_->add_operators(engine_.operators());
  }
}

CallContext JitCore::context() const {
  CallContext context;
  context.registry = &engine_.operators();
  context.resources = options_.run.resources;
  context.cancellation = options_.run.cancellation;
  return context;
}

std::vector<Value> JitCore::run(const ComputationGraph& graph, std::span<const Value> arguments) const {
  return engine_.executor().execute(graph, arguments, options_.run);
}

ComputationGraph JitCore::optimize(const ComputationGraph& graph, std::span<const Value> arguments, OptimizeReport& report) const {
  OptimizeOptions rewrites = options_.rewrites;
  if (options_.verify && rewrites.same_results == nullptr && has_no_effects(graph)) {
    rewrites.same_results = [&](const ComputationGraph& before, const ComputationGraph& after) {
      return evaluate(before, arguments, context()) == evaluate(after, arguments, context());
    };
  }
  return engine_.optimizer().optimize(graph, rewrites, &report);
}

std::vector<Value> JitCore::build(Entry& entry, std::span<const Value> arguments, const Traceable& traceable) {
  struct Mark {
    explicit Mark(Entry& marked) : entry(marked) { entry.builder.store(std::this_thread::get_id(), std::memory_order_relaxed); }
    ~Mark() { entry.builder.store({}, std::memory_order_relaxed); }
    Entry& entry;
  } const mark(entry);
  auto compiled = std::make_shared<CompiledGraph>();
  GraphFunction function{options_.name, nullptr, code_};
  if (traceable) {
    function.traceable = [&](std::span<const Tracer> tracers) {
      compiled->layout = {};
      return traceable(tracers, compiled->layout);
    };
  }
  static const TracingStrategy tracing;
  static const StaticAnalysisStrategy analysis;
  const Strategy& strategy = strategy_ != nullptr ? *strategy_ : traceable ? static_cast<const Strategy&>(tracing) : analysis;
  traces_.fetch_add(1, std::memory_order_relaxed);
  const CallContext running = context();
  BuiltGraph built = strategy.build_graph(function, arguments, running);
  compiled->built = std::move(built.graph);
  compiled->optimized = options_.optimize ? optimize(compiled->built, arguments, compiled->report) : compiled->built;
  std::vector<Value> outputs = built.outputs ? *std::move(built.outputs) : run(compiled->optimized, arguments);
  entry.graph = std::move(compiled);
  return outputs;
}

std::pair<std::vector<Value>, std::shared_ptr<const CompiledGraph>> JitCore::call(const std::string& signature, std::span<const Value> arguments,
                                                                                  const Traceable& traceable) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& slot = entries_[signature];
    if (slot == nullptr) {
      slot = std::make_shared<Entry>();
    }
    entry = slot;
  }
  if (entry->builder.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    throw TracingError("`" + options_.name + "` calls itself with the same signature while it is traced: recursion over values is for the static strategy");
  }
  std::shared_ptr<const CompiledGraph> graph;
  {
    const std::lock_guard lock(entry->building);
    if (entry->graph == nullptr) {
      std::vector<Value> outputs = build(*entry, arguments, traceable);
      return {std::move(outputs), entry->graph};
    }
    graph = entry->graph;
  }
  return {run(graph->optimized, arguments), graph};
}

std::shared_ptr<const CompiledGraph> JitCore::find(const std::string& signature) const {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(signature);
    if (found == entries_.end()) {
      return nullptr;
    }
    entry = found->second;
  }
  const std::lock_guard lock(entry->building);
  return entry->graph;
}

}  // namespace omega::graph
