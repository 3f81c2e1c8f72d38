// SPDX-License-Identifier: Apache-2.0
// jit(): a C++ function that finds its own parallelism.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "omega/graph/trace/engine.h"
#include "omega/graph/trace/strategy.h"
#include "omega/graph/trace/structure.h"
#include "omega/graph/trace/transforms.h"

namespace omega::graph {

/// How a function is traced, optimised and run.
struct JitOptions {
  std::string name = "function";
  Engine* engine = nullptr;                    ///< null: the process's own. Must outlive the function
  std::shared_ptr<const Strategy> strategy{};  ///< null: tracing, or static analysis where only code is known
  RunOptions run{};                            ///< of every call; resources: the engine's, where null
  bool optimize = true;
  OptimizeOptions rewrites{};
  /// Runs each rewritten graph beside the one before it on the first arguments, where the function has no effects, and takes back what
  /// gives other bits.
  bool verify = false;
};

/// What became of one signature.
struct CompiledGraph {
  ComputationGraph built;      ///< as the strategy made it
  ComputationGraph optimized;  ///< what runs
  OptimizeReport report;
  structure::Layout layout;  ///< of the results' containers
};

/// The part of a traced function that does not depend on its type. Any thread; a signature is traced once, while other calls of it wait.
class JitCore {
 public:
  /// What runs with tracers, and notes the layout of what it gives.
  using Traceable = std::function<std::vector<Tracer>(std::span<const Tracer>, structure::Layout&)>;

  /// Throws what OptimizeOptions::validate() does.
  JitCore(JitOptions options, std::shared_ptr<const StaticFunction> code);

  /// The results for these arguments, and the graph that they came from.
  std::pair<std::vector<Value>, std::shared_ptr<const CompiledGraph>> call(const std::string& signature, std::span<const Value> arguments,
                                                                           const Traceable& traceable);
  /// The graph of a signature; null when it was never called.
  [[nodiscard]] std::shared_ptr<const CompiledGraph> find(const std::string& signature) const;
  /// How many graphs were built.
  [[nodiscard]] size_t traces() const { return traces_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool has_code() const { return code_ != nullptr; }

 private:
  struct Entry {
    std::mutex building;
    std::atomic<std::thread::id> builder;  ///< the thread that builds now
    std::shared_ptr<const CompiledGraph> graph;
  };

  std::vector<Value> build(Entry& entry, std::span<const Value> arguments, const Traceable& traceable);
  [[nodiscard]] ComputationGraph optimize(const ComputationGraph& graph, std::span<const Value> arguments, OptimizeReport& report) const;
  [[nodiscard]] std::vector<Value> run(const ComputationGraph& graph, std::span<const Value> arguments) const;
  [[nodiscard]] CallContext context() const;

  JitOptions options_;
  Engine& engine_;
  std::shared_ptr<const StaticFunction> code_;
  std::shared_ptr<const Strategy> strategy_;
  std::atomic<size_t> traces_{0};
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

/// A function that is traced. Its first call with arguments of a signature (types, shapes, lengths of containers, values of Static
/// arguments) runs it with tracers and keeps the optimised graph; later calls run that. Where a tracer stands among the arguments it
/// becomes part of the outer trace. Calls from any thread. Copies share.
template <class F>
class Jitted {
 public:
  Jitted(F function, JitOptions options, std::shared_ptr<const StaticFunction> code = nullptr)
      : function_(std::make_shared<const F>(std::move(function))), core_(std::make_shared<JitCore>(std::move(options), std::move(code))) {}

  /// Exceptions of the function and its operators pass through; TracingError where it cannot be traced.
  template <class... Args>
  auto operator()(const Args&... arguments) const {
    if constexpr (std::disjunction_v<structure::HoldsTracers<Args>...>) {
      return (*function_)(arguments...);
    } else {
      using Result = std::remove_cvref_t<decltype((*function_)(std::declval<structure::Traced<Args>>()...))>;
      auto [values, graph] = core_->call(signature_of(arguments...), values_of(arguments...), [&](std::span<const Tracer> tracers, structure::Layout& layout) {
        structure::Cursor<Tracer> cursor{tracers};
        // Braces: arguments are taken in order.
        std::tuple<structure::Traced<Args>...> traced{structure::to_traced(arguments, cursor)...};
        std::vector<Tracer> results;
        structure::Returned<Result>::flatten(std::apply(*function_, std::move(traced)), results, layout);
        return results;
      });
      structure::Cursor<Value> cursor{values};
      structure::LayoutCursor layout{graph->layout};
      return structure::Returned<Result>::from_values(cursor, layout);
    }
  }

  /// The graphs for such arguments; null before the first call with them.
  template <class... Args>
  [[nodiscard]] std::shared_ptr<const CompiledGraph> graph(const Args&... arguments) const {
    return core_->find(signature_of(arguments...));
  }
  /// What was found and done for such arguments, in words.
  template <class... Args>
  [[nodiscard]] std::string explain(const Args&... arguments) const {
    const auto found = graph(arguments...);
    return found == nullptr ? "not traced yet\n" : found->report.explain();
  }
  /// How often a graph was built.
  [[nodiscard]] size_t traces() const { return core_->traces(); }

 private:
  template <class... Args>
  static std::string signature_of(const Args&... arguments) {
    std::vector<Value> values;
    std::string signature;
    (structure::flatten(arguments, values, signature), ...);
    return signature;
  }
  template <class... Args>
  static std::vector<Value> values_of(const Args&... arguments) {
    std::vector<Value> values;
    std::string signature;
    (structure::flatten(arguments, values, signature), ...);
    return values;
  }

  std::shared_ptr<const F> function_;
  std::shared_ptr<JitCore> core_;
};

/// Makes a function of tracers one that finds its parallelism. `function` may be a lambda, generic or with Tracer parameters, or an object
/// with such a call.
template <class F>
Jitted<F> jit(F function, JitOptions options = {}) {
  return {std::move(function), std::move(options)};
}
/// The same with its code, for HybridStrategy.
template <class F>
Jitted<F> jit(F function, std::shared_ptr<const StaticFunction> code, JitOptions options = {}) {
  return {std::move(function), std::move(options), std::move(code)};
}

/// A function of which only the code is known: values to values.
class JittedCode {
 public:
  JittedCode(std::shared_ptr<const StaticFunction> code, JitOptions options) : core_(std::make_shared<JitCore>(std::move(options), std::move(code))) {}

  /// Exceptions of operators pass through; TracingError where the code cannot be a graph.
  template <class... Args>
  std::vector<Value> operator()(const Args&... arguments) const {
    std::vector<Value> values;
    std::string signature;
    (structure::flatten(arguments, values, signature), ...);
    return core_->call(signature, values, nullptr).first;
  }
  template <class... Args>
  [[nodiscard]] std::shared_ptr<const CompiledGraph> graph(const Args&... arguments) const {
    std::vector<Value> values;
    std::string signature;
    (structure::flatten(arguments, values, signature), ...);
    return core_->find(signature);
  }
  [[nodiscard]] size_t traces() const { return core_->traces(); }

 private:
  std::shared_ptr<JitCore> core_;
};
inline JittedCode jit(std::shared_ptr<const StaticFunction> code, JitOptions options = {}) { return {std::move(code), std::move(options)}; }

}  // namespace omega::graph
