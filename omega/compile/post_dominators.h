// SPDX-License-Identifier: Apache-2.0
// Where the ways of a branch meet again.
#pragma once

#include <vector>

#include "omega/ir/dominators.h"

namespace omega::compile {

/// Immediate post-dominators among the ways that return. Immutable once made.
class PostDominators {
 public:
  PostDominators(const ir::Function& function, const ir::ControlFlow& flow);

  /// The block that every way from `b` to a return goes through next; kNone where there is none but the end itself.
  [[nodiscard]] ir::BlockId of(ir::BlockId b) const { return parent_[b] == exit_ ? ir::kNone : parent_[b]; }
  /// Whether some way from `b` returns: else all of them panic or go on for ever.
  [[nodiscard]] bool returns(ir::BlockId b) const { return order_[b] != ir::kNone; }

 private:
  void number(const std::vector<std::vector<uint32_t>>& after);
  [[nodiscard]] uint32_t common(uint32_t a, uint32_t b) const;

  uint32_t exit_;  ///< stands for the end behind all returns
  std::vector<uint32_t> parent_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> backward_;
};

}  // namespace omega::compile
