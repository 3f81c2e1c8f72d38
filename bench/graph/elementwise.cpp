// SPDX-License-Identifier: Apache-2.0
// Element-wise expressions over 1e7 doubles as graphs, beside one pass over the same memory: elementwise THREADS prints a line for each:
// name, milliseconds fused, milliseconds unfused, milliseconds of one pass (reading the inputs and writing the result, written by hand).
#include <emmintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "omega/graph/trace/xcs.h"
#include "omega/task/parallel_for.h"

using namespace omega::graph;

namespace {

constexpr size_t kCount = 10'000'000;

double now_ms() { return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count()) / 1e6; }

Value input(double scale, double shift) {
  const int64_t shape[] = {static_cast<int64_t>(kCount)};
  auto array = std::make_unique<Array>(DType::float64, shape);
  double* at = array->elements<double>().data();
  for (size_t i = 0; i < kCount; ++i) {
    at[i] = static_cast<double>(i % 1000) * scale + shift;
  }
  return Value(std::move(array));
}

template <class F>
double smallest(F f) {
  double best = 1e300;
  for (int i = 0; i < 12; ++i) {
    const double start = now_ms();
    f();
    best = std::min(best, now_ms() - start);
  }
  return best;
}

/// Reads `inputs` and writes one result, past the caches, with as little else as possible.
double one_pass(const std::vector<Value>& inputs, omega::task::Scheduler& scheduler) {
  const int64_t shape[] = {static_cast<int64_t>(kCount)};
  return smallest([&] {
    const Array result(DType::float64, shape);
    double* to = result.elements<double>().data();
    omega::task::parallel_for(scheduler, 0, kCount / 8, [&](size_t begin, size_t end) {
      for (size_t i = begin * 8; i < end * 8; i += 2) {
        __m128d sum = _mm_load_pd(inputs[0].as_array().elements<double>().data() + i);
        for (size_t k = 1; k < inputs.size(); ++k) {
          sum = _mm_add_pd(sum, _mm_load_pd(inputs[k].as_array().elements<double>().data() + i));
        }
        _mm_stream_pd(to + i, sum);
      }
    });
  });
}

template <class F>
void row(const char* name, const std::vector<Value>& inputs, Engine& engine, F f) {
  JitOptions options;
  options.engine = &engine;
  const auto time = [&](bool optimize) {
    options.optimize = optimize;
    const auto function = jit(f, options);
    static_cast<void>(function(inputs));
    return smallest([&] { static_cast<void>(function(inputs)); });
  };
  const double fused = time(true);
  const double unfused = time(false);
  omega::task::Scheduler scheduler(engine.executor().max_workers());
  std::printf("%s %.2f %.2f %.2f\n", name, fused, unfused, one_pass(inputs, scheduler));
}

}  // namespace

int main(int argc, char** argv) {
  Engine engine({.max_workers = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 2});
  const std::vector<Value> all{input(0.001, 0.1), input(0.002, 0.5), input(0.003, 0.25), input(0.004, 1)};
  using Inputs = std::vector<Tracer>;
  row("(a+b)*(c-d)+a*0.5", all, engine, [](const Inputs& x) { return (x[0] + x[1]) * (x[2] - x[3]) + x[0] * 0.5; });
  row("a*b+c*d", all, engine, [](const Inputs& x) { return x[0] * x[1] + x[2] * x[3]; });
  row("a*b+c*sin(d)", all, engine, [](const Inputs& x) { return x[0] * x[1] + x[2] * sin(x[3]); });
  row("a*b+c*sin(d)+exp(-a)*sqrt(b)", all, engine, [](const Inputs& x) { return x[0] * x[1] + x[2] * sin(x[3]) + exp(-x[0]) * sqrt(x[1]); });
  row("sqrt(a*a+b*b)*0.5", {all[0], all[1]}, engine, [](const Inputs& x) { return sqrt(x[0] * x[0] + x[1] * x[1]) * 0.5; });
}
