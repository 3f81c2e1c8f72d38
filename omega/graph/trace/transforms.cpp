// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/transforms.h"

#include <algorithm>
#include <optional>

#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

/// The type of the elements of a traced sequence, for a body's input.
struct ElementType {
  DType dtype = DType::any;
  std::vector<int64_t> extents;
  bool is_known = false;
};

ElementType element_type(TracerContext& context, const Tracer& sequence) {
  const ShapeRef shape = context.shape_of(sequence);
  if (sequence.dtype() == DType::list || sequence.dtype() == DType::any || !shape.valid()) {
    return {};
  }
  const auto extents = context.graph().extents(shape);
  if (extents.empty()) {
    throw TracingError("there is no sequence in " + sequence.describe());
  }
  return {sequence.dtype(), {extents.begin() + 1, extents.end()}, true};
}

/// A recorded body and the outer values it uses.
struct Body {
  ComputationGraph graph;
  std::vector<Tracer> captures;
};

/// Adds an input like an outer value.
Tracer input_like(TracerContext& outer, TracerContext& inner, const Tracer& value) {
  const ShapeRef shape = outer.shape_of(value);
  return inner.add_input(value.dtype(), inner.import_shape(outer.graph(), shape), "");
}

/// Adds an input of a type.
Tracer input_of(TracerContext& inner, const ElementType& type) {
  ComputationGraph shapes;
  return inner.add_input(type.dtype, type.is_known ? inner.import_shape(shapes, shapes.shape(type.extents)) : ShapeRef::none, "");
}

std::vector<ElementType> element_types(TracerContext& context, const std::vector<Tracer>& sequences) {
  std::vector<ElementType> types;
  types.reserve(sequences.size());
  for (const Tracer& sequence : sequences) {
    types.push_back(element_type(context, sequence));
  }
  return types;
}

std::vector<Tracer> inputs_of(TracerContext& inner, const std::vector<ElementType>& types) {
  std::vector<Tracer> inputs;
  inputs.reserve(types.size());
  for (const ElementType& type : types) {
    inputs.push_back(input_of(inner, type));
  }
  return inputs;
}

std::vector<Tracer> joined(std::vector<Tracer> a, const std::vector<Tracer>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<ComputationGraph> one_body(ComputationGraph graph) {
  std::vector<ComputationGraph> bodies;
  bodies.push_back(std::move(graph));
  return bodies;
}

/// Records a body whose inputs are like `inputs`, then `captured` ones.
Body record_body(TracerContext& outer, const TracedBody& body, const std::vector<Tracer>& inputs, const std::vector<Tracer>& captured) {
  TracerContext inner(outer.call_context(), TracerContext::Mode::recorded);
  std::vector<Tracer> own;
  own.reserve(inputs.size());
  for (const Tracer& input : inputs) {
    own.push_back(input_like(outer, inner, input));
  }
  for (const Tracer& each : captured) {
    inner.capture(each);
  }
  const std::vector<Tracer> outputs = body(own);
  ComputationGraph graph = inner.finish(outputs);
  return {std::move(graph), inner.captures()};
}

/// Gives a body the inputs, which it does not use, that another with the same first captures has besides.
void take_captures(TracerContext& outer, Body& body, const Body& other) {
  for (size_t i = body.captures.size(); i < other.captures.size(); ++i) {
    const ShapeRef shape = outer.shape_of(other.captures[i]);
    body.graph.add_input(other.captures[i].dtype(), shape.valid() ? body.graph.shape(outer.graph().extents(shape)) : shape);
    body.captures.push_back(other.captures[i]);
  }
}

}  // namespace

std::vector<Tracer> cond(const Tracer& condition, const TracedBody& if_true, const TracedBody& if_false, const std::vector<Tracer>& inputs) {
  TracerContext& context = TracerContext::current();
  Body yes = record_body(context, if_true, inputs, {});
  const Body no = record_body(context, if_false, inputs, yes.captures);
  take_captures(context, yes, no);
  if (yes.graph.outputs().size() != no.graph.outputs().size()) {
    throw TracingError("the bodies of cond() give " + std::to_string(yes.graph.outputs().size()) + " and " + std::to_string(no.graph.outputs().size()) +
                       " values");
  }
  const size_t outputs = yes.graph.outputs().size();
  std::vector<ComputationGraph> bodies = one_body(std::move(yes.graph));
  bodies.push_back(no.graph);
  return context.record(OpType::control, "if", joined(joined({condition}, inputs), no.captures), outputs, 0, {}, std::move(bodies));
}

Tracer cond(const Tracer& condition, const std::function<Tracer()>& if_true, const std::function<Tracer()>& if_false) {
  const auto body = [](const std::function<Tracer()>& f) { return [&f](std::span<const Tracer>) { return std::vector<Tracer>{f()}; }; };
  return cond(condition, body(if_true), body(if_false), {})[0];
}

std::vector<Tracer> while_loop(const std::function<Tracer(std::span<const Tracer>)>& goes_on, const TracedBody& step, const std::vector<Tracer>& state) {
  TracerContext& context = TracerContext::current();
  const TracedBody condition = [&](std::span<const Tracer> now) { return std::vector<Tracer>{goes_on(now)}; };
  Body stepped = record_body(context, step, state, {});
  Body asked = record_body(context, condition, state, stepped.captures);
  take_captures(context, stepped, asked);
  if (stepped.graph.outputs().size() != state.size()) {
    throw TracingError("the step of while_loop() gives " + std::to_string(stepped.graph.outputs().size()) + " values for a state of " +
                       std::to_string(state.size()));
  }
  std::vector<ComputationGraph> bodies = one_body(std::move(asked.graph));
  bodies.push_back(std::move(stepped.graph));
  return context.record(OpType::control, "while", joined(state, asked.captures), state.size(), 0, {}, std::move(bodies));
}

ScanResult scan(const std::function<ScanStep(const Tracer&, std::span<const Tracer>)>& body, const Tracer& state, const std::vector<Tracer>& sequences) {
  TracerContext& context = TracerContext::current();
  const std::vector<ElementType> types = element_types(context, sequences);
  ComputationGraph graph;
  std::vector<Tracer> captures;
  {
    TracerContext inner(context.call_context(), TracerContext::Mode::recorded);
    const Tracer now = input_like(context, inner, state);
    const std::vector<Tracer> elements = inputs_of(inner, types);
    ScanStep step = body(now, elements);
    graph = inner.finish(joined({step.state}, step.elements));
    captures = inner.captures();
  }
  const size_t outputs = graph.outputs().size();
  const Attribute whole[] = {{"whole", static_cast<int64_t>(captures.size())}};
  std::vector<Tracer> results = context.record(OpType::control, "scan", joined(joined({state}, sequences), captures), outputs, 0,
                                               captures.empty() ? std::span<const Attribute>{} : std::span<const Attribute>{whole}, one_body(std::move(graph)));
  return {results[0], {results.begin() + 1, results.end()}};
}

namespace {

Body record_elements(TracerContext& context, const TracedBody& body, const std::vector<Tracer>& sequences, const std::vector<Tracer>& whole) {
  const std::vector<ElementType> types = element_types(context, sequences);
  TracerContext inner(context.call_context(), TracerContext::Mode::recorded);
  std::vector<Tracer> elements = inputs_of(inner, types);
  for (const Tracer& each : whole) {
    elements.push_back(input_like(context, inner, each));
  }
  const std::vector<Tracer> outputs = body(elements);
  ComputationGraph graph = inner.finish(outputs);
  return {std::move(graph), inner.captures()};
}

std::vector<Tracer> record_map(TracerContext& context, Body body, const std::vector<Tracer>& sequences, const std::vector<Tracer>& whole) {
  const size_t outputs = body.graph.outputs().size();
  const Attribute attribute[] = {{"whole", static_cast<int64_t>(whole.size() + body.captures.size())}};
  const bool has_whole = !whole.empty() || !body.captures.empty();
  return context.record(OpType::control, "map", joined(joined(sequences, whole), body.captures), outputs, 0,
                        has_whole ? std::span<const Attribute>{attribute} : std::span<const Attribute>{}, one_body(std::move(body.graph)));
}

/// Whether the body does the same on whole arrays as on their elements: only element operators, on scalars, or on rows of one shape.
bool is_element_wise(const ComputationGraph& body, size_t sequence_count) {
  if (body.outputs().empty()) {
    return false;
  }
  std::vector<bool> varies(body.values().size(), false);
  ShapeRef shape;
  const auto fits = [&](ValueRef ref) {
    if (!varies[ref.index]) {
      return body.value(ref).shape == kScalarShape;  // one number for all elements
    }
    if (!body.value(ref).shape.valid() || (shape.valid() && body.value(ref).shape != shape)) {
      return false;
    }
    shape = body.value(ref).shape;
    return true;
  };
  for (size_t i = 0; i < sequence_count; ++i) {
    varies[body.inputs()[i].index] = true;
  }
  for (const Operation& op : body.operations()) {
    if (op.type != OpType::call || op.flags != 0 || !element_op_named(body.text(op.callee))) {
      return false;
    }
    for (const ValueRef input : body.inputs(op)) {
      varies[op.first_output] = varies[op.first_output] || varies[input.index];
    }
    if (!std::ranges::all_of(body.inputs(op), fits) || (varies[op.first_output] && !fits(body.output(op)))) {
      return false;
    }
  }
  return std::ranges::all_of(body.outputs(), [&](ValueRef output) { return varies[output.index] && fits(output); });
}

}  // namespace

std::vector<Tracer> map_elements(const TracedBody& body, const std::vector<Tracer>& sequences, const std::vector<Tracer>& whole) {
  TracerContext& context = TracerContext::current();
  return record_map(context, record_elements(context, body, sequences, whole), sequences, whole);
}

std::vector<Tracer> map_vectorised(const TracedBody& body, const std::vector<Tracer>& sequences, const std::vector<Tracer>& whole) {
  TracerContext& context = TracerContext::current();
  Body recorded = record_elements(context, body, sequences, whole);
  const auto shape = [&](const Tracer& sequence) { return context.shape_of(sequence); };
  const bool same_shape = std::ranges::all_of(sequences, [&](const Tracer& each) { return shape(each).valid() && shape(each) == shape(sequences[0]); });
  if (!same_shape || !is_element_wise(recorded.graph, sequences.size())) {
    return record_map(context, std::move(recorded), sequences, whole);
  }
  // The body's operations on the sequences themselves.
  const std::vector<Tracer> inputs = joined(joined(sequences, whole), recorded.captures);
  std::vector<std::optional<Tracer>> values(recorded.graph.values().size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    values[recorded.graph.inputs()[i].index] = inputs[i];
  }
  for (const ValueRef constant : recorded.graph.constants()) {
    values[constant.index] = Tracer(Value::of(recorded.graph.constant(constant)));
  }
  for (const Operation& op : recorded.graph.operations()) {
    std::vector<Tracer> operands;
    for (const ValueRef input : recorded.graph.inputs(op)) {
      operands.push_back(*values[input.index]);
    }
    values[op.first_output] = context.record(OpType::call, recorded.graph.text(op.callee), operands, 1)[0];
  }
  std::vector<Tracer> outputs;
  for (const ValueRef output : recorded.graph.outputs()) {
    outputs.push_back(*values[output.index]);
  }
  return outputs;
}

}  // namespace omega::graph
