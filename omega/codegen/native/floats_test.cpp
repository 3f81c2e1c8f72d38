// SPDX-License-Identifier: Apache-2.0
// Floats: arithmetic, comparisons, smaller and larger, to integers and back.
#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

TEST(Floats, Arithmetic) {
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

TEST(Floats, Comparisons) {
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

TEST(Floats, MinimumAndMaximum) {
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

// Whichever side is which.
TEST(Floats, MinimumAndMaximumKnowTheSignOfZero) {
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

TEST(Floats, ToIntegerOutOfRangePanics) {
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

// All registers are taken when the conversion needs one of its own, for one of its two paths.
TEST(Floats, ConversionsOfU64MakeRoomOnBothPaths) {
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

}  // namespace
}  // namespace omega::codegen::native
