// SPDX-License-Identifier: Apache-2.0
// Which messages follow from others.
#include "omega/compile/consequences.h"

#include <algorithm>

namespace omega::compile {
namespace {

using diag::Kind;

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$'; }

std::vector<std::string_view> names_in(std::string_view line) {
  std::vector<std::string_view> names;
  for (size_t at = 0; at < line.size();) {
    size_t end = at;
    while (end < line.size() && is_name_character(line[end])) {
      ++end;
    }
    if (end > at) {
      names.push_back(line.substr(at, end - at));
    }
    at = std::max(end, at + 1);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// True for `import "path"`, which brings all names of a file.
bool imports_all(std::string_view text, base::Span path) {
  const size_t before = text.find_last_not_of(" \t\r\n", path.begin == 0 ? 0 : path.begin - 1);
  const size_t after = text.find_first_not_of(" \t", path.end);
  return before != std::string_view::npos && text.substr(0, before + 1).ends_with("import") &&
         (after == std::string_view::npos || text[after] == ';' || text[after] == '\n' || text[after] == '\r' || text[after] == '/');
}

/// The argument of a message that names what may have been lost; -1 where there is none.
int lost_name(Kind kind) {
  switch (kind) {
    case Kind::UnknownName:
    case Kind::UnknownImport:
    case Kind::ArgumentCount:
    case Kind::NoOverload:
    case Kind::NameIsNoType: return 0;
    case Kind::UnknownMember:
    case Kind::UnknownParameter: return 1;
    default: return -1;
  }
}

}  // namespace

BrokenLines::BrokenLines(diag::Sink& reported, const source::SourceSet& texts) {
  for (const diag::Diagnostic& diagnostic : reported.diagnostics()) {
    if (diagnostic.severity() != diag::Severity::error) {
      continue;
    }
    add(diagnostic.span, texts, diagnostic.kind == Kind::UnopenedBracket);
    if (diagnostic.kind == Kind::CannotReadFile && diagnostic.span.valid() && imports_all(texts.text(diagnostic.span.file), diagnostic.span)) {
      importers_.push_back(diagnostic.span.file);
    }
    // What is not closed began elsewhere.
    if (diagnostic.kind == Kind::UnclosedBracket && !diagnostic.notes.empty()) {
      add(diagnostic.notes[0].span, texts);
    }
  }
}

void BrokenLines::add(base::Span place, const source::SourceSet& texts, bool has_extra_brace) {
  if (!place.valid() || holds(place)) {
    return;
  }
  const std::string_view text = texts.text(place.file);
  const size_t at = std::min<size_t>(place.begin, text.size());
  const size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const size_t end = std::min(text.find('\n', at), text.size());
  lines_.push_back({{place.file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}, names_in(text.substr(begin, end - begin)), has_extra_brace});
}

bool BrokenLines::holds_name(std::string_view name) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) { return std::binary_search(line.names.begin(), line.names.end(), name); });
}

bool BrokenLines::holds(base::Span place) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const Line& line) { return line.text.file == place.file && line.text.begin <= place.begin && place.begin <= line.text.end; });
}

/// Where a statement is lost, so may be the `return` or the loop that is missed elsewhere in the function.
bool BrokenLines::follows_inside(const diag::Diagnostic& diagnostic) const {
  const bool misses_return = diagnostic.kind == Kind::MissingReturn && !diagnostic.notes.empty();
  if (!misses_return && diagnostic.kind != Kind::OutsideLoop && diagnostic.kind != Kind::ReturnWithoutResult) {
    return false;
  }
  const uint32_t begin = misses_return ? diagnostic.notes[0].span.begin : 0;
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return line.text.file == diagnostic.span.file && begin <= line.text.begin && (line.has_extra_brace || line.text.begin <= diagnostic.span.begin);
  });
}

void BrokenLines::forget_consequences(diag::Sink& sink) const {
  if (lines_.empty()) {
    return;
  }
  sink.forget_errors([this](const diag::Diagnostic& diagnostic) {
    const int lost = lost_name(diagnostic.kind);
    const bool is_about_line =
        holds(diagnostic.span) || std::any_of(diagnostic.notes.begin(), diagnostic.notes.end(), [this](const diag::Note& note) { return holds(note.span); });
    const bool may_be_imported = (diagnostic.kind == Kind::UnknownName || diagnostic.kind == Kind::NameIsNoType) &&
                                 std::find(importers_.begin(), importers_.end(), diagnostic.span.file) != importers_.end();
    return is_about_line || may_be_imported || follows_inside(diagnostic) ||
           (lost >= 0 && static_cast<size_t>(lost) < diagnostic.args.size() && holds_name(diagnostic.args[static_cast<size_t>(lost)]));
  });
}

}  // namespace omega::compile
