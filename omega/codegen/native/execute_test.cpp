// SPDX-License-Identifier: Apache-2.0
// Programs of textual IR, compiled, linked and run: control, calls, registers under pressure, frames, failures.
#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

TEST(Execute, ReturnsItsExitCode) {
  EXPECT_EQ(run_text(R"(
function "main"() -> (s64) at 0 {
b0:
  %a = const s64 42
  ret (%a)
}
entry "main")")
                .exit_code,
            42);
}

TEST(Execute, MainWithoutResultExitsWithZero) {
  const Outcome o = run_text(R"(
function "main"() -> () at 0 {
b0:
  %s = const.string ref "hello\x0a"
  call.runtime OutStr(%s)
  ret
}
entry "main")");
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_EQ(o.output, "hello\n");
}

TEST(Execute, LoopOverSlots) {
  EXPECT_EQ(run_text(R"(
function "main"() -> (s64) at 0 {
  slot i: s64 depth 0 at 0
  slot sum: s64 depth 0 at 0
b0:
  %zero = const s64 0
  set i, %zero
  set sum, %zero
  br head
head:
  %i = get s64 i
  %ten = const s64 10
  %c = lt u1 %i, %ten
  condbr %c, body, done
body:
  %s = get s64 sum
  %i2 = get s64 i
  %t = add checked s64 %s, %i2
  set sum, %t
  %i3 = get s64 i
  %one = const s64 1
  %n = add s64 %i3, %one
  set i, %n
  br head
done:
  %r = get s64 sum
  ret (%r)
}
entry "main")")
                .exit_code,
            45);
}

TEST(Execute, RecursionAndPrinting) {
  const Outcome o = run_text(R"(
function "fib"(s64) -> (s64) at 0 {
  slot n: s64 depth 0 at 0
b0:
  %p = param s64 0
  set n, %p
  %n = get s64 n
  %two = const s64 2
  %c = lt u1 %n, %two
  condbr %c, small, large
small:
  %r = get s64 n
  ret (%r)
large:
  %a = get s64 n
  %one = const s64 1
  %b = sub checked s64 %a, %one
  %x = call s64 "fib"(%b)
  %d = get s64 n
  %e = const s64 2
  %f = sub checked s64 %d, %e
  %y = call s64 "fib"(%f)
  %z = add checked s64 %x, %y
  ret (%z)
}
function "main"() -> () at 0 {
b0:
  %n = const s64 25
  %r = call s64 "fib"(%n)
  call.runtime OutI64(%r)
  ret
}
entry "main")");
  EXPECT_EQ(o.output, "75025");
  EXPECT_EQ(o.exit_code, 0);
}

TEST(Execute, BlockArgumentsExchange) {
  // (a, b) = (b, a + b) needs the old values of both.
  const Outcome o = run_text(R"(
function "main"() -> (s64) at 0 {
b0:
  %zero = const s64 0
  %one = const s64 1
  br head(%zero, %one, %zero)
head:
  %a = arg s64 0
  %b = arg s64 1
  %i = arg s64 2
  %ten = const s64 12
  %c = lt u1 %i, %ten
  condbr %c, body, done(%a)
body:
  %s = add s64 %a, %b
  %u = const s64 1
  %j = add s64 %i, %u
  br head(%b, %s, %j)
done:
  %r = arg s64 0
  ret (%r)
}
entry "main")");
  EXPECT_EQ(o.exit_code, 144);
}

TEST(Execute, OverflowPanics) {
  const Outcome o = run_text(R"(
function "main"() -> (s64) at 0 {
  slot x: s64 depth 0 at 0
b0:
  %m = const s64 9223372036854775807
  set x, %m
  %x = get s64 x
  %one = const s64 1
  %y = add checked s64 %x, %one
  ret (%y)
}
entry "main")");
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_NE(o.errors.find("arithmetic overflow"), std::string::npos) << o.errors;
}

}  // namespace
}  // namespace omega::codegen::native
