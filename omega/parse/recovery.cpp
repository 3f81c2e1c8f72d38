// SPDX-License-Identifier: Apache-2.0
// Mistakes: one message each, at the right place, and where to go on.
#include <algorithm>
#include <array>

#include "omega/base/check.h"
#include "omega/diag/edit_distance.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

diag::Diagnostic* Parser::report_at(uint32_t token, Kind diagnostic, std::initializer_list<std::string> args) {
  if (reported_at_ == position_ || kinds_[token] == TokenKind::Invalid) {
    reported_at_ = position_;
    return nullptr;
  }
  reported_at_ = position_;
  return &sink_.report(diagnostic, tokens_.span(token), args);
}

diag::Diagnostic* Parser::report(Kind diagnostic, std::initializer_list<std::string> args) { return report_at(position_, diagnostic, args); }

void Parser::fail(Kind diagnostic, std::initializer_list<std::string> args) {
  report(diagnostic, args);
  throw SyntaxError{};
}

std::string_view Parser::spelled(uint32_t token) const { return tokens_.spelled(token); }

std::string Parser::described(uint32_t token) const {
  const TokenKind token_kind = kinds_[token];
  if (token_kind == TokenKind::EndOfFile) {
    return "the end of the file";
  }
  std::string text(spelled(token).substr(0, 40));
  if (spelled(token).size() > 40) {
    while (!text.empty() && (static_cast<uint8_t>(text.back()) & 0xC0) == 0x80) {
      text.pop_back();
    }
    if (static_cast<uint8_t>(text.back()) >= 0x80) {
      text.pop_back();
    }
    text += "…";
  }
  switch (token_kind) {
    case TokenKind::Identifier:
      return "name `" + text + "`";
    case TokenKind::Integer:
    case TokenKind::Decimal:
      return "number `" + text + "`";
    case TokenKind::String:
    case TokenKind::HexString:
    case TokenKind::UnicodeString:
      return "a string";
    default:
      return "`" + text + "`";
  }
}

base::Span Parser::behind_previous() const {
  if (position_ == 0) {
    return tokens_.span(0);
  }
  const uint32_t end = tokens_.end_of(position_ - 1);
  return {tokens_.file, end, end};
}

uint32_t Parser::expect(TokenKind wanted, std::string_view what) {
  if (!at(wanted)) [[unlikely]] {
    fail(Kind::ExpectedToken, {std::string(what), described()});
  }
  return wanted == TokenKind::EndOfFile ? position_ : take();
}

void Parser::close(TokenKind closer, uint32_t opener) {
  if (at(closer)) [[likely]] {
    ++position_;
    return;
  }
  missing_closer(closer, opener);
}

void Parser::missing_closer(TokenKind closer, uint32_t opener) {
  const auto opening = std::string(lex::spelling(kinds_[opener]));
  if (diag::Diagnostic* diagnostic = report(Kind::UnclosedBracket, {std::string(lex::spelling(closer)), opening, described()})) {
    diagnostic->note(tokens_.span(opener), "`" + opening + "` opened here");
  }
  // A statement goes on behind a header whose `)` is missing; elsewhere what follows makes no sense.
  if (at(TokenKind::LeftBrace) || at(TokenKind::Semicolon) || at(TokenKind::RightBrace)) {
    return;
  }
  throw SyntaxError{};
}

uint32_t Parser::expect_name(std::string_view of_what) {
  if (!at(TokenKind::Identifier)) [[unlikely]] {
    fail(Kind::ExpectedName, {std::string(of_what), described()});
  }
  return take();
}

void Parser::omega_only(uint32_t token, std::string_view what) {
  if (omega()) {
    return;
  }
  if (diag::Diagnostic* diagnostic = report_at(token, Kind::OmegaOnly, {std::string(what)})) {
    diagnostic->with_help("rename the file to `.omega` to use it");
  }
}

void Parser::too_deep() { fail(Kind::NestedTooDeep, {std::to_string(kMaxNesting)}); }

void Parser::too_long() { fail(Kind::ExpressionTooLong, {std::to_string(kMaxExpressionHeight)}); }

void Parser::out_of_room() {
  if (end_ != last_ || kinds_[position_] == TokenKind::EndOfFile || position_ > end_) {
    throw PieceOverrun{};
  }
  OMEGA_UNREACHABLE("a file needs more nodes than tree_storage.h reserves for its tokens");
}

std::string_view Parser::meant_keyword(uint32_t token) const {
  static constexpr std::array<std::string_view, 30> words = {
      "abstract", "assembly", "break",    "constructor", "continue", "contract", "delete",  "emit",   "enum",  "error",
      "event",    "fallback", "for",      "function",    "if",       "import",   "interface", "let",  "library", "match",
      "modifier", "pragma",   "receive",  "return",      "revert",   "struct",   "try",     "unchecked", "using", "while"};
  return diag::nearest_name(spelled(token), words);
}

bool Parser::begins_statement_line(uint32_t token) const {
  if (!newline_before(token)) {
    return false;
  }
  switch (kinds_[token]) {
    case TokenKind::Break:
    case TokenKind::Continue:
    case TokenKind::Do:
    case TokenKind::Emit:
    case TokenKind::For:
    case TokenKind::If:
    case TokenKind::Let:
    case TokenKind::Return:
    case TokenKind::While:
    case TokenKind::At:
    case TokenKind::AtAt:
      return true;
    default:
      return begins_declaration(token);
  }
}

bool Parser::begins_declaration(uint32_t token) const {
  const TokenKind following = token < last_ ? kinds_[token + 1] : TokenKind::EndOfFile;
  switch (kinds_[token]) {
    case TokenKind::Function:
    case TokenKind::Contract:
    case TokenKind::Interface:
    case TokenKind::Library:
    case TokenKind::Struct:
    case TokenKind::Enum:
    case TokenKind::Event:
    case TokenKind::Modifier:
      return following == TokenKind::Identifier;
    case TokenKind::Abstract:
      return following == TokenKind::Contract;
    case TokenKind::Constructor:
      return following == TokenKind::LeftParen;
    case TokenKind::Import:
    case TokenKind::Pragma:
    case TokenKind::Using:
      return true;
    default:
      return false;
  }
}

void Parser::skip(Resume resume) {
  // Brackets opened on the way are passed with all they hold; parentheses only as far as a new statement or block shows that they are broken.
  uint32_t braces = 0;
  uint32_t parens = 0;
  const uint32_t start = position_;
  for (;; ++position_) {
    const TokenKind token_kind = kind();
    if (token_kind == TokenKind::EndOfFile) {
      return;
    }
    if (braces == 0) {
      if (begins_declaration(position_) && newline_before(position_)) {
        return;
      }
      if (resume != Resume::Declaration) {
        if (begins_statement_line(position_) && (position_ != start || resume == Resume::Statement)) {
          return;
        }
        if (parens == 0 && omega() && newline_before(position_) && (mode_ & kLinesEnd) != 0 && position_ != start && token_kind != TokenKind::LeftBrace) {
          return;
        }
      }
    }
    switch (token_kind) {
      case TokenKind::LeftBrace:
        if (braces == 0 && (resume == Resume::Body || resume == Resume::ClosingParen)) {
          return;
        }
        ++braces;
        break;
      case TokenKind::RightBrace:
        if (braces == 0) {
          return;
        }
        if (--braces == 0) {
          parens = 0;
          if (resume == Resume::Declaration || resume == Resume::Statement) {
            ++position_;
            // `} catch` and `} else` still belong to what is skipped.
            if (at(TokenKind::Else) || at(TokenKind::Catch)) {
              --position_;
              break;
            }
            return;
          }
        }
        break;
      case TokenKind::LeftParen:
      case TokenKind::LeftBracket:
        ++parens;
        break;
      case TokenKind::RightParen:
        if (parens == 0 && braces == 0 && resume == Resume::ClosingParen) {
          return;
        }
        parens -= parens > 0 ? 1 : 0;
        break;
      case TokenKind::RightBracket:
        parens -= parens > 0 ? 1 : 0;
        break;
      case TokenKind::Semicolon:
        if (braces == 0 && resume != Resume::ClosingParen && (parens == 0 || newline_before(position_ + 1))) {
          if (resume != Resume::Body) {
            ++position_;
          }
          return;
        }
        break;
      default:
        break;
    }
  }
}

}  // namespace omega::parse
