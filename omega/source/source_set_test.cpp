// SPDX-License-Identifier: Apache-2.0
// Tests of texts, lines, columns and the encoding check.
#include "omega/source/source_set.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace omega::source {
namespace {

TEST(SourceSet, TextIsPaddedWithZeroBytes) {
  SourceSet set;
  diag::Sink sink;
  const FileId file = set.add("a.omega", "let x = 1", sink);
  EXPECT_EQ(set.text(file), "let x = 1");
  EXPECT_EQ(set.path(file), "a.omega");
  for (size_t i = 0; i < padding; ++i) {
    EXPECT_EQ(set.text(file).data()[9 + i], '\0');
  }
  EXPECT_EQ(set.text(Span{file, 4, 5}), "x");
}

TEST(SourceSet, ByteOrderMarkIsDropped) {
  SourceSet set;
  diag::Sink sink;
  EXPECT_EQ(set.text(set.add("a", "\xef\xbb\xbfx", sink)), "x");
  EXPECT_EQ(set.text(set.add("b", "\xef\xbb", sink)), "\xef\xbb");
  EXPECT_TRUE(sink.empty());
}

TEST(SourceSet, LocatesLinesAndColumns) {
  SourceSet set;
  diag::Sink sink;
  const FileId file = set.add("a", "ab\n\nä漢x\r\nend", sink);
  EXPECT_EQ(set.locate(file, 0), (LineColumn{1, 1}));
  EXPECT_EQ(set.locate(file, 2), (LineColumn{1, 3}));
  EXPECT_EQ(set.locate(file, 3), (LineColumn{2, 1}));
  EXPECT_EQ(set.locate(file, 4), (LineColumn{3, 1}));
  EXPECT_EQ(set.locate(file, 9), (LineColumn{3, 3}));
  EXPECT_EQ(set.locate(file, 12), (LineColumn{4, 1}));
  EXPECT_EQ(set.locate(file, 1000), (LineColumn{4, 4}));
  EXPECT_EQ(set.line_starts(file).size(), 4u);
}

TEST(SourceSet, LinesOfALongTextFromSeveralThreads) {
  std::string text;
  std::vector<uint32_t> starts = {0};
  for (int i = 0; i < 5000; ++i) {
    text += std::string(static_cast<size_t>(i % 37), 'x') + "\n";
    starts.push_back(static_cast<uint32_t>(text.size()));
  }
  SourceSet set;
  diag::Sink sink;
  const FileId file = set.add("a", text, sink);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const auto lines = set.line_starts(file);
      EXPECT_TRUE(std::equal(lines.begin(), lines.end(), starts.begin(), starts.end()));
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

std::vector<std::string> complaints(std::string text) {
  SourceSet set;
  diag::Sink sink;
  const FileId file = set.add("a", std::move(text), sink);
  check_encoding(file, set.text(file), sink);
  std::vector<std::string> found;
  for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
    found.push_back(std::string(diag::info(diagnostic.kind).code) + "@" + std::to_string(diagnostic.span.begin) + "+" + std::to_string(diagnostic.span.size()));
  }
  return found;
}

using Complaints = std::vector<std::string>;

TEST(CheckEncoding, GoodTextIsSilent) {
  EXPECT_EQ(complaints(""), Complaints{});
  EXPECT_EQ(complaints("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"), Complaints{});
  EXPECT_EQ(complaints(std::string(200, 'a') + "漢字" + std::string(200, 'b')), Complaints{});
}

TEST(CheckEncoding, DirectionsEndWhereTheyBegin) {
  const std::string rlo = "\u202e";
  const std::string lri = "\u2066";
  const std::string pdf = "\u202c";
  const std::string pdi = "\u2069";
  EXPECT_EQ(complaints("let x = \"" + rlo + "abc" + pdf + "\" // " + lri + "a" + pdi + "\n/* " + rlo + "\n" + pdf + " */"), Complaints{});
  EXPECT_EQ(complaints("/* " + rlo + " } " + lri + " if (a) " + pdi + " */ b /* " + pdf + " */"), (Complaints{"E0958@3+3", "E0958@32+3"}));
  EXPECT_EQ(complaints("// " + rlo + "\n// " + pdf), (Complaints{"E0958@3+3", "E0958@10+3"}));
  EXPECT_EQ(complaints("'" + pdf + "' \"" + lri + "\\\"" + pdi + "\""), Complaints{"E0958@1+3"});
  EXPECT_EQ(complaints("\"" + rlo + "\n" + pdf + "\""), (Complaints{"E0958@1+3"}));
  EXPECT_EQ(complaints("/* " + rlo), Complaints{"E0958@3+3"});
}

TEST(CheckEncoding, PlainTextIsAsciiWithoutNullBytes) {
  for (const size_t size : {0u, 1u, 63u, 64u, 65u, 200u}) {
    EXPECT_TRUE(is_plain(std::string(size, '\n'))) << size;
    for (size_t at = 0; at < size; ++at) {
      for (const char odd : {'\0', '\x80', '\xff'}) {
        std::string text(size, 'a');
        text[at] = odd;
        EXPECT_FALSE(is_plain(text)) << size << " " << at;
      }
    }
  }
}

TEST(CheckEncoding, EachBadRunIsReportedOnceAtItsOffset) {
  EXPECT_EQ(complaints("ab\xff\xfe x \x80"), (Complaints{"E0951@2+2", "E0951@7+1"}));
  EXPECT_EQ(complaints("\xc0\xaf"), (Complaints{"E0951@0+2"}));
  EXPECT_EQ(complaints("\xed\xa0\x80"), (Complaints{"E0951@0+3"}));
  EXPECT_EQ(complaints("\xf4\x90\x80\x80"), (Complaints{"E0951@0+4"}));
  EXPECT_EQ(complaints("x\xe6\xbc"), (Complaints{"E0951@1+2"}));
  EXPECT_EQ(complaints(std::string(63, 'a') + "\xe6\xbc\xa2" + std::string(61, 'a') + "\xff"), (Complaints{"E0951@127+1"}));
}

TEST(CheckEncoding, FirstNullByteIsReported) {
  EXPECT_EQ(complaints(std::string("ab\0c\0d", 6)), (Complaints{"E0952@2+1"}));
  std::string text(300, 'x');
  text[200] = '\0';
  EXPECT_EQ(complaints(text), (Complaints{"E0952@200+1"}));
}

}  // namespace
}  // namespace omega::source
