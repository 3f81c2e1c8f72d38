// SPDX-License-Identifier: Apache-2.0
// The executable's bytes depend on the program alone: not on threads, and not on whether instructions were forgotten on the way.
#include "omega/compile/native.h"

#include <gtest/gtest.h>

#include <string>

#include "omega/compile/loops.h"
#include "omega/sys/memory_files.h"

namespace omega::compile {
namespace {

/// Enough functions for several runs, among them every kind that cannot be compiled right away: generic ones and what calls them, lambdas, parallel loops and
/// plain ones that may become so, with what they call; results that go through memory.
std::string program_text() {
  std::string text =
      "function twice<T>(T x) returns (T) { return x + x }\n"
      "function apply(function(int64) returns (int64) f, int64 x) returns (int64) { return f(x) }\n"
      "function pair(int64 x) returns (int64, uint256) { return (x, uint256(7)) }\n";
  for (int i = 0; i < 700; ++i) {
    const std::string n = std::to_string(i);
    const std::string before = i == 0 ? "x" : "leaf" + std::to_string(i - 1) + "(x % 7)";
    text += "function leaf" + n + "(int64 x) returns (int64) { if (x > " + n + ") { return x - " + n + " }\n return " + before + " + " + n + " }\n";
    if (i % 100 == 50) {
      text += "function loop" + n + "(int64[] xs) { @@ i in 0..<xs.length { xs[i] = leaf" + n + "(i) + pair(i)[0] } }\n";
      text += "function found" + n + "(int64[] xs) { for (int64 i = 0; i < xs.length; i++) { xs[i] = leaf" + n + "(xs[i]) } }\n";
      text += "function other" + n + "(int64 x) returns (int64) { return apply(y => leaf" + n + "(y) + x, twice(x)) }\n";
    }
  }
  return text + "let xs = new int64[](1000)\nloop50(xs)\nfound650(xs)\nprintf(\"%d %d\\n\", xs[7], other350(3))\n";
}

struct Built {
  std::vector<uint8_t> image;
  size_t forgotten = 0;
};

Built build(unsigned threads, size_t largest_kept, LoadUntil until = LoadUntil::Outlines) {
  sys::MemoryFiles files;
  EXPECT_TRUE(files.write_file("main.omega", program_text()));
  task::Scheduler scheduler(threads);
  PhaseTimes times;
  diag::Sink sink;
  LoadedProgram program;
  EXPECT_TRUE(load(program, "main.omega", until, files, scheduler, times, sink));
  const opt::ParallelizeOptions loops{.names = &program.names};
  NativeCode code(program, loops, scheduler);
  std::optional<CheckedProgram> made = check_program(program, {&code, largest_kept}, scheduler, times, sink);
  EXPECT_TRUE(made.has_value());
  CheckedProgram& checked = *made;
  Built built;
  for (ir::FunctionId id = 0; id < checked.forgotten.size(); ++id) {
    built.forgotten += checked.is_forgotten(id) ? 1 : 0;
  }
  parallelize_loops(checked, loops, scheduler, times, sink);
  code.finish(checked.module, times, sink);
  EXPECT_FALSE(sink.has_errors()) << (sink.has_errors() ? diag::info(sink.diagnostics()[0].kind).message : "");
  const auto linked = code.link(checked.module, {.name = "main"}, times);
  EXPECT_TRUE(linked);
  const base::PodVector<uint8_t> image = linked->joined();
  built.image.assign(image.begin(), image.end());
  return built;
}

TEST(NativeCode, BytesDoNotDependOnThreadsOrOnForgettingOrDeferredBodies) {
  const Built kept = build(1, 1 << 20, LoadUntil::Trees);
  EXPECT_EQ(kept.forgotten, 0u);
  for (const unsigned threads : {1u, 2u, 4u}) {
    const Built forgetful = build(threads, 0);
    EXPECT_GT(forgetful.forgotten, 600u);
    EXPECT_TRUE(forgetful.image == kept.image) << threads << " threads";
    EXPECT_TRUE(build(threads, 1 << 20).image == kept.image) << threads << " threads";
  }
}

}  // namespace
}  // namespace omega::compile
