// SPDX-License-Identifier: Apache-2.0
// Finding functions and the ends of their bodies without lexing them.
#include "omega/lex/outline.h"

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "omega/base/check.h"
#include "omega/lex/characters.h"
#include "omega/lex/literals.h"
#include "omega/lex/scanner.h"

namespace omega::lex {
namespace {

constexpr std::string_view function_word = "function ";

/// Bodies farther behind `function` than this are lexed with the rest: looking for one takes no longer, wherever it is missing.
constexpr std::ptrdiff_t longest_header = 2048;

/// One past the string or comment that begins at `at`, or past a slash that begins none. Null when it does not end before `limit`.
const char* skip_special(const char* at, const char* limit) {
  if (*at != '/') {
    const StringShape shape = scan_string(at, limit);
    return shape.closed ? shape.end : nullptr;
  }
  if (at[1] == '/') {
    const void* const line_end = std::memchr(at, '\n', static_cast<size_t>(limit - at));
    return line_end == nullptr ? limit : static_cast<const char*>(line_end);
  }
  if (at[1] == '*') {
    const std::string_view rest(at + 2, static_cast<size_t>(std::max(limit - at - 2, std::ptrdiff_t{0})));
    const size_t end = rest.find("*/");
    return end == std::string_view::npos ? nullptr : rest.data() + end + 2;
  }
  return at + 1;
}

const char* matching_brace_bytewise(const char* at, const char* limit, uint32_t depth) {
  while (at < limit) {
    switch (*at) {
      case '{':
        ++depth;
        ++at;
        break;
      case '}':
        ++at;
        if (--depth == 0) {
          return at;
        }
        break;
      case '"':
      case '\'':
      case '/':
        at = skip_special(at, limit);
        if (at == nullptr) {
          return nullptr;
        }
        break;
      default: ++at; break;
    }
  }
  return nullptr;
}

/// What braces look for in 32 bytes, one bit a byte.
struct BraceMasks {
  uint32_t open;
  uint32_t close;
  uint32_t special;  ///< quotes, and slashes that begin a comment
};

[[gnu::target("avx2")]] inline __m256i equals(__m256i bytes, char c) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)); }

[[gnu::target("avx2")]] inline BraceMasks brace_masks(const char* at) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i next = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 1));
  const __m256i quotes = _mm256_or_si256(equals(bytes, '"'), equals(bytes, '\''));
  const __m256i comments = _mm256_and_si256(equals(bytes, '/'), _mm256_or_si256(equals(next, '/'), equals(next, '*')));
  return {static_cast<uint32_t>(_mm256_movemask_epi8(equals(bytes, '{'))), static_cast<uint32_t>(_mm256_movemask_epi8(equals(bytes, '}'))),
          static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(quotes, comments)))};
}

[[gnu::target("avx2,bmi,popcnt")]] const char* matching_brace_blockwise(const char* at, const char* limit, uint32_t depth) {
  while (at < limit) {
    BraceMasks masks = brace_masks(at);
    const uint32_t before_special = masks.special == 0 ? UINT32_MAX : (masks.special & -masks.special) - 1;
    masks.open &= before_special;
    masks.close &= before_special;
    if (static_cast<uint32_t>(std::popcount(masks.close)) < depth) {
      depth += static_cast<uint32_t>(std::popcount(masks.open)) - static_cast<uint32_t>(std::popcount(masks.close));
    } else {
      for (uint32_t braces = masks.open | masks.close; braces != 0; braces &= braces - 1) {
        depth += (masks.open & braces & -braces) != 0 ? 1 : UINT32_MAX;
        if (depth == 0) {
          const char* const end = at + std::countr_zero(braces) + 1;
          return end <= limit ? end : nullptr;
        }
      }
    }
    if (masks.special == 0) {
      at += 32;
      continue;
    }
    at += std::countr_zero(masks.special);
    at = at < limit ? skip_special(at, limit) : nullptr;
    if (at == nullptr) {
      return nullptr;
    }
  }
  return nullptr;
}

/// The first `function ` at a line start in [from, limit), where `from` is none itself; null when there is none.
const char* next_function(const char* from, const char* limit) {
  const __m128i newline = _mm_set1_epi8('\n');
  const __m128i letter = _mm_set1_epi8(function_word[0]);
  for (; from < limit; from += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 1));
    auto mask = static_cast<uint32_t>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(bytes, newline), _mm_cmpeq_epi8(next, letter))));
    for (; mask != 0; mask &= mask - 1) {
      const char* const found = from + std::countr_zero(mask) + 1;
      if (limit - found < static_cast<std::ptrdiff_t>(function_word.size())) {
        return nullptr;
      }
      if (std::memcmp(found, function_word.data(), function_word.size()) == 0) {
        return found;
      }
    }
  }
  return nullptr;
}

/// The `{` of the body of the function that begins at `function`, where nothing before it asks for a closer look; else null.
const char* find_body(const char* function, const char* limit) {
  const char* const name = function + function_word.size();
  const char* at = identifier_end(name);
  limit = limit - at > longest_header ? at + longest_header : limit;
  if (!has_class(*name, letter_class) || *at != '(') {
    return nullptr;
  }
  for (; at < limit; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('{'));
    for (const char c : {'}', ';', '"', '\'', '/'}) {
      found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
    }
    if (const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(found)); mask != 0) {
      at += std::countr_zero(mask);
      return at < limit && *at == '{' ? at : nullptr;
    }
  }
  return nullptr;
}

/// Whether a string may go on in the line that begins at `line`.
bool continues_string(const char* line, const char* text) {
  const char* before = line - 1;
  while (before > text && before[-1] == '\r') {
    --before;
  }
  return before > text && before[-1] == '\\';
}

class Outliner {
 public:
  Outliner(base::FileId file, std::string_view text, Chunk range, OutlineTokens& out)
      : text_(text.data()), begin_(text_ + range.begin), limit_(text_ + range.end), tokens_(out.tokens), scanner_(file, text, range, out.tokens), out_(out) {
    const size_t expected = (range.end - range.begin) / 32 + 64;
    tokens_.kinds.reserve(expected);
    tokens_.offsets.reserve(expected);
  }

  void run() {
    const std::string_view whole(begin_, static_cast<size_t>(limit_ - begin_));
    const char* from = begin_;
    const char* function = whole.starts_with(function_word) ? begin_ : next_function(from, limit_);
    while (function != nullptr) {
      from = function;
      if (const char* const body = body_at_top(function)) {
        const char* const end = matching_brace(body, limit_, fastest_lane());
        if (end == nullptr) {
          break;  // there is a mistake here or before it
        }
        lex_to(body);
        scanner_.leave_out(body, end);
        from = end;
      }
      function = next_function(from, limit_);
    }
    lex_to(limit_);
    out_.ends_at_top = is_at_top();
  }

 private:
  /// The body of the function, if it is one at the top level; the scanner has come to the function then.
  const char* body_at_top(const char* function) {
    const char* const body = function == text_ || !continues_string(function, text_) ? find_body(function, limit_) : nullptr;
    if (body != nullptr) {
      lex_to(function);
    }
    return is_at_top() ? body : nullptr;
  }

  void lex_to(const char* end) {
    const size_t first = tokens_.kinds.size();
    scanner_.continue_to(end);
    for (size_t i = first; i < tokens_.kinds.size(); ++i) {
      depth_ += tokens_.kinds[i] == TokenKind::LeftBrace ? 1 : 0;
      depth_ -= tokens_.kinds[i] == TokenKind::RightBrace ? 1 : 0;
    }
  }

  [[nodiscard]] bool is_at_top() const { return depth_ == 0 && tokens_.open_comment == ChunkTokens::no_comment; }

  const char* text_;
  const char* begin_;
  const char* limit_;
  ChunkTokens& tokens_;
  Scanner scanner_;
  OutlineTokens& out_;
  int64_t depth_ = 0;
};

/// Adds the end-of-file token and what is found only there.
void finish(TokenStream& stream, uint32_t end, const ChunkTokens& last, diag::Sink& sink) {
  if (last.open_comment != ChunkTokens::no_comment) {
    sink.report(diag::Kind::UnterminatedComment, {stream.file, last.open_comment, last.open_comment + 2});
  }
  stream.kinds.push_back(TokenKind::EndOfFile);
  stream.offsets.push_back(end | (last.newline_pending ? TokenStream::kNewlineBefore : 0));
}

}  // namespace

const char* matching_brace(const char* open, const char* limit, Lane lane) {
  OMEGA_DCHECK(*open == '{', "braces begin with one");
  return lane != Lane::tokenwise ? matching_brace_blockwise(open + 1, limit, 1) : matching_brace_bytewise(open + 1, limit, 1);
}

OutlineTokens lex_outline_chunk(base::FileId file, std::string_view text, Chunk chunk) {
  OutlineTokens out;
  Outliner(file, text, chunk, out).run();
  return out;
}

TokenStream lex_outline(base::FileId file, std::string_view text, diag::Sink& sink) {
  OutlineTokens whole = lex_outline_chunk(file, text, {0, static_cast<uint32_t>(text.size())});
  std::optional<TokenStream> stream = merge_outlines(file, text, {&whole, 1}, sink);
  return std::move(*stream);
}

std::vector<Chunk> plan_outline_chunks(std::string_view text, size_t count) {
  std::vector<Chunk> chunks;
  const char* const start = text.data();
  const auto size = static_cast<uint32_t>(text.size());
  uint32_t begin = 0;
  uint32_t searched = 0;
  for (size_t i = 1; i < count; ++i) {
    const char* const goal = start + std::max<size_t>(text.size() * i / count, searched);
    const char* const border = next_function(goal, start + size);
    if (border == nullptr) {
      break;
    }
    searched = static_cast<uint32_t>(border - start);
    if (!continues_string(border, start)) {
      chunks.push_back({begin, searched});
      begin = searched;
    }
  }
  chunks.push_back({begin, size});
  return chunks;
}

std::optional<TokenStream> merge_outlines(base::FileId file, std::string_view text, std::span<OutlineTokens> parts, diag::Sink& sink) {
  OMEGA_CHECK(!parts.empty(), "a text has a part");
  size_t total = 1;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i + 1 < parts.size() && !parts[i].ends_at_top) {
      return std::nullopt;
    }
    total += parts[i].tokens.kinds.size();
  }
  TokenStream stream;
  stream.file = file;
  stream.text = text;
  stream.kinds = std::move(parts[0].tokens.kinds);
  stream.offsets = std::move(parts[0].tokens.offsets);
  stream.kinds.reserve(total);
  stream.offsets.reserve(total);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) {
      stream.kinds.append(parts[i].tokens.kinds.data(), parts[i].tokens.kinds.size());
      stream.offsets.append(parts[i].tokens.offsets.data(), parts[i].tokens.offsets.size());
    }
    sink.merge(std::move(parts[i].tokens.sink));
  }
  finish(stream, static_cast<uint32_t>(text.size()), parts.back().tokens, sink);
  return stream;
}

void lex_range(base::FileId file, std::string_view text, Chunk range, TokenStream& stream, diag::Sink& sink) {
  ChunkTokens tokens;
  tokens.kinds = std::move(stream.kinds);
  tokens.offsets = std::move(stream.offsets);
  tokens.kinds.clear();
  tokens.offsets.clear();
  Scanner(file, text, range, tokens).run(ChunkStart::code, fastest_lane());
  if (!tokens.sink.empty()) [[unlikely]] {
    sink.merge(std::move(tokens.sink));
  }
  stream.file = file;
  stream.text = text;
  stream.kinds = std::move(tokens.kinds);
  stream.offsets = std::move(tokens.offsets);
  finish(stream, range.end, tokens, sink);
}

}  // namespace omega::lex
