// SPDX-License-Identifier: Apache-2.0
// What names mean at file level.
#pragma once

#include <cstdint>

#include "omega/base/interner.h"
#include "omega/base/pod_vector.h"

namespace omega::check {

using base::NameId;

enum class SymbolKind : uint8_t {
  None,
  Local,
  Functions,
  Struct,
  Enum,
  UserType,
  Constant,
  Module,
  Contract,
  Event,
  ErrorDecl,
  Alias,
  ElementaryType,
  BuiltinFunction,
  BuiltinConstant,
  Pattern,
  TypeParameter,
};

/// What a name means. `index`: Functions: first declaration of the set; Module: file index; ElementaryType and TypeParameter: TypeId; else
/// the index in the table for that kind.
struct Symbol {
  SymbolKind kind = SymbolKind::None;
  uint32_t index = 0;
  friend bool operator==(const Symbol&, const Symbol&) = default;
};

/// Names to symbols; open addressing.
class SymbolTable {
 public:
  Symbol find(NameId name) const;
  /// The place of the name, kind None when it is new.
  Symbol& insert(NameId name);
  void reserve(uint32_t count);
  template <class F>
  void for_each(F&& f) const {
    for (const Slot& slot : slots_) {
      if (slot.name.valid()) {
        f(slot.name, slot.symbol);
      }
    }
  }

 private:
  struct Slot {
    NameId name;
    Symbol symbol;
  };
  /// Names that follow one another in the source mostly have consecutive ids: eight of them start side by side, in two cache lines.
  uint32_t start(NameId name) const {
    const uint32_t hash = (name.index >> 3) * 0x9e3779b1u;
    return static_cast<uint32_t>(uint64_t{hash} >> shift_) << 3 | (name.index & 7);
  }
  void grow(uint32_t capacity);
  base::PodVector<Slot> slots_;
  uint32_t count_ = 0;
  uint32_t shift_ = 31;
};

}  // namespace omega::check
