// SPDX-License-Identifier: Apache-2.0
// What finding a name costs.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "omega/base/interner.h"

namespace {

void intern_hit(benchmark::State& state) {
  omega::base::NameInterner names;
  std::vector<std::string> texts;
  for (int64_t i = 0; i < state.range(0); ++i) {
    texts.push_back((i % 3 == 0 ? "x" : i % 3 == 1 ? "total_" : "some_longer_name_") + std::to_string(i));
    names.intern(texts.back());
  }
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(names.intern(texts[at]));
    at = at + 1 == texts.size() ? 0 : at + 1;
  }
}
BENCHMARK(intern_hit)->Arg(30)->Arg(1000)->Arg(100000);

}  // namespace
