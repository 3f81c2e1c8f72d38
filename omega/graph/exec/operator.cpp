// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/operator.h"

#include <algorithm>

#include "omega/graph/exec/builtin_operators.h"
#include "omega/graph/ir/order.h"
#include "omega/graph/ir/spelling.h"
#include "omega/graph/ir/validate.h"
#include "omega/task/parallel_for.h"

namespace omega::graph {

Value ResourceStore::load(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(name);
  if (found == values_.end()) {
    throw std::out_of_range("resource `" + name + "` was never stored");
  }
  return found->second;
}

void ResourceStore::store(const std::string& name, Value value) {
  const std::lock_guard lock(mutex_);
  values_[name] = std::move(value);
}

const Value& Call::nothing() noexcept {
  static const Value value;
  return value;
}

size_t Call::batch() const {
  const AttributeValue* value = attribute("batch");
  const auto* count = value == nullptr ? nullptr : std::get_if<int64_t>(value);
  return count == nullptr || *count < 1 ? 1 : static_cast<size_t>(*count);
}

void Call::parallel_for(size_t count, size_t grain, const std::function<void(size_t, size_t)>& body) const {
  if (context_.scheduler == nullptr || count <= 1) {
    body(0, count);
    return;
  }
  task::LoopOptions options;
  options.grain = grain;
  options.cancellation = context_.cancellation;
  task::parallel_for(*context_.scheduler, 0, count, [&](size_t begin, size_t end) { body(begin, end); }, options);
}

OperatorRegistry::OperatorRegistry() { add_builtin_operators(*this); }

void OperatorRegistry::add(Operator op) {
  auto added = std::make_unique<Operator>(std::move(op));
  const std::lock_guard lock(*mutex_);
  std::unique_ptr<Operator>& slot = operators_[added->name];
  if (slot != nullptr) {
    replaced_.push_back(std::move(slot));
  }
  slot = std::move(added);
}

const Operator* OperatorRegistry::find(std::string_view name) const {
  const std::shared_lock lock(*mutex_);
  const auto found = operators_.find(std::string(name));
  return found == operators_.end() ? nullptr : found->second.get();
}

const Operator* operator_of(const OperatorRegistry& registry, const ComputationGraph& graph, const Operation& op) {
  switch (op.type) {
    case OpType::load: return registry.find("resource.load");
    case OpType::store: return registry.find("resource.store");
    case OpType::control: return registry.find("control." + std::string(graph.text(op.callee)));
    case OpType::call:
    case OpType::fused: return registry.find(graph.text(op.callee));
  }
  return nullptr;
}

std::string describe_operation(const ComputationGraph& graph, OperationId id) {
  const Operation& op = graph.operation(id);
  return "operation " + std::to_string(id.index) + " (" + std::string(name_of(op.type)) + " `" + std::string(graph.text(op.callee)) + "`)";
}

void require_fitting_inputs(const ComputationGraph& graph, std::span<const Value> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueRecord& expected = graph.value(graph.inputs()[i]);
    const Value& value = inputs[i];
    const auto shape = value.is_array() ? value.as_array().shape() : std::span<const int64_t>{};
    const auto fits = [&] {
      if (!value.has_value() || (expected.dtype != DType::any && expected.dtype != value.dtype())) {
        return false;
      }
      return !expected.shape.valid() ||
             std::ranges::equal(graph.extents(expected.shape), shape, [](int64_t known, int64_t given) { return known == kUnknownExtent || known == given; });
    };
    if (!fits()) {
      throw std::invalid_argument("input " + std::to_string(i) + " (`" + std::string(graph.input_name(i)) + "`) must be " +
                                  spell_type(graph, expected.dtype, expected.shape) + ", got " + value.describe());
    }
  }
}

void require_valid(const ComputationGraph& graph, size_t input_count) {
  if (input_count != graph.inputs().size()) {
    throw std::invalid_argument("the graph takes " + std::to_string(graph.inputs().size()) + " inputs, not " + std::to_string(input_count));
  }
  if (graph.is_assembled()) {
    std::string message;
    for (const GraphProblem& problem : validate(graph)) {
      message += (message.empty() ? "" : "\n") + problem.message;
    }
    if (!message.empty()) {
      throw std::invalid_argument(message);
    }
  }
}

void require_runnable(const ComputationGraph& graph, size_t input_count, const OperatorRegistry& registry) {
  require_valid(graph, input_count);
  // One look for each name and type: graphs have many operations and few names.
  std::vector<uint8_t> seen(graph.name_count(), 0);
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    const Operation& op = graph.operations()[id];
    const auto bit = static_cast<uint8_t>(1u << static_cast<unsigned>(op.type));
    if ((seen[op.callee.index] & bit) == 0) {
      seen[op.callee.index] |= bit;
      if (operator_of(registry, graph, op) == nullptr) {
        throw std::invalid_argument(describe_operation(graph, {id}) + ": there is no such operator");
      }
    }
  }
}

std::vector<Value> evaluate(const ComputationGraph& graph, std::span<const Value> inputs, const CallContext& context) {
  require_runnable(graph, inputs.size(), *context.registry);
  std::vector<Value> slots(graph.values().size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    slots[graph.inputs()[i].index] = inputs[i];
  }
  for (const ValueRef constant : graph.constants()) {
    slots[constant.index] = Value::of(graph.constant(constant));
  }
  for (const OperationId id : topological_order(graph)) {
    const Operation& op = graph.operation(id);
    Call call(context, graph, op, slots.data());
    operator_of(*context.registry, graph, op)->run(call);
  }
  std::vector<Value> outputs;
  for (const ValueRef output : graph.outputs()) {
    outputs.push_back(slots[output.index]);
  }
  return outputs;
}

}  // namespace omega::graph
