// SPDX-License-Identifier: Apache-2.0
// Lines a second of the lexer on programs of the usual shape.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "omega/lex/lex_testing.h"

namespace {

using omega::lex::Lane;
using omega::lex::testing::PaddedText;

/// Functions of about 15 statements; names and numbers vary.
std::string program(size_t lines) {
  std::mt19937 random(5);
  const char* const nouns[] = {"count", "total", "index", "limit", "value", "price", "width", "level"};
  const auto name = [&] { return std::string(nouns[random() % 8]) + "_" + std::to_string(random() % 60); };
  std::string text;
  for (size_t line = 0; line < lines; line += 16) {
    text += "function compute_" + std::to_string(line) + "(int64 first, int64 second) returns (int64) {\n";
    for (int i = 0; i < 10; ++i) {
      text += "    let " + name() + " = " + name() + " * " + std::to_string(random() % 100) + " + " + name() + ";\n";
    }
    text += "    if (" + name() + " >= " + name() + ") {\n        " + name() + " += 1;\n    }\n    return " + name() + ";\n}\n";
  }
  return text;
}

void lex_lane(benchmark::State& state, Lane lane) {
  const size_t lines = static_cast<size_t>(state.range(0));
  const PaddedText text(program(lines));
  size_t tokens = 0;
  if (lane > omega::lex::fastest_lane()) {
    state.SkipWithError("this processor does not have the lane");
    return;
  }
  for (auto _ : state) {
    omega::lex::ChunkTokens out;
    omega::lex::Scanner(omega::base::FileId{0}, text.view(), {0, static_cast<uint32_t>(text.view().size())}, out).run(omega::lex::ChunkStart::code, lane);
    tokens = out.kinds.size();
    benchmark::DoNotOptimize(out.kinds.data());
  }
  state.counters["lines/s"] = benchmark::Counter(static_cast<double>(lines), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["tokens/line"] = static_cast<double>(tokens) / static_cast<double>(lines);
  state.SetBytesProcessed(static_cast<int64_t>(text.view().size()) * static_cast<int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(lex_lane, wide, Lane::wide)->Arg(10'000)->Arg(1'000'000);
BENCHMARK_CAPTURE(lex_lane, blockwise, Lane::blockwise)->Arg(10'000)->Arg(1'000'000);
BENCHMARK_CAPTURE(lex_lane, tokenwise, Lane::tokenwise)->Arg(10'000)->Arg(1'000'000);

/// Ends found again for each identifier, as a parser that interns names does.
void find_ends(benchmark::State& state) {
  const PaddedText text(program(10'000));
  omega::diag::Sink sink;
  const omega::lex::TokenStream stream = omega::lex::lex(omega::base::FileId{0}, text.view(), sink);
  for (auto _ : state) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < stream.size(); ++i) {
      if (stream.kind(i) == omega::lex::TokenKind::Identifier) {
        sum += stream.end_of(i);
      }
    }
    benchmark::DoNotOptimize(sum);
  }
  state.counters["tokens/s"] = benchmark::Counter(stream.size(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(find_ends);

}  // namespace
