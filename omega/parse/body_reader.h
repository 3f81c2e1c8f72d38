// SPDX-License-Identifier: Apache-2.0
// BodyReader: parses the bodies that Bodies::Deferred left, one at a time, when somebody is about to look at them.
#pragma once

#include "omega/parse/name_cache.h"
#include "omega/parse/parse.h"

namespace omega::parse {

/// Reads bodies into the same memory again and again: a program's bodies are never all in memory, and the one being worked on is in the
/// cache. One per task.
class BodyReader {
 public:
  /// `names` must be the interner of the files' parser.
  explicit BodyReader(base::NameInterner& names) : name_cache_(names) {}

  /// The body at the DeferredBody node `deferred` of `outline`: a tree whose root is the Block. Null when it has a mistake or does not end at
  /// its brace. Holds until the next call. Throws std::bad_alloc.
  const Tree* read(const Tree& outline, NodeId deferred);

 private:
  NameCache name_cache_;
  base::PodVector<uint32_t> pending_;
  diag::Sink sink_;
  Tree tree_;
  uint32_t room_ = 0;  ///< tokens that tree_ has room for
};

/// The token of the `}` that matches the `{` at `open`, or `end` when none before `end` does. Looks at braces alone.
uint32_t matching_brace(const lex::TokenKind* kinds, uint32_t open, uint32_t end);

}  // namespace omega::parse
