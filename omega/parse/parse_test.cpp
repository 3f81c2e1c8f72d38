// SPDX-License-Identifier: Apache-2.0
// Limits, borders and pieces; what each construct becomes is in testdata/.
#include "omega/parse/parse.h"

#include <gtest/gtest.h>

#include <string>

#include "omega/parse/parse_testing.h"

namespace omega::parse {
namespace {

using testing::Parsed;

std::string repeated(std::string_view part, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) {
    out += part;
  }
  return out;
}

TEST(Parse, EmptyFileIsAnEmptyUnit) {
  Parsed parsed("");
  EXPECT_EQ(parsed.dump(), "SourceUnit\n");
  EXPECT_EQ(parsed.messages(), "");
}

TEST(Parse, HelloWorld) {
  Parsed parsed("printf(\"%d\\n\", 1 + 2 * x)\n");
  EXPECT_EQ(parsed.messages(), "");
  EXPECT_EQ(parsed.dump(),
            "SourceUnit\n"
            "  ExprStmt\n"
            "    Call\n"
            "      callee: Name printf\n"
            "      argument: StringLiteral \"%d\\n\"\n"
            "      argument: Binary +\n"
            "        IntLiteral 1\n"
            "        Binary *\n"
            "          IntLiteral 2\n"
            "          Name x\n");
}

TEST(Limits, DeepNestingIsOneMessage) {
  for (const char* opener :
       {"(", "[", "{", "-", "!", "f(", "a[", "x => ", "if (", "match x { a => ", "a ? b : ", "a = ", "2 ** ", "mapping(int64 => ", "Result<"}) {
    Parsed parsed("let x = " + repeated(opener, 100'000));
    EXPECT_TRUE(parsed.sink.has_errors()) << opener;
    EXPECT_LE(parsed.sink.error_count(), 3u) << opener << "\n" << parsed.messages();
  }
  Parsed fine("let x = " + repeated("(", 150) + "1" + repeated(")", 150));
  EXPECT_EQ(fine.messages(), "");
}

TEST(Limits, LongChains) {
  for (const char* link : {" + a", ".a", "[0]", "(1)", " && a", "++"}) {
    Parsed fine("x = a" + repeated(link, 1900));
    EXPECT_EQ(fine.messages(), "") << link;
    Parsed too_long("x = a" + repeated(link, 100'000));
    EXPECT_EQ(too_long.messages(), "E0214 expression is too long: more than 2000 operations build on one another\n") << link;
  }
  // Nesting and chains add up: no expression is higher than the limit.
  std::string both = "a";
  for (int i = 0; i < 100; ++i) {
    both = "(" + both + repeated(" + a", 100) + ")";
  }
  Parsed combined("x = " + both);
  EXPECT_EQ(combined.messages(), "E0214 expression is too long: more than 2000 operations build on one another\n");
  Parsed chain("if (a) {}" + repeated(" else if (a) {}", 100'000));
  EXPECT_EQ(chain.messages(), "");
}

}  // namespace
}  // namespace omega::parse
