// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_reader.h"

#include "omega/object/wasm_cursor.h"

namespace omega::object::wasm {

namespace {

enum Section : uint8_t { kCustom, kType, kImport, kFunction, kTable, kMemory, kGlobal, kExport, kStart, kElement, kCode, kData, kDataCount };

/// Whether the bytes are UTF-8. Source: the Unicode Standard, table 3-7.
bool is_utf8(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  for (size_t i = 0; i < text.size();) {
    const uint32_t lead = byte(i);
    const size_t size = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    const uint32_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const uint32_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (size == 0 || (size > 1 && (byte(i + 1) < low || byte(i + 1) > high))) {
      return false;
    }
    for (size_t k = 2; k < size; ++k) {
      if (byte(i + k) < 0x80 || byte(i + k) > 0xbf) {
        return false;
      }
    }
    i += size;
  }
  return true;
}

std::string name(Cursor& in) {
  const std::string_view text = in.text();
  require(is_utf8(text), "a name is not UTF-8");
  return std::string(text);
}

class Reader {
 public:
  Reader(std::string_view bytes, Layout* layout) : in_(bytes), layout_(layout) {}

  Module read() {
    require(in_.take(4) == std::string_view("\0asm", 4), "this is no WebAssembly module");
    require(in_.take(4) == std::string_view("\1\0\0\0", 4), "the version of WebAssembly is not 1");
    uint8_t last = kCustom;
    while (!in_.at_end()) {
      const uint8_t id = in_.byte();
      Cursor content(in_.take(in_.u32()));
      if (layout_ != nullptr) {
        layout_->sections.push_back(id);
        // Objects say the number of data segments in front of the code, whether anything needs it or not.
        if (id == kDataCount) {
          content.u32();
          continue;
        }
      }
      require(id <= kData, "a section is of no known kind");
      require(id == kCustom || id > last, "sections are out of order");
      last = id == kCustom ? last : id;
      section(id, content);
      require(content.at_end(), "bytes stand behind a section's content");
    }
    require(bodies_ == module_.functions.size(), "functions and their code differ in number");
    return std::move(module_);
  }

 private:
  void section(uint8_t id, Cursor& in) {
    switch (id) {
      case kCustom: custom(in); break;
      case kType: each(in, [&] { module_.types.push_back(function_type(in)); }); break;
      case kImport: each(in, [&] { module_.imports.push_back(import(in)); }); break;
      case kFunction: each(in, [&] { module_.functions.push_back({in.u32(), {}, {}}); }); break;
      case kTable: each(in, [&] { module_.tables.push_back(table(in)); }); break;
      case kMemory: each(in, [&] { module_.memories.push_back(limits(in)); }); break;
      case kGlobal: each(in, [&] { module_.globals.push_back(global(in)); }); break;
      case kExport: each(in, [&] { module_.exports.push_back(exported(in)); }); break;
      case kStart: module_.start = in.u32(); break;
      case kElement: each(in, [&] { module_.elements.push_back(element(in)); }); break;
      case kCode: code(in); break;
      default: each(in, [&] { module_.data.push_back(data(in)); }); break;
    }
  }

  template <class Read>
  static void each(Cursor& in, Read read) {
    for (uint32_t left = in.count(); left > 0; --left) {
      read();
    }
  }

  void custom(Cursor& in) {
    CustomSection section;
    section.name = name(in);
    section.bytes = in.take(in.left());
    module_.customs.push_back(std::move(section));
  }

  static ValueType value_type(Cursor& in) {
    const uint8_t byte = in.byte();
    require(byte >= 0x7c && byte <= 0x7f, "a value's type is none of the first version's");
    return static_cast<ValueType>(byte);
  }

  static FunctionType function_type(Cursor& in) {
    require(in.byte() == 0x60, "a type is none of a function");
    FunctionType type;
    each(in, [&] { type.params.push_back(value_type(in)); });
    each(in, [&] { type.results.push_back(value_type(in)); });
    return type;
  }

  static Limits limits(Cursor& in) {
    const uint8_t flags = in.byte();
    require(flags <= 1, "limits are none of the first version's");
    Limits limits;
    limits.minimum = in.u32();
    if (flags == 1) {
      limits.maximum = in.u32();
    }
    return limits;
  }

  static Limits table(Cursor& in) {
    require(in.byte() == 0x70, "a table is none of functions");
    return limits(in);
  }

  static GlobalType global_type(Cursor& in) {
    GlobalType type;
    type.type = value_type(in);
    const uint8_t is_mutable = in.byte();
    require(is_mutable <= 1, "a global is neither constant nor variable");
    type.is_mutable = is_mutable == 1;
    return type;
  }

  static Import import(Cursor& in) {
    Import import;
    import.module = name(in);
    import.name = name(in);
    const uint8_t kind = in.byte();
    require(kind <= 3, "an import is of no known kind");
    import.kind = static_cast<ExternalKind>(kind);
    switch (import.kind) {
      case ExternalKind::Function: import.type = in.u32(); break;
      case ExternalKind::Table: import.limits = table(in); break;
      case ExternalKind::Memory: import.limits = limits(in); break;
      case ExternalKind::Global: import.global = global_type(in); break;
    }
    return import;
  }

  static Initializer initializer(Cursor& in) {
    Initializer value;
    value.opcode = in.byte();
    switch (value.opcode) {
      case 0x41: value.value = in.signed_number(32); break;
      case 0x42: value.value = in.signed_number(64); break;
      case 0x43: value.value = fixed(in, 4); break;
      case 0x44: value.value = fixed(in, 8); break;
      case 0x23: value.value = in.u32(); break;
      default: throw Malformed{"an initial value is no constant of the first version"};
    }
    require(in.byte() == 0x0b, "an initial value has no end");
    return value;
  }

  static int64_t fixed(Cursor& in, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; ++i) {
      value |= static_cast<uint64_t>(in.byte()) << (8 * i);
    }
    return static_cast<int64_t>(value);
  }

  static Global global(Cursor& in) {
    const GlobalType type = global_type(in);
    return {type, initializer(in)};
  }

  static Export exported(Cursor& in) {
    Export item;
    item.name = name(in);
    const uint8_t kind = in.byte();
    require(kind <= 3, "an export is of no known kind");
    item.kind = static_cast<ExternalKind>(kind);
    item.index = in.u32();
    return item;
  }

  static ElementSegment element(Cursor& in) {
    require(in.u32() == 0, "a segment of elements is none of the first version's");
    ElementSegment segment;
    segment.offset = initializer(in);
    each(in, [&] { segment.functions.push_back(in.u32()); });
    return segment;
  }

  DataSegment data(Cursor& in) {
    require(in.u32() == 0, "a segment of data is none of the first version's");
    DataSegment segment;
    segment.offset = initializer(in);
    const uint32_t size = in.u32();
    if (layout_ != nullptr) {
      layout_->data_positions.push_back(static_cast<uint32_t>(in.position()));
    }
    segment.bytes = in.take(size);
    return segment;
  }

  void code(Cursor& in) {
    bodies_ = in.count();
    require(bodies_ == module_.functions.size(), "functions and their code differ in number");
    for (Function& function : module_.functions) {
      const uint32_t size = in.u32();
      const size_t begin = in.position();
      Cursor body(in.take(size));
      uint64_t locals = 0;
      each(body, [&] {
        LocalRun run;
        run.count = body.u32();
        run.type = value_type(body);
        locals += run.count;
        function.locals.push_back(run);
      });
      require(locals <= kMaxLocals, "a function has too many locals");
      if (layout_ != nullptr) {
        layout_->code_positions.push_back(static_cast<uint32_t>(begin + body.position()));
      }
      function.code = body.take(body.left());
    }
  }

  Cursor in_;
  Layout* layout_;
  Module module_;
  size_t bodies_ = 0;
};

}  // namespace

base::Result<Module> read(std::string_view bytes, Layout* layout) {
  try {
    return Reader(bytes, layout).read();
  } catch (const Malformed& error) {
    return base::Error{error.what, 0, {}};
  }
}

}  // namespace omega::object::wasm
