// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/tracer.h"

#include <algorithm>
#include <atomic>

#include "omega/graph/ir/spelling.h"
#include "omega/graph/ir/validate.h"

namespace omega::graph {
namespace {

thread_local TracerContext* innermost = nullptr;
thread_local size_t depth = 0;
std::atomic<uint64_t> next_number{1};

constexpr std::string_view kWayOut =
    " would be fixed for all later calls by the values of this one. Use select(), cond() or while_loop(), make the value Static (a new "
    "value is traced again), or write "
    "the function in Omega and build its graph by StaticAnalysisStrategy";

/// The value as a constant of a graph; lists and objects cannot be one.
std::optional<Constant> as_constant(const Value& value) {
  if (value.is_scalar()) {
    return Constant{value.dtype(), {}, {static_cast<const char*>(value.scalar_bytes()), element_size(value.dtype())}};
  }
  if (value.is_array()) {
    const Array& array = value.as_array();
    return Constant{array.dtype(), {array.shape().begin(), array.shape().end()}, {reinterpret_cast<const char*>(array.data()), array.byte_size()}};
  }
  if (value.dtype() == DType::string) {
    return Constant{DType::string, {}, value.as_string()};
  }
  return std::nullopt;
}

int64_t length_of(const Value& value) {
  if (value.is_list()) {
    return static_cast<int64_t>(value.as_list().size());
  }
  return value.is_array() && !value.as_array().shape().empty() ? value.as_array().shape()[0] : -1;
}

}  // namespace

size_t Tracer::size() const {
  const int64_t length = is_literal() ? graph::length_of(literal_) : length_;
  if (length < 0) {
    unseen("the number of elements of");
  }
  return static_cast<size_t>(length);
}

Tracer Tracer::operator[](const Tracer& index) const {
  const Tracer inputs[] = {*this, index};
  return TracerContext::current().call("element", inputs)[0];
}

Tracer Tracer::apply(std::vector<Tracer> arguments) const {
  if (dtype_ != DType::object && dtype_ != DType::any) {
    throw TracingError("a call of " + describe() + ", which is no function");
  }
  arguments.insert(arguments.begin(), *this);
  return TracerContext::current().call("apply", arguments)[0];
}

std::string Tracer::describe() const {
  if (is_literal()) {
    return "the constant " + literal_.describe();
  }
  for (const TracerContext* context = TracerContext::current_or_null(); context != nullptr; context = context->outer()) {
    if (context->owns(*this)) {
      return context->describe(ref_);
    }
  }
  return "a value of a trace that has ended";
}

void Tracer::unseen(std::string_view what) const {
  if (is_literal()) {
    throw BranchError(std::string(what) + " " + describe() + ": use the C++ value instead");
  }
  throw BranchError(std::string(what) + " a traced value, " + describe() + "," + std::string(kWayOut));
}

TracerContext::TracerContext(const CallContext& context, Mode mode) : context_(context), mode_(mode), number_(next_number.fetch_add(1)), outer_(innermost) {
  if (depth >= kMostNestedTraces) {
    throw TracingError("traces are nested deeper than " + std::to_string(kMostNestedTraces) + ": does a function or loop body contain itself?");
  }
  ++depth;
  innermost = this;
}

TracerContext::~TracerContext() {
  --depth;
  innermost = outer_;
}

TracerContext& TracerContext::current() {
  if (innermost == nullptr) {
    throw TracingError("there is no trace on this thread: tracers work inside of the function given to jit(), on the thread that calls it");
  }
  return *innermost;
}

TracerContext* TracerContext::current_or_null() { return innermost; }

ComputationGraph::OutputSpec TracerContext::spec_of(const Value& value) {
  if (value.is_array()) {
    return {value.dtype(), graph_.shape(value.as_array().shape())};
  }
  if (!value.has_value()) {
    return {DType::token, kScalarShape};
  }
  return {value.dtype(), kScalarShape};
}

Tracer TracerContext::tracer(ValueRef ref, bool length_is_known) {
  values_.resize(graph_.values().size());
  length_is_known_.resize(graph_.values().size(), false);
  length_is_known_[ref.index] = length_is_known;
  int64_t length = -1;
  if (length_is_known) {
    const ShapeRef shape = graph_.value(ref).shape;
    length = mode_ == Mode::concrete ? length_of(values_[ref.index]) : shape.valid() && !graph_.extents(shape).empty() ? graph_.extents(shape)[0] : -1;
  }
  return {number_, ref, graph_.value(ref).dtype, length};
}

Tracer TracerContext::add_input(const Value& value, std::string_view name) {
  const ComputationGraph::OutputSpec spec = spec_of(value);
  const ValueRef ref = graph_.add_input(spec.dtype, spec.shape, name);
  values_.resize(graph_.values().size());
  values_[ref.index] = value;
  return tracer(ref, true);
}

Tracer TracerContext::add_input(DType dtype, ShapeRef shape, std::string_view name) { return tracer(graph_.add_input(dtype, shape, name), true); }

ValueRef TracerContext::constant(const Value& value) {
  std::optional<Constant> data = as_constant(value);
  if (data) {
    uint64_t bits = 0;
    std::memcpy(&bits, data->bytes.data(), std::min<size_t>(8, data->bytes.size()));
    const uint64_t key = bits * (kDTypeCount + 1) + static_cast<uint64_t>(data->dtype);
    const bool is_shared = value.is_scalar();
    if (const auto found = scalars_.find(key); is_shared && found != scalars_.end() && graph_.constant(found->second) == *data) {
      return found->second;
    }
    const ValueRef ref = graph_.add_constant(*std::move(data));
    if (is_shared) {
      scalars_[key] = ref;
    }
    values_.resize(graph_.values().size());
    values_[ref.index] = value;
    static_cast<void>(tracer(ref, true));
    return ref;
  }
  if (value.is_list()) {
    std::vector<Tracer> elements;
    for (const Value& each : value.as_list()) {
      elements.emplace_back(each);
    }
    return record(OpType::call, "list", elements, 1)[0].ref_;
  }
  throw TracingError("an object of the host program cannot be a constant of a graph: hand it in as an argument");
}

ValueRef TracerContext::resolve(const Tracer& value) {
  if (value.trace_ == number_) {
    return value.ref_;
  }
  if (value.is_literal()) {
    return constant(value.literal_);
  }
  const std::pair<uint64_t, uint32_t> key{value.trace_, value.ref_.index};
  if (const auto found = captured_.find(key); found != captured_.end()) {
    return found->second;
  }
  TracerContext* owner = outer_;
  while (owner != nullptr && !owner->owns(value)) {
    owner = owner->outer_;
  }
  if (owner == nullptr || mode_ == Mode::concrete) {
    throw TracingError(owner == nullptr ? "a traced value is used after its trace ended, or on another thread"
                                        : "a traced value is used inside of an independent trace");
  }
  // The traces between hand it inwards too, when this body is recorded in them.
  const ValueRef ref = graph_.add_input(value.dtype(), import_shape(owner->graph_, owner->graph_.value(value.ref_).shape), "");
  static_cast<void>(tracer(ref, owner->length_is_known_[value.ref_.index]));
  captured_.emplace(key, ref);
  captures_.push_back(value);
  return ref;
}

std::vector<Value> TracerContext::run(OpType type, std::string_view callee, std::span<const ValueRef> inputs, size_t output_count,
                                      std::span<const Attribute> attributes, const std::vector<ComputationGraph>& bodies) const {
  // A graph of this operation alone.
  ComputationGraph alone;
  std::vector<ValueRef> refs;
  std::vector<Value> values;
  for (const ValueRef input : inputs) {
    refs.push_back(alone.add_input(DType::any, ShapeRef::none));
    values.push_back(values_[input.index]);
  }
  const std::vector<ComputationGraph::OutputSpec> specs(output_count);
  const OperationId id = alone.add_operation(type, alone.name(callee), refs, specs, 0, attributes, bodies);
  for (uint32_t i = 0; i < output_count; ++i) {
    alone.add_output(alone.output(alone.operation(id), i));
  }
  return evaluate(alone, values, context_);
}

ComputationGraph::OutputSpec TracerContext::inferred(OpType type, std::string_view callee, std::span<const ValueRef> inputs) const {
  if (type == OpType::store || (type == OpType::control && callee == "barrier")) {
    return {DType::token, kScalarShape};
  }
  if (type == OpType::call) {
    if (const auto op = element_op_named(callee)) {
      std::string problem;
      if (const auto result = element_shape(graph_, *op, inputs, problem)) {
        return {result->dtype, result->shape};
      }
      throw std::invalid_argument("`" + std::string(callee) + "`: " + problem);
    }
    if (reduce_op_named(callee) && inputs.size() == 1) {
      return {graph_.value(inputs[0]).dtype, kScalarShape};
    }
    if (callee == "list") {
      return {DType::list, kScalarShape};
    }
    if (callee == "length") {
      return {DType::int64, kScalarShape};
    }
  }
  return {};
}

void TracerContext::require_room() const {
  if (graph_.operations().size() >= kMostTraced) {
    throw TracingError("the trace has " + std::to_string(kMostTraced) +
                       " operations: a loop that does not end? Loops over data are scan(), vmap() and while_loop()");
  }
}

std::vector<Tracer> TracerContext::record(OpType type, std::string_view callee, std::span<const Tracer> inputs, size_t output_count, uint8_t flags,
                                          std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies) {
  require_room();
  std::vector<ValueRef> refs;
  bool inputs_known = true;
  for (const Tracer& input : inputs) {
    refs.push_back(resolve(input));
    inputs_known &= length_is_known_[refs.back().index];
  }
  std::vector<Value> values;
  std::vector<ComputationGraph::OutputSpec> specs;
  if (mode_ == Mode::concrete) {
    values = run(type, callee, refs, output_count, attributes, bodies);
    for (const Value& value : values) {
      specs.push_back(spec_of(value));
    }
  } else {
    for (size_t i = 0; i < output_count; ++i) {
      specs.push_back(inferred(type, callee, refs));
    }
  }
  const OperationId id = graph_.add_operation(type, graph_.name(callee), refs, specs, flags, attributes, std::move(bodies));
  const bool is_element_wise = type == OpType::call && element_op_named(callee).has_value();
  const bool length_is_known = type == OpType::call && ((is_element_wise && inputs_known) || callee == "list");
  values_.resize(graph_.values().size());
  std::vector<Tracer> outputs;
  for (uint32_t i = 0; i < output_count; ++i) {
    const ValueRef ref = graph_.output(graph_.operation(id), i);
    if (mode_ == Mode::concrete) {
      values_[ref.index] = std::move(values[i]);
    }
    outputs.push_back(tracer(ref, length_is_known));
    if (callee == "list" && length_is_known) {
      outputs.back().length_ = static_cast<int64_t>(inputs.size());
    }
  }
  return outputs;
}

std::vector<Tracer> TracerContext::call(std::string_view callee, std::span<const Tracer> inputs, size_t output_count, std::span<const Attribute> attributes) {
  const Operator* op = context_.registry->find(callee);
  if (op == nullptr) {
    throw TracingError("there is no operator `" + std::string(callee) + "`");
  }
  std::vector<Attribute> all(attributes.begin(), attributes.end());
  if (op->batch_limit > 1) {
    all.push_back({"batch_limit", static_cast<int64_t>(op->batch_limit)});
  }
  return record(OpType::call, callee, inputs, output_count, op->flags, all);
}

ComputationGraph TracerContext::finish(std::span<const Tracer> outputs) {
  for (const Tracer& output : outputs) {
    graph_.add_output(resolve(output));
  }
  return graph_;
}

std::vector<Value> TracerContext::output_values() const {
  std::vector<Value> outputs;
  for (const ValueRef output : graph_.outputs()) {
    outputs.push_back(values_[output.index]);
  }
  return outputs;
}

ShapeRef TracerContext::shape_of(const Tracer& value) { return graph_.value(resolve(value)).shape; }

std::string TracerContext::describe(ValueRef ref) const {
  const ValueRecord& value = graph_.value(ref);
  std::string text = spell_type(graph_, value.dtype, value.shape);
  if (value.kind == ValueKind::result) {
    return text + " (the result of `" + std::string(graph_.text(graph_.operations()[value.producer].callee)) + "`, operation " +
           std::to_string(value.producer) + ")";
  }
  if (value.kind == ValueKind::input) {
    const auto at = std::ranges::find(graph_.inputs(), ref) - graph_.inputs().begin();
    return text + " (input " + std::to_string(at) + ")";
  }
  return text + " (a constant)";
}

}  // namespace omega::graph
