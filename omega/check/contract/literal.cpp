// SPDX-License-Identifier: Apache-2.0
// Literals, and arithmetic on them, which is exact.
#include <algorithm>

#include "omega/base/keccak.h"
#include "omega/check/contract/contract_checker.h"
#include "omega/check/exact_number.h"
#include "omega/lex/literals.h"

namespace omega::check::contract {

using diag::Kind;
using parse::BinaryOp;

namespace {

/// Hexadecimal digits of an address as EIP-55 writes them: a letter is large where the hash of the small ones has a digit from 8 on.
std::string checksummed(std::string_view digits) {
  std::string text(digits);
  for (char& c : text) {
    c = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  const base::Keccak256Digest hash = base::keccak256(text);
  for (size_t i = 0; i < text.size(); ++i) {
    const uint32_t digit = hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
    text[i] = text[i] >= 'a' && digit >= 8 ? static_cast<char>(text[i] - ('a' - 'A')) : text[i];
  }
  return text;
}

}  // namespace

Value ContractChecker::number(Rational value, uint32_t digits) {
  numbers_.push_back(std::move(value));
  return {.kind = ValueKind::Number,
          .digits = static_cast<uint8_t>(digits > 255 ? 255 : digits),
          .type = kNumberType,
          .id = static_cast<uint32_t>(numbers_.size()) - 1};
}

Value ContractChecker::number_literal(NodeId id) {
  const Node& n = node(id);
  if (n.kind == NodeKind::UnitLiteral) {
    const Value value = number_literal(n.a);
    if (value.kind != ValueKind::Number) {
      return value;
    }
    const Rational& read = numbers_[value.id];
    return number(Rational::of(read.numerator * BigInteger(unit_factor(program_.text(NameId{n.b}))), read.denominator));
  }
  const std::string_view text = tree_->tokens->spelled(n.token);
  if (text.starts_with("0x") || text.starts_with("0X")) {
    std::string buffer;
    const std::string_view digits = without_underscores(text.substr(2), buffer);
    if (digits.size() + 1 >= kAddressDigits && digits.size() <= kAddressDigits + 1 && (digits.size() != kAddressDigits || digits != checksummed(digits))) {
      diag::Diagnostic& said = report(Kind::ContractAddress, id, {std::string(text)});
      said.with_help(digits.size() == kAddressDigits ? "as an address it is `0x" + checksummed(digits) + "`; as a number it gets more zeros in front"
                                                     : "an address has 40 digits; as a number it gets more zeros in front");
      return Value::error();
    }
    return number({BigInteger::parse(digits, 16)}, static_cast<uint32_t>(digits.size()));
  }
  std::optional<Rational> value = read_decimal(text);
  if (!value || value->too_big()) {
    return fail(Kind::ConstantTooLarge, id);
  }
  return number(std::move(*value));
}

Value ContractChecker::text_value(std::string text, bool is_hex) {
  texts_.push_back(std::move(text));
  return {.kind = ValueKind::Text, .digits = is_hex ? uint8_t{1} : uint8_t{0}, .type = kTextType, .id = static_cast<uint32_t>(texts_.size()) - 1};
}

namespace {

/// Solidity has no escape for the byte 0 but `\x00`.
bool has_escaped_zero(std::string_view spelled) {
  for (size_t at = spelled.find('\\'); at != std::string_view::npos; at = spelled.find('\\', at)) {
    if (spelled.substr(at).starts_with("\\0")) {
      return true;
    }
    at += lex::scan_escape(spelled.data() + at, spelled.data() + spelled.size()).size;
  }
  return false;
}

}  // namespace

Value ContractChecker::text_literal(NodeId id) {
  const Node& n = node(id);
  std::string whole;
  for (uint32_t i = 0; i < std::max(n.b, 1u); ++i) {
    const std::string_view spelled = tree_->tokens->spelled(n.token + i);
    if (has_escaped_zero(spelled)) {
      return fail(Kind::BadEscape, id, {"\\0"});
    }
    if (n.kind == NodeKind::StringLiteral && !spelled.starts_with("unicode") && std::ranges::any_of(spelled, [](char c) { return (c & 0x80) != 0; })) {
      return fail(Kind::ContractText, id);
    }
    whole += lex::string_value(spelled);
  }
  return text_value(std::move(whole), n.kind == NodeKind::HexLiteral);
}

Value ContractChecker::fold(BinaryOp op, const Value& left, const Value& right, NodeId where) {
  Folded folded = op == BinaryOp::Sar ? Folded{.kind = Folded::Kind::NoSuchOperator} : check::fold(op, numbers_[left.id], numbers_[right.id]);
  switch (folded.kind) {
    case Folded::Kind::Number: return number(std::move(folded.number));
    case Folded::Kind::Truth: return Value::of(kBoolType, builder_.const_bool(folded.truth));
    case Folded::Kind::TooLarge: return fail(Kind::ConstantTooLarge, where);
    case Folded::Kind::DivisionByZero: return fail(Kind::ConstantDivisionByZero, where);
    case Folded::Kind::NoSuchOperator: break;
  }
  return fail(Kind::OperatorTypes, where, {std::string(tree_->tokens->spelled(node(where).token)), "a number", "a number"});
}

}  // namespace omega::check::contract
