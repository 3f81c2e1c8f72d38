// SPDX-License-Identifier: Apache-2.0
// Diagnostics as text: for people at a terminal, and as JSON for programs.
#pragma once

#include <string>
#include <string_view>

#include "omega/diag/diagnostic.h"

namespace omega::diag {

/// Where renderers get source text from; source::SourceSet is one.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  /// The file's path as it should be shown.
  [[nodiscard]] virtual std::string_view path(FileId file) const = 0;
  /// The whole text.
  [[nodiscard]] virtual std::string_view text(FileId file) const = 0;
  /// Line and column of an offset (at most the text's size).
  [[nodiscard]] virtual LineColumn locate(FileId file, uint32_t offset) const = 0;
};

struct TerminalStyle {
  bool color = false;
  /// Columns of the terminal; source lines are clipped to it around the place shown. 0: do not clip.
  unsigned width = 0;
};

/// One diagnostic with its source line, caret, notes and help; ends with a line break.
std::string render_terminal(const Diagnostic& diagnostic, const SourceReader& sources, const TerminalStyle& style);

/// Everything the sink holds, then "too many errors" where some were dropped.
std::string render_terminal(Sink& sink, const SourceReader& sources, const TerminalStyle& style);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// One JSON object on one line: code, severity, message, file, line, column, end_line, end_column, notes, help; ends with a line
/// break. `file` is null and the numbers are 0 where there is no place. Bytes that are not UTF-8 become U+FFFD.
std::string render_json(const Diagnostic& diagnostic, const SourceReader& sources);

/// Everything the sink holds, one object a line.
std::string render_json(Sink& sink, const SourceReader& sources);

}  // namespace omega::diag
