// SPDX-License-Identifier: Apache-2.0
// What the parser's tests, fuzzer and benchmark share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "omega/diag/render.h"
#include "omega/lex/lexer.h"
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

}  // namespace omega::parse::testing
