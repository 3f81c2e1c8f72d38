// SPDX-License-Identifier: Apache-2.0
// Whole programs: whatever is done to their loops and functions, they print what the plain IR prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "omega/check/check_testing.h"
#include "omega/interp/run_program.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "omega/opt/parallelize.h"
#include "omega/opt/pass.h"

namespace omega::opt {
namespace {

std::string first_error(diag::Sink& sink) {
  return sink.has_errors() ? std::string(diag::info(sink.diagnostics()[0].kind).code) + ": " + sink.diagnostics()[0].message() : "";
}

ParallelizeOptions options_for(const check::CheckedProgram& program, bool auto_parallel) {
  ParallelizeOptions options;
  options.auto_parallel = auto_parallel;
  options.explain = true;
  options.processors = 2;
  options.names = &program.names;
  return options;
}

interp::Outcome run(const ir::Module& module, const check::CheckedProgram& program, int threads) {
  interp::Options options;
  options.sources = &program.sources;
  options.threads = threads;
  return interp::run_in_child(module, options);
}

/// Runs the program as it is, with its loops in parallel, and optimised, before and after.
void expect_same_everywhere(const std::string& text, const std::string& name) {
  check::CheckedProgram program(text);
  ASSERT_FALSE(program.sink.has_errors()) << name << ": " << first_error(program.sink);
  ASSERT_EQ(ir::verify(program.module), "") << name;
  diag::Sink sink;
  const ParallelizeResult parallel = parallelize(program.module, options_for(program, true), sink);
  ASSERT_FALSE(sink.has_errors()) << name << ": " << first_error(sink);
  ASSERT_EQ(ir::verify(parallel.module), "") << name << "\n" << ir::print(parallel.module);
  OptimizeOptions verified;
  verified.verify = true;
  std::vector<PassTime> times;
  const ir::Module optimized = optimize(parallel.module, verified, times);
  ASSERT_EQ(ir::verify(optimized), "") << name;
  const ParallelizeResult explicit_only = parallelize(program.module, options_for(program, false), sink);
  // What the loops mean: ParallelFor with the explicit ones, on one thread.
  const interp::Outcome expected = run(explicit_only.module, program, 1);
  for (const int threads : {1, 2, 4}) {
    for (const ir::Module* module : {&parallel.module, &optimized}) {
      const interp::Outcome seen = run(*module, program, threads);
      EXPECT_EQ(seen.output, expected.output) << name << (module == &optimized ? " optimised" : "") << " on " << threads << " threads";
      EXPECT_EQ(seen.exit_code, expected.exit_code) << name << ": " << seen.errors;
      EXPECT_EQ(seen.errors, expected.errors) << name;
    }
  }
}

/// The code of the race that the program has; "" for none.
std::string race(const std::string& text) {
  check::CheckedProgram program(text);
  EXPECT_FALSE(program.sink.has_errors()) << first_error(program.sink) << "\n" << text;
  diag::Sink sink;
  parallelize(program.module, options_for(program, true), sink);
  if (!sink.has_errors()) {
    return "";
  }
  const diag::Diagnostic& d = sink.diagnostics()[0];
  EXPECT_FALSE(d.notes.empty()) << d.message();
  EXPECT_TRUE(d.span.valid());
  return diag::info(d.kind).code;
}

std::string explained(const std::string& text) {
  check::CheckedProgram program(text);
  EXPECT_FALSE(program.sink.has_errors()) << first_error(program.sink);
  diag::Sink sink;
  return explain_text(parallelize(program.module, options_for(program, true), sink).reports, program.sources);
}

TEST(Programs, FlapLoops) {
  expect_same_everywhere("2 @ i in 0..<10 {\n}\nprintf(\"done\\n\")\n", "v1");
  expect_same_everywhere("4 @ i in 0..<10 {\n  printf(\"Thread: %v\\n\", i)\n}\n", "v2");
  expect_same_everywhere("@@ i in 0..<100 {\n  printf(\"Item: %v\\n\", i)\n}\n", "v3");
  EXPECT_EQ(explained("@@ i in 0..<100 {\n  printf(\"Item: %v\\n\", i)\n}\n"), "main.omega:1:1: 2 threads for range [0, 100)\n");
}

TEST(Programs, ReductionsAndArrays) {
  expect_same_everywhere(R"(let n = 1000
let a = new int64[](n)
let b = new int64[](n)
@@ i in 0..<n { a[i] = i * 3 }
@@ i in 0..<n { b[i] = a[i] + 1 }
int64 total = 5
@@ i in 0..<n { total += b[i] }
int64 less = 0
@@ i in 0..<n { less -= b[i] }
int64 most = -1
@@ i in 0..<n { most = max(most, b[i] % 101) }
float64 f = 0.0
@@ i in 0..<n { f += 1.0 / (float64(i) + 1.0) }
printf("%v %v %v %v\n", total, less, most, f)
@@ i in 0..<n { int64 own = i; own += 2; a[i] = own * own }
int64 plain = 0
@ i in 0..<n { plain += a[i] }
printf("%v\n", plain)
)",
                         "reductions");
}

TEST(Programs, MatricesAndStructs) {
  expect_same_everywhere(R"(struct P { int64 x; int64 y; }
function dot(float64[][] a, float64[][] b, int64 i, int64 j, int64 n) returns (float64) {
  float64 s = 0.0
  @ k in 0..<n { s += a[i][k] * b[k][j] }
  return s
}
let n = 24
let a = new float64[][](n)
let b = new float64[][](n)
let c = new float64[][](n)
@ i in 0..<n { a[i] = new float64[](n); b[i] = new float64[](n); c[i] = new float64[](n) }
@@ i in 0..<n { @ j in 0..<n { a[i][j] = float64(i + j); b[i][j] = float64(i - j) } }
@@ i in 0..<n { @ j in 0..<n { c[i][j] = dot(a, b, i, j, n) } }
let flat = new int64[](n * n)
@@ i in 0..<n { @ j in 0..<n { flat[i * n + j] = i * j } }
int64 check = 0
@ i in 0..<n * n { check += flat[i] }
printf("%v %v %v\n", c[3][4], c[23][23], check)
let ps = new P[](n)
@ i in 0..<n { ps[i] = P(i, 0) }
@@ i in 0..<n { ps[i].y = ps[i].x * 2 }
printf("%v %v\n", ps[5].y, ps[23].y)
)",
                         "matrices");
}

TEST(Programs, FoundSums) {
  expect_same_everywhere(R"(function total(int64[] xs) returns (int64) {
  int64 s = 0
  for (int64 i = 0; i < xs.length; i++) { s += xs[i] * 2 }
  return s
}
let xs = new int64[](200000)
@ i in 0..<xs.length { xs[i] = i * i - 1000 }
printf("%v\n", total(xs))
uint8 small = 0
@ i in 0..<100 { small += 2 }
printf("%v\n", small)
)",
                         "sums");
  // The sum passes the largest number on the way and comes back: an overflow wherever it is cut.
  expect_same_everywhere(R"(let xs = new int64[](200000)
@ i in 0..<xs.length { xs[i] = 1 }
xs[0] = 9223372036854775807
xs[199999] = -200000
int64 s = 0
@ i in 0..<xs.length { s += xs[i] }
printf("%v\n", s)
)",
                         "overflow");
  // Fails in the middle.
  expect_same_everywhere(R"(let xs = new int64[](200000)
int64 s = 0
@ i in 0..<200001 { s += xs[i] }
printf("%v\n", s)
)",
                         "out of bounds");
}

TEST(Programs, PanicsInParallelLoops) {
  expect_same_everywhere("let a = new int64[](50)\n@@ i in 0..<100 {\n  a[i] = i\n}\nprintf(\"never\\n\")\n", "index");
  expect_same_everywhere("let a = new int64[](10)\nlet b = a\n@@ i in 1..<10 {\n  a[i] = b[i - 1]\n}\nprintf(\"never\\n\")\n", "aliased");
  expect_same_everywhere("let a = new int64[](10)\nlet b = a\n@@ i in 0..<10 {\n  a[i] = b[i] + i\n}\nprintf(\"%v\\n\", a)\n", "the same, same index");
}

TEST(Programs, NestedAndNarrow) {
  expect_same_everywhere(R"(let a = new int64[](64)
@@ i in 0..<8 {
  @@ j in 0..<8 { a[i * 8 + j] = i * j }
}
printf("%v\n", a)
let b = new int64[](20)
@@ i in uint8(3)..<uint8(17) { b[i] = int64(i) * 2 }
printf("%v\n", b)
let names = ["a", "b", "c"]
@@ s in names { printf("<%s>\n", s) }
for (int64 i = 0; i < 20; i += 3) { b[i] = -1 }
printf("%v\n", b)
)",
                         "nested");
}

TEST(Programs, Races) {
  EXPECT_EQ(race("int64 x = 0\n@@ i in 0..<10 { x = i }\n"), "E0601");
  EXPECT_EQ(race("int64 x = 0\n@@ i in 0..<10 { x += i; printf(\"%v\", x) }\n"), "E0601");
  EXPECT_EQ(race("let a = new int64[](10)\n@@ i in 1..<10 { a[i] = a[i - 1] }\n"), "E0602");
  EXPECT_EQ(race("let a = new int64[](10)\n@@ i in 0..<10 { a[i / 2] = i }\n"), "E0603");
  EXPECT_EQ(race("struct P { int64 x; }\nP p = P(1)\n@@ i in 0..<10 { p.x = i }\n"), "E0604");
  EXPECT_EQ(race("int64[] a\n@@ i in 0..<10 { a.push(i) }\n"), "E0605");
  EXPECT_EQ(race("function f(int64[] a) { a[0] = 1 }\nlet a = new int64[](10)\n@@ i in 0..<10 { f(a) }\n"), "E0607");
  EXPECT_EQ(race("let a = new int64[](10)\n@@ i in 0..<10 { a[i] = i }\n"), "");
  EXPECT_EQ(race("let a = new int64[](10)\n@@ i in 0..<5 { a[2 * i] = a[2 * i + 1] }\n"), "");
  EXPECT_EQ(race("let a = new int64[](20)\n@@ i in 0..<10 { a[i] = a[i + 10] }\n"), "");
}

TEST(Programs, OfTheLanguagePage) {
  uint32_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(OMEGA_SOURCE_ROOT) / "test/language")) {
    if (entry.path().extension() != ".omega") {
      continue;
    }
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    check::CheckedProgram program(text);
    if (program.sink.has_errors() || text.find("clock_ns") != std::string::npos || text.find("read_") != std::string::npos) {
      continue;  // programs that show a mistake, import others or depend on the world
    }
#ifdef __SANITIZE_THREAD__
    if (entry.path().stem() == "timeout_of_a_busy_loop") {
      continue;  // ThreadSanitizer holds signals back until the next system call, and this loop makes none
    }
#endif
    diag::Sink sink;
    parallelize(program.module, options_for(program, true), sink);
    if (sink.has_errors()) {
      continue;  // programs that show a race
    }
    ++count;
    expect_same_everywhere(text, entry.path().filename().string());
  }
  EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace omega::opt
