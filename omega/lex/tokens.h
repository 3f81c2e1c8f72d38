// SPDX-License-Identifier: Apache-2.0
// The token stream of one file: what the lexer gives and the parser reads.
#pragma once

#include <cstdint>
#include <string_view>

#include "omega/base/pod_vector.h"
#include "omega/base/span.h"

namespace omega::lex {

enum class TokenKind : uint8_t {
#define OMEGA_TOKEN(name, text) name,
#include "omega/lex/token_kinds.def"
};

/// The fixed spelling of `kind`, or a description such as `identifier` for kinds whose spelling varies.
std::string_view spelling(TokenKind kind);

/// Tokens as parallel flat arrays; the last one is EndOfFile. Comments and white space are left out.
/// `text` must outlive the stream. A token's end is found again by `end_of` when it is needed (diagnostics, literals).
struct TokenStream {
  base::FileId file;
  std::string_view text;  ///< whole source text, followed by at least 64 readable zero bytes
  base::PodVector<TokenKind> kinds;
  base::PodVector<uint32_t> offsets;  ///< byte offset of each token's first byte; the top bit is set when a line end precedes the token

  static constexpr uint32_t kNewlineBefore = 0x8000'0000u;

  uint32_t size() const { return static_cast<uint32_t>(kinds.size()); }
  TokenKind kind(uint32_t index) const { return kinds[index]; }
  uint32_t offset(uint32_t index) const { return offsets[index] & ~kNewlineBefore; }
  bool newline_before(uint32_t index) const { return (offsets[index] & kNewlineBefore) != 0; }
  /// One past the token's last byte.
  uint32_t end_of(uint32_t index) const;
  std::string_view spelled(uint32_t index) const { return text.substr(offset(index), end_of(index) - offset(index)); }
  base::Span span(uint32_t index) const { return {file, offset(index), end_of(index)}; }
  /// The identifier that begins at an offset.
  base::Span word_at(uint32_t offset) const;
};

}  // namespace omega::lex
