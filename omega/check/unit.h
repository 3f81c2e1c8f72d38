// SPDX-License-Identifier: Apache-2.0
// Units of checking (a function, the program's statements, an instance of a generic function) and how their results become one module.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "omega/check/declarations.h"
#include "omega/ir/ir.h"

namespace omega::check {

enum class UnitKind : uint8_t { Function, Instance, Program };

/// What check_function() works on.
struct Unit {
  UnitKind kind = UnitKind::Function;
  uint32_t declaration = 0;   ///< index of the FunctionDecl; Program: unused
  TypeId type_arguments = 0;  ///< Instance: tuple of the type parameters' types
  uint32_t depth = 0;         ///< Instance: how many instances led here
  Span requested_at;          ///< Instance: the first call that asked
};

/// A call of an instance of a generic function, by a unit.
struct InstanceRequest {
  uint32_t declaration;
  TypeId type_arguments;
  Span requested_at;
};

/// Function ids inside a unit's IR that are not known before join_units().
inline constexpr uint32_t kLocalFunction = 0x8000'0000u;      ///< | 0: the unit's own, else index in CheckedUnit::lambdas plus one
inline constexpr uint32_t kRequestedFunction = 0x4000'0000u;  ///< | index in CheckedUnit::requests

/// An instruction whose function operand (`a`) is one of those.
struct FunctionPatch {
  uint32_t function;  ///< 0: the unit's own, else index in CheckedUnit::lambdas plus one
  uint32_t inst;
};

/// What check_function() gives beside the unit's own function. Meaningless (may be empty) when it reported errors.
struct CheckedUnit {
  Unit unit;
  std::vector<ir::Function> lambdas;
  std::vector<InstanceRequest> requests;
  std::vector<FunctionPatch> patches;
  bool body_unread = false;  ///< its deferred body has a mistake: the program must be lexed and parsed whole and checked again
};

/// The first round: every function that is not generic, in order, and the program's statements if there are any.
std::vector<Unit> first_units(const Declarations& declarations);

/// The instances that exist, by declaration and types.
class InstanceTable {
 public:
  /// What the units of a round asked for and nobody before: the next round, in an order that depends on the units' order alone.
  std::vector<Unit> next_units(std::span<const CheckedUnit> round);
  /// Position of the instance among all, in order of next_units().
  uint32_t position(const InstanceRequest& request) const;
  uint32_t size() const { return count_; }

 private:
  static uint64_t key(uint32_t declaration, TypeId arguments) { return static_cast<uint64_t>(declaration) << 32 | arguments; }
  std::unordered_map<uint64_t, uint32_t> positions_;
  uint32_t count_ = 0;
};

/// One module of all units: rounds in order, each in the order of its units. `functions` has each unit's own function; takes the units' lambdas.
ir::Module join_units(const Declarations& declarations, const InstanceTable& instances, std::span<CheckedUnit> units, std::vector<ir::Function> functions);

}  // namespace omega::check
