// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/functions.h"

#include <algorithm>

#include "omega/graph/exec/builtin_operators.h"

namespace omega::graph {
namespace {

bool is_float(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }
bool is_number(DType dtype) { return dtype == DType::int64 || is_float(dtype); }

double as_double(const Value& literal) {
  return literal.dtype() == DType::int64     ? static_cast<double>(literal.as_int64())
         : literal.dtype() == DType::float32 ? literal.as_float32()
                                             : literal.as_float64();
}

/// A C++ number as one of the type that stands beside it.
Tracer literal_as(const Tracer& literal, DType dtype) {
  const double number = as_double(literal.literal());
  return dtype == DType::float32 ? Tracer(static_cast<float>(number)) : Tracer(number);
}

/// Makes numbers of different types one type: those of `inputs` from `first` on.
void unify(std::vector<Tracer>& inputs, size_t first) {
  DType traced = DType::token;
  bool differ = false;
  for (size_t i = first; i < inputs.size(); ++i) {
    const DType dtype = inputs[i].dtype();
    if (!is_number(dtype)) {
      return;
    }
    differ |= dtype != inputs[first].dtype();
    if (!inputs[i].is_literal()) {
      traced = traced == DType::token || traced == dtype ? dtype : DType::float64;
    }
  }
  if (!differ) {
    return;
  }
  const bool float_literal = std::ranges::any_of(inputs, [](const Tracer& input) { return input.is_literal() && is_float(input.dtype()); });
  const DType target = traced == DType::token || (traced == DType::int64 && float_literal) ? DType::float64 : traced;
  for (size_t i = first; i < inputs.size(); ++i) {
    if (inputs[i].dtype() == target) {
      continue;
    }
    if (inputs[i].is_literal() && inputs[i].literal().is_scalar() && is_float(target)) {
      inputs[i] = literal_as(inputs[i], target);
    } else if (target == DType::float64) {
      inputs[i] = to_float64(inputs[i]);
    }
  }
}

bool takes_floats(ElementOp op) { return element_op_info(op).rule == ElementRule::Float; }

}  // namespace

Tracer element_wise(ElementOp op, std::vector<Tracer> inputs) {
  const ElementOpInfo& info = element_op_info(op);
  unify(inputs, info.rule == ElementRule::Select ? 1 : 0);
  if (takes_floats(op) && inputs[0].dtype() == DType::int64) {
    inputs[0] = inputs[0].is_literal() && inputs[0].literal().is_scalar() ? literal_as(inputs[0], DType::float64) : to_float64(inputs[0]);
  }
  return TracerContext::current().record(OpType::call, info.name, inputs, 1)[0];
}

Tracer fold(ReduceOp op, const Tracer& array) { return TracerContext::current().record(OpType::call, name_of(op), {&array, 1}, 1)[0]; }

Tracer call(std::string_view callee, const std::vector<Tracer>& inputs, std::span<const Attribute> attributes) {
  return TracerContext::current().call(callee, inputs, 1, attributes)[0];
}

std::vector<Tracer> call_many(std::string_view callee, const std::vector<Tracer>& inputs, size_t output_count, std::span<const Attribute> attributes) {
  return TracerContext::current().call(callee, inputs, output_count, attributes);
}

Tracer list(const std::vector<Tracer>& elements) { return TracerContext::current().record(OpType::call, "list", elements, 1)[0]; }

Tracer load(std::string_view resource, const std::vector<Tracer>& index) { return TracerContext::current().record(OpType::load, resource, index, 1)[0]; }

void store(std::string_view resource, const Tracer& value, const std::vector<Tracer>& index) {
  std::vector<Tracer> inputs = index;
  inputs.push_back(value);
  static_cast<void>(TracerContext::current().record(OpType::store, resource, inputs, 1, kImpure));
}

Value function(std::function<Value(std::span<const Value>)> host) { return Value::object(std::make_shared<HostFunction>(std::move(host))); }

}  // namespace omega::graph
