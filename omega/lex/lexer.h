// SPDX-License-Identifier: Apache-2.0
// Text to tokens, whole or in chunks that may be lexed side by side. All functions are pure and may be called from any threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "omega/diag/diagnostic.h"
#include "omega/lex/tokens.h"

namespace omega::lex {

/// Texts of at least this many bytes are worth lexing in chunks.
inline constexpr size_t chunking_threshold = 100'000;

/// Lexes a whole text on the calling thread. 64 readable zero bytes must follow it; it has less than 2 GiB. Mistakes are reported and
/// stepped over; bytes that source::check_encoding reports are skipped in silence.
TokenStream lex(base::FileId file, std::string_view text, diag::Sink& sink);

/// A part of a text that begins at a line start where no string is open: only a block comment can cross its border.
struct Chunk {
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// Cuts a text into at most `count` chunks of about equal size; fewer where lines are long. At least one.
std::vector<Chunk> plan_chunks(std::string_view text, size_t count);

/// What a chunk begins in.
enum class ChunkStart : uint8_t { code, block_comment };

/// The tokens of one chunk, under the assumption it was lexed with.
struct ChunkTokens {
  static constexpr uint32_t no_comment = UINT32_MAX;

  ChunkStart start = ChunkStart::code;
  base::PodVector<TokenKind> kinds;
  base::PodVector<uint32_t> offsets;
  diag::Sink sink;
  /// Offset of the block comment that is open at the end, or no_comment. A comment open from before the chunk counts as begun at 0.
  uint32_t open_comment = no_comment;
  /// A line end stands between the last token and the end.
  bool newline_pending = false;
};

/// Lexes one chunk.
ChunkTokens lex_chunk(base::FileId file, std::string_view text, Chunk chunk, ChunkStart start);

/// Makes one stream of all chunks, each lexed as if it began in code: those that turn out to begin inside a comment are lexed again.
/// Equal to what lex() gives, diagnostics included. Afterwards only place_chunk() is missing, for each chunk but the first, in any
/// order and from any threads, with the same `chunks` and `lexed`.
struct MergedTokens {
  TokenStream stream;
  /// Index in the stream of each chunk's first token.
  std::vector<uint32_t> first_tokens;
};
MergedTokens merge_chunks(base::FileId file, std::string_view text, std::span<const Chunk> chunks, std::span<ChunkTokens> lexed, diag::Sink& sink);

/// Copies one chunk's tokens to their place in the stream; frees the chunk's own.
void place_chunk(MergedTokens& merged, std::span<ChunkTokens> lexed, size_t index);

/// All of the above one after another: what compile/ does with tasks. For tests and for small tools.
TokenStream lex_in_chunks(base::FileId file, std::string_view text, size_t count, diag::Sink& sink);

}  // namespace omega::lex
