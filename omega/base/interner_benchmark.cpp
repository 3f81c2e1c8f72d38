// SPDX-License-Identifier: Apache-2.0
// What finding a name costs.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "omega/base/interner.h"

namespace {

/// Names in a text, 32 bytes apart.
class Names {
 public:
  explicit Names(size_t count) : bytes_(count * 32, '\0') {
    std::mt19937 random(3);
    for (size_t i = 0; i < count; ++i) {
      const std::string text = (random() % 3 == 0 ? "x" : random() % 3 == 1 ? "total_" : "longer_") + std::to_string(random() % (count * 2));
      std::copy(text.begin(), text.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(i * 32));
      sizes_.push_back(text.size());
    }
  }
  [[nodiscard]] std::string_view operator[](size_t i) const { return {bytes_.data() + i * 32, sizes_[i]}; }
  [[nodiscard]] size_t size() const { return sizes_.size(); }

 private:
  std::string bytes_;
  std::vector<size_t> sizes_;
};

template <bool padded>
void intern_hit(benchmark::State& state) {
  omega::base::NameInterner interner;
  const Names names(static_cast<size_t>(state.range(0)));
  for (size_t i = 0; i < names.size(); ++i) {
    interner.intern(names[i]);
  }
  size_t at = 0;
  uint32_t sum = 0;
  for (auto _ : state) {
    const std::string_view name = names[at];
    sum += padded ? interner.intern_padded(name.data(), name.size()).index : interner.intern(name).index;
    at = at + 1 == names.size() ? 0 : at + 1;
  }
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(intern_hit<true>)->Arg(30)->Arg(1000)->Arg(100000);
BENCHMARK(intern_hit<false>)->Arg(30)->Arg(1000)->Arg(100000);

}  // namespace
