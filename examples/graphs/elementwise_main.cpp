// SPDX-License-Identifier: Apache-2.0
// Element-wise mathematics over ten million doubles: five operations become one pass over memory.
#include <chrono>
#include <cstdio>

#include "omega/graph/trace/xcs.h"

namespace {

std::vector<double> numbers(double scale) {
  std::vector<double> values(10'000'000);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(i % 1000) * scale;
  }
  return values;
}

}  // namespace

int main() {
  const xcs::Value a = xcs::Value::array(numbers(0.001));
  const xcs::Value b = xcs::Value::array(numbers(0.002));
  const auto f = xcs::jit([](const auto& x, const auto& y) { return sqrt(x * x + y * y) * 0.5; });
  const auto total = xcs::jit([](const auto& x, const auto& y) { return sum(sqrt(x * x + y * y) * 0.5); });
  static_cast<void>(f(a, b));  // traces

  const auto start = std::chrono::steady_clock::now();
  const xcs::Value result = f(a, b);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;

  std::printf("%s, element 999 is %.6f\n", result.describe().c_str(), result.as_array().elements<double>()[999]);
  std::printf("their sum is %.3f\n", total(a, b).as_float64());
  std::fprintf(stderr, "%.1f ms\n%s", time.count(), f.explain(a, b).c_str());
}
