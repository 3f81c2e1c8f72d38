// SPDX-License-Identifier: Apache-2.0
// Makes the body and combine functions of parallel loops and what stands in the loop's place.
#include "omega/opt/outline.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "omega/opt/accumulators.h"
#include "omega/opt/alias_checks.h"
#include "omega/opt/candidates.h"
#include "omega/opt/function_copier.h"

namespace omega::opt {

using ir::BlockId;
using ir::FunctionBuilder;
using ir::Inst;
using ir::kNone;
using ir::Label;
using ir::LoopId;
using ir::Op;
using ir::SlotId;
using ir::Type;
using ir::ValueId;

namespace {

/// A value or slot that the body reads and that comes from outside.
struct Capture {
  bool is_slot;
  uint32_t id;
  Type type;
  uint32_t offset;
};

/// The comparison at the head of a counted loop: `lt (get iv), bound`.
const Inst* header_compare(const ir::Function& f, const ir::Loop& loop) {
  const Inst& branch = f.insts[f.blocks[loop.header].end - 1];
  if (branch.op != Op::CondBr || loop.iv == kNone) {
    return nullptr;
  }
  const Inst& compare = f.insts[branch.a];
  if (compare.op != Op::Lt || f.insts[compare.a].op != Op::SlotGet || f.insts[compare.a].a != loop.iv) {
    return nullptr;
  }
  return &compare;
}

/// Their memory is used again: one for the function, one for what is made of its loops.
thread_local FunctionBuilder builders[2];

class Outliner {
 public:
  Outliner(const FunctionFacts& function, std::vector<LoopPlan>& plans, std::string_view name, std::vector<ir::Function>& made)
      : facts_(function), f_(*function.function), plans_(plans), name_(name), made_(made), b_(builders[0]), copier_(f_, b_), body_copier_(f_, builders[1]) {
    seen_in_.resize(f_.slots.size(), 0);
    reduction_of_.resize(f_.slots.size(), kNone);
    for (LoopId id = 0; id < f_.loops.size(); ++id) {
      (f_.loops[id].header < f_.loops[id].exit ? by_header_ : without_blocks_).push_back(id);
    }
    std::sort(by_header_.begin(), by_header_.end(), [&](LoopId a, LoopId b) { return f_.loops[a].header < f_.loops[b].header; });
  }

  ir::Function run() {
    b_.begin(f_.name, f_.file, f_.location, {f_.params.data(), f_.params.size()}, {f_.results.data(), f_.results.size()});
    std::vector<bool> loop_goes(f_.loops.size(), false);
    // Parameters, then the rest of the entry block, which begin() has opened.
    for (SlotId slot = 0; slot < f_.slots.size(); ++slot) {
      copier_.slot(slot);
    }
    copier_.map_label(0, Label{});
    size_t next = 0;
    for (BlockId block = 0; block < f_.blocks.size(); ++block) {
      if (next < plans_.size() && f_.loops[plans_[next].loop].header == block) {
        LoopPlan& plan = plans_[next++];
        const bool keeps = emit_parallel(plan);
        if (!keeps) {
          for (const LoopId id : loops_from(plan.loop)) {
            loop_goes[id] = true;
          }
          block = f_.loops[plan.loop].exit - 1;
          continue;
        }
      }
      if (block == 0) {
        for (ValueId i = 0; i < f_.blocks[0].end; ++i) {
          copier_.copy_inst(i);
        }
      } else {
        copier_.copy_block(block);
      }
    }
    for (LoopId id = 0; id < f_.loops.size(); ++id) {
      if (!loop_goes[id]) {
        copier_.copy_loop(id, kNone);
      }
    }
    for (LoopId id = 0; id < f_.loops.size(); ++id) {
      if (!loop_goes[id]) {
        b_.loop(copier_.loop(id)).parent = copier_.loop(f_.loops[id].parent);
      }
    }
    return b_.finish();
  }

 private:
  /// The loop and those inside it, by their numbers.
  std::vector<LoopId> loops_from(LoopId outer) const {
    const ir::Loop& loop = f_.loops[outer];
    std::vector<LoopId> found;
    const auto first =
        std::lower_bound(by_header_.begin(), by_header_.end(), loop.header, [&](LoopId id, BlockId header) { return f_.loops[id].header < header; });
    for (auto at = first; at != by_header_.end() && f_.loops[*at].header < loop.exit; ++at) {
      if (f_.loops[*at].exit <= loop.exit) {
        found.push_back(*at);
      }
    }
    for (const LoopId id : without_blocks_) {
      if (f_.loops[id].header >= loop.header && f_.loops[id].exit <= loop.exit) {
        found.push_back(id);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  // ---- in the loop's place --------------------------------------------------------------------------------------------

  bool emit_parallel(LoopPlan& plan) {
    const ir::Loop& loop = f_.loops[plan.loop];
    // Branches from before the loop come here; the sequential loop, if it stays, gets a label of its own.
    b_.start_block(copier_.label(loop.header));
    b_.set_location(loop.location);
    const Label exit = copier_.label(loop.exit);
    Label sequential;
    if (plan.is_auto) {
      sequential = b_.new_label();
      copier_.map_label(loop.header, sequential);
    }
    const Inst& compare = *header_compare(f_, loop);
    const Type type = f_.slots[loop.iv].type;
    const ValueId lo = b_.get(copier_.slot(loop.iv));
    const Inst& bound = f_.insts[compare.b];
    const ValueId hi = bound.op == Op::SlotGet ? b_.get(copier_.slot(bound.a)) : copier_.value(compare.b);
    const bool simple = type == Type::S64 && loop.step == 1;

    if (simple && plan.is_auto && is_flat(plan.loop)) {
      emit_length_check(plan, lo, hi, sequential);
    }
    emit_alias_checks(f_, copier_, plan, sequential);

    std::vector<Capture> captures = find_captures(plan);
    uint32_t env_size = 0;
    for (Capture& capture : captures) {
      if (constant_of(capture) == kNone) {
        capture.offset = place(env_size, capture.type);
      }
    }
    uint32_t lo_offset = 0;
    if (!simple) {
      lo_offset = place(env_size, type);
    }
    const ValueId env = b_.emit(Op::StackObject, Type::Ref, std::max(env_size, 8u));
    for (const Capture& capture : captures) {
      if (constant_of(capture) != kNone) {
        continue;
      }
      b_.store(env, capture.offset, capture.is_slot ? b_.get(copier_.slot(capture.id)) : copier_.value(capture.id));
    }
    if (!simple) {
      b_.store(env, lo_offset, lo);
    }

    const AccumulatorSet accumulators = make_accumulators(facts_, plan);
    const uint32_t acc_size = accumulators.size;
    ValueId acc = kNone, neutral = kNone;
    if (acc_size != 0) {
      acc = b_.emit(Op::StackObject, Type::Ref, acc_size);
      neutral = b_.emit(Op::StackObject, Type::Ref, acc_size);
      for (const Accumulator& a : accumulators.words) {
        const ValueId value = neutral_value(b_, a.op, a.type);
        b_.store(acc, a.offset, value);
        b_.store(neutral, a.offset, value);
      }
    }
    ir::ParallelForRecord record{};
    const ValueId zero = simple ? kNone : b_.const_int(Type::S64, 0);
    record.lo = simple ? lo : zero;
    record.hi = simple ? b_.binary(Op::Max, Type::S64, lo, hi) : trip_count(type, lo, hi, loop.step);
    record.threads = loop.threads == kNone ? kNone : threads(loop);
    record.env = env;
    record.acc = acc;
    record.acc_size = acc_size;
    record.neutral = neutral;
    record.cost = static_cast<uint32_t>(std::clamp<uint64_t>(plan.facts.cost / 2, 1, 1'000'000'000));
    record.is_auto = plan.is_auto ? 1 : 0;
    record.loop_location = loop.location;
    record.is_quiet = plan.facts.prints || plan.facts.obstacle == Obstacle::UnknownCall ? 0 : 1;
    const uint32_t number = static_cast<uint32_t>(made_.size());
    record.body = kMadeFunction | number;
    record.combine = acc_size != 0 ? kMadeFunction | (number + 1) : kNone;
    make_body(plan, captures, accumulators, simple, lo_offset);
    if (acc_size != 0) {
      make_combine(plan, accumulators);
    }
    b_.set_location(loop.location);
    b_.parallel_for(record);
    if (accumulators.done != kNone) {
      emit_guards(copier_, f_, plan, accumulators, acc, record, simple, sequential);
    }
    for (size_t k = 0; k < plan.facts.reductions.size(); ++k) {
      const Reduction& r = plan.facts.reductions[k];
      const Accumulator& a = accumulators.words[k];
      b_.set_location(r.location);
      const SlotId slot = copier_.slot(r.slot);
      const ValueId now = b_.get(slot);
      const ValueId total = b_.load(a.type, acc, a.offset);
      b_.set(slot, b_.binary(r.subtract && !r.mixed ? Op::Sub : r.op, a.type, now, total, a.flags));
    }
    b_.set_location(loop.location);
    b_.br(exit);
    return plan.is_auto;
  }

  /// Whether the estimate of an iteration's cost is no guess: no loops and no calls of unknown length inside.
  bool is_flat(LoopId id) const {
    const ir::Loop& loop = f_.loops[id];
    for (const LoopId other : loops_from(id)) {
      if (f_.loops[other].header > loop.header) {
        return false;
      }
    }
    for (ValueId i = f_.blocks[loop.header].first; i < f_.blocks[loop.exit - 1].end; ++i) {
      const Op op = f_.insts[i].op;
      if (op == Op::Call || op == Op::CallClosure || op == Op::CallRuntime) {
        return false;
      }
    }
    return true;
  }

  /// A found loop with so few iterations that starting threads, or finding out whether it may, takes longer than running it, stays as it is.
  void emit_length_check(const LoopPlan& plan, ValueId lo, ValueId hi, Label sequential) {
    const auto few = static_cast<int64_t>(kMinWork / 16 / std::max<uint64_t>(plan.facts.cost, 1));
    if (few == 0) {
      return;
    }
    const Label enough = b_.new_label();
    const ValueId distance = b_.binary(Op::Sub, Type::S64, hi, lo);
    b_.cond_br(b_.compare(Op::Lt, distance, b_.const_int(Type::S64, few)), sequential, enough);
    b_.start_block(enough);
  }

  ValueId threads(const ir::Loop& loop) {
    const ValueId n = b_.get(copier_.slot(loop.threads));
    return b_.type_of(n) == Type::S64 ? n : b_.cast(Type::S64, n, ir::kChecked);
  }

  // (hi - lo + step - 1) / step, or 0; at most what fits.
  ValueId trip_count(Type type, ValueId lo, ValueId hi, int64_t step) {
    const ValueId some = b_.compare(Op::Lt, lo, hi);
    ValueId distance;
    if (ir::is_wide(type)) {
      const Type word = ir::unsigned_type(ir::bit_width(type));
      const ValueId forward = b_.binary(Op::Sub, word, b_.emit(Op::Bitcast, word, hi), b_.emit(Op::Bitcast, word, lo));
      distance = b_.cast(Type::S64, b_.binary(Op::Min, word, forward, b_.const_int(word, INT64_MAX)));
    } else {
      const ValueId a = b_.cast(Type::U64, lo), c = b_.cast(Type::U64, hi);
      const ValueId forward = b_.binary(Op::Sub, Type::U64, c, a);
      distance = b_.cast(Type::S64, b_.binary(Op::Min, Type::U64, forward, b_.const_int(Type::U64, INT64_MAX)));
    }
    if (step != 1) {
      const ValueId one = b_.const_int(Type::S64, 1);
      const ValueId rest = b_.binary(Op::Sub, Type::S64, distance, one);
      distance = b_.binary(Op::Add, Type::S64, b_.binary(Op::Div, Type::S64, rest, b_.const_int(Type::S64, step)), one);
    }
    return b_.select(Type::S64, some, distance, b_.const_int(Type::S64, 0));
  }

  // ---- what the body needs ------------------------------------------------------------------------------------------

  std::vector<Capture> find_captures(const LoopPlan& plan) {
    const ir::Loop& loop = f_.loops[plan.loop];
    std::vector<Capture> captures;
    std::vector<ValueId> values;
    ++searches_;
    const auto is_new = [&](SlotId slot) { return std::exchange(seen_in_[slot], searches_) != searches_; };
    const ValueId first = f_.blocks[loop.header].first, last = f_.blocks[loop.exit - 1].end;
    const ValueId body = f_.blocks[loop.header].end;
    for (ValueId i = first; i < last; ++i) {
      const Inst& inst = f_.insts[i];
      if (i < body) {
        continue;  // the header is made anew
      }
      if (inst.op == Op::SlotGet && plan.facts.roles[inst.a] == SlotRole::ReadOnly && is_new(inst.a)) {
        captures.push_back({true, inst.a, f_.slots[inst.a].type, 0});
      }
      ir::for_each_value(f_, inst, [&](const uint32_t& value) {
        if ((value < first || value >= last) && !is_constant(f_.insts[value].op)) {
          values.push_back(value);
        }
      });
    }
    // Thread counts of parallel loops inside are read when those are taken out in turn.
    for (const LoopId id : loops_from(plan.loop)) {
      const ir::Loop& inner = f_.loops[id];
      if (inner.header > loop.header && inner.threads != kNone && plan.facts.roles[inner.threads] == SlotRole::Outside && is_new(inner.threads)) {
        captures.push_back({true, inner.threads, f_.slots[inner.threads].type, 0});
      }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const ValueId value : values) {
      captures.push_back({false, value, f_.insts[value].type, 0});
    }
    return captures;
  }

  // The constant a captured slot is set to, once and for all.
  ValueId constant_of(const Capture& capture) const {
    if (!capture.is_slot || facts_.slots[capture.id].sets != 1) {
      return kNone;
    }
    const ValueId value = f_.insts[facts_.slots[capture.id].last_set].b;
    return f_.insts[value].op == Op::Const ? value : kNone;
  }

  // ---- functions ------------------------------------------------------------------------------------------------------

  void make_body(const LoopPlan& plan, const std::vector<Capture>& captures, const AccumulatorSet& accumulators, bool simple, uint32_t lo_offset) {
    const ir::Loop& loop = f_.loops[plan.loop];
    FunctionBuilder& b = builders[1];
    const Type params[] = {Type::S64, Type::S64, Type::Ref, Type::Ref, Type::Ref};
    b.begin(function_name(""), f_.file, loop.location, params, {});
    FunctionCopier& copier = body_copier_;
    copier.forget();
    const SlotId iv = copier.slot(loop.iv);
    const SlotId hi = b.add_slot(Type::S64);
    const SlotId counter = simple ? iv : b.add_slot(Type::S64);
    for (const Capture& capture : captures) {
      const ValueId constant = constant_of(capture);
      const ValueId value = constant != kNone ? copier.value(constant) : b.load(capture.type, b.param(2), capture.offset);
      if (capture.is_slot) {
        b.set(copier.slot(capture.id), value);
      } else {
        copier.map_value(capture.id, value);
      }
    }
    std::vector<SlotId> folded;
    for (uint32_t k = 0; k < accumulators.words.size(); ++k) {
      const Accumulator& a = accumulators.words[k];
      folded.push_back(k < plan.facts.reductions.size() ? copier.slot(plan.facts.reductions[k].slot) : b.add_slot(a.type));
      b.set(folded.back(), b.load(a.type, b.param(3), a.offset));
    }
    b.set(counter, b.param(0));
    if (!simple) {
      const Type type = f_.slots[loop.iv].type;
      const ValueId start = b.load(type, b.param(2), lo_offset);
      const ValueId steps = b.binary(Op::Mul, type, b.cast(type, b.param(0)), b.const_int(type, loop.step));
      b.set(iv, b.binary(Op::Add, type, start, steps));
    }
    b.set(hi, b.param(1));
    const Label header = b.new_label(), start = b.new_label(), exit = b.new_label();
    b.br(header);
    b.start_block(header);
    const ValueId now = b.get(counter);
    b.cond_br(b.compare(Op::Lt, now, b.get(hi)), start, exit);
    b.start_block(start);
    if (plan.facts.panics) {
      b.store(b.param(4), 0, now);
    }
    if (!simple) {
      b.set(counter, b.binary(Op::Add, Type::S64, now, b.const_int(Type::S64, 1)));
    }
    b.br(copier.label(loop.body));
    copier.map_label(loop.header, header);
    copy_body(copier, plan, accumulators, folded);
    b.start_block(exit);
    for (uint32_t k = 0; k < accumulators.words.size(); ++k) {
      b.store(b.param(3), accumulators.words[k].offset, k == accumulators.done ? b.const_int(Type::U64, 1) : b.get(folded[k]));
    }
    b.ret();
    const LoopId own =
        b.add_loop({simple ? ir::LoopKind::Sequential : ir::LoopKind::While, loop.depth, header.index, start.index, copier.label(loop.latch).index, exit.index,
                    simple ? iv : kNone, simple ? hi : kNone, simple ? 1 : 0, kNone, kNone, loop.location});
    std::vector<LoopId> inner;
    for (const LoopId id : loops_from(plan.loop)) {
      if (id != plan.loop && f_.loops[id].header < f_.loops[id].exit) {
        copier.copy_loop(id, own);
        inner.push_back(id);
      }
    }
    for (const LoopId id : inner) {
      const LoopId parent = copier.loop(f_.loops[id].parent);
      b.loop(copier.loop(id)).parent = parent == kNone ? own : parent;
    }
    made_.push_back(b.finish());
  }

  // Blocks behind the header. Sums that only subtract are added up, to be subtracted once; guarded sums wrap and note their addends.
  void copy_body(FunctionCopier& copier, const LoopPlan& plan, const AccumulatorSet& accumulators, const std::vector<SlotId>& folded) {
    const ir::Loop& loop = f_.loops[plan.loop];
    FunctionBuilder& b = copier.builder();
    for (uint32_t k = 0; k < plan.facts.reductions.size(); ++k) {
      reduction_of_[plan.facts.reductions[k].slot] = k;
    }
    auto folded_by = [&](ValueId operand) { return f_.insts[operand].op == Op::SlotGet ? reduction_of_[f_.insts[operand].a] : kNone; };
    for (BlockId block = loop.header + 1; block < loop.exit; ++block) {
      b.start_block(copier.label(block));
      for (ValueId i = f_.blocks[block].first; i < f_.blocks[block].end; ++i) {
        const Inst& inst = f_.insts[i];
        uint32_t k = kNone;
        if (inst.op == Op::Add || inst.op == Op::Sub) {
          k = folded_by(inst.a) != kNone ? folded_by(inst.a) : folded_by(inst.b);
        }
        if (k == kNone) {
          copier.copy_inst(i);
          continue;
        }
        const Reduction& r = plan.facts.reductions[k];
        const SumGuard& guard = accumulators.guards[k];
        b.set_location(f_.locations[i]);
        if (guard.magnitude != kNone) {
          note_addend(b, copier.value(folded_by(inst.a) != kNone ? inst.b : inst.a), inst.type, guard, folded);
        }
        const Op op = r.subtract && !r.mixed ? Op::Add : inst.op;
        copier.map_value(i, b.binary(op, inst.type, copier.value(inst.a), copier.value(inst.b), plan.is_auto ? 0 : inst.flags));
      }
    }
    for (const Reduction& reduction : plan.facts.reductions) {
      reduction_of_[reduction.slot] = kNone;
    }
  }

  void make_combine(const LoopPlan& plan, const AccumulatorSet& accumulators) {
    FunctionBuilder& b = builders[1];
    const Type params[] = {Type::Ref, Type::Ref};
    b.begin(function_name(".fold"), f_.file, f_.loops[plan.loop].location, params, {});
    for (size_t k = 0; k < accumulators.words.size(); ++k) {
      const Accumulator& a = accumulators.words[k];
      if (k < plan.facts.reductions.size()) {
        b.set_location(plan.facts.reductions[k].location);
      }
      const ValueId total = b.load(a.type, b.param(0), a.offset);
      const ValueId part = b.load(a.type, b.param(1), a.offset);
      b.store(b.param(0), a.offset, b.binary(a.op, a.type, total, part, a.flags));
    }
    b.ret();
    made_.push_back(b.finish());
  }

  std::string function_name(std::string_view suffix) const {
    const size_t number = made_.size() - (suffix.empty() ? 0 : 1);
    return std::string(name_) + ".loop" + std::to_string(number) + std::string(suffix);
  }

  const FunctionFacts& facts_;
  const ir::Function& f_;
  std::vector<LoopPlan>& plans_;
  std::string_view name_;
  std::vector<ir::Function>& made_;
  FunctionBuilder& b_;
  FunctionCopier copier_;
  FunctionCopier body_copier_;
  // One loop of many must not cost time for what the whole function has: these are cleared after each.
  std::vector<uint32_t> seen_in_;  ///< by slot: the last search for captures that met it
  uint32_t searches_ = 0;
  std::vector<uint32_t> reduction_of_;  ///< by slot
  std::vector<LoopId> by_header_;
  std::vector<LoopId> without_blocks_;
};

}  // namespace

const char* outline_obstacle(const FunctionFacts& function, LoopId id, const LoopFacts& facts) {
  const ir::Function& f = *function.function;
  const ir::Loop& loop = f.loops[id];
  const Inst* compare = header_compare(f, loop);
  if (compare == nullptr || loop.step < 1 || facts.lo_value == kNone || facts.roles[loop.iv] != SlotRole::Induction) {
    return "it does not count upwards to a fixed bound";
  }
  const ir::Block& header = f.blocks[loop.header];
  const ValueId bound = compare->b;
  const bool bound_inside = bound >= header.first && bound < f.blocks[loop.exit - 1].end;
  const Inst& limit = f.insts[bound];
  if (bound_inside && limit.op != Op::SlotGet && limit.op != Op::Const) {
    return "its bound is computed anew in each iteration";
  }
  if (limit.op == Op::SlotGet && bound_inside && facts.roles[limit.a] != SlotRole::ReadOnly) {
    return "its bound changes in the loop";
  }
  for (ValueId i = header.first; i < header.end; ++i) {
    if (f.insts[i].op == Op::BlockArg || (function.uses[i] != 0 && function.last_use_block[i] != loop.header)) {
      return "values of its head are used elsewhere";
    }
    const Op op = f.insts[i].op;
    if (op != Op::SlotGet && op != Op::Const && op != Op::Lt && op != Op::CondBr) {
      return "its head does more than compare";
    }
  }
  if (f.blocks[loop.exit].first < f.blocks[loop.exit].end && f.insts[f.blocks[loop.exit].first].op == Op::BlockArg) {
    return "it passes values to what follows";
  }
  if (loop.latch <= loop.header || loop.latch >= loop.exit || loop.body <= loop.header || loop.body >= loop.exit) {
    return "its blocks are not in order";
  }
  return nullptr;
}

ir::Function outline_loops(const FunctionFacts& function, std::vector<LoopPlan>& plans, std::string_view name, std::vector<ir::Function>& made) {
  return Outliner(function, plans, name, made).run();
}

}  // namespace omega::opt
