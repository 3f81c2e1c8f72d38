// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/assembly.h"

namespace omega::graph {

base::Error syntax_error(const GraphAssembly::Place& place, const std::string& message) { return {place + ": " + message, 0, ""}; }

base::Result<void> GraphAssembly::define(base::NameId name, const Place& place) {
  if (value_of(name) != UINT32_MAX) {
    return syntax_error(place, "value %" + std::string(names_.text(name)) + " is defined twice");
  }
  if (name.index >= values_.size()) {
    values_.resize(name.index + 1, UINT32_MAX);
  }
  values_[name.index] = next_value_++;
  return {};
}

base::Result<void> GraphAssembly::input(base::NameId name, DType dtype, ShapeRef shape, std::string_view text, const Place& place) {
  leaves_.push_back({operations_.size(), true, dtype, shape, std::string(text), {}});
  return define(name, place);
}

base::Result<void> GraphAssembly::constant(base::NameId name, Constant constant, const Place& place) {
  leaves_.push_back({operations_.size(), false, {}, {}, {}, std::move(constant)});
  return define(name, place);
}

base::Result<void> GraphAssembly::operation(PendingOperation operation) {
  if (operation.outputs.size() > UINT16_MAX) {
    return syntax_error(operation.place, "an operation has at most 65535 outputs");
  }
  for (const Output& output : operation.outputs) {
    if (auto defined = define(output.name, operation.place); !defined) {
      return defined;
    }
  }
  operations_.push_back(std::move(operation));
  return {};
}

base::Result<ComputationGraph> GraphAssembly::finish() && {
  size_t next_leaf = 0;
  const auto add_leaves = [&](size_t before) {
    for (; next_leaf < leaves_.size() && leaves_[next_leaf].before_operation <= before; ++next_leaf) {
      Leaf& leaf = leaves_[next_leaf];
      if (leaf.is_input) {
        graph_.add_input(leaf.dtype, leaf.shape, leaf.text);
      } else {
        graph_.add_constant(std::move(leaf.constant));
      }
    }
  };
  std::vector<ValueRef> inputs;
  std::vector<ComputationGraph::OutputSpec> outputs;
  for (size_t i = 0; i < operations_.size(); ++i) {
    add_leaves(i);
    PendingOperation& op = operations_[i];
    inputs.clear();
    for (const base::NameId name : op.inputs) {
      if (value_of(name) == UINT32_MAX) {
        return syntax_error(op.place, "value %" + std::string(names_.text(name)) + " is used but nothing defines it");
      }
      inputs.push_back({value_of(name)});
    }
    outputs.clear();
    for (const Output& output : op.outputs) {
      outputs.push_back({output.dtype, output.shape});
    }
    graph_.append_unlinked(op.type, graph_.name(op.callee), inputs, outputs, op.flags, op.attributes, std::move(op.bodies));
  }
  add_leaves(operations_.size());
  for (const auto& [name, place] : outputs_) {
    if (value_of(name) == UINT32_MAX) {
      return syntax_error(place, "output %" + std::string(names_.text(name)) + " is a value that nothing defines");
    }
    graph_.add_output({value_of(name)});
  }
  graph_.relink();
  return std::move(graph_);
}

}  // namespace omega::graph
