// SPDX-License-Identifier: Apache-2.0
// Putting a graph together from written definitions that may stand in any order.
#pragma once

#include <string>
#include <vector>

#include "omega/base/interner.h"
#include "omega/base/result.h"
#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// Collects definitions, then gives their values numbers in order of definition and connects uses to them. Not thread-safe.
class GraphAssembly {
 public:
  /// A place in the written form, for errors.
  using Place = std::string;

  struct Output {
    base::NameId name;
    DType dtype;
    ShapeRef shape;
  };
  struct PendingOperation {
    OpType type;
    std::string callee;
    std::vector<base::NameId> inputs;
    std::vector<Output> outputs;
    uint8_t flags = 0;
    std::vector<Attribute> attributes;
    std::vector<ComputationGraph> bodies;
    Place place;
  };

  /// The graph being made: for names, shapes and metadata.
  ComputationGraph& graph() { return graph_; }
  /// What stands for a value's name here.
  base::NameId name(std::string_view text) { return names_.intern(text); }

  /// Each gives an error when the name is defined already.
  base::Result<void> input(base::NameId name, DType dtype, ShapeRef shape, std::string_view text, const Place& place);
  base::Result<void> constant(base::NameId name, Constant constant, const Place& place);
  base::Result<void> operation(PendingOperation operation);
  void output(base::NameId name, Place place) { outputs_.emplace_back(name, std::move(place)); }

  /// The graph, or what is used but not defined.
  base::Result<ComputationGraph> finish() &&;

 private:
  base::Result<void> define(base::NameId name, const Place& place);
  /// The number of the value of that name; UINT32_MAX when nothing defines it.
  [[nodiscard]] uint32_t value_of(base::NameId name) const { return name.index < values_.size() ? values_[name.index] : UINT32_MAX; }

  ComputationGraph graph_;
  uint32_t next_value_ = 0;
  /// Definitions in order: operations are appended to the graph in finish(), so leaves between them wait too.
  struct Leaf {
    size_t before_operation;
    bool is_input;
    DType dtype;
    ShapeRef shape;
    std::string text;
    Constant constant;
  };
  std::vector<Leaf> leaves_;
  std::vector<PendingOperation> operations_;
  std::vector<std::pair<base::NameId, Place>> outputs_;
  base::NameInterner names_;
  base::PodVector<uint32_t> values_;  ///< by name
};

/// An error that begins with the place.
base::Error syntax_error(const GraphAssembly::Place& place, const std::string& message);

}  // namespace omega::graph
