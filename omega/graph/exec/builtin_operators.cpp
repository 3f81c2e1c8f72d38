// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/builtin_operators.h"

#include "omega/graph/exec/element_program.h"
#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

/// The resource an operation names, with its index where that is a value.
std::string place_of(const Call& call, size_t data_inputs) {
  std::string name(call.graph().text(call.operation().callee));
  for (size_t i = 0; i + data_inputs < call.input_count(); ++i) {
    name += "[" + std::to_string(call.input(i).as_int64()) + "]";
  }
  return name;
}

ResourceStore& resources_of(const Call& call) {
  if (call.context().resources == nullptr) {
    throw std::invalid_argument("the run has no resources to load from or store to");
  }
  return *call.context().resources;
}

/// What a sequence has at i: an element of a list, or of the first dimension of an array.
Value element_of(const Value& sequence, size_t i) {
  if (sequence.is_list()) {
    return sequence.as_list()[i];
  }
  const Array& array = sequence.as_array();
  const auto rest = array.shape().subspan(1);
  Constant constant{array.dtype(), {rest.begin(), rest.end()}, {}};
  const size_t size = array.byte_size() / static_cast<size_t>(array.shape()[0]);
  constant.bytes.assign(reinterpret_cast<const char*>(array.data()) + i * size, size);
  return Value::of(constant);
}

/// The inputs from number `first` on.
std::vector<Value> inputs_from(const Call& call, size_t first) {
  std::vector<Value> inputs;
  inputs.reserve(call.input_count());
  for (size_t i = first; i < call.input_count(); ++i) {
    inputs.push_back(call.input(i));
  }
  return inputs;
}

size_t length_of(const Value& sequence) {
  if (sequence.is_list()) {
    return sequence.as_list().size();
  }
  if (!sequence.is_array() || sequence.as_array().shape().empty()) {
    throw std::invalid_argument("expected a list or an array, got " + sequence.describe());
  }
  return static_cast<size_t>(sequence.as_array().shape()[0]);
}

/// One array of one more dimension where all elements are scalars or arrays of one type and shape, else a list.
Value stacked(std::vector<Value> elements) {
  if (elements.empty() || !(elements[0].is_scalar() || elements[0].is_array())) {
    return Value(std::move(elements));
  }
  const auto shape_of = [](const Value& value) { return value.is_array() ? value.as_array().shape() : std::span<const int64_t>{}; };
  const auto first = shape_of(elements[0]);
  for (const Value& each : elements) {
    if (each.dtype() != elements[0].dtype() || each.is_array() != elements[0].is_array() || !std::ranges::equal(shape_of(each), first)) {
      return Value(std::move(elements));
    }
  }
  std::vector<int64_t> shape{static_cast<int64_t>(elements.size())};
  shape.insert(shape.end(), first.begin(), first.end());
  auto array = std::make_unique<Array>(elements[0].dtype(), shape);
  const size_t size = array->byte_size() / elements.size();
  for (size_t i = 0; i < elements.size(); ++i) {
    std::memcpy(array->data() + i * size, elements[i].is_array() ? static_cast<const void*>(elements[i].as_array().data()) : elements[i].scalar_bytes(), size);
  }
  return Value(std::move(array));
}

/// Inputs of `map` and `scan` that every iteration gets whole: the last ones, as many as the attribute `whole` says.
size_t whole_inputs(const Call& call) {
  const AttributeValue* value = call.attribute("whole");
  const auto* count = value == nullptr ? nullptr : std::get_if<int64_t>(value);
  return count == nullptr || *count < 0 ? 0 : std::min(static_cast<size_t>(*count), call.input_count());
}

/// Length of the sequences among the inputs [first, end).
size_t common_length(const Call& call, size_t first, size_t end) {
  if (first >= end) {
    throw std::invalid_argument("there is no sequence to go over");
  }
  const size_t length = length_of(call.input(first));
  for (size_t i = first + 1; i < end; ++i) {
    if (length_of(call.input(i)) != length) {
      throw std::invalid_argument("sequences of different lengths: " + std::to_string(length) + " and " + std::to_string(length_of(call.input(i))));
    }
  }
  return length;
}

/// Each element through the body, at once unless the attribute `parallel` is false.
void run_map(Call& call) {
  const ComputationGraph& body = call.graph().bodies(call.operation())[0];
  const size_t sequences = call.input_count() - whole_inputs(call);
  const size_t length = common_length(call, 0, sequences);
  std::vector<std::vector<Value>> results(call.output_count(), std::vector<Value>(length));
  const AttributeValue* parallel = call.attribute("parallel");
  const bool is_parallel = parallel == nullptr || !std::holds_alternative<bool>(*parallel) || std::get<bool>(*parallel);
  const auto run = [&](size_t begin, size_t end) {
    std::vector<Value> inputs(call.input_count());
    for (size_t k = sequences; k < inputs.size(); ++k) {
      inputs[k] = call.input(k);
    }
    for (size_t i = begin; i < end; ++i) {
      for (size_t k = 0; k < sequences; ++k) {
        inputs[k] = element_of(call.input(k), i);
      }
      std::vector<Value> outputs = evaluate(body, inputs, call.context());
      for (size_t k = 0; k < outputs.size(); ++k) {
        results[k][i] = std::move(outputs[k]);
      }
    }
  };
  is_parallel ? call.parallel_for(length, 0, run) : run(0, length);
  for (size_t k = 0; k < results.size(); ++k) {
    call.set(k, stacked(std::move(results[k])));
  }
}

/// (state, element...) -> (state, element...), in order; gives the last state and the sequences of elements.
void run_scan(Call& call) {
  const ComputationGraph& body = call.graph().bodies(call.operation())[0];
  const size_t sequences = call.input_count() - whole_inputs(call);
  const size_t length = common_length(call, 1, sequences);
  std::vector<Value> inputs(call.input_count());
  inputs[0] = call.input(0);
  for (size_t k = sequences; k < inputs.size(); ++k) {
    inputs[k] = call.input(k);
  }
  std::vector<std::vector<Value>> results(call.output_count() - 1);
  for (size_t i = 0; i < length && !call.stop_requested(); ++i) {
    for (size_t k = 1; k < sequences; ++k) {
      inputs[k] = element_of(call.input(k), i);
    }
    std::vector<Value> outputs = evaluate(body, inputs, call.context());
    inputs[0] = std::move(outputs[0]);
    for (size_t k = 1; k < outputs.size(); ++k) {
      results[k - 1].push_back(std::move(outputs[k]));
    }
  }
  call.set(0, std::move(inputs[0]));
  for (size_t k = 0; k < results.size(); ++k) {
    call.set(k + 1, stacked(std::move(results[k])));
  }
}

void run_if(Call& call) {
  const auto bodies = call.graph().bodies(call.operation());
  const std::vector<Value> inputs = inputs_from(call, 1);
  std::vector<Value> outputs = evaluate(bodies[call.input(0).as_boolean() ? 0 : 1], inputs, call.context());
  for (size_t i = 0; i < outputs.size(); ++i) {
    call.set(i, std::move(outputs[i]));
  }
}

void run_while(Call& call) {
  const auto bodies = call.graph().bodies(call.operation());
  std::vector<Value> state = inputs_from(call, 0);
  while (!call.stop_requested() && evaluate(bodies[0], state, call.context())[0].as_boolean()) {
    std::vector<Value> next = evaluate(bodies[1], state, call.context());
    for (size_t i = 0; i < next.size(); ++i) {
      state[i] = std::move(next[i]);
    }
  }
  for (size_t i = 0; i < call.output_count(); ++i) {
    call.set(i, std::move(state[i]));
  }
}

void run_element(Call& call) {
  const int64_t index = call.input(1).as_int64();
  const size_t length = length_of(call.input(0));
  if (index < 0 || static_cast<size_t>(index) >= length) {
    throw std::out_of_range("element " + std::to_string(index) + " of " + std::to_string(length));
  }
  call.set(0, element_of(call.input(0), static_cast<size_t>(index)));
}

void run_apply(Call& call) { call.set(0, call.input(0).as_object_of<HostFunction>()(inputs_from(call, 1))); }

void run_fused(Call& call) {
  const AttributeValue* text = call.attribute("program");
  if (text == nullptr || !std::holds_alternative<std::string>(*text)) {
    throw std::invalid_argument("`elementwise` has no program");
  }
  run_element_program(parse_element_program(std::get<std::string>(*text)), call);
}

}  // namespace

void add_builtin_operators(OperatorRegistry& registry) {
  for (uint32_t i = 0; i < kElementOpCount; ++i) {
    const auto op = static_cast<ElementOp>(i);
    registry.add(std::string(element_op_info(op).name), [program = single_step(op)](Call& call) { run_element_program(program, call); });
  }
  for (uint32_t i = 0; i < kReduceOpCount; ++i) {
    const auto op = static_cast<ReduceOp>(i);
    registry.add(std::string(name_of(op)), [program = single_fold(op)](Call& call) { run_element_program(program, call); });
  }
  registry.add("elementwise", run_fused);
  registry.add("list", [](Call& call) { call.set(0, Value(inputs_from(call, 0))); });
  registry.add("element", run_element);
  registry.add("length", [](Call& call) { call.set(0, Value(static_cast<int64_t>(length_of(call.input(0))))); });
  registry.add("apply", run_apply, kImpure);
  registry.add("control.barrier", [](Call&) {});
  registry.add("control.map", run_map);
  registry.add("control.scan", run_scan);
  registry.add("control.if", run_if);
  registry.add("control.while", run_while);
  registry.add("resource.load", [](Call& call) { call.set(0, resources_of(call).load(place_of(call, 0))); });
  registry.add("resource.store", [](Call& call) { resources_of(call).store(place_of(call, 1), call.input(call.input_count() - 1)); });
}

}  // namespace omega::graph
