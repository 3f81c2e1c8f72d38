// SPDX-License-Identifier: Apache-2.0
// Graphs of functions give what the interpreter, the oracle, gives.
#include "omega/compile/function_graph.h"

#include <gtest/gtest.h>

#include <sstream>

#include "omega/compile/front_end.h"
#include "omega/graph/ir/validate.h"
#include "omega/graph/trace/xcs.h"
#include "omega/interp/run_program.h"
#include "omega/opt/parallelize.h"
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

/// A result as a program prints it.
std::string printed(const Value& value) {
  switch (value.dtype()) {
    case graph::DType::boolean: return value.as_boolean() ? "true" : "false";
    case graph::DType::string: return value.as_string();
    default: return std::to_string(value.as_int64());
  }
}

/// The function as a graph gives, for each argument and with any number of workers, what the interpreter prints for it, or fails where it
/// panics. What the function gives is a number, a bool or a string.
void expect_interpreted(const std::string& functions, const std::string& name, const std::vector<int64_t>& arguments) {
  for (const int64_t argument : arguments) {
    const std::string call = name + "(" + std::to_string(argument) + ")";
    const auto program = check(functions + "\nprintln(" + call + ")\n");
    diag::Sink races;
    const interp::Outcome outcome = interp::run_in_child(opt::parallelize(*program->module, {}, races).module, {});
    const auto code = function_graph(program->module, find_function(*program->module, name), &program->program.texts);
    for (const unsigned workers : {1u, 2u, 4u}) {
      graph::Engine engine({.max_workers = workers});
      graph::JitOptions options;
      options.engine = &engine;
      options.strategy = std::make_shared<graph::StaticAnalysisStrategy>();
      const auto function = graph::jit(code, options);
      try {
        EXPECT_EQ(printed(function(argument).at(0)) + "\n", outcome.output) << call << ", " << workers << " workers";
      } catch (const graph::TracingError& error) {
        FAIL() << error.what();
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(outcome.exit_code, 1) << call << ": " << error.what() << " but the program printed " << outcome.output;
      }
    }
  }
}

/// Operations of a kind in the graph and its bodies.
size_t count_control(const graph::ComputationGraph& graph, std::string_view rule) {
  size_t count = 0;
  for (const graph::Operation& op : graph.operations()) {
    count += op.type == graph::OpType::control && graph.text(op.callee) == rule ? 1 : 0;
    for (const graph::ComputationGraph& body : graph.bodies(op)) {
      count += count_control(body, rule);
    }
  }
  return count;
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

TEST(FunctionGraph, ParallelLoopsAreMapsAndScans) {
  const std::string text = R"(
function total(int64 n) returns (int64) {
  let squares = new int64[](n)
  int64 sum = 5
  int64 best = -5
  float64 mean = 0.0
  @@ i in 0..<n { squares[i] = i * i % 17 }
  @@ i in 0..<n { sum += squares[i]; best = max(best, squares[i]); mean += float64(squares[i]) / 3.0 }
  return sum * 1000 + best + int64(mean * 1000000.0)
}
function harmonic(int64 n) returns (int64) {
  float64 sum = 0.0
  float32 small = float32(1.0)
  @@ i in 1..<n { sum += 1.0 / float64(i); small *= float32(1.0) + float32(1.0) / float32(i * i) }
  return int64(sum * 1e15) + int64(float64(small) * 1e9)
}
function table(int64 n) returns (int64) {
  let rows = new int64[][](n)
  for (int64 i = 0; i < n; i++) { rows[i] = new int64[](3) }
  @@ i in 0..<n {
    @@ j in 0..<3 { rows[i][j] = i * 3 + j }
  }
  int64 sum = 0
  for (int64 i = 0; i < n; i++) { for (int64 j = 0; j < 3; j++) { sum = sum * 7 % 1000003 + rows[i][j] } }
  return sum
}
function fails(int64 n) returns (int64) {
  int64 sum = 0
  @@ i in 0..<n { if (i == 900) { require(false, "too far") } sum += 1000 / (700 - i) }
  return sum
}
function overflows(int64 n) returns (int64) {
  int64 sum = 9223372036854775000
  @@ i in 0..<n { sum += i }
  return sum
})";
  expect_interpreted(text, "total", {0, 1, 2, 100, 1000});
  expect_interpreted(text, "harmonic", {0, 2, 500, 3000});
  expect_interpreted(text, "table", {0, 1, 40});
  expect_interpreted(text, "fails", {0, 300, 701, 1000});
  expect_interpreted(text, "overflows", {10, 100});
  const auto program = check(text);
  const auto graph = function_graph(program->module, find_function(*program->module, "total"))->analyze();
  EXPECT_TRUE(graph::validate(graph).empty());
  EXPECT_EQ(count_control(graph, "map"), 2u);
  EXPECT_EQ(count_control(graph, "scan"), 1u);
}

TEST(FunctionGraph, FoundParallelLoopsAreMapsToo) {
  const std::string text = R"(
function doubled(int64 n) returns (int64) {
  let xs = new int64[](n)
  for (int64 i = 0; i < n; i++) { xs[i] = i * 3 % 1001 }
  int64 sum = 0
  for (int64 i = 0; i < n; i++) { sum += xs[i] * 2 }
  return sum
})";
  expect_interpreted(text, "doubled", {0, 3, 500, 4000});
  const auto program = check(text);
  EXPECT_EQ(count_control(function_graph(program->module, find_function(*program->module, "doubled"))->analyze(), "map"), 2u);
}

TEST(FunctionGraph, WideIntegers) {
  const std::string text = R"(
function mixed(int64 n) returns (string) {
  uint256 x = uint256(uint64(n)) ** 5 + 7
  int128 y = int128(n) - 1000
  for (int64 i = 0; i < n; i++) {
    x = x * 31 + uint256(uint64(i))
    if (x > 1 << 200) { x = x >> 100 }
    y = y * -3 % 1000000000000000000000007
  }
  uint256[] all = new uint256[](3)
  all[1] = x
  int128[] few = new int128[](2)
  few[0] = min(y, int128(4))
  return string(all[1] ^ (x / 3)) + " " + string(few[0]) + " " + string(int64(y % 1000)) + " " + string(float64(x)) + string(all[0] == 0)
}
function summed(int64 n) returns (string) {
  uint256 total = 1
  @@ i in 0..<n { total += uint256(uint64(i)) ** 9 }
  return string(total)
}
function narrow(int64 n) returns (int64) {
  uint128 big = uint128(uint64(n)) << 60
  return int64(big) - int64(uint8(big >> 60))
}
function edge(int64 n) returns (string) { int256 x = int256(n) - 5; return string(-x / int256(n)) + string(abs(x)) })";
  expect_interpreted(text, "mixed", {0, 1, 5, 40});
  expect_interpreted(text, "summed", {0, 1, 300});
  expect_interpreted(text, "narrow", {0, 3, 7, 8, 300});
  expect_interpreted(text, "edge", {0, 3, -3});
}

TEST(FunctionGraph, StringsAndTheRuntime) {
  const std::string text = R"(
function slug(int64 n) returns (string) {
  string text = "  The quick,brown  Fox\r\njumps: \u00e9t\u00e9 "
  string result = ""
  string[] parts = text.trim().lower().split(" ")
  for (int64 i = 0; i < parts.length; i++) {
    if (parts[i].length == 0) { continue }
    if (i > 0) { result += "-" }
    result += parts[i].replace(",", "+")
  }
  if (n == 3) { return "none".upper() }
  return join(result.split("o"), string(n)) + string(n) + string(1.5) + string(n > 2) + string(result.find("fox")) + string(result[2])
      + string(result < "z") + string("abc" == result) + string(text.starts_with("  T")) + result.slice(0, n) + string(text.ends_with(" "))
}
function letters(int64 n) returns (int64) {
  string text = "the parallel loop reads a string"
  int64 count = 0
  @@ i in 0..<text.length { if (int64(text[i]) > n) { count += 1 } }
  return count
}
function maths(int64 n) returns (int64) {
  float64 x = float64(n) / 7.0
  float64 sum = 0.0
  @@ i in 0..<n { sum += sin(float64(i)) * exp(-float64(i) / 50.0) + cos(x) }
  return int64((sum + sqrt(abs(x)) + floor(x) + hypot(x, 2.0) + atan2(x, 3.0) + log(x + 1.0)) * 1e12)
})";
  expect_interpreted(text, "slug", {0, 1, 3, 5, -1, 1000});
  expect_interpreted(R"(
function own(int64 n) returns (string) {
  string text = "a b"
  string[] first = text.split(" ")
  string[] second = text.split(" ")
  first[0] = "changed"
  return join(first, "+") + join(second, "+") + string(n)
})",
                     "own", {1});
  expect_interpreted(text, "letters", {0, 101, 200});
  expect_interpreted(text, "maths", {0, 1, 40});
}

TEST(FunctionGraph, ArgumentsOfEveryType) {
  const auto program = check(R"(
function longest(string[] names) returns (string) {
  string best = ""
  for (int64 i = 0; i < names.length; i++) { if (names[i].length > best.length) { best = names[i] } }
  return best
}
function add(uint256 a, uint256[] more) returns (uint256) { return a + more[0] + more[more.length - 1] }
function norm(float64[] xs) returns (float64) {
  float64 total = 0.0
  @@ i in 0..<xs.length { total += xs[i] * xs[i] }
  return total
}
)");
  graph::Engine engine({.max_workers = 2});
  graph::JitOptions options;
  options.engine = &engine;
  const auto function = [&](const char* name) { return graph::jit(function_graph(program->module, find_function(*program->module, name)), options); };
  const Value names(std::vector<Value>{Value(std::string("a")), Value(std::string("ccc")), Value(std::string("bb"))});
  EXPECT_EQ(function("longest")(names)[0].as_string(), "ccc");
  const int64_t limbs[] = {-1, 0, 0, 0};
  const std::vector<Value> rows{Value::array(std::span<const int64_t>(limbs)), Value::array(std::span<const int64_t>(limbs))};
  EXPECT_EQ(function("add")(Value::array(std::span<const int64_t>(limbs)), Value(rows))[0].as_array().elements<int64_t>()[1], 2);
  EXPECT_THROW(function("add")(Value::array(std::span<const int64_t>(limbs).first(3)), Value(rows)), std::invalid_argument);
  std::vector<double> xs(1000);
  double expected = 0.0;
  for (size_t i = 0; i < xs.size(); ++i) {
    xs[i] = static_cast<double>(i % 10);
    expected += xs[i] * xs[i];
  }
  EXPECT_EQ(function("norm")(xs)[0].as_float64(), expected);
}

TEST(FunctionGraph, WhatCannotBeAGraphIsNamed) {
  const auto program = check(R"(
function shout(int64 x) returns (int64) { printf("%d\n", x); return x }
function asks(int64 x) returns (int64) { return shout(x) + 1 }
function loud(int64 x) returns (int64) {
  @@ i in 0..<x {
    println(i)
  }
  return x
}
struct Pair { int64 a; int64 b }
function pair(int64 x) returns (int64) {
  Pair p = Pair(x, 2)
  return p.a
}
)");
  const auto message = [&](const char* name) -> std::string {
    try {
      static_cast<void>(function_graph(program->module, find_function(*program->module, name), &program->program.texts)->analyze());
      return "";
    } catch (const graph::TracingError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(message("shout"), "`shout(int64)` cannot be a graph: main.omega:2:49: a call of the runtime's OutI64 has no operation in graphs");
  EXPECT_EQ(message("asks"), message("shout"));
  EXPECT_NE(message("loud").find("main.omega:6:12: a call of the runtime's "), std::string::npos) << message("loud");
  EXPECT_NE(message("pair").find("main.omega:12:"), std::string::npos) << message("pair");
  EXPECT_NE(message("pair").find("`new`"), std::string::npos) << message("pair");
}

TEST(FunctionGraph, RacesAreNoGraphs) {
  const auto program = check("function races(int64 n) returns (int64) {\n  int64 last = 0\n  @@ i in 0..<n { last = i }\n  return last\n}\n");
  try {
    static_cast<void>(function_graph(program->module, find_function(*program->module, "races"), &program->program.texts)->analyze());
    FAIL() << "a race became a graph";
  } catch (const graph::TracingError& error) {
    EXPECT_NE(std::string(error.what()).find("main.omega:3:"), std::string::npos) << error.what();
  }
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
