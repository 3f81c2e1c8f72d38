// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_writer.h"

#include <string_view>
#include <utility>

#include "omega/object/uleb128.h"

namespace omega::object::wasm {

void append_signed(std::string& out, int64_t value) {
  while (value < -64 || value > 63) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value & 0x7f));
}

namespace {

void append_text(std::string& out, std::string_view text) {
  append_uleb128(out, text.size());
  out += text;
}

template <class Rows, class Write>
std::string vector_of(const Rows& rows, Write write) {
  std::string out;
  append_uleb128(out, rows.size());
  for (const auto& row : rows) {
    write(out, row);
  }
  return out;
}

std::string value_types(const std::vector<ValueType>& types) {
  return vector_of(types, [](std::string& out, ValueType type) { out.push_back(static_cast<char>(type)); });
}

void append_limits(std::string& out, const Limits& limits) {
  out.push_back(limits.maximum ? 1 : 0);
  append_uleb128(out, limits.minimum);
  if (limits.maximum) {
    append_uleb128(out, *limits.maximum);
  }
}

void append_table(std::string& out, const Limits& limits) {
  out.push_back(0x70);
  append_limits(out, limits);
}

void append_global_type(std::string& out, const GlobalType& type) {
  out.push_back(static_cast<char>(type.type));
  out.push_back(type.is_mutable ? 1 : 0);
}

void append_import(std::string& out, const Import& import) {
  append_text(out, import.module);
  append_text(out, import.name);
  out.push_back(static_cast<char>(import.kind));
  switch (import.kind) {
    case ExternalKind::Function: append_uleb128(out, import.type); break;
    case ExternalKind::Table: append_table(out, import.limits); break;
    case ExternalKind::Memory: append_limits(out, import.limits); break;
    case ExternalKind::Global: append_global_type(out, import.global); break;
  }
}

void append_initializer(std::string& out, const Initializer& value) {
  out.push_back(static_cast<char>(value.opcode));
  if (value.opcode == 0x23) {
    append_uleb128(out, static_cast<uint32_t>(value.value));
  } else if (value.opcode == 0x41 || value.opcode == 0x42) {
    append_signed(out, value.value);
  } else {
    for (uint32_t i = 0; i < (value.opcode == 0x43 ? 4u : 8u); ++i) {
      out.push_back(static_cast<char>(static_cast<uint64_t>(value.value) >> (8 * i)));
    }
  }
  out.push_back(0x0b);
}

void append_body(std::string& out, const Function& function) {
  std::string body = vector_of(function.locals, [](std::string& to, const LocalRun& run) {
    append_uleb128(to, run.count);
    to.push_back(static_cast<char>(run.type));
  });
  append_uleb128(out, body.size() + function.code.size());
  out += body;
  out += function.code;
}

/// Sections, those without rows left out.
class Sections {
 public:
  template <class Rows, class Write>
  void add(uint8_t id, const Rows& rows, Write write) {
    if (!rows.empty()) {
      add(id, vector_of(rows, write));
    }
  }

  void add(uint8_t id, const std::string& content) {
    bytes_.push_back(static_cast<char>(id));
    append_text(bytes_, content);
  }

  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_ = std::string("\0asm\1\0\0\0", 8);
};

}  // namespace

std::string write(const Module& module) {
  Sections sections;
  sections.add(1, module.types, [](std::string& out, const FunctionType& type) {
    out.push_back(0x60);
    out += value_types(type.params);
    out += value_types(type.results);
  });
  sections.add(2, module.imports, append_import);
  sections.add(3, module.functions, [](std::string& out, const Function& function) { append_uleb128(out, function.type); });
  sections.add(4, module.tables, append_table);
  sections.add(5, module.memories, append_limits);
  sections.add(6, module.globals, [](std::string& out, const Global& global) {
    append_global_type(out, global.type);
    append_initializer(out, global.value);
  });
  sections.add(7, module.exports, [](std::string& out, const Export& item) {
    append_text(out, item.name);
    out.push_back(static_cast<char>(item.kind));
    append_uleb128(out, item.index);
  });
  if (module.start) {
    std::string content;
    append_uleb128(content, *module.start);
    sections.add(8, content);
  }
  sections.add(9, module.elements, [](std::string& out, const ElementSegment& segment) {
    out.push_back(0);
    append_initializer(out, segment.offset);
    out += vector_of(segment.functions, [](std::string& to, uint32_t function) { append_uleb128(to, function); });
  });
  sections.add(10, module.functions, append_body);
  sections.add(11, module.data, [](std::string& out, const DataSegment& segment) {
    out.push_back(0);
    append_initializer(out, segment.offset);
    append_text(out, segment.bytes);
  });
  for (const CustomSection& custom : module.customs) {
    std::string content;
    append_text(content, custom.name);
    sections.add(0, content + custom.bytes);
  }
  return sections.take();
}

}  // namespace omega::object::wasm
