// SPDX-License-Identifier: Apache-2.0
#include "python/native/array_passes.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "python/native/array_expression.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace {

using graph::DType;

uint64_t passes = 0;

/// A graph of one operation with so many inputs and outputs: what a program's call is made of. With the GIL.
const graph::ComputationGraph& graph_of(size_t inputs, size_t outputs) {
  static auto& graphs = *new std::map<std::pair<size_t, size_t>, graph::ComputationGraph>;
  const auto [found, is_new] = graphs.try_emplace({inputs, outputs});
  if (is_new) {
    graph::ComputationGraph& made = found->second;
    std::vector<graph::ValueRef> refs;
    refs.reserve(inputs);
    for (size_t i = 0; i < inputs; ++i) {
      refs.push_back(made.add_input(DType::any, graph::ShapeRef::none));
    }
    const std::vector<graph::ComputationGraph::OutputSpec> specs(outputs);
    made.add_operation(graph::OpType::fused, made.name("elementwise"), refs, specs);
  }
  return found->second;
}

/// A number that is none where the count behind it is not zero.
graph::Value with_none(const graph::Value& value, const graph::Value& count) {
  if (count.as_float64() == 0) {
    return value;
  }
  return value.dtype() == DType::float32 ? graph::Value(std::numeric_limits<float>::quiet_NaN()) : graph::Value(std::numeric_limits<double>::quiet_NaN());
}

graph::Value fold_along_axis(const AxisFold& fold, const graph::Value& input, task::Scheduler* scheduler, const task::Cancellation* stop) {
  const graph::Array& array = input.as_array();
  const compute::Shape shape(array.shape());
  const compute::ElementType type = element_type_of(array.dtype());
  const compute::ArrayView view{array.data(), type, shape, compute::contiguous_strides(type, shape)};
  const compute::Shape folded = compute::fold_shape(shape, fold.axis, fold.keeps_axis, fold.fold);
  auto result = std::make_unique<graph::Array>(fold.dtype, folded.extents());
  const compute::ElementType result_type = element_type_of(fold.dtype);
  // Without a scheduler the kernel would take the one of the calling thread.
  static task::Scheduler& alone = *new task::Scheduler(1);
  compute::fold_axis(fold.fold, view, fold.axis, {result->data(), result_type, folded, compute::contiguous_strides(result_type, folded)},
                     {.scheduler = scheduler != nullptr ? scheduler : &alone, .cancellation = stop});
  if (folded.rank() > 0) {
    return graph::Value(std::move(result));
  }
  return graph::Value::of({fold.dtype, {}, {reinterpret_cast<const char*>(result->data()), graph::element_size(fold.dtype)}});
}

}  // namespace

uint64_t pass_count() { return passes; }

const graph::ComputationGraph& graph_of_pass(const Pass& pass) { return graph_of(pass.inputs.size(), std::max<size_t>(pass.program.yields.size(), 1)); }

void run_pass(const Pass& pass, const graph::ComputationGraph& graph, const Plan& plan, const graph::Value* parameter, graph::Value* slots,
              task::Scheduler* scheduler, const task::Cancellation* stop) {
  graph::CallContext context;
  context.scheduler = scheduler;
  context.cancellation = stop;
  const size_t outputs = pass.program.yields.size();
  const auto value_of_source = [&](const Source& source) {
    return source.from == Source::From::constant ? plan.constants[source.number] : source.from == Source::From::parameter ? *parameter : slots[source.number];
  };
  if (pass.axis_fold) {
    slots[pass.first_slot] = fold_along_axis(*pass.axis_fold, value_of_source(pass.inputs[0]), scheduler, stop);
    return;
  }
  std::vector<graph::Value> values(pass.inputs.size() + outputs);
  for (size_t i = 0; i < pass.inputs.size(); ++i) {
    values[i] = value_of_source(pass.inputs[i]);
  }
  graph::Call call(context, graph, graph.operations()[0], values.data());
  graph::run_element_program(pass.program, call);
  for (size_t i = 0; i < outputs; ++i) {
    graph::Value& result = values[pass.inputs.size() + i];
    slots[pass.first_slot + i] = pass.keeps_none[i] ? with_none(result, values[pass.inputs.size() + i + 1]) : std::move(result);
  }
}

bool run_plan(const Plan& plan, const graph::Value* parameter, graph::Value* slots) {
  bool pays = false;
  for (const Pass& pass : plan.passes) {
    const graph::ComputationGraph& graph = graph_of_pass(pass);
    constexpr double kWorthUnlocking = 200'000;
    ++passes;
    if (pass.operations < kWorthUnlocking) {
      run_pass(pass, graph, plan, parameter, slots, nullptr, nullptr);
      continue;
    }
    pays = true;
    unlocked(pass.operations, [&](const task::Cancellation* stop) {
      run_pass(pass, graph, plan, parameter, slots, &task::Scheduler::global(), stop);
      if (stop != nullptr && stop->requested()) {
        throw std::runtime_error("the computation was interrupted");
      }
    });
  }
  return pays;
}

}  // namespace omega::python
