// SPDX-License-Identifier: Apache-2.0
// Graphs of functions give what the interpreter, the oracle, gives.
#include "omega/compile/function_graph.h"

#include <gtest/gtest.h>

#include <sstream>

#include "omega/compile/front_end.h"
#include "omega/graph/ir/validate.h"
#include "omega/graph/trace/xcs.h"
#include "omega/interp/run_program.h"
#include "omega/sys/memory_files.h"

namespace omega::compile {
namespace {

using graph::Value;

struct Checked {
  LoadedProgram program;
  std::optional<CheckedProgram> checked;
  std::shared_ptr<const ir::Module> module;
};

std::unique_ptr<Checked> check(const std::string& text) {
  auto result = std::make_unique<Checked>();
  sys::MemoryFiles files;
  EXPECT_TRUE(files.write_file("main.omega", text));
  task::Scheduler scheduler(1);
  PhaseTimes times;
  diag::Sink sink;
  EXPECT_TRUE(load(result->program, "main.omega", LoadUntil::Trees, files, scheduler, times, sink));
  result->checked = check_program(result->program, {}, scheduler, times, sink);
  EXPECT_FALSE(sink.has_errors()) << text;
  result->module = std::make_shared<const ir::Module>(result->checked->module);
  return result;
}

/// The function as a graph gives, for each argument, the number that the program prints for it; `failed` where it panics.
void expect_agreement(const std::string& functions, const std::string& name, const std::vector<int64_t>& arguments) {
  graph::Engine engine({.max_workers = 2});
  graph::JitOptions options;
  options.engine = &engine;
  for (const int64_t argument : arguments) {
    const std::string call = name + "(" + std::to_string(argument) + ")";
    const auto program = check(functions + "\nprintf(\"%d\\n\", " + call + ")\n");
    const interp::Outcome outcome = interp::run_in_child(*program->module, {});
    const auto function = graph::jit(function_graph(program->module, find_function(*program->module, name)), options);
    try {
      const std::vector<Value> results = function(argument);
      EXPECT_EQ(std::to_string(results.at(0).as_int64()) + "\n", outcome.output) << call;
      EXPECT_TRUE(graph::validate(function.graph(argument)->optimized).empty());
    } catch (const graph::TracingError& error) {
      FAIL() << error.what();
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(outcome.exit_code, 1) << call << ": " << error.what() << " but the program printed " << outcome.output;
    }
  }
}

TEST(FunctionGraph, StraightLinesAndBranches) {
  const std::string text = R"(
function shade(int64 x) returns (int64) {
  int64 y = x * 3 - 7
  if (y > 20) { y = y / 2 } else if (y < -20) { y = -y % 13 } else { y = y ** 2 }
  bool odd = (y & 1) == 1
  return odd && x > 0 ? y + 1 : y - 1
})";
  expect_agreement(text, "shade", {0, 1, 5, 8, 9, 10, 100, -3, -10, -100});
}

TEST(FunctionGraph, EarlyReturnsAndPanics) {
  const std::string text = R"(
function pick(int64 x) returns (int64) {
  if (x == 0) { return 10 }
  if (x < 0) {
    if (x < -5) { return 100 / (x + 7) }
    x = -x
  }
  if (x > 50) { return x * 9223372036854775807 }
  require(x != 13, "unlucky")
  uint8 small = uint8(x * 10)
  return int64(small) + 1
})";
  expect_agreement(text, "pick", {0, 1, 3, 13, 25, 26, 51, -1, -5, -6, -7, -8, -100});
}

TEST(FunctionGraph, LoopsWithEveryWayOut) {
  const std::string text = R"(
function search(int64 n) returns (int64) {
  int64 found = -1
  int64 steps = 0
  for (int64 i = 0; i < n; i++) {
    if (i % 7 == 3) { continue }
    steps += 1
    int64 j = i
    while (true) {
      j = j / 2
      if (j == 5 && i > 20) { return 1000 + i }
      if (j < 2) { break }
      if (j > 1000) { found = j; break }
    }
    if (steps * j > 60) { found = steps; break }
  }
  return found * 10 + steps
}
function collatz(int64 n) returns (int64) {
  int64 steps = 0
  while (n != 1) { n = n % 2 == 0 ? n / 2 : 3 * n + 1; steps += 1 }
  return steps
}
function nested(int64 n) returns (int64) {
  int64 total = 0
  for (int64 i = 0; i < n; i++) {
    for (int64 j = i; j > 0; j--) { if ((i + j) % 3 == 0) { total += i * j } else { total -= 1 } }
  }
  return total
})";
  expect_agreement(text, "search", {0, 1, 5, 19, 22, 30, 100});
  expect_agreement(text, "collatz", {1, 6, 27});
  expect_agreement(text, "nested", {0, 1, 7, 12});
}

TEST(FunctionGraph, CallsAreOperations) {
  const std::string text = R"(
function leaf(int64 x) returns (int64) { int64 sum = 0; for (int64 i = 0; i < x; i++) { sum += i * i } return sum }
function divide(int64 a, int64 b) returns (int64, int64) { return (a / b, a % b) }
function fib(int64 n) returns (int64) { if (n < 2) { return n } return fib(n - 1) + fib(n - 2) }
function all(int64 n) returns (int64) {
  int64 a = leaf(n)
  int64 b = leaf(n + 1)
  let (q, r) = divide(a, b - 10)
  return q * 100 + r + leaf(3) + fib(9)
})";
  expect_agreement(text, "all", {0, 3, 10, 25});
  const auto program = check(text);
  const auto graph = function_graph(program->module, find_function(*program->module, "all"))->analyze();
  // The three leaves and fib wait for nothing but the argument.
  size_t calls = 0;
  for (const auto& set : graph.independent_sets()) {
    size_t here = 0;
    for (const graph::OperationId id : set) {
      here += graph.text(graph.operation(id).callee).starts_with("omega:") ? 1 : 0;
    }
    calls = std::max(calls, here);
  }
  EXPECT_GE(calls, 3u);
  EXPECT_EQ(find_function(*program->module, "nobody"), ir::kNone);
}

TEST(FunctionGraph, FloatsAndArrays) {
  const auto program = check(R"(
function norm(float64[] xs) returns (float64) {
  float64 total = 0.0
  for (int64 i = 0; i < xs.length; i++) { total += xs[i] * xs[i] }
  return total
}
function sieve(int64 n) returns (int64) {
  let marks = new bool[](n)
  int64 count = 0
  for (int64 i = 2; i < n; i++) {
    if (!marks[i]) { count += 1; for (int64 j = i * i; j < n; j += i) { marks[j] = true } }
  }
  return count
}
function spoil(int64[] xs) { xs[0] = 1 }
printf("%d\n", sieve(100))
)");
  graph::Engine engine({.max_workers = 2});
  graph::JitOptions options;
  options.engine = &engine;
  const auto function = [&](const char* name) { return graph::jit(function_graph(program->module, find_function(*program->module, name)), options); };
  EXPECT_EQ(function("norm")(std::vector<double>{1, 2, 3.5})[0].as_float64(), 17.25);
  EXPECT_EQ(function("norm")(std::vector<double>{})[0].as_float64(), 0.0);
  EXPECT_EQ(std::to_string(function("sieve")(100)[0].as_int64()) + "\n", interp::run_in_child(*program->module, {}).output);
  EXPECT_THROW(function("spoil")(std::vector<int64_t>{4}), std::runtime_error);
}

TEST(FunctionGraph, WhatCannotBeAGraphIsNamed) {
  const auto program = check(R"(
function shout(int64 x) returns (int64) { printf("%d\n", x); return x }
function wide(uint256 x) returns (uint256) { return x + 1 }
)");
  const auto message = [&](const char* name) -> std::string {
    try {
      static_cast<void>(function_graph(program->module, find_function(*program->module, name))->analyze());
      return "";
    } catch (const graph::TracingError& error) {
      return error.what();
    }
  };
  EXPECT_NE(message("shout").find("cannot be a graph: a call of the runtime's Out"), std::string::npos) << message("shout");
  EXPECT_NE(message("wide").find("integers up to 64 bits"), std::string::npos) << message("wide");
}

/// The same in C++ by tracing, with the Omega function for what tracing cannot see.
TEST(FunctionGraph, IsWhatTracingLacks) {
  const auto program = check("function clamp(int64 x) returns (int64) { if (x > 10) { return 10 } return x }\n");
  const auto code = function_graph(program->module, find_function(*program->module, "clamp"));
  graph::Engine engine({.max_workers = 2});
  graph::JitOptions options;
  options.engine = &engine;
  const auto clamp = [](const graph::Tracer& x) { return x > 10 ? graph::Tracer(10) : x; };
  EXPECT_THROW(graph::jit(clamp, options)(3), graph::BranchError);
  options.strategy = std::make_shared<graph::HybridStrategy>();
  const auto hybrid = graph::jit(clamp, code, options);
  EXPECT_EQ(hybrid(3).as_int64(), 3);
  EXPECT_EQ(hybrid(30).as_int64(), 10);
}

}  // namespace
}  // namespace omega::compile
