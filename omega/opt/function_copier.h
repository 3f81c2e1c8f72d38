// SPDX-License-Identifier: Apache-2.0
// FunctionCopier: copies blocks of one function into a FunctionBuilder, renaming values, slots and labels.
#pragma once

#include <vector>

#include "omega/ir/builder.h"

namespace omega::opt {

/// Copies parts of `from` into the function that `to` is building. Values are copied in emission order: an operand must be
/// mapped before it is used.
class FunctionCopier {
 public:
  FunctionCopier(const ir::Function& from, ir::FunctionBuilder& to)
      : from_(from),
        to_(to),
        values_(from.insts.size(), ir::kNone),
        labels_(from.blocks.size()),
        slots_(from.slots.size(), ir::kNone),
        loops_(from.loops.size(), ir::kNone) {}

  /// What stands for a value of `from`; constants that were not copied are made anew here.
  ir::ValueId value(ir::ValueId old);
  void map_value(ir::ValueId old, ir::ValueId now) {
    values_[old] = now;
    copied_values_.push_back(old);
  }
  [[nodiscard]] bool has_value(ir::ValueId old) const { return values_[old] != ir::kNone; }

  /// Where branches to a block of `from` go.
  ir::Label label(ir::BlockId old);
  void map_label(ir::BlockId old, ir::Label now) {
    labels_[old] = now;
    copied_labels_.push_back(old);
  }

  /// The copy of a slot, made on first use.
  ir::SlotId slot(ir::SlotId old);

  /// Starts the copy of a block and copies its instructions.
  void copy_block(ir::BlockId old);
  /// Copies an instruction; the copy's value.
  ir::ValueId copy_inst(ir::ValueId old);
  /// Copies a loop's record; blocks must be mapped or copied by the end. `parent` is that of the copy.
  ir::LoopId copy_loop(ir::LoopId old, ir::LoopId parent);
  [[nodiscard]] ir::LoopId loop(ir::LoopId old) const { return old == ir::kNone ? ir::kNone : loops_[old]; }

  ir::FunctionBuilder& builder() { return to_; }

  /// Forgets what was copied, in time proportional to that: for the next part of `from`, which goes to another function.
  void forget();

 private:
  std::vector<uint32_t> mapped(std::span<const uint32_t> values);

  const ir::Function& from_;
  ir::FunctionBuilder& to_;
  std::vector<ir::ValueId> values_;
  std::vector<ir::Label> labels_;
  std::vector<ir::SlotId> slots_;
  std::vector<ir::LoopId> loops_;
  /// What stands in those, some of it twice.
  std::vector<ir::ValueId> copied_values_;
  std::vector<ir::BlockId> copied_labels_;
  std::vector<ir::SlotId> copied_slots_;
  std::vector<ir::LoopId> copied_loops_;
};

/// Constants: values that may be made again anywhere.
bool is_constant(ir::Op op);

}  // namespace omega::opt
