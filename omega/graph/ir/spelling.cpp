// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/spelling.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace omega::graph {
namespace {

void skip_spaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
}

std::optional<int64_t> read_integer(std::string_view& text) {
  int64_t value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(at - text.data()));
  return value;
}

std::string spell_bits(uint64_t bits) {
  std::string text = "0x";
  for (int shift = 60; shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[bits >> shift & 15];
  }
  return text;
}

template <class T>
T element_at(const Constant& constant, size_t i) {
  T value;
  std::memcpy(&value, constant.bytes.data() + i * sizeof(T), sizeof value);
  return value;
}

template <class T>
void append_bytes(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof raw);
}

}  // namespace

std::string spell_type(const ComputationGraph& graph, DType dtype, ShapeRef shape) {
  std::string text(name_of(dtype));
  if (!shape.valid()) {
    return text + "?";
  }
  const auto extents = graph.extents(shape);
  for (size_t i = 0; i < extents.size(); ++i) {
    text += i == 0 ? "[" : ", ";
    text += extents[i] == kUnknownExtent ? "?" : std::to_string(extents[i]);
  }
  return extents.empty() ? text : text + "]";
}

std::optional<SpelledType> read_type(std::string_view& text, ComputationGraph& graph) {
  size_t size = 0;
  while (size < text.size() && ((text[size] >= 'a' && text[size] <= 'z') || (text[size] >= '0' && text[size] <= '9'))) {
    ++size;
  }
  const auto dtype = dtype_named(text.substr(0, size));
  if (!dtype) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  if (text.starts_with('?')) {
    text.remove_prefix(1);
    return SpelledType{*dtype, ShapeRef::none};
  }
  if (!text.starts_with('[')) {
    return SpelledType{*dtype, graph.shape({})};
  }
  int64_t extents[kMaxRank];
  size_t rank = 0;
  do {
    text.remove_prefix(1);
    skip_spaces(text);
    if (rank == kMaxRank) {
      return std::nullopt;
    }
    if (text.starts_with('?')) {
      text.remove_prefix(1);
      extents[rank++] = kUnknownExtent;
    } else {
      const auto extent = read_integer(text);
      if (!extent || *extent < 0) {
        return std::nullopt;
      }
      extents[rank++] = *extent;
    }
    skip_spaces(text);
  } while (text.starts_with(','));
  if (!text.starts_with(']')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  return SpelledType{*dtype, graph.shape({extents, rank})};
}

std::string spell_double(double value) {
  if (!std::isfinite(value)) {
    return spell_bits(std::bit_cast<uint64_t>(value));
  }
  char buffer[40];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  if (text.find_first_of(".e") == std::string::npos) {
    text += ".0";
  }
  return text;
}

std::optional<double> read_double(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (text.starts_with("0x")) {
    uint64_t bits = 0;
    const auto [at, error] = std::from_chars(begin + 2, end, bits, 16);
    return error == std::errc() && at == end && text.size() == 18 ? std::optional(std::bit_cast<double>(bits)) : std::nullopt;
  }
  double value = 0;
  const auto [at, error] = std::from_chars(begin, end, value);
  return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

std::optional<uint8_t> flag_named(std::string_view name) {
  for (const auto& [bit, text] : kFlagNames) {
    if (text == name) {
      return bit;
    }
  }
  return std::nullopt;
}

std::optional<OpType> op_type_named(std::string_view name) {
  for (const OpType type : {OpType::call, OpType::load, OpType::store, OpType::control, OpType::fused}) {
    if (name_of(type) == name) {
      return type;
    }
  }
  return std::nullopt;
}

size_t element_count(const Constant& constant) {
  const uint32_t size = element_size(constant.dtype);
  return size == 0 ? 0 : constant.bytes.size() / size;
}

std::string spell_element(const Constant& constant, size_t i) {
  switch (constant.dtype) {
    case DType::boolean: return element_at<uint8_t>(constant, i) != 0 ? "true" : "false";
    case DType::int64: return std::to_string(element_at<int64_t>(constant, i));
    case DType::float32: {
      const auto value = element_at<float>(constant, i);
      return std::isfinite(value) ? spell_double(value) : spell_bits(uint64_t{std::bit_cast<uint32_t>(value)} << 32);
    }
    default: return spell_double(element_at<double>(constant, i));
  }
}

bool append_element(Constant& constant, std::string_view text) {
  if (constant.dtype == DType::boolean) {
    constant.bytes += text == "true" ? '\1' : '\0';
    return text == "true" || text == "false";
  }
  if (constant.dtype == DType::int64) {
    const auto value = read_integer(text);
    append_bytes(constant.bytes, value.value_or(0));
    return value && text.empty();
  }
  if (constant.dtype == DType::float32 && text.starts_with("0x")) {
    uint64_t bits = 0;
    const auto [at, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
    append_bytes(constant.bytes, static_cast<uint32_t>(bits >> 32));
    return error == std::errc() && at == text.data() + text.size() && text.size() == 18;
  }
  const auto value = read_double(text);
  if (constant.dtype == DType::float32) {
    append_bytes(constant.bytes, static_cast<float>(value.value_or(0)));
  } else if (constant.dtype == DType::float64) {
    append_bytes(constant.bytes, value.value_or(0));
  } else {
    return false;
  }
  return value.has_value();
}

}  // namespace omega::graph
