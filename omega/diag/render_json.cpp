// SPDX-License-Identifier: Apache-2.0
// Diagnostics as JSON, one object a line.
#include "omega/diag/render.h"
#include "omega/diag/unicode.h"

namespace omega::diag {

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (size_t i = 0; i < text.size();) {
    const Character character = decode(text, i);
    i += character.size;
    const char32_t code = character.code;
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\t') {
      out += "\\t";
    } else if (code < 0x20 || code == 0x7f) {
      out += "\\u00";
      out += digits[code >> 4];
      out += digits[code & 15];
    } else {
      append_utf8(out, code);
    }
  }
  out += '"';
}

namespace {

void append_number(std::string& out, std::string_view key, uint32_t value) {
  out += ",\"";
  out += key;
  out += "\":";
  out += std::to_string(value);
}

void append_place(std::string& out, Span span, const SourceReader& sources) {
  out += "\"file\":";
  LineColumn from{0, 0};
  LineColumn to{0, 0};
  if (span.valid()) {
    append_json_string(out, sources.path(span.file));
    from = sources.locate(span.file, span.begin);
    to = sources.locate(span.file, span.end);
  } else {
    out += "null";
  }
  append_number(out, "line", from.line);
  append_number(out, "column", from.column);
  append_number(out, "end_line", to.line);
  append_number(out, "end_column", to.column);
}

}  // namespace

std::string render_json(const Diagnostic& diagnostic, const SourceReader& sources) {
  std::string out = "{\"code\":\"";
  out += info(diagnostic.kind).code;
  out += "\",\"severity\":\"";
  out += severity_name(diagnostic.severity());
  out += "\",\"message\":";
  append_json_string(out, diagnostic.message());
  out += ',';
  append_place(out, diagnostic.span, sources);
  out += ",\"notes\":[";
  for (size_t i = 0; i < diagnostic.notes.size(); ++i) {
    out += i == 0 ? "{\"message\":" : ",{\"message\":";
    append_json_string(out, diagnostic.notes[i].text);
    out += ',';
    append_place(out, diagnostic.notes[i].span, sources);
    out += '}';
  }
  out += "],\"help\":";
  if (diagnostic.help.empty()) {
    out += "null";
  } else {
    append_json_string(out, diagnostic.help);
  }
  out += "}\n";
  return out;
}

std::string render_json(Sink& sink, const SourceReader& sources) {
  std::string out;
  for (const Diagnostic& diagnostic : sink.diagnostics()) {
    out += render_json(diagnostic, sources);
  }
  return out;
}

}  // namespace omega::diag
