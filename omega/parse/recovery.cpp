// SPDX-License-Identifier: Apache-2.0
// Mistakes: one message each, at the right place, and where to go on.
#include <algorithm>
#include <array>

#include "omega/base/check.h"
#include "omega/diag/edit_distance.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

namespace {

bool about_what_is_missing(Kind kind) {
  switch (kind) {
    case Kind::ExpectedToken:
    case Kind::UnclosedBracket:
    case Kind::ExpectedExpression:
    case Kind::ExpectedType:
    case Kind::ExpectedName:
    case Kind::ExpectedBody:
    case Kind::DeclarationNeedsValue:
    case Kind::MatchNeedsArms: return true;
    default: return false;
  }
}

/// True for what another language's syntax may be the reason of: words and signs in places that are not theirs.
bool says_what_was_expected(Kind diagnostic) {
  switch (diagnostic) {
    case Kind::NestedTooDeep:
    case Kind::ExpressionTooLong:
    case Kind::MisspeltKeyword:
    case Kind::OmegaOnly:
    case Kind::RepeatedAttribute:
    case Kind::ConflictingAttributes:
    case Kind::ElseWithoutIf:
    case Kind::TryWithoutCatch: return false;
    default: return true;
  }
}

}  // namespace

bool Parser::is_unclosed_string(uint32_t token) const {
  const std::string_view text = spelled(token);
  return kinds_[token] == TokenKind::String && (text.size() < 2 || text.front() != text.back());
}

diag::Diagnostic* Parser::report_at(uint32_t token, Kind diagnostic, std::initializer_list<std::string> args) {
  // What the lexer reported has swallowed what would be missed here.
  const bool follows = kinds_[token] == TokenKind::Invalid || (token > 0 && is_unclosed_string(token - 1));
  if (reported_at_ == position_ || follows || quiet_) {
    reported_at_ = position_;
    return nullptr;
  }
  reported_at_ = position_;
  ++reports_;
  diag::Diagnostic& made = sink_.report(diagnostic, tokens_.span(token), args);
  return token == position_ && omega() && says_what_was_expected(diagnostic) ? &made.with_help(help_for_foreign_syntax()) : &made;
}

diag::Diagnostic* Parser::report(Kind diagnostic, std::initializer_list<std::string> args) {
  if (!about_what_is_missing(diagnostic) || (!newline_before(position_) && !at(TokenKind::EndOfFile))) {
    return report_at(position_, diagnostic, args);
  }
  // What is missing at a line end belongs there, not to the line below.
  if (reported_at_ == position_ || at(TokenKind::Invalid) || (position_ > 0 && is_unclosed_string(position_ - 1)) || quiet_) {
    reported_at_ = position_;
    return nullptr;
  }
  reported_at_ = position_;
  ++reports_;
  diag::Diagnostic& made = sink_.report(diagnostic, behind_previous(), args);
  return omega() && says_what_was_expected(diagnostic) ? &made.with_help(help_for_foreign_syntax()) : &made;
}

void Parser::fail(Kind diagnostic, std::initializer_list<std::string> args) {
  report(diagnostic, args);
  throw SyntaxError{};
}

std::string_view Parser::spelled(uint32_t token) const { return tokens_.spelled(token); }

std::string Parser::described() const {
  if (omega() && position_ > 0 && newline_before(position_) && !at(TokenKind::EndOfFile)) {
    return "the end of the line";
  }
  return described(position_);
}

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
    case TokenKind::Identifier: return "name `" + text + "`";
    case TokenKind::Integer:
    case TokenKind::Decimal: return "number `" + text + "`";
    case TokenKind::String:
    case TokenKind::HexString:
    case TokenKind::UnicodeString: return "a string";
    default: return "`" + text + "`";
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

void Parser::unclosed_brace(Kind diagnostic, uint32_t open, uint32_t reports_before) {
  // A mistake inside may have swallowed the `}`.
  if (reports_ != reports_before) {
    reported_at_ = position_;
    return;
  }
  if (diag::Diagnostic* reported = report(diagnostic, {"}", "{", described()})) {
    reported->note(tokens_.span(open), "this `{` is not closed");
  }
}

std::string Parser::name_is_keyword(uint32_t token) const { return "`" + std::string(spelled(token)) + "` is a word of the language: choose another name"; }

void Parser::missing_name(std::string_view of_what) {
  diag::Diagnostic* diagnostic = report(Kind::ExpectedName, {std::string(of_what), described()});
  if (diagnostic != nullptr && kind() >= TokenKind::Abstract && !newline_before(position_)) {
    diagnostic->with_help(name_is_keyword(position_));
  }
  throw SyntaxError{};
}

uint32_t Parser::expect_name(std::string_view of_what) {
  if (!at(TokenKind::Identifier)) [[unlikely]] {
    missing_name(of_what);
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
  static constexpr std::array<std::string_view, 30> words = {"abstract",  "assembly", "break",   "constructor", "continue", "contract", "delete",  "emit",
                                                             "enum",      "error",    "event",   "fallback",    "for",      "function", "if",      "import",
                                                             "interface", "let",      "library", "match",       "modifier", "pragma",   "receive", "return",
                                                             "revert",    "struct",   "try",     "unchecked",   "using",    "while"};
  const std::string_view word = spelled(token);
  if (word.size() < 4 || kinds_[token] != TokenKind::Identifier) {
    return {};
  }
  const std::string_view nearest = diag::nearest_name(word, words);
  return nearest == word ? std::string_view() : nearest;
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
    case TokenKind::AtAt: return true;
    default: return begins_declaration(token);
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
    case TokenKind::Modifier: return following == TokenKind::Identifier;
    case TokenKind::Abstract: return following == TokenKind::Contract;
    case TokenKind::Constructor: return following == TokenKind::LeftParen;
    case TokenKind::Import:
    case TokenKind::Pragma:
    case TokenKind::Using: return true;
    default: return false;
  }
}

bool Parser::may_begin_statement() const {
  switch (kind()) {
    case TokenKind::RightParen:
    case TokenKind::RightBracket:
    case TokenKind::RightBrace:
    case TokenKind::Else:
    case TokenKind::Catch:
    case TokenKind::Returns:
    case TokenKind::Public:
    case TokenKind::Private:
    case TokenKind::Internal:
    case TokenKind::External:
    case TokenKind::Pure:
    case TokenKind::View:
    case TokenKind::Virtual:
    case TokenKind::Override:
    case TokenKind::As:
    case TokenKind::Is: return false;
    default:
      return kind() >= TokenKind::Abstract || kind() <= TokenKind::LeftBrace || at(TokenKind::At) || at(TokenKind::AtAt) || at(TokenKind::Minus) ||
             at(TokenKind::Bang) || at(TokenKind::Tilde) || at(TokenKind::PlusPlus) || at(TokenKind::MinusMinus);
  }
}

void Parser::skip_braces() {
  uint32_t depth = 0;
  for (;; ++position_) {
    switch (kind()) {
      case TokenKind::EndOfFile: return;
      case TokenKind::LeftBrace: ++depth; break;
      case TokenKind::RightBrace:
        if (depth-- == 0) {
          ++position_;
          return;
        }
        break;
      default:
        if (newline_before(position_) && begins_declaration(position_)) {
          return;
        }
        break;
    }
  }
}

bool Parser::opener_is_missing(uint32_t header) const {
  const auto line_start = [this](uint32_t token) { return tokens_.text.substr(0, tokens_.offset(token)).rfind('\n') + 1; };
  const auto indentation = [&](uint32_t token) {
    const size_t start = line_start(token);
    const size_t text = tokens_.text.find_first_not_of(" \t", start);
    return text - start;
  };
  constexpr uint32_t far_enough = 4000;
  const uint32_t limit = std::min(last_, position_ + far_enough);
  uint32_t depth = 0;
  for (uint32_t token = position_; token < limit; ++token) {
    if (kinds_[token] == TokenKind::LeftBrace) {
      ++depth;
    } else if (kinds_[token] == TokenKind::RightBrace && depth-- == 0) {
      return line_start(token) == line_start(header) || (newline_before(token) && indentation(token) == indentation(header));
    }
  }
  return false;
}

void Parser::reject_two_dots() {
  const bool two_dots = at(TokenKind::Dot) && (next_kind() == TokenKind::Dot || next_kind() == TokenKind::Decimal) && touches_next(position_);
  if (!two_dots) {
    return;
  }
  if (diag::Diagnostic* diagnostic = report(Kind::RangeEnd)) {
    diagnostic->with_help("write `..<` to leave the end out, `..=` to take it in");
  }
  throw SyntaxError{};
}

void Parser::reject_step() {
  if (diag::Diagnostic* diagnostic = report(Kind::SliceStep)) {
    diagnostic->with_help(next_kind() == TokenKind::Minus ? "`let ys = copy(xs)`, then `ys.reverse()`, gives the elements from the last to the first"
                                                          : "`map(0..<n, i => xs[k * i])` takes every k-th element");
  }
  take();
  if (!at(TokenKind::RightBracket)) {
    expression();
  }
}

bool Parser::take_comma_number() {
  const uint32_t first = position_ - 1;
  uint32_t last = first;
  bool is_grouped = true;
  bool is_reported = false;  // by the lexer: a group that begins with 0
  while (position_ > 0 && kinds_[last] == TokenKind::Integer && kinds_[last + 1] == TokenKind::Comma && kinds_[last + 2] == TokenKind::Integer &&
         touches_next(last) && touches_next(last + 1)) {
    last += 2;
    is_grouped = is_grouped && spelled(last).size() == 3;
    is_reported = is_reported || (spelled(last).size() == 3 && spelled(last)[0] == '0');
  }
  if (last == first || (!is_grouped && last != first + 2)) {
    return false;
  }
  if (!(is_grouped && is_reported) && !quiet_) {
    const base::Span span{tokens_.file, tokens_.span(first).begin, tokens_.span(last).end};
    const std::string text = std::string(tokens_.text.substr(span.begin, span.end - span.begin));
    std::string better = text;
    std::replace(better.begin(), better.end(), ',', is_grouped ? '_' : '.');
    ++reports_;
    sink_.report(Kind::BadNumber, span, {text, "`,` separates values"})
        .with_help((is_grouped ? "digits are grouped by `_`: `" : "the decimal point is a point: `") + better + "`");
  }
  position_ = last + 1;
  return true;
}

bool Parser::begins_body(std::string_view of_what, uint32_t header) {
  if (at(TokenKind::LeftBrace)) [[likely]] {
    return true;
  }
  if (at(TokenKind::Comma) && take_comma_number()) {
    return begins_body(of_what, header);
  }
  report(Kind::ExpectedBody, {std::string(of_what), described()});
  return opener_is_missing(header);
}

uint32_t Parser::open_body(std::string_view of_what, uint32_t header) {
  if (!begins_body(of_what, header)) {
    throw SyntaxError{};
  }
  return at(TokenKind::LeftBrace) ? take() : position_ - 1;
}

void Parser::skip(Resume resume) {
  // Brackets opened on the way are passed with all they hold; parentheses only as far as a new statement or block shows that they are broken.
  uint32_t braces = 0;
  uint32_t parens = 0;
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
        if (begins_statement_line(position_)) {
          return;
        }
        if (resume != Resume::ClosingParen && parens == 0 && line_ended(position_) && token_kind != TokenKind::LeftBrace) {
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
      case TokenKind::LeftBracket: ++parens; break;
      case TokenKind::RightParen:
        if (parens == 0 && braces == 0 && resume == Resume::ClosingParen) {
          return;
        }
        parens -= parens > 0 ? 1 : 0;
        break;
      case TokenKind::RightBracket: parens -= parens > 0 ? 1 : 0; break;
      case TokenKind::Semicolon:
        if (braces == 0 && resume != Resume::ClosingParen && (parens == 0 || newline_before(position_ + 1))) {
          if (resume != Resume::Body) {
            ++position_;
          }
          return;
        }
        break;
      default: break;
    }
  }
}

}  // namespace omega::parse
