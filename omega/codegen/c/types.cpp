// SPDX-License-Identifier: Apache-2.0
// IR types and constants as C.
#include "omega/codegen/c/types.h"

#include <bit>
#include <cmath>
#include <cstdio>

namespace omega::codegen::c {

using ir::Type;

std::string_view c_type(Type type) {
  switch (type) {
    case Type::Void: return "void";
    case Type::F32: return "float";
    case Type::F64: return "double";
    case Type::Ref: return "void *";
    default: break;
  }
  if (ir::is_wide(type)) {
    return "om_wide";
  }
  switch (ir::storage_size(type)) {
    case 1: return ir::is_signed(type) ? "int8_t" : "uint8_t";
    case 2: return ir::is_signed(type) ? "int16_t" : "uint16_t";
    case 4: return ir::is_signed(type) ? "int32_t" : "uint32_t";
    default: return ir::is_signed(type) ? "int64_t" : "uint64_t";
  }
}

std::string_view memory_type(Type type) {
  switch (type) {
    case Type::F32: return "omc_f32";
    case Type::F64: return "omc_f64";
    case Type::Ref: return "omc_ref";
    default: break;
  }
  switch (ir::storage_size(type)) {
    case 1: return ir::is_signed(type) ? "omc_s8" : "omc_u8";
    case 2: return ir::is_signed(type) ? "omc_s16" : "omc_u16";
    case 4: return ir::is_signed(type) ? "omc_s32" : "omc_u32";
    default: return ir::is_signed(type) ? "omc_s64" : "omc_u64";
  }
}

std::string runtime_type(Type type) { return std::to_string(ir::bit_width(type) | (ir::is_signed(type) ? 0x10000u : 0u)) + "u"; }

std::string integer_literal(Type type, int64_t value) {
  if (!ir::is_signed(type)) {
    const auto bits = static_cast<uint64_t>(value);
    if (ir::bit_width(type) <= 16) {
      return std::to_string(bits);
    }
    return ir::bit_width(type) <= 32 ? std::to_string(bits) + "u" : "UINT64_C(" + std::to_string(bits) + ")";
  }
  if (ir::bit_width(type) <= 32) {
    return value == INT32_MIN ? "(-2147483647 - 1)" : value < 0 ? "(" + std::to_string(value) + ")" : std::to_string(value);
  }
  if (value == INT64_MIN) {
    return "INT64_MIN";
  }
  const std::string text = "INT64_C(" + std::to_string(value < 0 ? -value : value) + ")";
  return value < 0 ? "(-" + text + ")" : text;
}

int64_t smallest(Type type) { return ir::is_signed(type) ? -(int64_t{1} << (ir::bit_width(type) - 1)) : 0; }

int64_t largest(Type type) {
  const unsigned bits = ir::is_signed(type) ? ir::bit_width(type) - 1 : ir::bit_width(type);
  return static_cast<int64_t>(UINT64_MAX >> (64 - bits));
}

std::string float_literal(Type type, uint64_t bits) {
  char text[64];
  if (type == Type::F32) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (!std::isfinite(value) || std::signbit(value)) {
      std::snprintf(text, sizeof text, "omc_float(0x%08xu)", static_cast<uint32_t>(bits));
    } else {
      std::snprintf(text, sizeof text, "%af", static_cast<double>(value));
    }
    return text;
  }
  const double value = std::bit_cast<double>(bits);
  if (!std::isfinite(value) || std::signbit(value)) {
    std::snprintf(text, sizeof text, "omc_double(UINT64_C(0x%016llx))", static_cast<unsigned long long>(bits));
  } else if (value == std::floor(value) && value < 1e15) {
    std::snprintf(text, sizeof text, "%.1f", value);
  } else {
    std::snprintf(text, sizeof text, "%a", value);
  }
  return text;
}

std::string wide_literal(const uint64_t limbs[4]) {
  std::string text = "((om_wide){{";
  for (int i = 0; i < 4; ++i) {
    text += (i == 0 ? "UINT64_C(" : ", UINT64_C(") + std::to_string(limbs[i]) + ")";
  }
  return text + "}})";
}

std::string string_literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\' || c == '?' || byte < 0x20 || byte >= 0x7f) {
      char octal[8];
      std::snprintf(octal, sizeof octal, "\\%03o", byte);
      out += octal;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string result_struct(std::span<const Type> results) {
  std::string name = "struct omr";
  for (const Type type : results) {
    name += '_';
    for (const char c : c_type(type)) {
      if (c != ' ') {
        name += c == '*' ? 'p' : c;
      }
    }
  }
  return name;
}

std::string result_type(std::span<const Type> results) {
  return results.empty() ? "void" : results.size() == 1 ? std::string(c_type(results[0])) : result_struct(results);
}

}  // namespace omega::codegen::c
