// SPDX-License-Identifier: Apache-2.0
// Finds out, when a parallel loop starts, whether arrays that it reaches by different names are apart.
#include "omega/opt/alias_checks.h"

namespace omega::opt {

using ir::FunctionBuilder;
using ir::kNone;
using ir::Label;
using ir::Op;
using ir::SlotId;
using ir::Type;
using ir::ValueId;
using Runtime = ir::RuntimeFunctionId;

namespace {

class AliasChecker {
 public:
  AliasChecker(const ir::Function& function, FunctionCopier& copier) : f_(function), b_(copier.builder()), copier_(copier) {}

  void emit(const LoopPlan& plan, Label sequential) {
    ValueId all = kNone;
    for (const AliasCheck& check : plan.checks) {
      const ValueId a = place_root(plan.facts, check.a.prefix);
      const ValueId c = place_root(plan.facts, check.b.prefix);
      const ValueId apart =
          b_.call_runtime(Runtime::PlacesApart, {a, b_.const_int(Type::U64, static_cast<int64_t>(encode(check.a))), c,
                                                 b_.const_int(Type::U64, static_cast<int64_t>(encode(check.b))), b_.const_int(Type::U32, check.mode)});
      if (!plan.is_auto) {
        b_.set_location(f_.locations[check.first]);
        b_.emit(Op::CheckThat, Type::Void, apart, kNone, static_cast<uint32_t>(ir::PanicKind::AliasedParallel));
        b_.set_location(f_.loops[plan.loop].location);
      } else {
        all = all == kNone ? apart : b_.binary(Op::And, Type::U1, all, apart);
      }
    }
    if (all != kNone) {
      const Label parallel = b_.new_label();
      b_.cond_br(all, parallel, sequential);
      b_.start_block(parallel);
    }
  }

 private:
  static uint64_t encode(const PlaceSet& set) {
    uint64_t code = set.arrays ? 1 : 0;
    for (uint32_t i = 0; i < set.length; ++i) {
      const uint64_t step = set.steps[i] == kElementStep ? 0xf'ffff : set.steps[i] + 1;
      code |= step << (4 + 20 * i);
    }
    return code;
  }

  ValueId place_root(const LoopFacts& facts, RefId id) {
    const Ref& ref = facts.symbols.ref(id);
    if (ref.kind == RefKind::Invariant) {
      return (ref.data & kValueRefKey) != 0 ? copier_.value(ref.data & ~kValueRefKey) : b_.get(copier_.slot(ref.data));
    }
    const ValueId base = place_root(facts, ref.base);
    if (ref.kind == RefKind::Field) {
      return b_.call_runtime(Runtime::PlaceField, {base, b_.const_int(Type::U32, ref.data)});
    }
    return b_.call_runtime(Runtime::PlaceRow, {base, index_value(facts, facts.symbols.poly(ref.data))});
  }

  ValueId index_value(const LoopFacts& facts, const Poly& poly) {
    ValueId sum = b_.const_int(Type::S64, 0);
    for (const Term& term : poly.terms) {
      ValueId product = b_.const_int(Type::S64, term.coefficient);
      for (uint32_t i = 0; i < term.count; ++i) {
        const uint64_t key = facts.symbols.atom(term.atoms[i]).key;
        const ValueId value = (key & kValueKey) != 0 ? copier_.value(static_cast<ValueId>(key)) : b_.get(copier_.slot(static_cast<SlotId>(key)));
        product = b_.binary(Op::Mul, Type::S64, product, b_.type_of(value) == Type::S64 ? value : b_.cast(Type::S64, value));
      }
      sum = b_.binary(Op::Add, Type::S64, sum, product);
    }
    return sum;
  }

  const ir::Function& f_;
  FunctionBuilder& b_;
  FunctionCopier& copier_;
};

}  // namespace

void emit_alias_checks(const ir::Function& function, FunctionCopier& copier, const LoopPlan& plan, Label sequential) {
  AliasChecker(function, copier).emit(plan, sequential);
}

bool can_check(const LoopFacts& facts, const AliasCheck& check) {
  auto nameable = [&](RefId id) {
    for (;;) {
      const Ref& ref = facts.symbols.ref(id);
      if (ref.kind == RefKind::Invariant) {
        return true;
      }
      if (ref.kind == RefKind::Row) {
        for (const Term& term : facts.symbols.poly(ref.data).terms) {
          for (uint32_t i = 0; i < term.count; ++i) {
            // Slots and values, not what is read from memory.
            if (facts.symbols.atom(term.atoms[i]).key >= kValueKey * 2) {
              return false;
            }
          }
        }
      } else if (ref.kind != RefKind::Field) {
        return false;
      }
      id = ref.base;
    }
  };
  return nameable(check.a.prefix) && nameable(check.b.prefix);
}

}  // namespace omega::opt
