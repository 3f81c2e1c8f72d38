// SPDX-License-Identifier: Apache-2.0
// IR to the interpreter's code. Constants are made where they are used, or folded into the instruction; a read of a slot is the
// slot's own cell while nothing writes it; a comparison that only a branch uses becomes the branch.
#include <bit>
#include <cstring>

#include "omega/interp/decoder.h"

namespace omega::interp {

namespace {

/// Kind of memory access, in the order of opcodes.def: loads U8 S8 U16 S16 U32 S32 X64 W.
uint32_t load_kind(Type type) {
  if (ir::is_wide(type)) {
    return 7;
  }
  const uint32_t sign = ir::is_signed(type) ? 1 : 0;
  switch (ir::storage_size(type)) {
    case 1: return sign;
    case 2: return 2 + sign;
    case 4: return 4 + sign;
    default: return 6;
  }
}

/// Stores U8 U16 U32 X64 W.
uint32_t store_kind(Type type) {
  if (ir::is_wide(type)) {
    return 4;
  }
  switch (ir::storage_size(type)) {
    case 1: return 0;
    case 2: return 1;
    case 4: return 2;
    default: return 3;
  }
}

bool is_lazy_constant(Op op) { return op <= Op::FunctionRef; }

}  // namespace

void Decoder::run() {
  count_uses();
  place_cells();
  fuse();
  out_.strings.reserve(f_.strings.size());
  for (const std::string& text : f_.strings) {
    auto* data = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
    out_.strings.push_back({data, static_cast<int64_t>(text.size()), static_cast<int64_t>(text.size()), 1, OM_ARRAY_STATIC});
  }
  block_at_.resize(f_.blocks.size());
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    block_at_[b] = static_cast<uint32_t>(out_.codes.size());
    block(b);
  }
  for (const uint32_t at : fixups_) {
    out_.codes[at].d = block_at_[out_.codes[at].d];
  }
  out_.frame_cells = (temp_end_ + 1) & ~1u;
  out_.code.store(out_.codes.data(), std::memory_order_release);
}

void Decoder::count_uses() {
  const size_t count = f_.insts.size();
  uses_.assign(count, 0);
  last_use_.assign(count, 0);
  escapes_.assign(count, 0);
  fused_.assign(count, 0);
  made_in_.assign(count, kNone);
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      ir::for_each_value(f_, f_.insts[i], [&](uint32_t v) {
        ++uses_[v];
        last_use_[v] = i;
        escapes_[v] |= v < f_.blocks[b].first || v >= f_.blocks[b].end;
      });
    }
  }
}

void Decoder::place_cells() {
  cell_.assign(f_.insts.size(), kNone);
  uint32_t next = 0;
  for (uint32_t i = 0; i < f_.params.size(); ++i) {
    cell_[i] = next;
    next += cells_of(f_.params[i]);
  }
  out_.slot_begin = next;
  for (const ir::Slot& slot : f_.slots) {
    slot_cell_.push_back(next);
    next += cells_of(slot.type);
  }
  out_.slot_end = next;
  for (uint32_t i = static_cast<uint32_t>(f_.params.size()); i < f_.insts.size(); ++i) {
    const Inst& inst = f_.insts[i];
    if (inst.type != Type::Void && !is_lazy_constant(inst.op) && (escapes_[i] != 0 || inst.op == Op::BlockArg)) {
      cell_[i] = next;
      next += cells_of(inst.type);
    }
  }
  temp_begin_ = next;
  temp_end_ = next;
  for (uint32_t i = 0; i < f_.insts.size(); ++i) {
    if (f_.insts[i].op == Op::StackObject) {
      // Frames are 16-byte aligned; the object's cells are kept for the whole activation.
      temp_begin_ = (temp_begin_ + 1) & ~1u;
      stack_cells_.push_back(temp_begin_);
      temp_begin_ += (f_.insts[i].a + 15) / 16 * 2;
    }
  }
  temp_end_ = temp_begin_;
}

void Decoder::fuse() {
  std::vector<uint32_t> next_set(f_.slots.size(), kNone);
  std::vector<BlockId> set_in(f_.slots.size(), kNone);
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].end; i-- > f_.blocks[b].first;) {
      const Inst& inst = f_.insts[i];
      if (inst.op == Op::CondBr) {
        const Inst& condition = f_.insts[inst.a];
        if (condition.op >= Op::Eq && condition.op <= Op::Ge && inst.a + 1 == i && uses_[inst.a] == 1 && !ir::is_float(f_.insts[condition.a].type) &&
            !ir::is_wide(f_.insts[condition.a].type)) {
          fused_[inst.a] = 1;
        }
      } else if (inst.op == Op::SlotSet) {
        next_set[inst.a] = i;
        set_in[inst.a] = b;
        const ValueId v = inst.b;
        const Op made = f_.insts[v].op;
        const bool produced_here = v + 1 == i && v >= f_.blocks[b].first && uses_[v] == 1 && !is_lazy_constant(made) && made != Op::Param &&
                                   made != Op::BlockArg && made != Op::SlotGet && made != Op::Result;
        if (produced_here) {
          cell_[v] = slot_cell_[inst.a];
          fused_[i] = 1;
        }
      } else if (inst.op == Op::SlotGet && escapes_[i] == 0) {
        if (set_in[inst.a] != b || last_use_[i] <= next_set[inst.a]) {
          cell_[i] = slot_cell_[inst.a];
          fused_[i] = 1;
        }
      }
    }
  }
}

uint32_t Decoder::use(ValueId v) {
  const Inst& inst = f_.insts[v];
  if (is_lazy_constant(inst.op)) {
    if (made_in_[v] != block_) {
      made_in_[v] = block_;
      cell_[v] = temp(cells_of(inst.type));
      emit_constant(v, cell_[v]);
    }
    return cell_[v];
  }
  return define(v);
}

void Decoder::emit_constant(ValueId v, uint32_t cell) {
  const Inst& inst = f_.insts[v];
  auto word = [&](uint64_t bits) { emit(Opcode::Const, cell, static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)); };
  auto wide = [&](const uint32_t* words) {
    emit(Opcode::ConstWide, cell, static_cast<uint32_t>(out_.lists.size()));
    out_.lists.insert(out_.lists.end(), words, words + 8);
  };
  switch (inst.op) {
    case Op::Const:
      if (ir::is_wide(inst.type)) {
        const uint32_t fill = ir::is_signed(inst.type) && ir::const_value(inst) < 0 ? kNone : 0;
        const uint32_t words[8] = {inst.b, inst.c, fill, fill, fill, fill, fill, fill};
        wide(words);
      } else {
        word(static_cast<uint64_t>(ir::const_value(inst)));
      }
      break;
    case Op::ConstWide: wide(f_.extra.data() + inst.a); break;
    case Op::ConstFloat: word(static_cast<uint64_t>(ir::const_value(inst))); break;
    case Op::ConstString: word(reinterpret_cast<uint64_t>(&out_.strings[inst.a])); break;
    default: word(reinterpret_cast<uint64_t>(&functions_[inst.a].self)); break;
  }
}

uint32_t Decoder::add_list(std::span<const uint32_t> values) {
  for (const ValueId v : values) {
    use(v);
  }
  const uint32_t at = static_cast<uint32_t>(out_.lists.size());
  out_.lists.push_back(static_cast<uint32_t>(values.size()));
  for (const ValueId v : values) {
    append_cell(v);
  }
  return at;
}

void Decoder::block(BlockId id) {
  block_ = id;
  temp_next_ = temp_begin_;
  const ir::Block& b = f_.blocks[id];
  for (uint32_t i = b.first; i + 1 < b.end; ++i) {
    at_ = i;
    if (fused_[i] == 0) {
      inst(i);
    }
  }
  at_ = b.end - 1;
  terminator(id, b.end - 1);
}

void Decoder::inst(uint32_t i) {
  const Inst& inst = f_.insts[i];
  if (is_lazy_constant(inst.op) || inst.op == Op::Param || inst.op == Op::BlockArg || inst.op == Op::Result) {
    return;
  }
  if (inst.op == Op::SlotGet) {
    move(inst.type, define(i), slot_cell_[inst.a]);
  } else if (inst.op == Op::SlotSet) {
    const Inst& value = f_.insts[inst.b];
    if (is_lazy_constant(value.op)) {
      emit_constant(inst.b, slot_cell_[inst.a]);
    } else {
      move(value.type, slot_cell_[inst.a], use(inst.b));
    }
  } else if (inst.op >= Op::Add && inst.op <= Op::Select) {
    arithmetic(i);
  } else if (inst.op == Op::Cast) {
    cast(i);
  } else if (inst.op == Op::Bitcast) {
    bitcast(i);
  } else if (inst.op <= Op::CheckThat) {
    memory(i);
  } else if (inst.op <= Op::ParallelFor) {
    call(i);
  } else {
    OMEGA_UNREACHABLE("operations of contracts run in a contract machine");
  }
}

void Decoder::memory(uint32_t i) {
  const Inst& inst = f_.insts[i];
  auto get = [&](Opcode first, uint32_t b) {
    const uint32_t a = use(inst.a);
    emit(plus(first, load_kind(inst.type)), define(i), a, b, ir::is_wide(inst.type) ? aux_of(inst.type) : 0);
  };
  auto set = [&](Opcode first, uint32_t b) {
    const Type type = f_.insts[inst.c].type;
    const uint32_t a = use(inst.a), value = use(inst.c);
    emit(plus(first, store_kind(type)), value, a, b, ir::is_wide(type) ? aux_of(type) : 0);
  };
  auto address = [&](Opcode op) {
    const uint32_t a = use(inst.a), b = use(inst.b);
    emit(op, define(i), a, b);
    emit(Opcode::Ext, 0, inst.c);
  };
  switch (inst.op) {
    case Op::Load: return get(Opcode::LoadU8, inst.b);
    case Op::Store: return set(Opcode::StoreU8, inst.b);
    case Op::ElementGet: return get(Opcode::ElemGetU8, use(inst.b));
    case Op::ElementSet: return set(Opcode::ElemSetU8, use(inst.b));
    case Op::FixedGet: return get(Opcode::FixedGetU8, use(inst.b));
    case Op::FixedSet: return set(Opcode::FixedSetU8, use(inst.b));
    case Op::ElementAddress: return address(Opcode::ElemAddress);
    case Op::FixedAddress: return address(Opcode::FixedAddress);
    case Op::FieldAddress: {
      const uint32_t a = use(inst.a);
      return emit(Opcode::AddWI, define(i), a, inst.b);
    }
    case Op::NewObject: return emit(Opcode::New, define(i), inst.a, (inst.flags & ir::kNoRefs) != 0 ? OM_NO_REFS : 0);
    case Op::StackObject: return emit(Opcode::Stack, define(i), stack_cells_[stack_next_++], inst.a);
    case Op::ArrayNew: {
      const uint32_t a = use(inst.a);
      return emit(Opcode::ArrayNew, define(i), a, inst.b, (inst.flags & ir::kNoRefs) != 0 ? 1 : 0);
    }
    case Op::ArrayLength: {
      const uint32_t a = use(inst.a);
      return emit(Opcode::ArrayLength, define(i), a);
    }
    case Op::CheckIndex: {
      const uint32_t a = use(inst.a), b = use(inst.b);
      return emit(Opcode::CheckIndex, 0, a, b);
    }
    case Op::CheckBound: return emit(Opcode::CheckBound, 0, use(inst.a), inst.b);
    case Op::CheckThat: {
      const uint32_t condition = use(inst.a), message = inst.b == kNone ? kNone : use(inst.b);
      return emit(Opcode::CheckThat, condition, message, 0, static_cast<uint16_t>(inst.c));
    }
    case Op::Atomic: {
      const uint32_t a = use(inst.a), value = use(inst.b);
      return emit(Opcode::Atomic, value, a, inst.c, aux_of(f_.insts[inst.b].type));
    }
    default: OMEGA_UNREACHABLE("not an operation on memory");
  }
}

void Decoder::call(uint32_t i) {
  const Inst& inst = f_.insts[i];
  switch (inst.op) {
    case Op::Call:
    case Op::CallClosure: {
      const uint32_t closure = inst.op == Op::CallClosure ? use(inst.a) : 0;
      std::vector<uint32_t> args;
      if (inst.op == Op::CallClosure) {
        args.push_back(inst.a);
      }
      args.insert(args.end(), f_.args(inst).begin(), f_.args(inst).end());
      const uint32_t list = add_list(args);
      const uint32_t count_at = static_cast<uint32_t>(out_.lists.size());
      out_.lists.push_back(0);
      auto result = [&](uint32_t v) {
        const uint32_t cell = define(v);
        out_.lists.push_back(cell | (ir::is_wide(f_.insts[v].type) ? kWideCell : 0));
        ++out_.lists[count_at];
      };
      if (inst.type != Type::Void) {
        result(i);
        for (uint32_t k = i + 1; f_.insts[k].op == Op::Result && f_.insts[k].a == i; ++k) {
          result(k);
        }
      }
      return emit(inst.op == Op::Call ? Opcode::Call : Opcode::CallClosure, list, inst.op == Op::Call ? inst.a : closure);
    }
    case Op::CallRuntime: {
      const uint32_t list = add_list(f_.args(inst));
      return emit(Opcode::CallRuntime, inst.type == Type::Void ? kNone : define(i), inst.a, list);
    }
    case Op::MakeClosure: {
      const uint32_t list = add_list(f_.args(inst));
      return emit(Opcode::Closure, define(i), inst.a, list);
    }
    default: {
      const ir::ParallelForRecord& r = ir::parallel_for_record(f_, inst);
      auto cell = [&](ValueId v) { return v == kNone ? kNone : use(v); };
      const uint32_t words[] = {cell(r.lo),  cell(r.hi), cell(r.threads), r.body, cell(r.env), r.combine,
                                cell(r.acc), r.acc_size, cell(r.neutral), r.cost, r.is_auto,   r.is_quiet};
      const uint32_t at = static_cast<uint32_t>(out_.lists.size());
      out_.lists.insert(out_.lists.end(), std::begin(words), std::end(words));
      return emit(Opcode::ParallelFor, at);
    }
  }
}

void Decoder::terminator(BlockId id, uint32_t i) {
  const Inst& inst = f_.insts[i];
  switch (inst.op) {
    case Op::Br: return edge(inst.a, f_.args(inst), id + 1);
    case Op::CondBr: return cond_br(id, i);
    case Op::Ret: return emit(Opcode::Return, add_list(f_.args(inst)));
    case Op::Panic: {
      const uint32_t message = inst.b == kNone ? kNone : use(inst.b);
      return emit(Opcode::Panic, 0, message, 0, static_cast<uint16_t>(inst.a));
    }
    default: return emit(Opcode::Panic, 0, kNone, 0, static_cast<uint16_t>(ir::PanicKind::Unreachable));
  }
}

namespace {

Op negated(Op op) {
  switch (op) {
    case Op::Eq: return Op::Ne;
    case Op::Ne: return Op::Eq;
    case Op::Lt: return Op::Ge;
    case Op::Le: return Op::Gt;
    case Op::Gt: return Op::Le;
    default: return Op::Lt;
  }
}

}  // namespace

void Decoder::cond_br(BlockId id, uint32_t i) {
  const Inst& inst = f_.insts[i];
  BlockId targets[2] = {};
  std::span<const uint32_t> args[2];
  uint32_t k = 0;
  ir::for_each_successor(f_, inst, [&](BlockId target, std::span<const uint32_t> list) {
    targets[k] = target;
    args[k++] = list;
  });
  // Without arguments one conditional jump is enough; the sense is chosen so that the other way may fall through.
  const bool plain = args[0].empty() && args[1].empty();
  const bool jump_on_true = plain && targets[0] != id + 1;
  materialise(args[0]);
  materialise(args[1]);
  const Inst& condition = f_.insts[inst.a];
  uint32_t at;
  if (fused_[inst.a] != 0 && condition.op != Op::SlotGet) {
    const Comparison c = integer_comparison(jump_on_true ? condition.op : negated(condition.op), condition.a, condition.b, true);
    at = static_cast<uint32_t>(out_.codes.size());
    emit(c.op, 0, c.a, c.b);
  } else {
    const uint32_t a = use(inst.a);
    at = static_cast<uint32_t>(out_.codes.size());
    emit(jump_on_true ? Opcode::JumpIf : Opcode::JumpIfNot, 0, a);
  }
  if (plain) {
    out_.codes[at].d = jump_on_true ? targets[0] : targets[1];
    fixups_.push_back(at);
    return edge(jump_on_true ? targets[1] : targets[0], {}, id + 1);
  }
  edge(targets[0], args[0], kNone);
  out_.codes[at].d = static_cast<uint32_t>(out_.codes.size());
  edge(targets[1], args[1], id + 1);
}

void Decoder::edge(BlockId target, std::span<const uint32_t> args, BlockId next) {
  // Arguments move at once: through temporaries where one of them is overwritten before it is read.
  const uint32_t first = f_.blocks[target].first;
  bool overlaps = false;
  for (uint32_t k = 0; k < args.size(); ++k) {
    for (uint32_t later = k + 1; later < args.size(); ++later) {
      overlaps = overlaps || use(args[later]) == cell_[first + k];
    }
  }
  if (!overlaps) {
    for (uint32_t k = 0; k < args.size(); ++k) {
      move(f_.insts[first + k].type, cell_[first + k], use(args[k]));
    }
  } else {
    std::vector<uint32_t> through;
    for (const ValueId v : args) {
      through.push_back(temp(cells_of(f_.insts[v].type)));
      move(f_.insts[v].type, through.back(), use(v));
    }
    for (uint32_t k = 0; k < args.size(); ++k) {
      move(f_.insts[first + k].type, cell_[first + k], through[k]);
    }
  }
  if (target != next) {
    jump(Opcode::Jump, target);
  }
}

void decode(const ir::Module& module, ir::FunctionId id, DecodedFunction* functions) { Decoder(module.functions[id], functions[id], functions).run(); }

}  // namespace omega::interp
