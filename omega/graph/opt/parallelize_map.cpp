// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {
namespace {

bool iterations_are_independent(const ComputationGraph& body) {
  return std::ranges::all_of(body.operations(), [&](const Operation& op) { return is_pure(body, op); });
}

/// `scan` whose body gives its state back as it got it: element for element, a map of the body with the state as it was at the beginning.
bool hands_state_on(const ComputationGraph& body) { return body.outputs()[0] == body.inputs()[0]; }

/// The body of such a scan without its state, which must not be used otherwise.
ComputationGraph without_state(const ComputationGraph& body) {
  ComputationGraph to;
  std::vector<ValueRef> values(body.values().size());
  to.set_name(body.graph_name());
  const auto shape = [&](ShapeRef old) { return old.valid() ? to.shape(body.extents(old)) : old; };
  for (size_t i = 1; i < body.inputs().size(); ++i) {
    const ValueRecord& value = body.value(body.inputs()[i]);
    values[body.inputs()[i].index] = to.add_input(value.dtype, shape(value.shape), body.input_name(i));
  }
  for (const ValueRef constant : body.constants()) {
    values[constant.index] = to.add_constant(body.constant(constant));
  }
  for (const OperationId id : topological_order(body)) {
    const Operation& op = body.operation(id);
    std::vector<ValueRef> inputs;
    for (const ValueRef input : body.inputs(op)) {
      inputs.push_back(values[input.index]);
    }
    std::vector<ComputationGraph::OutputSpec> outputs;
    for (uint32_t i = 0; i < op.output_count; ++i) {
      const ValueRecord& value = body.value(body.output(op, i));
      outputs.push_back({value.dtype, shape(value.shape)});
    }
    const auto bodies = body.bodies(op);
    const OperationId copied =
        to.add_operation(op.type, to.name(body.text(op.callee)), inputs, outputs, op.flags, body.attributes(op), {bodies.begin(), bodies.end()});
    for (uint32_t i = 0; i < op.output_count; ++i) {
      values[op.first_output + i] = to.output(to.operation(copied), i);
    }
  }
  for (size_t i = 1; i < body.outputs().size(); ++i) {
    to.add_output(values[body.outputs()[i].index]);
  }
  return to;
}

}  // namespace

Rewritten parallelize_map(const ComputationGraph& graph) {
  Rewritten result;
  GraphCopier copier(graph);
  for (const OperationId id : topological_order(graph)) {
    const Operation& op = graph.operation(id);
    const std::string_view rule = op.type == OpType::control ? graph.text(op.callee) : std::string_view{};
    const auto bodies = graph.bodies(op);
    if (rule == "map" && iterations_are_independent(bodies[0])) {
      const AttributeValue* parallel = graph.attribute(op, "parallel");
      if (parallel != nullptr && *parallel == AttributeValue(false)) {
        std::vector<Attribute> attributes(graph.attributes(op).begin(), graph.attributes(op).end());
        std::erase_if(attributes, [](const Attribute& attribute) { return attribute.key == "parallel"; });
        copier.copy(op, attributes, {bodies.begin(), bodies.end()});
        result.notes.push_back("operation " + std::to_string(id.index) + ": its iterations do not depend on each other and run in parallel");
        ++result.changes;
        continue;
      }
    }
    if (rule == "scan" && hands_state_on(bodies[0]) && iterations_are_independent(bodies[0]) && op.output_count > 1) {
      const ValueRecord& state = bodies[0].value(bodies[0].inputs()[0]);
      if (state.first_use == UINT32_MAX && std::ranges::count(bodies[0].outputs(), bodies[0].inputs()[0]) == 1) {
        std::vector<ComputationGraph> map_bodies;
        map_bodies.push_back(without_state(bodies[0]));
        std::vector<ComputationGraph::OutputSpec> outputs = copier.outputs(op);
        outputs.erase(outputs.begin());
        const OperationId map = copier.to().add_operation(OpType::control, copier.to().name("map"), copier.map(graph.inputs(op).subspan(1)), outputs, op.flags,
                                                          graph.attributes(op), std::move(map_bodies));
        copier.replace(graph.output(op, 0), copier.map(graph.inputs(op)[0]));
        for (uint32_t i = 1; i < op.output_count; ++i) {
          copier.replace(graph.output(op, i), copier.to().output(copier.to().operation(map), i - 1));
        }
        result.notes.push_back("operation " + std::to_string(id.index) + ": no iteration changes the state, so they run in parallel");
        ++result.changes;
        continue;
      }
    }
    copier.copy(op);
  }
  result.graph = std::move(copier).finish();
  return result;
}

}  // namespace omega::graph
