// SPDX-License-Identifier: Apache-2.0
// The frame of a function: what stands before its first block and at its returns, where its parameters go, how large it is in the end.
#include <cstring>

#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Type;

namespace {

constexpr int32_t probe_distance = 4096;

}  // namespace

bool needs_result_area(std::span<const ir::Type> results) {
  return (results.size() > 2) || (!results.empty() && ir::is_wide(results[0])) || (results.size() > 1 && ir::is_wide(results[1]));
}

void FunctionCompiler::prologue() {
  if (frame_kind_ == FrameKind::None) {
    return;
  }
  e_.push(Gpr::rbp);
  e_.mov(Width::w64, Gpr::rbp, Gpr::rsp);
  for (RegisterSet set = plan_.used_saved; set != 0; set &= set - 1) {
    e_.push(static_cast<Gpr>(std::countr_zero(set)));
  }
  if (frame_kind_ == FrameKind::Full) {
    constexpr int32_t mostly_short = 64;
    frame_is_short_ = !long_forms_ && plan_.frame_size <= mostly_short;
    e_.alu_imm(Alu::sub, Width::w64, Gpr::rsp, frame_is_short_ ? 0x7f : 0x7fff'ffff);
    frame_patch_ = here() - (frame_is_short_ ? 1 : 4);
  }
}

void FunctionCompiler::epilogue() {
  if (frame_kind_ != FrameKind::None) {
    int32_t at = 0;
    for (RegisterSet set = plan_.used_saved; set != 0; set &= set - 1) {
      at -= 8;
      e_.load(Width::w64, static_cast<Gpr>(std::countr_zero(set)), {Gpr::rbp, Gpr::none, 0, at});
    }
    if (frame_kind_ == FrameKind::RedZone && plan_.used_saved == 0) {
      e_.pop(Gpr::rbp);
    } else {
      e_.leave();
    }
  }
  e_.ret();
}

void FunctionCompiler::take_parameters() {
  if (needs_result_area({f_->results.data(), f_->results.size()})) {
    area_pointer_ = allocate_frame(8, 8);
    e_.store(Width::w64, frame(area_pointer_), scratch);
  }
  uint32_t general = 0, floating = 0;
  int32_t stack = 16;
  const auto count = static_cast<uint32_t>(f_->params.size());
  struct WideParameter {
    uint32_t value;
    Operand pointer;
  };
  base::PodVector<WideParameter> wide_parameters;
  for (uint32_t k = 0; k < count; ++k) {
    const Type t = f_->params[k];
    const bool used = plan_.last_use[k] != 0 || plan_.variable_of[k] != kNone;
    const bool is_float = ir::is_float(t);
    Operand source;
    bool in_register = false;
    if (is_float && floating < convention::float_arguments) {
      source.kind = Operand::InXmm;
      source.reg = static_cast<uint8_t>(floating++);
      in_register = true;
    } else if (!is_float && general < 6) {
      source.kind = Operand::InGpr;
      source.reg = static_cast<uint8_t>(convention::arguments[general++]);
      in_register = true;
    } else {
      source.kind = Operand::InMemory;
      source.memory = {Gpr::rbp, Gpr::none, 0, stack};
      stack += 8;
    }
    if (!used) {
      continue;
    }
    uses_frame_ |= !in_register;
    const uint32_t v = plan_.variable_of[k];
    if (ir::is_wide(t)) {
      if (v != kNone) {
        places_[k] = place_of(v);
      } else {
        places_[k] = {Place::InFrame, 0, allocate_wide()};
      }
      wide_parameters.push_back({k, source});
    } else if (v != kNone) {
      places_[k] = place_of(v);
      const Variable& to = plan_.variables[v];
      if (to.home == Home::Frame) {
        moves_.push_back({Move::ToMemory, 0, false, home(to), source});
      } else if (!in_register || source.reg != to.reg) {
        moves_.push_back({is_float ? Move::ToXmm : Move::ToGpr, to.reg, t == Type::F32, {}, source});
      }
    } else if (!in_register) {
      places_[k] = {Place::InFrame, 0, source.memory.displacement};
    } else if (is_float) {
      own(k, source.xmm());
    } else {
      own(k, source.gpr());
    }
  }
  for (const WideParameter& parameter : wide_parameters) {
    load_into(scratch, parameter.pointer);
    reserve_code(code_margin);
    copy_wide(wide(parameter.value), {scratch, Gpr::none, 0, 0});
  }
  do_moves();
  for (const uint32_t v : plan_.zeroed) {
    const Variable& variable = plan_.variables[v];
    reserve_code(64);
    switch (variable.home) {
      case Home::Gpr: e_.zero(variable.gpr()); break;
      case Home::Xmm: e_.fp_bits(Fp::xor_, variable.xmm(), variable.xmm()); break;
      default: zero_memory(home(variable), ir::is_wide(variable.type) ? 32 : 8);
    }
  }
  finish_instruction();
}

/// Bytes of the frame below the saved registers.
int32_t FunctionCompiler::size_below_saved() const { return ((frame_bytes_ + outgoing_bytes_ + 15) & ~15) - 8 * std::popcount(plan_.used_saved); }

void FunctionCompiler::finish_function() {
  if (frame_kind_ != FrameKind::Full) {
    return;
  }
  const int32_t size = size_below_saved();
  reserve_code(128);
  uint8_t* patch = buffer_->code.data() + frame_patch_;
  if (frame_is_short_) {
    *patch = static_cast<uint8_t>(size);
    return;
  }
  if (size + 8 * std::popcount(plan_.used_saved) < probe_distance) {
    std::memcpy(patch, &size, 4);
    return;
  }
  // A frame of more than a page is made page by page, so that the guard page is met; `sub rsp, imm32` becomes a call of seven bytes.
  const uint32_t probe = here();
  e_.pop(Gpr::rax);
  e_.mov(Width::w64, Gpr::r10, Gpr::rsp);
  e_.alu_imm(Alu::sub, Width::w64, Gpr::r10, size);
  const uint8_t* again = e_.at();
  e_.alu_imm(Alu::sub, Width::w64, Gpr::rsp, probe_distance);
  e_.alu_imm(Alu::or_, Width::w64, Mem{Gpr::rsp, Gpr::none, 0, 0}, 0);
  e_.alu(Alu::cmp, Width::w64, Gpr::rsp, Gpr::r10);
  e_.jcc_back(Condition::above, again);
  e_.mov(Width::w64, Gpr::rsp, Gpr::r10);
  e_.jmp(Gpr::rax);
  uint8_t* call = buffer_->code.data() + frame_patch_ - 3;
  const auto distance = static_cast<int32_t>(probe - (frame_patch_ - 3 + 5));
  call[0] = 0xe8;
  std::memcpy(call + 1, &distance, 4);
  call[5] = 0x66;
  call[6] = 0x90;
}

}  // namespace omega::codegen::native
