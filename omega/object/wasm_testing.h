// SPDX-License-Identifier: Apache-2.0
// WebAssembly for tests: code and objects put together by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/object/uleb128.h"
#include "omega/object/wasm_module.h"

namespace omega::object::wasm {

inline std::string text_field(std::string_view text) {
  std::string out;
  append_uleb128(out, text.size());
  return out + std::string(text);
}

/// A number of five bytes, as objects leave them open.
inline std::string padded(uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
  return out;
}

/// A module with one function of this type, locals and code.
inline Module module_of(FunctionType type, std::vector<LocalRun> locals, std::string code) {
  Module module;
  module.types.push_back(std::move(type));
  module.functions.push_back({0, std::move(locals), std::move(code)});
  return module;
}

}  // namespace omega::object::wasm
