// SPDX-License-Identifier: Apache-2.0
// Bytes as `.byte`, relocations as `.long` expressions.
#include "omega/codegen/native/listing.h"

#include "omega/codegen/native/line_rows.h"
#include "omega/codegen/native/runtime_symbols.h"

namespace omega::codegen::native {

namespace {

constexpr size_t bytes_a_row = 16;

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') {
      text += '\\';
    }
    text += c;
  }
  return text + '"';
}

void put_bytes(std::string& out, const uint8_t* bytes, size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  for (size_t k = 0; k < count; ++k) {
    out += k % bytes_a_row == 0 ? (k == 0 ? "\t.byte 0x" : "\n\t.byte 0x") : ",0x";
    out += digits[bytes[k] >> 4];
    out += digits[bytes[k] & 15];
  }
  if (count != 0) {
    out += '\n';
  }
}

class Writer {
 public:
  Writer(const CodeBuffer& buffer, size_t number, const ModuleView& module)
      : buffer_(buffer), constants_("constants." + std::to_string(number)), module_(module) {}

  void write(std::string& out) {
    out += "\t.text\n\t.balign 16\n";
    code(out, buffer_.functions.empty() ? static_cast<uint32_t>(buffer_.code.size()) : buffer_.functions[0].begin);
    for (const CompiledFunction& f : buffer_.functions) {
      code(out, f.begin);
      out += "\t.type " + quoted(module_.functions[f.id].name) + ", @function\n" + quoted(module_.functions[f.id].name) + ":\n";
      LineRowReader rows(buffer_.rows.data() + f.first_row, buffer_.rows.data() + f.end_row, f.begin);
      while (const LineEntry* row = rows.next()) {
        const LineEntry& line = *row;
        code(out, line.offset);
        const std::string_view path = line.file < module_.files.size() ? module_.files[line.file].path : "?";
        out += "# " + std::string(path) + ":" + std::to_string(line.line) + ":" + std::to_string(line.column) + (line.offset >= f.cold ? " fails\n" : "\n");
      }
      code(out, f.end);
    }
    code(out, static_cast<uint32_t>(buffer_.code.size()));
    out += "\t.section .rodata\n\t.balign 16\n" + constants_ + ":\n";
    uint32_t at = 0;
    for (const ConstantRelocation& r : buffer_.constant_relocations) {
      put_bytes(out, buffer_.constants.data() + at, r.offset - at);
      out += "\t.quad " + (r.kind == ConstantRelocation::ToConstants ? constants_ + "+" + std::to_string(r.target) : quoted(module_.functions[r.target].name)) +
             "\n";
      at = r.offset + 8;
    }
    put_bytes(out, buffer_.constants.data() + at, buffer_.constants.size() - at);
  }

 private:
  /// Code from where the last call ended to `end`.
  void code(std::string& out, uint32_t end) {
    const uint8_t* bytes = buffer_.code.data();
    while (at_ < end) {
      const bool has_relocation = next_ < buffer_.relocations.size() && buffer_.relocations[next_].offset < end;
      const uint32_t stop = has_relocation ? buffer_.relocations[next_].offset : end;
      put_bytes(out, bytes + at_, stop - at_);
      at_ = stop;
      if (!has_relocation) {
        continue;
      }
      const Relocation& r = buffer_.relocations[next_++];
      out += "\t.long ";
      switch (static_cast<RelocationKind>(r.kind)) {
        case RelocationKind::CallFunction: out += quoted(module_.functions[r.target].name) + "-.-4\n"; break;
        case RelocationKind::CallRuntime: out += std::string(runtime_symbol_name(r.target)) + "-.-4\n"; break;
        case RelocationKind::Constant: out += constants_ + "+" + std::to_string(r.target) + "\n"; break;
        case RelocationKind::Function: out += quoted(module_.functions[r.target].name) + "\n"; break;
      }
      at_ += 4;
    }
  }

  const CodeBuffer& buffer_;
  std::string constants_;
  const ModuleView& module_;
  uint32_t at_ = 0;
  size_t next_ = 0;
};

}  // namespace

std::string listing(std::span<const CodeBuffer* const> buffers, const ModuleView& module) {
  std::string out;
  for (size_t b = 0; b < buffers.size(); ++b) {
    Writer(*buffers[b], b, module).write(out);
  }
  return out;
}

}  // namespace omega::codegen::native
