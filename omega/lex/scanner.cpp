// SPDX-License-Identifier: Apache-2.0
// The scanner token by token: every rule of the lexical grammar, and every mistake.
#include "omega/lex/scanner.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "omega/diag/unicode.h"
#include "omega/lex/characters.h"
#include "omega/lex/keywords.h"
#include "omega/lex/literals.h"

namespace omega::lex {
namespace {

using diag::Kind;

/// What to write in place of characters that look like others, which editors and web pages like to put in.
std::string lookalike_help(char32_t code) {
  switch (code) {
    case '#': return "a comment begins with `//`; another file is taken in with `import \"./file.omega\"`";
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0xff02: return "use a plain `\"`";
    case 0x2018:
    case 0x2019:
    case 0x201a: return "use a plain `'`";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212: return "use a plain `-`";
    case 0x00d7: return "use `*`";
    case 0x00f7: return "use `/`";
    case 0x2264: return "use `<=`";
    case 0x2265: return "use `>=`";
    case 0x2260: return "use `!=`";
    case 0x037e:
    case 0xff1b: return "use a plain `;`";
    case 0x00a0:
    case 0x2007:
    case 0x202f:
    case 0x3000:
    case 0xfeff: return "use a plain space";
    default: return {};
  }
}

/// The character as a message shows it: itself, or its number where it cannot be seen.
std::string shown(const diag::Character& character) {
  const bool hidden = character.code <= 0x20 || (character.code >= 0x7f && character.code <= 0xa0) || diag::display_width(character.code) == 0;
  std::string text;
  if (hidden) {
    static constexpr char digits[] = "0123456789ABCDEF";
    text = "U+";
    for (int shift = character.code > 0xffff ? 20 : 12; shift >= 0; shift -= 4) {
      text += digits[character.code >> shift & 15];
    }
  } else {
    diag::append_utf8(text, character.code);
  }
  return text;
}

}  // namespace

const char* invalid_end(const char* at, const char* limit) {
  if (!has_class(*at, non_ascii_class)) {
    const char repeated = *at;
    while (at < limit && *at == repeated) {
      ++at;
    }
    return at;
  }
  // A word with letters beyond ASCII is one mistake, not one for each letter.
  while (at < limit) {
    if (is_identifier_part(*at)) {
      at = std::min(identifier_end(at), limit);
      continue;
    }
    const diag::Character character = diag::decode({at, static_cast<size_t>(limit - at)}, 0);
    if (!has_class(*at, non_ascii_class) || !character.valid) {
      break;
    }
    at += character.size;
  }
  return at;
}

Scanner::Scanner(base::FileId file, std::string_view text, Chunk range, ChunkTokens& out)
    : file_(file), text_(text.data()), at_(text.data() + range.begin), begin_(at_), end_(text.data() + range.end), newline_(range.begin != 0), out_(out) {}

void Scanner::grow(size_t count) {
  const size_t done = static_cast<size_t>(at_ - begin_) + 1;
  const size_t left = static_cast<size_t>(end_ - at_);
  const size_t size = out_.kinds.size();
  // At the density so far, with an eighth to spare.
  const size_t expected = size + static_cast<size_t>(static_cast<double>(size) / static_cast<double>(done) * static_cast<double>(left) * 1.125);
  const size_t capacity = std::max(expected, size + size / 2) + count;
  out_.kinds.reserve(capacity);
  out_.offsets.reserve(capacity);
}

void Scanner::run(ChunkStart start, Lane lane) {
  out_.start = start;
  // What programs have on average; dense text grows.
  const size_t expected = static_cast<size_t>(end_ - at_) / 4 + 64;
  out_.kinds.reserve(expected);
  out_.offsets.reserve(expected);
  if (start == ChunkStart::block_comment) {
    skip_block_comment(0, at_);
  }
  run_lane(lane);
}

void Scanner::continue_to(const char* end) {
  end_ = end;
  if (const uint32_t begin = std::exchange(out_.open_comment, ChunkTokens::no_comment); begin != ChunkTokens::no_comment) {
    skip_block_comment(begin, at_);
  }
  run_lane(fastest_lane());
}

void Scanner::leave_out(const char* open, const char* end) {
  emit(TokenKind::OutlinedBody, open);
  emit(TokenKind::RightBrace, end - 1);
  at_ = end;
  out_.newline_pending = false;
}

void Scanner::run_lane(Lane lane) {
  switch (lane) {
    case Lane::tokenwise: run_tokenwise(); break;
    case Lane::blockwise: run_blockwise(); break;
    case Lane::wide: run_wide(); break;
  }
  out_.newline_pending = newline_;
}

void Scanner::run_tokenwise() {
  while (at_ < end_) {
    scan_one();
  }
}

void Scanner::scan_one() {
  const char c = *at_;
  const uint8_t classes = character_classes[static_cast<uint8_t>(c)];
  if ((classes & space_class) != 0) {
    newline_ |= c == '\n';
    ++at_;
  } else if ((classes & letter_class) != 0) {
    scan_identifier();
  } else if ((classes & digit_class) != 0 || (c == '.' && has_class(at_[1], digit_class))) {
    scan_number_token();
  } else if (c == '"' || c == '\'') {
    scan_string_token();
  } else if (c == '/' && at_[1] == '/') {
    skip_line_comment();
  } else if (c == '/' && at_[1] == '*') {
    skip_block_comment(static_cast<uint32_t>(at_ - text_), at_ + 2);
  } else {
    scan_operator();
  }
}

void Scanner::scan_identifier() {
  const char* const end = identifier_end(at_);
  emit(keyword_kind(at_, static_cast<size_t>(end - at_)), at_);
  at_ = end;
}

void Scanner::scan_number_token() {
  const NumberShape number = scan_number(at_);
  if (number.mistake != nullptr) {
    report_number(number);
  }
  emit(number.kind, at_);
  at_ = number.end;
}

void Scanner::report_number(const NumberShape& number) {
  const std::string_view grouped = comma_grouped(text_, at_);
  if (grouped.empty()) {
    out_.sink.report(Kind::BadNumber, span(at_, number.end), {std::string(at_, number.end), number.mistake});
    return;
  }
  // The first group that begins with 0 speaks for all.
  const char* const first_zero = grouped.data() + grouped.find(",0") + 1;
  if (at_ == first_zero) {
    std::string better(grouped);
    std::replace(better.begin(), better.end(), ',', '_');
    out_.sink.report(Kind::BadNumber, span(grouped.data(), grouped.data() + grouped.size()), {std::string(grouped), "`,` separates values"})
        .with_help("digits are grouped by `_`: `" + better + "`");
  }
}

void Scanner::scan_string_token() {
  const StringShape shape = scan_string(at_, end_);
  TokenKind kind = TokenKind::String;
  // hex"..." and unicode"...": the word before has been taken for an identifier.
  if (!out_.kinds.empty() && out_.kinds.back() == TokenKind::Identifier) {
    const char* const word = text_ + (out_.offsets.back() & ~TokenStream::kNewlineBefore);
    const std::string_view before(word, static_cast<size_t>(at_ - word));
    if (before == "hex") {
      kind = TokenKind::HexString;
    } else if (before == "unicode") {
      kind = TokenKind::UnicodeString;
    }
  }
  if (kind == TokenKind::String) {
    emit(kind, at_);
  } else {
    out_.kinds.back() = kind;
  }
  const char* const inside_end = shape.closed ? shape.end - 1 : shape.end;
  if (!shape.closed) {
    out_.sink.report(Kind::UnterminatedString, span(at_, shape.end), {std::string(1, *at_)});
  }
  if (kind == TokenKind::HexString) {
    check_hex_digits(at_ + 1, inside_end);
  } else {
    check_escapes(at_ + 1, inside_end);
  }
  at_ = shape.end;
}

void Scanner::check_escapes(const char* from, const char* to) {
  while (from < to) {
    const auto* const backslash = static_cast<const char*>(std::memchr(from, '\\', static_cast<size_t>(to - from)));
    if (backslash == nullptr) {
      return;
    }
    const EscapeShape escape = scan_escape(backslash, to);
    if (!escape.valid) {
      out_.sink.report(Kind::BadEscape, span(backslash, backslash + escape.size), {std::string(backslash, escape.size)});
    }
    from = backslash + escape.size;
  }
}

void Scanner::check_hex_digits(const char* from, const char* to) {
  size_t digits = 0;
  for (const char* at = from; at < to; ++at) {
    if (has_class(*at, hex_digit_class)) {
      ++digits;
    } else if (*at == '_') {
      const bool between_pairs = digits % 2 == 0 && at > from && at[-1] != '_' && at + 1 < to;
      if (!between_pairs) {
        out_.sink.report(Kind::BadHexString, span(at, at + 1), {"underscores stand between pairs of digits"});
        return;
      }
    } else {
      const diag::Character character = diag::decode({at, static_cast<size_t>(to - at)}, 0);
      out_.sink.report(Kind::BadHexString, span(at, at + character.size), {"`" + shown(character) + "` is no hexadecimal digit"});
      return;
    }
  }
  if (digits % 2 != 0) {
    out_.sink.report(Kind::BadHexString, span(from - 1, to), {"an odd number of digits"});
  }
}

void Scanner::skip_line_comment() {
  const auto* const found = static_cast<const char*>(std::memchr(at_, '\n', static_cast<size_t>(end_ - at_)));
  at_ = found == nullptr ? end_ : found;
}

void Scanner::skip_block_comment(uint32_t begin, const char* from) {
  const char* at = from;
  while (true) {
    const auto* const star = at < end_ ? static_cast<const char*>(std::memchr(at, '*', static_cast<size_t>(end_ - at))) : nullptr;
    if (star == nullptr || star + 1 >= end_) {
      at = end_;
      out_.open_comment = begin;
      break;
    }
    at = star + 1;
    if (*at == '/') {
      ++at;
      break;
    }
  }
  const char* const text_from = std::min(from, at);
  newline_ |= std::memchr(text_from, '\n', static_cast<size_t>(at - text_from)) != nullptr;
  at_ = at;
}

void Scanner::scan_operator() {
  const char* const at = at_;
  const auto take = [&](TokenKind kind, uint32_t size) {
    emit(kind, at);
    at_ = at + size;
  };
  const char c1 = at[1];
  /// `x=` or `x`.
  const auto maybe_equal = [&](TokenKind alone, TokenKind with_equal) { c1 == '=' ? take(with_equal, 2) : take(alone, 1); };
  switch (*at) {
    case '(': return take(TokenKind::LeftParen, 1);
    case ')': return take(TokenKind::RightParen, 1);
    case '[': return take(TokenKind::LeftBracket, 1);
    case ']': return take(TokenKind::RightBracket, 1);
    case '{': return take(TokenKind::LeftBrace, 1);
    case '}': return take(TokenKind::RightBrace, 1);
    case ';': return take(TokenKind::Semicolon, 1);
    case ',': return take(TokenKind::Comma, 1);
    case ':': return take(TokenKind::Colon, 1);
    case '?': return take(TokenKind::Question, 1);
    case '~': return take(TokenKind::Tilde, 1);
    case '.':
      if (c1 == '.' && at[2] == '<') {
        return take(TokenKind::DotDotLess, 3);
      }
      if (c1 == '.' && at[2] == '=') {
        return take(TokenKind::DotDotEqual, 3);
      }
      return take(TokenKind::Dot, 1);
    case '@': return c1 == '@' ? take(TokenKind::AtAt, 2) : take(TokenKind::At, 1);
    case '=': return c1 == '>' ? take(TokenKind::FatArrow, 2) : maybe_equal(TokenKind::Equal, TokenKind::EqualEqual);
    case '+': return c1 == '+' ? take(TokenKind::PlusPlus, 2) : maybe_equal(TokenKind::Plus, TokenKind::PlusEqual);
    case '-':
      if (c1 == '>') {
        return take(TokenKind::ThinArrow, 2);
      }
      return c1 == '-' ? take(TokenKind::MinusMinus, 2) : maybe_equal(TokenKind::Minus, TokenKind::MinusEqual);
    case '*': return c1 == '*' ? take(TokenKind::StarStar, 2) : maybe_equal(TokenKind::Star, TokenKind::StarEqual);
    case '/': return maybe_equal(TokenKind::Slash, TokenKind::SlashEqual);
    case '%': return maybe_equal(TokenKind::Percent, TokenKind::PercentEqual);
    case '&': return c1 == '&' ? take(TokenKind::AmpAmp, 2) : maybe_equal(TokenKind::Amp, TokenKind::AmpEqual);
    case '|': return c1 == '|' ? take(TokenKind::PipePipe, 2) : maybe_equal(TokenKind::Pipe, TokenKind::PipeEqual);
    case '^': return maybe_equal(TokenKind::Caret, TokenKind::CaretEqual);
    case '!': return maybe_equal(TokenKind::Bang, TokenKind::BangEqual);
    case '<':
      if (c1 == '<') {
        return at[2] == '=' ? take(TokenKind::LessLessEqual, 3) : take(TokenKind::LessLess, 2);
      }
      return maybe_equal(TokenKind::Less, TokenKind::LessEqual);
    case '>':
      if (c1 == '>' && at[2] == '>') {
        return at[3] == '=' ? take(TokenKind::GreaterGreaterGreaterEqual, 4) : take(TokenKind::GreaterGreaterGreater, 3);
      }
      if (c1 == '>') {
        return at[2] == '=' ? take(TokenKind::GreaterGreaterEqual, 3) : take(TokenKind::GreaterGreater, 2);
      }
      return maybe_equal(TokenKind::Greater, TokenKind::GreaterEqual);
    default: return scan_unexpected();
  }
}

void Scanner::scan_unexpected() {
  const diag::Character character = diag::decode({at_, static_cast<size_t>(end_ - at_)}, 0);
  if (!character.valid || character.code == 0) {
    // Reported with the file's encoding.
    ++at_;
    return;
  }
  const char* const end = invalid_end(at_, end_);
  diag::Diagnostic& diagnostic = out_.sink.report(Kind::UnexpectedCharacter, span(at_, at_ + character.size), {shown(character)});
  diagnostic.help = lookalike_help(character.code);
  emit(TokenKind::Invalid, at_);
  at_ = end;
}

}  // namespace omega::lex
