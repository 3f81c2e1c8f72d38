// SPDX-License-Identifier: Apache-2.0
// Spellings of tokens, fixed ones by table and others found again in the text.
#include "omega/lex/tokens.h"

#include "omega/base/check.h"
#include "omega/lex/characters.h"
#include "omega/lex/literals.h"
#include "omega/lex/scanner.h"

namespace omega::lex {
namespace {

constexpr std::string_view fixed_spellings[] = {
#define OMEGA_TOKEN(name, text) text,
#include "omega/lex/token_kinds.def"
};

}  // namespace

std::string_view spelling(TokenKind kind) {
  switch (kind) {
    case TokenKind::EndOfFile: return "end of file";
    case TokenKind::Invalid: return "invalid token";
    case TokenKind::Identifier: return "identifier";
    case TokenKind::Integer: return "integer";
    case TokenKind::Decimal: return "decimal number";
    case TokenKind::OutlinedBody: return "function body";
    case TokenKind::String: return "string";
    case TokenKind::HexString: return "hex string";
    case TokenKind::UnicodeString: return "unicode string";
    default: return fixed_spellings[static_cast<size_t>(kind)];
  }
}

uint32_t TokenStream::end_of(uint32_t index) const {
  const TokenKind token_kind = kind(index);
  const uint32_t begin = offset(index);
  const char* const at = text.data() + begin;
  const char* const limit = text.data() + text.size();
  const auto offset_of = [&](const char* place) { return static_cast<uint32_t>(place - text.data()); };
  switch (token_kind) {
    case TokenKind::Identifier: return offset_of(identifier_end(at));
    case TokenKind::EndOfFile: return begin;
    case TokenKind::Invalid: return offset_of(invalid_end(at, limit));
    case TokenKind::Integer:
    case TokenKind::Decimal: return offset_of(scan_number(at).end);
    case TokenKind::OutlinedBody: return begin + 1;
    case TokenKind::String: return offset_of(scan_string(at, limit).end);
    case TokenKind::HexString: return offset_of(scan_string(at + std::string_view("hex").size(), limit).end);
    case TokenKind::UnicodeString: return offset_of(scan_string(at + std::string_view("unicode").size(), limit).end);
    default: return begin + static_cast<uint32_t>(fixed_spellings[static_cast<size_t>(token_kind)].size());
  }
}

base::Span TokenStream::word_at(uint32_t offset) const { return {file, offset, static_cast<uint32_t>(identifier_end(text.data() + offset) - text.data())}; }

}  // namespace omega::lex
