// SPDX-License-Identifier: Apache-2.0
// Editor: a function taken apart into lists of instructions for each block, to be changed and put together again.
#pragma once

#include <vector>

#include "omega/ir/ir.h"

namespace omega::opt {

/// While it lives, values keep their numbers and new instructions get higher ones; finish() renumbers. The function must not be used
/// in between but through the editor.
class Editor {
 public:
  explicit Editor(ir::Function& function);

  ir::Function& function() { return f_; }
  [[nodiscard]] const ir::Inst& inst(ir::ValueId id) const { return f_.insts[id]; }
  ir::Inst& inst(ir::ValueId id) { return f_.insts[id]; }

  /// The instructions of each block in order.
  std::vector<std::vector<ir::ValueId>> blocks;
  /// Blocks that go away; nothing may branch to them any more.
  std::vector<bool> removed;

  /// A new instruction, in no block yet.
  ir::ValueId add(const ir::Inst& inst, uint32_t location);
  /// A new constant of a type that is not wide.
  ir::ValueId constant(ir::Type type, int64_t value, uint32_t location);
  /// Words for a new instruction's `extra`.
  uint32_t add_extra(const std::vector<uint32_t>& words);

  /// From now on uses of `old` mean `now`.
  void replace(ir::ValueId old, ir::ValueId now);
  /// What stands for a value after all replacements.
  ir::ValueId resolve(ir::ValueId value);

  /// Makes a terminator an unconditional branch.
  void make_branch(ir::ValueId terminator, ir::BlockId target, const std::vector<uint32_t>& args);

  /// Puts the function together. Loop records whose header is gone go away too.
  void finish();

 private:
  void rebuild_extra(ir::Inst& inst, base::PodVector<uint32_t>& extra) const;

  ir::Function& f_;
  std::vector<ir::ValueId> replaced_;
};

}  // namespace omega::opt
