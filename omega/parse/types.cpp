// SPDX-License-Identifier: Apache-2.0
// Types, parameters and attributes.
#include "omega/base/check.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

NodeId Parser::path(std::string_view of_what) {
  uint32_t token = expect_name(of_what);
  NodeId node = add(NodeKind::Name, 0, token, name_at(token), 0, 1);
  while (at(TokenKind::Dot)) {
    take();
    token = expect_name("a member");
    node = add(NodeKind::Member, 0, token, node, name_at(token), height_over(node));
  }
  return node;
}

NodeId Parser::type_path() {
  const uint32_t token = take();
  NodeId node = add(NodeKind::Name, 0, token, name_at(token), 0, 1);
  switch (kind()) {
    case TokenKind::Dot:
      while (at(TokenKind::Dot)) {
        take();
        const uint32_t member = expect_name("a type");
        node = add(NodeKind::Member, 0, member, node, name_at(member), height_over(node));
      }
      if (!at(TokenKind::Less)) {
        break;
      }
      [[fallthrough]];
    case TokenKind::Less:
      if (omega()) {
        return generic_type(node);
      }
      break;
    case TokenKind::Payable:
      if (is_word(token, word_of("address"))) {
        take();
        nodes_[node].flags = 1;
      }
      break;
    default: break;
  }
  return node;
}

NodeId Parser::type() {
  NodeId node;
  switch (kind()) {
    [[likely]] case TokenKind::Identifier:
      node = type_path();
      break;
    case TokenKind::Mapping: node = mapping_type(); break;
    case TokenKind::Function: node = function_type(); break;
    case TokenKind::LeftParen:
      omega_only(position_, "a tuple type");
      node = tuple_type();
      break;
    default: fail(Kind::ExpectedType, {described()});
  }
  if (at(TokenKind::LeftBracket)) {
    node = array_suffixes(node);
  }
  return node;
}

NodeId Parser::array_suffixes(NodeId element) {
  while (at(TokenKind::LeftBracket) && !line_ended(position_)) {
    const uint32_t open = take();
    const Mode mode(*this, 0);
    const NodeId size = at(TokenKind::RightBracket) ? 0 : expression();
    close(TokenKind::RightBracket, open);
    const uint32_t height = height_over(element, size == 0 ? element : size);
    const NodeKind element_kind = nodes_[element].kind;
    const bool is_expression = element_kind == NodeKind::Name || element_kind == NodeKind::Member || element_kind == NodeKind::Index;
    element = add(is_expression ? NodeKind::Index : NodeKind::ArrayType, 0, open, element, size, height);
  }
  return element;
}

NodeId Parser::mapping_type() {
  const Nesting nesting(*this);
  const uint32_t token = take();
  const uint32_t open = expect(TokenKind::LeftParen, "`(` after `mapping`");
  const Mode mode(*this, 0);
  const NodeId key = type();
  const uint32_t key_name = at(TokenKind::Identifier) ? name_at(take()) : base::NameId::none.index;
  expect(TokenKind::FatArrow, "`=>` between the types of keys and values");
  const NodeId value = type();
  const uint32_t value_name = at(TokenKind::Identifier) ? name_at(take()) : base::NameId::none.index;
  close(TokenKind::RightParen, open);
  const uint32_t fields = record({key, key_name, value, value_name});
  return add(NodeKind::MappingType, 0, token, fields, 0, height_over(key, value));
}

NodeId Parser::function_type() {
  const Nesting nesting(*this);
  const uint32_t token = take();
  const Mode mode(*this, 0);
  const uint32_t parameters = params();
  // The type's own words come once; a visibility behind them is that of the variable.
  constexpr uint32_t visibilities = kInternal | kExternal;
  uint32_t bits = 0;
  while (at(TokenKind::Pure) || at(TokenKind::View) || at(TokenKind::Payable) ||
         ((at(TokenKind::Internal) || at(TokenKind::External)) && (bits & visibilities) == 0)) {
    attribute(bits);
  }
  const uint32_t results = accept(TokenKind::Returns) ? params() : 0;
  const uint32_t fields = record({results, bits});
  return add(NodeKind::FunctionType, 0, token, parameters, fields, 1);
}

NodeId Parser::tuple_type() {
  const Nesting nesting(*this);
  const uint32_t open = take();
  const Mode mode(*this, 0);
  const size_t mark = pending_.size();
  do {
    pending_.push_back(type());
  } while (accept(TokenKind::Comma));
  close(TokenKind::RightParen, open);
  if (pending_.size() == mark + 1) {  // `(function(int64))[]`: an array of functions
    const NodeId inner = pending_[mark];
    pending_.resize(mark);
    return add(NodeKind::Paren, 0, open, inner, 0, height_over(inner));
  }
  const NodeId highest = highest_from(mark, pending_[mark]);
  const uint32_t types = list_from(mark);
  return add(NodeKind::TupleType, 0, open, 0, types, height_over(highest));
}

NodeId Parser::generic_type(NodeId base) {
  const Nesting nesting(*this);
  const uint32_t open = take();
  const Mode mode(*this, 0);
  const size_t mark = pending_.size();
  do {
    pending_.push_back(type());
  } while (accept(TokenKind::Comma));
  close_generic();
  const NodeId highest = highest_from(mark, base);
  const uint32_t types = list_from(mark);
  return add(NodeKind::GenericType, 0, open, base, types, height_over(highest));
}

void Parser::close_generic() {
  if (at(TokenKind::GreaterGreater)) {
    if (half_taken_) {
      take();
    }
    half_taken_ = !half_taken_;
    return;
  }
  expect(TokenKind::Greater, "`,` or `>` in the list of types");
}

uint32_t Parser::skip_type(uint32_t token, uint32_t limit) const {
  // Brackets balance and nothing but what types are made of stands between them; good enough to tell `f<T>(x)` from `a < b`.
  uint32_t angles = 1;
  uint32_t round = 0;
  for (; token < limit; ++token) {
    switch (kinds_[token]) {
      case TokenKind::Identifier:
      case TokenKind::Dot:
      case TokenKind::LeftBracket:
      case TokenKind::RightBracket:
      case TokenKind::Mapping:
      case TokenKind::Function:
      case TokenKind::Returns:
      case TokenKind::FatArrow: break;
      case TokenKind::Integer:
        if (kinds_[token - 1] != TokenKind::LeftBracket) {
          return 0;
        }
        break;
      case TokenKind::Comma:
        if (round == 0 && angles == 1 && kinds_[token + 1] != TokenKind::Identifier) {
          return 0;
        }
        break;
      case TokenKind::LeftParen:
        if (kinds_[token - 1] == TokenKind::Identifier) {
          return 0;
        }
        ++round;
        break;
      case TokenKind::RightParen:
        if (round == 0) {
          return 0;
        }
        --round;
        break;
      case TokenKind::Less: ++angles; break;
      case TokenKind::GreaterGreater:
      case TokenKind::Greater: {
        const uint32_t closed = kinds_[token] == TokenKind::Greater ? 1 : 2;
        if (closed > angles) {
          return 0;
        }
        angles -= closed;
        if (angles == 0) {
          return round == 0 ? token + 1 : 0;
        }
        break;
      }
      default: return 0;
    }
  }
  return 0;
}

bool Parser::begins_generic_arguments() const {
  const uint32_t first = position_ + 1;
  constexpr uint32_t longest = 64;
  const uint32_t behind = skip_type(first, first + longest < last_ ? first + longest : last_);
  if (behind == 0) {
    return false;
  }
  switch (kinds_[behind]) {
    case TokenKind::Identifier: return !newline_before(behind);
    case TokenKind::LeftBracket: return kinds_[behind + 1] == TokenKind::RightBracket;
    case TokenKind::LeftParen: {
      // `f(a < b, c > (d))` compares twice; only one type argument makes a call.
      for (uint32_t token = first; token < behind; ++token) {
        if (kinds_[token] == TokenKind::Comma) {
          return false;
        }
      }
      return true;
    }
    default: return false;
  }
}

bool Parser::is_type(NodeId id) const {
  const Node& node = nodes_[id];
  switch (node.kind) {
    case NodeKind::Name:
    case NodeKind::GenericType:
    case NodeKind::ArrayType:
    case NodeKind::MappingType:
    case NodeKind::FunctionType:
    case NodeKind::TupleType: return true;
    case NodeKind::Member:
    case NodeKind::Index: return is_type(node.a);
    case NodeKind::Paren: return omega() && nodes_[node.a].kind != NodeKind::Name && is_type(node.a);
    case NodeKind::Tuple: {
      if (!omega() || node.b == 0) {
        return false;
      }
      for (const uint32_t element : tree_.list(node.b)) {
        if (element == 0 || !is_type(element)) {
          return false;
        }
      }
      return true;
    }
    default: return false;
  }
}

NodeId Parser::as_type(NodeId id) {
  Node& node = nodes_[id];
  if (node.kind == NodeKind::Tuple) {
    node.kind = NodeKind::TupleType;
    for (const uint32_t element : tree_.list(node.b)) {
      as_type(element);
    }
  } else if (node.kind == NodeKind::Paren) {
    as_type(node.a);
  } else if (node.kind == NodeKind::Index) {
    as_type(node.a);
    const NodeKind element = nodes_[node.a].kind;
    if (element != NodeKind::Name && element != NodeKind::Member && element != NodeKind::Index) {
      node.kind = NodeKind::ArrayType;
    }
  }
  return id;
}

DataLocation Parser::data_location() {
  switch (kind()) {
    case TokenKind::Memory: take(); return DataLocation::Memory;
    case TokenKind::Storage: take(); return DataLocation::Storage;
    case TokenKind::Calldata: take(); return DataLocation::Calldata;
    default: return DataLocation::None;
  }
}

NodeId Parser::param() {
  const uint32_t first = position_;
  const NodeId type_node = type();
  const bool indexed = accept(TokenKind::Indexed);
  const DataLocation location = data_location();
  uint32_t token = first;
  uint32_t name = base::NameId::none.index;
  if (at(TokenKind::Identifier)) {
    token = take();
    name = name_at(token);
  }
  const uint32_t fields = record({name, static_cast<uint32_t>(location), indexed ? 1u : 0u});
  return add(NodeKind::Param, 0, token, type_node, fields);
}

uint32_t Parser::params() {
  const uint32_t open = expect(TokenKind::LeftParen, "`(`");
  const Mode mode(*this, 0);
  const size_t mark = pending_.size();
  if (!at(TokenKind::RightParen)) {
    do {
      if (at(TokenKind::RightParen) && omega()) {
        break;
      }
      pending_.push_back(param());
    } while (accept(TokenKind::Comma));
  }
  if (at(TokenKind::Colon)) {
    if (diag::Diagnostic* diagnostic = report(Kind::ExpectedToken, {"`,` or `)`", described()})) {
      diagnostic->with_help("the type stands before the name: `int64 x`");
    }
    throw SyntaxError{};
  }
  close(TokenKind::RightParen, open);
  return list_from(mark);
}

bool Parser::attribute(uint32_t& bits) {
  constexpr uint32_t visibilities = kPublic | kPrivate | kInternal | kExternal;
  constexpr uint32_t mutabilities = kPure | kView | kPayable;
  uint32_t bit = 0;
  uint32_t excludes = 0;
  switch (kind()) {
    case TokenKind::Public:
      bit = kPublic;
      excludes = visibilities;
      break;
    case TokenKind::Private:
      bit = kPrivate;
      excludes = visibilities;
      break;
    case TokenKind::Internal:
      bit = kInternal;
      excludes = visibilities;
      break;
    case TokenKind::External:
      bit = kExternal;
      excludes = visibilities;
      break;
    case TokenKind::Pure:
      bit = kPure;
      excludes = mutabilities;
      break;
    case TokenKind::View:
      bit = kView;
      excludes = mutabilities;
      break;
    case TokenKind::Payable:
      bit = kPayable;
      excludes = mutabilities;
      break;
    case TokenKind::Virtual: bit = kVirtual; break;
    case TokenKind::Constant:
      bit = kConstant;
      excludes = kConstant | kImmutable | kTransient;
      break;
    case TokenKind::Immutable:
      bit = kImmutable;
      excludes = kConstant | kImmutable | kTransient;
      break;
    default: return false;
  }
  if ((bits & bit) != 0) {
    report(Kind::RepeatedAttribute, {std::string(spelled(position_))});
  } else if ((bits & excludes) != 0) {
    static constexpr const char* words[] = {"public",  "private", "internal", "external",  "pure",     "view",
                                            "payable", "virtual", "constant", "immutable", "transient"};
    report(Kind::ConflictingAttributes, {std::string(spelled(position_)), words[__builtin_ctz(bits & excludes)]});
  } else {
    bits |= bit;
  }
  take();
  return true;
}

}  // namespace omega::parse
