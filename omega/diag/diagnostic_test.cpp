// SPDX-License-Identifier: Apache-2.0
// Tests of the kinds' table, the sink's order and the suggestions.
#include "omega/diag/diagnostic.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <random>
#include <set>
#include <string>

#include "omega/diag/edit_distance.h"

namespace omega::diag {
namespace {

TEST(Kinds, CodesAreUniqueAndWellFormed) {
  std::set<std::string> codes;
  for (const KindInfo& kind : all_kinds()) {
    const std::string code = kind.code;
    EXPECT_EQ(code.size(), 5u) << kind.name;
    EXPECT_EQ(code[0], kind.severity == Severity::warning ? 'W' : kind.severity == Severity::note ? 'N' : 'E') << kind.name;
    for (const char digit : code.substr(1)) {
      EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(digit))) << kind.name;
    }
    EXPECT_TRUE(codes.insert(code.substr(1)).second) << code << " is used twice";
  }
  EXPECT_GE(codes.size(), 10u);
}

TEST(Kinds, MessagesKeepTheStyle) {
  for (const KindInfo& kind : all_kinds()) {
    const std::string message = kind.message;
    ASSERT_FALSE(message.empty()) << kind.name;
    EXPECT_NE(message.back(), '.') << kind.name;
    EXPECT_FALSE(std::isupper(static_cast<unsigned char>(message[0])) && std::islower(static_cast<unsigned char>(message[1])) &&
                 message.compare(0, 4, "UTF-") != 0)
        << kind.name;
    const std::string explanation = kind.explanation;
    EXPECT_GE(explanation.size(), 40u) << kind.name << " needs an explanation";
    EXPECT_EQ(explanation.back(), '.') << kind.name;
  }
}

TEST(Kinds, AreFoundByCode) {
  ASSERT_NE(find_code("E0103"), nullptr);
  EXPECT_EQ(find_code("E0103")->kind, Kind::UnterminatedComment);
  EXPECT_EQ(find_code("e0103"), find_code("E0103"));
  EXPECT_EQ(find_code("E9999"), nullptr);
  EXPECT_EQ(find_code(""), nullptr);
}

TEST(Diagnostic, PutsArgumentsIn) {
  Sink sink;
  EXPECT_EQ(sink.report(Kind::BadNumber, {}, {"1__0", "two underscores"}).message(), "malformed number `1__0`: two underscores");
}

TEST(DiagnosticDeathTest, MissingArgumentIsABug) {
  Sink sink;
  const Diagnostic& diagnostic = sink.report(Kind::BadNumber, {}, {"1"});
  EXPECT_EXIT((void)diagnostic.message(), testing::ExitedWithCode(70), "too few arguments");
}

TEST(Sink, OrdersByFileOffsetAndCode) {
  Sink sink;
  const FileId one{0};
  const FileId two{1};
  sink.report(Kind::UnterminatedComment, {two, 1, 2});
  sink.report(Kind::UnterminatedComment, {one, 9, 12});
  sink.report(Kind::UnexpectedCharacter, {one, 9, 10}, {"#"});
  sink.report(Kind::CannotReadFile, {}, {"a", "b"});
  const auto& sorted = sink.diagnostics();
  ASSERT_EQ(sorted.size(), 4u);
  EXPECT_EQ(sorted[0].kind, Kind::CannotReadFile);
  EXPECT_EQ(sorted[1].kind, Kind::UnexpectedCharacter);
  EXPECT_EQ(sorted[2].kind, Kind::UnterminatedComment);
  EXPECT_EQ(sorted[3].span.file, two);
  EXPECT_EQ(sink.error_count(), 4u);
}

TEST(Sink, SameMistakeIsShownOnce) {
  Sink sink;
  sink.report(Kind::NullByte, {FileId{0}, 3, 4});
  sink.report(Kind::NullByte, {FileId{0}, 3, 4});
  EXPECT_EQ(sink.diagnostics().size(), 1u);
  EXPECT_EQ(sink.error_count(), 2u);
  EXPECT_EQ(sink.shown_error_count(), 1u);
}

TEST(Sink, MergedResultDoesNotDependOnTheSplit) {
  std::mt19937 random(7);
  std::vector<Span> spans;
  for (int i = 0; i < 3000; ++i) {
    const auto begin = static_cast<uint32_t>(random() % 5000);
    spans.push_back({FileId{static_cast<uint32_t>(random() % 3)}, begin, begin + 1});
  }
  std::vector<Span> expected;
  for (const size_t parts : {1u, 2u, 7u, 64u}) {
    std::shuffle(spans.begin(), spans.end(), random);
    std::vector<Sink> sinks(parts);
    for (size_t i = 0; i < spans.size(); ++i) {
      sinks[i % parts].report(Kind::NullByte, spans[i]);
    }
    Sink all;
    for (Sink& sink : sinks) {
      all.merge(std::move(sink));
    }
    std::vector<Span> shown;
    for (const Diagnostic& diagnostic : all.diagnostics()) {
      shown.push_back(diagnostic.span);
    }
    EXPECT_EQ(shown.size(), Sink::max_shown);
    EXPECT_TRUE(all.too_many_errors());
    EXPECT_EQ(all.error_count(), 3000u);
    if (expected.empty()) {
      expected = shown;
    }
    EXPECT_TRUE(shown == expected) << parts << " parts";
  }
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc", 5), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3u);
  EXPECT_EQ(edit_distance("pritnf", "printf", 5), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3u);
  EXPECT_EQ(edit_distance("same", "same", 0), 0u);
}

TEST(EditDistance, NearestNameIsNearAndDoesNotDependOnOrder) {
  const std::array<std::string_view, 4> names = {"balance", "balances", "transfer", "owner"};
  EXPECT_EQ(nearest_name("balanse", names), "balance");
  EXPECT_EQ(nearest_name("onwer", names), "owner");
  EXPECT_EQ(nearest_name("zzz", names), "");
  EXPECT_EQ(nearest_name("x", names), "");
  const std::array<std::string_view, 2> forward = {"aab", "aac"};
  const std::array<std::string_view, 2> backward = {"aac", "aab"};
  EXPECT_EQ(nearest_name("aad", forward), nearest_name("aad", backward));
}

}  // namespace
}  // namespace omega::diag
