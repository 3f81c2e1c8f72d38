// SPDX-License-Identifier: Apache-2.0
// BodyReader: lexes and parses the bodies that an outline left out, one at a time, when somebody is about to look at them.
#pragma once

#include "omega/parse/name_cache.h"
#include "omega/parse/parse.h"

namespace omega::parse {

/// Reads bodies into the same memory again and again: a program's tokens and nodes are never all in memory, and those being worked on are in the
/// cache. One per task.
class BodyReader {
 public:
  /// `names` must be the interner of the files' parser.
  explicit BodyReader(base::NameInterner& names) : name_cache_(names, UINT32_MAX) {}

  /// The body at the DeferredBody node `deferred` of `outline`: a tree, with tokens of its own, whose root is the Block. Null when it has a mistake or
  /// does not end at its brace. Holds until the next call. Throws std::bad_alloc.
  const Tree* read(const Tree& outline, NodeId deferred);

 private:
  NameCache name_cache_;
  base::PodVector<uint32_t> pending_;
  diag::Sink sink_;
  lex::TokenStream tokens_;
  Tree tree_;
  uint32_t room_ = 0;  ///< tokens that tree_ has room for
};

}  // namespace omega::parse
