// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/types.h"

#include <array>

namespace omega::graph {
namespace {

constexpr std::array<std::string_view, kDTypeCount> dtype_names = {"token", "boolean", "int64", "float32", "float64", "string", "list", "object", "any"};
constexpr std::array<std::string_view, kReduceOpCount> reduce_names = {"sum", "product", "lowest", "highest"};

constexpr std::array<ElementOpInfo, kElementOpCount> element_infos = {{
#define OMEGA_ELEMENT_OP(name, inputs, rule) {#name, inputs, ElementRule::rule},
#include "omega/graph/ir/element_ops.def"
}};

template <class Kind, size_t N>
std::optional<Kind> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) {
      return static_cast<Kind>(i);
    }
  }
  return std::nullopt;
}

bool is_number(DType t) { return t == DType::int64 || t == DType::float32 || t == DType::float64 || t == DType::any; }
bool is_float(DType t) { return t == DType::float32 || t == DType::float64 || t == DType::any; }
bool is_boolean(DType t) { return t == DType::boolean || t == DType::any; }

/// The one type of both, when they agree or one is not known.
std::optional<DType> common(DType a, DType b) {
  if (a == DType::any) {
    return b;
  }
  return b == DType::any || a == b ? std::optional(a) : std::nullopt;
}

}  // namespace

std::string_view name_of(DType dtype) { return dtype_names[static_cast<size_t>(dtype)]; }
std::optional<DType> dtype_named(std::string_view name) { return find_name<DType>(dtype_names, name); }
std::string_view name_of(ReduceOp op) { return reduce_names[static_cast<size_t>(op)]; }
std::optional<ReduceOp> reduce_op_named(std::string_view name) { return find_name<ReduceOp>(reduce_names, name); }
const ElementOpInfo& element_op_info(ElementOp op) { return element_infos[static_cast<size_t>(op)]; }

std::optional<ElementOp> element_op_named(std::string_view name) {
  for (size_t i = 0; i < kElementOpCount; ++i) {
    if (element_infos[i].name == name) {
      return static_cast<ElementOp>(i);
    }
  }
  return std::nullopt;
}

std::optional<DType> element_result(ElementOp op, std::span<const DType> inputs) {
  const ElementOpInfo& info = element_op_info(op);
  if (inputs.size() != info.inputs) {
    return std::nullopt;
  }
  switch (info.rule) {
    case ElementRule::Arithmetic: return is_number(inputs[0]) && is_number(inputs[1]) ? common(inputs[0], inputs[1]) : std::nullopt;
    case ElementRule::Number: return is_number(inputs[0]) ? std::optional(inputs[0]) : std::nullopt;
    case ElementRule::Float: return is_float(inputs[0]) ? std::optional(inputs[0]) : std::nullopt;
    case ElementRule::Compare:
      return is_number(inputs[0]) && is_number(inputs[1]) && common(inputs[0], inputs[1]) ? std::optional(DType::boolean) : std::nullopt;
    case ElementRule::Logic:
      for (const DType input : inputs) {
        if (!is_boolean(input)) {
          return std::nullopt;
        }
      }
      return DType::boolean;
    case ElementRule::Select: return is_boolean(inputs[0]) && (is_number(inputs[1]) || is_boolean(inputs[1])) ? common(inputs[1], inputs[2]) : std::nullopt;
    case ElementRule::ToFloat: return is_number(inputs[0]) || is_boolean(inputs[0]) ? std::optional(DType::float64) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace omega::graph
