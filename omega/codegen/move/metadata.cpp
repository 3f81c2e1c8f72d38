// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/move/metadata.h"

#include <map>

#include "omega/object/uleb128.h"

namespace omega::codegen::move {

namespace {

/// Kinds of attributes.
constexpr char kView = 1;
constexpr char kEvent = 4;

std::string text(const std::string& value) {
  std::string out;
  object::append_uleb128(out, value.size());
  return out + value;
}

/// A map in BCS: entries in the order of their keys' bytes.
std::string map_bytes(const std::map<std::string, std::string>& entries) {
  std::string out;
  object::append_uleb128(out, entries.size());
  for (const auto& [key, value] : entries) {
    out += key + value;
  }
  return out;
}

/// Names that all have the one attribute, which has no arguments.
std::string attributes(const std::vector<std::string>& names, char kind) {
  std::map<std::string, std::string> entries;
  for (const std::string& name : names) {
    entries.emplace(text(name), std::string{1, kind, 0});
  }
  return map_bytes(entries);
}

}  // namespace

std::string Metadata::bytes() const {
  std::map<std::string, std::string> codes;
  for (const AbortCode& error : errors) {
    std::string key;
    for (uint32_t i = 0; i < 8; ++i) {
      key.push_back(static_cast<char>(error.code >> (8 * i)));
    }
    codes.emplace(key, text(error.name) + text(error.description));
  }
  return map_bytes(codes) + attributes(event_structs, kEvent) + attributes(view_functions, kView);
}

}  // namespace omega::codegen::move
