// SPDX-License-Identifier: Apache-2.0
// Programs of textual IR for each feature: floats, arrays, objects, closures, several results, parallel loops, wide integers, frames.
#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

std::string main_with(std::string_view body) { return "function \"main\"() -> () at 0 {\nb0:\n" + std::string(body) + "\n  ret\n}\nentry \"main\""; }

std::string print_of(std::string_view type, std::string_view value) {
  const std::string_view f = type == "f64" ? "OutF64" : type == "f32" ? "OutF32" : type == "u1" ? "OutBool" : type == "u64" ? "OutU64" : "OutI64";
  return "  call.runtime " + std::string(f) + "(" + std::string(value) + ")\n  %nl_" + std::string(value.substr(1)) +
         " = const.string ref \" \"\n  call.runtime OutStr(%nl_" + std::string(value.substr(1)) + ")\n";
}

TEST(Features, FloatArithmetic) {
  const Outcome o = run_text(R"(
function "f"(f64, f64) -> (f64) at 0 {
b0:
  %x = param f64 0
  %y = param f64 1
  %a = add f64 %x, %y
  %b = mul f64 %a, %x
  %c = sub f64 %b, %y
  %h = const.float f64 0.5
  %d = div f64 %c, %h
  %e = neg f64 %d
  %g = abs f64 %e
  %s = sqrt f64 %g
  ret (%s)
}
function "g"(f32) -> (f32) at 0 {
b0:
  %x = param f32 0
  %h = const.float f32 1.5
  %a = mul f32 %x, %h
  %b = neg f32 %a
  ret (%b)
}
)" + main_with(R"(
  %p = const.float f64 3.0
  %q = const.float f64 2.0
  %r = call f64 "f"(%p, %q)
  %p2 = const.float f32 3.0
  %r2 = call f32 "g"(%p2)
  %m = mod f64 %p, %q
  %i = cast s64 %r
  %big = const u64 18446744073709551615
  %bf = cast f64 %big
  %bu = const.float f64 9300000000000000000.0
  %back = cast u64 %bu
  %w = cast f64 %r2
)" + print_of("f64", "%r") +
               print_of("f32", "%r2") + print_of("f64", "%m") + print_of("s64", "%i") + print_of("f64", "%bf") + print_of("u64", "%back") +
               print_of("f64", "%w")));
  EXPECT_EQ(o.output, "5.0990195135927845 -4.5 1 5 18446744073709552000 9300000000000000000 -4.5 ") << o.errors;
}

TEST(Features, FloatComparisons) {
  // Each comparison of (1, 2), (2, 2), (nan, 1) as a value, by a branch and by an inverted branch.
  std::string text, body;
  const char* const names[] = {"eq", "ne", "lt", "le", "gt", "ge"};
  for (const char* name : names) {
    text += "function \"v" + std::string(name) + "\"(f64, f64) -> (s64) at 0 {\nb0:\n  %x = param f64 0\n  %y = param f64 1\n  %c = " + name +
            " u1 %x, %y\n  %one = const s64 1\n  %r = cast s64 %c\n  condbr %c, t, e\nt:\n  %ten = const s64 10\n  %a = add s64 %r, %ten\n  ret (%a)\ne:\n  "
            "ret (%r)\n}\n";
    text += "function \"b" + std::string(name) + "\"(f64, f64) -> (s64) at 0 {\nb0:\n  %x = param f64 0\n  %y = param f64 1\n  %c = " + name +
            " u1 %x, %y\n  condbr %c, t, e\nt:\n  %a = const s64 1\n  ret (%a)\ne:\n  %b = const s64 0\n  ret (%b)\n}\n";
    text += "function \"n" + std::string(name) + "\"(f64, f64) -> (s64) at 0 {\nb0:\n  %x = param f64 0\n  %y = param f64 1\n  %c = " + name +
            " u1 %x, %y\n  %d = not u1 %c\n  condbr %d, t, e\nt:\n  %a = const s64 1\n  ret (%a)\ne:\n  %b = const s64 0\n  ret (%b)\n}\n";
  }
  body += "  %one = const.float f64 1.0\n  %two = const.float f64 2.0\n  %nan = const.float f64 0x7ff8000000000000\n";
  int k = 0;
  for (const char* name : names) {
    for (const char* pair : {"%one, %two", "%two, %two", "%nan, %one"}) {
      for (const char* form : {"v", "b", "n"}) {
        const std::string r = "%r" + std::to_string(k++);
        body += "  " + r + " = call s64 \"" + form + name + "\"(" + pair + ")\n  call.runtime OutI64(" + r + ")\n";
      }
    }
  }
  const Outcome o = run_text(text + main_with(body));
  //                    (1,2)  (2,2)  (nan,1)
  EXPECT_EQ(o.output,
            "001"
            "1110"
            "001"  // eq
            "1110"
            "001"
            "1110"  // ne
            "1110"
            "001"
            "001"  // lt
            "1110"
            "1110"
            "001"  // le
            "001"
            "001"
            "001"  // gt
            "001"
            "1110"
            "001")  // ge
      << o.errors;
}

TEST(Features, FloatMinimumAndMaximum) {
  std::string body = "  %one = const.float f64 1.0\n  %two = const.float f64 2.0\n  %nan = const.float f64 0x7ff8000000000000\n";
  int k = 0;
  for (const char* op : {"min", "max"}) {
    for (const char* pair : {"%one, %two", "%two, %one", "%nan, %one", "%one, %nan", "%nan, %nan"}) {
      const std::string r = "%r" + std::to_string(k++);
      body += "  " + r + " = " + op + " f64 " + pair + "\n" + print_of("f64", r);
    }
  }
  EXPECT_EQ(run_text(main_with(body)).output, "1 1 1 1 nan 2 2 1 1 nan ");
}

TEST(Features, FloatToIntegerOutOfRangePanics) {
  for (const char* value : {"1e19", "-1e19", "0x7ff8000000000000", "0x7ff0000000000000"}) {
    const Outcome o = run_text(main_with("  %x = const.float f64 " + std::string(value) + "\n  %i = cast s64 %x\n  call.runtime OutI64(%i)\n"));
    EXPECT_EQ(o.exit_code, 1) << value;
    EXPECT_EQ(o.output, "");
  }
  EXPECT_EQ(run_text(main_with("  %x = const.float f64 -9223372036854775808.0\n  %i = cast s64 %x\n  call.runtime OutI64(%i)\n")).output,
            "-9223372036854775808");
  EXPECT_EQ(run_text(main_with("  %x = const.float f64 -0.75\n  %i = cast u64 %x\n  call.runtime OutU64(%i)\n")).output, "0");
  EXPECT_EQ(run_text(main_with("  %x = const.float f64 256.0\n  %i = cast u8 %x\n  %j = cast u64 %i\n  call.runtime OutU64(%j)\n")).exit_code, 1);
}

TEST(Features, ArraysAndIndexChecks) {
  const std::string sieve = R"(
function "main"() -> () at 0 {
  slot a: ref depth 0 at 0
  slot i: s64 depth 0 at 0
  slot sum: s64 depth 0 at 0
b0:
  %n = const s64 100
  %new = array.new norefs ref %n, 4
  set a, %new
  %z = const s64 0
  set i, %z
  br head
head:
  %i = get s64 i
  %a = get ref a
  %len = array.length s64 %a
  %c = lt u1 %i, %len
  condbr %c, body, done
body:
  %a1 = get ref a
  %i1 = get s64 i
  %i32 = cast s32 %i1
  %sq = mul checked s32 %i32, %i32
  check.index %i1, %a1
  element.set %a1, %i1, %sq
  %i2 = get s64 i
  %one = const s64 1
  %i3 = add s64 %i2, %one
  set i, %i3
  br head
done:
  %a2 = get ref a
  %k = const s64 99
  check.index %k, %a2
  %v = element.get s32 %a2, %k
  %v64 = cast s64 %v
  call.runtime OutI64(%v64)
  %q = INDEX
  check.index %q, %a2
  %w = element.get s32 %a2, %q
  %w64 = cast s64 %w
  call.runtime OutI64(%w64)
  ret
}
entry "main")";
  const auto with_index = [&](const std::string& index) {
    std::string text = sieve;
    return text.replace(text.find("INDEX"), 5, index);
  };
  EXPECT_EQ(run_text(with_index("const s64 7")).output, "980149");
  const Outcome high = run_text(with_index("const s64 100"));
  EXPECT_EQ(high.exit_code, 1);
  EXPECT_NE(high.errors.find("index 100 is outside the array of length 100"), std::string::npos) << high.errors;
  const Outcome low = run_text(with_index("neg s64 %i"));
  EXPECT_NE(low.errors.find("index -100 is outside the array of length 100"), std::string::npos) << low.errors;
}

TEST(Features, NullArrayIsEmpty) {
  const Outcome o = run_text(main_with(R"(
  %a = const ref 0
  %n = array.length s64 %a
  call.runtime OutI64(%n)
  check.index %n, %a
)"));
  EXPECT_EQ(o.output, "0");
  EXPECT_NE(o.errors.find("index 0 is outside the array of length 0"), std::string::npos) << o.errors;
}

TEST(Features, ObjectsFieldsAndFixedArrays) {
  const Outcome o = run_text(main_with(R"(
  %p = new norefs ref 64
  %a = const u8 200
  store %p, 0, %a
  %b = const s16 -5
  store %p, 2, %b
  %c = const u32 4000000000
  store %p, 4, %c
  %d = const.float f64 2.5
  store %p, 8, %d
  %f = field ref %p, 16
  %i = const s64 3
  check.bound %i, 4
  fixed.set %f, %i, %b
  %a2 = load u8 %p, 0
  %b2 = load s16 %p, 2
  %c2 = load u32 %p, 4
  %d2 = load f64 %p, 8
  %e2 = fixed.get s16 %f, %i
  %a3 = cast s64 %a2
  %b3 = cast s64 %b2
  %c3 = cast s64 %c2
  %e3 = cast s64 %e2
  %s1 = add s64 %a3, %b3
  %s2 = add s64 %s1, %c3
  %s3 = add s64 %s2, %e3
  call.runtime OutI64(%s3)
  call.runtime OutF64(%d2)
  %st = stack ref 200
  %last = load s64 %st, 192
  call.runtime OutI64(%last)
  %q = fixed.address ref %f, %i, 24
  %diff = eq u1 %q, %f
  call.runtime OutBool(%diff)
)"));
  EXPECT_EQ(o.output, "40000001902.50false");
}

TEST(Features, SeveralResultsOfAllKinds) {
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

TEST(Features, ManyArguments) {
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

TEST(Features, RegisterPressure) {
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

TEST(Features, ClosuresCapture) {
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

TEST(Features, FunctionReferences) {
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

TEST(Features, ParallelLoopWithReduction) {
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

TEST(Features, AtomicsOfEveryKind) {
  std::string body = "  %p = stack ref 16\n";
  int k = 0;
  for (const char* type : {"s8", "u8", "s16", "u32", "s24", "s64", "u64"}) {
    for (const char* op : {"Add", "Sub", "Min", "Max", "And", "Or", "Xor"}) {
      const std::string n = std::to_string(k++);
      body += "  %a" + n + " = const " + type + " 100\n  store %p, 0, %a" + n + "\n  %b" + n + " = const " + type + " 29\n  atomic %p, %b" + n + ", " + op +
              "\n  %c" + n + " = load " + type + " %p, 0\n  %d" + n + " = cast s64 %c" + n + "\n" + print_of("s64", "%d" + n);
    }
  }
  std::string wanted;
  for (const char* type : {"s8", "u8", "s16", "u32", "s24", "s64", "u64"}) {
    wanted += std::string(type) == "s8" ? "-127 " : "129 ";
    wanted += "71 29 100 4 125 121 ";
  }
  EXPECT_EQ(run_text(main_with(body)).output, wanted);
}

TEST(Features, ChecksAndPanicsTellTheirText) {
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

TEST(Features, DeepRecursionIsReported) {
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

TEST(Features, LargeFrame) {
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

TEST(Features, WideArithmetic) {
  // Numbers whose digits show every limb; each operation once for the four kinds of type.
  std::string body;
  int k = 0;
  const auto print = [&](const std::string& value, bool sign) {
    const std::string n = std::to_string(k++);
    body += "  %q" + n + " = cast " + (sign ? "s256" : "u256") + " " + value + "\n  %at" + n + " = stack ref 32\n  store %at" + n + ", 0, %q" + n + "\n  %ty" +
            n + " = const u32 " + std::to_string(sign ? 256 + 0x10000 : 256) + "\n  call.runtime OutWide(%at" + n + ", %ty" + n + ")\n  %nl" + n +
            " = const.string ref \" \"\n  call.runtime OutStr(%nl" + n + ")\n";
  };
  body += "  %a = const.wide u256 0x123456789abcdef0fedcba9876543210\n  %b = const u256 1000000007\n";
  for (const char* op : {"add", "sub", "mul", "div", "mod", "and", "or", "xor", "min", "max"}) {
    body += "  %r" + std::string(op) + " = " + op +
            (std::string(op) == "and" || std::string(op) == "or" || std::string(op) == "xor" || op[0] == 'm' ? " " : " checked ") + "u256 %a, %b\n";
    print("%r" + std::string(op), false);
  }
  body += "  %c = const s128 -5\n  %d = const s128 3\n";
  for (const char* op : {"add", "sub", "mul", "div", "mod"}) {
    body += "  %s" + std::string(op) + " = " + op + " s128 %c, %d\n";
    print("%s" + std::string(op), true);
  }
  body += "  %n1 = neg s128 %c\n";
  print("%n1", true);
  body += "  %n2 = abs s128 %c\n";
  print("%n2", true);
  body += "  %n3 = not s128 %c\n";
  print("%n3", true);
  body += "  %u3 = const u128 5\n  %n4 = not u128 %u3\n";
  print("%n4", false);
  body += "  %amount = const u8 100\n  %sh1 = shl u256 %b, %amount\n";
  print("%sh1", false);
  body += "  %sh2 = shr u256 %sh1, %amount\n";
  print("%sh2", false);
  body += "  %e = const u8 7\n  %pw = pow checked u256 %b, %e\n";
  print("%pw", false);
  body += "  %less = lt u1 %b, %a\n  %sel = select u256 %less, %b, %a\n";
  print("%sel", false);
  body +=
      "  %sl = lt u1 %c, %d\n  call.runtime OutBool(%sl)\n  %eq = eq u1 %a, %a\n  call.runtime OutBool(%eq)\n  %fl = cast f64 %a\n  call.runtime OutF64(%fl)\n "
      " %tw = const.float f64 1e20\n  %fw = cast u128 %tw\n";
  print("%fw", false);
  const Outcome o = run_text(main_with(body));
  EXPECT_EQ(o.output,
            "24197857203266734881846307748534221847 "
            "24197857203266734881846307746534221833 "
            "24197857372651735304713451920458376072739552880 "
            "24197857033881735644674158234 "
            "815114202 "
            "839909888 "
            "24197857203266734881846307747694311959 "
            "24197857203266734881846307746854402071 "
            "1000000007 "
            "24197857203266734881846307747534221840 "
            "-2 "
            "-8 "
            "-15 "
            "-1 "
            "-2 "
            "5 "
            "5 "
            "4 "
            "340282366920938463463374607431768211450 "
            "1267650609101783603094309015852922437632 "
            "1000000007 "
            "1000000049000001029000012005000084035000352947000823543000823543 "
            "1000000007 "
            "truetrue2.4197857203266735e+37100000000000000000000 ")
      << o.errors;
}

// A remainder that is only compared with zero.
TEST(Features, DivisibilityByPowersOfTwo) {
  std::string body = "  %space = const.string ref \" \"\n", expected;
  int n = 0;
  for (const int64_t x : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{6}, int64_t{-6}, int64_t{-8}, int64_t{1} << 40, -(int64_t{1} << 40), INT64_MIN}) {
    for (const int64_t d : {int64_t{1}, int64_t{2}, int64_t{-2}, int64_t{8}, int64_t{1} << 33}) {
      for (const bool equal : {true, false}) {
        const std::string k = std::to_string(n++);
        body += "  %c" + k + " = const s64 " + std::to_string(x) + "\n  set s0, %c" + k + "\n  %x" + k + " = get s64 s0\n  %d" + k + " = const s64 " +
                std::to_string(d) + "\n  %r" + k + " = mod s64 %x" + k + ", %d" + k + "\n  %z" + k + " = const s64 0\n  %e" + k + " = " +
                (equal ? "eq" : "ne") + " u1 %r" + k + ", %z" + k + "\n  call.runtime OutBool(%e" + k + ")\n  call.runtime OutStr(%space)\n";
        expected += (x % d == 0) == equal ? "true " : "false ";
      }
    }
  }
  const Outcome o = run_text("function \"main\"() -> () file 0 at 0 {\n  slot s0: s64 depth 0 at 0\nb0:\n" + body + "  ret ()\n}\nentry \"main\"\n");
  EXPECT_EQ(o.output, expected) << o.errors;
}

// Jumps over code of every length around what a byte reaches, forward and back.
TEST(Features, JumpsReachOverCodeOfEveryLength) {
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

// All registers are taken when the conversion needs one of its own, for one of its two paths.
TEST(Features, ConversionsOfU64MakeRoomOnBothPaths) {
  for (const char* argument : {"5", "9223372036854775818"}) {
    std::string live, sum = "  %t0 = cast f64 %x\n";
    for (int k = 0; k < 14; ++k) {
      const std::string n = std::to_string(k);
      live += "  %c" + n + " = const u64 " + std::to_string(1000 + k) + "\n  %v" + n + " = add u64 %x, %c" + n + "\n";
      sum += "  %y" + n + " = sub u64 %v" + n + ", %x\n  call.runtime OutU64(%y" + n + ")\n  call.runtime OutStr(%s)\n";
    }
    const std::string convert = "  %back = cast u64 %t0\n  call.runtime OutF64(%t0)\n  call.runtime OutStr(%s)\n  call.runtime OutU64(%back)\n";
    const Outcome o = run_text("function \"f\"(u64) -> () file 0 at 0 {\nb0:\n  %x = param u64 0\n  %s = const.string ref \" \"\n" + live + sum + convert +
                               "  ret ()\n}\nfunction \"main\"() -> () file 0 at 0 {\nb0:\n  %x = const u64 " + argument +
                               "\n  call \"f\"(%x)\n  ret ()\n}\nentry \"main\"\n");
    std::string expected;
    for (int k = 0; k < 14; ++k) {
      expected += std::to_string(1000 + k) + " ";
    }
    expected += argument[0] == '5' ? "5 5" : "9223372036854776000 9223372036854775808";
    EXPECT_EQ(o.output, expected) << o.errors;
  }
}

// Blocks in an order in which a slot is read, by number, behind a set that another way round misses: it is zero there.
TEST(Features, SlotsAreZeroOnWaysThatMissTheirSet) {
  const Outcome o = run_text(R"(function "f"(s64) -> (u64) file 0 at 0 {
  slot s0: s256 depth 0 at 0
b0:
  %x = param s64 0
  %zero = const s64 0
  %positive = lt u1 %zero, %x
  condbr %positive, b1, b3
b1:
  %wide = cast s256 %x
  %twice = add s256 %wide, %wide
  set s0, %twice
  br b2
b2:
  %now = get s256 s0
  %result = cast u64 %now
  ret (%result)
b3:
  br b2
}
function "main"() -> () file 0 at 0 {
b0:
  %a = const s64 21
  %b = const s64 -1
  %first = call u64 "f"(%a)
  %second = call u64 "f"(%b)
  call.runtime OutU64(%first)
  call.runtime OutU64(%second)
  ret ()
}
entry "main"
)");
  EXPECT_EQ(o.output, "420") << o.errors;
}

// Whichever side is which.
TEST(Features, MinimumAndMaximumKnowTheSignOfZero) {
  for (const std::string type : {"f32", "f64"}) {
    std::string body = "  %s = const.string ref \" \"\n";
    const char* const pairs[][2] = {{"-0", "0"}, {"0", "-0"}, {"0", "0"}, {"-0", "-0"}, {"1", "1"}, {"-1", "2"}, {"2", "-1"}};
    for (int k = 0; k < 7; ++k) {
      const std::string n = std::to_string(k);
      body += "  %a" + n + " = const.float " + type + " " + pairs[k][0] + "\n  %b" + n + " = const.float " + type + " " + pairs[k][1] + "\n";
      for (const std::string op : {"min", "max"}) {
        body += "  %" + op + n + " = " + op + " " + type + " %a" + n + ", %b" + n + "\n  call.runtime Out" + (type == "f32" ? "F32" : "F64") + "(%" + op + n +
                ")\n  call.runtime OutStr(%s)\n";
      }
    }
    const Outcome o = run_text("function \"main\"() -> () file 0 at 0 {\nb0:\n" + body + "  ret ()\n}\nentry \"main\"\n");
    EXPECT_EQ(o.output, "-0 0 -0 0 0 0 -0 -0 1 1 -1 2 -1 2 ") << o.errors;
  }
}

// The second result is used in another block, so it leaves its register at once: the call that follows must not save it from there.
TEST(Features, SecondResultsOutliveTheNextCall) {
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

}  // namespace
}  // namespace omega::codegen::native
