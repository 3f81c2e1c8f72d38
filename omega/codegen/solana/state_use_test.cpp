// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/state_use.h"

#include <gtest/gtest.h>

#include "omega/base/check.h"
#include "omega/ir/contract.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::codegen::solana {
namespace {

constexpr std::string_view kTables = R"(contract "C" {
  type t0 = uint 256
  type t1 = array t0
  variable "a": t0
  variable "b": t1
  function "f" nonpayable (x: t0) = "f"
}
)";

/// Whether the first of these functions always looks at the state.
bool always(const std::string& functions) {
  auto module = ir::parse_text(std::string(kTables) + functions);
  OMEGA_CHECK(module, "the test's IR is right");
  EXPECT_EQ(ir::verify(*module), "") << functions;
  return StateUse(*module).always(0);
}

std::string function(const std::string& name, const std::string& body) {
  return "function \"" + name + "\"(u256) -> () at 0 {\nb0:\n  %x = param u256 0\n" + body + "}\n";
}

const std::string kGet = "  %p = state.variable ref 0\n  %v = state.get u256 %p, t0\n";
const std::string kBranch = "  %c = eq u1 %x, %x\n  condbr %c, b1, b2\n";

TEST(StateUse, OnEveryWayToAReturn) {
  EXPECT_FALSE(always(function("f", "  ret ()\n")));
  EXPECT_TRUE(always(function("f", kGet + "  ret ()\n")));
  EXPECT_TRUE(always(function("f", "  %p = state.variable ref 0\n  state.set %p, %x, t0\n  ret ()\n")));
  EXPECT_FALSE(always(function("f", kBranch + "b1:\n" + kGet + "  ret ()\nb2:\n  ret ()\n")));
  EXPECT_TRUE(always(function("f", kGet + kBranch + "b1:\n  ret ()\nb2:\n  ret ()\n")));
  // Who fails does not return.
  EXPECT_TRUE(always(function("f", kBranch + "b1:\n" + kGet + "  ret ()\nb2:\n  revert _\n")));
}

TEST(StateUse, NamingAPlaceIsNoUseNorIsAWholeArray) {
  EXPECT_FALSE(always(function("f", "  %p = state.variable ref 0\n  ret ()\n")));
  EXPECT_FALSE(always(function("f", "  %p = state.variable ref 1\n  %v = state.get ref %p, t1\n  ret ()\n")));
  EXPECT_TRUE(always(function("f", "  %p = state.variable ref 1\n  %v = state.length u256 %p, t1\n  ret ()\n")));
}

TEST(StateUse, OfFunctionsThatAreCalled) {
  const std::string calls = "  call \"g\"(%x)\n  ret ()\n";
  EXPECT_TRUE(always(function("f", calls) + function("g", kGet + "  ret ()\n")));
  EXPECT_FALSE(always(function("f", calls) + function("g", "  ret ()\n")));
  // Functions that call each other.
  EXPECT_FALSE(always(function("f", calls) + function("g", "  call \"f\"(%x)\n  ret ()\n")));
  EXPECT_TRUE(always(function("f", calls) + function("g", "  call \"f\"(%x)\n" + kGet + "  ret ()\n")));
}

TEST(StateUse, IsNotLookedForWithoutEnd) {
  std::string text;
  constexpr uint32_t kFunctions = 20'000;
  for (uint32_t k = 0; k < kFunctions; ++k) {
    const std::string name = k == 0 ? "f" : "f" + std::to_string(k);
    text += function(name, k + 1 == kFunctions ? kGet + "  ret ()\n" : "  call \"f" + std::to_string(k + 1) + "\"(%x)\n  ret ()\n");
  }
  EXPECT_FALSE(always(text));
}

}  // namespace
}  // namespace omega::codegen::solana
