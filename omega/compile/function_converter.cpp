// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/function_converter.h"

#include <algorithm>
#include <array>

#include "omega/compile/graph_operators.h"
#include "omega/ir/op_info.h"

namespace omega::compile {

using graph::Attribute;
using graph::ComputationGraph;
using graph::Tracer;
using graph::TracerContext;
using graph::TracingError;
using ir::Inst;
using ir::Op;
using ir::Type;

namespace {

/// More instructions would take too long where branches must be copied.
constexpr size_t kLargestFunction = 5'000;

bool may_write_arrays(const ir::Function& function) {
  return std::ranges::any_of(function.insts, [](const Inst& inst) { return inst.op == Op::ElementSet || inst.op == Op::Call || inst.op == Op::ParallelFor; });
}

}  // namespace

std::string place_in(const source::SourceSet* sources, base::FileId file, uint32_t offset) {
  if (sources == nullptr || file.index >= sources->size()) {
    return "byte " + std::to_string(offset);
  }
  const base::LineColumn at = sources->locate(file, offset);
  return std::string(sources->path(file)) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

FunctionConverter::FunctionConverter(const ConversionContext& context, const ir::Function& function)
    : context_(context),
      f_(function),
      flow_(f_),
      after_(f_, flow_),
      loops_(f_, flow_),
      result_types_(f_.results.begin(), f_.results.end()),
      location_(f_.location),
      writes_arrays_(may_write_arrays(f_)) {
  if (f_.insts.size() > kLargestFunction) {
    unsupported("it is too large: " + std::to_string(f_.insts.size()) + " instructions");
  }
  if (loops_.second_way_in != ir::kNone) {
    location_ = f_.locations[f_.blocks[loops_.second_way_in].first];
    unsupported("a loop with two ways in");
  }
}

ComputationGraph FunctionConverter::convert() {
  const graph::OperatorRegistry registry;
  graph::CallContext context;
  context.registry = &registry;
  TracerContext trace(context, TracerContext::Mode::recorded);
  Values values(f_.insts.size());
  ComputationGraph shapes;
  const std::array<int64_t, 1> limbs{kLimbs};
  for (size_t i = 0; i < f_.params.size(); ++i) {
    const Type type = f_.params[i];
    const graph::ShapeRef shape = type == Type::Ref   ? graph::ShapeRef::none
                                  : ir::is_wide(type) ? trace.import_shape(shapes, shapes.shape(limbs))
                                                      : graph::kScalarShape;
    values[i].value = trace.add_input(graph_type(type), shape, "x" + std::to_string(i));
  }
  const Stops stops{{ir::kNone, result_types_, {}}};
  const Landing end = walk(0, {}, values, stops, ir::kNone);
  std::vector<Tracer> outputs;
  outputs.reserve(result_types_.size());
  for (size_t i = 0; i < result_types_.size(); ++i) {
    outputs.push_back(end.stop ? end.values[0][i] : zero_of(result_types_[i]));  // else it always panics
  }
  ComputationGraph graph = trace.finish(outputs);
  graph.set_name(f_.name);
  return graph;
}

void FunctionConverter::unsupported(const std::string& what) const {
  throw TracingError("`" + std::string(f_.name) + "` cannot be a graph: " + place_in(context_.sources, f_.file, location_) + ": " + what);
}

const Tracer& FunctionConverter::value(ir::ValueId id, const Values& values) const {
  if (!values[id].value) {
    unsupported("the address of a local variable as a value");
  }
  return *values[id].value;
}

std::vector<Tracer> FunctionConverter::values_of(std::span<const uint32_t> ids, const Values& values) const {
  std::vector<Tracer> result;
  for (const uint32_t id : ids) {
    result.push_back(value(id, values));
  }
  return result;
}

Tracer FunctionConverter::zero_of(Type type) {
  if (ir::is_wide(type)) {
    return wide_value({});
  }
  switch (graph_type(type)) {
    case graph::DType::boolean: return false;
    case graph::DType::float64: return 0.0;
    case graph::DType::float32: return 0.0f;
    case graph::DType::any: return emit("omega.null", {}, 1, 0)[0];
    default: return 0;
  }
}

std::vector<Tracer> FunctionConverter::emit(std::string_view callee, const std::vector<Tracer>& inputs, size_t outputs, uint8_t flags,
                                            const std::vector<Attribute>& attributes) {
  return TracerContext::current().record(graph::OpType::call, callee, inputs, outputs, flags, attributes);
}

}  // namespace omega::compile
