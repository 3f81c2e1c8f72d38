// SPDX-License-Identifier: Apache-2.0
// What a value of a graph can be: element type and shape, and the operators whose types are known.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace omega::graph {

/// Type of a value, or of its elements when it is an array. `token` carries no data, only order; `any` is not known before the run; `object`
/// is a thing of the host program that only operators look into and that cannot leave the process.
enum class DType : uint8_t { token, boolean, int64, float32, float64, string, list, object, any };
inline constexpr uint32_t kDTypeCount = 9;

/// "float64".
std::string_view name_of(DType dtype);
/// The type of that name, or nothing.
std::optional<DType> dtype_named(std::string_view name);
/// Bytes of one element in an array; 0 for types that arrays cannot hold.
constexpr uint32_t element_size(DType dtype) {
  return dtype == DType::boolean ? 1 : dtype == DType::float32 ? 4 : dtype == DType::int64 || dtype == DType::float64 ? 8 : 0;
}

/// An extent that is not known before the run.
inline constexpr int64_t kUnknownExtent = -1;
/// The most dimensions a shape may have.
inline constexpr size_t kMaxRank = 8;

/// An operator that works on each element alone (element_ops.def).
enum class ElementOp : uint8_t {
#define OMEGA_ELEMENT_OP(name, inputs, rule) name,
#include "omega/graph/ir/element_ops.def"
};
inline constexpr uint32_t kElementOpCount = 0
#define OMEGA_ELEMENT_OP(name, inputs, rule) +1
#include "omega/graph/ir/element_ops.def"
    ;

/// How the result type of an element operator follows from its inputs.
enum class ElementRule : uint8_t { Arithmetic, Number, Float, Compare, Logic, Select, ToFloat };

/// What is known about an element operator.
struct ElementOpInfo {
  std::string_view name;
  uint8_t inputs;
  ElementRule rule;
};
const ElementOpInfo& element_op_info(ElementOp op);
/// The element operator of that name, or nothing.
std::optional<ElementOp> element_op_named(std::string_view name);
/// Result type on inputs of those types; nothing when the operator does not take them. `any` among them gives what is known nevertheless.
std::optional<DType> element_result(ElementOp op, std::span<const DType> inputs);

/// Folds of all elements of an array into a scalar, in an order that depends only on the number of elements.
enum class ReduceOp : uint8_t { sum, product, lowest, highest };
inline constexpr uint32_t kReduceOpCount = 4;
std::string_view name_of(ReduceOp op);
std::optional<ReduceOp> reduce_op_named(std::string_view name);

/// Attribute of element-wise operations: the number of an input, used by nobody else, whose buffer takes the result where it can.
inline constexpr std::string_view kInPlace = "in_place";

}  // namespace omega::graph
