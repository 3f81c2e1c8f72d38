// SPDX-License-Identifier: Apache-2.0
// Building large graphs of calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
    const size_t count = inputs.size();
    if (static_cast<uint32_t>(ends_.operation) == ends_.operation_limit || ends_.input + count > ends_.input_limit) [[unlikely]] {
      ends_ = grown(graph_, ends_, count);
    }
    const size_t first = ends_.input;
    const auto id = static_cast<uint32_t>(ends_.operation);
    const uint64_t output = ends_.operation + ends_.first_value;
    ends_.input = first + count;
    ends_.flags |= flags;
    ends_.carries_data |= dtype != DType::token;
    Operation& op = ends_.operations[id];
    put<offsetof(Operation, type)>(op, pair(static_cast<uint32_t>(OpType::call) | uint32_t{flags} << 8 | 1u << 16, callee.index));
    put<offsetof(Operation, first_input)>(op, pair(static_cast<uint32_t>(first), static_cast<uint32_t>(count)));
    put<offsetof(Operation, first_output)>(op, output);
    ValueRecord& value = ends_.arrays.values[static_cast<uint32_t>(output)];
    put<offsetof(ValueRecord, producer)>(value, ends_.operation);
    put<offsetof(ValueRecord, shape)>(value, pair(shape.index, static_cast<uint32_t>(dtype) | static_cast<uint32_t>(ValueKind::result) << 8));
    uint32_t dependencies = 0;
    if (count == 1) [[likely]] {
      dependencies = ComputationGraph::add_use(ends_.arrays, inputs[0], static_cast<uint32_t>(first), id);
    } else {
      auto at = static_cast<uint32_t>(first);
      for (const ValueRef input : inputs) {
        dependencies += ComputationGraph::add_use(ends_.arrays, input, at++, id);
      }
    }
    ends_.dependency_counts[id] = dependencies;
    ++ends_.operation;
    if (dependencies == 0) {
      add_root(graph_, id);
    }
    return {static_cast<uint32_t>(output)};
  }

 private:
  /// Where the graph's arrays are and end; beyond the graph's own sizes, until commit().
  struct Ends {
    Operation* operations;
    ComputationGraph::InputArrays arrays;
    uint32_t* dependency_counts;
    uint64_t operation;        ///< pair(number of the next one, UINT32_MAX): so its value begins, and with first_value added so it ends itself
    uint64_t first_value;      ///< that of operation 0, if all had one; modulo 2^64
    uint32_t operation_limit;  ///< there is room for values as far
    size_t input;
    size_t input_limit;
    uint8_t flags;
    bool carries_data;
  };

  /// Two neighbouring fields of a record as they lie in memory.
  static constexpr uint64_t pair(uint32_t first, uint32_t second) { return uint64_t{second} << 32 | first; }
  /// Fields of a record, in one store: processors write one a cycle or little more, which bounds building.
  template <size_t offset, class Record>
  [[gnu::always_inline]] static void put(Record& record, uint64_t fields) {
    static_assert(offset + sizeof fields <= sizeof(Record));
    std::memcpy(reinterpret_cast<std::byte*>(&record) + offset, &fields, sizeof fields);
  }

  static Ends ends_of(ComputationGraph& graph);
  static void commit(ComputationGraph& graph, Ends ends);
  [[gnu::cold]] static Ends grown(ComputationGraph& graph, Ends ends, size_t inputs);
  [[gnu::cold]] static void add_root(ComputationGraph& graph, uint32_t operation);

  ComputationGraph& graph_;
  Ends ends_;
};

}  // namespace omega::graph
