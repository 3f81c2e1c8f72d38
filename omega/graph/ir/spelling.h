// SPDX-License-Identifier: Apache-2.0
// How the written forms of a graph spell types, flags and elements of constants; shared by text, JSON and drawings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// "float64", "float64[3, ?]", or "float64?" when the shape is not known.
std::string spell_type(const ComputationGraph& graph, DType dtype, ShapeRef shape);
struct SpelledType {
  DType dtype;
  ShapeRef shape;
};
/// Reads spell_type() from the front of `text` and removes it; the shape is made in `graph`.
std::optional<SpelledType> read_type(std::string_view& text, ComputationGraph& graph);

/// A double that reads back with the same bits: decimal with a point or exponent, or `0x` and 16 digits when it is not finite.
std::string spell_double(double value);
/// The whole of `text` as spell_double() writes it, or a plain decimal.
std::optional<double> read_double(std::string_view text);

/// Flag bits by name: "impure", "ordered", "waits", "isolated".
inline constexpr std::pair<uint8_t, std::string_view> kFlagNames[] = {{kImpure, "impure"}, {kOrdered, "ordered"}, {kWaits, "waits"}, {kIsolated, "isolated"}};
std::optional<uint8_t> flag_named(std::string_view name);
std::optional<OpType> op_type_named(std::string_view name);

/// Number of elements of a constant whose bytes fit its type; 0 for strings.
size_t element_count(const Constant& constant);
/// Element i of a numeric constant as text, and appended from text.
std::string spell_element(const Constant& constant, size_t i);
bool append_element(Constant& constant, std::string_view text);

}  // namespace omega::graph
