// SPDX-License-Identifier: Apache-2.0
// A value for each slot that a region touches.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::opt {

/// Values by slot, as large as the slots that were given one: a loop takes no time and no room for the variables of other loops. An open-addressed
/// table; reading is thread-safe.
template <class T>
class SlotMap {
 public:
  /// `others` is the value of every slot that was given none.
  explicit SlotMap(T others = T()) : others_(others) {}

  T operator[](ir::SlotId slot) const {
    if (entries_.empty()) {
      return others_;
    }
    const Entry& entry = entries_[find(slot)];
    return entry.slot == slot ? entry.value : others_;
  }

  /// The slot's own value, to be changed; valid until another slot is given one.
  T& of(ir::SlotId slot) {
    if (used_ * 2 >= entries_.size()) {
      grow();
    }
    Entry& entry = entries_[find(slot)];
    if (entry.slot != slot) {
      entry = {slot, others_};
      ++used_;
    }
    return entry.value;
  }

 private:
  struct Entry {
    ir::SlotId slot = ir::kNone;
    T value;
  };

  /// Where the slot is, or would be.
  size_t find(ir::SlotId slot) const {
    const size_t mask = entries_.size() - 1;
    size_t at = (slot * 0x9e37'79b9u) >> shift_;
    while (entries_[at].slot != slot && entries_[at].slot != ir::kNone) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow() {
    std::vector<Entry> smaller = std::exchange(entries_, std::vector<Entry>(entries_.empty() ? 8 : entries_.size() * 2, Entry{ir::kNone, others_}));
    --shift_;
    for (const Entry& entry : smaller) {
      if (entry.slot != ir::kNone) {
        entries_[find(entry.slot)] = entry;
      }
    }
  }

  std::vector<Entry> entries_;
  size_t used_ = 0;
  uint32_t shift_ = 30;  ///< leaves as many bits of a hash as number the entries, once there are some: two to that power
  T others_;
};

}  // namespace omega::opt
