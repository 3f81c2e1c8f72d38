// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/function_graph.h"

#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "omega/compile/function_converter.h"
#include "omega/compile/graph_operators.h"
#include "omega/opt/effects.h"
#include "omega/opt/parallelize.h"
#include "omega/opt/pass.h"

namespace omega::compile {
namespace {

using graph::ComputationGraph;
using graph::TracingError;
using ir::kNone;

/// Calls inside one another while a graph runs.
constexpr size_t kDeepestCall = 500;

/// The module with its parallel loops outlined. Throws TracingError when one has a race.
ir::Module with_parallel_loops(const ir::Module& module, const source::SourceSet* sources) {
  diag::Sink sink;
  opt::ParallelizeResult result = opt::parallelize(module, {}, sink);
  if (sink.has_errors()) {
    const diag::Diagnostic& first = sink.diagnostics()[0];
    throw TracingError("the program cannot be a graph: " + place_in(sources, first.span.file, first.span.begin) + ": " + first.message());
  }
  return std::move(result.module);
}

/// All functions of a module, each converted when it is first needed. Thread-safe.
class ProgramGraphs {
 public:
  ProgramGraphs(std::shared_ptr<const ir::Module> module, const source::SourceSet* sources) : source_(std::move(module)), sources_(sources) {}

  /// As it was given: functions have the same numbers in module().
  const ir::Module& source() const { return *source_; }

  const ComputationGraph& graph(ir::FunctionId id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = graphs_.find(id); found != graphs_.end()) {
      return found->second;
    }
    const ConversionContext context{module(), sources_, [this](ir::FunctionId each) -> const ir::Function& { return without_slots(each); }};
    return graphs_.emplace(id, FunctionConverter(context, without_slots(id)).convert()).first->second;
  }

  /// Converts the function and all that it may call, so that what cannot be a graph is known before a run.
  void require_all(ir::FunctionId id) {
    std::vector<ir::FunctionId> todo{id};
    std::vector<bool> seen;
    {
      const std::lock_guard lock(mutex_);
      seen.resize(module().functions.size(), false);
    }
    while (!todo.empty()) {
      const ir::FunctionId next = todo.back();
      todo.pop_back();
      if (seen[next]) {
        continue;
      }
      seen[next] = true;
      add_callees(graph(next), todo);
    }
  }

 private:
  /// Those that the graph calls, in bodies too.
  void add_callees(const ComputationGraph& graph, std::vector<ir::FunctionId>& to) {
    for (const graph::Operation& op : graph.operations()) {
      if (const std::string_view callee = graph.text(op.callee); op.type == graph::OpType::call && callee.starts_with(kCallPrefix)) {
        to.push_back(numbers_.at(callee.substr(kCallPrefix.size())));
      }
      for (const ComputationGraph& body : graph.bodies(op)) {
        add_callees(body, to);
      }
    }
  }

  const ir::Module& module() {
    if (!module_) {
      module_ = with_parallel_loops(*source_, sources_);
      for (ir::FunctionId id = 0; id < source_->functions.size(); ++id) {
        numbers_.emplace(source_->functions[id].name, id);
      }
    }
    return *module_;
  }

  const ir::Function& without_slots(ir::FunctionId id) {
    if (const auto found = functions_.find(id); found != functions_.end()) {
      return found->second;
    }
    ir::Function function = module().functions[id];
    if (function.is_extern) {
      throw TracingError("`" + std::string(function.name) + "` is only declared, so it cannot be a graph");
    }
    static_cast<void>(opt::slots_to_values(module(), function));
    return functions_.emplace(id, std::move(function)).first->second;
  }

  static constexpr std::string_view kCallPrefix = "omega:";

  std::shared_ptr<const ir::Module> source_;
  const source::SourceSet* sources_;
  std::mutex mutex_;  ///< of all below
  std::optional<ir::Module> module_;
  std::unordered_map<std::string_view, ir::FunctionId> numbers_;  ///< by name
  std::map<ir::FunctionId, ir::Function> functions_;
  std::map<ir::FunctionId, ComputationGraph> graphs_;
};

thread_local size_t call_depth = 0;

/// Runs a function's graph as an operator.
void run_function(ProgramGraphs& graphs, ir::FunctionId id, graph::Call& call) {
  if (call_depth >= kDeepestCall) {
    throw std::runtime_error("calls are nested deeper than " + std::to_string(kDeepestCall) + " in `" + std::string(graphs.source().functions[id].name) + "`");
  }
  struct Level {
    Level() { ++call_depth; }
    ~Level() { --call_depth; }
  } const level;
  std::vector<graph::Value> inputs;
  inputs.reserve(call.input_count());
  for (size_t i = 0; i < call.input_count(); ++i) {
    inputs.push_back(call.input(i));
  }
  std::vector<graph::Value> outputs = evaluate(graphs.graph(id), inputs, call.context());
  for (size_t i = 0; i < outputs.size(); ++i) {
    call.set(i, std::move(outputs[i]));
  }
}

class FunctionGraph final : public graph::StaticFunction {
 public:
  FunctionGraph(std::shared_ptr<const ir::Module> module, ir::FunctionId id, const source::SourceSet* sources)
      : graphs_(std::make_shared<ProgramGraphs>(std::move(module), sources)), id_(id) {}

  [[nodiscard]] std::string name() const override { return std::string(graphs_->source().functions[id_].name); }

  [[nodiscard]] ComputationGraph analyze() const override {
    graphs_->require_all(id_);
    return graphs_->graph(id_);
  }

  [[nodiscard]] graph::StructureInfo analyze_structure() const override {
    graph::StructureInfo info;
    const ir::Function& function = graphs_->source().functions[id_];
    info.loops = function.loops.size();
    for (const ir::Inst& inst : function.insts) {
      info.branches += inst.op == ir::Op::CondBr ? 1 : 0;
      if (inst.op == ir::Op::Call) {
        info.impure_calls.push_back("omega:" + std::string(graphs_->source().functions[inst.a].name));
      }
    }
    return info;
  }

  void add_operators(graph::OperatorRegistry& registry) const override {
    add_language_operators(registry);
    for (ir::FunctionId id = 0; id < graphs_->source().functions.size(); ++id) {
      registry.add("omega:" + std::string(graphs_->source().functions[id].name),
                   [graphs = graphs_, id](graph::Call& call) { run_function(*graphs, id, call); });
    }
  }

 private:
  std::shared_ptr<ProgramGraphs> graphs_;
  ir::FunctionId id_;
};

}  // namespace

std::shared_ptr<const graph::StaticFunction> function_graph(std::shared_ptr<const ir::Module> module, ir::FunctionId id, const source::SourceSet* sources) {
  return std::make_shared<FunctionGraph>(std::move(module), id, sources);
}

ir::FunctionId find_function(const ir::Module& module, std::string_view name) {
  ir::FunctionId found = kNone;
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    const std::string_view linkage = module.functions[id].name;
    if (linkage == name) {
      return id;
    }
    if (linkage.substr(0, linkage.find('(')) == name) {
      if (found != kNone) {
        return kNone;
      }
      found = id;
    }
  }
  return found;
}

}  // namespace omega::compile
