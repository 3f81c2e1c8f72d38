// SPDX-License-Identifier: Apache-2.0
// What the lexer's tests and its fuzzer share: random texts, and comparing what two ways of lexing gave.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/lex/lexer.h"
#include "omega/lex/scanner.h"

namespace omega::lex::testing {

/// A text with the padding that lexers need.
class PaddedText {
 public:
  explicit PaddedText(std::string_view text) : bytes_(text), size_(text.size()) { bytes_.append(64, '\0'); }
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::string bytes_;
  size_t size_;
};

/// Everything a lexing gave, comparable.
struct Outcome {
  base::PodVector<TokenKind> kinds;
  /// With the flags of line ends.
  base::PodVector<uint32_t> offsets;
  std::vector<std::string> diagnostics;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline Outcome outcome_of(TokenStream stream, diag::Sink& sink) {
  Outcome outcome{std::move(stream.kinds), std::move(stream.offsets), {}};
  for (const diag::Diagnostic& d : sink.diagnostics()) {
    outcome.diagnostics.push_back(std::string(diag::info(d.kind).code) + "@" + std::to_string(d.span.begin) + "-" + std::to_string(d.span.end) + " " +
                                  d.message() + " " + d.help);
  }
  return outcome;
}

inline Outcome lex_whole(std::string_view text) {
  diag::Sink sink;
  TokenStream stream = lex(base::FileId{0}, text, sink);
  return outcome_of(std::move(stream), sink);
}

inline Outcome lex_chunked(std::string_view text, size_t count) {
  diag::Sink sink;
  TokenStream stream = lex_in_chunks(base::FileId{0}, text, count, sink);
  return outcome_of(std::move(stream), sink);
}

/// Tokens and diagnostics of one lane, without the end-of-file token.
inline Outcome lex_lane(std::string_view text, Lane lane) {
  ChunkTokens tokens;
  Scanner(base::FileId{0}, text, {0, static_cast<uint32_t>(text.size())}, tokens).run(ChunkStart::code, lane);
  TokenStream stream;
  stream.text = text;
  stream.kinds = std::move(tokens.kinds);
  stream.offsets = std::move(tokens.offsets);
  Outcome outcome = outcome_of(std::move(stream), tokens.sink);
  outcome.diagnostics.push_back("open comment " + std::to_string(tokens.open_comment) + (tokens.newline_pending ? " newline" : ""));
  return outcome;
}

/// What must hold of every stream: places go up, ends lie between, and spellings of fixed tokens are theirs.
inline std::string invariant_broken(std::string_view text) {
  diag::Sink sink;
  const TokenStream stream = lex(base::FileId{0}, text, sink);
  if (stream.size() == 0 || stream.kind(stream.size() - 1) != TokenKind::EndOfFile || stream.offset(stream.size() - 1) != text.size()) {
    return "no end of file";
  }
  for (uint32_t i = 0; i + 1 < stream.size(); ++i) {
    const uint32_t end = stream.end_of(i);
    if (end <= stream.offset(i) || end > stream.offset(i + 1)) {
      return "token " + std::to_string(i) + " overlaps the next";
    }
    const bool fixed = stream.kind(i) > TokenKind::UnicodeString;
    if (fixed && stream.spelled(i) != spelling(stream.kind(i))) {
      return "token " + std::to_string(i) + " is not what is spelled there";
    }
    const std::string_view between = text.substr(end, stream.offset(i + 1) - end);
    const bool has_newline = between.find('\n') != std::string_view::npos;
    if (has_newline != stream.newline_before(i + 1)) {
      return "token " + std::to_string(i + 1) + " has the wrong line flag";
    }
  }
  return {};
}

/// Pieces that meet in every way that matters.
inline const std::vector<std::string_view>& fragments() {
  // clang-format off
  static const std::vector<std::string_view> list = {
      "let",   "x",     "x3",     "total_amount", "function", "constructor", "a_very_long_identifier_that_is_longer_than_a_whole_block_of_64_bytes_is",
      "hex",   "unicode", "do",   "if",    "iff",  "_",   "$",     "0",    "7",   "1_000", "0xff",  "0x",   "1e9",  "2.5e-3", "1__0", "007", "1ether",
      " ",     " ",     " ",      "  ",    "\n",   "\n",  "\r\n",  "\t",   "\f",  "                                                          ",
      "(",     ")",     "[",      "]",     "{",    "}",   ";",     ",",    ".",   "..<",   "..=",   ":",    "?",    "=>",     "->",   "@",   "@@",
      "=",     "+=",    "-=",     "<<=",   ">>=",  ">>>=", "+",    "-",    "*",   "**",    "/",     "%",    "&",    "|",      "^",    "~",   "!",
      "&&",    "||",    "==",     "!=",    "<",    "<=",  ">",     ">=",   "<<",  ">>",    ">>>",   "++",   "--",   "//",     "/*",   "*/",  "///",
      "/**/",  "\"",    "'",      "\\",    "\\n",  "\\x4", "\\u12", "\\\n", "#",  "`",     "\"text\"", "'t'", "hex\"0a_ff\"", "hex\"0\"", "unicode\"\xc3\xa9\"",
      "\xc3\xa9", "\xe2\x80\x9c", "\xff", std::string_view("\0", 1), "\x01", "\xc2\xa0", "// comment \"quoted\"\n", "/* block\n comment */", "x = y + 1;\n",
  };
  // clang-format on
  return list;
}

inline std::string random_text(std::mt19937& random, size_t pieces) {
  std::string text;
  // Some texts are mostly plain, others are nothing but corner cases.
  const uint32_t plain_share = random() % 4;
  for (size_t i = 0; i < pieces; ++i) {
    if (random() % 4 < plain_share) {
      static constexpr std::string_view plain[] = {"let x3 = x1 * 7 + x2;\n", "while (i < n) {\n", "    total += a[i];\n", "f(x, y) ", "}\n"};
      text += plain[random() % std::size(plain)];
    } else {
      text += fragments()[random() % fragments().size()];
    }
  }
  return text;
}

}  // namespace omega::lex::testing
