// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/local_memory.h"

#include <utility>

namespace omega::compile {

LocalMemory::Object LocalMemory::make(uint32_t loop_depth, bool discards) {
  objects_.push_back({{}, loop_depth, discards});
  return static_cast<Object>(objects_.size() - 1);
}

const char* LocalMemory::store(Object object, uint32_t offset, LocalCell cell, uint32_t loop_depth) {
  State& state = objects_[object];
  if (state.discards) {
    return nullptr;
  }
  if (state.loop_depth != loop_depth) {
    return "a write in a loop to memory from outside of it";
  }
  const auto found = state.cells.find(offset);
  undo_.push_back({object, offset, found == state.cells.end() ? std::nullopt : std::optional(found->second)});
  state.cells.insert_or_assign(offset, std::move(cell));
  return nullptr;
}

std::optional<LocalCell> LocalMemory::load(Object object, uint32_t offset, ir::Type type, const char*& why_not) const {
  why_not = obstacle(object);
  const auto found = objects_[object].cells.find(offset);
  if (why_not != nullptr || found == objects_[object].cells.end()) {
    return std::nullopt;
  }
  if (found->second.type != type) {
    why_not = "memory read as another type than was written";
  }
  return found->second;
}

const char* LocalMemory::obstacle(Object object) const {
  return objects_[object].discards  ? "a read of memory that only the runtime looks at"
         : objects_[object].is_lost ? "a read of memory that only one way of a branch wrote"
                                    : nullptr;
}

void LocalMemory::roll_back(size_t mark, std::vector<Object>& changed) {
  for (; undo_.size() > mark; undo_.pop_back()) {
    Undo& last = undo_.back();
    changed.push_back(last.object);
    if (last.before) {
      objects_[last.object].cells.insert_or_assign(last.offset, *std::move(last.before));
    } else {
      objects_[last.object].cells.erase(last.offset);
    }
  }
}

void LocalMemory::lose(const std::vector<Object>& objects) {
  for (const Object object : objects) {
    objects_[object].is_lost = true;
  }
}

}  // namespace omega::compile
