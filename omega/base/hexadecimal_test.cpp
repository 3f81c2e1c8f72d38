// SPDX-License-Identifier: Apache-2.0
#include "omega/base/hexadecimal.h"

#include <gtest/gtest.h>

#include <string>

namespace omega::base {
namespace {

std::string all_bytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

TEST(Hexadecimal, IsTwoLowerDigitsAByte) {
  EXPECT_EQ(hexadecimal(""), "");
  EXPECT_EQ(hexadecimal(std::string_view("\0\x0f\xa0\xff", 4)), "000fa0ff");
  const uint8_t bytes[] = {0xde, 0xad};
  EXPECT_EQ(hexadecimal(bytes), "dead");
}

TEST(Hexadecimal, ComesBack) {
  EXPECT_EQ(bytes_of_hexadecimal(hexadecimal(all_bytes())), all_bytes());
  EXPECT_EQ(bytes_of_hexadecimal("DeaD"), "\xde\xad");
  EXPECT_EQ(bytes_of_hexadecimal(""), "");
}

TEST(Hexadecimal, AnOddDigitStandsInFront) {
  EXPECT_EQ(bytes_of_hexadecimal("f"), "\x0f");
  EXPECT_EQ(bytes_of_hexadecimal("123"), "\x01\x23");
}

TEST(Hexadecimal, NothingElseIsADigit) {
  for (const char c : all_bytes()) {
    EXPECT_EQ(bytes_of_hexadecimal(std::string(2, c)).has_value(), std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos) << int(c);
  }
  EXPECT_FALSE(bytes_of_hexadecimal("0x12"));
}

}  // namespace
}  // namespace omega::base
