// SPDX-License-Identifier: Apache-2.0
// Bodies one at a time.
#include "omega/parse/body_reader.h"

#include <xmmintrin.h>

#include <algorithm>

#include "omega/lex/outline.h"
#include "omega/parse/parser.h"

namespace omega::parse {
namespace {

/// The first trees are this large, so that most bodies fit.
constexpr uint32_t kFirstRoom = 4096;

/// Has the text behind a body brought nearer while the body is worked on: the next one is most likely there.
void prefetch_behind(std::string_view text, uint32_t end) {
  constexpr size_t bytes = 1024;
  constexpr size_t line = 64;
  const size_t size = std::min(bytes, text.size() - end);
  for (size_t at = 0; at < size; at += line) {
    _mm_prefetch(text.data() + end + at, _MM_HINT_T0);
  }
}

}  // namespace

const Tree* BodyReader::read(const Tree& outline, NodeId deferred) {
  const Node& node = outline.node(deferred);
  const lex::TokenStream& tokens = *outline.tokens;
  const lex::Chunk range{tokens.offset(node.token), tokens.offset(node.a) + 1};
  sink_.clear();
  lex::lex_range(tokens.file, tokens.text, range, tokens_, sink_);
  prefetch_behind(tokens.text, range.end);
  const uint32_t size = tokens_.size();
  if (size > room_) {
    tree_ = Tree();
    room_ = 0;
    const uint32_t room = std::max(size, kFirstRoom);
    tree_ = Tree::reserve(tokens_, room);
    room_ = room;
  }
  Parser parser(tokens_, static_cast<Dialect>(node.flags), sink_, tree_, {0, size - 1}, {name_cache_, pending_});
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
