// SPDX-License-Identifier: Apache-2.0
// Contracts, interfaces, libraries and what only they hold: state variables, modifiers, constructors.
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

NodeId Parser::contract(bool abstract) {
  ContractKind contract_kind = ContractKind::Contract;
  switch (kind()) {
    case TokenKind::Contract: break;
    case TokenKind::Interface: contract_kind = ContractKind::Interface; break;
    case TokenKind::Library: contract_kind = ContractKind::Library; break;
    default: fail(Kind::ExpectedToken, {"`contract`", described()});
  }
  take();
  const uint32_t token = expect_name("this contract");
  const uint32_t name = name_at(token);
  const size_t bases_mark = pending_.size();
  NodeId layout = 0;
  const NodeId broken = guarded(Resume::Body, [&] {
    for (;;) {
      if (accept(TokenKind::Is)) {
        do {
          pending_.push_back(modifier_use("a base contract"));
        } while (accept(TokenKind::Comma));
      } else if (at_word(word_of("layout")) && next_kind() == TokenKind::Identifier && is_word(position_ + 1, word_of("at")) && layout == 0) {
        take();
        take();
        const Mode mode(*this, kHeader);
        layout = expression();
      } else {
        return 0;
      }
    }
  });
  const uint32_t bases = list_from(bases_mark);
  uint32_t members = 0;
  if (broken == 0 || at(TokenKind::LeftBrace)) {
    members = contract_members(open_body("this contract", token));
  }
  const uint32_t fields = record({bases, members, abstract ? 1u : 0u, layout});
  return add(NodeKind::Contract, static_cast<uint32_t>(contract_kind), token, name, fields);
}

uint32_t Parser::contract_members(uint32_t open) {
  const size_t mark = pending_.size();
  const Mode mode(*this, omega() ? kLinesEnd : 0);
  const uint32_t reports = reports_;
  Sequence sequence;
  while (!at(TokenKind::RightBrace) && !at(TokenKind::EndOfFile)) {
    if (omega() && accept(TokenKind::Semicolon)) {
      continue;
    }
    if (at(TokenKind::Contract) || at(TokenKind::Interface) || at(TokenKind::Library) || at(TokenKind::Abstract) || at(TokenKind::Import) ||
        at(TokenKind::Pragma)) {
      unclosed_brace(Kind::MissingClosingBrace, open, reports);
      return list_from(mark);
    }
    pending_.push_back(element(sequence, Resume::Declaration, [this] { return contract_member(); }));
  }
  if (at(TokenKind::EndOfFile)) {
    unclosed_brace(Kind::UnclosedBracket, open, reports);
  }
  const uint32_t members = list_from(mark);
  accept(TokenKind::RightBrace);
  return members;
}

NodeId Parser::contract_member() {
  switch (kind()) {
    case TokenKind::Function:
      if (next_kind() != TokenKind::LeftParen) {
        return function(FunctionKind::Plain);
      }
      break;
    case TokenKind::Constructor: return function(FunctionKind::Constructor);
    case TokenKind::Modifier: return modifier();
    case TokenKind::Struct: return struct_declaration();
    case TokenKind::Enum: return enum_declaration();
    case TokenKind::Event: return event();
    case TokenKind::Using: return using_for();
    case TokenKind::Type:
      if (next_kind() == TokenKind::Identifier) {
        return user_type();
      }
      fail(Kind::ExpectedDeclaration, {described(position_)});
    case TokenKind::Identifier:
      if (next_kind() == TokenKind::LeftParen) {
        if (is_word(position_, word_of("receive"))) {
          return function(FunctionKind::Receive);
        }
        if (is_word(position_, word_of("fallback"))) {
          return function(FunctionKind::Fallback);
        }
      } else if (next_kind() == TokenKind::Identifier && !line_ended(position_ + 1) && (peek(2) == TokenKind::LeftParen || peek(2) == TokenKind::LeftBrace)) {
        if (is_word(position_, word_of("error"))) {
          return error_declaration();
        }
        misspelt_declaration();
      }
      break;
    case TokenKind::Mapping: break;
    default: fail(Kind::ExpectedDeclaration, {described(position_)});
  }
  return state_variable(type());
}

NodeId Parser::state_variable(NodeId type_node) {
  uint32_t bits = 0;
  NodeId override_node = 0;
  for (;;) {
    if (attribute(bits)) {
      continue;
    }
    if (at(TokenKind::Override)) {
      override_node = override_spec();
      continue;
    }
    // `transient` is an attribute only where a name or another attribute follows it.
    if (at_word(word_of("transient")) && (next_kind() == TokenKind::Identifier || next_kind() >= TokenKind::Abstract)) {
      bits |= kTransient;
      take();
      continue;
    }
    break;
  }
  if (nodes_[type_node].kind == NodeKind::Name && !at(TokenKind::Identifier)) {
    const uint32_t first = nodes_[type_node].token;
    const std::string_view meant = meant_keyword(first);
    if (bits == 0 && !meant.empty()) {
      if (diag::Diagnostic* diagnostic = report_at(first, Kind::MisspeltKeyword, {std::string(spelled(first))})) {
        diagnostic->with_help("did you mean `" + std::string(meant) + "`?");
      }
      throw SyntaxError{};
    }
    if (bits == 0 && position_ == first + 1) {
      report_at(first, Kind::ExpectedDeclaration, {described(first)});
      throw SyntaxError{};
    }
  }
  const uint32_t token = expect_name("this variable");
  const uint32_t name = name_at(token);
  const NodeId value = accept(TokenKind::Equal) ? initial_value() : 0;
  end_declaration();
  const uint32_t fields = record({name, bits, value, override_node});
  return add(NodeKind::StateVar, 0, token, type_node, fields);
}

NodeId Parser::modifier() {
  take();
  const uint32_t token = expect_name("this modifier");
  const uint32_t name = name_at(token);
  const uint32_t parameters = at(TokenKind::LeftParen) ? params() : 0;
  uint32_t bits = 0;
  NodeId override_node = 0;
  for (;;) {
    if (at(TokenKind::Virtual)) {
      attribute(bits);
    } else if (at(TokenKind::Override)) {
      override_node = override_spec();
    } else {
      break;
    }
  }
  NodeId statements = 0;
  if (at(TokenKind::LeftBrace)) {
    statements = block(0);
  } else if (at(TokenKind::Semicolon) || (omega() && newline_before(position_))) {
    end_declaration();
  } else {
    statements = block_after(open_body("this modifier", token), 0);
  }
  const uint32_t fields = record({parameters, bits, override_node, statements});
  return add(NodeKind::Modifier, 0, token, name, fields);
}

}  // namespace omega::parse
