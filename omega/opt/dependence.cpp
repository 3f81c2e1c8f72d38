// SPDX-License-Identifier: Apache-2.0
// Pairs of accesses: same place, different places, or to be settled when the loop starts.
#include "omega/opt/dependence.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::kNone;
using ir::LoopId;
using ir::Op;
using ir::Type;

namespace {

/// Pairs looked at before a loop counts as too intricate.
constexpr uint64_t kMaxPairs = 1 << 20;

enum class Relation : uint8_t { Different, Unsettled };

/// The path of a reference: an object that is the same in all iterations, then rows and fields.
struct Path {
  RefId prefix = Symbols::kOpaque;
  RefId steps[3];
  uint32_t length = 0;
  bool known = false;
};

bool commute(uint8_t a, uint8_t b) {
  const auto x = static_cast<ir::AtomicOp>(a), y = static_cast<ir::AtomicOp>(b);
  auto additive = [](ir::AtomicOp op) { return op == ir::AtomicOp::Add || op == ir::AtomicOp::Sub; };
  return x == y || (additive(x) && additive(y));
}

class PairTest {
 public:
  PairTest(const FunctionFacts& function, LoopId loop, LoopFacts& facts)
      : function_(function), f_(*function.function), loop_(loop), facts_(facts), symbols_(facts.symbols) {}

  Dependence run() {
    const auto& accesses = facts_.accesses;
    std::vector<uint32_t> writes;
    for (uint32_t i = 0; i < accesses.size(); ++i) {
      if (accesses[i].kind != AccessKind::Read) {
        writes.push_back(i);
      }
    }
    out_.writes_shared = !writes.empty();
    if (static_cast<uint64_t>(writes.size()) * accesses.size() > kMaxPairs) {
      conflict(Conflict::Unknown, accesses[writes.front()], accesses[writes.back()]);
      return std::move(out_);
    }
    for (const uint32_t w : writes) {
      for (uint32_t x = 0; x < accesses.size(); ++x) {
        // Two writes once.
        if (accesses[x].kind != AccessKind::Read && x < w) {
          continue;
        }
        test(accesses[w], accesses[x]);
        if (out_.conflict != Conflict::None) {
          return std::move(out_);
        }
      }
    }
    return std::move(out_);
  }

 private:
  void conflict(Conflict kind, const Access& first, const Access& second) {
    out_.conflict = kind;
    out_.first = first;
    out_.second = second;
  }

  static bool may_be_same_kind(const Access& w, const Access& x) {
    if (w.memory != MemoryClass::Any && x.memory != MemoryClass::Any) {
      if (w.memory != x.memory) {
        return false;
      }
      if (w.type != x.type && w.type != Type::Void && x.type != Type::Void) {
        return false;
      }
      if (w.memory == MemoryClass::Field && w.type != Type::Void && x.type != Type::Void) {
        return w.offset < x.offset + std::max(1u, ir::storage_size(x.type)) && x.offset < w.offset + std::max(1u, ir::storage_size(w.type));
      }
    }
    return true;
  }

  void test(const Access& w, const Access& x) {
    if (!may_be_same_kind(w, x)) {
      return;
    }
    if (w.kind == AccessKind::Atomic && x.kind == AccessKind::Atomic && commute(w.atomic_op, x.atomic_op)) {
      return;
    }
    if (x.kind == AccessKind::Read) {
      out_.reads_what_it_writes = true;
    }
    const std::vector<SavedBound> saved = assume_bounds(w.loop, x.loop);
    const bool fine = independent(w, x);
    for (auto it = saved.rbegin(); it != saved.rend(); ++it) {
      symbols_.set_bounds(it->atom, it->lower, it->upper);
    }
    if (!fine) {
      report(w, x);
    }
  }

  void report(const Access& w, const Access& x) {
    if (w.kind == AccessKind::Atomic && x.kind == AccessKind::Atomic) {
      conflict(Conflict::MixedAtomics, w, x);
    } else if (w.callee != kNone || is_call(w.inst) ? !w.pushes : false) {
      conflict(Conflict::Call, w, x);
    } else if (w.memory == MemoryClass::Map) {
      conflict(Conflict::Mapping, w, x);
    } else if (w.pushes) {
      conflict(Conflict::Push, w, x);
    } else if (w.memory == MemoryClass::Field) {
      conflict(Conflict::Field, w, x);
    } else {
      conflict(&w == &x ? Conflict::SameElement : Conflict::Element, w, x);
    }
  }

  bool is_call(ir::ValueId inst) const {
    const Op op = f_.insts[inst].op;
    return op == Op::Call || op == Op::CallClosure || op == Op::CallRuntime;
  }

  // ---- what holds while both accesses run ---------------------------------------------------------------------------

  struct SavedBound {
    AtomId atom;
    PolyId lower, upper;
  };

  std::vector<SavedBound> assume_bounds(LoopId a, LoopId b) {
    std::vector<SavedBound> saved;
    auto assume = [&](LoopId loop) {
      for (const LoopBound& bound : facts_.bounds) {
        if (bound.loop == loop) {
          const Atom atom = symbols_.atom(bound.atom);
          int64_t now;
          if (!symbols_.constant_value(atom.lower, now) || now < bound.lower) {
            saved.push_back({bound.atom, atom.lower, atom.upper});
            symbols_.set_bounds(bound.atom, symbols_.constant(bound.lower), atom.upper);
          }
        }
      }
    };
    for (LoopId start : {a, b}) {
      for (LoopId loop = start; loop != kNone; loop = f_.loops[loop].parent) {
        assume(loop);
        if (loop == loop_) {
          break;
        }
      }
    }
    return saved;
  }

  // ---- indices ------------------------------------------------------------------------------------------------------

  // f in iteration i and g in another iteration j are never equal.
  bool distinct(PolyId f, PolyId g) const {
    if (f == kNone || g == kNone) {
      return false;
    }
    const Poly& p = symbols_.poly(f);
    const Poly& q = symbols_.poly(g);
    return distinct_by_stride(p, q) || never_meet(p, q) || never_meet(q, p);
  }

  bool distinct_by_stride(const Poly& p, const Poly& q) const {
    if (facts_.iv == kNone) {
      return false;
    }
    Poly k, k2, r, r2;
    if (!split_linear(p, facts_.iv, k, r) || !split_linear(q, facts_.iv, k2, r2) || k.is_zero() || !equal(k, k2) || has_kind(symbols_, k, AtomKind::Inner) ||
        has_kind(symbols_, k, AtomKind::Varying)) {
      return false;
    }
    Poly one, step;
    one.terms.push_back({1, 0, {}});
    step.terms.push_back({std::max<int64_t>(f_.loops[loop_].step, 1), 0, {}});
    if (!symbols_.never_negative(add(k, one, -1))) {
      k = add(Poly{}, k, -1);
      // -k * i: the same distances, the other way round.
      if (!symbols_.never_negative(add(k, one, -1))) {
        return false;
      }
    }
    const Poly distance = multiply(k, step);
    const bool plain = !has_kind(symbols_, r, AtomKind::Inner) && !has_kind(symbols_, r, AtomKind::Varying) && !has_kind(symbols_, r2, AtomKind::Inner) &&
                       !has_kind(symbols_, r2, AtomKind::Varying);
    if (plain) {
      const Poly apart = add(r, r2, -1);
      if (apart.is_zero()) {
        return true;
      }
      if (apart.valid && apart.terms.size() == 1 && apart.terms[0].count == 0 && distance.valid && distance.terms.size() == 1 && distance.terms[0].count == 0 &&
          apart.terms[0].coefficient % distance.terms[0].coefficient != 0) {
        return true;
      }
    }
    const Poly most = add(symbols_.extreme(r, true), symbols_.extreme(r2, false), -1);
    const Poly least = add(symbols_.extreme(r, false), symbols_.extreme(r2, true), -1);
    return symbols_.never_negative(add(add(distance, most, -1), one, -1)) && symbols_.never_negative(add(add(distance, least), one, -1));
  }

  // p < q whatever the iterations.
  bool never_meet(const Poly& p, const Poly& q) const {
    Poly one;
    one.terms.push_back({1, 0, {}});
    return symbols_.never_negative(add(add(symbols_.extreme(q, false), symbols_.extreme(p, true), -1), one, -1));
  }

  // ---- bases --------------------------------------------------------------------------------------------------------

  Path path_of(RefId base) const {
    Path path;
    RefId chain[4];
    uint32_t length = 0;
    while (!symbols_.is_invariant_ref(base)) {
      const Ref& ref = symbols_.ref(base);
      if ((ref.kind != RefKind::Row && ref.kind != RefKind::Field) || length == 3) {
        return path;
      }
      chain[length++] = base;
      base = ref.base;
    }
    path.known = true;
    path.prefix = base;
    path.length = length;
    for (uint32_t i = 0; i < length; ++i) {
      path.steps[i] = chain[length - 1 - i];
    }
    return path;
  }

  bool independent(const Access& w, const Access& x) {
    const Path a = path_of(w.base), b = path_of(x.base);
    if (!a.known || !b.known) {
      return false;
    }
    const bool by_index =
        !w.whole && !x.whole && (w.memory == MemoryClass::Element || w.memory == MemoryClass::Fixed) && w.memory == x.memory && distinct(w.index, x.index);
    if (a.length == 0 && b.length == 0) {
      if (a.prefix == b.prefix) {
        return by_index;
      }
      if (different_objects(a.prefix, b.prefix)) {
        return true;
      }
      if (w.memory == MemoryClass::Map || w.memory == MemoryClass::Header || (w.memory == MemoryClass::Field)) {
        // A write to one object in all iterations is a conflict of its own.
        return &w != &x && w.kind == AccessKind::Write;
      }
      if (w.memory == MemoryClass::Fixed && x.memory == MemoryClass::Fixed) {
        return by_index || check(AliasCheck::Disjoint, places(a, w), places(b, x), w, x);
      }
      if (!is_array(w) || !is_array(x)) {
        return false;
      }
      return check(by_index ? AliasCheck::SameOrDisjoint : AliasCheck::Disjoint, places(a, w), places(b, x), w, x);
    }
    // Rows picked by the loop variable, the same way but for the row: different iterations, different rows.
    const uint32_t common = std::min(a.length, b.length);
    if (a.prefix == b.prefix && common > 0) {
      if (first_step_distinct(a, b)) {
        return same_shape(a, b) && places(a, w) == places(b, x) ? check(AliasCheck::Rows, places(a, w), places(a, w), w, x)
                                                                : check(AliasCheck::SameIndex, places(a, w), places(b, x), w, x);
      }
      // The same column of all rows: each place is one row's, and rows do not overlap.
      return by_index && a.length == 1 && same_shape(a, b) && check(AliasCheck::Rows, places(a, w), places(a, w), w, x);
    }
    if (!is_place(w) || !is_place(x)) {
      return false;
    }
    if (a.prefix != b.prefix && common > 0 && first_step_distinct(a, b)) {
      return check(AliasCheck::SameIndex, places(a, w), places(b, x), w, x);
    }
    return (a.prefix != b.prefix || a.length != b.length) && check(AliasCheck::Disjoint, places(a, w), places(b, x), w, x);
  }

  bool first_step_distinct(const Path& a, const Path& b) const {
    const Ref& p = symbols_.ref(a.steps[0]);
    const Ref& q = symbols_.ref(b.steps[0]);
    // The runtime compares row numbers, so both must pick the same row in the same iteration.
    return p.kind == RefKind::Row && q.kind == RefKind::Row && distinct(p.data, q.data);
  }

  bool same_shape(const Path& a, const Path& b) const {
    if (a.length != b.length) {
      return false;
    }
    for (uint32_t i = 0; i < a.length; ++i) {
      const Ref& p = symbols_.ref(a.steps[i]);
      const Ref& q = symbols_.ref(b.steps[i]);
      if (p.kind != q.kind || (p.kind == RefKind::Field && p.data != q.data)) {
        return false;
      }
    }
    return true;
  }

  static bool is_array(const Access& access) { return access.memory == MemoryClass::Element; }
  static bool is_place(const Access& access) { return access.memory != MemoryClass::Any && access.memory != MemoryClass::Header; }

  PlaceSet places(const Path& path, const Access& access) const {
    PlaceSet set{path.prefix, {0, 0, 0}, path.length, is_array(access)};
    for (uint32_t i = 0; i < path.length; ++i) {
      const Ref& ref = symbols_.ref(path.steps[i]);
      set.steps[i] = ref.kind == RefKind::Row ? kElementStep : ref.data;
    }
    return set;
  }

  bool check(AliasCheck::Mode mode, const PlaceSet& a, const PlaceSet& b, const Access& w, const Access& x) {
    const AliasCheck wanted{mode, a, b, w.inst, x.inst};
    if (std::find(out_.checks.begin(), out_.checks.end(), wanted) == out_.checks.end()) {
      out_.checks.push_back(wanted);
    }
    return true;
  }

  // Both come from allocations that were never stored elsewhere, and not from the same one.
  bool different_objects(RefId a, RefId b) const {
    const ir::ValueId x = allocation(a), y = allocation(b);
    return x != kNone && y != kNone && x != y;
  }

  ir::ValueId allocation(RefId id) const {
    const Ref& ref = symbols_.ref(id);
    if (ref.kind != RefKind::Invariant) {
      return kNone;
    }
    ir::ValueId value;
    if ((ref.data & kValueRefKey) != 0) {
      value = ref.data & ~kValueRefKey;
    } else {
      if ((ref.data & kParameterKey) != 0 || function_.slots[ref.data].sets != 1) {
        return kNone;
      }
      value = f_.insts[function_.slots[ref.data].last_set].b;
    }
    const Op op = f_.insts[value].op;
    return op == Op::ArrayNew || op == Op::NewObject || op == Op::StackObject || op == Op::ConstString ? value : kNone;
  }

  const FunctionFacts& function_;
  const ir::Function& f_;
  LoopId loop_;
  LoopFacts& facts_;
  Symbols& symbols_;
  Dependence out_;
};

}  // namespace

Dependence find_dependence(const FunctionFacts& function, LoopId loop, LoopFacts& facts) { return PairTest(function, loop, facts).run(); }

}  // namespace omega::opt
