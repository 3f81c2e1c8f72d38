// SPDX-License-Identifier: Apache-2.0
// Checking contracts takes time in proportion to their size, also where a function holds many references or a contract many types of functions.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "omega/check/contract/contract_testing.h"
#include "test/growth/growth.h"

namespace omega::check {
namespace {

void expect_linear(const std::function<std::string(uint32_t)>& contract, uint32_t size) {
  // Eight times the contract; a square would take 64 times as long.
  growth::expect_growth_below(24, contract(size), contract(size * 8), [](const std::string& text) {
    return growth::seconds_of([&] {
      const CheckedContracts checked({{"main.sol", text}});
      EXPECT_EQ(checked.sink.error_count(), 0u);
    });
  });
}

std::string repeated(uint32_t count, const std::function<std::string(const std::string&)>& one) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    text += one(std::to_string(i));
  }
  return text;
}

TEST(ContractCheckGrowth, ReferencesThatBeginWithoutValue) {
  expect_linear(
      [](uint32_t n) {
        return "contract C {\n  uint256[] x;\n  uint256[] y;\n  function f(bool c) external {\n" +
               repeated(n, [](const std::string& i) { return "    uint256[] storage r" + i + ";\n    r" + i + " = x;\n    r" + i + ".push();\n"; }) +
               "  }\n}\n";
      },
      300);
}

TEST(ContractCheckGrowth, ReferencesThatBranchesGiveValues) {
  expect_linear(
      [](uint32_t n) {
        return "contract C {\n  uint256[] x;\n  uint256[] y;\n  function f(bool c) external {\n" +
               repeated(n,
                        [](const std::string& i) { return "    uint256[] storage r" + i + ";\n    if (c) { r" + i + " = x; } else { r" + i + " = y; }\n"; }) +
               repeated(n, [](const std::string& i) { return "    r" + i + ".push();\n"; }) + "  }\n}\n";
      },
      300);
}

TEST(ContractCheckGrowth, TypesOfFunctions) {
  expect_linear(
      [](uint32_t n) {
        return repeated(n, [](const std::string& i) { return "struct S" + i + " { uint256 a; }\n"; }) + "contract C {\n" +
               repeated(n, [](const std::string& i) { return "  function(S" + i + " memory) internal pure v" + i + ";\n"; }) + "}\n";
      },
      1000);
}

}  // namespace
}  // namespace omega::check
