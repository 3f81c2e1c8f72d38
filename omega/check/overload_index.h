// SPDX-License-Identifier: Apache-2.0
// Functions of one name found by the types of their parameters.
#pragma once

#include <cstdint>
#include <span>

#include "omega/base/pod_vector.h"
#include "omega/check/type_store.h"

namespace omega::check {

struct Declarations;

/// The names that mean several functions of a file, each with its functions that are neither generic nor mistaken. Immutable after declare(), thread-safe then.
class OverloadIndex {
 public:
  /// Takes the functions of a name, of whose signatures no two are the same; `first` is the first of all functions of the name.
  void add(const Declarations& declarations, uint32_t first, std::span<const uint32_t> functions);
  /// Its function that takes just these types, or kNoDeclaration.
  [[nodiscard]] uint32_t find(const Declarations& declarations, uint32_t first, std::span<const TypeId> types) const;

 private:
  struct Slot {
    uint32_t first;
    uint32_t function;
  };
  static uint64_t hash_of(uint32_t first, std::span<const TypeId> types);
  void place(const Declarations& declarations, Slot slot);
  void grow(const Declarations& declarations);

  base::PodVector<Slot> slots_;  ///< open addressing
  uint32_t count_ = 0;
};

}  // namespace omega::check
