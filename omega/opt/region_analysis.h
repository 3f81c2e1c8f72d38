// SPDX-License-Identifier: Apache-2.0
// RegionAnalysis: one forward walk over the instructions of a loop or a function. Its files are named after what they find out.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "omega/opt/loop_facts.h"

namespace omega::opt {

/// What the analysis knows of a value.
struct Symbol {
  enum Kind : uint8_t { None, Int, Ref, Address } kind = None;
  uint32_t id = ir::kNone;
};

/// A place in memory that a value points at, as far as it is known.
struct Address {
  MemoryClass memory;
  RefId base;
  PolyId index;
  uint32_t offset;
};

/// Whether an instruction may panic.
bool can_panic(const ir::Function& f, const ir::Inst& inst);

/// Facts of one region: values become symbols, memory operations become accesses. Use once: construct, run(). Not thread-safe.
class RegionAnalysis {
 public:
  /// Of `loop`, or of the whole function (kNone). The arguments must outlive this.
  RegionAnalysis(const FunctionFacts& facts, ir::LoopId loop, const Summaries& summaries);
  /// The facts; nothing is left here afterwards.
  LoopFacts run();

 private:
  // ---- region_writes.cpp, region_bounds.cpp: before the walk ----
  void obstacle(Obstacle what, ir::ValueId where);
  bool inside(ir::ValueId value) const { return value >= first_ && value < last_; }
  /// Which classes of memory are written, whether references stored are all new objects, whether addresses leave their function.
  void scan();
  /// The type of what a pointer to a temporary holds, and the value stored there last.
  ir::ValueId pointee_value(ir::ValueId pointer) const;
  /// Notes that a value is stored or passed on: an address that travels so is not followed any more.
  void escape(ir::ValueId value);
  MemoryClass class_of_address(ir::ValueId value) const;
  /// Notes a write; `is_new`: a reference written is one that stores_fresh. Field: `offset` bytes into the object, kNone: anywhere.
  void written(MemoryClass memory, ir::Type type, bool is_new, uint32_t offset = ir::kNone);
  void written_value(MemoryClass memory, ir::ValueId value, uint32_t offset = ir::kNone) { written(memory, f_.insts[value].type, stores_fresh(value), offset); }
  /// What a pushed or set value, or a pointer to it, writes.
  void written_argument(MemoryClass memory, ir::ValueId argument, bool is_direct);
  void scan_runtime_call(const ir::Inst& inst);
  /// Whether the instruction gives an object made by it that holds nothing but such objects, null or a constant string.
  bool makes_deep(const ir::Inst& inst) const;
  /// Stored references that nobody else has: objects made here, null, constant strings.
  bool stores_fresh(ir::ValueId value) const;
  uint32_t set_in_region(ir::SlotId slot) const { return facts_.slots[slot].sets; }
  ir::ValueId only_set_in_region(ir::SlotId slot) const { return inside(facts_.slots[slot].last_set) ? facts_.slots[slot].last_set : ir::kNone; }
  bool class_written(MemoryClass memory, ir::Type type) const;
  bool any_written() const;
  void start_loop();
  /// The last set of a slot before `at` in emission order.
  ir::ValueId value_before(ir::SlotId slot, ir::ValueId at) const;
  PolyId minus_one(PolyId poly);
  /// In the body: hi > lo, which gives a lower bound of hi where that is a single invariant.
  void note_bound(ir::LoopId loop, PolyId lo, PolyId hi);
  PolyId upper_bound(const ir::Loop& loop, bool from_outside);

  // ---- region_slots.cpp ----
  /// The slot whose value in the loop an outside `get` also gave: not set between it and the loop.
  ir::SlotId same_slot(ir::ValueId value) const;
  /// A slot that the region does not write, as an integer; what it was set to, where that is simple.
  PolyId slot_outside_int(ir::SlotId slot, uint32_t depth = 0);
  PolyId outside_int(ir::ValueId value, uint32_t depth = 0);
  Symbol outside(ir::ValueId value);
  Symbol symbol(ir::ValueId value);
  PolyId int_of(ir::ValueId value);
  RefId ref_of(ir::ValueId value);
  PolyId slot_int(ir::SlotId slot);
  /// What a SlotGet at `at` gives.
  Symbol slot_value(ir::SlotId slot, ir::ValueId at);
  bool all_sets_fresh(ir::SlotId slot);

  // ---- the walk; region_values.cpp ----
  void enter_block(ir::BlockId block);
  /// Notes what a branch passes to the arguments of blocks.
  void pass_arguments(const ir::Inst& branch);
  static uint64_t argument_key(ir::BlockId block, uint32_t argument) { return static_cast<uint64_t>(block) << 32 | argument; }
  PolyId upper_bound_inner(const ir::Loop& inner, ir::ValueId at);
  uint64_t trip_estimate(ir::LoopId loop);
  Symbol varying(ir::ValueId i, PolyId lower = ir::kNone, PolyId upper = ir::kNone) { return {Symbol::Int, symbols_.varying(kValueKey | i, lower, upper)}; }
  Symbol poly_or_varying(ir::ValueId i, Poly poly);
  Symbol evaluate(ir::ValueId i);
  Symbol integer_or_none(ir::ValueId i, const ir::Inst& inst);
  Symbol arithmetic(ir::ValueId i, const ir::Inst& inst);
  /// x % c lies within (-c, c), and above -1 when x does.
  Symbol remainder(ir::ValueId i, const ir::Inst& inst);
  Symbol cast(ir::ValueId i, const ir::Inst& inst);
  bool bounds_fit(ir::Type type) const;
  /// A value (s64) that came from `type`, or is a constant of it.
  bool fits(ir::ValueId value, ir::Type type) const;

  // ---- region_memory.cpp ----
  Symbol make_address(const Address& address);
  Address address_of(ir::ValueId value);
  Symbol load(ir::ValueId i, const ir::Inst& inst);
  RefId reference_in(RefId base, MemoryClass memory, RefKind kind, uint32_t data);
  /// Anything that hangs on the object, the object included.
  RefId below(RefId base);
  Symbol element(ir::ValueId i, MemoryClass memory, ir::Type type, RefId base, PolyId index);
  Symbol length(ir::ValueId i, RefId base);
  void access(AccessKind kind, MemoryClass memory, ir::Type type, RefId base, PolyId index, uint32_t offset, ir::ValueId inst, uint8_t atomic_op = 0,
              ir::FunctionId callee = ir::kNone, bool whole = false, bool pushes = false);

  // ---- region_calls.cpp ----
  const Summary& call_summary(const ir::Inst& inst) const;
  void note_effects(ir::ValueId i, bool known, bool prints, bool world, bool sequential, bool panics);
  Symbol call(ir::ValueId i, const ir::Inst& inst);
  /// Accesses of a callee in terms of its arguments.
  void translate(const Summary& summary, const std::vector<ir::ValueId>& given, ir::ValueId i, ir::FunctionId callee);
  /// The MakeClosure or FunctionRef that a value is, if that can be seen.
  ir::ValueId closure_value(ir::ValueId value) const;
  /// What the closure holds at that offset: 8 bytes each from byte 8 on, 32 for wide integers.
  RefId captured(const ir::Inst& closure, uint32_t offset);
  /// A function value that the runtime runs: as known, else as all of that shape together.
  void runs(ir::ValueId closure, size_t arguments, ir::ValueId result, ir::ValueId i);
  Symbol call_runtime(ir::ValueId i, const ir::Inst& inst);
  void runtime_access(char how, ir::ValueId argument, ir::ValueId i);
  /// What hangs on an object: nothing shared when it was made here out of such things.
  RefId reachable(RefId base) const;

  const FunctionFacts& facts_;
  const ir::Function& f_;
  const Summaries& summaries_;
  ir::LoopId loop_;
  LoopFacts out_;
  Symbols& symbols_;
  ir::BlockId begin_, end_;
  ir::ValueId first_, last_;
  std::vector<Symbol> values_;
  std::vector<Address> addresses_;
  /// How often the region sets a slot, and the last place.
  struct Sets {
    uint32_t count = 0;
    ir::ValueId last = ir::kNone;
  };
  SlotMap<Sets> sets_;
  std::vector<ir::Type> written_[kMemoryClasses];
  SlotMap<bool> stale_slots_{false};  ///< set to something that is not made there
  std::unordered_set<uint64_t> seen_;
  std::unordered_map<uint64_t, RefId> arguments_;  ///< references that branches pass to blocks, all together, by argument_key
  bool stale_slots_found_ = false;
  bool weak_classes_ = false;  ///< addresses travel through variables or calls: memory classes say nothing
  bool all_written_ = false;
  uint64_t shared_in_ = 0;  ///< places (places_of) where some reference stored is not to a new object
  bool lengths_change_ = false;
  uint64_t weight_ = 1;
};

}  // namespace omega::opt
