// SPDX-License-Identifier: Apache-2.0
// Expressions: precedence climbing over operands with their suffixes.
#include "omega/parse/operators.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

namespace {

/// Reads decimal or hexadecimal digits, passing `_`. False when the value needs more than 64 bits.
bool read_integer(const char*& at, uint64_t& value) {
  bool fits = true;
  if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
    for (at += 2;; ++at) {
      const auto c = static_cast<uint8_t>(*at);
      uint32_t digit;
      if (c >= '0' && c <= '9') {
        digit = c - '0';
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = (c | 0x20u) - 'a' + 10;
      } else if (c == '_') {
        continue;
      } else {
        return fits;
      }
      fits = fits && (value >> 60) == 0;
      value = value << 4 | digit;
    }
  }
  for (;; ++at) {
    const auto c = static_cast<uint8_t>(*at);
    if (c >= '0' && c <= '9') {
      if (value >= 1'844'674'407'370'955'160u) [[unlikely]] {
        fits = fits && !__builtin_mul_overflow(value, 10, &value) && !__builtin_add_overflow(value, c - uint64_t{'0'}, &value);
      } else {
        value = value * 10 + (c - '0');
      }
    } else if (c != '_') {
      return fits;
    }
  }
}

}  // namespace

inline NodeId Parser::integer_node(uint32_t token) {
  const char* digits = text_at(token);
  uint64_t value = static_cast<uint8_t>(*digits) - uint64_t{'0'};
  uint32_t digit = static_cast<uint8_t>(digits[1]) - uint32_t{'0'};
  for (size_t size = 1; digit <= 9 && size < 18; digit = static_cast<uint8_t>(digits[++size]) - uint32_t{'0'}) {
    value = value * 10 + digit;
  }
  bool fits = true;
  // `_`, `x` or too many digits.
  if (digit <= 9 || digit == '_' - '0' || digit == 'x' - '0' || digit == 'X' - '0') [[unlikely]] {
    value = 0;
    fits = read_integer(digits, value);
  }
  return fits ? add(NodeKind::IntLiteral, 1, token, static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32), 1)
              : add(NodeKind::IntLiteral, 0, token, 0, 0, 1);
}

NodeId Parser::expression() {
  const Nesting nesting(*this);
  return expression_after(binary(kNoOperator));
}

NodeId Parser::expression_after(NodeId node) {
  const uint8_t ending = kOperators.ends[static_cast<uint8_t>(kind())];
  if (ending != 0) {
    const uint32_t token = take();
    if (ending == 255) {
      const NodeId chosen = expression();
      expect(TokenKind::Colon, "`:` of the `?`");
      const NodeId otherwise = expression();
      const uint32_t branches = record({chosen, otherwise});
      node = add(NodeKind::Conditional, 0, token, node, branches, height_over(nodes_[node].height > nodes_[chosen].height ? node : chosen, otherwise));
    } else {
      const NodeId value = expression();
      node = add(NodeKind::Assign, ending - 1u, token, node, value, height_over(node, value));
    }
  }
  const uint32_t height = nodes_[node].height;
  if (height > deepest_in_block_) {
    deepest_in_block_ = height;
  }
  return node;
}

inline NodeId Parser::operand() {
  const uint32_t token = position_;
  if (at(TokenKind::Identifier)) {
    if (kOperators.ends_name[static_cast<uint8_t>(kinds_[token + 1])]) {
      ++position_;
      return add(NodeKind::Name, 0, token, name_at(token), 0, 1);
    }
  } else if (at(TokenKind::Integer) && kinds_[token + 1] != TokenKind::Identifier) {
    ++position_;
    return integer_node(token);
  }
  return unary();
}

NodeId Parser::binary(uint32_t above) {
  const NodeId left = operand();
  return kOperators.precedence[static_cast<uint8_t>(kind())] <= above ? left : binary_after(left, above);
}

NodeId Parser::binary_after(NodeId left, uint32_t above) {
  for (;;) {
    const auto token_kind = kind();
    const uint32_t level = kOperators.precedence[static_cast<uint8_t>(token_kind)];
    if (level <= above) {
      return left;
    }
    switch (token_kind) {
      case TokenKind::Minus:
        if (line_ended(position_)) {
          return left;
        }
        break;
      case TokenKind::Less:
        if (omega() && (nodes_[left].kind == NodeKind::Name || nodes_[left].kind == NodeKind::Member) && begins_generic_arguments()) {
          left = postfix(generic_type(left));
          continue;
        }
        break;
      case TokenKind::StarStar: {
        const Nesting nesting(*this);
        const uint32_t token = take();
        const NodeId right = binary(kPower - 1);
        left = add(NodeKind::Binary, static_cast<uint32_t>(BinaryOp::Pow), token, left, right, height_over(left, right));
        continue;
      }
      case TokenKind::DotDotLess:
      case TokenKind::DotDotEqual: {
        const uint32_t token = take();
        const NodeId right = binary(kRange);
        left = add(NodeKind::Range, token_kind == TokenKind::DotDotEqual ? 1 : 0, token, left, right, height_over(left, right));
        continue;
      }
      default: break;
    }
    const uint32_t token = take();
    NodeId right = operand();
    if (kOperators.precedence[static_cast<uint8_t>(kind())] > level) {
      right = binary_after(right, level);
    }
    left = add(NodeKind::Binary, kOperators.binary[static_cast<uint8_t>(token_kind)], token, left, right, height_over(left, right));
  }
}

NodeId Parser::unary() {
  UnaryOp op;
  switch (kind()) {
    [[likely]] default:
      return postfix(primary());
    case TokenKind::Minus: op = UnaryOp::Negate; break;
    case TokenKind::Bang: op = UnaryOp::Not; break;
    case TokenKind::Tilde: op = UnaryOp::BitNot; break;
    case TokenKind::PlusPlus: op = UnaryOp::Increment; break;
    case TokenKind::MinusMinus: op = UnaryOp::Decrement; break;
    case TokenKind::Delete: op = UnaryOp::Delete; break;
    case TokenKind::Try: return try_expression();
  }
  const Nesting nesting(*this);
  const uint32_t token = take();
  const NodeId operand = unary();
  return add(NodeKind::Unary, static_cast<uint32_t>(op), token, operand, 0, height_over(operand));
}

NodeId Parser::try_expression() {
  const Nesting nesting(*this);
  const uint32_t token = take();
  if (at(TokenKind::LeftParen)) {
    return postfix(call(add(NodeKind::Name, 0, token, name_at(token), 0, 1)));
  }
  const NodeId operand = unary();
  return add(NodeKind::Try, 0, token, operand, 0, height_over(operand));
}

NodeId Parser::postfix(NodeId base) {
  for (;;) {
    switch (kind()) {
      case TokenKind::Dot: {
        take();
        const uint32_t token = position_;
        // Keywords may be members: `.catch`, `.from`.
        if (!at(TokenKind::Identifier) && (kind() < TokenKind::Abstract)) {
          fail(Kind::ExpectedName, {"a member", described()});
        }
        take();
        base = add(NodeKind::Member, 0, token, base, name_at(token), height_over(base));
        break;
      }
      case TokenKind::LeftParen:
        if (line_ended(position_)) {
          return base;
        }
        base = call(base);
        break;
      case TokenKind::LeftBracket:
        if (line_ended(position_)) {
          return base;
        }
        base = index(base);
        break;
      case TokenKind::LeftBrace:
        if (!begins_call_options(base)) {
          return base;
        }
        base = call_options(base);
        break;
      case TokenKind::PlusPlus:
      case TokenKind::MinusMinus: {
        if (line_ended(position_)) {
          return base;
        }
        const UnaryOp op = at(TokenKind::PlusPlus) ? UnaryOp::Increment : UnaryOp::Decrement;
        const uint32_t token = take();
        base = add(NodeKind::Postfix, static_cast<uint32_t>(op), token, base, 0, height_over(base));
        break;
      }
      default: return base;
    }
  }
}

NodeId Parser::primary() {
  switch (kind()) {
    [[likely]] case TokenKind::Identifier:
      return name_or_lambda();
    case TokenKind::Integer: return integer_literal();
    case TokenKind::Decimal: return decimal_literal();
    case TokenKind::LeftParen: return parenthesised();
    case TokenKind::LeftBracket: return array_literal();
    case TokenKind::String: return strings(NodeKind::StringLiteral, TokenKind::String);
    case TokenKind::HexString: return strings(NodeKind::HexLiteral, TokenKind::HexString);
    case TokenKind::UnicodeString: return strings(NodeKind::UnicodeLiteral, TokenKind::UnicodeString);
    case TokenKind::True:
    case TokenKind::False: {
      const uint32_t value = at(TokenKind::True) ? 1 : 0;
      return add(NodeKind::BoolLiteral, 0, take(), value, 0, 1);
    }
    case TokenKind::New: return new_expression();
    case TokenKind::Type: return type_of();
    case TokenKind::Payable: {
      const uint32_t token = take();
      return add(NodeKind::Name, 0, token, name_at(token), 0, 1);
    }
    case TokenKind::Mapping: return mapping_type();
    case TokenKind::Function:
      if (next_kind() == TokenKind::LeftParen) {
        return function_type();
      }
      no_expression();
    default: no_expression();
  }
}

void Parser::no_expression() {
  if (position_ == statement_start_) {
    fail(Kind::ExpectedStatement, {described(position_)});
  }
  fail(Kind::ExpectedExpression, {described()});
}

NodeId Parser::name_or_lambda() {
  const uint32_t token = take();
  const NodeId node = add(NodeKind::Name, 0, token, name_at(token), 0, 1);
  switch (kind()) {
    case TokenKind::FatArrow:
      if ((mode_ & kPattern) == 0) {
        const uint32_t fields = record({nodes_[node].a, 0, 0});
        nodes_[node] = {NodeKind::Param, 0, 0, token, 0, fields};
        const size_t mark = pending_.size();
        pending_.push_back(node);
        return lambda(list_from(mark), node);
      }
      return node;
    case TokenKind::Payable:
      if (is_word(token, word_of("address"))) {
        take();
        nodes_[node].flags = 1;
      }
      return node;
    case TokenKind::Identifier:
    case TokenKind::String:
    case TokenKind::Integer:
    case TokenKind::Decimal:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::Try:
    case TokenKind::New:
    case TokenKind::Tilde:
    case TokenKind::Bang:
      if (omega() && !line_ended(position_) && is_word(token, word_of("match"))) {
        return match_word(token);
      }
      return node;
    default: return node;
  }
}

NodeId Parser::lambda(uint32_t parameters, NodeId highest) {
  omega_only(position_, "a lambda");
  const uint32_t token = take();
  if (!at(TokenKind::LeftBrace)) {
    const NodeId value = expression();
    return add(NodeKind::Lambda, 0, token, parameters, value, height_over(highest, value));
  }
  const NodeId statements = value_block();
  return add(NodeKind::Lambda, 0, token, parameters, statements, height_over(highest, statements));
}

NodeId Parser::value_block() {
  const uint32_t deepest_outside = deepest_in_block_;
  deepest_in_block_ = 0;
  const NodeId statements = block(0);
  nodes_[statements].height = static_cast<uint16_t>(deepest_in_block_ + 1);
  deepest_in_block_ = deepest_outside;
  return statements;
}

NodeId Parser::integer_literal() {
  const NodeId node = integer_node(take());
  return kind() == TokenKind::Identifier ? with_unit(node) : node;
}

NodeId Parser::decimal_literal() {
  const uint32_t token = take();
  const char* at_digit = text_at(token);
  uint64_t value = 0;
  NodeId node;
  bool fits = *at_digit != '.' && read_integer(at_digit, value);
  if (*at_digit == '.' || at_digit[1] == '-') {
    node = add(NodeKind::DecimalLiteral, 0, token, 0, 0, 1);
  } else {
    uint64_t exponent = 0;
    ++at_digit;
    fits = read_integer(at_digit, exponent) && fits;
    for (; fits && value != 0 && exponent > 0; --exponent) {
      fits = !__builtin_mul_overflow(value, 10, &value);
    }
    node = fits ? add(NodeKind::IntLiteral, 1, token, static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32), 1)
                : add(NodeKind::IntLiteral, 0, token, 0, 0, 1);
  }
  return kind() == TokenKind::Identifier ? with_unit(node) : node;
}

NodeId Parser::with_unit(NodeId literal) {
  if (line_ended(position_)) {
    return literal;
  }
  const Word word = load_word(text_at(position_));
  static constexpr Word units[] = {word_of("wei"),     word_of("gwei"),  word_of("ether"), word_of("seconds"),
                                   word_of("minutes"), word_of("hours"), word_of("days"),  word_of("weeks")};
  for (const Word& unit : units) {
    if (word == unit) {
      const uint32_t token = take();
      return add(NodeKind::UnitLiteral, 0, token, literal, name_at(token), 2);
    }
  }
  return literal;
}

NodeId Parser::strings(NodeKind node_kind, TokenKind token_kind) {
  const uint32_t first = take();
  while (at(token_kind) && !line_ended(position_)) {
    take();
  }
  return add(node_kind, 0, first, 0, position_ - first, 1);
}

NodeId Parser::parenthesised() {
  const uint32_t open = take();
  const uint32_t declaring_at = statement_start_;
  const uint8_t mode_outside = mode_;
  const size_t mark = pending_.size();
  bool declares = false;
  bool has_hole = false;
  {
    const Mode mode(*this, 0);
    while (!at(TokenKind::RightParen) || pending_.size() > mark) {
      if (at(TokenKind::Comma) || at(TokenKind::RightParen)) {
        pending_.push_back(0);
        has_hole = true;
      } else {
        NodeId element = expression();
        if (at(TokenKind::Identifier) || (kind() >= TokenKind::Abstract && (at(TokenKind::Memory) || at(TokenKind::Storage) || at(TokenKind::Calldata)))) {
          if (!is_type(element)) {
            break;
          }
          const DataLocation location = data_location();
          const uint32_t token = expect_name("this variable");
          const uint32_t fields = record({name_at(token), static_cast<uint32_t>(location), 0});
          element = add(NodeKind::Param, 0, token, as_type(element), fields);
          declares = true;
        }
        pending_.push_back(element);
      }
      if (!accept(TokenKind::Comma)) {
        break;
      }
    }
    close(TokenKind::RightParen, open);
  }
  const uint32_t count = static_cast<uint32_t>(pending_.size() - mark);
  if (at(TokenKind::FatArrow) && (mode_outside & kPattern) == 0) {
    for (size_t i = mark; i < pending_.size(); ++i) {
      const NodeId id = pending_[i];
      Node& node = nodes_[id];
      if (id == 0 || (node.kind != NodeKind::Name && node.kind != NodeKind::Param)) {
        report_at(id == 0 ? open : node.token, Kind::ExpectedName, {"a parameter", id == 0 ? "nothing" : described(node.token)});
        throw SyntaxError{};
      }
      if (node.kind == NodeKind::Name) {
        const uint32_t fields = record({node.a, 0, 0});
        node = {NodeKind::Param, 0, 0, node.token, 0, fields};
      }
    }
    const NodeId highest = highest_from(mark, 0);
    return lambda(list_from(mark), highest);
  }
  if (declares && open != declaring_at) {
    if (diag::Diagnostic* diagnostic = report(Kind::ExpectedToken, {"`=>` of a lambda", described()})) {
      diagnostic->with_help("variables are declared by a statement of their own: `(T a, U b) = f()`");
    }
    throw SyntaxError{};
  }
  if (declares && !at(TokenKind::Equal)) {
    fail(Kind::DeclarationNeedsValue, {"a declaration of variables", described()});
  }
  if (count == 1 && !has_hole && !declares) {
    const NodeId inner = pending_[mark];
    pending_.resize(mark);
    return add(NodeKind::Paren, 0, open, inner, 0, height_over(inner));
  }
  const uint32_t height = count == 0 ? 1 : height_over(highest_from(mark, 0));
  const uint32_t elements = list_from(mark);
  return add(NodeKind::Tuple, declares ? 1 : 0, open, 0, elements, height);
}

NodeId Parser::array_literal() {
  const uint32_t open = take();
  const size_t mark = pending_.size();
  {
    const Mode mode(*this, 0);
    while (!at(TokenKind::RightBracket)) {
      pending_.push_back(expression());
      if (!accept(TokenKind::Comma)) {
        break;
      }
    }
    close(TokenKind::RightBracket, open);
  }
  const uint32_t height = height_over(highest_from(mark, 0));
  const uint32_t elements = list_from(mark);
  return add(NodeKind::ArrayLiteral, 0, open, 0, elements, height);
}

NodeId Parser::index(NodeId base) {
  const uint32_t open = take();
  const Mode mode(*this, 0);
  NodeId low = 0;
  if (!at(TokenKind::RightBracket) && !at(TokenKind::Colon)) {
    low = expression();
  }
  if (accept(TokenKind::Colon)) {
    const NodeId high = at(TokenKind::RightBracket) || at(TokenKind::Colon) ? 0 : expression();
    if (at(TokenKind::Colon)) [[unlikely]] {
      reject_step();
    }
    close(TokenKind::RightBracket, open);
    const uint32_t bounds = record({low, high});
    return add(NodeKind::Slice, 0, open, base, bounds, height_over(nodes_[low].height > nodes_[high].height ? low : high, base));
  }
  if (!at(TokenKind::RightBracket)) [[unlikely]] {
    reject_two_dots();
  }
  close(TokenKind::RightBracket, open);
  return add(NodeKind::Index, 0, open, base, low, height_over(base, low));
}

NodeId Parser::new_expression() {
  const uint32_t token = take();
  const NodeId made = type();
  return add(NodeKind::New, 0, token, made, 0, height_over(made));
}

NodeId Parser::type_of() {
  const uint32_t token = take();
  const uint32_t open = expect(TokenKind::LeftParen, "`(` after `type`");
  const Mode mode(*this, 0);
  const NodeId subject = type();
  close(TokenKind::RightParen, open);
  return add(NodeKind::TypeOf, 0, token, subject, 0, height_over(subject));
}

}  // namespace omega::parse
