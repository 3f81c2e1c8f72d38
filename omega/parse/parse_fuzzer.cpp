// SPDX-License-Identifier: Apache-2.0
// Any bytes, first one choosing the dialect: no crash, pieces give the sequential result, and every node lies where spans can be asked for.
#include <cstddef>
#include <cstdint>

#include "omega/base/check.h"
#include "omega/parse/parse_testing.h"
#include "omega/parse/visit_children.h"
#include "test/fuzzing/token_mutation.h"
#include "test/fuzzing/vocabulary.h"

namespace {

using namespace omega;

void check_nodes(const parse::Tree& tree) {
  std::vector<parse::NodeId> stack{tree.root};
  size_t visited = 0;
  while (!stack.empty()) {
    const parse::NodeId id = stack.back();
    stack.pop_back();
    const parse::Node& node = tree.node(id);
    OMEGA_CHECK(node.token < tree.tokens->size(), "a node's token exists");
    OMEGA_CHECK(node.height <= parse::kMaxExpressionHeight, "no expression is higher than the limit");
    OMEGA_CHECK(++visited <= size_t{parse::kNodesPerToken} * tree.tokens->size() + parse::kTailRoom, "a tree has no node twice");
    parse::visit_children(tree, id, [&](const char*, parse::NodeId child) {
      if (child != 0) {
        stack.push_back(child);
      }
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const parse::Dialect dialect = (data[0] & 1) != 0 ? parse::Dialect::Solidity : parse::Dialect::Omega;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  parse::testing::Parsed parsed(text, dialect);
  check_nodes(parsed.tree);
  const std::string whole = parsed.rendered() + parsed.dump();
  const auto count = static_cast<uint32_t>(2 + size % 5);
  OMEGA_CHECK(parse::testing::pieces_outcome(text, dialect, count) == whole, "pieces give the sequential result");
  if (const std::string outline = parse::testing::deferred_outcome(text, dialect); !outline.empty()) {
    OMEGA_CHECK(outline == parse::testing::expected_deferred_outcome(text, dialect), "an outline and its bodies are the whole file");
  }
  static_cast<void>(parsed.tree.full_span(parsed.tree.root));
  return 0;
}

OMEGA_FUZZ_BY_WORDS(omega::fuzzing::kOmegaVocabulary, 1)
