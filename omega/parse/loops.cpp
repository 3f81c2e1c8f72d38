// SPDX-License-Identifier: Apache-2.0
// Loops: `while`, `do`, `for`, and those over ranges.
#include "omega/parse/operators.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

NodeId Parser::while_statement() {
  const uint32_t token = take();
  const NodeId tested = condition(token);
  const NodeId repeated = body_of(tested);
  return add(NodeKind::While, 0, token, tested, repeated);
}

NodeId Parser::do_statement() {
  const uint32_t token = take();
  const NodeId repeated = body();
  if (!at(TokenKind::While)) {
    fail(Kind::ExpectedToken, {"`while` after the body of `do`", described()});
  }
  take();
  NodeId tested;
  if (omega()) {
    tested = expression();
    tested = nodes_[tested].kind == NodeKind::Paren ? nodes_[tested].a : tested;
  } else {
    tested = parenthesised_condition();
  }
  if (nodes_[tested].kind == NodeKind::Assign && omega()) {
    assignment_as_condition(tested);
  }
  end_statement();
  return add(NodeKind::DoWhile, 0, token, tested, repeated);
}

NodeId Parser::for_statement() {
  const uint32_t token = take();
  if (omega() && at(TokenKind::Identifier) && next_kind() == TokenKind::Identifier && is_word(position_ + 1, word_of("in"))) {
    return for_in();
  }
  uint32_t header = 0;
  const NodeId failed = guarded(Resume::ClosingParen, [this, &header] {
    const Mode mode(*this, 0);
    const uint32_t open = expect(TokenKind::LeftParen, "`(` after `for`");
    const NodeId start = at(TokenKind::Semicolon) ? 0 : simple_statement();
    expect(TokenKind::Semicolon, "`;` after the first part of `for`");
    const NodeId tested = at(TokenKind::Semicolon) ? 0 : expression();
    if (tested != 0 && nodes_[tested].kind == NodeKind::Assign && omega()) {
      assignment_as_condition(tested);
    }
    expect(TokenKind::Semicolon, "`;` after the condition of `for`");
    const NodeId step = at(TokenKind::RightParen) ? 0 : expression();
    close(TokenKind::RightParen, open);
    header = record({start, tested, step});
    return 0;
  });
  if (failed != 0) {
    accept(TokenKind::RightParen);
    header = record({0, failed, 0});
  }
  const NodeId repeated = failed != 0 ? body_of(failed) : body();
  return add(NodeKind::For, 0, token, header, repeated);
}

NodeId Parser::for_in() {
  if (diag::Diagnostic* diagnostic = report_at(position_ - 1, Kind::WordNotOmega, {"for … in"})) {
    diagnostic->with_help("write `@ " + std::string(spelled(position_)) + " in … { }`");
  }
  const uint32_t token = position_ - 1;
  return range_loop_header(RangeLoopKind::Sequential, token, 0);
}

bool Parser::begins_threaded_loop(NodeId node) const {
  return (at(TokenKind::At) || at(TokenKind::AtAt)) && !line_ended(position_) && nodes_[node].kind == NodeKind::ExprStmt;
}

NodeId Parser::threaded_loop(NodeId node) {
  if (at(TokenKind::AtAt)) {
    if (diag::Diagnostic* diagnostic = report(Kind::ThreadsOnAllCores)) {
      diagnostic->with_help("leave out the number, or write `@` in place of `@@`");
    }
    return range_loop(0);
  }
  return range_loop(nodes_[node].a);
}

NodeId Parser::range_loop(NodeId threads) {
  omega_only(position_, "a loop with `@`");
  const RangeLoopKind loop = at(TokenKind::AtAt) ? RangeLoopKind::Parallel : threads != 0 ? RangeLoopKind::ParallelThreads : RangeLoopKind::Sequential;
  return range_loop_header(loop, take(), threads);
}

NodeId Parser::range_loop_header(RangeLoopKind loop, uint32_t token, NodeId threads) {
  uint32_t name = base::NameId::none.index;
  uint32_t name_token = token;
  const NodeId over = guarded(Resume::Body, [&] {
    const Mode mode(*this, kHeader);
    name_token = expect_name("the loop's variable");
    name = name_at(name_token);
    if (!at_word(word_of("in"))) {
      diag::Diagnostic* diagnostic = report(Kind::ExpectedToken, {"`in`", described()});
      if (diagnostic != nullptr) {
        diagnostic->with_help("a loop is written `@ i in 0..<n { }`");
      }
      throw SyntaxError{};
    }
    take();
    const NodeId range = expression();
    reject_two_dots();
    return range;
  });
  const bool lost = nodes_[over].kind == NodeKind::Invalid && !at(TokenKind::LeftBrace);
  const NodeId repeated = lost ? invalid() : block_after(open_body("this loop", token), 0);
  const uint32_t fields = record({name, name_token, over, threads});
  return add(NodeKind::RangeLoop, static_cast<uint32_t>(loop), token, fields, repeated);
}

}  // namespace omega::parse
