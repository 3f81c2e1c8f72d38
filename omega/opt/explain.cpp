// SPDX-License-Identifier: Apache-2.0
// Rendering of loop reports.
#include "omega/opt/explain.h"

namespace omega::opt {

namespace {

std::string place(base::Span span, const diag::SourceReader& sources) {
  if (!span.valid()) {
    return "?";
  }
  const base::LineColumn at = sources.locate(span.file, span.begin);
  return std::string(sources.path(span.file)) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string quoted(std::string_view text) {
  std::string out;
  diag::append_json_string(out, text);
  return out;
}

void json_place(std::string& out, base::Span span, const diag::SourceReader& sources) {
  if (!span.valid()) {
    out += "\"file\":null,\"line\":0,\"column\":0";
    return;
  }
  const base::LineColumn at = sources.locate(span.file, span.begin);
  out += "\"file\":" + quoted(sources.path(span.file)) + ",\"line\":" + std::to_string(at.line) + ",\"column\":" + std::to_string(at.column);
}

std::string headline(const LoopReport& report) {
  const std::string threads = report.threads + (report.threads == "1" ? " thread" : " threads");
  const std::string over = report.range.empty() ? "" : " for range " + report.range;
  switch (report.outcome) {
    case LoopOutcome::Parallel: return threads + over;
    case LoopOutcome::Found: return "found parallel: up to " + threads + over;
    case LoopOutcome::Sequential: break;
  }
  return "sequential" + over;
}

}  // namespace

std::string explain_text(const std::vector<LoopReport>& reports, const diag::SourceReader& sources) {
  std::string out;
  for (const LoopReport& report : reports) {
    out += place(report.span, sources) + ": " + headline(report);
    if (!report.reason.empty()) {
      out += (report.outcome == LoopOutcome::Sequential ? ": " : ", ") + report.reason;
    }
    out += '\n';
    for (const diag::Note& access : report.accesses) {
      out += "  " + place(access.span, sources) + ": " + access.text + '\n';
    }
  }
  return out;
}

std::string explain_json(const std::vector<LoopReport>& reports, const diag::SourceReader& sources) {
  std::string out;
  for (const LoopReport& report : reports) {
    out += "{\"loop\":{";
    json_place(out, report.span, sources);
    static constexpr const char* outcomes[] = {"parallel", "found", "sequential"};
    out += "},\"function\":" + quoted(report.function) + ",\"outcome\":\"" + outcomes[static_cast<size_t>(report.outcome)] + "\"";
    out += ",\"written_parallel\":";
    out += report.kind >= ir::LoopKind::Parallel ? "true" : "false";
    out += ",\"threads\":" + quoted(report.threads) + ",\"range\":" + quoted(report.range) + ",\"checks\":" + std::to_string(report.checks);
    out += ",\"reason\":" + quoted(report.reason) + ",\"accesses\":[";
    for (size_t i = 0; i < report.accesses.size(); ++i) {
      out += i == 0 ? "{" : ",{";
      json_place(out, report.accesses[i].span, sources);
      out += ",\"text\":" + quoted(report.accesses[i].text) + "}";
    }
    out += "]}\n";
  }
  return out;
}

}  // namespace omega::opt
