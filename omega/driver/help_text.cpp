// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/help_text.h"

#include <algorithm>

namespace omega::driver {

namespace {

constexpr size_t kBelowName = 6;  ///< column of a description below its name, when its own column is too far right

/// Where the description begins: behind the first two blanks that follow a name.
size_t description_of(std::string_view line, size_t begin) {
  const size_t gap = line.find("  ", begin);
  const size_t text = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
  return text == std::string_view::npos ? begin : text;
}

void append_wrapped(std::string& to, std::string_view line, size_t width) {
  const size_t begin = std::min(line.find_first_not_of(' '), line.size());
  size_t indent = description_of(line, begin);
  const bool is_command = line.substr(begin).starts_with("omega ") && begin != 0;
  if (line.size() <= width || is_command) {
    to.append(line);
    return;
  }
  if (begin > std::max(width / 2, kBelowName)) {
    // A description below its name.
    append_wrapped(to, std::string(kBelowName, ' ').append(line.substr(begin)), width);
    return;
  }
  size_t column = 0;
  if (indent > begin && indent > width / 2) {
    // The name on a line of its own.
    const std::string_view name = line.substr(0, line.find_last_not_of(' ', indent - 1) + 1);
    to.append(name);
    line.remove_prefix(indent);
    indent = kBelowName;
    to.append("\n").append(indent, ' ');
    column = indent;
  } else {
    to.append(line.substr(0, indent));
    line.remove_prefix(indent);
    column = indent;
  }
  bool at_begin = true;
  while (!line.empty()) {
    const size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    if (!at_begin && column + 1 + word.size() > width) {
      to.append("\n").append(indent, ' ');
      column = indent;
    } else if (!at_begin) {
      to += ' ';
      ++column;
    }
    to.append(word);
    column += word.size();
    at_begin = false;
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

}  // namespace

std::string wrapped(std::string_view text, size_t width) {
  if (width == 0) {
    return std::string(text);
  }
  std::string made;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    append_wrapped(made, text.substr(0, end), width);
    if (end == std::string_view::npos) {
      break;
    }
    made += '\n';
    text.remove_prefix(end + 1);
  }
  return made;
}

}  // namespace omega::driver
