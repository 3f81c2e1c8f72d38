// SPDX-License-Identifier: Apache-2.0
// Loops written as textual IR: which are accepted, which are races and how they are named, and what becomes of them.
#include "omega/opt/parallelize.h"

#include <gtest/gtest.h>

#include "omega/ir/op_info.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::opt {
namespace {

/// A module with one loop in `main(a, b, n)`: arrays a and b, bound n; slots x, y (s64), f (f64), t (s64, of the body), r (ref, of the body).
std::string loop_text(std::string_view body, std::string_view kind = "Parallel", std::string_view after = "", std::string_view bound = "get s64 n",
                      std::string_view before = "", std::string_view others = "") {
  std::string text(others);
  text += R"(
function "main"(ref, ref, s64) -> () file 0 at 1 {
  slot a: ref "a" user depth 0 at 2
  slot b: ref "b" user depth 0 at 3
  slot n: s64 "n" user depth 0 at 4
  slot x: s64 "x" user depth 0 at 5
  slot y: s64 "y" user depth 0 at 6
  slot f: f64 "f" user depth 0 at 7
  slot i: s64 "i" user depth 1 at 20
  slot hi: s64 depth 0 at 20
  slot t: s64 "t" user depth 1 at 21
  slot r: ref "r" user depth 1 at 22
  slot j: s64 "j" user depth 2 at 23
  slot jhi: s64 depth 1 at 23
  slot w: s64 "w" user depth 0 at 8
  loop )" +
          std::string(kind) + R"( depth 0 header head body work latch latch exit done iv i hi hi step 1 threads _ parent _ at 10
entry:
  %pa = param ref 0
  %pb = param ref 1
  %pn = param s64 2
  %zero = const s64 0
  %one = const s64 1
  set a, %pa
  set b, %pb
  set n, %pn
  set x, %zero
  set y, %zero
  %fz = const.float f64 0.5
  set f, %fz
  set w, %pn
)" + std::string(before) +
          R"(
  %bound = )" +
          std::string(bound) + R"(
  set hi, %bound
  set i, %zero
  br head
head:
  %i0 = get s64 i @10
  %h0 = get s64 hi
  %c0 = lt u1 %i0, %h0
  condbr %c0, work, done
work:
  %i = get s64 i @100
  %k1 = const s64 1
)" + std::string(body) +
          R"(
  br latch
latch:
  %i9 = get s64 i @10
  %k9 = const s64 1
  %n9 = add s64 %i9, %k9
  set i, %n9
  br head
done:
)" + std::string(after) +
          R"(
  ret
}
)";
  return text;
}

/// `array[index]` read or written.
std::string get_element(std::string_view array, std::string_view index, std::string_view to, std::string_view at) {
  return "  %a" + std::string(to) + " = get ref " + std::string(array) + " @" + std::string(at) + "\n  check.index " + std::string(index) + ", %a" +
         std::string(to) + "\n  %" + std::string(to) + " = element.get s64 %a" + std::string(to) + ", " + std::string(index) + "\n";
}
std::string set_element(std::string_view array, std::string_view index, std::string_view value, std::string_view at) {
  const std::string name = "%w" + std::string(at);
  return "  " + name + " = get ref " + std::string(array) + " @" + std::string(at) + "\n  check.index " + std::string(index) + ", " + name +
         "\n  element.set " + name + ", " + std::string(index) + ", " + std::string(value) + "\n";
}

struct Outcome {
  ParallelizeResult result;
  diag::Sink sink;
  std::string text;
  [[nodiscard]] size_t parallel_fors() const {
    size_t count = 0;
    for (const ir::Function& f : result.module.functions) {
      for (const ir::Inst& inst : f.insts) {
        count += inst.op == ir::Op::ParallelFor ? 1 : 0;
      }
    }
    return count;
  }
  [[nodiscard]] size_t checks() const {
    size_t count = 0;
    for (const ir::Function& f : result.module.functions) {
      for (const ir::Inst& inst : f.insts) {
        count += inst.op == ir::Op::CallRuntime && static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::PlacesApart ? 1 : 0;
      }
    }
    return count;
  }
};

Outcome run(const std::string& text, bool auto_parallel = true) {
  Outcome outcome;
  base::NameInterner names;
  auto module = ir::parse_text(text, &names);
  EXPECT_TRUE(module.has_value()) << (module.has_value() ? "" : module.error().message) << "\n" << text;
  if (!module.has_value()) {
    return outcome;
  }
  EXPECT_EQ(ir::verify(*module), "") << text;
  ParallelizeOptions options;
  options.explain = true;
  options.processors = 2;
  options.auto_parallel = auto_parallel;
  options.names = &names;
  outcome.result = parallelize(std::move(module).value(), options, outcome.sink);
  EXPECT_EQ(ir::verify(outcome.result.module), "") << ir::print(outcome.result.module, &names);
  outcome.text = ir::print(outcome.result.module, &names);
  return outcome;
}

void expect_parallel(const std::string& text, size_t checks = 0) {
  Outcome o = run(text);
  ASSERT_FALSE(o.sink.has_errors()) << o.sink.diagnostics()[0].message() << "\n" << text;
  EXPECT_EQ(o.parallel_fors(), 1u) << o.text;
  EXPECT_EQ(o.checks(), checks) << o.text;
}

diag::Diagnostic expect_race(const std::string& text, diag::Kind kind) {
  Outcome o = run(text);
  EXPECT_TRUE(o.sink.has_errors()) << o.text;
  if (!o.sink.has_errors()) {
    return {};
  }
  const diag::Diagnostic d = o.sink.diagnostics()[0];
  EXPECT_STREQ(diag::info(d.kind).code, diag::info(kind).code) << d.message();
  EXPECT_EQ(o.parallel_fors(), 0u);
  EXPECT_FALSE(d.notes.empty());
  return d;
}

TEST(ParallelLoops, AnEmptyBodyRuns) { expect_parallel(loop_text("")); }

TEST(ParallelLoops, WritesByTheLoopVariable) {
  expect_parallel(loop_text(set_element("a", "%i", "%k1", "110")));
  expect_parallel(loop_text("  %k = const s64 7\n  %m = add checked s64 %i, %k\n" + set_element("a", "%m", "%k1", "110")));
  expect_parallel(loop_text("  %k = const s64 7\n  %m = sub checked s64 %k, %i\n" + set_element("a", "%m", "%k1", "110")));
  expect_parallel(loop_text("  %k = const s64 3\n  %m = mul checked s64 %i, %k\n  %p = add checked s64 %m, %k1\n" + set_element("a", "%p", "%k1", "110") +
                            set_element("a", "%m", "%k1", "111")));
}

TEST(ParallelLoops, ReadingAnotherArrayIsCheckedAtTheStart) {
  expect_parallel(loop_text(get_element("b", "%i", "v", "110") + set_element("a", "%i", "%v", "120")), 1);
  // Two variables whose only values are different new arrays need none.
  std::string text = loop_text(get_element("b", "%i", "v", "110") + set_element("a", "%i", "%v", "120"));
  text.replace(text.find("  set a, %pa\n  set b, %pb\n"), 26, "  %na = array.new ref %pn, 8\n  %nb = array.new ref %pn, 8\n  set a, %na\n  set b, %nb\n");
  expect_parallel(text, 0);
}

TEST(ParallelLoops, TheSameElementIsRead) { expect_parallel(loop_text(get_element("a", "%i", "v", "110") + set_element("a", "%i", "%v", "120"))); }

TEST(ParallelLoops, ANeighbourIsARace) {
  const diag::Diagnostic d = expect_race(
      loop_text("  %m = add checked s64 %i, %k1\n" + get_element("a", "%m", "v", "110") + set_element("a", "%i", "%v", "120")), diag::Kind::RaceOnElement);
  EXPECT_EQ(d.span.begin, 120u);
  EXPECT_EQ(d.notes[0].span.begin, 110u);
  EXPECT_NE(d.message().find("`a`"), std::string::npos) << d.message();
}

TEST(ParallelLoops, AFixedElementIsARace) {
  expect_race(loop_text(set_element("a", "%k1", "%i", "120")), diag::Kind::RaceOnIndex);
  expect_race(loop_text("  %k = const s64 2\n  %m = div s64 %i, %k\n" + set_element("a", "%m", "%i", "120")), diag::Kind::RaceOnIndex);
  expect_race(loop_text(get_element("b", "%i", "v", "110") + set_element("a", "%v", "%i", "120")), diag::Kind::RaceOnIndex);
  // Wrapping arithmetic may meet itself.
  expect_race(loop_text("  %k = const s64 2\n  %m = mul s64 %i, %k\n" + set_element("a", "%m", "%i", "120")), diag::Kind::RaceOnIndex);
}

TEST(ParallelLoops, Reductions) {
  expect_parallel(loop_text("  %s = get s64 x\n  %u = add checked s64 %s, %i\n  set x, %u\n", "Parallel", "  %z = get s64 x\n  set y, %z\n"));
  expect_parallel(loop_text("  %s = get s64 x\n  %u = sub checked s64 %s, %i\n  set x, %u\n"));
  expect_parallel(loop_text("  %s = get s64 x\n  %u = max s64 %s, %i\n  set x, %u\n"));
  expect_parallel(loop_text("  %s = get f64 f\n  %q = cast f64 %i\n  %u = add f64 %s, %q\n  set f, %u\n"));
}

TEST(ParallelLoops, AVariableReadElsewhereIsNoReduction) {
  const diag::Diagnostic d = expect_race(
      loop_text("  %s = get s64 x @130\n  %u = add checked s64 %s, %i\n  set x, %u @131\n  %v = get s64 x @132\n" + set_element("a", "%i", "%v", "140")),
      diag::Kind::RaceOnVariable);
  EXPECT_EQ(d.args[0], "x");
  EXPECT_EQ(d.span.begin, 131u);
  EXPECT_EQ(d.notes[0].span.begin, 132u);
}

TEST(ParallelLoops, AssigningAnOuterVariableIsARace) { expect_race(loop_text("  set x, %i @130\n"), diag::Kind::RaceOnVariable); }

TEST(ParallelLoops, VariablesOfTheBodyArePrivate) { expect_parallel(loop_text("  set t, %i\n  %v = get s64 t\n" + set_element("a", "%v", "%i", "140"))); }

TEST(ParallelLoops, AtomicsOfOneKind) {
  const std::string cell = get_element("b", "%i", "v", "110") + "  %p = get ref a @120\n  check.index %v, %p\n  %q = element.address ref %p, %v, 8\n";
  expect_parallel(loop_text(cell + "  atomic %q, %i, Add\n"), 1);
  // An element that is also read plainly.
  expect_race(loop_text(cell + "  atomic %q, %i, Add\n" + get_element("a", "%i", "z", "125")), diag::Kind::RaceOnElement);
  const std::string own = "  %v = const s64 3\n  %p = get ref a @120\n  check.index %v, %p\n  %q = element.address ref %p, %v, 8\n";
  expect_parallel(loop_text(own + "  atomic %q, %i, Add\n  atomic %q, %i, Sub\n"));
  expect_race(loop_text(own + "  atomic %q, %i, Add\n  atomic %q, %i, Min\n"), diag::Kind::RaceOfAtomics);
}

std::string row_major(std::string_view width) {
  return R"(
  %w = get s64 )" +
         std::string(width) + R"(
  set jhi, %w
  %j0 = const s64 0
  set j, %j0
  br jhead
jhead:
  %j1 = get s64 j
  %j2 = get s64 jhi
  %jc = lt u1 %j1, %j2
  condbr %jc, jbody, jdone
jbody:
  %jj = get s64 j
  %w2 = get s64 w
  %row = mul checked s64 %i, %w2
  %at = add checked s64 %row, %jj
)" + set_element("a", "%at", "%jj", "150") +
         R"(
  br jlatch
jlatch:
  %j5 = get s64 j
  %j6 = const s64 1
  %j7 = add s64 %j5, %j6
  set j, %j7
  br jhead
jdone:
)";
}

std::string with_inner_loop(std::string text) {
  const std::string before = "entry:\n";
  text.insert(text.find(before), "  loop Sequential depth 1 header jhead body jbody latch jlatch exit jdone iv j hi jhi step 1 threads _ parent 0 at 50\n");
  return text;
}

TEST(ParallelLoops, RowsOfAFlatMatrix) {
  expect_parallel(with_inner_loop(loop_text(row_major("w"))));
  // Rows longer than the stride overlap.
  expect_race(with_inner_loop(loop_text(row_major("n"))), diag::Kind::RaceOnIndex);
}

TEST(ParallelLoops, RowsOfAMatrixAreCheckedAtTheStart) {
  expect_parallel(
      loop_text("  %m = get ref a @110\n  check.index %i, %m\n  %row = element.get ref %m, %i\n  check.index %k1, %row\n  element.set %row, %k1, %i @120\n"),
      1);
}

TEST(ParallelLoops, FieldsOfElements) {
  expect_parallel(loop_text("  %m = get ref a @110\n  check.index %i, %m\n  %p = element.get ref %m, %i\n  store %p, 8, %i @120\n"), 1);
  expect_race(loop_text("  %m = get ref a @110\n  store %m, 8, %i @120\n"), diag::Kind::RaceOnField);
}

TEST(ParallelLoops, NewObjectsArePrivate) {
  expect_parallel(loop_text("  %o = new ref 16\n  set r, %o\n  %p = get ref r\n  store %p, 8, %i @120\n  %q = load s64 %p, 8\n  set t, %q\n"));
}

TEST(ParallelLoops, Pushing) {
  expect_race(loop_text("  %p = get ref a @120\n  call.runtime ArrayPushS64(%p, %i) @121\n"), diag::Kind::RaceOnLength);
  expect_race(loop_text("  %p = get ref a @120\n  %k = stack ref 8\n  call.runtime MapSet(%p, %k, %k) @121\n"), diag::Kind::RaceOnMapping);
}

constexpr std::string_view helpers = R"ir(
function "pure(int64)"(s64) -> (s64) file 0 at 0 {
b0:
  %n = param s64 0
  %m = mul checked s64 %n, %n
  ret (%m)
}
function "fill(int64[])"(ref, s64) -> () file 0 at 0 {
b0:
  %a = param ref 0
  %n = param s64 1
  %z = const s64 0
  check.index %z, %a
  element.set %a, %z, %n
  ret
}
function "sum(int64[])"(ref, s64) -> (s64) file 0 at 0 {
b0:
  %a = param ref 0
  %n = param s64 1
  check.index %n, %a
  %v = element.get s64 %a, %n
  ret (%v)
}
function "loop(int64)"(s64) -> (s64) file 0 at 0 {
b0:
  %n = param s64 0
  %m = call s64 "loop(int64)"(%n)
  ret (%m)
}
)ir";

TEST(ParallelLoops, CallsByWhatTheyDo) {
  auto text = [](std::string_view body) { return loop_text(body, "Parallel", "", "get s64 n", "", helpers); };
  expect_parallel(text("  %v = call s64 \"pure(int64)\"(%i)\n" + set_element("a", "%i", "%v", "140")));
  expect_parallel(text("  %v = call s64 \"loop(int64)\"(%i)\n" + set_element("a", "%i", "%v", "140")));
  // Reads all of b: must not be a.
  expect_parallel(text("  %b = get ref b\n  %v = call s64 \"sum(int64[])\"(%b, %i)\n" + set_element("a", "%i", "%v", "140")), 1);
  expect_race(text("  %b = get ref a\n  %v = call s64 \"sum(int64[])\"(%b, %i)\n" + set_element("a", "%i", "%v", "140")), diag::Kind::RaceOnElement);
  const diag::Diagnostic d = expect_race(text("  %b = get ref a\n  call \"fill(int64[])\"(%b, %i) @133\n"), diag::Kind::RaceInCall);
  EXPECT_EQ(d.args[0], "`fill`");
  EXPECT_EQ(d.span.begin, 133u);
  // Each iteration its own array.
  expect_parallel(text("  %o = array.new ref %k1, 8\n  call \"fill(int64[])\"(%o, %i) @133\n"));
  // Each iteration its own row.
  expect_parallel(text("  %m = get ref a\n  check.index %i, %m\n  %row = element.get ref %m, %i\n  call \"fill(int64[])\"(%row, %i) @133\n"), 1);
}

TEST(ParallelLoops, PrintingIsAllowedAndNoted) {
  Outcome o = run(loop_text("  call.runtime OutI64(%i)\n"));
  EXPECT_EQ(o.parallel_fors(), 1u);
  EXPECT_NE(o.text.find("quiet 0"), std::string::npos) << o.text;
}

TEST(ParallelLoops, ReadingInputIsARace) { expect_race(loop_text("  %s = stack ref 8\n  %q = call.runtime u1 ReadLine(%s)\n"), diag::Kind::RaceOnInput); }

TEST(ParallelLoops, LeavingIsAnError) { expect_race(loop_text("  %c = lt u1 %i, %k1\n  condbr %c, latch, done\nrest:\n"), diag::Kind::ParallelLoopLeft); }

TEST(FoundParallelism, IndependentIterations) {
  const std::string body = get_element("b", "%i", "v", "110") + "  %q = mul checked s64 %v, %v\n" + set_element("a", "%i", "%q", "120");
  Outcome o = run(loop_text(body, "Sequential"));
  ASSERT_FALSE(o.sink.has_errors());
  EXPECT_EQ(o.parallel_fors(), 1u) << o.text;
  EXPECT_EQ(o.checks(), 1u);
  ASSERT_EQ(o.result.reports.size(), 1u);
  EXPECT_EQ(o.result.reports[0].outcome, LoopOutcome::Found);
  // The sequential loop stays for arrays that overlap.
  EXPECT_NE(o.text.find("loop Sequential"), std::string::npos);
  EXPECT_EQ(run(loop_text(body, "Sequential"), false).parallel_fors(), 0u);
}

TEST(FoundParallelism, SumsThatShowTheyDidNotOverflow) {
  const std::string sum = get_element("b", "%i", "v", "110") + "  %s = get s64 x\n  %u = add checked s64 %s, %v\n  set x, %u\n";
  Outcome o = run(loop_text(sum, "Sequential"));
  ASSERT_FALSE(o.sink.has_errors());
  EXPECT_EQ(o.parallel_fors(), 1u) << o.text;
  // In the body the sum wraps; bits of the addends are collected. The sequential loop stays, checked.
  const ir::Function& body = o.result.module.functions[1];
  size_t checked = 0, bits = 0;
  for (const ir::Inst& inst : body.insts) {
    checked += inst.op == ir::Op::Add && (inst.flags & ir::kChecked) != 0 ? 1 : 0;
    bits += inst.op == ir::Op::Or ? 1 : 0;
  }
  EXPECT_EQ(checked, 0u);
  EXPECT_EQ(bits, 1u);
  EXPECT_NE(o.text.find("loop Sequential"), std::string::npos);
  // Not when it changes what it reads: it could not be run again.
  const std::string both =
      get_element("a", "%i", "v", "110") + "  %s = get s64 x\n  %u = add checked s64 %s, %v\n  set x, %u\n" + set_element("a", "%i", "%u", "120");
  EXPECT_EQ(run(loop_text(both, "Sequential")).parallel_fors(), 0u);
}

TEST(FoundParallelism, WhatForbidsIt) {
  auto reason = [](const std::string& body, std::string_view bound = "get s64 n") {
    Outcome o = run(loop_text(body, "Sequential", "", bound));
    EXPECT_FALSE(o.sink.has_errors());
    EXPECT_EQ(o.parallel_fors(), 0u) << o.text;
    return o.result.reports.empty() ? std::string() : o.result.reports[0].reason;
  };
  EXPECT_NE(reason("  %v = get s64 x @110\n  %m = mul checked s64 %v, %v\n  set x, %m @111\n").find("carried"), std::string::npos);
  EXPECT_NE(reason("  call.runtime OutI64(%i)\n").find("prints"), std::string::npos);
  EXPECT_NE(reason("  %s = get f64 f\n  %q = cast f64 %i\n  %u = add f64 %s, %q\n  set f, %u\n").find("floats"), std::string::npos);
  EXPECT_NE(reason(set_element("a", "%i", "%k1", "120"), "const s64 10").find("too little"), std::string::npos);
  EXPECT_NE(reason("  %m = add checked s64 %i, %k1\n" + get_element("a", "%m", "v", "110") + set_element("a", "%i", "%v", "120")).find("same element"),
            std::string::npos);
}

class OneFile : public diag::SourceReader {
 public:
  [[nodiscard]] std::string_view path(base::FileId) const override { return "v3.omega"; }
  [[nodiscard]] std::string_view text(base::FileId) const override { return ""; }
  [[nodiscard]] base::LineColumn locate(base::FileId, uint32_t offset) const override { return {1, offset + 1}; }
};

TEST(Explain, SaysHowManyThreadsRunWhichRange) {
  Outcome o = run(loop_text("", "Parallel", "", "const s64 100"));
  EXPECT_EQ(explain_text(o.result.reports, OneFile()), "v3.omega:1:11: 2 threads for range [0, 100)\n");
  EXPECT_NE(explain_json(o.result.reports, OneFile()).find("\"threads\":\"2\",\"range\":\"[0, 100)\""), std::string::npos);
  o = run(loop_text(""));
  EXPECT_EQ(explain_text(o.result.reports, OneFile()), "v3.omega:1:11: 2 threads for range [0, n)\n");
}

}  // namespace
}  // namespace omega::opt
