// SPDX-License-Identifier: Apache-2.0
// Tokens to tree: whole files at once, or large files in pieces that may be parsed on several threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "omega/base/interner.h"
#include "omega/base/pod_vector.h"
#include "omega/diag/diagnostic.h"
#include "omega/lex/tokens.h"
#include "omega/parse/tree.h"

namespace omega::parse {

/// Which rules a file follows: `.omega` and `.mega` are Omega, `.sol` is Solidity (statements end at `;` only, none of Omega's additions).
enum class Dialect : uint8_t { Omega, Solidity };

/// Parses a file. Mistakes go to `sink`, one message each; what could not be read is an Invalid node in the tree and the rest is there.
/// Tokens of kind Invalid are the lexer's to report and are passed over in silence. Thread-safe with distinct sinks. Throws std::bad_alloc.
///
/// Of an outline (lex/outline.h) the tree has DeferredBody nodes for the bodies that were left out. It and the messages are those of the whole file only
/// if there is no mistake, here or in any body that a BodyReader reads (which tokens belong to a function depends on its mistakes): else the file, and
/// what depends on it, must be lexed whole and parsed again.
Tree parse(const lex::TokenStream& tokens, base::NameInterner& names, Dialect dialect, diag::Sink& sink);

/// A run of whole top-level declarations, [first_token, end_token).
struct Piece {
  uint32_t first_token;
  uint32_t end_token;
};

/// Cuts a file into at most `count` pieces of about equal size, at borders of top-level declarations. One piece when it cannot be cut. Pure.
std::vector<Piece> plan_pieces(const lex::TokenStream& tokens, uint32_t count);

/// What one piece gave.
struct PieceResult {
  base::PodVector<NodeId> items;
  /// False when the piece had a mistake or did not end at its border: join() then parses from here on again.
  bool clean = false;
};

/// Parses one piece into its own part of `tree` (made by Tree::reserve). Pieces of one file may be parsed at once from several threads.
PieceResult parse_piece(Tree& tree, Piece piece, base::NameInterner& names, Dialect dialect);

/// Completes `tree` from all its pieces, in order. The tree has the same structure and the sink the same diagnostics as from parse(),
/// for every plan and every input.
void join(Tree& tree, std::span<const Piece> pieces, std::span<PieceResult> results, base::NameInterner& names, Dialect dialect, diag::Sink& sink);

/// The tree as indented text: kinds, names, operators, and what each child is.
std::string dump_tree(const Tree& tree, const base::NameInterner& names);

}  // namespace omega::parse
