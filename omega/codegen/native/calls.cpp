// SPDX-License-Identifier: Apache-2.0
// Calls: System V registers for arguments and results; further results in an area whose address goes in r11.
#include <algorithm>

#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

constexpr uint32_t array_of_references = 1;  // OM_ARRAY_REFS
constexpr int32_t no_references = 1;         // OM_NO_REFS
constexpr int32_t loop_auto = 1;             // OM_LOOP_AUTO
constexpr int32_t loop_quiet = 2;            // OM_LOOP_QUIET

}  // namespace

int32_t FunctionCompiler::result_area(uint32_t results) {
  const auto bytes = static_cast<int32_t>(32 * results);
  if (area_bytes_ < bytes) {
    area_ = allocate_frame(bytes, 16);
    area_bytes_ = bytes;
  }
  return area_;
}

/// Adds the moves of arguments to where the callee looks for them; `general` registers are taken already.
void FunctionCompiler::pass_arguments(std::span<const uint32_t> values, uint32_t general) {
  uint32_t floating = 0;
  int32_t stack = 0;
  for (const uint32_t value : values) {
    const Type t = type(value);
    if (ir::is_float(t)) {
      if (floating < convention::float_arguments) {
        add_move(static_cast<Xmm>(floating++), value);
        continue;
      }
    } else if (general < 6) {
      add_move(convention::arguments[general++], value);
      if (ir::is_wide(t)) {
        Operand& source = moves_.back().source;
        source.kind = source.memory.base == Gpr::none ? Operand::ConstantAddress : Operand::FrameAddress;
        source.value = source.memory.displacement;
      }
      continue;
    }
    add_move(Mem{Gpr::rsp, Gpr::none, 0, stack}, value);
    if (ir::is_wide(t)) {
      Move& move = moves_.back();
      move.target = Move::ToMemory;
      move.source.kind = move.source.memory.base == Gpr::none ? Operand::ConstantAddress : Operand::FrameAddress;
      move.source.value = move.source.memory.displacement;
    }
    stack += 8;
  }
  outgoing_bytes_ = std::max(outgoing_bytes_, stack);
}

/// Saves what is in caller-saved registers and used later. Sources of moves stay where they are.
void FunctionCompiler::before_call(uint32_t i, bool operands_late) {
  const uint32_t from = operands_late ? i : i + 1;
  for (RegisterSet set = plan_.temporaries & ~free_; set != 0; set &= set - 1) {
    const uint32_t value = owner_[std::countr_zero(set)];
    if (value != kNone && plan_.last_use[value] >= from) {
      reserve_code(64);
      spill(value);
    }
  }
  for (RegisterSet set = plan_.float_temporaries & ~float_free_; set != 0; set &= set - 1) {
    const uint32_t value = float_owner_[std::countr_zero(set)];
    if (value != kNone && plan_.last_use[value] >= from) {
      reserve_code(64);
      spill(value);
    }
  }
  // Parameters may still stand in registers that become homes later.
  for (const Gpr r : convention::arguments) {
    const uint32_t value = owner_[number(r)];
    if (value != kNone && (plan_.temporaries & bit(r)) == 0 && plan_.last_use[value] >= from) {
      spill(value);
    }
  }
  for (uint32_t r = 0; r < 16; ++r) {
    const uint32_t value = float_owner_[r];
    if (value != kNone && (plan_.float_temporaries >> r & 1) == 0 && plan_.last_use[value] >= from) {
      spill(value);
    }
  }
  while (next_crossing_ < plan_.crossing_xmm.size() && plan_.variables[plan_.crossing_xmm[next_crossing_]].start < i) {
    live_floats_.push_back(plan_.crossing_xmm[next_crossing_++]);
  }
  for (size_t k = 0; k < live_floats_.size();) {
    const Variable& v = plan_.variables[live_floats_[k]];
    if (v.home != Home::Xmm || v.end <= i) {
      live_floats_[k] = live_floats_.back();
      live_floats_.pop_back();
      continue;
    }
    reserve_code(64);
    e_.fstore(true, home(v), v.xmm());
    ++k;
  }
}

/// What a call used last gives its places back.
void FunctionCompiler::release_operands(uint32_t i) {
  ir::for_each_value(*f_, insts_[i], [&](const uint32_t& value) { release(value, i); });
}

void FunctionCompiler::after_call() {
  reserve_code(1024);
  for (const uint32_t v : live_floats_) {
    e_.fload(true, plan_.variables[v].xmm(), home(plan_.variables[v]));
  }
  free_ = plan_.temporaries;
  float_free_ = plan_.float_temporaries;
  pinned_ = borrowed_ = float_pinned_ = float_borrowed_ = 0;
  for (uint32_t r = 0; r < 16; ++r) {
    owner_[r] = float_owner_[r] = kNone;
  }
}

void FunctionCompiler::call_function(ir::FunctionId f) {
  note_line(position_, true);
  e_.call();
  relocate(RelocationKind::CallFunction, f);
}

void FunctionCompiler::call_runtime_symbol(uint32_t symbol) {
  note_line(position_, true);
  e_.call();
  relocate(RelocationKind::CallRuntime, symbol);
}

/// Gives the results of the call just made their places.
void FunctionCompiler::take_results(uint32_t i) {
  const ir::Inst& in = insts_[i];
  release_operands(i);
  after_call();
  if (in.type != Type::Void && ir::is_wide(in.type)) {
    if (plan_.last_use[i] != 0 || plan_.variable_of[i] != kNone) {
      copy_wide(wide_result(i), frame(area_));
    }
  }
  // The second result's register is taken before the first one may need room.
  const uint32_t second = i + 1;
  const bool has_second =
      insts_[second].op == Op::Result && insts_[second].a == i && insts_[second].b == 1 && (plan_.last_use[second] != 0 || plan_.variable_of[second] != kNone);
  if (has_second && !ir::is_wide(insts_[second].type)) {
    if (ir::is_float(insts_[second].type)) {
      float_free_ &= ~bit(Xmm::xmm1);
      own(second, Xmm::xmm1);
    } else {
      free_ &= ~bit(Gpr::rdx);
      own(second, Gpr::rdx);
    }
  }
  if (in.type == Type::Void || ir::is_wide(in.type) || (plan_.last_use[i] == 0 && plan_.variable_of[i] == kNone)) {
    return;
  }
  if (ir::is_float(in.type)) {
    float_free_ &= ~bit(Xmm::xmm0);
    float_borrowed_ |= bit(Xmm::xmm0);
    result_in(i, Xmm::xmm0);
  } else {
    free_ &= ~bit(Gpr::rax);
    borrowed_ |= bit(Gpr::rax);
    result_in(i, Gpr::rax);
  }
}

void FunctionCompiler::call_instruction(uint32_t i) {
  const ir::Inst& in = insts_[i];
  switch (in.op) {
    case Op::Call: {
      const std::span<const Type> results = module_->results_of(in.a);
      const bool area = needs_result_area(results);
      if (area) {
        result_area(static_cast<uint32_t>(results.size()));
      }
      pass_arguments(f_->args(in), 0);
      before_call(i, false);
      do_moves();
      if (area) {
        e_.lea(scratch, frame(area_));
      }
      call_function(in.a);
      return take_results(i);
    }
    case Op::CallClosure: {
      uint32_t results = in.type == Type::Void ? 0 : 1;
      bool area = ir::is_wide(in.type);
      while (insts_[i + results].op == Op::Result && insts_[i + results].a == i && results > 0) {
        area |= results >= 2 || ir::is_wide(insts_[i + results].type);
        ++results;
      }
      if (area) {
        result_area(results);
      }
      add_move(Gpr::rdi, in.a);
      pass_arguments(f_->args(in), 1);
      before_call(i, false);
      do_moves();
      e_.test(Width::w64, Gpr::rdi, Gpr::rdi);
      link_chain(add_cold_site(i, Failure::General, {Operand::Immediate, 0, {}, static_cast<int64_t>(ir::PanicKind::NullCall)}, {}), e_.jcc(Condition::equal));
      if (area) {
        e_.lea(scratch, frame(area_));
      }
      note_line(i, true);
      e_.call(Mem{Gpr::rdi, Gpr::none, 0, 0});
      return take_results(i);
    }
    case Op::Result: {
      if (in.b == 1 && !ir::is_wide(in.type)) {
        // Stands in its register since the call, which becomes free when the value goes to a variable.
        if (plan_.variable_of[i] != kNone) {
          const Place since_call = places_[i];
          if (ir::is_float(in.type)) {
            result_in(i, static_cast<Xmm>(since_call.reg));
            float_owner_[since_call.reg] = kNone;
            float_free_ |= (1u << since_call.reg) & plan_.float_temporaries;
          } else {
            result_in(i, static_cast<Gpr>(since_call.reg));
            owner_[since_call.reg] = kNone;
            free_ |= (1u << since_call.reg) & plan_.temporaries;
          }
        }
        return;
      }
      if (plan_.last_use[i] == 0 && plan_.variable_of[i] == kNone) {
        return;
      }
      const Mem from = frame(area_ + static_cast<int32_t>(32 * in.b));
      if (ir::is_wide(in.type)) {
        copy_wide(wide_result(i), from);
      } else if (ir::is_float(in.type)) {
        const Xmm to = begin_float_result(i, kNone, 0);
        e_.fload(in.type == Type::F64, to, from);
        end_float_result(i, to);
      } else {
        const Gpr to = begin_result(i, kNone, 0);
        e_.load(Width::w64, to, from);
        end_result(i, to);
      }
      return;
    }
    case Op::CallRuntime: {
      pass_arguments(f_->args(in), 0);
      before_call(i, false);
      do_moves();
      call_runtime_symbol(in.a);
      if (ir::is_integer(in.type)) {
        canonicalize(Gpr::rax, in.type == Type::U1 ? Type::U8 : in.type);
      }
      return take_results(i);
    }
    case Op::Mod: {
      // fmod of float32 operands is exact in float64.
      if (in.type == Type::F32) {
        before_call(i, false);
        load_into(convention::float_scratch, in.b);
        load_into(Xmm::xmm0, in.a);
        e_.float_to_float(true, Xmm::xmm0, Xmm::xmm0);
        e_.float_to_float(true, Xmm::xmm1, convention::float_scratch);
        call_runtime(RuntimeSymbol::om_fmod);
        e_.float_to_float(false, Xmm::xmm0, Xmm::xmm0);
        return take_results(i);
      }
      const uint32_t values[] = {in.a, in.b};
      pass_arguments(values, 0);
      before_call(i, false);
      do_moves();
      call_runtime(RuntimeSymbol::om_fmod);
      return take_results(i);
    }
    case Op::Pow: {
      // (base, exponent, type [, overflow])
      const bool checked = (in.flags & ir::kChecked) != 0;
      add_move(Gpr::rdi, in.a);
      add_move(Gpr::rsi, in.b);
      if (ir::is_wide(type(in.b))) {
        const int32_t at = allocate_frame(8, 8);
        saturate_to_limb(in.b, at);
        moves_.back().source = {Operand::InMemory, 0, frame(at), 0};
      }
      before_call(i, false);
      do_moves();
      e_.mov_imm(Gpr::rdx, runtime_type(in.type));
      if (checked) {
        call_runtime(RuntimeSymbol::om_pow_checked);
      } else {
        const int32_t ignored = allocate_spill();
        e_.lea(Gpr::rcx, frame(ignored));
        free_spill(ignored);
        call_runtime(RuntimeSymbol::om_pow_int);
        canonicalize(Gpr::rax, in.type);
      }
      return take_results(i);
    }
    case Op::NewObject:
    case Op::ArrayNew: return allocate_object(i);
    case Op::MakeClosure: return make_closure(i);
    case Op::ParallelFor: return parallel_for(i);
    default: OMEGA_UNREACHABLE("no call");
  }
}

void FunctionCompiler::allocate_object(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool no_refs = (in.flags & ir::kNoRefs) != 0;
  if (in.op == Op::NewObject) {
    before_call(i, false);
    e_.mov_imm(Gpr::rdi, in.a);
    e_.mov_imm(Gpr::rsi, no_refs ? no_references : 0);
    call_runtime(RuntimeSymbol::om_alloc);
  } else {
    add_move(Gpr::rdi, in.a);
    before_call(i, false);
    do_moves();
    e_.mov_imm(Gpr::rsi, in.b);
    e_.mov_imm(Gpr::rdx, no_refs ? 0 : array_of_references);
    call_runtime(RuntimeSymbol::om_array_new);
  }
  take_results(i);
}

void FunctionCompiler::make_closure(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const std::span<const uint32_t> captures = f_->args(in);
  uint32_t bytes = 8;
  bool refs = false;
  for (const uint32_t value : captures) {
    bytes += ir::capture_size(type(value));
    refs |= type(value) == Type::Ref;
  }
  before_call(i, true);
  e_.mov_imm(Gpr::rdi, bytes);
  e_.mov_imm(Gpr::rsi, refs ? 0 : no_references);
  call_runtime(RuntimeSymbol::om_alloc);
  after_call();
  free_ &= ~bit(Gpr::rax);
  borrowed_ |= bit(Gpr::rax);
  pinned_ |= bit(Gpr::rax);
  e_.mov_imm32(scratch, 0);
  relocate(RelocationKind::Function, in.a);
  e_.store(Width::w64, {Gpr::rax, Gpr::none, 0, 0}, scratch);
  int32_t at = 8;
  for (const uint32_t value : captures) {
    reserve_code(1024);
    const Mem to{Gpr::rax, Gpr::none, 0, at};
    if (ir::is_wide(type(value))) {
      copy_wide(to, wide(value));
    } else if (ir::is_float(type(value))) {
      load_into(convention::float_scratch, value);
      e_.fstore(true, to, convention::float_scratch);
    } else {
      load_into(scratch, value);
      e_.store(Width::w64, to, scratch);
    }
    at += static_cast<int32_t>(ir::capture_size(type(value)));
  }
  for (const uint32_t value : captures) {  // Now only: one value may be captured twice.
    release(value, i);
  }
  if (plan_.last_use[i] != 0 || plan_.variable_of[i] != kNone) {
    result_in(i, Gpr::rax);
  }
}

// Builds the runtime's om_par_desc in the frame (runtime/omega_runtime.h has its fields).
void FunctionCompiler::parallel_for(uint32_t i) {
  const ir::ParallelForRecord& record = ir::parallel_for_record(*f_, insts_[i]);
  constexpr int32_t descriptor_bytes = 88;
  const int32_t at = allocate_frame(descriptor_bytes, 16);
  const auto field = [&](int32_t offset) { return frame(at + offset); };
  const auto put_value = [&](int32_t offset, uint32_t value) {
    if (value == kNone) {
      e_.store_imm(Width::w64, field(offset), 0);
      return;
    }
    load_into(scratch, value);
    e_.store(Width::w64, field(offset), scratch);
  };
  const auto put_function = [&](int32_t offset, ir::FunctionId f) {
    if (f == kNone) {
      e_.store_imm(Width::w64, field(offset), 0);
      return;
    }
    e_.mov_imm32(scratch, 0);
    relocate(RelocationKind::Function, f);
    e_.store(Width::w64, field(offset), scratch);
  };
  put_value(0, record.lo);
  put_value(8, record.hi);
  put_function(16, record.body);
  put_value(24, record.env);
  put_function(32, record.combine);
  put_value(40, record.neutral);
  put_value(48, record.acc);
  e_.store_imm(Width::w32, field(56), static_cast<int32_t>(record.combine == kNone ? 0 : record.acc_size));
  if (record.threads == kNone) {
    e_.store_imm(Width::w32, field(60), 0);
  } else {
    // Counts beyond the runtime's 32 bits become the largest it takes.
    load_into(scratch, record.threads);
    const Gpr limit = allocate();
    e_.mov_imm(limit, INT32_MAX);
    e_.alu(Alu::cmp, Width::w64, scratch, limit);
    e_.cmov(Condition::greater, scratch, limit);
    e_.store(Width::w32, field(60), scratch);
  }
  e_.store_imm(Width::w32, field(64), static_cast<int32_t>(record.cost));
  e_.store_imm(Width::w32, field(68), (record.is_auto != 0 ? loop_auto : 0) | (record.is_quiet != 0 ? loop_quiet : 0));
  before_call(i, false);
  e_.lea(Gpr::rdi, field(0));
  call_runtime(RuntimeSymbol::om_par_for);
  take_results(i);
}

}  // namespace omega::codegen::native
