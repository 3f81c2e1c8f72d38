// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::codegen::solana {

/// Which functions read or write the state whenever they return. Not thread-safe.
class StateUse {
 public:
  explicit StateUse(const ir::Module& module) : module_(module), known_(module.functions.size(), Known::Unknown) {}

  /// On every way to a return there is a value of the state that is read or written, by the function or by one that it calls. False also where that takes more
  /// than looking some calls deep.
  bool always(ir::FunctionId id) { return always(id, 0); }

 private:
  enum class Known : uint8_t { Unknown, No, Yes };

  bool always(ir::FunctionId id, uint32_t depth);
  bool find(ir::FunctionId id, uint32_t depth);

  const ir::Module& module_;
  std::vector<Known> known_;
};

}  // namespace omega::codegen::solana
