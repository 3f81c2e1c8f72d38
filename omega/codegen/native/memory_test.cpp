// SPDX-License-Identifier: Apache-2.0
// Arrays, objects, fixed arrays, atomics; slots that nobody set.
#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

TEST(Memory, ArraysAndIndexChecks) {
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

TEST(Memory, NullArrayIsEmpty) {
  const Outcome o = run_text(main_with(R"(
  %a = const ref 0
  %n = array.length s64 %a
  call.runtime OutI64(%n)
  check.index %n, %a
)"));
  EXPECT_EQ(o.output, "0");
  EXPECT_NE(o.errors.find("index 0 is outside the array of length 0"), std::string::npos) << o.errors;
}

TEST(Memory, ObjectsFieldsAndFixedArrays) {
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

TEST(Memory, AtomicsOfEveryKind) {
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

// Blocks in an order in which a slot is read, by number, behind a set that another way round misses: it is zero there.
TEST(Memory, SlotsAreZeroOnWaysThatMissTheirSet) {
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

}  // namespace
}  // namespace omega::codegen::native
