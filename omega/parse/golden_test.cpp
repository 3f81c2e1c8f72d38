// SPDX-License-Identifier: Apache-2.0
// What each construct becomes and each mistake says: testdata/. The same files, cut and shuffled, as hostile input.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "omega/diag/render.h"
#include "omega/parse/parse_testing.h"
#include "test/golden/golden.h"

namespace omega::parse {
namespace {

using testing::Parsed;

const std::filesystem::path kFolder = std::filesystem::path(OMEGA_ROOM_FOLDER) / "testdata";

Dialect dialect_of(const golden::Input& input) { return input.is_solidity() ? Dialect::Solidity : Dialect::Omega; }

std::string outline_dump(const golden::Input& input) {
  const testing::Outlined outline(input.text, dialect_of(input));
  return dump_tree(outline.tree, outline.names);
}

TEST(Golden, TreesAndMessages) {
  for (const golden::Input& input : golden::inputs_of(kFolder)) {
    Parsed parsed(input.text, dialect_of(input), input.name);
    EXPECT_EQ(parsed.sink.has_errors(), input.should_fail()) << input.name << "\n" << parsed.messages();
    std::string dump = parsed.dump();
    if (dump.size() > 20'000) {
      dump = "(a large tree)\n";
    }
    golden::expect_golden(input, parsed.rendered() + dump);
  }
}

TEST(Golden, EveryNodeKindAndMessageOccurs) {
  std::set<std::string> seen;
  for (const golden::Input& input : golden::inputs_of(kFolder)) {
    Parsed parsed(input.text, dialect_of(input), input.name);
    const std::string dump = parsed.dump() + outline_dump(input);
    for (size_t at = 0; at < dump.size();) {
      const size_t end = dump.find('\n', at);
      std::string_view line = std::string_view(dump).substr(at, end - at);
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      if (const size_t colon = line.find(": "); colon != std::string_view::npos && line.substr(0, colon).find(' ') == std::string_view::npos) {
        line.remove_prefix(colon + 2);
      }
      seen.insert(std::string(line.substr(0, line.find(' '))));
      at = end + 1;
    }
    for (const diag::Diagnostic& diagnostic : parsed.sink.diagnostics()) {
      seen.insert(diag::info(diagnostic.kind).name);
    }
  }
#define OMEGA_NODE(kind, operands) EXPECT_TRUE(seen.contains(#kind)) << "no golden file shows a " #kind;
#include "omega/parse/node_kinds.def"
#define OMEGA_DIAG(name, code, severity, message, explanation) EXPECT_TRUE(seen.contains(#name)) << "no golden file shows " code;
#include "omega/diag/kinds_parse.def"
#undef OMEGA_DIAG
}

TEST(Pieces, GiveTheSameTreeAndMessages) {
  for (const golden::Input& input : golden::inputs_of(kFolder)) {
    for (uint32_t count = 2; count <= 6; ++count) {
      EXPECT_EQ(testing::whole_outcome(input.text, dialect_of(input)), testing::pieces_outcome(input.text, dialect_of(input), count))
          << input.name << " in " << count;
    }
  }
}

TEST(Pieces, CutWhereFunctionsBegin) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "function f" + std::to_string(i) + "(int64 x) returns (int64) {\n  if (x > 1) { return x }\n  return 2\n}\n";
  }
  Parsed parsed(text);
  const std::vector<Piece> pieces = plan_pieces(parsed.tokens, 4);
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces.front().first_token, 0u);
  EXPECT_EQ(pieces.back().end_token, parsed.tokens.size() - 1);
  for (size_t i = 1; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i].first_token, pieces[i - 1].end_token);
    EXPECT_EQ(parsed.tokens.kind(pieces[i].first_token), lex::TokenKind::Function);
    const uint32_t size = pieces[i].end_token - pieces[i].first_token;
    EXPECT_NEAR(size, parsed.tokens.size() / 4.0, 40);
  }
  EXPECT_EQ(testing::whole_outcome(text, Dialect::Omega), testing::pieces_outcome(text, Dialect::Omega, 4));
  for (const char* broken : {"(", ")", "{", "}", "if", "\"", "function", "else", "@", "match x {", "x => {", "/*"}) {
    for (const size_t at : {size_t{0}, text.size() / 4, text.size() / 2, text.size() - 2}) {
      const std::string edited = text.substr(0, at) + broken + text.substr(at);
      EXPECT_EQ(testing::whole_outcome(edited, Dialect::Omega), testing::pieces_outcome(edited, Dialect::Omega, 4)) << broken << " at " << at;
    }
  }
}

TEST(DeferredBodies, GiveTheSameTreesAndMessages) {
  size_t deferred = 0;
  for (const golden::Input& input : golden::inputs_of(kFolder)) {
    const Dialect dialect = dialect_of(input);
    const std::string outcome = testing::deferred_outcome(input.text, dialect);
    if (!input.should_fail()) {
      EXPECT_FALSE(outcome.empty()) << input.name;
    }
    if (!outcome.empty()) {
      EXPECT_EQ(outcome, testing::expected_deferred_outcome(input.text, dialect)) << input.name;
      deferred += outcome.find("DeferredBody") != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_GE(deferred, 3u);
}

TEST(DeferredBodies, WithoutOneTokenAreTheSameOrNoticed) {
  size_t unnoticed = 0;
  for (const golden::Input& input : golden::inputs_of(kFolder)) {
    const Dialect dialect = dialect_of(input);
    const Parsed whole(input.text, dialect);
    if (whole.tokens.size() > 3000) {
      continue;
    }
    for (uint32_t token = 0; token + 1 < whole.tokens.size(); ++token) {
      const base::Span span = whole.tokens.span(token);
      const std::string edited = input.text.substr(0, span.begin) + input.text.substr(span.end);
      if (const std::string outcome = testing::deferred_outcome(edited, dialect); !outcome.empty()) {
        ++unnoticed;
        ASSERT_EQ(outcome, testing::expected_deferred_outcome(edited, dialect)) << input.name << " without token " << token;
      }
    }
  }
  EXPECT_GT(unnoticed, 100u);
}

TEST(DeferredBodies, OfOutlinesInPiecesAreTheSame) {
  std::string text = "let a = 1\n";
  for (int i = 0; i < 100; ++i) {
    text += "function f" + std::to_string(i) + "(int64 x) returns (int64) {\n  if (x > 1) { return \"}\" }\n  return 2 // }\n}\n";
    text += i % 10 == 0 ? "/* { */ printf(\"{\")\n" : "";
  }
  const Dialect dialect = Dialect::Omega;
  const testing::Outlined whole(text, dialect);
  const std::string expected = dump_tree(whole.tree, whole.names);
  EXPECT_EQ(testing::deferred_outcome(text, dialect), testing::expected_deferred_outcome(text, dialect));
  for (uint32_t count = 1; count < 40; ++count) {
    EXPECT_EQ(testing::outline_in_pieces(text, dialect, count), expected) << count;
  }
}

/// Edits single tokens of correct programs: nearly every such mistake must give one or two messages.
TEST(Recovery, OneMistakeGivesFewMessages) {
  size_t edits = 0;
  size_t more_than_one = 0;
  size_t most = 0;
  std::string worst;
  for (const golden::Input& input : golden::inputs_of(kFolder)) {
    if (input.should_fail()) {
      continue;
    }
    const Parsed whole(input.text, dialect_of(input));
    for (uint32_t token = 0; token + 1 < whole.tokens.size(); ++token) {
      const base::Span span = whole.tokens.span(token);
      std::string edited = input.text.substr(0, span.begin) + input.text.substr(span.end);
      Parsed parsed(edited, dialect_of(input));
      ++edits;
      const size_t errors = parsed.sink.error_count();
      more_than_one += errors > 1 ? 1 : 0;
      if (errors > most) {
        most = errors;
        worst = input.name + " without token " + std::to_string(token) + " " + std::string(whole.tokens.spelled(token)) + "\n" + parsed.messages();
      }
    }
  }
  EXPECT_GT(edits, 1000u);
  EXPECT_LT(static_cast<double>(more_than_one), 0.04 * static_cast<double>(edits)) << more_than_one << " of " << edits;
  EXPECT_LE(most, 5u) << worst;
  RecordProperty("edits", static_cast<int>(edits));
  RecordProperty("more_than_one_message", static_cast<int>(more_than_one));
}

TEST(Garbage, ShuffledTokensNeverCrash) {
  std::mt19937 random(7);
  const std::vector<golden::Input> inputs = golden::inputs_of(kFolder);
  std::vector<std::string> words;
  for (const golden::Input& input : inputs) {
    if (input.text.size() < 4000) {
      const Parsed parsed(input.text, dialect_of(input));
      for (uint32_t token = 0; token + 1 < parsed.tokens.size(); ++token) {
        words.emplace_back(parsed.tokens.spelled(token));
      }
    }
  }
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const size_t count = random() % 60;
    for (size_t i = 0; i < count; ++i) {
      text += words[random() % words.size()] + (random() % 6 == 0 ? "\n" : " ");
    }
    const Dialect dialect = random() % 3 == 0 ? Dialect::Solidity : Dialect::Omega;
    EXPECT_EQ(testing::whole_outcome(text, dialect), testing::pieces_outcome(text, dialect, 3)) << text;
    if (const std::string outcome = testing::deferred_outcome(text, dialect); !outcome.empty()) {
      EXPECT_EQ(outcome, testing::expected_deferred_outcome(text, dialect)) << text;
    }
  }
}

}  // namespace
}  // namespace omega::parse
