// SPDX-License-Identifier: Apache-2.0
// Outlines with their bodies put back are the whole stream; every part count gives the same; braces are matched alike in both lanes.
#include "omega/lex/outline.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "omega/lex/lex_testing.h"

namespace omega::lex {
namespace {

using testing::Outcome;
using testing::outcome_of;
using testing::PaddedText;

/// The outline's stream with the tokens of the bodies it left out.
Outcome filled_outline(std::string_view text, size_t& bodies) {
  diag::Sink sink;
  const TokenStream outline = lex_outline(base::FileId{0}, text, sink);
  TokenStream whole;
  TokenStream body;
  whole.text = text;
  for (uint32_t i = 0; i < outline.size(); ++i) {
    if (outline.kind(i) != TokenKind::OutlinedBody) {
      whole.kinds.push_back(outline.kind(i));
      whole.offsets.push_back(outline.offsets[i]);
      continue;
    }
    ++bodies;
    lex_range(base::FileId{0}, text, {outline.offset(i), outline.offset(i + 1) + 1}, body, sink);
    EXPECT_EQ(body.kind(0), TokenKind::LeftBrace);
    EXPECT_EQ(body.kind(body.size() - 1), TokenKind::EndOfFile);
    whole.kinds.append(body.kinds.data(), body.size() - 1);
    whole.offsets.push_back(outline.offsets[i]);
    whole.offsets.append(body.offsets.data() + 1, body.size() - 2);
    ++i;  // the brace that closes it is the body's last token
  }
  return outcome_of(std::move(whole), sink);
}

/// Functions between which and in which anything may stand.
std::string random_program(std::mt19937& random, size_t functions) {
  static constexpr std::string_view headers[] = {
      "function f(int64 x) returns (int64) {",
      "function g() {",
      "function h() // {\n{",
      "function k<T>(T x) {",
      "function\nm() {",
      " function n() {",
      "function o(Result<int64> x)\n{",
      "function p();",
      "function q(int64 x)\n",
      "function $(){",
      "contract C {\nfunction r() {",
      "functions s() {",
  };
  static constexpr std::string_view inside[] = {
      "x",      " += ",   "1.5",          "\n",    "\n",         "if (a) { b }", "{",   "}",   "\"}\"",
      "'\\'{'", "// }\n", "/* } \n { */", "a / b", "\"{\\\n}\"", "hex\"00\"",    "..<", "}\n", "\"open\n",
  };
  std::string text;
  const uint32_t last = random() % 3 == 0 ? std::size(inside) : std::size(inside) - 2;
  for (size_t i = 0; i < functions; ++i) {
    text += headers[random() % std::size(headers)];
    for (size_t part = random() % 30; part > 0; --part) {
      text += inside[random() % last];
    }
    text += random() % 8 == 0 ? "\n" : "}\n";
    text += random() % 6 == 0 ? "/* function\nfunction z() { */ let y = {x: 1}\n" : "";
  }
  return text;
}

TEST(Outline, WithItsBodiesIsTheWholeStream) {
  std::mt19937 random(5);
  size_t bodies = 0;
  for (int round = 0; round < 8000; ++round) {
    const PaddedText text(random_program(random, 1 + random() % 6));
    ASSERT_TRUE(filled_outline(text.view(), bodies) == testing::lex_whole(text.view())) << text.view();
  }
  EXPECT_GT(bodies, 2000u);
}

TEST(Outline, EveryPartCountGivesTheSameOrNothing) {
  std::mt19937 random(6);
  size_t same = 0;
  for (int round = 0; round < 3000; ++round) {
    const PaddedText text(random_program(random, 1 + random() % 40));
    diag::Sink sink;
    TokenStream expected_stream = lex_outline(base::FileId{0}, text.view(), sink);
    const Outcome expected = outcome_of(std::move(expected_stream), sink);
    for (size_t count = 1; count <= 20; ++count) {
      std::vector<OutlineTokens> parts;
      uint32_t covered = 0;
      for (const Chunk chunk : plan_outline_chunks(text.view(), count)) {
        EXPECT_EQ(chunk.begin, covered);
        covered = chunk.end;
        parts.push_back(lex_outline_chunk(base::FileId{0}, text.view(), chunk));
      }
      EXPECT_EQ(covered, text.view().size());
      diag::Sink merged_sink;
      std::optional<TokenStream> merged = merge_outlines(base::FileId{0}, text.view(), parts, merged_sink);
      if (merged && !merged_sink.has_errors() && !sink.has_errors()) {
        same += count > 1 ? 1 : 0;
        ASSERT_TRUE(outcome_of(std::move(*merged), merged_sink) == expected) << count << " parts of\n" << text.view();
      }
    }
  }
  EXPECT_GT(same, 1000u);
}

TEST(Outline, LeavesOutBodiesAtTheTopLevelOnly) {
  const auto left_out = [](std::string_view source) {
    const PaddedText text(source);
    diag::Sink sink;
    const TokenStream stream = lex_outline(base::FileId{0}, text.view(), sink);
    size_t count = 0;
    for (uint32_t i = 0; i < stream.size(); ++i) {
      count += stream.kind(i) == TokenKind::OutlinedBody ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(left_out("function f() { return 1 }\nfunction g()\n{\n}\n"), 2u);
  EXPECT_EQ(left_out("contract C {\nfunction f() {}\n}\nfunction g() {}\n"), 1u);
  EXPECT_EQ(left_out("/*\nfunction f() {}\n*/\nfunction g() {}\n"), 1u);
  EXPECT_EQ(left_out("let s = \"a\\\nfunction f() {}\"\n"), 0u);
  EXPECT_EQ(left_out("function f<T>(T x) {}\n"), 0u);
  EXPECT_EQ(left_out("function f() /* { */ {}\n"), 0u);
  EXPECT_EQ(left_out("function f() { \"open\n }\nfunction g() {}\n"), 0u);
  EXPECT_EQ(left_out("function f() { {\nfunction g() {}\n"), 0u);
}

TEST(MatchingBrace, IsTheSameInBothLanes) {
  if (fastest_lane() == Lane::tokenwise) {
    GTEST_SKIP() << "this processor has no AVX2";
  }
  std::mt19937 random(7);
  size_t found = 0;
  for (int round = 0; round < 20000; ++round) {
    static constexpr std::string_view parts[] = {
        "{", "}", "}", "\"}\"", "'", "\"", "//", "/*", "*/", "/", "\n", "\\", "let x = 1 + y\n", "                                "};
    std::string source = "{";
    const uint32_t rarity = 1 + random() % 8;
    for (size_t i = random() % 40; i > 0; --i) {
      source += random() % rarity == 0 ? parts[random() % std::size(parts)] : parts[random() % 2 == 0 ? 12 : random() % 2];
    }
    const PaddedText text(source);
    const char* const open = text.view().data();
    const char* const limit = open + random() % (text.view().size() + 1);
    const char* const end = matching_brace(open, limit, Lane::blockwise);
    ASSERT_EQ(end, matching_brace(open, limit, Lane::tokenwise)) << source;
    found += end != nullptr ? 1 : 0;
  }
  EXPECT_GT(found, 2000u);
}

}  // namespace
}  // namespace omega::lex
