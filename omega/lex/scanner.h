// SPDX-License-Identifier: Apache-2.0
// The lexer's inside: one range of a text, token by token, with a fast lane that takes 64 bytes at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "omega/base/pod_vector.h"
#include "omega/diag/diagnostic.h"
#include "omega/lex/lexer.h"
#include "omega/lex/literals.h"
#include "omega/lex/tokens.h"

namespace omega::lex {

/// One past the Invalid token at `at`: the character that begins nothing with its repetitions or, where it is no ASCII, the word it
/// stands in.
const char* invalid_end(const char* at, const char* limit);

/// How the scanner goes through plain text; both give the same tokens.
enum class Lane : uint8_t {
  tokenwise,  ///< one token at a time, on every machine
  blockwise,  ///< 64 bytes at a time where they are plain, with AVX2
  wide,       ///< the same with AVX-512 (VBMI2), which also writes the tokens of a block together
};

/// The fastest lane this processor has.
Lane fastest_lane();

/// Lexes [begin, end) of a text into arrays. Nothing in code may cross `end` but a block comment.
class Scanner {
 public:
  Scanner(base::FileId file, std::string_view text, Chunk range, ChunkTokens& out);

  /// Runs to the end of the range.
  void run(ChunkStart start, Lane lane);

  /// In steps instead of run(): lexes on to `end`, which lies in the range.
  void continue_to(const char* end);
  /// Goes on behind `end`; what lies before it, from the `{` where the last step ended to the `}`, is left out.
  void leave_out(const char* open, const char* end);

 private:
  void run_lane(Lane lane);
  void run_tokenwise();
  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] void run_blockwise();
  [[gnu::target("avx2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] void run_wide();

  /// Takes what begins at at_: white space, a comment or a token.
  void scan_one();
  void scan_identifier();
  void scan_number_token();
  void report_number(const NumberShape& number);
  void scan_string_token();
  void scan_operator();
  void scan_unexpected();
  void skip_line_comment();
  void skip_block_comment(uint32_t begin, const char* from);
  void check_escapes(const char* from, const char* to);
  void check_hex_digits(const char* from, const char* to);

  [[nodiscard]] base::Span span(const char* begin, const char* end) const {
    return {file_, static_cast<uint32_t>(begin - text_), static_cast<uint32_t>(end - text_)};
  }

  /// Makes room for `count` more tokens.
  void reserve_more(size_t count) {
    if (out_.kinds.size() + count > out_.kinds.capacity()) [[unlikely]] {
      grow(count);
    }
  }
  void grow(size_t count);

  void emit(TokenKind kind, const char* at) {
    reserve_more(1);
    out_.kinds.push_back_unchecked(kind);
    out_.offsets.push_back_unchecked(static_cast<uint32_t>(at - text_) | (newline_ ? TokenStream::kNewlineBefore : 0));
    newline_ = false;
  }

  base::FileId file_;
  const char* text_;
  const char* at_;
  const char* begin_;
  const char* end_;
  bool newline_;
  ChunkTokens& out_;
};

}  // namespace omega::lex
