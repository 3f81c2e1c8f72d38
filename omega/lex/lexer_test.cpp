// SPDX-License-Identifier: Apache-2.0
// Tests of the lexical grammar: every token, every mistake, and the flags of line ends.
#include "omega/lex/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "omega/lex/keywords.h"
#include "omega/lex/lex_testing.h"
#include "omega/lex/literals.h"

namespace omega::lex {
namespace {

using testing::PaddedText;

/// Tokens by spelling, those of varying spelling with a letter before, those that begin a line with a bar.
std::vector<std::string> words(std::string_view text) {
  const PaddedText padded(text);
  diag::Sink sink;
  const TokenStream stream = lex(base::FileId{0}, padded.view(), sink);
  std::vector<std::string> list;
  for (uint32_t i = 0; i < stream.size(); ++i) {
    static constexpr std::string_view letters = "EX_IDB\"HU";
    const auto kind = static_cast<size_t>(stream.kind(i));
    const std::string prefix = kind < letters.size() ? std::string(1, letters[kind]) + ":" : "";
    list.push_back((stream.newline_before(i) ? "|" : "") + prefix + std::string(stream.spelled(i)));
  }
  return list;
}

/// Diagnostics as "code@begin-end message".
std::vector<std::string> mistakes(std::string_view text) {
  const PaddedText padded(text);
  diag::Sink sink;
  lex(base::FileId{0}, padded.view(), sink);
  std::vector<std::string> list;
  for (const diag::Diagnostic& d : sink.diagnostics()) {
    list.push_back(std::string(diag::info(d.kind).code) + "@" + std::to_string(d.span.begin) + "-" + std::to_string(d.span.end) + " " + d.message());
  }
  return list;
}

using Words = std::vector<std::string>;

TEST(Lexer, EmptyTextIsEndOfFile) { EXPECT_EQ(words(""), Words{"E:"}); }

TEST(Lexer, StatementsAndLineEnds) {
  EXPECT_EQ(words("let x3 = x1*7 + x2\n  y"), (Words{"let", "_:x3", "=", "_:x1", "*", "I:7", "+", "_:x2", "|_:y", "E:"}));
  EXPECT_EQ(words("a // b\n// c\nd /* e\n */ f /* g */ h\n"), (Words{"_:a", "|_:d", "|_:f", "_:h", "|E:"}));
  EXPECT_EQ(words("\n\na"), (Words{"|_:a", "E:"}));
}

TEST(Lexer, EveryFixedTokenAloneAndAmongOthers) {
  std::vector<TokenKind> kinds;
#define OMEGA_TOKEN(name, text) kinds.push_back(TokenKind::name);
#include "omega/lex/token_kinds.def"
  size_t fixed = 0;
  for (const TokenKind kind : kinds) {
    if (kind <= TokenKind::UnicodeString) {
      continue;
    }
    ++fixed;
    for (const std::string_view around : {"", " ", "\n", "a "}) {
      const std::string text = std::string(around) + std::string(spelling(kind)) + (around == "a " ? " a" : std::string(around));
      const PaddedText padded(text);
      diag::Sink sink;
      const TokenStream stream = lex(base::FileId{0}, padded.view(), sink);
      const uint32_t index = around == "a " ? 1 : 0;
      ASSERT_GT(stream.size(), index);
      EXPECT_EQ(stream.kind(index), kind) << text;
      EXPECT_EQ(stream.spelled(index), spelling(kind));
      EXPECT_TRUE(sink.empty()) << text;
    }
  }
  EXPECT_GT(fixed, 100u);
}

TEST(Lexer, LongestOperatorWins) {
  EXPECT_EQ(words("a>>>=b>>>c>>=d>>e>=f>g"), (Words{"_:a", ">>>=", "_:b", ">>>", "_:c", ">>=", "_:d", ">>", "_:e", ">=", "_:f", ">", "_:g", "E:"}));
  EXPECT_EQ(words("0..<n 0..=n a.b ..x"), (Words{"I:0", "..<", "_:n", "I:0", "..=", "_:n", "_:a", ".", "_:b", ".", ".", "_:x", "E:"}));
  EXPECT_EQ(words("@@ @ @@@"), (Words{"@@", "@", "@@", "@", "E:"}));
  EXPECT_EQ(words("x=>y x= >y ===!==**="), (Words{"_:x", "=>", "_:y", "_:x", "=", ">", "_:y", "==", "=", "!=", "=", "**", "=", "E:"}));
  EXPECT_EQ(words("a---b+++c"), (Words{"_:a", "--", "-", "_:b", "++", "+", "_:c", "E:"}));
}

TEST(Lexer, KeywordsAndWordsLikeThem) {
  EXPECT_EQ(words("function functions Function do d constructor constructors"),
            (Words{"function", "_:functions", "_:Function", "do", "_:d", "constructor", "_:constructors", "E:"}));
  EXPECT_EQ(words("uint256 map from error revert unchecked"), (Words{"_:uint256", "_:map", "_:from", "_:error", "_:revert", "_:unchecked", "E:"}));
}

TEST(Lexer, Numbers) {
  EXPECT_EQ(words("0 7 1_000 0xff 0xAB_cd 2.5 .5 1e9 2.5e-3 1_0.0_1e1_0 1E+5"),
            (Words{"I:0", "I:7", "I:1_000", "I:0xff", "I:0xAB_cd", "D:2.5", "D:.5", "D:1e9", "D:2.5e-3", "D:1_0.0_1e1_0", "D:1E+5", "E:"}));
  EXPECT_EQ(words("1.max 5.."), (Words{"I:1", ".", "_:max", "I:5", ".", ".", "E:"}));
  EXPECT_TRUE(mistakes("0 7 1_000 0xff 0xAB_cd 2.5 .5 1e9 2.5e-3 1_0.0_1e1_0 1E+5 0.5 1.max").empty());
}

TEST(Lexer, BadNumbersAreOneTokenAndOneMessage) {
  for (const char* const text : {"1__0", "1_", "0x", "0xg", "0x_1", "0x1_", "007", "0_1", "1ether", "12abc", "1e", "1e+", "1.5.x", "0X1f", "1e1x", "2.5_"}) {
    const auto found = mistakes(text);
    if (std::string_view(text) == "1.5.x") {
      EXPECT_TRUE(found.empty());
      continue;
    }
    ASSERT_EQ(found.size(), 1u) << text;
    EXPECT_EQ(found[0].substr(0, 6), "E0105@") << text;
    EXPECT_EQ(words(text).size(), 2u) << text;
  }
  EXPECT_EQ(mistakes("1__0"), Words{"E0105@0-4 malformed number `1__0`: underscores stand between two digits"});
  EXPECT_EQ(mistakes("f(1,000,000, 2,007)"),
            (Words{"E0105@2-11 malformed number `1,000,000`: `,` separates values", "E0105@13-18 malformed number `2,007`: `,` separates values"}));
  EXPECT_EQ(mistakes("[a1,000]"), Words{"E0105@4-7 malformed number `000`: leading zeros are not allowed"});
  EXPECT_EQ(mistakes("[1,234, 1,0]"), Words{});
}

TEST(Lexer, Strings) {
  EXPECT_EQ(words(R"("a" 'b' "it's" "\"" hex"00ff" hex'0a_ff' unicode"é" "é" "")"),
            (Words{"\":\"a\"", "\":'b'", "\":\"it's\"", "\":\"\\\"\"", "H:hex\"00ff\"", "H:hex'0a_ff'", "U:unicode\"é\"", "\":\"é\"", "\":\"\"", "E:"}));
  EXPECT_EQ(words("hex \"a\""), (Words{"_:hex", "\":\"a\"", "E:"}));
  EXPECT_EQ(words("xhex\"a\""), (Words{"_:xhex", "\":\"a\"", "E:"}));
  EXPECT_EQ(words("\"a\\\nb\" c"), (Words{"\":\"a\\\nb\"", "_:c", "E:"}));
  EXPECT_EQ(words("a\nhex\"00\""), (Words{"_:a", "|H:hex\"00\"", "E:"}));
}

TEST(Lexer, UnterminatedStringEndsAtItsLine) {
  EXPECT_EQ(words("x = \"abc\r\ny"), (Words{"_:x", "=", "\":\"abc", "|_:y", "E:"}));
  EXPECT_EQ(mistakes("x = 'abc\ny"), Words{"E0102@4-8 string has no closing `'`"});
  EXPECT_EQ(mistakes("\"abc\\"), (Words{"E0102@0-5 string has no closing `\"`", "E0104@4-5 unknown escape `\\` in string"}));
  EXPECT_EQ(words("\""), (Words{"\":\"", "E:"}));
}

TEST(Lexer, Escapes) {
  EXPECT_TRUE(mistakes(R"("\\ \' \" \n \r \t \0 \x4f \u00e9")").empty());
  EXPECT_EQ(mistakes(R"("\q")"), Words{"E0104@1-3 unknown escape `\\q` in string"});
  EXPECT_EQ(mistakes(R"("\x4")"), Words{"E0104@1-4 unknown escape `\\x4` in string"});
  EXPECT_EQ(mistakes(R"("\ud800")"), Words{"E0104@1-7 unknown escape `\\ud800` in string"});
  EXPECT_EQ(mistakes("\"\\é\""), Words{"E0104@1-4 unknown escape `\\é` in string"});
}

TEST(Lexer, HexStrings) {
  EXPECT_EQ(mistakes("hex\"0\""), Words{"E0106@3-5 malformed hex string: an odd number of digits"});
  EXPECT_EQ(mistakes("hex\"0g\""), Words{"E0106@5-6 malformed hex string: `g` is no hexadecimal digit"});
  EXPECT_EQ(mistakes("hex\"0_0\""), Words{"E0106@5-6 malformed hex string: underscores stand between pairs of digits"});
  EXPECT_EQ(mistakes("hex\"00_\""), Words{"E0106@6-7 malformed hex string: underscores stand between pairs of digits"});
}

TEST(Lexer, Comments) {
  EXPECT_EQ(words("/* a */b/**/c/***/d/* * / */e//"), (Words{"_:b", "_:c", "_:d", "_:e", "E:"}));
  EXPECT_EQ(words("/* /* */ a"), (Words{"_:a", "E:"}));
  EXPECT_EQ(words("a /*/ b"), (Words{"_:a", "E:"}));
  EXPECT_EQ(mistakes("a /* b\nc"), Words{"E0103@2-4 block comment has no closing `*/`"});
  EXPECT_EQ(words("a /* b\nc"), (Words{"_:a", "|E:"}));
}

TEST(Lexer, UnexpectedCharacters) {
  EXPECT_EQ(mistakes("a ### b"), Words{"E0101@2-3 unexpected character `#`"});
  EXPECT_EQ(words("a ### b"), (Words{"_:a", "X:###", "_:b", "E:"}));
  EXPECT_EQ(mistakes("let größe = 1"), Words{"E0101@6-8 unexpected character `ö`"});
  EXPECT_EQ(words("let größe = 1"), (Words{"let", "_:gr", "X:öße", "=", "I:1", "E:"}));
  EXPECT_EQ(mistakes("a\x01"), Words{"E0101@1-2 unexpected character `U+0001`"});
}

TEST(Lexer, LookalikesComeWithHelp) {
  const PaddedText text("“hi”");
  diag::Sink sink;
  lex(base::FileId{0}, text.view(), sink);
  ASSERT_FALSE(sink.diagnostics().empty());
  EXPECT_EQ(sink.diagnostics()[0].help, "use a plain `\"`");
}

TEST(Lexer, WhatTheEncodingCheckReportsIsSkipped) {
  EXPECT_EQ(words(std::string_view("a\0b\xff"
                                   "c",
                                   5)),
            (Words{"_:a", "_:b", "_:c", "E:"}));
  EXPECT_TRUE(mistakes(std::string_view("a\0b\xff"
                                        "c",
                                        5))
                  .empty());
}

TEST(Lexer, VeryLongTokensAndLines) {
  const std::string name(1'000'000, 'n');
  const std::string text = name + "+\"" + name + "\"/*" + name + "*/" + name;
  const auto list = words(text);
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(list[0], "_:" + name);
  EXPECT_EQ(list[3], "_:" + name);
}

TEST(StringValue, IsWhatTheLiteralMeans) {
  EXPECT_EQ(string_value(R"("a\n\x41\u00e9\\\"\0b")"), std::string("a\nA\xc3\xa9\\\"\0b", 9));
  EXPECT_EQ(string_value("'a\\\nb\\\r\nc'"), "abc");
  EXPECT_EQ(string_value("hex\"00_fF\""), std::string("\0\xff", 2));
  EXPECT_EQ(string_value("unicode'é'"), "é");
  EXPECT_EQ(string_value("\"open"), "open");
  EXPECT_EQ(string_value("\"bad\\q\\\""), "bad\\q\"");
  EXPECT_EQ(string_value("\""), "");
}

TEST(Keywords, TableFindsEachAndNothingElse) {
  for (const auto& keyword : keywords_detail::spellings) {
    const PaddedText text(std::string(keyword.text) + "tail");
    const char* const at = text.view().data();
    EXPECT_EQ(keyword_kind(at, keyword.text.size()), keyword.kind);
    EXPECT_EQ(keyword_kind(at, keyword.text.size() + 1), TokenKind::Identifier);
    EXPECT_EQ(keyword_kind(at + 1, keyword.text.size() - 1) == keyword.kind, false);
  }
}

}  // namespace
}  // namespace omega::lex
