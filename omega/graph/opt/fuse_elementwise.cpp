// SPDX-License-Identifier: Apache-2.0
// An operation joins the cluster of its users when all of them are in one: then every path from it leads into the cluster, and the cluster
// can run as one.
#include <algorithm>
#include <map>

#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {
namespace {

/// More would not stay in the first cache.
constexpr size_t kMostInputs = 12;
constexpr size_t kMostSteps = 48;

class Fusion {
 public:
  explicit Fusion(const ComputationGraph& graph) : graph_(graph), order_(topological_order(graph)), cluster_(graph.operations().size(), UINT32_MAX) {
    is_output_.resize(graph.values().size(), false);
    for (const ValueRef output : graph.outputs()) {
      is_output_[output.index] = true;
    }
  }

  Rewritten run() {
    for (size_t i = order_.size(); i-- > 0;) {
      place(order_[i].index);
    }
    // A cluster's last operation is where it runs: all its inputs are there then.
    Rewritten result;
    GraphCopier copier(graph_);
    for (const OperationId id : order_) {
      const uint32_t cluster = cluster_[id.index];
      if (cluster == UINT32_MAX || members_[cluster].size() < 2) {
        copier.copy(graph_.operation(id));
      } else if (cluster == id.index) {
        emit(cluster, copier, result);
      }
    }
    result.graph = std::move(copier).finish();
    return result;
  }

 private:
  /// The shape over which the operation works: of its output, or of its input where it folds. None when it cannot be fused.
  ShapeRef work_shape(const Operation& op) const {
    if (op.type != OpType::call || op.flags != 0 || op.output_count != 1 || op.details != UINT32_MAX) {
      return ShapeRef::none;
    }
    const std::string_view callee = graph_.text(op.callee);
    const bool is_fold = reduce_op_named(callee) && op.input_count == 1;
    if (!is_fold && !element_op_named(callee)) {
      return ShapeRef::none;
    }
    const ShapeRef shape = graph_.value(is_fold ? graph_.inputs(op)[0] : graph_.output(op)).shape;
    if (!shape.valid() || shape == kScalarShape || std::ranges::find(graph_.extents(shape), kUnknownExtent) != graph_.extents(shape).end()) {
      return ShapeRef::none;
    }
    // Inputs must be of that shape, or scalars, which every element gets.
    for (const ValueRef input : graph_.inputs(op)) {
      if (graph_.value(input).shape != shape && graph_.value(input).shape != kScalarShape) {
        return ShapeRef::none;
      }
    }
    return shape;
  }

  bool is_fold(uint32_t id) const { return reduce_op_named(graph_.text(graph_.operations()[id].callee)).has_value(); }

  void place(uint32_t id) {
    const Operation& op = graph_.operations()[id];
    const ShapeRef shape = work_shape(op);
    if (!shape.valid()) {
      return;
    }
    uint32_t joined = UINT32_MAX;
    bool joins = !is_fold(id);
    for (uint32_t use = graph_.value(graph_.output(op)).first_use; use != UINT32_MAX && joins; use = graph_.uses()[use].next) {
      const uint32_t cluster = cluster_[graph_.uses()[use].operation];
      joins = cluster != UINT32_MAX && (joined == UINT32_MAX || joined == cluster) && shapes_[cluster] == shape;
      joined = cluster;
    }
    if (joins && joined != UINT32_MAX && fits(joined, op)) {
      cluster_[id] = joined;
      members_[joined].push_back(id);
    } else {
      cluster_[id] = id;
      members_[id] = {id};
      shapes_[id] = shape;
    }
  }

  bool fits(uint32_t cluster, const Operation& op) const {
    return members_.at(cluster).size() < kMostSteps && inputs_of(cluster).size() + op.input_count <= kMostInputs + 1;
  }

  /// Values that the cluster takes from outside, each once.
  std::vector<ValueRef> inputs_of(uint32_t cluster) const {
    std::vector<ValueRef> inputs;
    for (const uint32_t id : members_.at(cluster)) {
      for (const ValueRef input : graph_.inputs(graph_.operations()[id])) {
        const ValueRecord& value = graph_.value(input);
        const bool inside = value.kind == ValueKind::result && cluster_[value.producer] == cluster;
        if (!inside && std::ranges::find(inputs, input) == inputs.end()) {
          inputs.push_back(input);
        }
      }
    }
    return inputs;
  }

  void emit(uint32_t cluster, GraphCopier& copier, Rewritten& result) {
    std::vector<uint32_t>& members = members_[cluster];
    std::ranges::reverse(members);  // they came users first
    const std::vector<ValueRef> inputs = inputs_of(cluster);
    std::map<uint32_t, std::string> step_names;
    const auto operand = [&](ValueRef ref) {
      const ValueRecord& value = graph_.value(ref);
      if (value.kind == ValueKind::result && cluster_[value.producer] == cluster) {
        return step_names.at(value.producer);
      }
      return "i" + std::to_string(std::ranges::find(inputs, ref) - inputs.begin());
    };
    std::string program;
    std::string yields;
    std::vector<ValueRef> outputs;
    std::vector<ComputationGraph::OutputSpec> specs;
    for (const uint32_t id : members) {
      const Operation& op = graph_.operations()[id];
      const std::string callee(graph_.text(op.callee));
      if (is_fold(id)) {
        yields += "yield " + callee + " " + operand(graph_.inputs(op)[0]) + ";";
      } else {
        program += callee;
        for (const ValueRef input : graph_.inputs(op)) {
          program += " " + operand(input);
        }
        program += ";";
        step_names[id] = "s" + std::to_string(step_names.size());
        if (id != cluster && !is_output_[op.first_output]) {
          continue;
        }
        yields += "yield " + step_names[id] + ";";
      }
      outputs.push_back(graph_.output(op));
      const auto own = copier.outputs(op);
      specs.insert(specs.end(), own.begin(), own.end());
    }
    program += yields;
    program.pop_back();
    const Attribute attributes[] = {{"program", program}};
    const OperationId fused = copier.to().add_operation(OpType::fused, copier.to().name("elementwise"), copier.map(inputs), specs, 0, attributes);
    for (uint32_t i = 0; i < outputs.size(); ++i) {
      copier.replace(outputs[i], copier.to().output(copier.to().operation(fused), i));
    }
    ++result.changes;
    result.notes.push_back(std::to_string(members.size()) + " operations become one pass over memory: " + program);
  }

  const ComputationGraph& graph_;
  std::vector<OperationId> order_;
  std::vector<uint32_t> cluster_;  ///< of each operation: the number of the cluster's last one
  std::map<uint32_t, std::vector<uint32_t>> members_;
  std::map<uint32_t, ShapeRef> shapes_;
  std::vector<bool> is_output_;
};

}  // namespace

Rewritten fuse_elementwise(const ComputationGraph& graph) { return Fusion(graph).run(); }

}  // namespace omega::graph
