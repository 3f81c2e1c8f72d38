// SPDX-License-Identifier: Apache-2.0
// Loops, jumps, checks that fail.
#include <algorithm>

#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

TEST(Control, ParallelLoopWithReduction) {
  const Outcome o = run_text(R"(
function "body"(s64, s64, ref, ref, ref) -> () at 0 {
  slot i: s64 depth 0 at 0
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
  %c = lt u1 %i, %hi
  condbr %c, go, done
go:
  %i1 = get s64 i
  store %at, 0, %i1
  %k = load s64 %env, 0
  %m = mul checked s64 %i1, %k
  %s = load s64 %acc, 0
  %t = add checked s64 %s, %m
  store %acc, 0, %t
  %one = const s64 1
  %n = add s64 %i1, %one
  set i, %n
  br head
done:
  ret
}
function "combine"(ref, ref) -> () at 0 {
b0:
  %a = param ref 0
  %b = param ref 1
  %x = load s64 %a, 0
  %y = load s64 %b, 0
  %z = add checked s64 %x, %y
  store %a, 0, %z
  ret
}
)" + main_with(R"(
  %env = stack ref 8
  %three = const s64 3
  store %env, 0, %three
  %acc = stack ref 8
  %neutral = stack ref 8
  %lo = const s64 0
  %hi = const s64 100000
  parallel.for %lo, %hi threads _ body "body" env %env combine "combine" acc %acc size 8 neutral %neutral cost 3 auto 0 quiet 1 at 0
  %two = const s64 2
  parallel.for %lo, %hi threads %two body "body" env %env combine "combine" acc %acc size 8 neutral %neutral cost 3 auto 0 quiet 1 at 0
  %r = load s64 %acc, 0
  call.runtime OutI64(%r)
)"));
  EXPECT_EQ(o.output, std::to_string(2 * 3 * (99999LL * 100000 / 2))) << o.errors;
}

TEST(Control, ChecksAndPanicsTellTheirText) {
  const Outcome o = run_text(main_with(R"(
  %yes = const u1 1
  %m = const.string ref "must not appear"
  check %yes, %m, Require
  %a = const s64 1
  %args = call.runtime ref Args()
  %n = array.length s64 %args
  %c = gt u1 %n, %a
  %m2 = const.string ref "needs more"
  check %c, %m2, Require
)"));
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_EQ(o.errors, "error: needs more\n");
  const Outcome p = run_text("function \"main\"() -> () at 0 {\nb0:\n  %m = const.string ref \"why\"\n  panic Assert, %m\n}\nentry \"main\"");
  EXPECT_EQ(p.errors, "error: assertion failed: why\n");
  const Outcome u = run_text("function \"main\"() -> () at 0 {\nb0:\n  unreachable\n}\nentry \"main\"");
  EXPECT_EQ(u.exit_code, 1);
}

// Jumps over code of every length around what a byte reaches, forward and back.
TEST(Control, JumpsReachOverCodeOfEveryLength) {
  std::string functions, calls, expected;
  const auto add = [&](const std::string& name, const std::string& type, int additions) {
    functions += "function \"" + name + "\"(s64) -> (s64) file 0 at 0 {\n  slot s0: " + type + " depth 0 at 0\nb0:\n  %x = param s64 0\n  %w = cast " + type +
                 " %x\n  set s0, %w\n  br b1\nb1:\n  %now = get " + type + " s0\n  %limit = const " + type +
                 " 1000\n  %more = lt u1 %now, %limit\n  condbr %more, b2, b3\nb2:\n  %v0 = get " + type + " s0\n";
    for (int k = 0; k < additions; ++k) {
      const std::string n = std::to_string(k);
      functions += "  %v" + std::to_string(k + 1) + " = add " + type + " %v" + n + ", %v0\n";
    }
    functions += "  set s0, %v" + std::to_string(additions) + "\n  br b1\nb3:\n  %end = get " + type + " s0\n  %result = cast s64 %end\n  ret (%result)\n}\n";
    calls += "  %r" + name + " = call s64 \"" + name + "\"(%three)\n  call.runtime OutI64(%r" + name + ")\n  call.runtime OutStr(%space)\n";
    int64_t value = 3;
    while (value < 1000) {
      value *= additions + 1;
    }
    expected += std::to_string(value) + " ";
  };
  for (int additions = 1; additions <= 60; ++additions) {
    add("n" + std::to_string(additions), "s64", additions);
  }
  for (int additions = 1; additions <= 12; ++additions) {
    add("w" + std::to_string(additions), "s256", additions);
  }
  const Outcome o = run_text(functions + "function \"main\"() -> () file 0 at 0 {\nb0:\n  %three = const s64 3\n  %space = const.string ref \" \"\n" + calls +
                             "  ret ()\n}\nentry \"main\"\n");
  EXPECT_EQ(o.output, expected) << o.errors;
}

/// A function that counts from its first parameter to its second, in slots or in block arguments, and prints `body`'s numbers.
std::string counting(std::string_view body) {
  return R"(
function "slots"(s64, s64) -> (s64) at 0 {
  slot i: s64 depth 0 at 0
b0:
  %lo = param s64 0
  %hi = param s64 1
  set i, %lo
  br head
head:
  %i = get s64 i
  %c = lt u1 %i, %hi
  condbr %c, work, done
work:
)" + std::string(body) +
         R"(  br latch
latch:
  %i2 = get s64 i
  %one = const s64 1
  %next = add s64 %i2, %one
  set i, %next
  br head
done:
  %r = get s64 i
  ret (%r)
}
function "values"(s64, s64) -> (s64) at 0 {
b0:
  %lo = param s64 0
  %hi = param s64 1
  br head(%lo)
head:
  %i = arg s64 0
  %c = lt u1 %i, %hi
  condbr %c, work, done
work:
)" + std::string(body) +
         R"(  br latch
latch:
  %one = const s64 1
  %next = add s64 %i, %one
  br head(%next)
done:
  ret (%i)
}
)";
}

TEST(Control, AnIterationOfAShortLoopTakesOneBranch) {
  const auto module = ir::parse_text(counting(""));
  ASSERT_TRUE(module.has_value());
  const ModuleView view{{module->functions.data(), module->functions.size()}, {}};
  for (ir::FunctionId f = 0; f < 2; ++f) {
    CodeBuffer buffer;
    Scratch scratch;
    diag::Sink sink;
    ASSERT_TRUE(compile_function(module->functions[f], f, view, scratch, buffer, sink));
    // cmp, jge, room; add, cmp, jl back to the aligned add; mov, ret
    const uint8_t* code = buffer.code.data() + buffer.functions[0].begin;
    const uint8_t* end = buffer.code.data() + buffer.functions[0].end;
    const uint8_t loop[] = {0x48, 0x83, 0xc7, 0x01, 0x48, 0x3b, 0xfe, 0x7c, 0xf7};
    const uint8_t* at = std::search(code, end, std::begin(loop), std::end(loop));
    ASSERT_NE(at, end) << "function " << f;
    EXPECT_EQ((at - code) % 16, 0);
    EXPECT_EQ(std::find(code, end, 0xeb), end) << "function " << f;
  }
}

TEST(Control, LoopsOfEveryCountAndLength) {
  // Longer bodies make the loop end with a jump back to its test instead.
  for (const int operations : {0, 1, 3, 12}) {
    std::string body = "  call.runtime OutI64(%i)\n";
    for (int k = 0; k < operations; ++k) {
      body += "  %k" + std::to_string(k) + " = const s64 " + std::to_string(k) + "\n  %p" + std::to_string(k) + " = add checked s64 %i, %k" +
              std::to_string(k) + "\n  call.runtime OutI64(%p" + std::to_string(k) + ")\n";
    }
    std::string expected;
    const auto wants = [&](int lo, int hi) {
      for (int i = lo; i < hi; ++i) {
        expected += std::to_string(i);
        for (int k = 0; k < operations; ++k) {
          expected += std::to_string(i + k);
        }
      }
      expected += std::to_string(std::max(lo, hi)) + " ";
    };
    std::string calls = "  %lo = const s64 3\n";
    int number = 0;
    for (const char* function : {"slots", "values"}) {
      for (const int hi : {2, 3, 4, 9}) {
        const std::string n = std::to_string(number++);
        calls += "  %h" + n + " = const s64 " + std::to_string(hi) + "\n  %r" + n + " = call s64 \"" + function + "\"(%lo, %h" + n + ")\n";
        calls += print_of("s64", "%r" + n);
        wants(3, hi);
      }
    }
    EXPECT_EQ(run_text(counting(body) + main_with(calls)).output, expected);
  }
}

TEST(Control, LoopsPassTheirValuesRound) {
  // Each iteration's values are made of those before, which the result of the last addition must not overwrite too early.
  const Outcome o = run_text(R"(
function "fibonacci"(s64) -> (s64) at 0 {
b0:
  %n = param s64 0
  %zero = const s64 0
  %one = const s64 1
  br head(%zero, %one, %zero)
head:
  %a = arg s64 0
  %b = arg s64 1
  %i = arg s64 2
  %c = lt u1 %i, %n
  condbr %c, work, done
work:
  %next = add s64 %i, %one
  %s = add s64 %a, %b
  br head(%b, %s, %next)
done:
  ret (%a)
}
function "turns"(s64) -> (s64) at 0 {
b0:
  %n = param s64 0
  %zero = const s64 0
  %one = const s64 1
  br head(%one, %zero)
head:
  %x = arg s64 0
  %i = arg s64 1
  %c = lt u1 %i, %n
  condbr %c, work, done
work:
  %y = sub s64 %i, %x
  %next = add s64 %i, %one
  br head(%y, %next)
done:
  ret (%x)
}
function "lags"(s64) -> (s64) at 0 {
b0:
  %n = param s64 0
  %zero = const s64 0
  %one = const s64 1
  br head(%zero, %zero)
head:
  %i = arg s64 0
  %before = arg s64 1
  %c = lt u1 %i, %n
  condbr %c, work, done
work:
  %next = add s64 %i, %one
  br head(%next, %i)
done:
  ret (%before)
}
)" + main_with(R"(
  %n = const s64 50
  %f = call s64 "fibonacci"(%n)
  %t = call s64 "turns"(%n)
  %l = call s64 "lags"(%n)
)" + print_of("s64", "%f") +
               print_of("s64", "%t") + print_of("s64", "%l")));
  EXPECT_EQ(o.output, "12586269025 26 49 ");
}

}  // namespace
}  // namespace omega::codegen::native
