// SPDX-License-Identifier: Apache-2.0
// Bodies one at a time, and the braces around them.
#include "omega/parse/body_reader.h"

#include <immintrin.h>

#include <algorithm>
#include <bit>

#include "omega/parse/parser.h"

namespace omega::parse {
namespace {

/// The first trees are this large, so that most bodies fit.
constexpr uint32_t kFirstRoom = 4096;

/// Follows braces through 32 tokens at a time, while at least that many are left.
/// Gives where it stopped: at the brace that brings `depth` to 0, or where fewer tokens are left.
[[gnu::target("avx2,bmi,popcnt")]] uint32_t follow_braces(const TokenKind* kinds, uint32_t token, uint32_t end, uint32_t& depth) {
  constexpr uint32_t lanes = 32;
  const __m256i open = _mm256_set1_epi8(static_cast<char>(TokenKind::LeftBrace));
  const __m256i close = _mm256_set1_epi8(static_cast<char>(TokenKind::RightBrace));
  for (; end - token >= lanes; token += lanes) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kinds + token));
    const auto opened = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, open)));
    const auto closed = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, close)));
    if (static_cast<uint32_t>(std::popcount(closed)) < depth) {
      depth += static_cast<uint32_t>(std::popcount(opened)) - static_cast<uint32_t>(std::popcount(closed));
      continue;
    }
    for (uint32_t braces = opened | closed; braces != 0; braces &= braces - 1) {
      const uint32_t lane = static_cast<uint32_t>(std::countr_zero(braces));
      depth += (opened >> lane & 1) != 0 ? 1 : UINT32_MAX;
      if (depth == 0) {
        return token + lane;
      }
    }
  }
  return token;
}

}  // namespace

uint32_t matching_brace(const TokenKind* kinds, uint32_t open, uint32_t end) {
  uint32_t depth = 0;
  uint32_t token = open;
  if (__builtin_cpu_supports("avx2")) {
    token = follow_braces(kinds, token, end, depth);
    if (depth == 0 && token != open) {
      return token;
    }
  }
  for (; token < end; ++token) {
    if (kinds[token] == TokenKind::LeftBrace) {
      ++depth;
    } else if (kinds[token] == TokenKind::RightBrace && --depth == 0) {
      return token;
    }
  }
  return end;
}

const Tree* BodyReader::read(const Tree& outline, NodeId deferred) {
  const Node& node = outline.node(deferred);
  const Piece piece{node.token, node.a + 1};
  const uint32_t size = piece.end_token - piece.first_token;
  if (size > room_) {
    tree_ = Tree();
    room_ = 0;
    const uint32_t room = std::max(size, kFirstRoom);
    tree_ = Tree::reserve(*outline.tokens, room);
    room_ = room;
  }
  tree_.tokens = outline.tokens;
  sink_.clear();
  Parser parser(*outline.tokens, static_cast<Dialect>(node.flags), sink_, tree_, piece, piece.first_token, {name_cache_, pending_}, Bodies::Read);
  try {
    tree_.root = parser.function_body();
  } catch (const PieceOverrun&) {
    return nullptr;
  } catch (const SyntaxError&) {
    return nullptr;
  }
  return sink_.empty() && parser.ended_at_border() ? &tree_ : nullptr;
}

}  // namespace omega::parse
