// SPDX-License-Identifier: Apache-2.0
// What the parser's tests, fuzzer and benchmark share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/diag/render.h"
#include "omega/lex/lexer.h"
#include "omega/lex/outline.h"
#include "omega/parse/body_reader.h"
#include "omega/parse/parse.h"
#include "omega/source/source_set.h"

namespace omega::parse::testing {

/// A text with everything that was made from it.
struct Parsed {
  explicit Parsed(std::string_view source, Dialect dialect = Dialect::Omega, std::string name = "test.omega") {
    file = sources.add(std::move(name), std::string(source), sink);
    tokens = lex::lex(file, sources.text(file), sink);
    tree = parse(tokens, names, dialect, sink);
  }
  /// One line a diagnostic: code and message.
  std::string messages() {
    std::string out;
    for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
      out += std::string(diag::info(diagnostic.kind).code) + " " + diagnostic.message() + "\n";
    }
    return out;
  }
  std::string rendered() { return diag::render_terminal(sink, sources, {.color = false, .width = 100}); }
  std::string dump() { return dump_tree(tree, names); }

  source::SourceSet sources;
  base::FileId file;
  base::NameInterner names;
  diag::Sink sink;
  lex::TokenStream tokens;
  Tree tree;
};

/// Tree and messages of a text parsed at once.
inline std::string whole_outcome(std::string_view text, Dialect dialect) {
  Parsed parsed(text, dialect);
  return parsed.rendered() + parsed.dump();
}

/// The same from pieces.
inline std::string pieces_outcome(std::string_view text, Dialect dialect, uint32_t count) {
  source::SourceSet sources;
  diag::Sink sink;
  base::NameInterner names;
  const base::FileId file = sources.add("test.omega", std::string(text), sink);
  const lex::TokenStream tokens = lex::lex(file, sources.text(file), sink);
  Tree tree = Tree::reserve(tokens);
  const std::vector<Piece> pieces = plan_pieces(tokens, count);
  std::vector<PieceResult> results;
  for (size_t i = pieces.size(); i-- > 0;) {
    results.insert(results.begin(), parse_piece(tree, pieces[i], names, dialect));
  }
  join(tree, pieces, results, names, dialect, sink);
  return diag::render_terminal(sink, sources, {.color = false, .width = 100}) + dump_tree(tree, names);
}

/// Reads the bodies that a tree leaves and gives their dumps; false when one has a mistake.
inline bool dump_bodies(const Tree& outline, base::NameInterner& names, std::string& out) {
  BodyReader reader(names);
  for (const NodeId item : outline.list(outline.node(outline.root).b)) {
    if (outline.kind(item) != NodeKind::Function) {
      continue;
    }
    const NodeId body = outline.function(outline.node(item)).body;
    if (body == 0 || outline.kind(body) != NodeKind::DeferredBody) {
      continue;
    }
    const Tree* read = reader.read(outline, body);
    if (read == nullptr) {
      return false;
    }
    out += dump_tree(*read, names);
  }
  return true;
}

/// A text's outline with everything that was made from it.
struct Outlined {
  explicit Outlined(std::string_view source, Dialect dialect = Dialect::Omega) {
    const base::FileId file = sources.add("test.omega", std::string(source), sink);
    tokens = lex::lex_outline(file, sources.text(file), sink);
    tree = parse(tokens, names, dialect, sink);
  }
  source::SourceSet sources;
  base::NameInterner names;
  diag::Sink sink;
  lex::TokenStream tokens;
  Tree tree;
};

/// Whole tree and messages as the outline and its bodies show them, or empty when these say that the file must be read whole.
inline std::string deferred_outcome(std::string_view text, Dialect dialect) {
  Outlined outline(text, dialect);
  std::string bodies;
  if (outline.sink.has_errors() || !dump_bodies(outline.tree, outline.names, bodies)) {
    return {};
  }
  return diag::render_terminal(outline.sink, outline.sources, {.color = false, .width = 100}) + dump_tree(outline.tree, outline.names) + bodies;
}

/// What deferred_outcome() should give, made from the tree of the whole file.
inline std::string expected_deferred_outcome(std::string_view text, Dialect dialect) {
  Parsed whole(text, dialect);
  const Outlined outline(text, dialect);
  std::string bodies;
  const auto items = whole.tree.list(whole.tree.node(whole.tree.root).b);
  const auto outline_items = outline.tree.list(outline.tree.node(outline.tree.root).b);
  for (size_t i = 0; i < items.size() && i < outline_items.size(); ++i) {
    const NodeId item = items[i];
    if (whole.tree.kind(item) != NodeKind::Function || outline.tree.kind(outline_items[i]) != NodeKind::Function) {
      continue;
    }
    const NodeId body = whole.tree.function(whole.tree.node(item)).body;
    const NodeId left = outline.tree.function(outline.tree.node(outline_items[i])).body;
    if (body == 0 || left == 0 || outline.tree.kind(left) != NodeKind::DeferredBody) {
      continue;
    }
    const NodeId root = std::exchange(whole.tree.root, body);
    bodies += dump_tree(whole.tree, whole.names);
    whole.tree.root = root;
    whole.tree.nodes_[body].kind = NodeKind::DeferredBody;
  }
  return whole.rendered() + whole.dump() + bodies;
}

/// Tree and messages of an outline that was lexed and parsed in pieces, or empty when a part does not begin at the top level.
inline std::string outline_in_pieces(std::string_view text, Dialect dialect, uint32_t count) {
  source::SourceSet sources;
  diag::Sink sink;
  base::NameInterner names;
  const base::FileId file = sources.add("test.omega", std::string(text), sink);
  std::vector<lex::OutlineTokens> parts;
  for (const lex::Chunk chunk : lex::plan_outline_chunks(sources.text(file), count)) {
    parts.push_back(lex::lex_outline_chunk(file, sources.text(file), chunk));
  }
  const std::optional<lex::TokenStream> tokens = lex::merge_outlines(file, sources.text(file), parts, sink);
  if (!tokens) {
    return {};
  }
  Tree tree = Tree::reserve(*tokens);
  const std::vector<Piece> pieces = plan_pieces(*tokens, count);
  std::vector<PieceResult> results;
  results.reserve(pieces.size());
  for (const Piece piece : pieces) {
    results.push_back(parse_piece(tree, piece, names, dialect));
  }
  join(tree, pieces, results, names, dialect, sink);
  return diag::render_terminal(sink, sources, {.color = false, .width = 100}) + dump_tree(tree, names);
}

}  // namespace omega::parse::testing
