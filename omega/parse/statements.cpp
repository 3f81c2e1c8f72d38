// SPDX-License-Identifier: Apache-2.0
// Statements: declarations of variables, expressions, conditions, blocks.
#include "omega/parse/operators.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

bool Parser::at_statement_end() const { return at(TokenKind::Semicolon) || at(TokenKind::RightBrace) || at(TokenKind::EndOfFile) || line_ended(position_); }

void Parser::end_statement() {
  if (at(TokenKind::Semicolon)) [[likely]] {
    ++position_;
    return;
  }
  if ((mode_ & kLinesEnd) != 0 &&
      (newline_before(position_) || at(TokenKind::RightBrace) || at(TokenKind::EndOfFile) || at(TokenKind::Else) || at(TokenKind::While))) {
    return;
  }
  missing_statement_end();
}

void Parser::missing_statement_end() {
  if (reported_at_ == position_ || at(TokenKind::Invalid)) {
    throw SyntaxError{};
  }
  if (at(TokenKind::Comma) && take_comma_number()) {
    return end_statement();
  }
  const bool begins_line = newline_before(position_) || at(TokenKind::RightBrace) || at(TokenKind::EndOfFile);
  if (!omega() && begins_line) {
    reported_at_ = position_;
    sink_.report(Kind::MissingSemicolon, behind_previous(), {described()}).with_help("add `;` here");
    return;
  }
  if (at(TokenKind::RightParen) || at(TokenKind::RightBracket)) {
    fail(Kind::UnopenedBracket, {std::string(lex::spelling(kind()))});
  }
  diag::Diagnostic* diagnostic = report(Kind::StatementGoesOn, {described(position_)});
  const uint32_t previous = position_ - 1;
  if (diagnostic != nullptr && kind() >= TokenKind::Abstract && (next_kind() == TokenKind::Equal || next_kind() == TokenKind::Semicolon)) {
    diagnostic->with_help(name_is_keyword(position_));
  }
  if (diagnostic != nullptr && diagnostic->help.empty() && previous == statement_start_) {
    if (const std::string_view meant = meant_keyword(previous); !meant.empty()) {
      diagnostic->with_help("did you mean `" + std::string(meant) + "`?");
    }
  }
  if (diagnostic != nullptr && at(TokenKind::Comma)) {
    diagnostic->with_help("several values stand in parentheses: `(a, b) = (b, a)`, `return (a, b)`");
  }
  throw SyntaxError{};
}

NodeId Parser::statement() {
  const Nesting nesting(*this);
  statement_start_ = position_;
  switch (kind()) {
    [[likely]] case TokenKind::Identifier:
      return identifier_statement();
    case TokenKind::LeftBrace: return block(0);
    case TokenKind::If: return if_statement();
    case TokenKind::While: return while_statement();
    case TokenKind::Do: return do_statement();
    case TokenKind::For: return for_statement();
    case TokenKind::At:
    case TokenKind::AtAt: return range_loop(0);
    case TokenKind::Return: return return_statement();
    case TokenKind::Break:
    case TokenKind::Continue: {
      const NodeKind node_kind = at(TokenKind::Break) ? NodeKind::Break : NodeKind::Continue;
      const NodeId node = add(node_kind, 0, take(), 0, 0);
      end_statement();
      return node;
    }
    case TokenKind::Emit: return call_statement(NodeKind::Emit);
    case TokenKind::Try:
      if (!omega()) {
        const uint32_t token = take();
        return try_statement(token, expression());
      }
      break;
    case TokenKind::Assembly: return assembly_statement();
    case TokenKind::Else: fail(Kind::ElseWithoutIf, {"else", "`if`"});
    case TokenKind::Catch: fail(Kind::ElseWithoutIf, {"catch", "`try`"});
    case TokenKind::RightParen:
    case TokenKind::RightBracket: fail(Kind::UnopenedBracket, {std::string(lex::spelling(kind()))});
    default:
      if (at(TokenKind::Modifier)) {
        fail(Kind::ContractStatement, {"modifier"});
      }
      if (kind() >= TokenKind::Abstract && begins_declaration(position_)) {
        fail(Kind::MissingClosingBrace);
      }
      break;
  }
  const NodeId node = simple_statement();
  if (begins_threaded_loop(node)) {
    return threaded_loop(node);
  }
  if (nodes_[node].kind == NodeKind::TryStatement) {
    return node;
  }
  end_statement();
  return node;
}

NodeId Parser::identifier_statement() {
  const uint32_t token = position_;
  switch (next_kind()) {
    case TokenKind::Identifier: {
      if (line_ended(token + 1)) {
        break;
      }
      const Word word = load_word(text_at(token));
      if (word == word_of("revert")) {
        return call_statement(NodeKind::Revert);
      }
      if (word == word_of("match") && omega() && peek(2) != TokenKind::Equal && peek(2) != TokenKind::Semicolon) {
        break;
      }
      // `T x`: by far the most frequent declaration.
      const NodeId type_node = add(NodeKind::Name, 0, take(), name_cache_.intern(text_at(token), word), 0, 1);
      const NodeId node = after_type(type_node);
      end_statement();
      return node;
    }
    case TokenKind::LeftBrace:
      if (is_word(token, word_of("unchecked"))) {
        take();
        return block(1);
      }
      break;
    case TokenKind::Semicolon:
    case TokenKind::RightBrace:
      if (is_word(token, word_of("_"))) {
        const NodeId node = add(NodeKind::Placeholder, 0, take(), 0, 0);
        end_statement();
        return node;
      }
      break;
    default:
      if (newline_before(token + 1) && is_word(token, word_of("_")) && omega()) {
        const NodeId node = add(NodeKind::Placeholder, 0, take(), 0, 0);
        end_statement();
        return node;
      }
      break;
  }
  const NodeId node = simple_statement();
  if (begins_threaded_loop(node)) {
    return threaded_loop(node);
  }
  end_statement();
  return node;
}

NodeId Parser::simple_statement() {
  const uint32_t first = position_;
  statement_start_ = first;
  if (at(TokenKind::Let)) {
    return let_statement();
  }
  const NodeId value = expression();
  switch (kind()) {
    case TokenKind::Identifier:
    case TokenKind::Memory:
    case TokenKind::Storage:
    case TokenKind::Calldata:
    case TokenKind::Constant:
      if (!line_ended(position_) && is_type(value)) {
        return after_type(as_type(value));
      }
      break;
    case TokenKind::LeftBrace:
    case TokenKind::Returns:
      if (nodes_[value].kind == NodeKind::Try && !line_ended(position_)) {
        return try_statement(first, nodes_[value].a);
      }
      break;
    default: break;
  }
  const Node& node = nodes_[value];
  if (node.kind == NodeKind::Assign) {
    const Node& target = nodes_[node.a];
    if (target.kind == NodeKind::Tuple && (target.flags & 1) != 0) {
      return tuple_declaration(value, 0);
    }
  }
  return add(NodeKind::ExprStmt, 0, first, value, 0);
}

NodeId Parser::tuple_declaration(NodeId assignment, uint32_t flags) {
  const Node& node = nodes_[assignment];
  const uint32_t elements = nodes_[node.a].b;
  const NodeId value = node.b;
  const uint32_t token = nodes_[node.a].token;
  for (const uint32_t element : tree_.list(elements)) {
    Node& declared = nodes_[element];
    if (element != 0 && declared.kind != NodeKind::Param) {
      report_at(declared.token, Kind::ExpectedType, {described(declared.token)});
      throw SyntaxError{};
    }
    if (element != 0) {
      declared.kind = NodeKind::VarDecl;
    }
  }
  return add(NodeKind::TupleDecl, flags, token, value, elements);
}

NodeId Parser::initial_value() {
  const size_t mark = pending_.size();
  try {
    return expression();
  } catch (const SyntaxError&) {
    // The name stays declared, so that its uses are no further mistakes.
    pending_.resize(mark);
    half_taken_ = false;
    skip(Resume::Statement);
    if (position_ > 0 && kinds_[position_ - 1] == TokenKind::Semicolon) {
      --position_;
    } else if (!at_statement_end()) {
      reported_at_ = position_;
    }
    return invalid();
  }
}

NodeId Parser::after_type(NodeId type_node) {
  if (at(TokenKind::Constant)) {
    return local_constant(type_node);
  }
  const DataLocation location = data_location();
  const uint32_t token = expect_name("this variable");
  const uint32_t name = name_at(token);
  NodeId value = 0;
  if (accept(TokenKind::Equal)) {
    value = initial_value();
  } else if (!at_statement_end()) [[unlikely]] {
    const uint32_t first = nodes_[type_node].token;
    const bool is_name = nodes_[type_node].kind == NodeKind::Name;
    const std::string_view meant = is_name ? meant_keyword(first) : std::string_view();
    if (!meant.empty()) {
      if (diag::Diagnostic* diagnostic = report_at(first, Kind::MisspeltKeyword, {std::string(spelled(first))})) {
        diagnostic->with_help("did you mean `" + std::string(meant) + "`?");
      }
      throw SyntaxError{};
    }
  }
  const uint32_t fields = record({name, static_cast<uint32_t>(location), value});
  return add(NodeKind::VarDecl, 0, token, type_node, fields);
}

NodeId Parser::local_constant(NodeId type_node) {
  take();
  const uint32_t token = expect_name("this constant");
  const uint32_t name = name_at(token);
  if (!accept(TokenKind::Equal)) {
    fail(Kind::DeclarationNeedsValue, {"a constant", described()});
  }
  const NodeId value = initial_value();
  const uint32_t fields = record({name, kConstant, value, 0});
  return add(NodeKind::StateVar, 0, token, type_node, fields);
}

NodeId Parser::let_statement() {
  omega_only(position_, "`let`");
  take();
  if (at(TokenKind::LeftParen)) {
    const uint32_t open = take();
    const size_t mark = pending_.size();
    {
      const Mode mode(*this, 0);
      do {
        if (at(TokenKind::Comma) || (at(TokenKind::RightParen) && pending_.size() > mark)) {
          pending_.push_back(0);
          continue;
        }
        const uint32_t token = expect_name("this variable");
        const uint32_t fields = record({name_at(token), 0, 0});
        pending_.push_back(add(NodeKind::VarDecl, 0, token, 0, fields));
      } while (accept(TokenKind::Comma));
      close(TokenKind::RightParen, open);
    }
    const uint32_t declared = list_from(mark);
    if (!accept(TokenKind::Equal)) {
      fail(Kind::DeclarationNeedsValue, {"`let`", described()});
    }
    const NodeId value = initial_value();
    return add(NodeKind::TupleDecl, 1, open, value, declared);
  }
  const uint32_t token = expect_name("this variable");
  const uint32_t name = name_at(token);
  if (!accept(TokenKind::Equal)) {
    if (diag::Diagnostic* diagnostic = report(Kind::DeclarationNeedsValue, {"`let`", described()})) {
      const std::string variable(spelled(token));
      if (at(TokenKind::Colon)) {
        diagnostic->with_help("a type stands in place of `let`: `int64 " + variable + " = …`");
      } else if (at(TokenKind::Comma)) {
        diagnostic->with_help("several variables stand in parentheses: `let (a, b) = ...`");
      } else if (newline_before(position_)) {
        diagnostic->with_help("a variable without a value is written with its type: `int64 " + variable + "`");
      } else if (at(TokenKind::Identifier) && diagnostic->help.empty()) {
        diagnostic->with_help(variable == "mut" ? "leave out `mut`: variables may be assigned again"
                                                : "leave out `let` when the type is written: `" + variable + " " + std::string(spelled(position_)) + " = …`");
      }
    }
    throw SyntaxError{};
  }
  const NodeId value = initial_value();
  const uint32_t fields = record({name, 0, value});
  return add(NodeKind::VarDecl, 0, token, 0, fields);
}

NodeId Parser::block(uint32_t flags) { return block_after(take(), flags); }

NodeId Parser::block_after(uint32_t open, uint32_t flags) {
  const Nesting nesting(*this);
  const size_t mark = pending_.size();
  const Mode mode(*this, omega() ? kLinesEnd : 0);
  const uint32_t reports = reports_;
  Sequence sequence;
  for (;;) {
    if (at(TokenKind::RightBrace)) {
      break;
    }
    if (at(TokenKind::EndOfFile)) {
      unclosed_brace(Kind::UnclosedBracket, open, reports);
      break;
    }
    if (kind() >= TokenKind::Abstract && begins_declaration(position_)) [[unlikely]] {
      unclosed_brace(Kind::MissingClosingBrace, open, reports);
      const uint32_t list = list_from(mark);
      return add(NodeKind::Block, flags, open, position_, list);
    }
    if (accept(TokenKind::Semicolon)) {
      continue;
    }
    const NodeId node = element(sequence, Resume::Statement, [this] { return statement(); });
    pending_.push_back(node);
  }
  const uint32_t statements = list_from(mark);
  const uint32_t closer = position_;
  accept(TokenKind::RightBrace);
  return add(NodeKind::Block, flags, open, closer, statements);
}

NodeId Parser::body() {
  if (at(TokenKind::LeftBrace)) {
    return block(0);
  }
  const Mode mode(*this, omega() ? kLinesEnd : 0);
  return statement();
}

NodeId Parser::condition(uint32_t keyword) {
  if (omega() && !at(TokenKind::LeftParen)) {
    const Mode mode(*this, kHeader);
    return header_condition(guarded(Resume::Body, [this] { return expression(); }), keyword);
  }
  const NodeId inner = parenthesised_condition();
  if (nodes_[inner].kind == NodeKind::Invalid) {
    return inner;
  }
  // `if (a + b) * c > d {`: an operator that cannot begin a statement shows that the condition goes on.
  const uint8_t follows = static_cast<uint8_t>(kind());
  if (omega() && ((kOperators.precedence[follows] != kNoOperator && !at(TokenKind::Minus)) || at(TokenKind::Dot) || at(TokenKind::Question))) {
    const Mode mode(*this, kHeader);
    return header_condition(guarded(Resume::Body,
                                    [this, inner] {
                                      const NodeId paren = add(NodeKind::Paren, 0, nodes_[inner].token, inner, 0, height_over(inner));
                                      return expression_after(binary_after(postfix(paren), kNoOperator));
                                    }),
                            keyword);
  }
  if (nodes_[inner].kind == NodeKind::Assign && omega()) {
    assignment_as_condition(inner);
  }
  return inner;
}

NodeId Parser::parenthesised_condition() {
  const Mode mode(*this, 0);
  return guarded(Resume::Body, [this] {
    const uint32_t open = expect(TokenKind::LeftParen, "`(` before the condition");
    const NodeId inner = guarded(Resume::ClosingParen, [this] { return expression(); });
    if (nodes_[inner].kind != NodeKind::Invalid) {
      close(TokenKind::RightParen, open);
    } else {
      accept(TokenKind::RightParen);
    }
    return inner;
  });
}

NodeId Parser::header_condition(NodeId node, uint32_t keyword) {
  if (nodes_[node].kind == NodeKind::Assign) {
    assignment_as_condition(node);
  }
  if (nodes_[node].kind != NodeKind::Invalid && !at(TokenKind::LeftBrace) && !(at(TokenKind::Comma) && take_comma_number() && at(TokenKind::LeftBrace))) {
    diag::Diagnostic* diagnostic = report(Kind::ExpectedBody, {"`" + std::string(spelled(keyword)) + "`", described()});
    if (opener_is_missing(keyword)) {
      body_open_ = position_;
      return node;
    }
    if (diagnostic != nullptr && diagnostic->help.empty()) {
      diagnostic->with_help("put the condition in parentheses when no block follows");
    }
    skip(Resume::Body);
    return invalid();
  }
  return node;
}

void Parser::assignment_as_condition(NodeId assignment) {
  const Node& node = nodes_[assignment];
  if (node.flags == static_cast<uint8_t>(AssignOp::Assign)) {
    if (diag::Diagnostic* diagnostic = report_at(node.token, Kind::AssignmentAsCondition)) {
      diagnostic->with_help("write `==`");
    }
    reported_at_ = UINT32_MAX;
  }
}

NodeId Parser::body_of(NodeId header) {
  if (body_open_ == position_) {
    body_open_ = UINT32_MAX;
    return block_after(position_ - 1, 0);
  }
  // After a header that could not be read there is a body to go on with, or nothing that makes sense.
  if (nodes_[header].kind == NodeKind::Invalid && !at(TokenKind::LeftBrace) && (kinds_[position_ - 1] != TokenKind::RightParen || at(TokenKind::EndOfFile))) {
    accept(TokenKind::Semicolon);
    return invalid();
  }
  return body();
}

NodeId Parser::if_statement() {
  NodeId first = 0;
  uint32_t previous_branches = 0;
  for (;;) {
    const uint32_t token = take();
    const NodeId tested = condition(token);
    const NodeId chosen = body_of(tested);
    const uint32_t branches = record({chosen, 0});
    const NodeId node = add(NodeKind::If, 0, token, tested, branches);
    if (first == 0) {
      first = node;
    } else {
      extra_[previous_branches + 1] = node;
    }
    if (!at(TokenKind::Else)) {
      return first;
    }
    take();
    if (!at(TokenKind::If)) {
      const NodeId otherwise = body();
      extra_[branches + 1] = otherwise;
      return first;
    }
    previous_branches = branches;
  }
}

NodeId Parser::return_statement() {
  const uint32_t token = take();
  const NodeId value = at_statement_end() ? 0 : expression();
  end_statement();
  return add(NodeKind::Return, 0, token, value, 0);
}

NodeId Parser::call_statement(NodeKind node_kind) {
  const uint32_t token = take();
  const uint32_t first = position_;
  const NodeId called = expression();
  if (nodes_[called].kind != NodeKind::Call) {
    report_at(first, Kind::EmitNeedsCall, {node_kind == NodeKind::Emit ? "emit" : "revert", std::string(spelled(first))});
    throw SyntaxError{};
  }
  end_statement();
  return add(node_kind, 0, token, called, 0);
}

NodeId Parser::try_statement(uint32_t token, NodeId called) {
  const uint32_t reports = reports_;
  const uint32_t results = accept(TokenKind::Returns) ? params_of_outcome() : 0;
  const NodeId done = block_after(open_body("`try`", token), 0);
  const size_t mark = pending_.size();
  while (at(TokenKind::Catch)) {
    pending_.push_back(catch_clause());
  }
  if (pending_.size() == mark && reports_ == reports) {
    report_at(token, Kind::TryWithoutCatch);
  }
  const uint32_t clauses = list_from(mark);
  const uint32_t fields = record({results, done, clauses});
  return add(NodeKind::TryStatement, 0, token, called, fields);
}

uint32_t Parser::params_of_outcome() {
  if (!omega() && at(TokenKind::LeftParen) && next_kind() == TokenKind::RightParen) {
    report_at(position_ + 1, Kind::ExpectedType, {described(position_ + 1)});
  }
  return params();
}

NodeId Parser::catch_clause() {
  const uint32_t token = take();
  const uint32_t name = at(TokenKind::Identifier) ? name_at(take()) : base::NameId::none.index;
  const uint32_t caught = at(TokenKind::LeftParen) ? params_of_outcome() : 0;
  const NodeId handler = block_after(open_body("`catch`", token), 0);
  const uint32_t fields = record({name, caught});
  return add(NodeKind::CatchClause, 0, token, fields, handler);
}

NodeId Parser::assembly_statement() {
  const uint32_t token = take();
  if (at(TokenKind::String)) {
    take();
  }
  if (at(TokenKind::LeftParen)) {
    const uint32_t open = take();
    while (at(TokenKind::String) || at(TokenKind::Comma)) {
      take();
    }
    close(TokenKind::RightParen, open);
  }
  const uint32_t open = open_body("`assembly`", token);
  uint32_t depth = 1;
  for (;; ++position_) {
    if (at(TokenKind::LeftBrace)) {
      ++depth;
    } else if (at(TokenKind::RightBrace)) {
      if (--depth == 0) {
        break;
      }
    } else if (at(TokenKind::EndOfFile)) {
      if (diag::Diagnostic* diagnostic = report(Kind::UnclosedBracket, {"}", "{", described()})) {
        diagnostic->note(tokens_.span(open), "`{` opened here");
      }
      throw SyntaxError{};
    }
  }
  const uint32_t closer = take();
  return add(NodeKind::Assembly, 0, token, open + 1, closer);
}

}  // namespace omega::parse
