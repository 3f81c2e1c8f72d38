// SPDX-License-Identifier: Apache-2.0
// Checking, from parse trees to IR: declare() all files, check_function() every unit (on any threads), next_units() until none is left, join_units().
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "omega/check/declarations.h"
#include "omega/check/unit.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"

namespace omega::check {

class Checker;

/// The memory of one thread's checking: make one per thread, reuse it for every unit. Not thread-safe.
class Scratch {
 public:
  explicit Scratch(const Declarations& declarations);
  ~Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;

  /// Makes the function that check_function() has just given last.
  void keep_last(ir::Function& own);
  /// Forgets all of that function but its name and place, which last.
  void keep_name_of_last(ir::Function& own);

 private:
  friend CheckedUnit check_function(const Declarations&, const Unit&, ir::Function&, Scratch&, diag::Sink&);
  std::unique_ptr<Checker> checker_;
};

/// Names, types, mistakes and IR of one unit, whose body is read first if it was deferred, and whose own function goes to `own` (untouched after mistakes).
/// The function's arrays hold until the scratch's next unit, unless Scratch::keep_last() makes them last. Thread-safe for distinct scratches and sinks;
/// the result depends on the unit alone.
CheckedUnit check_function(const Declarations& declarations, const Unit& unit, ir::Function& own, Scratch& scratch, diag::Sink& sink);

/// Has what check_function() reads first of `units[at + 1]` and `units[at + 2]` brought to the cache: long ago, or by another thread, was it written.
void prefetch(const Declarations& declarations, std::span<const Unit> units, size_t at);

/// All of the above on this thread, for trees without deferred bodies. The module is meaningless when the sink has errors.
ir::Module check_program(const Declarations& declarations, diag::Sink& sink);

}  // namespace omega::check
