// SPDX-License-Identifier: Apache-2.0
// Properties: the lanes agree, every chunk count gives the sequential stream and diagnostics, and time grows with the text.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "omega/lex/lex_testing.h"
#include "omega/source/source_set.h"
#include "test/growth/growth.h"

namespace omega::lex {
namespace {

using testing::lex_chunked;
using testing::lex_lane;
using testing::lex_whole;
using testing::PaddedText;
using testing::random_text;

TEST(LexProperties, RandomTextsKeepTheInvariants) {
  std::mt19937 random(1);
  for (int round = 0; round < 4000; ++round) {
    const PaddedText text(random_text(random, 1 + random() % 60));
    ASSERT_EQ(testing::invariant_broken(text.view()), "") << text.view();
  }
}

/// The lanes of this processor, the first one aside.
std::vector<Lane> fast_lanes() {
  std::vector<Lane> lanes;
  for (const Lane lane : {Lane::blockwise, Lane::wide}) {
    if (lane <= fastest_lane()) {
      lanes.push_back(lane);
    }
  }
  return lanes;
}

TEST(LexProperties, LanesAgree) {
  std::mt19937 random(2);
  for (int round = 0; round < 6000; ++round) {
    const PaddedText text(random_text(random, 1 + random() % 80));
    const auto expected = lex_lane(text.view(), Lane::tokenwise);
    for (const Lane lane : fast_lanes()) {
      ASSERT_TRUE(lex_lane(text.view(), lane) == expected) << static_cast<int>(lane) << "\n" << text.view();
    }
  }
}

TEST(LexProperties, LanesAgreeOnEveryPairOfBytes) {
  for (unsigned first = 0; first < 256; ++first) {
    std::string source;
    for (unsigned second = 0; second < 256; ++second) {
      source += std::string("a ") + static_cast<char>(first) + static_cast<char>(second) + " b\n";
    }
    const PaddedText text(source);
    const auto expected = lex_lane(text.view(), Lane::tokenwise);
    for (const Lane lane : fast_lanes()) {
      ASSERT_TRUE(lex_lane(text.view(), lane) == expected) << static_cast<int>(lane) << " " << first;
    }
  }
}

TEST(LexProperties, LanesAgreeWhereverATokenMeetsTheBlockBorder) {
  for (const std::string_view fragment : testing::fragments()) {
    for (size_t before = 40; before < 70; ++before) {
      for (const char fill : {'a', ' ', '('}) {
        const PaddedText text(std::string(before, fill) + std::string(fragment) + "b c = 1;\n");
        const auto expected = lex_lane(text.view(), Lane::tokenwise);
        for (const Lane lane : fast_lanes()) {
          ASSERT_TRUE(lex_lane(text.view(), lane) == expected) << static_cast<int>(lane) << "\n" << text.view();
        }
      }
    }
  }
}

TEST(LexProperties, EveryChunkCountGivesTheSequentialStream) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    const PaddedText text(random_text(random, 1 + random() % 300));
    const auto expected = lex_whole(text.view());
    for (size_t count = 1; count <= 64; count += 1 + random() % 4) {
      ASSERT_TRUE(lex_chunked(text.view(), count) == expected) << count << " chunks of\n" << text.view();
    }
  }
}

TEST(LexProperties, CommentsAndStringsAcrossBorders) {
  for (const char* const opening : {"/* ", "\"abc\\\n", "'\\\r\n", "// \\\n", "x /* \" */ /* \n"}) {
    for (const char* const closing : {"*/ a", "\" b", "' c", "\n", ""}) {
      std::string body;
      for (int line = 0; line < 40; ++line) {
        body += line % 3 == 0 ? "it's a \"line\"\n" : "let x = 1 /* y */\n";
      }
      const PaddedText text("a\n" + std::string(opening) + body + closing + body);
      const auto expected = lex_whole(text.view());
      for (size_t count = 1; count <= 64; ++count) {
        ASSERT_TRUE(lex_chunked(text.view(), count) == expected) << count;
      }
    }
  }
}

TEST(PlanChunks, CoversTheTextAtLineStarts) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "let x = " + std::to_string(i) + (i % 10 == 0 ? "\\\n" : "\n");
  }
  for (size_t count = 1; count < 70; ++count) {
    const auto chunks = plan_chunks(text, count);
    EXPECT_EQ(chunks.size(), count);
    EXPECT_EQ(chunks.front().begin, 0u);
    EXPECT_EQ(chunks.back().end, text.size());
    for (size_t i = 1; i < chunks.size(); ++i) {
      EXPECT_EQ(chunks[i].begin, chunks[i - 1].end);
      EXPECT_EQ(text[chunks[i].begin - 1], '\n');
      EXPECT_NE(text[chunks[i].begin - 2], '\\');
    }
  }
  EXPECT_EQ(plan_chunks("", 8).size(), 1u);
  EXPECT_EQ(plan_chunks(std::string(100000, 'x'), 8).size(), 1u);
}

double seconds_for(std::string_view text) {
  return growth::seconds_of([&] {
    diag::Sink sink;
    const TokenStream stream = lex(base::FileId{0}, text, sink);
    EXPECT_GT(stream.size(), 0u);
  });
}

TEST(LexGrowth, TimeIsLinearForPlainAndForHostileTexts) {
  for (const std::string_view unit :
       {"let x3 = x1 * 7 + x2;\n", "/*/", "\"\\\n", "((((", "'", "****/", "0x", "\xff", "#", "/* ", "hex\"0", "a.b.c.", "\xc3\xa9 "}) {
    const auto repeated = [&](size_t bytes) {
      std::string text;
      while (text.size() < bytes) {
        text += unit;
      }
      return PaddedText(text);
    };
    SCOPED_TRACE(unit);
    // Eight times the text; a square would take 64 times as long.
    growth::expect_growth_below(24, repeated(400'000), repeated(3'200'000), [](const PaddedText& text) { return seconds_for(text.view()); });
  }
}

}  // namespace
}  // namespace omega::lex
