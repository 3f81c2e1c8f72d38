// SPDX-License-Identifier: Apache-2.0
#include "omega/check/contract/pragma.h"

#include <gtest/gtest.h>

namespace omega::check::contract {
namespace {

TEST(Pragma, RangesThatTakeSolidity8) {
  for (const char* range : {"^0.8.0",
                            "0.8.20",
                            "=0.8.4",
                            "v0.8.1",
                            ">=0.4.0 <0.9.0",
                            ">= 0.8.2 < 0.9",
                            "~0.8.4",
                            "~0.8",
                            "0.8",
                            "0.8.x",
                            "0.*",
                            "*",
                            "x",
                            ">0.7.6",
                            ">=0.7",
                            "<=0.8",
                            "<1",
                            "^0",
                            "~0",
                            "0.7.6 || ^0.8.1",
                            "^0.6.0||^0.7.0||^0.8.0",
                            "0.5.0 - 0.8.3",
                            "0.7.0 - 0.8",
                            "<0.8.1",
                            ">0.8.19 <0.8.21"}) {
    EXPECT_EQ(solidity_versions(range), Versions::Fit) << range;
  }
}

TEST(Pragma, RangesThatDoNot) {
  for (const char* range : {"^0.7.0", "0.7.6", "<0.8.0", "<0.8", "^0.9.0", ">0.8", ">=0.9.0", "~0.7", "^1.0.0", ">=0.5.0 <0.8.0", "0.5.0 - 0.7.6",
                            "^0.6.0 || ^0.7.0", ">=0.8.4 <0.8.4", "^0.0.3", ">0.8.3 <0.8.4"}) {
    EXPECT_EQ(solidity_versions(range), Versions::DoNotFit) << range;
  }
}

TEST(Pragma, RangesThatCannotBeRead) {
  for (const char* range : {"", "solidity", "^", "0.8.", "0.8.0 ||", "0.8.0 - ", "0.8.0 foo", "^^0.8.0", "0.8.0,0.8.1"}) {
    EXPECT_EQ(solidity_versions(range), Versions::Unreadable) << range;
  }
}

}  // namespace
}  // namespace omega::check::contract
