// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/opt/optimizer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>

#include "omega/diag/edit_distance.h"
#include "omega/graph/ir/validate.h"

namespace omega::graph {
namespace {

/// Notes and patterns that explain() prints of one kind.
constexpr size_t kMostLines = 20;

void apply(const Rewrite& rewrite, ComputationGraph& graph, const OptimizeOptions& options, RewriteRecord& record) {
  record.name = rewrite.name;
  if (std::ranges::find(options.disabled, rewrite.name) != options.disabled.end()) {
    record.state = RewriteRecord::State::disabled;
    return;
  }
  const auto start = std::chrono::steady_clock::now();
  Rewritten result = run_rewrite(rewrite, graph);
  record.nanoseconds = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count());
  if (result.changes == 0) {
    return;
  }
  OMEGA_CHECK(validate(result.graph, 1).empty(), "a rewrite made a graph that is not valid");
  if (options.same_results && !options.same_results(graph, result.graph)) {
    record.state = RewriteRecord::State::taken_back;
    return;
  }
  record.changes = result.changes;
  record.notes = std::move(result.notes);
  graph = std::move(result.graph);
}

void append_lines(std::string& out, const std::vector<std::string>& lines) {
  for (size_t i = 0; i < lines.size() && i < kMostLines; ++i) {
    out += "    " + lines[i] + "\n";
  }
  if (lines.size() > kMostLines) {
    out += "    and " + std::to_string(lines.size() - kMostLines) + " more\n";
  }
}

}  // namespace

void OptimizeOptions::validate() const {
  std::vector<std::string_view> names;
  std::ranges::transform(rewrites(), std::back_inserter(names), &Rewrite::name);
  for (const std::string& name : disabled) {
    if (std::ranges::find(names, name) == names.end()) {
      throw std::invalid_argument("disabled: " + diag::no_such_name("rewrite", name, names));
    }
  }
}

ComputationGraph GraphOptimizer::optimize(const ComputationGraph& graph, const OptimizeOptions& options, OptimizeReport* report) const {
  options.validate();
  ComputationGraph result = graph;
  OptimizeReport found;
  if (report != nullptr) {
    for (const auto& matcher : matchers_) {
      std::vector<PatternMatch> matches = matcher->match(graph);
      std::ranges::move(matches, std::back_inserter(found.patterns));
    }
    found.operations_before = graph.operations().size();
    found.chain_before = graph.independent_sets().size();
  }
  for (const Rewrite& rewrite : rewrites()) {
    apply(rewrite, result, options, found.rewrites.emplace_back());
  }
  if (report != nullptr) {
    found.operations_after = result.operations().size();
    found.chain_after = result.independent_sets().size();
    *report = std::move(found);
  }
  return result;
}

std::string OptimizeReport::explain() const {
  std::string out = std::to_string(operations_before) + " operations, longest chain " + std::to_string(chain_before) +
                    "; optimised: " + std::to_string(operations_after) + ", longest chain " + std::to_string(chain_after) + "\n";
  std::vector<std::string> lines;
  lines.reserve(patterns.size());
  for (const PatternMatch& match : patterns) {
    lines.push_back(match.pattern + ": " + match.description + (match.parallelizable ? " (parallel)" : ""));
  }
  out += "  patterns found: " + std::to_string(patterns.size()) + "\n";
  append_lines(out, lines);
  for (const RewriteRecord& record : rewrites) {
    out += "  " + record.name + ": ";
    switch (record.state) {
      case RewriteRecord::State::disabled: out += "switched off\n"; break;
      case RewriteRecord::State::taken_back: out += "taken back: its result differed\n"; break;
      case RewriteRecord::State::done:
        out += std::to_string(record.changes) + (record.changes == 1 ? " change" : " changes") + " in " + std::to_string(record.nanoseconds / 1000) + " us\n";
        append_lines(out, record.notes);
    }
  }
  return out;
}

}  // namespace omega::graph
