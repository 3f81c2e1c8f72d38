// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/evm/optimize.h"

#include <algorithm>

#include "omega/base/check.h"
#include "omega/codegen/evm/builder.h"

namespace omega::codegen::evm {

namespace {

constexpr uint32_t kMaxInlineDepth = 24;
constexpr uint32_t kSmall = 7;  ///< operations; a call with its return takes about as many bytes

/// Copies a routine through a builder, with chosen callees in place.
class Copier {
 public:
  Copier(Program& program, const std::vector<bool>& inlined) : program_(program), inlined_(inlined), b_(program) {}

  Routine copy(RoutineId id) {
    const Routine source = program_.routines[id];
    b_.begin(source.name, source.params, source.results, source.returns);
    Values args;
    for (uint32_t i = 0; i < source.params; ++i) {
      args.push_back(b_.param(i));
    }
    copy_body(source, args, kNone, 0, 0);
    return b_.finish();
  }

 private:
  /// What is known while one routine's body is copied.
  struct Body {
    const Routine& source;
    Flow flow;
    BlockId after;  ///< where returns go; kNone: they return
    uint32_t depth;
    uint32_t location;  ///< of what has none: of the call that the body is copied for
    Values values;
    std::vector<BlockId> blocks;  ///< of the copy; kNone: not reached yet
    std::vector<bool> done;
  };

  void copy_body(const Routine& source, const Values& args, BlockId after, uint32_t depth, uint32_t location) {
    Body body{source,
              Flow(source),
              after,
              depth,
              location,
              Values(source.insts.size(), kNone),
              std::vector<BlockId>(source.blocks.size(), kNone),
              std::vector<bool>(source.blocks.size(), false)};
    for (ValueId i = 0; i < source.blocks[0].end; ++i) {
      if (source.insts[i].op == Op::Param) {
        body.values[i] = args[source.insts[i].a];
      }
    }
    for (const BlockId block : body.flow.order) {
      if (body.done[block] || (block != 0 && body.blocks[block] == kNone)) {
        continue;
      }
      if (block != 0) {
        b_.start(body.blocks[block]);
        for (uint32_t k = 0; k < source.blocks[block].args; ++k) {
          body.values[source.blocks[block].first + k] = b_.arg(body.blocks[block], k);
        }
      }
      for (BlockId next = block; next != kNone;) {
        body.done[next] = true;
        next = copy_block(body, next);
      }
    }
  }

  ValueId value(Body& body, ValueId old) {
    const Inst& inst = body.source.insts[old];
    return inst.op == Op::Const ? b_.constant(program_.constants[inst.a]) : body.values[old];
  }

  Values mapped(Body& body, const Inst& inst) {
    Values values;
    for (const ValueId old : body.source.args(inst)) {
      values.push_back(value(body, old));
    }
    return values;
  }

  BlockId target(Body& body, BlockId old) {
    if (body.blocks[old] == kNone) {
      body.blocks[old] = b_.new_block(body.source.blocks[old].args);
    }
    return body.blocks[old];
  }

  /// Goes on with a block that nothing else leads to, or jumps; the block to go on with.
  BlockId go_to(Body& body, BlockId to, const Values& args) {
    if (body.flow.preds[to] == 1 && !body.done[to]) {
      for (uint32_t k = 0; k < args.size(); ++k) {
        body.values[body.source.blocks[to].first + k] = args[k];
      }
      return to;
    }
    b_.jump(target(body, to), args);
    return kNone;
  }

  BlockId copy_block(Body& body, BlockId block) {
    const Block range = body.source.blocks[block];
    for (ValueId i = range.first; i < range.end; ++i) {
      const Inst inst = body.source.insts[i];
      b_.set_location(inst.location != 0 ? inst.location : body.location);
      switch (inst.op) {
        case Op::Param:
        case Op::ReturnAddress:
        case Op::BlockArg:
        case Op::Const:
        case Op::Result: break;
        case Op::JumpTo: return go_to(body, inst.a, mapped(body, inst));
        case Op::Branch: {
          const ValueId condition = mapped(body, inst)[0];
          if (b_.is_constant(condition)) {
            return go_to(body, b_.number(condition).is_zero() ? inst.b : inst.a, {});
          }
          const BlockId yes = target(body, inst.a), no = target(body, inst.b);
          b_.branch(condition, yes, no);
          return kNone;
        }
        case Op::ReturnTo:
          if (body.after == kNone) {
            b_.ret(mapped(body, inst));
          } else {
            b_.jump(body.after, mapped(body, inst));
          }
          return kNone;
        case Op::CallRoutine: {
          const Values results = copy_call(body, inst);
          for (uint32_t k = 0; k < results.size(); ++k) {
            body.values[i + k] = results[k];
          }
          break;
        }
        default: body.values[i] = b_.emit(inst.op, mapped(body, inst), inst.a, inst.b); break;
      }
      if (!b_.is_open()) {
        return kNone;
      }
    }
    return kNone;
  }

  Values copy_call(Body& body, const Inst& inst) {
    Values args = mapped(body, inst);
    std::reverse(args.begin(), args.end());
    if (!inlined_[inst.a] || body.depth >= kMaxInlineDepth) {
      return b_.call(inst.a, args);
    }
    const Routine& callee = program_.routines[inst.a];
    const BlockId after = callee.returns ? b_.new_block(callee.results) : kNone;
    // The copy begins in a block of its own only where something leads back to it.
    copy_body(Routine(callee), args, after, body.depth + 1, b_.location());
    Values results;
    if (callee.returns) {
      b_.start(after);
      for (uint32_t k = 0; k < callee.results; ++k) {
        results.push_back(b_.arg(after, k));
      }
    }
    return results;
  }

  Program& program_;
  const std::vector<bool>& inlined_;
  Builder b_;
};

uint32_t own_size(const Routine& routine) {
  uint32_t size = 0;
  for (const Block& block : routine.blocks) {
    for (ValueId i = block.first; i < block.end; ++i) {
      switch (routine.insts[i].op) {
        case Op::Const:
        case Op::Param:
        case Op::ReturnAddress:
        case Op::BlockArg:
        case Op::Result:
        case Op::ReturnTo:
        case Op::CallRoutine: break;
        default: ++size;
      }
    }
  }
  return size;
}

template <class Visit>
void for_each_call(const Routine& routine, Visit&& visit) {
  for (const Block& block : routine.blocks) {
    for (ValueId i = block.first; i < block.end; ++i) {
      if (routine.insts[i].op == Op::CallRoutine) {
        visit(routine.insts[i].a);
      }
    }
  }
}

/// Strongly connected routines, callees first (Tarjan).
class Components {
 public:
  explicit Components(Program& program) : program_(program), number_(program.routines.size(), 0), low_(number_), on_stack_(number_.size(), false) {}

  std::vector<RoutineId> run() {
    enter(program_.entry);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next < frame.callees.size()) {
        const RoutineId to = frame.callees[frame.next++];
        if (to == frame.routine) {
          program_.routines[to].is_recursive = true;
        }
        if (number_[to] == 0) {
          enter(to);
        } else if (on_stack_[to]) {
          low_[frame.routine] = std::min(low_[frame.routine], number_[to]);
        }
        continue;
      }
      leave();
    }
    return order_;
  }

 private:
  struct Frame {
    RoutineId routine;
    std::vector<RoutineId> callees;
    size_t next = 0;
  };

  void enter(RoutineId id) {
    number_[id] = low_[id] = ++count_;
    stack_.push_back(id);
    on_stack_[id] = true;
    program_.routines[id].is_recursive = false;
    Frame frame{id, {}, 0};
    for_each_call(program_.routines[id], [&](RoutineId to) { frame.callees.push_back(to); });
    frames_.push_back(std::move(frame));
  }

  void leave() {
    const RoutineId id = frames_.back().routine;
    frames_.pop_back();
    if (!frames_.empty()) {
      low_[frames_.back().routine] = std::min(low_[frames_.back().routine], low_[id]);
    }
    if (low_[id] != number_[id]) {
      return;
    }
    const bool is_cycle = stack_.back() != id;
    RoutineId member = kNone;
    do {
      member = stack_.back();
      stack_.pop_back();
      on_stack_[member] = false;
      program_.routines[member].is_recursive = program_.routines[member].is_recursive || is_cycle;
      order_.push_back(member);
    } while (member != id);
  }

  Program& program_;
  std::vector<uint32_t> number_, low_;
  std::vector<bool> on_stack_;
  std::vector<RoutineId> stack_, order_;
  std::vector<Frame> frames_;
  uint32_t count_ = 0;
};

/// Without a reader the free memory pointer need not be kept.
void drop_free_pointer(Program& program, const std::vector<RoutineId>& routines) {
  const auto is_free_pointer = [&](const Routine& routine, const Inst& inst) {
    const Inst& at = routine.insts[routine.args(inst)[0]];
    return at.op == Op::Const && program.constants[at.a] == Word(0x40);
  };
  for (const RoutineId id : routines) {
    const Routine& routine = program.routines[id];
    if (routine.is_recursive) {
      return;  // its frames come from the heap
    }
    for (const Block& block : routine.blocks) {
      for (ValueId i = block.first; i < block.end; ++i) {
        if (routine.insts[i].op == Op::Mload && is_free_pointer(routine, routine.insts[i])) {
          return;
        }
      }
    }
  }
  const ConstantId zero = program.constant(0);
  for (const RoutineId id : routines) {
    Routine& routine = program.routines[id];
    for (const Block& block : routine.blocks) {
      for (ValueId i = block.first; i < block.end; ++i) {
        Inst& inst = routine.insts[i];
        if (inst.op == Op::Mstore && is_free_pointer(routine, inst)) {
          inst.op = Op::Const;
          inst.count = 0;
          inst.a = zero;
        }
      }
    }
  }
}

}  // namespace

std::vector<RoutineId> reachable_routines(Program& program) {
  std::vector<RoutineId> order = Components(program).run();
  std::reverse(order.begin(), order.end());
  return order;
}

void optimize(Program& program) {
  std::vector<RoutineId> routines = reachable_routines(program);
  std::vector<uint32_t> calls(program.routines.size(), 0), sizes(program.routines.size(), 0);
  for (const RoutineId id : routines) {
    for_each_call(program.routines[id], [&](RoutineId to) { ++calls[to]; });
  }
  std::vector<bool> inlined(program.routines.size(), false);
  for (size_t k = routines.size(); k-- > 0;) {
    const RoutineId id = routines[k];
    const Routine& routine = program.routines[id];
    sizes[id] = own_size(routine);
    for_each_call(routine, [&](RoutineId to) { sizes[id] += inlined[to] ? sizes[to] : kSmall; });
    inlined[id] = id != program.entry && !routine.is_recursive && (calls[id] == 1 || (routine.returns && sizes[id] <= kSmall));
  }
  for (const RoutineId id : routines) {
    if (!inlined[id]) {
      Routine copy = Copier(program, inlined).copy(id);
      program.routines[id] = std::move(copy);
    }
  }
  const std::vector<bool> none(program.routines.size(), false);
  routines = reachable_routines(program);
  for (const RoutineId id : routines) {
    Routine copy = Copier(program, none).copy(id);
    program.routines[id] = std::move(copy);
  }
  drop_free_pointer(program, reachable_routines(program));
}

}  // namespace omega::codegen::evm
