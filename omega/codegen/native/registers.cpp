// SPDX-License-Identifier: Apache-2.0
// Where values are: allocation, spilling, fetching operands, and where results go.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using ir::kNone;
using ir::Op;
using ir::Type;

// ---- frame ----------------------------------------------------------------------------------------------------------

int32_t FunctionCompiler::allocate_frame(int32_t bytes, int32_t alignment) {
  OMEGA_CHECK(frame_bytes_ < (1 << 30) - bytes, "frame of a function exceeds 1 GiB");
  frame_bytes_ = (frame_bytes_ + bytes + alignment - 1) & -alignment;
  uses_frame_ = true;
  return -frame_bytes_;
}

int32_t FunctionCompiler::allocate_spill() {
  if (!spills_.empty()) {
    const int32_t at = spills_.back();
    spills_.pop_back();
    return at;
  }
  return allocate_frame(8, 8);
}

int32_t FunctionCompiler::allocate_wide() {
  if (!wides_.empty()) {
    const int32_t at = wides_.back();
    wides_.pop_back();
    return at;
  }
  return allocate_frame(32, 16);
}

// ---- registers ------------------------------------------------------------------------------------------------------

Gpr FunctionCompiler::allocate(RegisterSet avoid) {
  RegisterSet set = free_ & ~avoid;
  if (set == 0) [[unlikely]] {
    set = make_room(avoid);
  }
  const RegisterSet one = set & -set;
  free_ &= ~one;
  pinned_ |= one;
  borrowed_ |= one;
  return static_cast<Gpr>(std::countr_zero(one));
}

Xmm FunctionCompiler::allocate_float() {
  RegisterSet set = float_free_;
  if (set == 0) [[unlikely]] {
    set = make_float_room();
  }
  const RegisterSet one = set & -set;
  float_free_ &= ~one;
  float_pinned_ |= one;
  float_borrowed_ |= one;
  return static_cast<Xmm>(std::countr_zero(one));
}

RegisterSet FunctionCompiler::make_room(RegisterSet avoid) {
  uint32_t victim = 16;
  for (RegisterSet set = plan_.temporaries & ~free_ & ~pinned_ & ~avoid; set != 0; set &= set - 1) {
    const auto r = static_cast<uint32_t>(std::countr_zero(set));
    if (owner_[r] != kNone && (victim == 16 || plan_.last_use[owner_[r]] > plan_.last_use[owner_[victim]])) {
      victim = r;
    }
  }
  OMEGA_CHECK(victim < 16, "an instruction needs more registers than there are");
  spill(owner_[victim]);
  return 1u << victim;
}

RegisterSet FunctionCompiler::make_float_room() {
  uint32_t victim = 16;
  for (RegisterSet set = plan_.float_temporaries & ~float_free_ & ~float_pinned_; set != 0; set &= set - 1) {
    const auto r = static_cast<uint32_t>(std::countr_zero(set));
    if (float_owner_[r] != kNone && (victim == 16 || plan_.last_use[float_owner_[r]] > plan_.last_use[float_owner_[victim]])) {
      victim = r;
    }
  }
  OMEGA_CHECK(victim < 16, "an instruction needs more vector registers than there are");
  spill(float_owner_[victim]);
  return 1u << victim;
}

void FunctionCompiler::spill(uint32_t value) {
  Place& place = places_[value];
  const int32_t at = allocate_spill();
  if (place.where == Place::InGpr) {
    e_.store(Width::w64, frame(at), static_cast<Gpr>(place.reg));
    owner_[place.reg] = kNone;
    free_ |= (1u << place.reg) & plan_.temporaries;
  } else {
    e_.fstore(true, frame(at), static_cast<Xmm>(place.reg));
    float_owner_[place.reg] = kNone;
    float_free_ |= (1u << place.reg) & plan_.float_temporaries;
  }
  place = {Place::InFrame, 0, at};
}

void FunctionCompiler::claim(Gpr r) {
  const uint32_t value = owner_[number(r)];
  if (value != kNone) {
    const RegisterSet others = free_ & ~bit(r);
    if (others != 0) {
      const auto to = static_cast<Gpr>(std::countr_zero(others));
      e_.mov(Width::w64, to, r);
      owner_[number(r)] = kNone;
      free_ &= ~bit(to);
      owner_[number(to)] = value;
      places_[value].reg = static_cast<uint8_t>(to);
    } else {
      spill(value);
    }
  }
  OMEGA_DCHECK((borrowed_ & bit(r)) == 0, "a register is claimed twice");
  free_ &= ~bit(r);
  pinned_ |= bit(r);
  borrowed_ |= bit(r);
}

void FunctionCompiler::own(uint32_t value, Gpr r) {
  owner_[number(r)] = value;
  free_ &= ~bit(r);
  borrowed_ &= ~bit(r);
  pinned_ |= bit(r);
  places_[value] = {Place::InGpr, static_cast<uint8_t>(r), 0};
}

void FunctionCompiler::own(uint32_t value, Xmm r) {
  float_owner_[number(r)] = value;
  float_free_ &= ~bit(r);
  float_borrowed_ &= ~bit(r);
  float_pinned_ |= bit(r);
  places_[value] = {Place::InXmm, static_cast<uint8_t>(r), 0};
}

void FunctionCompiler::release_place(uint32_t value) {
  Place& place = places_[value];
  switch (place.where) {
    case Place::InGpr:
      if (owner_[place.reg] == value) {
        owner_[place.reg] = kNone;
        free_ |= (1u << place.reg) & plan_.temporaries;
        place.where = Place::Nowhere;
      }
      return;
    case Place::InXmm:
      if (float_owner_[place.reg] == value) {
        float_owner_[place.reg] = kNone;
        float_free_ |= (1u << place.reg) & plan_.float_temporaries;
        place.where = Place::Nowhere;
      }
      return;
    case Place::InFrame:
      if (place.at < 0) {
        (ir::is_wide(type(value)) ? wides_ : spills_).push_back(place.at);
        place.where = Place::Nowhere;
      }
      return;
    default: return;
  }
}

// ---- fetching -------------------------------------------------------------------------------------------------------

Operand FunctionCompiler::constant_operand(const ir::Inst& made) {
  Operand o;
  switch (made.op) {
    case Op::Const: o.value = ir::const_value(made); return o;
    case Op::ConstString:
      o.kind = Operand::ConstantAddress;
      o.value = buffer_->string(f_->strings[made.a]);
      return o;
    case Op::FunctionRef:
      o.kind = Operand::ConstantAddress;
      o.value = buffer_->closure(made.a);
      return o;
    case Op::ConstFloat: {
      const auto bits = static_cast<uint64_t>(ir::const_value(made));
      o.kind = Operand::ConstantAddress;
      o.value = buffer_->word(made.type == Type::F32 ? bits & 0xffff'ffffu : bits);
      return o;
    }
    default: OMEGA_UNREACHABLE("no constant of a register");
  }
}

/// What is neither in a general register nor a short constant.
Operand FunctionCompiler::other_operand(uint32_t value) {
  Operand o;
  const Place& place = places_[value];
  switch (place.where) {
    case Place::Remade: return constant_operand(insts_[value]);
    case Place::InXmm:
    case Place::XmmVariable:
      o.kind = Operand::InXmm;
      o.reg = place.reg;
      float_pinned_ |= 1u << place.reg;
      return o;
    case Place::FrameVariable:
      o.kind = Operand::InMemory;
      o.memory = home(plan_.variables[static_cast<uint32_t>(place.at)]);
      return o;
    case Place::InFrame:
      o.kind = Operand::InMemory;
      o.memory = frame(place.at);
      return o;
    case Place::FrameAddress:
      o.kind = Operand::FrameAddress;
      o.memory = frame(place.at);
      return o;
    default: OMEGA_UNREACHABLE("a value is used that has no place");
  }
}

void FunctionCompiler::load_into(Gpr to, const Operand& from) {
  switch (from.kind) {
    case Operand::InGpr:
      if (from.gpr() != to) {
        e_.mov(Width::w64, to, from.gpr());
      }
      return;
    case Operand::InMemory: e_.load(Width::w64, to, from.memory); return;
    case Operand::Immediate: e_.mov_imm(to, static_cast<uint64_t>(from.value)); return;
    case Operand::ConstantAddress:
      e_.mov_imm32(to, 0);
      relocate(RelocationKind::Constant, static_cast<uint32_t>(from.value));
      return;
    case Operand::FrameAddress: e_.lea(to, from.memory); return;
    case Operand::InXmm: e_.move_to_gpr(Width::w64, to, from.xmm()); return;
  }
}

/// The same where no flags are waited for.
void FunctionCompiler::load_whole(Gpr to, const Operand& from) {
  if (from.kind == Operand::Immediate && from.value == 0) {
    e_.zero(to);
  } else {
    load_into(to, from);
  }
}

void FunctionCompiler::load_into(Gpr to, uint32_t value) { load_into(to, operand(value)); }

void FunctionCompiler::load_into(Xmm to, uint32_t value) {
  const Operand from = operand(value);
  const bool wide = type(value) == Type::F64;
  switch (from.kind) {
    case Operand::InXmm:
      if (from.xmm() != to) {
        e_.fmov(to, from.xmm());
      }
      return;
    case Operand::InMemory: e_.fload(wide, to, from.memory); return;
    case Operand::ConstantAddress:
      if (ir::const_value(insts_[value]) == 0) {
        e_.fp_bits(Fp::xor_, to, to);
        return;
      }
      e_.fload(wide, to, Mem{});
      relocate(RelocationKind::Constant, static_cast<uint32_t>(from.value));
      return;
    default: OMEGA_UNREACHABLE("a float is no float");
  }
}

Gpr FunctionCompiler::gpr(uint32_t value) {
  const Operand from = operand(value);
  if (from.kind == Operand::InGpr) {
    return from.gpr();
  }
  const Gpr r = allocate();
  load_into(r, from);
  if (from.kind == Operand::InMemory && places_[value].where == Place::InFrame && plan_.last_use[value] > position_) {
    if (places_[value].at < 0) {
      free_spill(places_[value].at);
    }
    own(value, r);
  }
  return r;
}

Xmm FunctionCompiler::xmm(uint32_t value) {
  if (insts_[value].op != Op::ConstFloat) {
    const Operand from = operand(value);
    if (from.kind == Operand::InXmm) {
      return from.xmm();
    }
  }
  const Xmm r = allocate_float();
  load_into(r, value);
  if (insts_[value].op != Op::ConstFloat && places_[value].where == Place::InFrame && plan_.last_use[value] > position_) {
    if (places_[value].at < 0) {
      free_spill(places_[value].at);
    }
    own(value, r);
  }
  return r;
}

RegisterSet FunctionCompiler::float_register_of(uint32_t value) {
  const Place& place = places_[value];
  return place.where == Place::InXmm || place.where == Place::XmmVariable ? 1u << place.reg : 0;
}

// ---- values that are still in their slot ----------------------------------------------------------------------------

void FunctionCompiler::save_aliases(uint32_t slot, uint32_t i) {
  for (uint32_t v = aliases_[slot].newest; v != kNone && v >= block_first_; v = alias_next_[v]) {
    if (plan_.last_use[v] <= i) {
      continue;
    }
    const Type t = type(v);
    if (ir::is_wide(t)) {
      const int32_t at = allocate_wide();
      copy_wide(frame(at), wide(v));
      places_[v] = {Place::InFrame, 0, at};
    } else if (ir::is_float(t)) {
      const Xmm r = allocate_float();
      load_into(r, v);
      own(v, r);
    } else {
      const Gpr r = allocate();
      load_into(r, v);
      own(v, r);
    }
  }
}

// Sets a variable at once: what add_variable_move and do_moves do for one move alone.
void FunctionCompiler::set_variable(const Variable& to, uint32_t value) {
  if (to.home == Home::Gpr) {
    load_whole(to.gpr(), operand(value));
  } else if (to.home == Home::Xmm) {
    load_into(to.xmm(), value);
  } else if (ir::is_wide(to.type)) {
    copy_wide(home(to), wide(value));
  } else if (insts_[value].op == Op::ConstFloat) {
    const int64_t bits = ir::const_value(insts_[value]);
    if (bits == static_cast<int32_t>(bits)) {
      e_.store_imm(Width::w64, home(to), static_cast<int32_t>(bits));
    } else {
      e_.mov_imm(convention::scratch, static_cast<uint64_t>(bits));
      e_.store(Width::w64, home(to), convention::scratch);
    }
  } else {
    const Operand from = operand(value);
    if (from.kind == Operand::InGpr) {
      e_.store(Width::w64, home(to), from.gpr());
    } else if (from.kind == Operand::InXmm) {
      e_.fstore(true, home(to), from.xmm());
    } else if (from.is_imm32()) {
      e_.store_imm(Width::w64, home(to), static_cast<int32_t>(from.value));
    } else {
      load_into(convention::scratch, from);
      e_.store(Width::w64, home(to), convention::scratch);
    }
  }
}

// ---- results --------------------------------------------------------------------------------------------------------

/// The argument of the next block as which a branch right behind instruction i passes its result. kNone where its place may still be needed.
uint32_t FunctionCompiler::argument_of(uint32_t i) const {
  const ir::Inst& branch = insts_[i + 1];
  const std::span<const uint32_t> values = f_->args(branch);
  const uint32_t first = f_->blocks[branch.a].first;
  uint32_t target = kNone;
  for (uint32_t k = 0; k < values.size(); ++k) {
    if (values[k] == i) {
      if (target != kNone) {
        return kNone;
      }
      target = plan_.variable_of[first + k];
    }
  }
  // A variable that begins with this branch may lie where another ends.
  if (target == kNone || plan_.variables[target].start >= i || ir::is_wide(type(i))) {
    return kNone;
  }
  const auto is_passed_on = [&](uint32_t value) { return value != i && places_[value].is_variable(target); };
  return std::none_of(values.begin(), values.end(), is_passed_on) ? target : kNone;
}

Gpr FunctionCompiler::begin_result(uint32_t i, uint32_t reuse, RegisterSet late) {
  const uint32_t v = target_variable(i);
  if (v != kNone) {
    const Variable& variable = plan_.variables[v];
    if (variable.home == Home::Gpr && (late & 1u << variable.reg) == 0) {
      return variable.gpr();
    }
    pending_store_ = v;
  }
  Gpr r = Gpr::none;
  if (reuse != kNone && places_[reuse].where == Place::InGpr && dies(reuse, i)) {
    const RegisterSet one = 1u << places_[reuse].reg;
    if ((one & late) == 0 && (one & plan_.temporaries) != 0 && owner_[places_[reuse].reg] == reuse) {
      r = static_cast<Gpr>(places_[reuse].reg);
      owner_[number(r)] = kNone;
      places_[reuse].where = Place::Nowhere;
      borrowed_ |= one;
    }
  }
  if (r == Gpr::none) {
    r = allocate(late);
  }
  if (v == kNone) {
    own(i, r);
  }
  return r;
}

void FunctionCompiler::store_pending(Gpr r) {
  const Variable& v = plan_.variables[pending_store_];
  if (v.home == Home::Gpr) {
    e_.mov(Width::w64, v.gpr(), r);
  } else {
    e_.store(Width::w64, home(v), r);
  }
  pending_store_ = kNone;
}

Xmm FunctionCompiler::begin_float_result(uint32_t i, uint32_t reuse, RegisterSet late) {
  const uint32_t v = target_variable(i);
  if (v != kNone) {
    const Variable& variable = plan_.variables[v];
    if (variable.home == Home::Xmm && (late & 1u << variable.reg) == 0) {
      return variable.xmm();
    }
    pending_store_ = v;
  }
  Xmm r = Xmm::none;
  if (reuse != kNone && places_[reuse].where == Place::InXmm && dies(reuse, i)) {
    const RegisterSet one = 1u << places_[reuse].reg;
    if ((one & late) == 0 && (one & plan_.float_temporaries) != 0 && float_owner_[places_[reuse].reg] == reuse) {
      r = static_cast<Xmm>(places_[reuse].reg);
      float_owner_[number(r)] = kNone;
      places_[reuse].where = Place::Nowhere;
      float_borrowed_ |= one;
    }
  }
  if (r == Xmm::none) {
    r = allocate_float();
  }
  if (v == kNone) {
    own(i, r);
  }
  return r;
}

void FunctionCompiler::end_float_result(uint32_t, Xmm r) {
  if (pending_store_ == kNone) {
    return;
  }
  const Variable& v = plan_.variables[pending_store_];
  if (v.home == Home::Xmm) {
    e_.fmov(v.xmm(), r);
  } else {
    e_.fstore(true, home(v), r);
  }
  pending_store_ = kNone;
}

void FunctionCompiler::result_in(uint32_t i, Gpr r) {
  const uint32_t v = target_variable(i);
  if (v == kNone) {
    own(i, r);
  } else {
    pending_store_ = v;
    end_result(i, r);
  }
}

void FunctionCompiler::result_in(uint32_t i, Xmm r) {
  const uint32_t v = target_variable(i);
  if (v == kNone) {
    own(i, r);
  } else {
    pending_store_ = v;
    end_float_result(i, r);
  }
}

}  // namespace omega::codegen::native
