// SPDX-License-Identifier: Apache-2.0
// The interpreter on small modules written as IR text.
#include "omega/interp/interpreter.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "omega/interp/run_program.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::interp {
namespace {

Outcome run_text(std::string_view text, Options options = {}) {
  const auto module = ir::parse_text(text);
  EXPECT_TRUE(module.has_value()) << (module.has_value() ? "" : module.error().message);
  if (!module.has_value()) {
    return {};
  }
  const std::string mistakes = ir::verify(*module);
  EXPECT_EQ(mistakes, "");
  return mistakes.empty() ? run_in_child(*module, options) : Outcome{};
}

/// Runs `body` as main and expects that it prints `output`.
void expect_output(std::string_view body, std::string_view output) {
  const Outcome outcome = run_text("function \"main\"() -> () {\nb0:\n" + std::string(body) + "  ret\n}\nentry \"main\"\n");
  EXPECT_EQ(outcome.output, output) << body;
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors << body;
}

void expect_panic(std::string_view body, std::string_view message) {
  const Outcome outcome = run_text("function \"main\"() -> () {\nb0:\n" + std::string(body) + "  ret\n}\nentry \"main\"\n");
  EXPECT_NE(outcome.errors.find(message), std::string::npos) << outcome.errors << body;
  EXPECT_EQ(outcome.exit_code, 1) << body;
}

/// `op` on two constants of `type`, printed as s64 or u64.
std::string binary(std::string_view op, std::string_view type, std::string_view a, std::string_view b) {
  const std::string t(type);
  const std::string wide = t[0] == 's' ? "s64" : "u64";
  return "  %a = const " + t + " " + std::string(a) + "\n  %b = const " + t + " " + std::string(b) + "\n  %r = " + std::string(op) + " " + t +
         " %a, %b\n  %w = cast " + wide + " %r\n  call.runtime " + (t[0] == 's' ? "OutI64" : "OutU64") + "(%w)\n";
}

TEST(Interpreter, ExitCodeIsTheResultOfMain) {
  EXPECT_EQ(run_text("function \"main\"() -> (s64) {\nb:\n %x = const s64 42\n ret (%x)\n}\nentry \"main\"\n").exit_code, 42);
}

TEST(Interpreter, IntegerArithmetic) {
  expect_output(binary("add checked", "s64", "40", "2"), "42");
  expect_output(binary("add", "s8", "127", "1"), "-128");
  expect_output(binary("add", "u8", "255", "2"), "1");
  expect_output(binary("sub", "u24", "0", "1"), "16777215");
  expect_output(binary("mul", "s40", "549755813887", "2"), "-2");
  expect_output(binary("mul", "u64", "18446744073709551615", "18446744073709551615"), "1");
  expect_output(binary("div", "s64", "-7", "2"), "-3");
  expect_output(binary("mod", "s64", "-7", "2"), "-1");
  expect_output(binary("mod", "s64", "-9223372036854775808", "-1"), "0");
  expect_output(binary("div", "s64", "-9223372036854775808", "-1"), "-9223372036854775808");
  expect_output(binary("pow checked", "s64", "3", "39"), "4052555153018976267");
  expect_output(binary("shl", "s8", "1", "7"), "-128");
  expect_output(binary("shl", "u8", "1", "8"), "0");
  expect_output(binary("shr", "s16", "-5", "1"), "-3");
  expect_output(binary("shr", "s16", "-5", "100"), "-1");
  expect_output(binary("min", "u8", "200", "3"), "3");
  expect_output(binary("max", "s8", "-1", "3"), "3");
  expect_output(binary("xor", "s8", "-1", "1"), "-2");
}

TEST(Interpreter, CheckedArithmeticPanics) {
  expect_panic(binary("add checked", "s8", "127", "1"), "overflow");
  expect_panic(binary("sub checked", "u64", "1", "2"), "overflow");
  expect_panic(binary("mul checked", "s64", "9223372036854775807", "2"), "overflow");
  expect_panic(binary("div checked", "s64", "-9223372036854775808", "-1"), "overflow");
  expect_panic(binary("pow checked", "u8", "2", "8"), "overflow");
  expect_panic(binary("div", "u8", "1", "0"), "zero");
  expect_panic(binary("mod", "s64", "1", "0"), "zero");
  expect_panic(" %a = const s64 256\n %b = cast checked u8 %a\n", "");
  expect_panic(" %a = const.float f64 1e300\n %b = cast s64 %a\n", "");
}

TEST(Interpreter, WideIntegers) {
  const std::string print = "  %n = cast s256 %r\n  %p = stack ref 32\n  store %p, 0, %n\n  %t = const u32 65792\n  call.runtime OutWide(%p, %t)\n";
  auto two = [&](std::string_view op, std::string_view type, std::string_view a, std::string_view b) {
    return "  %a = const.wide " + std::string(type) + " 0x" + std::string(a) + "\n  %b = const.wide " + std::string(type) + " 0x" + std::string(b) +
           "\n  %r = " + std::string(op) + " " + std::string(type) + " %a, %b\n" + print;
  };
  expect_output(two("add checked", "u128", "ffffffffffffffff", "1"), "18446744073709551616");
  expect_output(two("mul", "u128", "ffffffffffffffffffffffffffffffff", "2"), "340282366920938463463374607431768211454");
  expect_output(two("div", "u256", "100000000000000000000", "10"), "75557863725914323419136");
  expect_output(two("min", "u72", "ff", "fe"), "254");
  expect_panic(two("add checked", "u128", "ffffffffffffffffffffffffffffffff", "1"), "overflow");
  expect_panic(two("mod", "u128", "1", "0"), "zero");
}

TEST(Interpreter, Floats) {
  auto two = [](std::string_view op, std::string_view a, std::string_view b) {
    return "  %a = const.float f64 " + std::string(a) + "\n  %b = const.float f64 " + std::string(b) + "\n  %r = " + std::string(op) +
           " f64 %a, %b\n  call.runtime OutF64(%r)\n";
  };
  expect_output(two("add", "0.1", "0.2"), "0.30000000000000004");
  expect_output(two("mod", "5.5", "2"), "1.5");
  expect_output(two("div", "1", "0"), "inf");
  expect_output(two("max", "0x7ff8000000000000", "2"), "2");
  expect_output("  %a = const.float f32 0.1\n  %b = cast f64 %a\n  call.runtime OutF64(%b)\n", "0.10000000149011612");
}

constexpr std::string_view fibonacci = R"ir(
function "fib"(s64) -> (s64) {
b0:
  %n = param s64 0
  %two = const s64 2
  %small = lt u1 %n, %two
  condbr %small, base, step
base:
  ret (%n)
step:
  %one = const s64 1
  %n1 = sub checked s64 %n, %one
  %a = call s64 "fib"(%n1)
  %n2 = sub checked s64 %n, %two
  %b = call s64 "fib"(%n2)
  %s = add checked s64 %a, %b
  ret (%s)
}
function "main"() -> () {
b0:
  %n = const s64 20
  %f = call s64 "fib"(%n)
  call.runtime OutI64(%f)
  ret
}
entry "main"
)ir";

TEST(Interpreter, Calls) { EXPECT_EQ(run_text(fibonacci).output, "6765"); }

TEST(Interpreter, LoopsThroughSlotsAndBlockArguments) {
  const std::string text = R"ir(
function "main"() -> () {
  slot i: s64
  slot sum: s64
b0:
  %zero = const s64 0
  set i, %zero
  br head
head:
  %i = get s64 i
  %n = const s64 1000
  %more = lt u1 %i, %n
  condbr %more, body, exit
body:
  %s = get s64 sum
  %i2 = get s64 i
  %t = add checked s64 %s, %i2
  set sum, %t
  %i3 = get s64 i
  %one = const s64 1
  %next = add s64 %i3, %one
  set i, %next
  br head
exit:
  %total = get s64 sum
  call.runtime OutI64(%total)
  %sep = const.string ref " "
  call.runtime OutStr(%sep)
  br swap(%zero, %one1, %ten)
swap:
  %a = arg s64 0
  %b = arg s64 1
  %left = arg s64 2
  %less = sub s64 %left, %one1
  %done = eq u1 %less, %zero
  condbr %done, end, swap(%b, %a, %less)
end:
  call.runtime OutI64(%a)
  call.runtime OutI64(%b)
  ret
}
entry "main"
)ir";
  std::string with_constants = text;
  with_constants.replace(with_constants.find("  set i, %zero"), 0, "  %one1 = const s64 1\n  %ten = const s64 10\n");
  EXPECT_EQ(run_text(with_constants).output, "499500 10");
}

TEST(Interpreter, ArraysAndBounds) {
  const std::string_view body = R"ir(
  %n = const s64 3
  %a = array.new norefs ref %n, 2
  %i = const s64 2
  %v = const s16 -7
  check.index %i, %a
  element.set %a, %i, %v
  %g = element.get s16 %a, %i
  %w = cast s64 %g
  call.runtime OutI64(%w)
  %l = array.length s64 %a
  call.runtime OutI64(%l)
)ir";
  expect_output(body, "-73");
  expect_panic(std::string(body) + "  check.index %l, %a\n", "index 3");
}

TEST(Interpreter, ClosuresAndTry) {
  const std::string_view text = R"ir(
function "adder"(ref, s64) -> (s64, u256) {
b0:
  %c = param ref 0
  %x = param s64 1
  %y = load s64 %c, 8
  %z = add checked s64 %x, %y
  %w = const.wide u256 0x10000000000000000
  ret (%z, %w)
}
function "fails"(ref, ref) -> () {
b0:
  %c = param ref 0
  %r = param ref 1
  %big = const s64 9223372036854775807
  %t = add checked s64 %big, %big
  store %r, 0, %t
  ret
}
function "works"(ref, ref) -> () {
b0:
  %c = param ref 0
  %r = param ref 1
  %v = load s64 %c, 8
  store %r, 0, %v
  ret
}
function "main"() -> () {
b0:
  %five = const s64 5
  %k = closure ref "adder"(%five)
  %v = call.closure s64 %k(%five)
  %w = result u256 %v, 1
  call.runtime OutI64(%v)
  %place = stack ref 32
  store %place, 0, %w
  %t = const u32 256
  call.runtime OutWide(%place, %t)
  %f = function ref "fails"
  %e = call.runtime ref Try(%f, %place)
  call.runtime OutStr(%e)
  %g = closure ref "works"(%v)
  %e2 = call.runtime ref Try(%g, %place)
  %null = const ref 0
  %fine = eq u1 %e2, %null
  call.runtime OutBool(%fine)
  %back = load s64 %place, 0
  call.runtime OutI64(%back)
  ret
}
entry "main"
)ir";
  const Outcome outcome = run_text(text);
  EXPECT_EQ(outcome.output.substr(0, 22), "1018446744073709551616") << outcome.errors;
  EXPECT_TRUE(outcome.output.ends_with("true10")) << outcome.output;
  expect_panic("  %n = const ref 0\n  call.closure %n()\n", "");
}

TEST(Interpreter, DeepRecursionIsAPanic) {
  const Outcome outcome =
      run_text("function \"f\"() -> () {\nb:\n call \"f\"()\n ret\n}\nfunction \"main\"() -> () {\nb:\n call \"f\"()\n ret\n}\nentry \"main\"\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.errors.find("deep"), std::string::npos) << outcome.errors;
}

constexpr std::string_view parallel_sum = R"ir(
function "body"(s64, s64, ref, ref, ref) -> () {
  slot i: s64
b0:
  %lo = param s64 0
  %hi = param s64 1
  %env = param ref 2
  %acc = param ref 3
  %at = param ref 4
  set i, %lo
  br head
head:
  %i = get s64 i
  %more = lt u1 %i, %hi
  condbr %more, inner, exit
inner:
  %f = cast f64 %i
  %s = load f64 %acc, 0
  %one = const.float f64 1
  %g = add f64 %f, %one
  %q = div f64 %one, %g
  %t = add f64 %s, %q
  store %acc, 0, %t
  %step = const s64 1
  %n = add s64 %i, %step
  set i, %n
  br head
exit:
  ret
}
function "combine"(ref, ref) -> () {
b0:
  %a = param ref 0
  %b = param ref 1
  %x = load f64 %a, 0
  %y = load f64 %b, 0
  %z = add f64 %x, %y
  store %a, 0, %z
  ret
}
function "main"() -> () {
b0:
  %lo = const s64 0
  %hi = const s64 100000
  %acc = stack ref 8
  %zero = stack ref 8
  %f0 = const.float f64 0
  store %zero, 0, %f0
  %seven = const.float f64 7
  store %acc, 0, %seven
  parallel.for %lo, %hi threads _ body "body" env %acc combine "combine" acc %acc size 8 neutral %zero cost 0 auto 0 quiet 1 at 0
  %r = load f64 %acc, 0
  call.runtime OutF64(%r)
  ret
}
entry "main"
)ir";

TEST(Interpreter, ParallelReductionHasTheSameBitsAtEveryThreadCount) {
  Options options;
  options.threads = 1;
  const Outcome one = run_text(parallel_sum, options);
  EXPECT_EQ(one.output.substr(0, 5), "19.09") << one.errors;
  for (const int32_t threads : {2, 3, 8}) {
    options.threads = threads;
    EXPECT_EQ(run_text(parallel_sum, options).output, one.output);
  }
}

/// No more files can be open than now and those of two pipes.
void leave_room_for_two_pipes() {
  int ends[4];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(pipe(ends + 2), 0);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = static_cast<rlim_t>(*std::max_element(ends, ends + 4)) + 1;
  for (const int end : ends) {
    close(end);
  }
  setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(RunInChild, DoesNotReadTheInputOfThisProcess) {
  EXPECT_EXIT(
      {
        leave_room_for_two_pipes();
        run_text("function \"main\"() -> () {\nb0:\n  ret\n}\nentry \"main\"\n");
        _exit(0);
      },
      testing::ExitedWithCode(70), "no input");
}

}  // namespace
}  // namespace omega::interp
