// SPDX-License-Identifier: Apache-2.0
// Memory of one activation whose addresses go nowhere else (StackObject), while its function becomes a graph: what is stored there is known
// place by place, so a load is the value that was stored, and no memory is left.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "omega/graph/trace/tracer.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// What lies at one place.
struct LocalCell {
  ir::Type type;
  graph::Tracer value;
};

/// All such objects of one conversion. Changes can be taken back, since the ways of a branch are converted one behind the other and both
/// begin with the same memory.
class LocalMemory {
 public:
  using Object = uint32_t;
  using Cells = std::map<uint32_t, LocalCell>;  ///< by offset in bytes

  /// A zeroed object. One that `discards` takes stores and is never read.
  Object make(uint32_t loop_depth, bool discards = false);
  [[nodiscard]] const Cells& cells(Object object) const { return objects_[object].cells; }

  /// Null when stored, else why it cannot be: an object from outside a loop would hold another value in each iteration.
  [[nodiscard]] const char* store(Object object, uint32_t offset, LocalCell cell, uint32_t loop_depth);
  /// The cell there, nothing where it is still zero. `why_not` is set when it cannot be told what lies there.
  [[nodiscard]] std::optional<LocalCell> load(Object object, uint32_t offset, ir::Type type, const char*& why_not) const;
  /// Why the object as a whole cannot be told; null when it can.
  [[nodiscard]] const char* obstacle(Object object) const;

  /// A point to come back to.
  [[nodiscard]] size_t mark() const { return undo_.size(); }
  /// Takes back all stores since the mark; the objects that they changed go behind `changed`.
  void roll_back(size_t mark, std::vector<Object>& changed);
  /// After a branch one of whose ways stored there: nobody knows what they hold.
  void lose(const std::vector<Object>& objects);

 private:
  struct State {
    Cells cells;
    uint32_t loop_depth;
    bool discards;
    bool is_lost = false;
  };
  struct Undo {
    Object object;
    uint32_t offset;
    std::optional<LocalCell> before;
  };
  std::vector<State> objects_;
  std::vector<Undo> undo_;
};

}  // namespace omega::compile
