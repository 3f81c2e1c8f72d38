// SPDX-License-Identifier: Apache-2.0
#include "omega/check/overload_index.h"

#include <algorithm>

#include "omega/base/hash.h"
#include "omega/check/declarations.h"

namespace omega::check {

uint64_t OverloadIndex::hash_of(uint32_t first, std::span<const TypeId> types) {
  uint64_t hash = base::hash_integer(first);
  for (const TypeId type : types) {
    hash = base::hash_combine(hash, type);
  }
  return hash;
}

void OverloadIndex::place(const Declarations& declarations, Slot slot) {
  const size_t mask = slots_.size() - 1;
  size_t at = hash_of(slot.first, declarations.parameters(declarations.functions[slot.function])) & mask;
  while (slots_[at].function != kNoDeclaration) {
    at = (at + 1) & mask;
  }
  slots_[at] = slot;
}

void OverloadIndex::grow(const Declarations& declarations) {
  const base::PodVector<Slot> old = std::move(slots_);
  slots_ = {};
  slots_.resize(std::max<size_t>(old.size() * 2, 16), {kNoDeclaration, kNoDeclaration});
  for (const Slot& slot : old) {
    if (slot.function != kNoDeclaration) {
      place(declarations, slot);
    }
  }
}

void OverloadIndex::add(const Declarations& declarations, uint32_t first, std::span<const uint32_t> functions) {
  for (const uint32_t function : functions) {
    if ((size_t{count_} + 1) * 2 > slots_.size()) {
      grow(declarations);
    }
    place(declarations, {first, function});
    ++count_;
  }
}

uint32_t OverloadIndex::find(const Declarations& declarations, uint32_t first, std::span<const TypeId> types) const {
  if (slots_.empty()) {
    return kNoDeclaration;
  }
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash_of(first, types) & mask; slots_[at].function != kNoDeclaration; at = (at + 1) & mask) {
    if (slots_[at].first == first && std::ranges::equal(declarations.parameters(declarations.functions[slots_[at].function]), types)) {
      return slots_[at].function;
    }
  }
  return kNoDeclaration;
}

}  // namespace omega::check
