// SPDX-License-Identifier: Apache-2.0
// The table of kinds, and the sink's ordering.
#include "omega/diag/diagnostic.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "omega/base/check.h"

namespace omega::diag {
namespace {

constexpr KindInfo kind_table[] = {
#define OMEGA_DIAG(name, code, severity, message, explanation) {Kind::name, #name, code, Severity::severity, message, explanation},
#include "omega/diag/kinds_all.def"
#undef OMEGA_DIAG
};

/// Orders by place, then code, then everything else, so that equal ones are exact duplicates.
bool comes_before(const Diagnostic& a, const Diagnostic& b) {
  if (a.span.file != b.span.file) {
    // Things without a file (the command line) come first.
    return a.span.file.index + 1 < b.span.file.index + 1;
  }
  if (a.span.begin != b.span.begin) {
    return a.span.begin < b.span.begin;
  }
  if (a.kind != b.kind) {
    return std::strcmp(info(a.kind).code, info(b.kind).code) < 0;
  }
  if (a.span.end != b.span.end) {
    return a.span.end < b.span.end;
  }
  if (a.args != b.args) {
    return a.args < b.args;
  }
  if (a.help != b.help) {
    return a.help < b.help;
  }
  return std::lexicographical_compare(a.notes.begin(), a.notes.end(), b.notes.begin(), b.notes.end(), [](const Note& x, const Note& y) {
    return x.span.begin != y.span.begin ? x.span.begin < y.span.begin : x.text < y.text;
  });
}

bool same(const Diagnostic& a, const Diagnostic& b) { return a.kind == b.kind && a.span == b.span && a.args == b.args; }

}  // namespace

const KindInfo& info(Kind kind) {
  const auto index = static_cast<size_t>(kind);
  OMEGA_CHECK(index < std::size(kind_table), "no such diagnostic kind");
  return kind_table[index];
}

std::span<const KindInfo> all_kinds() { return kind_table; }

const KindInfo* find_code(std::string_view code) {
  for (const KindInfo& candidate : kind_table) {
    const std::string_view own = candidate.code;
    if (own.size() == code.size() && own.substr(1) == code.substr(1) && (own[0] == code[0] || own[0] + ('a' - 'A') == code[0])) {
      return &candidate;
    }
  }
  return nullptr;
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
  }
  OMEGA_UNREACHABLE("no such severity");
}

std::string Diagnostic::message() const {
  const std::string_view format = info(kind).message;
  std::string text;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '{' && i + 2 < format.size() && format[i + 2] == '}' && format[i + 1] >= '0' && format[i + 1] <= '9') {
      const auto argument = static_cast<size_t>(format[i + 1] - '0');
      OMEGA_CHECK(argument < args.size(), "diagnostic reported with too few arguments");
      text += args[argument];
      i += 2;
    } else {
      text += format[i];
    }
  }
  return text;
}

void Sink::Part::compact() {
  std::sort(kept.begin(), kept.end(), comes_before);
  kept.erase(std::unique(kept.begin(), kept.end(), same), kept.end());
  if (kept.size() > max_shown) {
    kept.erase(kept.begin() + max_shown, kept.end());
    dropped = true;
  }
}

Diagnostic& Sink::report(Kind kind, Span span, std::initializer_list<std::string> args) {
  Part& part = info(kind).severity == Severity::error ? errors_ : others_;
  if (part.kept.size() >= 4 * max_shown) {
    part.compact();
  }
  ++part.reported;
  Diagnostic& fresh = part.kept.emplace_back();
  fresh.kind = kind;
  fresh.span = span;
  fresh.args = args;
  return fresh;
}

void Sink::merge(Sink&& other) {
  const auto take = [](Part& to, Part& from) {
    to.reported += from.reported;
    to.dropped |= from.dropped;
    std::move(from.kept.begin(), from.kept.end(), std::back_inserter(to.kept));
    if (to.kept.size() >= 4 * max_shown) {
      to.compact();
    }
  };
  take(errors_, other.errors_);
  take(others_, other.others_);
  other.clear();
}

void Sink::forget_errors(const std::function<bool(const Diagnostic&)>& unwanted) { errors_.reported -= std::erase_if(errors_.kept, unwanted); }

const std::vector<Diagnostic>& Sink::diagnostics() {
  errors_.compact();
  others_.compact();
  sorted_.clear();
  std::merge(errors_.kept.begin(), errors_.kept.end(), others_.kept.begin(), others_.kept.end(), std::back_inserter(sorted_), comes_before);
  return sorted_;
}

}  // namespace omega::diag
