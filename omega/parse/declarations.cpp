// SPDX-License-Identifier: Apache-2.0
// What stands at the top of a file: functions, types, imports, constants, and statements in Omega files.
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

base::PodVector<NodeId> Parser::items() {
  base::PodVector<NodeId> found;
  while (position_ < end_) {
    if (accept(TokenKind::Semicolon)) {
      continue;
    }
    found.push_back(element(items_, Resume::Declaration, [this] { return item(); }));
  }
  return found;
}

void Parser::end_declaration() {
  if (at(TokenKind::Semicolon)) [[likely]] {
    ++position_;
    return;
  }
  if (omega() && (newline_before(position_) || at(TokenKind::RightBrace) || at(TokenKind::EndOfFile))) {
    return;
  }
  missing_statement_end();
}

NodeId Parser::item() {
  mode_ = omega() ? kLinesEnd : 0;
  switch (kind()) {
    [[likely]] case TokenKind::Function:
      if (next_kind() != TokenKind::LeftParen) {
        return function(FunctionKind::Plain);
      }
      break;
    case TokenKind::Struct: return struct_declaration();
    case TokenKind::Enum: return enum_declaration();
    case TokenKind::Contract:
    case TokenKind::Interface:
    case TokenKind::Library: return contract(false);
    case TokenKind::Abstract: take(); return contract(true);
    case TokenKind::Event: return event();
    case TokenKind::Using: return using_for();
    case TokenKind::Import: return import();
    case TokenKind::Pragma: return pragma();
    case TokenKind::Type:
      if (next_kind() == TokenKind::Identifier) {
        return user_type();
      }
      break;
    case TokenKind::RightBrace:
      report(Kind::UnopenedBracket, {"}"});
      take();
      return invalid();
    case TokenKind::Identifier:
      if (next_kind() != TokenKind::Identifier || line_ended(position_ + 1)) {
        break;
      }
      if (peek(2) == TokenKind::LeftParen && is_word(position_, word_of("error"))) {
        return error_declaration();
      }
      if ((peek(2) == TokenKind::LeftParen || peek(2) == TokenKind::LeftBrace) && !is_word(position_, word_of("revert")) &&
          !is_word(position_, word_of("match"))) {
        misspelt_declaration();
      }
      break;
    default: break;
  }
  if (omega()) {
    Sequence sequence;
    return element(sequence, Resume::Statement, [this] { return statement(); });
  }
  if (at(TokenKind::Identifier) || at(TokenKind::Mapping) || at(TokenKind::Function)) {
    return state_variable(type());
  }
  fail(Kind::ExpectedDeclaration, {described(position_)});
}

void Parser::misspelt_declaration() {
  const std::string_view meant = meant_keyword(position_);
  static constexpr struct {
    const char* word;
    const char* help;
  } foreign[] = {{"func", "write `function`"},
                 {"fn", "write `function`"},
                 {"def", "write `function`"},
                 {"fun", "write `function`"},
                 {"class", "write `struct` or `contract`"}};
  for (const auto& entry : foreign) {
    if (spelled(position_) == entry.word) {
      if (diag::Diagnostic* diagnostic = report(Kind::WordNotOmega, {entry.word})) {
        diagnostic->with_help(entry.help);
      }
      throw SyntaxError{};
    }
  }
  diag::Diagnostic* diagnostic = report(Kind::MisspeltKeyword, {std::string(spelled(position_))});
  if (diagnostic != nullptr && !meant.empty()) {
    diagnostic->with_help("did you mean `" + std::string(meant) + "`?");
  } else if (diagnostic != nullptr && peek(2) == TokenKind::LeftParen) {
    const std::string type(spelled(position_));
    diagnostic->with_help("a function is written `function " + std::string(spelled(position_ + 1)) + "(...)" +
                          (type == "void" ? "" : " returns (" + type + ")") + " { }`");
  }
  throw SyntaxError{};
}

NodeId Parser::pragma() {
  const uint32_t token = take();
  const uint32_t first = position_;
  while (!at(TokenKind::Semicolon) && !at(TokenKind::EndOfFile) && !line_ended(position_)) {
    take();
  }
  const uint32_t last = position_ - 1;
  end_declaration();
  return add(NodeKind::Pragma, 0, token, first, last);
}

NodeId Parser::import() {
  take();
  const size_t mark = pending_.size();
  uint32_t alias = base::NameId::none.index;
  ImportKind import_kind = ImportKind::Whole;
  const auto expect_from = [this] {
    if (!at_word(word_of("from"))) {
      fail(Kind::ExpectedToken, {"`from`", described()});
    }
    take();
  };
  if (accept(TokenKind::Star)) {
    expect(TokenKind::As, "`as`");
    alias = name_at(expect_name("the module"));
    import_kind = ImportKind::Alias;
    expect_from();
  } else if (at(TokenKind::LeftBrace)) {
    const Mode mode(*this, 0);
    const uint32_t open = take();
    import_kind = ImportKind::Symbols;
    within_braces([&] {
      while (!at(TokenKind::RightBrace)) {
        const uint32_t symbol = expect_name("what is imported");
        const uint32_t name = name_at(symbol);
        const uint32_t local = accept(TokenKind::As) ? name_at(expect_name("what is imported")) : name;
        pending_.push_back(add(NodeKind::ImportSymbol, 0, symbol, name, local));
        if (!accept(TokenKind::Comma)) {
          break;
        }
      }
      close(TokenKind::RightBrace, open);
    });
    expect_from();
  }
  const uint32_t path_token = expect(TokenKind::String, "the path of a file in quotes");
  if (import_kind == ImportKind::Whole && accept(TokenKind::As)) {
    alias = name_at(expect_name("the module"));
    import_kind = ImportKind::Alias;
  }
  const uint32_t symbols = list_from(mark);
  end_declaration();
  return add(NodeKind::Import, static_cast<uint32_t>(import_kind), path_token, alias, symbols);
}

uint32_t Parser::type_params() {
  if (!at(TokenKind::Less)) {
    return 0;
  }
  omega_only(position_, "a list of type parameters");
  take();
  const size_t mark = pending_.size();
  do {
    const uint32_t token = expect_name("a type parameter");
    pending_.push_back(add(NodeKind::TypeParam, 0, token, name_at(token), 0));
    if (at(TokenKind::Colon)) {
      if (diag::Diagnostic* diagnostic = report(Kind::ExpectedToken, {"`,` or `>` in the list of type parameters", described()})) {
        diagnostic->with_help("type parameters have no bounds: each call checks that its types have what the body uses");
      }
      throw SyntaxError{};
    }
  } while (accept(TokenKind::Comma));
  expect(TokenKind::Greater, "`,` or `>` in the list of type parameters");
  return list_from(mark);
}

NodeId Parser::modifier_use(std::string_view of_what) {
  const uint32_t token = position_;
  const NodeId used = path(of_what);
  if (!at(TokenKind::LeftParen)) {
    return add(NodeKind::ModifierUse, 0, token, used, 0);
  }
  const uint32_t open = take();
  const size_t mark = pending_.size();
  const Mode mode(*this, 0);
  if (!at(TokenKind::RightParen)) {
    if (at(TokenKind::LeftBrace)) {
      braced_arguments();
    } else {
      positional_arguments();
    }
  }
  close(TokenKind::RightParen, open);
  const uint32_t arguments = list_from(mark);
  return add(NodeKind::ModifierUse, 1, token, used, arguments);
}

NodeId Parser::override_spec() {
  const uint32_t token = take();
  const size_t mark = pending_.size();
  if (at(TokenKind::LeftParen)) {
    const uint32_t open = take();
    do {
      pending_.push_back(path("a base contract"));
    } while (accept(TokenKind::Comma));
    close(TokenKind::RightParen, open);
  }
  const uint32_t bases = list_from(mark);
  return add(NodeKind::OverrideSpec, 0, token, 0, bases);
}

NodeId Parser::deferred_body() {
  const uint32_t open = take();
  return add(NodeKind::DeferredBody, static_cast<uint32_t>(dialect_), open, take(), 0);
}

uint32_t Parser::unknown_result(uint32_t token) {
  const NodeId type = invalid();
  const uint32_t fields = record({base::NameId::none.index, 0, 0});
  const size_t mark = pending_.size();
  pending_.push_back(add(NodeKind::Param, 0, token, type, fields));
  return list_from(mark);
}

NodeId Parser::function(FunctionKind function_kind) {
  uint32_t token = take();
  uint32_t name = base::NameId::none.index;
  FunctionRecord made{};
  made.kind = static_cast<uint32_t>(function_kind);
  if (function_kind == FunctionKind::Plain) {
    token = expect_name("this function");
    name = name_at(token);
    made.type_params = type_params();
  }
  // A broken list of parameters or results still leaves a body to read.
  bool broken = guarded(Resume::ClosingParen, [&] {
                  made.params = params();
                  return 0;
                }) != 0;
  if (broken) {
    accept(TokenKind::RightParen);
  }
  broken = guarded(Resume::Body,
                   [&] {
                     function_attributes(made);
                     return 0;
                   }) != 0 ||
           broken;
  if (broken && made.results == 0) {
    made.results = unknown_result(token);
  }
  if (at(TokenKind::LeftBrace)) {
    made.body = block(0);
  } else if (at(TokenKind::OutlinedBody)) {
    made.body = deferred_body();
  } else if (broken) {
    accept(TokenKind::Semicolon);
  } else {
    missing_body(made, token);
  }
  const uint32_t fields = record({made.kind, made.type_params, made.params, made.attributes, made.modifiers, made.override_spec, made.results, made.body});
  return add(NodeKind::Function, broken ? 1 : 0, token, name, fields);
}

void Parser::function_attributes(FunctionRecord& made) {
  const size_t mark = pending_.size();
  for (;;) {
    if (attribute(made.attributes)) {
      continue;
    }
    switch (kind()) {
      case TokenKind::Identifier: pending_.push_back(modifier_use("a modifier")); continue;
      case TokenKind::Override: {
        const uint32_t token = position_;
        const NodeId spec = override_spec();
        if (made.override_spec != 0) {
          report_at(token, Kind::RepeatedAttribute, {"override"});
        }
        made.override_spec = spec;
        continue;
      }
      case TokenKind::Returns: {
        const uint32_t token = take();
        const uint32_t results = params();
        if (made.results != 0) {
          report_at(token, Kind::RepeatedAttribute, {"returns"});
        }
        made.results = results;
        continue;
      }
      default: break;
    }
    break;
  }
  made.modifiers = list_from(mark);
}

void Parser::missing_body(FunctionRecord& made, uint32_t token) {
  if (at(TokenKind::ThinArrow) || at(TokenKind::Colon) || (at(TokenKind::Return) && !newline_before(position_))) {
    if (diag::Diagnostic* diagnostic = report(Kind::ExpectedBody, {"this function", described()})) {
      diagnostic->with_help("the types of results are written `returns (T)`");
    }
    skip(Resume::Body);
    throw SyntaxError{};
  }
  if (!at(TokenKind::Semicolon) && !at(TokenKind::RightBrace) && !begins_declaration(position_) && opener_is_missing(token)) {
    made.body = block_after(open_body("this function", token), 0);
    return;
  }
  if (at(TokenKind::FatArrow) || at(TokenKind::Equal) ||
      (!at(TokenKind::Semicolon) && !newline_before(position_) && !at(TokenKind::RightBrace) && !at(TokenKind::EndOfFile)) ||
      (!omega() && !at(TokenKind::Semicolon))) {
    report(Kind::ExpectedBody, {made.kind == static_cast<uint32_t>(FunctionKind::Plain) ? "this function" : "this declaration", described()});
    throw SyntaxError{};
  }
  end_declaration();
}

NodeId Parser::struct_declaration() {
  take();
  const uint32_t token = expect_name("this struct");
  const uint32_t name = name_at(token);
  if (at(TokenKind::Less)) {
    if (diag::Diagnostic* diagnostic = report(Kind::ExpectedBody, {"this struct", described()})) {
      diagnostic->with_help("structs have no type parameters: write one for each type");
    }
    throw SyntaxError{};
  }
  const uint32_t open = open_body("this struct", token);
  const size_t mark = pending_.size();
  const Mode mode(*this, omega() ? kLinesEnd : 0);
  Sequence sequence;
  while (!at(TokenKind::RightBrace) && !at(TokenKind::EndOfFile) &&
         !(kind() >= TokenKind::Abstract && newline_before(position_) && begins_declaration(position_))) {
    if (omega() && accept(TokenKind::Semicolon)) {
      continue;
    }
    const NodeId field = element(sequence, Resume::Statement, [this] {
      const NodeId type_node = type();
      if (at(TokenKind::Colon) && nodes_[type_node].kind == NodeKind::Name) {
        if (diag::Diagnostic* diagnostic = report(Kind::ExpectedName, {"this field", described()})) {
          diagnostic->with_help("the type stands before the name: `int64 " + std::string(spelled(position_ - 1)) + "`");
        }
        throw SyntaxError{};
      }
      const uint32_t field_token = expect_name("this field");
      const uint32_t fields = record({name_at(field_token), 0, 0});
      const NodeId node = add(NodeKind::Param, 0, field_token, type_node, fields);
      if (at(TokenKind::Equal) && omega()) {
        if (diag::Diagnostic* diagnostic = report(Kind::StatementGoesOn, {described()})) {
          diagnostic->with_help("fields have no values of their own: they begin as zero, or get one where the struct is made, `P(1, 2)`");
        }
        throw SyntaxError{};
      }
      if (at(TokenKind::Comma) && omega()) {
        if (diag::Diagnostic* diagnostic = report(Kind::StatementGoesOn, {described()})) {
          diagnostic->with_help("fields end at `;` or at the end of their line");
        }
        take();
        return node;
      }
      end_declaration();
      return node;
    });
    if (nodes_[field].kind == NodeKind::Param) {
      pending_.push_back(field);
    }
  }
  close(TokenKind::RightBrace, open);
  const uint32_t fields = list_from(mark);
  return add(NodeKind::Struct, 0, token, name, fields);
}

NodeId Parser::enum_declaration() {
  take();
  const uint32_t token = expect_name("this enum");
  const uint32_t name = name_at(token);
  const uint32_t open = open_body("this enum", token);
  const size_t mark = pending_.size();
  within_braces([&] {
    bool goes_on = !at(TokenKind::RightBrace);
    while (goes_on) {
      const uint32_t member = expect_name("this member");
      pending_.push_back(add(NodeKind::EnumMember, 0, member, name_at(member), 0));
      goes_on = accept(TokenKind::Comma) && !(omega() && at(TokenKind::RightBrace));
    }
    close(TokenKind::RightBrace, open);
  });
  const uint32_t members = list_from(mark);
  return add(NodeKind::Enum, 0, token, name, members);
}

NodeId Parser::event() {
  take();
  const uint32_t token = expect_name("this event");
  const uint32_t name = name_at(token);
  const uint32_t fields = params();
  const bool anonymous = accept(TokenKind::Anonymous);
  end_declaration();
  return add(NodeKind::Event, anonymous ? 1 : 0, token, name, fields);
}

NodeId Parser::error_declaration() {
  take();
  const uint32_t token = expect_name("this error");
  const uint32_t name = name_at(token);
  const uint32_t fields = params();
  end_declaration();
  return add(NodeKind::ErrorDecl, 0, token, name, fields);
}

NodeId Parser::using_item() {
  const uint32_t token = position_;
  const NodeId used = path("a function or library");
  uint32_t operator_token = 0;
  if (accept(TokenKind::As)) {
    switch (kind()) {
      case TokenKind::Plus:
      case TokenKind::Minus:
      case TokenKind::Star:
      case TokenKind::Slash:
      case TokenKind::Percent:
      case TokenKind::Amp:
      case TokenKind::Pipe:
      case TokenKind::Caret:
      case TokenKind::Tilde:
      case TokenKind::EqualEqual:
      case TokenKind::BangEqual:
      case TokenKind::Less:
      case TokenKind::LessEqual:
      case TokenKind::Greater:
      case TokenKind::GreaterEqual: operator_token = take(); break;
      default: fail(Kind::ExpectedOperatorName, {described()});
    }
  }
  return add(NodeKind::UsingItem, 0, token, used, operator_token);
}

NodeId Parser::using_for() {
  const uint32_t token = take();
  const size_t mark = pending_.size();
  if (at(TokenKind::LeftBrace)) {
    const Mode mode(*this, 0);
    const uint32_t open = take();
    within_braces([&] {
      do {
        pending_.push_back(using_item());
      } while (accept(TokenKind::Comma));
      close(TokenKind::RightBrace, open);
    });
  } else {
    pending_.push_back(using_item());
  }
  expect(TokenKind::For, "`for`");
  const NodeId extended = accept(TokenKind::Star) ? 0 : type();
  const bool global = at_word(word_of("global"));
  if (global) {
    take();
  }
  const uint32_t fields = record({extended, global ? 1u : 0u});
  const uint32_t used = list_from(mark);
  end_declaration();
  return add(NodeKind::UsingFor, 0, token, fields, used);
}

NodeId Parser::user_type() {
  take();
  const uint32_t token = expect_name("this type");
  const uint32_t name = name_at(token);
  expect(TokenKind::Is, "`is`");
  const NodeId underlying = type();
  end_declaration();
  return add(NodeKind::UserType, 0, token, name, underlying);
}

}  // namespace omega::parse
