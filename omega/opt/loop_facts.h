// SPDX-License-Identifier: Apache-2.0
// What one loop does to variables and memory: slots classified, accesses with symbolic bases and indices.
#pragma once

#include <vector>

#include "omega/opt/effects.h"
#include "omega/opt/slot_map.h"
#include "omega/opt/symbols.h"

namespace omega::opt {

/// Facts about a function that all its loops share; made once a function, in time linear in its size.
struct FunctionFacts {
  struct SlotUse {
    uint32_t sets = 0, gets = 0;
    ir::ValueId last_set = ir::kNone;
  };
  explicit FunctionFacts(const ir::Function& function);

  const ir::Function* function;
  std::vector<SlotUse> slots;
  std::vector<uint32_t> first_use_block, last_use_block;  ///< of each value; kNone, 0 when unused
  std::vector<uint32_t> uses;                             ///< of each value
  std::vector<uint32_t> block_of;                         ///< of each value
  std::vector<ir::LoopId> loop_of_block;                  ///< the innermost loop around each block
};

enum class SlotRole : uint8_t {
  Outside,  ///< neither read nor written in the loop
  ReadOnly,
  Private,  ///< set before it is read in each iteration, not read after the loop
  Induction,
  Reduction,
  Carried  ///< anything else that is written
};

/// `slot op= value` in the loop, and nothing else of the slot.
struct Reduction {
  ir::SlotId slot;
  ir::Op op;      ///< of the fold: Add for -= too
  bool subtract;  ///< the updates are `-=`; with `mixed` only some of them
  bool mixed;
  bool checked;
  uint8_t flags;
  uint32_t location;
};

/// One access to memory that other iterations might see.
struct Access {
  AccessKind kind;
  MemoryClass memory;
  ir::Type type;  ///< Void: unknown
  uint8_t atomic_op;
  bool whole;  ///< any element
  RefId base;
  PolyId index;           ///< Element, Fixed; kNone: unknown
  uint32_t offset;        ///< Field
  ir::ValueId inst;       ///< where
  ir::FunctionId callee;  ///< the access happens in a call of it; kNone: here
  bool pushes;            ///< changes the length of an array or a mapping's keys
  ir::LoopId loop;        ///< the innermost loop around it; the loop itself when in none
};

/// What is known of an invariant while the body of a loop runs: `atom` >= `lower`.
struct LoopBound {
  ir::LoopId loop;
  AtomId atom;
  int64_t lower;
};

/// A statement of a loop that fits no rule.
enum class Obstacle : uint8_t { None, NotCounted, EarlyExit, UnknownCall, SequentialCall, World, Prints, Shape, LiveOut, Result };

struct LoopFacts {
  Symbols symbols;
  SlotMap<SlotRole> roles{SlotRole::Outside};
  std::vector<Reduction> reductions;
  std::vector<Access> accesses;   ///< each distinct one once
  std::vector<LoopBound> bounds;  ///< by loop
  AtomId iv = ir::kNone;
  Obstacle obstacle = Obstacle::None;  ///< the first thing that forbids running iterations out of order whatever they touch
  ir::ValueId obstacle_inst = ir::kNone;
  ir::SlotId carried = ir::kNone;  ///< the first carried slot
  ir::ValueId carried_set = ir::kNone, carried_get = ir::kNone;
  bool prints = false;
  bool world = false;
  bool panics = false;  ///< something in the body may panic
  bool allocates = false;
  bool returns_fresh = true;  ///< whole functions: the first result is always an object made in it
  bool returns_deep = true;   ///< and it holds nothing but such objects
  uint64_t shared_in = 0;     ///< places where some reference stored is not to an object made here
  uint64_t cost = 0;          ///< estimated instructions of an iteration
  int64_t known_trip = -1;    ///< when both bounds are constants
  int64_t known_lo = 0, known_hi = 0;
  ir::ValueId lo_value = ir::kNone;  ///< what the induction variable is set to before the loop
};

/// Facts of loop `loop` of the function.
LoopFacts analyze_loop(const FunctionFacts& facts, ir::LoopId loop, const Summaries& summaries);

/// Facts of a whole function, as for a loop without variable; invariants are its parameters (key kParameterKey | number).
LoopFacts analyze_function(const FunctionFacts& facts, const Summaries& summaries);

/// Keys of invariant references and atoms: a slot's number, or one of these with a number.
inline constexpr uint64_t kValueKey = uint64_t{1} << 32;  ///< a value from outside the loop
inline constexpr uint32_t kValueRefKey = 0x8000'0000u;    ///< the same for references
inline constexpr uint32_t kParameterKey = 0x4000'0000u;

}  // namespace omega::opt
