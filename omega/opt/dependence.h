// SPDX-License-Identifier: Apache-2.0
// Whether two iterations of a loop can touch the same memory: from pairs of accesses, with what a check at run time must settle.
#pragma once

#include <vector>

#include "omega/opt/loop_facts.h"

namespace omega::opt {

/// A set of places: the object `prefix` (the same in all iterations), then `steps` (kElementStep or a field's offset) into it.
struct PlaceSet {
  RefId prefix;
  uint32_t steps[3];
  uint32_t length;
  bool arrays;  ///< the places are elements of arrays, else the objects themselves
  friend bool operator==(const PlaceSet&, const PlaceSet&) = default;
};

/// What must hold when the loop starts, so that its iterations touch different memory.
struct AliasCheck {
  enum Mode : uint8_t {
    Rows,           ///< places of `a` reached by different first indices do not overlap
    SameIndex,      ///< places of `a` and `b` reached by different first indices do not overlap
    Disjoint,       ///< no place of `a` overlaps one of `b`
    SameOrDisjoint  ///< the arrays `a` and `b` start at the same place or do not overlap
  };
  Mode mode;
  PlaceSet a, b;
  ir::ValueId first, second;  ///< the accesses it is for
  friend bool operator==(const AliasCheck& x, const AliasCheck& y) { return x.mode == y.mode && x.a == y.a && x.b == y.b; }
};

enum class Conflict : uint8_t { None, Element, SameElement, Field, Push, Mapping, Call, MixedAtomics, Unknown };

/// The answer for one loop.
struct Dependence {
  Conflict conflict = Conflict::None;
  Access first{}, second{};  ///< the two accesses of the conflict, a write or atomic first
  std::vector<AliasCheck> checks;
  bool writes_shared = false;         ///< writes memory that outlives an iteration
  bool reads_what_it_writes = false;  ///< and reads memory of a kind it writes: not to be run twice
};

/// Looks at all pairs of accesses. `facts.symbols` is changed in passing only.
Dependence find_dependence(const FunctionFacts& function, ir::LoopId loop, LoopFacts& facts);

}  // namespace omega::opt
