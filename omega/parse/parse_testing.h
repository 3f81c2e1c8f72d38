// SPDX-License-Identifier: Apache-2.0
// What the parser's tests, fuzzer and benchmark share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/diag/render.h"
#include "omega/lex/lexer.h"
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

/// Whole tree and messages as the outline and its bodies show them, or empty when these say that the file must be read whole.
inline std::string deferred_outcome(std::string_view text, Dialect dialect) {
  source::SourceSet sources;
  diag::Sink sink;
  base::NameInterner names;
  const base::FileId file = sources.add("test.omega", std::string(text), sink);
  const lex::TokenStream tokens = lex::lex(file, sources.text(file), sink);
  const Tree outline = parse(tokens, names, dialect, sink, Bodies::Deferred);
  std::string bodies;
  if (!dump_bodies(outline, names, bodies)) {
    return {};
  }
  return diag::render_terminal(sink, sources, {.color = false, .width = 100}) + dump_tree(outline, names) + bodies;
}

/// What deferred_outcome() should give, made from the tree of the whole file.
inline std::string expected_deferred_outcome(std::string_view text, Dialect dialect) {
  Parsed whole(text, dialect);
  Parsed outline(text, dialect);
  const Tree deferred = parse(outline.tokens, outline.names, dialect, outline.sink, Bodies::Deferred);
  std::string bodies;
  const auto items = whole.tree.list(whole.tree.node(whole.tree.root).b);
  const auto outline_items = deferred.list(deferred.node(deferred.root).b);
  for (size_t i = 0; i < items.size() && i < outline_items.size(); ++i) {
    const NodeId item = items[i];
    if (whole.tree.kind(item) != NodeKind::Function || deferred.kind(outline_items[i]) != NodeKind::Function) {
      continue;
    }
    const NodeId body = whole.tree.function(whole.tree.node(item)).body;
    const NodeId left = deferred.function(deferred.node(outline_items[i])).body;
    if (body == 0 || left == 0 || deferred.kind(left) != NodeKind::DeferredBody) {
      continue;
    }
    const NodeId root = std::exchange(whole.tree.root, body);
    bodies += dump_tree(whole.tree, whole.names);
    whole.tree.root = root;
    whole.tree.nodes_[body].kind = NodeKind::DeferredBody;
  }
  return whole.rendered() + whole.dump() + bodies;
}

}  // namespace omega::parse::testing
