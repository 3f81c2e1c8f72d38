// SPDX-License-Identifier: Apache-2.0
// Lines a second of the parser alone, on functions of about 15 statements.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "omega/parse/parse_testing.h"

namespace {

using namespace omega;

/// Declarations, conditions, loops and calls; names and numbers vary.
std::string program(size_t lines) {
  std::mt19937 random(5);
  const char* const nouns[] = {"count", "total", "index", "limit", "value", "price", "width", "level"};
  const auto name = [&] { return std::string(nouns[random() % 8]) + "_" + std::to_string(random() % 60); };
  const auto number = [&] { return std::to_string(random() % 1000); };
  std::string text;
  for (size_t line = 0; line < lines; line += 20) {
    const std::string index = std::to_string(line);
    text += "function compute_0_" + index + "(int64 first, int64 second) returns (int64) {\n";
    text += "    int64 " + name() + " = first + " + number() + ";\n    int64 " + name() + " = " + name() + " * " + number() + " - second;\n    int64 " +
            name() + " = (" + name() + " + " + name() + ") / " + number() + ";\n    int64 " + name() + " = 0;\n    if (" + name() + " > " + name() +
            ") {\n        " + name() + " = " + name() + " - first;\n    } else {\n        " + name() + " = " + name() + " + " + number() +
            ";\n    }\n    int64 " + name() + " = 1;\n    while (" + name() + " < " + number() + ") {\n        " + name() + " = " + name() + " * 2 + " +
            name() + " % 7;\n        if (" + name() + " == " + number() + ") {\n            break;\n        }\n    }\n    int64 " + name() + " = compute_0_" +
            index + "(" + name() + " % 64, " + number() + ");\n    return (" + name() + " + " + name() + ") % 1000 + " + name() + ";\n}\n\n";
  }
  return text;
}

void parse_lines(benchmark::State& state) {
  const auto lines = static_cast<size_t>(state.range(0));
  source::SourceSet sources;
  diag::Sink sink;
  base::NameInterner names;
  const base::FileId file = sources.add("benchmark.omega", program(lines), sink);
  const lex::TokenStream tokens = lex::lex(file, sources.text(file), sink);
  for (auto _ : state) {
    const parse::Tree tree = parse::parse(tokens, names, parse::Dialect::Omega, sink);
    benchmark::DoNotOptimize(tree.nodes_);
  }
  if (sink.has_errors()) {
    state.SkipWithError("the program has mistakes");
  }
  state.counters["lines/s"] = benchmark::Counter(static_cast<double>(lines), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["tokens/line"] = static_cast<double>(tokens.size()) / static_cast<double>(lines);
}
BENCHMARK(parse_lines)->Arg(20)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void plan_of_pieces(benchmark::State& state) {
  source::SourceSet sources;
  diag::Sink sink;
  const base::FileId file = sources.add("benchmark.omega", program(1'000'000), sink);
  const lex::TokenStream tokens = lex::lex(file, sources.text(file), sink);
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse::plan_pieces(tokens, 8));
  }
}
BENCHMARK(plan_of_pieces)->Unit(benchmark::kMicrosecond);

}  // namespace
