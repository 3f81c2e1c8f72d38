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

/// The argument of a message that names what may have been lost; -1 where there is none.
int lost_name(Kind kind) {
  switch (kind) {
    case Kind::UnknownName:
    case Kind::UnknownImport:
    case Kind::ArgumentCount:
    case Kind::NoOverload:
    case Kind::NameIsNoType:
      return 0;
    case Kind::UnknownMember:
    case Kind::UnknownParameter:
      return 1;
    default:
      return -1;
  }
}

}  // namespace

BrokenLines::BrokenLines(diag::Sink& reported, const source::SourceSet& texts) {
  for (const diag::Diagnostic& diagnostic : reported.diagnostics()) {
    if (diagnostic.severity() != diag::Severity::error || !diagnostic.span.valid() || holds(diagnostic.span)) {
      continue;
    }
    const std::string_view text = texts.text(diagnostic.span.file);
    const size_t at = std::min<size_t>(diagnostic.span.begin, text.size());
    const size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    const size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const size_t end = std::min(text.find('\n', at), text.size());
    lines_.push_back({{diagnostic.span.file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}, names_in(text.substr(begin, end - begin))});
  }
}

bool BrokenLines::holds_name(std::string_view name) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) { return std::binary_search(line.names.begin(), line.names.end(), name); });
}

bool BrokenLines::holds(base::Span place) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return line.text.file == place.file && line.text.begin <= place.begin && place.begin <= line.text.end;
  });
}

void BrokenLines::forget_consequences(diag::Sink& sink) const {
  if (lines_.empty()) {
    return;
  }
  sink.forget_errors([this](const diag::Diagnostic& diagnostic) {
    const int lost = lost_name(diagnostic.kind);
    return holds(diagnostic.span) ||
           (lost >= 0 && static_cast<size_t>(lost) < diagnostic.args.size() && holds_name(diagnostic.args[static_cast<size_t>(lost)]));
  });
}

}  // namespace omega::compile
