// SPDX-License-Identifier: Apache-2.0
// Building large graphs of calls.
#pragma once

#include <cstdint>
#include <span>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// Appends CALLs with one output, as ComputationGraph::call() does, in two thirds of its instructions: where the graph's arrays end stays in registers. From
/// its beginning to its end nothing else may use the graph.
class CallAppender {
 public:
  /// Makes room for so many operations, and inputs in all; more are fine.
  CallAppender(ComputationGraph& graph, size_t operations, size_t inputs) : graph_(graph) {
    graph.reserve(graph.operations_.size() + operations, graph.input_values_.size() + inputs);
    graph.values_.reserve(graph.values_.size() + operations);
    ends_ = ends_of(graph);
  }
  ~CallAppender() { commit(graph_, ends_); }
  CallAppender(const CallAppender&) = delete;
  CallAppender& operator=(const CallAppender&) = delete;

  /// As ComputationGraph::call().
  [[gnu::always_inline]] ValueRef call(NameRef callee, std::span<const ValueRef> inputs, DType dtype = DType::any, ShapeRef shape = {}, uint8_t flags = 0) {
    const auto count = static_cast<uint32_t>(inputs.size());
    if (ends_.operation == ends_.operation_limit || count > ends_.input_limit - ends_.input) [[unlikely]] {
      ends_ = grown(graph_, ends_, count);
    }
    const uint32_t id = ends_.operation++;
    const uint32_t first = ends_.input;
    const uint32_t output = id + ends_.first_value;
    ends_.input = first + count;
    ends_.flags |= flags;
    ends_.carries_data |= dtype != DType::token;
    ends_.operations[id] = {OpType::call, flags, 1, callee, first, count, output, UINT32_MAX};
    uint32_t dependencies = 0;
    if (count == 1) [[likely]] {
      dependencies = ComputationGraph::add_use(ends_.arrays, inputs[0], first, id);
    } else {
      for (uint32_t i = 0; i < count; ++i) {
        dependencies += ComputationGraph::add_use(ends_.arrays, inputs[i], first + i, id);
      }
    }
    ends_.dependency_counts[id] = dependencies;
    if (dependencies == 0) {
      add_root(graph_, id);
    }
    ends_.arrays.values[output] = {id, UINT32_MAX, shape, dtype, ValueKind::result};
    return {output};
  }

 private:
  /// Where the graph's arrays are and end; beyond the graph's own sizes, until commit().
  struct Ends {
    Operation* operations;
    ComputationGraph::InputArrays arrays;
    uint32_t* dependency_counts;
    uint32_t operation;
    uint32_t operation_limit;  ///< there is room for values as far
    uint32_t first_value;      ///< that of operation 0, if all had one
    uint32_t input;
    uint32_t input_limit;
    uint8_t flags;
    bool carries_data;
  };

  static Ends ends_of(ComputationGraph& graph);
  static void commit(ComputationGraph& graph, Ends ends);
  static Ends grown(ComputationGraph& graph, Ends ends, size_t inputs);
  static void add_root(ComputationGraph& graph, uint32_t operation);

  ComputationGraph& graph_;
  Ends ends_;
};

}  // namespace omega::graph
