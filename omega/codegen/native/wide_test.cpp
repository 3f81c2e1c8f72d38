// SPDX-License-Identifier: Apache-2.0
// Integers of more than 64 bits.
#include "omega/codegen/native/program_testing.h"

namespace omega::codegen::native {
namespace {

TEST(Wide, Arithmetic) {
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

}  // namespace
}  // namespace omega::codegen::native
