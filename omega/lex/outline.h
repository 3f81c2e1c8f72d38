// SPDX-License-Identifier: Apache-2.0
// Outlines: the tokens of a file without the bodies of its functions, which are lexed one at a time when somebody is about to read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "omega/diag/diagnostic.h"
#include "omega/lex/lexer.h"
#include "omega/lex/tokens.h"

namespace omega::lex {

enum class Lane : uint8_t;

/// One past the `}` that closes the `{` at `open`; strings and comments between are passed. Null when no brace before `limit` closes it, or a string
/// or comment does not end. 64 readable bytes must follow `limit`. Linear in what lies between.
/// Every lane that the processor has gives the same.
const char* matching_brace(const char* open, const char* limit, Lane lane);

/// Lexes a text like lex(), but of functions that begin a line at the top level (`function` without white space before it, without type parameters
/// or comments before the body) it leaves out the body: an OutlinedBody token at the `{`, then the `}`. Bodies whose end is not plain are lexed.
///
/// What is left out may hold mistakes, and a mistake anywhere may mean that other tokens belong to it: when there is one, here, in the outline's
/// parse or in a body that is read later, only lex() gives the right stream and messages.
TokenStream lex_outline(base::FileId file, std::string_view text, diag::Sink& sink);

/// The outline of a part of a text.
struct OutlineTokens {
  ChunkTokens tokens;
  bool ends_at_top = false;  ///< behind the part the text is at the top level again
};

/// Like plan_chunks(), with parts that begin where a function does.
std::vector<Chunk> plan_outline_chunks(std::string_view text, size_t count);

/// Lexes a part as if it began at the top level. Pure.
OutlineTokens lex_outline_chunk(base::FileId file, std::string_view text, Chunk chunk);

/// One stream of all parts, equal to what lex_outline() gives, or nothing when one does not begin at the top level.
std::optional<TokenStream> merge_outlines(base::FileId file, std::string_view text, std::span<OutlineTokens> parts, diag::Sink& sink);

/// Lexes [range.begin, range.end) into `stream`, whose arrays' memory is used again; the stream's text is the whole text and places are in it.
void lex_range(base::FileId file, std::string_view text, Chunk range, TokenStream& stream, diag::Sink& sink);

}  // namespace omega::lex
