// SPDX-License-Identifier: Apache-2.0
#include "omega/check/builtin_format.h"

#include <gtest/gtest.h>

namespace omega::check {
namespace {

TEST(ParseFormat, TextAndConversions) {
  const Format format = parse_format("a %5d%% %-8.3s|%v");
  ASSERT_EQ(format.error, "");
  ASSERT_EQ(format.pieces.size(), 6u);
  EXPECT_EQ(format.pieces[0].text, "a ");
  EXPECT_EQ(format.pieces[1].conversion, 'd');
  EXPECT_EQ(format.pieces[1].width, 5);
  EXPECT_EQ(format.pieces[2].text, "% ");
  EXPECT_EQ(format.pieces[3].flags, 1);
  EXPECT_EQ(format.pieces[3].precision, 3);
  EXPECT_EQ(format.pieces[4].text, "|");
  EXPECT_TRUE(format.pieces[5].is_plain());
  EXPECT_EQ(format.conversions(), 3u);
}

TEST(ParseFormat, SpecAsTheRuntimeTakesIt) {
  const Format format = parse_format("%08.2f");
  ASSERT_EQ(format.pieces.size(), 1u);
  EXPECT_EQ(format.pieces[0].spec(), static_cast<uint64_t>('f') | 16u << 8 | 9ull << 16 | 3ull << 40);
}

TEST(ParseFormat, PointWithoutDigitsIsPrecisionZero) { EXPECT_EQ(parse_format("%.f").pieces.at(0).precision, 0); }

TEST(ParseFormat, Mistakes) {
  for (const char* text : {"%", "%5", "%y", "%*d", "%ld", "%99999d", "abc %-"}) {
    EXPECT_NE(parse_format(text).error, "") << text;
  }
  EXPECT_EQ(parse_format("%d %5y!").wrong, "%5y");
}

TEST(ParseFormat, EmptyAndPlain) {
  EXPECT_TRUE(parse_format("").pieces.empty());
  EXPECT_EQ(parse_format("100%%").pieces.at(0).text, "100%");
}

TEST(Suits, ByClass) {
  EXPECT_TRUE(suits('d', FormatClass::Integer));
  EXPECT_FALSE(suits('d', FormatClass::String));
  EXPECT_FALSE(suits('f', FormatClass::Integer));
  for (FormatClass type :
       {FormatClass::Integer, FormatClass::Bool, FormatClass::Float, FormatClass::String, FormatClass::Bytes, FormatClass::Enum, FormatClass::Other}) {
    EXPECT_TRUE(suits('v', type));
  }
}

}  // namespace
}  // namespace omega::check
