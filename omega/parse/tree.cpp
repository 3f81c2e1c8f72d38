// SPDX-License-Identifier: Apache-2.0
// Where a subtree begins and ends in the text.
#include "omega/parse/tree.h"

#include <vector>

#include "omega/parse/visit_children.h"

namespace omega::parse {
namespace {

/// The token that closes the bracket at `open`, or `open` when nothing does.
uint32_t closer_of(const lex::TokenStream& tokens, uint32_t open) {
  uint32_t depth = 0;
  for (uint32_t token = open; token < tokens.size(); ++token) {
    switch (tokens.kind(token)) {
      case lex::TokenKind::LeftParen:
      case lex::TokenKind::LeftBracket:
      case lex::TokenKind::LeftBrace: ++depth; break;
      case lex::TokenKind::RightParen:
      case lex::TokenKind::RightBracket:
      case lex::TokenKind::RightBrace:
        if (--depth == 0) {
          return token;
        }
        break;
      default: break;
    }
  }
  return open;
}

}  // namespace

base::Span Tree::full_span(NodeId id) const {
  uint32_t first = nodes_[id].token;
  uint32_t last = first;
  const auto include = [&](uint32_t token) {
    first = token < first ? token : first;
    last = token > last ? token : last;
  };
  std::vector<NodeId> stack{id};
  while (!stack.empty()) {
    const NodeId current = stack.back();
    stack.pop_back();
    const Node& node = nodes_[current];
    include(node.token);
    switch (tokens->kind(node.token)) {
      case lex::TokenKind::LeftParen:
      case lex::TokenKind::LeftBracket:
      case lex::TokenKind::LeftBrace: include(closer_of(*tokens, node.token)); break;
      default: break;
    }
    if (node.kind == NodeKind::DeferredBody) {
      include(node.a);
    } else if (node.kind == NodeKind::StringLiteral || node.kind == NodeKind::HexLiteral || node.kind == NodeKind::UnicodeLiteral) {
      include(node.token + node.b - 1);
    } else if (node.kind == NodeKind::TypeOf || node.kind == NodeKind::MappingType) {
      include(closer_of(*tokens, node.token + 1));
    } else if (node.kind == NodeKind::Assembly) {
      include(node.b);
    }
    visit_children(*this, current, [&](const char*, NodeId child) {
      if (child != 0) {
        stack.push_back(child);
      }
    });
  }
  return base::cover(tokens->span(first), tokens->span(last));
}

}  // namespace omega::parse
