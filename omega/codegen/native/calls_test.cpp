// SPDX-License-Identifier: Apache-2.0
// Arguments, results, closures; frames; registers when there are too few.
#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

TEST(Calls, SeveralResultsOfAllKinds) {
  const std::string callee = R"(
function "many"(s64) -> (s64, f64, u8, u256, f32, ref) at 0 {
b0:
  %x = param s64 0
  %f = cast f64 %x
  %b = const u8 7
  %w = cast u256 %x
  %ww = mul u256 %w, %w
  %s = cast f32 %f
  %t = const.string ref "text"
  ret (%x, %f, %b, %ww, %s, %t)
}
function "two"(s64, s64) -> (s64, s64) at 0 {
b0:
  %x = param s64 0
  %y = param s64 1
  ret (%y, %x)
}
)";
  const Outcome o = run_text(callee + main_with(R"(
  %n = const s64 5
  %a = call s64 "many"(%n)
  %b = result f64 %a, 1
  %c = result u8 %a, 2
  %d = result u256 %a, 3
  %e = result f32 %a, 4
  %g = result ref %a, 5
  call.runtime OutI64(%a)
  call.runtime OutF64(%b)
  %c64 = cast u64 %c
  call.runtime OutU64(%c64)
  %d64 = cast u64 %d
  call.runtime OutU64(%d64)
  call.runtime OutF32(%e)
  call.runtime OutStr(%g)
  %six = const s64 6
  %p = call s64 "two"(%n, %six)
  %q = result s64 %p, 1
  call.runtime OutI64(%p)
  call.runtime OutI64(%q)
)"));
  EXPECT_EQ(o.output, "557255text65");
}

// The second result is used in another block, so it leaves its register at once: the call that follows must not save it from there.
TEST(Calls, SecondResultsOutliveTheNextCall) {
  const Outcome o = run_text(R"(function "two"() -> (s64, u64) file 0 at 0 {
b0:
  %a = const s64 1
  %b = const u64 7
  ret (%a, %b)
}
function "main"() -> () file 0 at 0 {
b0:
  %first = call s64 "two"()
  %second = result u64 %first, 1
  call.runtime OutI64(%first)
  br b1
b1:
  call.runtime OutU64(%second)
  %more = add u64 %second, %second
  call.runtime OutU64(%more)
  ret ()
}
entry "main"
)");
  EXPECT_EQ(o.output, "1714") << o.errors;
}

TEST(Calls, ManyArguments) {
  std::string params, body, args, sum = "  %s0 = const s64 0\n";
  std::string constants;
  for (int k = 0; k < 20; ++k) {
    const bool is_float = k % 3 == 2;
    const std::string n = std::to_string(k);
    params += std::string(k ? ", " : "") + (is_float ? "f64" : "s64");
    body += "  %p" + n + " = param " + (is_float ? "f64 " : "s64 ") + n + "\n";
    if (is_float) {
      sum += "  %i" + n + " = cast s64 %p" + n + "\n";
    }
    sum += "  %f" + n + " = const s64 " + std::to_string(k + 1) + "\n  %m" + n + " = mul s64 " + (is_float ? "%i" : "%p") + n + ", %f" + n + "\n  %s" +
           std::to_string(k + 1) + " = add s64 %s" + n + ", %m" + n + "\n";
    constants += "  %c" + n + " = const" + (is_float ? ".float f64 " : " s64 ") + std::to_string(k * 10) + (is_float ? ".0" : "") + "\n";
    args += std::string(k ? ", " : "") + "%c" + n;
  }
  int64_t wanted = 0;
  for (int64_t k = 0; k < 20; ++k) {
    wanted += k * 10 * (k + 1);
  }
  const Outcome o = run_text("function \"f\"(" + params + ") -> (s64) at 0 {\nb0:\n" + body + sum + "  ret (%s20)\n}\n" +
                             main_with(constants + "  %r = call s64 \"f\"(" + args + ")\n  call.runtime OutI64(%r)\n"));
  EXPECT_EQ(o.output, std::to_string(wanted));
}

TEST(Calls, RegisterPressure) {
  // Sixty values live at once, local to the block and then across a call.
  std::string text =
      "function \"id\"(s64) -> (s64) at 0 {\nb0:\n  %x = param s64 0\n  ret (%x)\n}\nfunction \"f\"(s64, f64) -> (s64) at 0 {\nb0:\n  %p = param s64 0\n  %g = "
      "param f64 1\n";
  for (int k = 0; k < 60; ++k) {
    const std::string n = std::to_string(k);
    text += "  %k" + n + " = const s64 " + n + "\n  %v" + n + " = mul s64 %p, %k" + n + "\n  %kf" + n + " = cast f64 %k" + n + "\n  %w" + n +
            " = mul f64 %g, %kf" + n + "\n";
  }
  text += "  %t0 = call s64 \"id\"(%p)\n  %u0 = const.float f64 0.0\n";
  for (int k = 0; k < 60; ++k) {
    const std::string n = std::to_string(k), m = std::to_string(k + 1);
    text += "  %t" + m + " = add s64 %t" + n + ", %v" + n + "\n  %u" + m + " = add f64 %u" + n + ", %w" + n + "\n";
  }
  text += "  %ui = cast s64 %u60\n  %r = add s64 %t60, %ui\n  ret (%r)\n}\n";
  const Outcome o = run_text(text + main_with("  %n = const s64 3\n  %h = const.float f64 0.5\n  %r = call s64 \"f\"(%n, %h)\n  call.runtime OutI64(%r)\n"));
  EXPECT_EQ(o.output, std::to_string(3 + 3 * 1770 + 885)) << o.errors;
}

TEST(Calls, ClosuresCapture) {
  const Outcome o = run_text(R"(
function "add"(ref, s64) -> (s64) at 0 {
b0:
  %c = param ref 0
  %x = param s64 1
  %a = load s64 %c, 8
  %f = load f64 %c, 16
  %w = load u256 %c, 24
  %fi = cast s64 %f
  %wi = cast s64 %w
  %r = add s64 %x, %a
  %r2 = add s64 %r, %fi
  %r3 = add s64 %r2, %wi
  ret (%r3)
}
)" + main_with(R"(
  %a = const s64 100
  %f = const.float f64 20.0
  %w = const.wide u256 0x3
  %k = closure ref "add"(%a, %f, %w)
  %one = const s64 1000
  %r = call.closure s64 %k(%one)
  call.runtime OutI64(%r)
  %p = function ref "add"
  %null = const ref 0
  %r3 = call.closure s64 %null(%one)
)"));
  EXPECT_EQ(o.output, "1123") << o.errors;
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_NE(o.errors.find("call of an unset function value"), std::string::npos) << o.errors;
}

TEST(Calls, FunctionReferences) {
  EXPECT_EQ(run_text(R"(
function "twice"(ref, s64) -> (s64) at 0 {
b0:
  %c = param ref 0
  %x = param s64 1
  %r = add s64 %x, %x
  ret (%r)
}
)" + main_with(R"(
  %f = function ref "twice"
  %n = const s64 21
  %r = call.closure s64 %f(%n)
  call.runtime OutI64(%r)
)"))
                .output,
            "42");
}

TEST(Calls, DeepRecursionIsReported) {
  const Outcome o = run_text(R"(
function "down"(s64) -> (s64) at 0 {
b0:
  %n = param s64 0
  %big = stack ref 5000
  store %big, 8, %n
  %one = const s64 1
  %m = add s64 %n, %one
  %r = call s64 "down"(%m)
  %s = load s64 %big, 8
  %t = add s64 %r, %s
  ret (%t)
}
)" + main_with("  %z = const s64 0\n  %r = call s64 \"down\"(%z)\n  call.runtime OutI64(%r)\n"));
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_NE(o.errors.find("stack overflow"), std::string::npos) << o.errors;
}

TEST(Calls, LargeFrame) {
  EXPECT_EQ(run_text(main_with(R"(
  %big = stack ref 1000000
  %seven = const s64 7
  store %big, 999992, %seven
  %i = const s64 124999
  %v = fixed.get s64 %big, %i
  %w = load s64 %big, 500000
  %r = add s64 %v, %w
  call.runtime OutI64(%r)
)"))
                .output,
            "7");
}

}  // namespace
}  // namespace omega::codegen::native
