// SPDX-License-Identifier: Apache-2.0
// What newcomers write, from the languages they come from: what Omega writes in its place. Looked at only when something is wrong.
#include "omega/parse/parser.h"

namespace omega::parse {
namespace {

struct Advice {
  std::string_view word;
  std::string_view help;
};

/// Words behind which, or at which, a statement makes no sense any more.
constexpr Advice words[] = {{"elif", "write `else if`"},
                            {"elsif", "write `else if`"},
                            {"elseif", "write `else if`"},
                            {"switch", "write `match x { 1 => ..., _ => ... }`"},
                            {"foreach", "write `@ x in xs { }`"},
                            {"throw", "write `revert(\"message\")`"},
                            {"raise", "write `revert(\"message\")`"},
                            {"lambda", "a lambda is written `x => e` or `(x, y) => e`"},
                            {"static", "leave out `static`"},
                            {"inline", "leave out `inline`: the compiler decides"},
                            {"extern", "what other files declare is imported: `import \"./file.omega\"`"},
                            {"typedef", "another name for a type is declared by `type Name is int64`"},
                            {"unsigned", "write `uint32` or `uint64`"},
                            {"signed", "write `int32` or `int64`"},
                            {"goto", "`break` and `continue` leave a loop and an iteration"},
                            {"final", "a constant is written with its type: `int64 constant N = 10`"},
                            {"const", "a constant is written with its type: `int64 constant N = 10`"},
                            {"var", "write `let`, or the type"},
                            {"auto", "write `let`"},
                            {"and", "write `&&`"},
                            {"or", "write `||`"},
                            {"not", "write `!`"},
                            {"then", "a block stands in `{ }`"},
                            {"do", "a block stands in `{ }`"},
                            {"unless", "write `if !(...)`"},
                            {"until", "write `while !(...)`"},
                            {"loop", "write `while true { }`"},
                            {"of", "write `@ x in xs { }`"},
                            {"in", "`xs.contains(x)` looks for an element"},
                            {"export", "leave out `export`: other files import what they name"},
                            {"async", "leave out `async`: `parallel(...)` runs tasks at once, and waits for them"},
                            {"await", "leave out `await`: a call gives its value when it is done"},
                            {"typeof", "types are known when compiling: there is nothing to ask for"},
                            {"echo", "write `println(...)`"}};

std::string_view find(std::string_view word) {
  for (const Advice& entry : words) {
    if (entry.word == word) {
      return entry.help;
    }
  }
  return {};
}

}  // namespace

bool Parser::touches_next(uint32_t token) const { return token < last_ && tokens_.end_of(token) == tokens_.offset(token + 1); }

std::string Parser::help_for_foreign_word() const {
  const uint32_t previous = position_ == 0 ? 0 : position_ - 1;
  const bool is_word = at(TokenKind::Identifier) || at(TokenKind::Do);
  for (const uint32_t token : {position_, previous, statement_start_}) {
    if (token <= position_ && (token == position_ ? is_word : kinds_[token] == TokenKind::Identifier)) {
      if (const std::string_view help = find(spelled(token)); !help.empty()) {
        return std::string(help);
      }
    }
  }
  return kinds_[previous] == TokenKind::Identifier && previous != position_ ? help_behind_word(previous) : std::string();
}

std::string Parser::help_behind_word(uint32_t token) const {
  const std::string word(spelled(token));
  const bool touches = touches_next(token);
  const bool is_statement = token == statement_start_;
  if (at(TokenKind::String) && touches) {
    return "`format(\"... %v ...\", x)` fills values into a text";
  }
  if (at(TokenKind::Bang) && touches) {
    return next_kind() == TokenKind::LeftBracket ? "an array is written `[a, b]`" : "leave out `!`: `" + word + "(...)`";
  }
  if (is_statement && word == "parallel" && at(TokenKind::For)) {
    return "a parallel loop is written `@@ i in 0..<n { }`";
  }
  if (is_statement && word == "from" && at(TokenKind::String)) {
    return "an import is written `import { name } from " + std::string(spelled(position_)) + "`";
  }
  if (is_statement && !touches && meant_keyword(token).empty() && (at(TokenKind::String) || at(TokenKind::Integer) || at(TokenKind::Decimal))) {
    return "a call takes parentheses: `" + word + "(...)`";
  }
  if (at(TokenKind::Identifier) && token > 0 && kinds_[token - 1] == TokenKind::Struct) {
    return "a variable's type stands without `struct`: `" + word + " " + std::string(spelled(position_)) + " = " + word + "(...)`";
  }
  if (at(TokenKind::LeftBracket) && !is_statement) {
    return "the length belongs to the type: `int64[10] " + word + "`";
  }
  const bool begins_member = token > 0 && (kinds_[token - 1] == TokenKind::LeftBrace || kinds_[token - 1] == TokenKind::Comma);
  if (at(TokenKind::Equal) && begins_member) {
    return "the members of an enum are counted from 0";
  }
  return {};
}

std::string Parser::help_for_foreign_sign() const {
  const TokenKind previous = position_ == 0 ? TokenKind::EndOfFile : kinds_[position_ - 1];
  const TokenKind next = position_ < last_ ? next_kind() : TokenKind::EndOfFile;
  const bool joined = position_ > 0 && touches_next(position_ - 1);
  switch (kind()) {
    case TokenKind::Colon:
      if (next == TokenKind::Colon && touches_next(position_)) {
        return "members, and names of modules, stand behind a dot: `a.b`; `println(...)` writes to the output";
      }
      if (next == TokenKind::Equal && touches_next(position_) && previous == TokenKind::Identifier) {
        return "write `let " + std::string(spelled(position_ - 1)) + " = ...`";
      }
      if (newline_before(position_ + 1)) {
        return "a block stands in `{ }`";
      }
      return previous == TokenKind::Identifier ? "the type of a variable stands before its name: `int64 x = 1`" : "";
    case TokenKind::ThinArrow: return "members stand behind a dot: `a.b`";
    case TokenKind::Equal:
      return joined && (previous == TokenKind::EqualEqual || previous == TokenKind::BangEqual) ? "write `" + std::string(spelled(position_ - 1)) + "`" : "";
    case TokenKind::Greater: return joined && previous == TokenKind::Less && next != TokenKind::LeftParen ? "write `!=`" : "";
    case TokenKind::Amp:
    case TokenKind::Star: return "there are no pointers: arrays, structs and mappings are shared when they are assigned";
    case TokenKind::Plus:
      if (joined && previous == TokenKind::Equal) {
        return "write `+=`";
      }
      return !newline_before(position_ + 1) && (next == TokenKind::Integer || next == TokenKind::Decimal || next == TokenKind::Identifier)
                 ? "a number needs no sign `+`"
                 : "";
    case TokenKind::FatArrow:
    case TokenKind::Pipe:
    case TokenKind::PipePipe: return "a lambda is written `x => e` or `(x, y) => e`";
    case TokenKind::Integer:
      return previous == TokenKind::AtAt ? "the number of threads stands before one `@`: `" + std::string(spelled(position_)) + " @ i in 0..<n { }`" : "";
    default: return {};
  }
}

std::string Parser::help_for_foreign_brace() const {
  const TokenKind previous = position_ == 0 ? TokenKind::EndOfFile : kinds_[position_ - 1];
  if (previous == TokenKind::Try) {
    return "write `try(() => { ... }, e => ...)`, or `try` before an expression that gives a `Result`";
  }
  if (previous == TokenKind::Equal && peek(2) == TokenKind::Comma) {
    return "an array is written `[a, b]`";
  }
  if (previous == TokenKind::Equal) {
    return "a mapping begins empty: `mapping(string => int64) m`, then `m[key] = value`; a struct's value names the struct: `P{x: 1}`";
  }
  return statement_start_ > 0 && kinds_[statement_start_ - 1] == TokenKind::Else ? "write `else if`" : "";
}

std::string Parser::help_for_foreign_syntax() const {
  const TokenKind previous = position_ == 0 ? TokenKind::EndOfFile : kinds_[position_ - 1];
  if (previous == TokenKind::Question && (newline_before(position_) || !touches_next(position_ - 1))) {
    return "write `try` before the expression to hand its error on";
  }
  if (newline_before(position_)) {
    return {};
  }
  if (previous == TokenKind::For && at(TokenKind::Identifier)) {
    return "write `@ i in 0..<n { }`, or `for (int64 i = 0; i < n; i += 1) { }`";
  }
  if (previous == TokenKind::Import && at(TokenKind::Identifier)) {
    const std::string module(spelled(position_));
    return module == "math" ? "the functions of mathematics are there without an import: `sqrt(x)`, `PI`"
                            : "files are imported by their path: `import \"./" + module + ".omega\"`";
  }
  const bool is_value = at(TokenKind::Identifier) || at(TokenKind::Integer) || at(TokenKind::Decimal);
  if (is_value && previous == TokenKind::RightParen && position_ >= 3 && kinds_[position_ - 2] == TokenKind::Identifier &&
      kinds_[position_ - 3] == TokenKind::LeftParen) {
    const std::string type(spelled(position_ - 2));
    return "a conversion is written `" + type + "(...)`";
  }
  if (at(TokenKind::Decimal) && spelled(position_).starts_with('.') &&
      (previous == TokenKind::Identifier || previous == TokenKind::RightParen || previous == TokenKind::RightBracket)) {
    return "a tuple is taken apart by names: `let (a, b) = t`";
  }
  if (std::string help = help_for_foreign_word(); !help.empty()) {
    return help;
  }
  switch (kind()) {
    case TokenKind::If: return "to choose a value write `condition ? a : b`, or `match`";
    case TokenKind::For: return "`map(0..<n, i => ...)` makes an array of values";
    case TokenKind::Public:
    case TokenKind::Private:
      return statement_start_ < position_ ? "leave out `" + std::string(spelled(position_)) + "`: only variables of contracts are seen from elsewhere"
                                          : "a program needs no class: functions and statements stand at top level";
    case TokenKind::Constant: return "a constant is written with its type: `int64 constant N = 10`";
    case TokenKind::LeftBrace: return help_for_foreign_brace();
    default: return help_for_foreign_sign();
  }
}

}  // namespace omega::parse
