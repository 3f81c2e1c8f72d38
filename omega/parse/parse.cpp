// SPDX-License-Identifier: Apache-2.0
// The parser's set-up, building of nodes, and files as one or several pieces.
#include "omega/parse/parse.h"

#include <algorithm>
#include <new>

#include "omega/base/check.h"
#include "omega/parse/parser.h"

namespace omega::parse {

Tree Tree::reserve(const lex::TokenStream& stream, uint32_t token_count) {
  const uint64_t tokens = token_count;
  const uint64_t nodes = kFirstId + tokens * kNodesPerToken + kTailRoom;
  const uint64_t words = kFirstId + tokens * kExtraPerToken + kTailRoom;
  if (nodes > UINT32_MAX || words + tokens > UINT32_MAX) {
    throw std::bad_alloc();
  }
  Tree tree;
  tree.tokens = &stream;
  // The root's list of items comes behind everything else.
  tree.storage_ = TreeStorage(nodes * sizeof(Node) + (words + tokens) * sizeof(uint32_t));
  tree.nodes_ = reinterpret_cast<Node*>(tree.storage_.data());
  tree.extra_ = reinterpret_cast<uint32_t*>(tree.storage_.data() + nodes * sizeof(Node));
  tree.nodes_[0] = {NodeKind::Invalid, 0, 0, 0, 0, 0};
  tree.extra_[0] = 0;
  return tree;
}

Parser::Parser(const lex::TokenStream& tokens, Dialect dialect, diag::Sink& sink, Tree& tree, Piece piece, ParserMemory memory)
    : kinds_(tokens.kinds.data()),
      offsets_(tokens.offsets.data()),
      text_(tokens.text.data()),
      nodes_(tree.nodes_),
      extra_(tree.extra_),
      position_(piece.first_token),
      next_node_(kFirstId + piece.first_token * kNodesPerToken),
      node_limit_(kFirstId + piece.end_token * kNodesPerToken),
      next_extra_(kFirstId + piece.first_token * kExtraPerToken),
      extra_limit_(kFirstId + piece.end_token * kExtraPerToken),
      dialect_(dialect),
      tree_(tree),
      pending_(memory.pending),
      last_(tokens.size() - 1),
      end_(piece.end_token),
      tokens_(tokens),
      sink_(sink),
      name_cache_(memory.names) {
  pending_.clear();
  if (end_ == last_) {
    // Half of the tail is for mistakes at the end of the file, half for the root.
    node_limit_ += kNodesPerToken + kTailRoom / 2;
    extra_limit_ += kExtraPerToken + kTailRoom / 2;
  }
}

uint32_t Parser::record(std::initializer_list<uint32_t> fields) {
  if (next_extra_ + fields.size() > extra_limit_) [[unlikely]] {
    out_of_room();
  }
  const uint32_t index = next_extra_;
  std::copy(fields.begin(), fields.end(), extra_ + index);
  next_extra_ += static_cast<uint32_t>(fields.size());
  return index;
}

uint32_t Parser::list_from(size_t mark) {
  const auto count = static_cast<uint32_t>(pending_.size() - mark);
  if (count == 0) {
    return 0;
  }
  if (next_extra_ + count >= extra_limit_) [[unlikely]] {
    out_of_room();
  }
  const uint32_t index = next_extra_;
  uint32_t* out = extra_ + index;
  *out = count;
  for (uint32_t i = 0; i < count; ++i) {
    out[i + 1] = pending_[mark + i];
  }
  next_extra_ += count + 1;
  pending_.resize(mark);
  return index;
}

NodeId Parser::highest_from(size_t mark, NodeId other) const {
  for (size_t i = mark; i < pending_.size(); ++i) {
    if (nodes_[pending_[i]].height > nodes_[other].height) {
      other = pending_[i];
    }
  }
  return other;
}

namespace {

void make_root(Tree& tree, std::span<const base::PodVector<NodeId>*> parts) {
  const uint32_t tokens = tree.tokens->size();
  const uint32_t index = kFirstId + tokens * kExtraPerToken + kTailRoom / 2;
  uint32_t count = 0;
  for (const base::PodVector<NodeId>* part : parts) {
    std::copy(part->begin(), part->end(), tree.extra_ + index + 1 + count);
    count += static_cast<uint32_t>(part->size());
  }
  tree.extra_[index] = count;
  tree.root = kFirstId + tokens * kNodesPerToken + kTailRoom / 2;
  tree.nodes_[tree.root] = {NodeKind::SourceUnit, 0, 0, 0, 0, count == 0 ? 0 : index};
}

Piece whole(const lex::TokenStream& tokens) { return {0, tokens.size() - 1}; }

/// The items of a piece; `clean` says whether it ended at its border. Throws PieceOverrun.
PieceResult items_of(Tree& tree, Piece piece, base::NameInterner& names, Dialect dialect, diag::Sink& sink) {
  NameCache name_cache(names, (piece.end_token - piece.first_token) / 4);
  base::PodVector<uint32_t> pending;
  Parser parser(*tree.tokens, dialect, sink, tree, piece, {name_cache, pending});
  PieceResult result;
  result.items = parser.items();
  result.clean = parser.ended_at_border();
  return result;
}

}  // namespace

Tree parse(const lex::TokenStream& tokens, base::NameInterner& names, Dialect dialect, diag::Sink& sink) {
  OMEGA_CHECK(tokens.size() != 0 && tokens.kind(tokens.size() - 1) == TokenKind::EndOfFile, "a token stream ends with EndOfFile");
  Tree tree = Tree::reserve(tokens);
  const base::PodVector<NodeId> items = items_of(tree, whole(tokens), names, dialect, sink).items;
  const base::PodVector<NodeId>* parts[] = {&items};
  make_root(tree, parts);
  return tree;
}

std::vector<Piece> plan_pieces(const lex::TokenStream& tokens, uint32_t count) {
  const uint32_t end = tokens.size() - 1;
  std::vector<Piece> pieces;
  uint32_t first = 0;
  uint32_t depth = 0;
  const TokenKind* kinds = tokens.kinds.data();
  const auto goal = [&] { return static_cast<uint32_t>(uint64_t{end} * (pieces.size() + 1) / count); };
  uint32_t next_goal = count == 0 ? end : goal();
  for (uint32_t token = 0; token < end && pieces.size() + 1 < count; ++token) {
    if (kinds[token] == TokenKind::LeftBrace || kinds[token] == TokenKind::OutlinedBody) {
      ++depth;
    } else if (kinds[token] == TokenKind::RightBrace) {
      depth -= depth > 0 ? 1 : 0;
      if (depth == 0 && token >= next_goal && kinds[token + 1] == TokenKind::Function && tokens.newline_before(token + 1)) {
        pieces.push_back({first, token + 1});
        first = token + 1;
        next_goal = goal();
      }
    }
  }
  pieces.push_back({first, end});
  return pieces;
}

PieceResult parse_piece(Tree& tree, Piece piece, base::NameInterner& names, Dialect dialect) {
  diag::Sink sink;
  try {
    PieceResult result = items_of(tree, piece, names, dialect, sink);
    result.clean = result.clean && sink.empty();
    return result;
  } catch (const PieceOverrun&) {
    return {};
  }
}

void join(Tree& tree, std::span<const Piece> pieces, std::span<PieceResult> results, base::NameInterner& names, Dialect dialect, diag::Sink& sink) {
  OMEGA_CHECK(!pieces.empty() && pieces.size() == results.size(), "join needs the result of each piece");
  // Up to the first piece that was not clean everything is what one pass would have given; from there on one pass is made.
  std::vector<const base::PodVector<NodeId>*> parts;
  base::PodVector<NodeId> rest;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!results[i].clean) {
      rest = items_of(tree, {pieces[i].first_token, tree.tokens->size() - 1}, names, dialect, sink).items;
      parts.push_back(&rest);
      break;
    }
    parts.push_back(&results[i].items);
  }
  make_root(tree, parts);
}

}  // namespace omega::parse
