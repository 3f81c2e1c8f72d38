// SPDX-License-Identifier: Apache-2.0
// Calls with their arguments, call options and struct values, and `match`.
#include <algorithm>

#include "omega/parse/operators.h"
#include "omega/parse/parser.h"

namespace omega::parse {

using diag::Kind;

NodeId Parser::call(NodeId callee) {
  const uint32_t open = take();
  const Node& callee_node = nodes_[callee];
  if (omega() && !at(TokenKind::RightParen) && !at(TokenKind::LeftBrace) && (callee_node.kind == NodeKind::Name || callee_node.kind == NodeKind::Member) &&
      is_word(callee_node.token, word_of("match"))) {
    return match_call(open, callee, callee_node.kind == NodeKind::Member ? callee_node.a : 0);
  }
  const size_t mark = pending_.size();
  if (!at(TokenKind::RightParen)) {
    const Mode mode(*this, 0);
    if (at(TokenKind::LeftBrace)) {
      braced_arguments();
    } else {
      positional_arguments();
    }
    close(TokenKind::RightParen, open);
  } else {
    take();
  }
  const uint32_t height = height_over(highest_from(mark, callee));
  const uint32_t arguments = list_from(mark);
  return add(NodeKind::Call, 0, open, callee, arguments, height);
}

void Parser::positional_arguments() {
  do {
    if (at(TokenKind::RightParen) && omega()) {
      return;
    }
    pending_.push_back(at(TokenKind::Dot) ? named_argument(1) : expression());
  } while (accept(TokenKind::Comma));
}

NodeId Parser::named_argument(uint32_t flags) {
  if (flags != 0) {
    omega_only(position_, "an argument named with `.`");
    take();
  }
  const uint32_t token = position_;
  const auto give_up = [&](diag::Diagnostic* diagnostic) {
    if (diagnostic != nullptr && flags == 0) {
      diagnostic->with_help("named arguments are written `{name: value}`; a block of statements as an argument `() => { ... }`");
    }
    throw SyntaxError{};
  };
  if (!at(TokenKind::Identifier) && kind() < TokenKind::Abstract) {
    give_up(report(Kind::ExpectedName, {"an argument", described()}));
  }
  take();
  if (!at(TokenKind::Colon)) {
    give_up(report(Kind::ExpectedToken, {"`:` after the argument's name", described()}));
  }
  take();
  const NodeId value = expression();
  return add(NodeKind::NamedArg, flags, token, name_at(token), value, height_over(value));
}

void Parser::braced_arguments() {
  const uint32_t open = take();
  within_braces([&] {
    while (!at(TokenKind::RightBrace)) {
      pending_.push_back(named_argument(0));
      if (!accept(TokenKind::Comma)) {
        break;
      }
    }
    close(TokenKind::RightBrace, open);
  });
}

bool Parser::begins_call_options(NodeId callee) const {
  if (line_ended(position_)) {
    return false;
  }
  if (next_kind() == TokenKind::Identifier) {
    return peek(2) == TokenKind::Colon;
  }
  if (next_kind() != TokenKind::RightBrace || (mode_ & kHeader) != 0 || !omega()) {
    return false;
  }
  const NodeKind callee_kind = nodes_[callee].kind;
  return callee_kind == NodeKind::Name || callee_kind == NodeKind::Member || callee_kind == NodeKind::GenericType;
}

NodeId Parser::call_options(NodeId callee) {
  const uint32_t open = position_;
  const size_t mark = pending_.size();
  {
    const Mode mode(*this, 0);
    braced_arguments();
  }
  const uint32_t height = height_over(highest_from(mark, callee));
  const uint32_t options = list_from(mark);
  return add(NodeKind::CallOptions, 0, open, callee, options, height);
}

NodeId Parser::match_word(uint32_t token) {
  NodeId subject;
  {
    const Mode mode(*this, static_cast<uint8_t>((mode_ & kLinesEnd) | kHeader));
    subject = binary(kNoOperator);
  }
  return match_braces(token, subject);
}

NodeId Parser::match_braces(uint32_t token, NodeId subject) {
  const Nesting nesting(*this);
  const uint32_t open = open_body("`match`", token);
  const size_t mark = pending_.size();
  {
    const Mode mode(*this, kLinesEnd | kPattern);
    within_braces([&] {
      while (!at(TokenKind::RightBrace)) {
        pending_.push_back(match_arm(expression()));
        if (!accept(TokenKind::Comma) && !newline_before(position_)) {
          break;
        }
      }
      close(TokenKind::RightBrace, open);
    });
  }
  const uint32_t height = height_over(highest_from(mark, subject));
  const uint32_t arms = list_from(mark);
  return add(NodeKind::Match, 0, token, subject, arms, height);
}

NodeId Parser::match_call(uint32_t open, NodeId callee, NodeId subject) {
  // `match(x, p => e, …)`, `x.match(p => e, …)`, `match (x) { p => e }`; a function of that name may also be called with plain arguments.
  const uint32_t token = nodes_[callee].token;
  const size_t mark = pending_.size();
  bool has_arms = false;
  {
    const Mode mode(*this, kPattern);
    do {
      if (at(TokenKind::RightParen)) {
        break;
      }
      if (at(TokenKind::Dot)) {
        pending_.push_back(named_argument(1));
        continue;
      }
      const NodeId argument = expression();
      if (at(TokenKind::FatArrow) || at(TokenKind::If) || has_arms) {
        pending_.push_back(match_arm(argument));
        has_arms = true;
      } else {
        pending_.push_back(argument);
      }
    } while (accept(TokenKind::Comma));
    close(TokenKind::RightParen, open);
  }
  const size_t count = pending_.size() - mark;
  const bool is_method = subject != 0;
  if (!has_arms && !is_method && count == 1 && at(TokenKind::LeftBrace) && !line_ended(position_)) {
    const NodeId inner = pending_[mark];
    pending_.resize(mark);
    return match_braces(token, add(NodeKind::Paren, 0, open, inner, 0, height_over(inner)));
  }
  const size_t arms_from = mark + (is_method ? 0 : 1);
  const auto is_arm = [&](NodeId item) { return nodes_[item].kind == NodeKind::MatchArm; };
  const bool is_match = count > arms_from - mark && nodes_[pending_[mark]].kind != NodeKind::NamedArg &&
                        std::all_of(pending_.begin() + static_cast<ptrdiff_t>(arms_from), pending_.end(), is_arm);
  if (!is_match) {
    const uint32_t height = height_over(highest_from(mark, callee));
    const uint32_t arguments = list_from(mark);
    return add(NodeKind::Call, 0, open, callee, arguments, height);
  }
  const NodeId matched = is_method ? subject : pending_[mark];
  const uint32_t height = height_over(highest_from(mark, matched));
  const uint32_t arms = list_from(arms_from);
  pending_.resize(mark);
  return add(NodeKind::Match, 0, token, matched, arms, height);
}

void Parser::push_alternatives(NodeId pattern) {
  // `a | b | c` has been read as an operator; its left spine is the list of alternatives.
  const size_t mark = pending_.size();
  for (;;) {
    const Node& node = nodes_[pattern];
    if (node.kind != NodeKind::Binary || node.flags != static_cast<uint8_t>(BinaryOp::BitOr)) {
      break;
    }
    pending_.push_back(node.b);
    pattern = node.a;
  }
  pending_.push_back(pattern);
  for (size_t low = mark, high = pending_.size() - 1; low < high; ++low, --high) {
    std::swap(pending_[low], pending_[high]);
  }
}

NodeId Parser::match_arm(NodeId pattern) {
  const size_t mark = pending_.size();
  push_alternatives(pattern);
  const NodeId highest = highest_from(mark, pattern);
  const uint32_t patterns = list_from(mark);
  const NodeId guard = accept(TokenKind::If) ? expression() : 0;
  if (!at(TokenKind::FatArrow)) {
    fail(Kind::MatchNeedsArms, {described()});
  }
  const uint32_t token = take();
  const Mode mode(*this, static_cast<uint8_t>(mode_ & ~kPattern));
  const uint32_t fields = record({patterns, guard});
  if (at(TokenKind::LeftBrace)) {
    const NodeId statements = value_block();
    return add(NodeKind::MatchArm, 0, token, fields, statements, height_over(nodes_[guard].height > nodes_[highest].height ? guard : highest, statements));
  }
  const NodeId value = expression();
  return add(NodeKind::MatchArm, 0, token, fields, value, height_over(nodes_[guard].height > nodes_[highest].height ? guard : highest, value));
}

}  // namespace omega::parse
