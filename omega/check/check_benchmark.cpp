// SPDX-License-Identifier: Apache-2.0
// Lines a second: checking alone, and lexing, parsing and checking together, for functions of about fifteen statements.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "omega/check/check_testing.h"

namespace omega::check {
namespace {

std::string generated(int functions) {
  std::string text;
  for (int i = 0; i < functions; ++i) {
    const std::string n = std::to_string(i);
    text +=
        "function f" + n +
        "(int64 a, int64 b) returns (int64) {\n  int64 x = a * 3 + b\n  int64 y = x - 7\n  int64[] v = new int64[](16)\n"
        "  for (int64 i = 0; i < 16; i++) {\n    v[i] = i * x + y\n    if (v[i] > 100) {\n      y += v[i] % 13\n    } else {\n      y -= i\n    }\n  }\n"
        "  while (x > 10) {\n    x = x / 2\n  }\n  float64 z = float64(x) * 1.5 + 2.25\n  if (z > 3.0 && y != 4) {\n    y = y + int64(z)\n  }\n  return x + y";
    text += i == 0 ? "\n}\n" : " + f" + std::to_string(i - 1) + "(x, y)\n}\n";
  }
  return text;
}

void Check(benchmark::State& state) {
  CheckedProgram program(generated(static_cast<int>(state.range(0))));
  std::vector<ModuleInput> inputs{{&program.trees[0], "main.omega", {}}};
  for (auto _ : state) {
    TypeStore types;
    diag::Sink sink;
    const auto declarations = declare(inputs, program.names, types, sink);
    benchmark::DoNotOptimize(check_program(*declarations, sink));
  }
  const std::string_view text = program.sources.text(base::FileId{0});
  state.SetItemsProcessed(state.iterations() * std::count(text.begin(), text.end(), '\n'));
}
BENCHMARK(Check)->Arg(50)->Arg(5000)->Arg(50000)->Unit(benchmark::kMillisecond);

void Declare(benchmark::State& state) {
  CheckedProgram program(generated(static_cast<int>(state.range(0))));
  std::vector<ModuleInput> inputs{{&program.trees[0], "main.omega", {}}};
  for (auto _ : state) {
    TypeStore types;
    diag::Sink sink;
    benchmark::DoNotOptimize(declare(inputs, program.names, types, sink));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Declare)->Arg(50000)->Unit(benchmark::kMillisecond);

void LexParseCheck(benchmark::State& state) {
  const std::string text = generated(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    CheckedProgram program(text);
    benchmark::DoNotOptimize(program.module.functions.data());
  }
  state.SetItemsProcessed(state.iterations() * std::count(text.begin(), text.end(), '\n'));
}
BENCHMARK(LexParseCheck)->Arg(50)->Arg(5000)->Arg(50000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace omega::check
