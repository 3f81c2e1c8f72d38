// SPDX-License-Identifier: Apache-2.0
// Whole texts and chunks: cutting, lexing under an assumption, and joining without ever being wrong.
#include <algorithm>
#include <cstring>
#include <utility>

#include "omega/base/check.h"
#include "omega/lex/lexer.h"
#include "omega/lex/scanner.h"

namespace omega::lex {
namespace {

/// The first line start after `from` at which no string can be open: a backslash before the line end may continue one.
uint32_t next_border(std::string_view text, size_t from) {
  while (from < text.size()) {
    const size_t line_end = text.find('\n', from);
    if (line_end == std::string_view::npos) {
      break;
    }
    size_t before = line_end;
    while (before > 0 && text[before - 1] == '\r') {
      --before;
    }
    if (before == 0 || text[before - 1] != '\\') {
      return static_cast<uint32_t>(line_end + 1);
    }
    from = line_end + 1;
  }
  return static_cast<uint32_t>(text.size());
}

/// Adds the end-of-file token and what was found only at the end.
void finish(TokenStream& stream, diag::Sink& sink, uint32_t open_comment, bool newline_pending) {
  if (open_comment != ChunkTokens::no_comment) {
    sink.report(diag::Kind::UnterminatedComment, {stream.file, open_comment, open_comment + 2});
  }
  const auto end = static_cast<uint32_t>(stream.text.size());
  stream.kinds.back() = TokenKind::EndOfFile;
  stream.offsets.back() = end | (newline_pending ? TokenStream::kNewlineBefore : 0);
}

}  // namespace

std::vector<Chunk> plan_chunks(std::string_view text, size_t count) {
  std::vector<Chunk> chunks;
  const auto size = static_cast<uint32_t>(text.size());
  uint32_t begin = 0;
  for (size_t i = 1; i < count && begin < size; ++i) {
    const size_t goal = text.size() * i / count;
    if (goal <= begin) {
      continue;
    }
    const uint32_t border = next_border(text, goal - 1);
    if (border >= size) {
      break;
    }
    chunks.push_back({begin, border});
    begin = border;
  }
  chunks.push_back({begin, size});
  return chunks;
}

ChunkTokens lex_chunk(base::FileId file, std::string_view text, Chunk chunk, ChunkStart start) {
  ChunkTokens tokens;
  Scanner(file, text, chunk, tokens).run(start, fastest_lane());
  return tokens;
}

TokenStream lex(base::FileId file, std::string_view text, diag::Sink& sink) {
  const Chunk whole{0, static_cast<uint32_t>(text.size())};
  ChunkTokens tokens = lex_chunk(file, text, whole, ChunkStart::code);
  sink.merge(std::move(tokens.sink));
  TokenStream stream;
  stream.file = file;
  stream.text = text;
  stream.kinds = std::move(tokens.kinds);
  stream.offsets = std::move(tokens.offsets);
  stream.kinds.push_back(TokenKind::EndOfFile);
  stream.offsets.push_back(0);
  finish(stream, sink, tokens.open_comment, tokens.newline_pending);
  return stream;
}

MergedTokens merge_chunks(base::FileId file, std::string_view text, std::span<const Chunk> chunks, std::span<ChunkTokens> lexed, diag::Sink& sink) {
  OMEGA_CHECK(!chunks.empty() && chunks.size() == lexed.size(), "each chunk has been lexed");
  MergedTokens merged;
  uint32_t open_comment = ChunkTokens::no_comment;
  uint32_t total = 0;
  for (size_t i = 0; i < lexed.size(); ++i) {
    if (open_comment != ChunkTokens::no_comment) {
      lexed[i] = lex_chunk(file, text, chunks[i], ChunkStart::block_comment);
    }
    const bool still_open = open_comment != ChunkTokens::no_comment && lexed[i].open_comment == 0;
    open_comment = still_open ? open_comment : lexed[i].open_comment;
    sink.merge(std::move(lexed[i].sink));
    merged.first_tokens.push_back(total);
    total += static_cast<uint32_t>(lexed[i].kinds.size());
  }
  // The newline of the last chunk is pending where it had no token; its own begin counts as one.
  TokenStream& stream = merged.stream;
  stream.file = file;
  stream.text = text;
  stream.kinds = std::move(lexed[0].kinds);
  stream.offsets = std::move(lexed[0].offsets);
  stream.kinds.resize(total + 1);
  stream.offsets.resize(total + 1);
  finish(stream, sink, open_comment, lexed.back().newline_pending);
  return merged;
}

void place_chunk(MergedTokens& merged, std::span<ChunkTokens> lexed, size_t index) {
  OMEGA_CHECK(index > 0, "the first chunk is in place");
  ChunkTokens& chunk = lexed[index];
  const uint32_t first = merged.first_tokens[index];
  if (!chunk.kinds.empty()) {
    std::memcpy(merged.stream.kinds.data() + first, chunk.kinds.data(), chunk.kinds.size() * sizeof(TokenKind));
    std::memcpy(merged.stream.offsets.data() + first, chunk.offsets.data(), chunk.offsets.size() * sizeof(uint32_t));
  }
  chunk = ChunkTokens();
}

TokenStream lex_in_chunks(base::FileId file, std::string_view text, size_t count, diag::Sink& sink) {
  const std::vector<Chunk> chunks = plan_chunks(text, count);
  std::vector<ChunkTokens> lexed;
  lexed.reserve(chunks.size());
  for (const Chunk chunk : chunks) {
    lexed.push_back(lex_chunk(file, text, chunk, ChunkStart::code));
  }
  MergedTokens merged = merge_chunks(file, text, chunks, lexed, sink);
  for (size_t i = 1; i < chunks.size(); ++i) {
    place_chunk(merged, lexed, i);
  }
  return std::move(merged.stream);
}

}  // namespace omega::lex
