// SPDX-License-Identifier: Apache-2.0
// Addresses, loads, elements, lengths: memory operations become accesses.
#include "omega/opt/region_analysis.h"

#include "omega/base/hash.h"

namespace omega::opt {

using ir::Inst;
using ir::kNone;
using ir::LoopId;
using ir::Type;
using ir::ValueId;

Symbol RegionAnalysis::make_address(const Address& address) {
  addresses_.push_back(address);
  return {Symbol::Address, static_cast<uint32_t>(addresses_.size() - 1)};
}

Address RegionAnalysis::address_of(ValueId value) {
  const Symbol s = symbol(value);
  if (s.kind == Symbol::Address) {
    return addresses_[s.id];
  }
  return {MemoryClass::Field, s.kind == Symbol::Ref ? s.id : Symbols::kOpaque, kNone, 0};
}

Symbol RegionAnalysis::load(ValueId i, const Inst& inst) {
  const Address at = address_of(inst.a);
  access(AccessKind::Read, at.memory, inst.type, at.base, at.index, at.offset + inst.b, i);
  if (at.memory == MemoryClass::Element || at.memory == MemoryClass::Fixed) {
    return element(i, at.memory, inst.type, at.base, at.index);
  }
  if (at.memory == MemoryClass::Map && inst.type == Type::Ref) {
    return {Symbol::Ref, reference_in(at.base, MemoryClass::Map, RefKind::Row, kNone)};
  }
  if (at.memory != MemoryClass::Field) {
    return integer_or_none(i, inst);
  }
  if (inst.type == Type::Ref) {
    return {Symbol::Ref, reference_in(at.base, MemoryClass::Field, RefKind::Field, at.offset + inst.b)};
  }
  if (!ir::is_integer(inst.type)) {
    return {};
  }
  if (symbols_.is_invariant_ref(at.base) && !class_written(MemoryClass::Field, inst.type)) {
    return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, uint64_t{3} << 62 | static_cast<uint64_t>(at.base) << 24 | (at.offset + inst.b)))};
  }
  return varying(i);
}

RefId RegionAnalysis::reference_in(RefId base, MemoryClass memory, RefKind kind, uint32_t data) {
  const bool may_be_shared = (shared_in_ & places_of(memory, kind == RefKind::Field ? data : kNone)) != 0;
  if (class_written(memory, Type::Ref) && may_be_shared) {
    return Symbols::kOpaque;
  }
  if (symbols_.ref(base).kind == RefKind::Part) {
    base = symbols_.ref(base).base;
    data = kind == RefKind::Row ? symbols_.varying(uint64_t{7} << 60 | symbols_.fresh_number()) : data;
  }
  const Ref from = symbols_.ref(base);
  if (from.kind == RefKind::Fresh) {
    return from.deep && !may_be_shared ? Symbols::kFresh : Symbols::kOpaque;
  }
  if (from.kind == RefKind::Below) {
    return base;
  }
  if (from.kind == RefKind::Opaque || from.kind == RefKind::Null || data == kNone) {
    return Symbols::kOpaque;
  }
  return symbols_.ref(kind, base, data);
}

Symbol RegionAnalysis::element(ValueId i, MemoryClass memory, Type type, RefId base, PolyId index) {
  if (type == Type::Ref) {
    return {Symbol::Ref, reference_in(base, memory, RefKind::Row, index == kNone ? symbols_.varying(kValueKey | i) : index)};
  }
  if (!ir::is_integer(type)) {
    return {};
  }
  if (index != kNone && symbols_.is_invariant_ref(base) && symbols_.is_invariant(index) && !class_written(memory, type)) {
    const uint64_t key = uint64_t{1} << 62 | static_cast<uint64_t>(base) << 32 | index;
    return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, key))};
  }
  return varying(i);
}

Symbol RegionAnalysis::length(ValueId i, RefId base) {
  access(AccessKind::Read, MemoryClass::Header, Type::Void, base, kNone, 0, i);
  if (symbols_.is_invariant_ref(base) && !lengths_change_ && !all_written_) {
    return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, uint64_t{2} << 62 | base, symbols_.constant(0)))};
  }
  return varying(i, symbols_.constant(0));
}

void RegionAnalysis::access(AccessKind kind, MemoryClass memory, Type type, RefId base, PolyId index, uint32_t offset, ValueId inst, uint8_t atomic_op,
                            ir::FunctionId callee, bool whole, bool pushes) {
  if (symbols_.ref(base).kind == RefKind::Part) {
    base = symbols_.ref(base).base;
    index = kNone;
    whole = true;
  }
  const Ref& at = symbols_.ref(base);
  if (at.kind == RefKind::Fresh || at.kind == RefKind::Null) {
    return;
  }
  // Headers only matter where arrays grow.
  if (memory == MemoryClass::Header && !lengths_change_ && !all_written_) {
    return;
  }
  if (weak_classes_) {
    memory = MemoryClass::Any;
    type = Type::Void;
  }
  LoopId loop = facts_.loop_of_block[facts_.block_of[inst]];
  loop = loop == kNone ? loop_ : loop;
  uint64_t key = base::hash_combine(static_cast<uint64_t>(kind) | static_cast<uint64_t>(memory) << 8 | static_cast<uint64_t>(type) << 16 |
                                        static_cast<uint64_t>(atomic_op) << 32 | static_cast<uint64_t>(whole) << 40 | static_cast<uint64_t>(pushes) << 41,
                                    static_cast<uint64_t>(base) << 32 | index);
  key = base::hash_combine(key, static_cast<uint64_t>(offset) << 32 | loop);
  if (seen_.insert(key).second) {
    out_.accesses.push_back({kind, memory, type, atomic_op, whole, base, index, offset, inst, callee, pushes, loop});
  }
}

}  // namespace omega::opt
