// SPDX-License-Identifier: Apache-2.0
// Moves that happen at once: arguments of calls and blocks, parameters, results. Memory first, then registers among themselves (cycles
// by exchange), then what comes from memory and constants.
#include <algorithm>

#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::float_scratch;
using convention::scratch;
using ir::Op;
using ir::Type;

Operand FunctionCompiler::move_source(uint32_t value) {
  if (ir::is_wide(type(value))) {
    Operand o;
    o.kind = Operand::InMemory;
    o.memory = wide(value);
    return o;
  }
  return operand(value);
}

void FunctionCompiler::add_move(Gpr to, uint32_t value) { moves_.push_back({Move::ToGpr, static_cast<uint8_t>(to), false, {}, move_source(value)}); }

void FunctionCompiler::add_move(Xmm to, uint32_t value) {
  Operand source = move_source(value);
  if (source.kind == Operand::ConstantAddress && ir::const_value(insts_[value]) == 0) {
    source.kind = Operand::Immediate;
    source.value = 0;
  }
  moves_.push_back({Move::ToXmm, static_cast<uint8_t>(to), type(value) == Type::F32, {}, source});
}

void FunctionCompiler::add_move(const Mem& to, uint32_t value) {
  Operand source = move_source(value);
  const Move::Target target = ir::is_wide(type(value)) ? Move::ToWide : Move::ToMemory;
  if (insts_[value].op == Op::ConstFloat) {
    source.kind = Operand::Immediate;
    source.value = ir::const_value(insts_[value]);
  }
  moves_.push_back({target, 0, false, to, source});
}

void FunctionCompiler::add_variable_move(const Variable& to, uint32_t value) {
  switch (to.home) {
    case Home::Gpr: add_move(to.gpr(), value); break;
    case Home::Xmm: add_move(to.xmm(), value); break;
    case Home::Frame: add_move(home(to), value); break;
    case Home::None: OMEGA_UNREACHABLE("a variable without a home");
  }
  const Move& move = moves_.back();
  const bool to_itself = (move.target == Move::ToGpr && move.source.kind == Operand::InGpr && move.source.reg == move.reg) ||
                         (move.target == Move::ToXmm && move.source.kind == Operand::InXmm && move.source.reg == move.reg) ||
                         (move.target >= Move::ToMemory && move.source.kind == Operand::InMemory && move.source.memory.base == Gpr::rbp &&
                          move.source.memory.displacement == move.memory.displacement);
  if (to_itself) {
    moves_.pop_back();
  }
}

void FunctionCompiler::copy_wide(const Mem& to, const Mem& from) {
  for (int32_t half = 0; half < 32; half += 16) {
    Mem source = from;
    source.displacement += half;
    Mem target = to;
    target.displacement += half;
    e_.load16(float_scratch, source);
    if (from.base == Gpr::none) {
      relocate(RelocationKind::Constant, static_cast<uint32_t>(source.displacement));
    }
    e_.store16(target, float_scratch);
  }
}

void FunctionCompiler::protect_overwritten_sources() {
  base::PodVector<int32_t>& targets = spill_targets_;
  targets.clear();
  bool reads_memory = false;
  for (const Move& move : moves_) {
    if (move.target >= Move::ToMemory && move.memory.base == Gpr::rbp) {
      targets.push_back(move.memory.displacement);
    }
    reads_memory |= move.source.kind == Operand::InMemory;
  }
  if (targets.empty() || !reads_memory) {
    return;
  }
  std::sort(targets.begin(), targets.end());
  for (Move& move : moves_) {
    if (move.source.kind != Operand::InMemory || move.source.memory.base != Gpr::rbp ||
        !std::binary_search(targets.begin(), targets.end(), move.source.memory.displacement)) {
      continue;
    }
    reserve_code(64);
    if (move.target == Move::ToWide) {
      const int32_t at = allocate_frame(32, 16);
      copy_wide(frame(at), move.source.memory);
      move.source.memory = frame(at);
    } else {
      const int32_t at = allocate_frame(8, 8);
      e_.load(Width::w64, scratch, move.source.memory);
      e_.store(Width::w64, frame(at), scratch);
      move.source.memory = frame(at);
    }
  }
}

void FunctionCompiler::move_to_memory(const Move& move) {
  const Operand& from = move.source;
  if (move.target == Move::ToWide) {
    copy_wide(move.memory, from.memory);
    return;
  }
  switch (from.kind) {
    case Operand::InGpr: e_.store(Width::w64, move.memory, from.gpr()); return;
    case Operand::InXmm: e_.fstore(true, move.memory, from.xmm()); return;
    case Operand::Immediate:
      if (from.is_imm32()) {
        e_.store_imm(Width::w64, move.memory, static_cast<int32_t>(from.value));
        return;
      }
      [[fallthrough]];
    default: load_into(scratch, from); e_.store(Width::w64, move.memory, scratch);
  }
}

void FunctionCompiler::do_moves() {
  if (moves_.empty()) {
    return;
  }
  reserve_code(moves_.size() * 64 + 256);
  protect_overwritten_sources();
  reserve_code(moves_.size() * 64 + 256);
  for (const Move& move : moves_) {
    if (move.target >= Move::ToMemory) {
      move_to_memory(move);
    }
  }
  do_general_moves();
  do_float_moves();
  moves_.clear();
}

void FunctionCompiler::do_general_moves() {
  uint8_t source_of[16];
  uint8_t readers[16] = {};
  RegisterSet pending = 0;
  for (const Move& move : moves_) {
    if (move.target == Move::ToGpr && move.source.kind == Operand::InGpr && move.reg != move.source.reg) {
      source_of[move.reg] = move.source.reg;
      ++readers[move.source.reg];
      pending |= 1u << move.reg;
    }
  }
  while (pending != 0) {
    bool moved = false;
    for (RegisterSet set = pending; set != 0; set &= set - 1) {
      const auto to = static_cast<uint32_t>(std::countr_zero(set));
      if (readers[to] == 0) {
        e_.mov(Width::w64, static_cast<Gpr>(to), static_cast<Gpr>(source_of[to]));
        --readers[source_of[to]];
        pending &= ~(1u << to);
        moved = true;
      }
    }
    if (!moved) {
      // Only cycles are left, each register read once: after the exchange `to` is done and its reader finds its value in `from`.
      const auto to = static_cast<uint32_t>(std::countr_zero(pending));
      const uint32_t from = source_of[to];
      e_.xchg(static_cast<Gpr>(to), static_cast<Gpr>(from));
      pending &= ~(1u << to);
      readers[to] = readers[from] = 0;
      for (RegisterSet set = pending; set != 0; set &= set - 1) {
        const auto reader = static_cast<uint32_t>(std::countr_zero(set));
        if (source_of[reader] == to) {
          source_of[reader] = static_cast<uint8_t>(from);
          if (reader == from) {
            pending &= ~(1u << from);
          } else {
            readers[from] = 1;
          }
        }
      }
    }
  }
  for (const Move& move : moves_) {
    if (move.target == Move::ToGpr && move.source.kind != Operand::InGpr) {
      load_whole(static_cast<Gpr>(move.reg), move.source);
    }
  }
}

void FunctionCompiler::do_float_moves() {
  uint8_t source_of[16];
  uint8_t readers[16] = {};
  RegisterSet pending = 0;
  for (const Move& move : moves_) {
    if (move.target == Move::ToXmm && move.source.kind == Operand::InXmm && move.reg != move.source.reg) {
      source_of[move.reg] = move.source.reg;
      ++readers[move.source.reg];
      pending |= 1u << move.reg;
    }
  }
  while (pending != 0) {
    bool moved = false;
    for (RegisterSet set = pending; set != 0; set &= set - 1) {
      const auto to = static_cast<uint32_t>(std::countr_zero(set));
      if (readers[to] == 0) {
        e_.fmov(static_cast<Xmm>(to), static_cast<Xmm>(source_of[to]));
        --readers[source_of[to]];
        pending &= ~(1u << to);
        moved = true;
      }
    }
    if (!moved) {
      // A cycle: park one target's value in the scratch register and let its reader take it from there.
      const auto to = static_cast<uint32_t>(std::countr_zero(pending));
      e_.fmov(float_scratch, static_cast<Xmm>(to));
      for (RegisterSet set = pending; set != 0; set &= set - 1) {
        const auto reader = static_cast<uint32_t>(std::countr_zero(set));
        if (source_of[reader] == to) {
          source_of[reader] = static_cast<uint8_t>(float_scratch);
          --readers[to];
          ++readers[number(float_scratch)];
        }
      }
    }
  }
  for (const Move& move : moves_) {
    if (move.target != Move::ToXmm || move.source.kind == Operand::InXmm) {
      continue;
    }
    const auto to = static_cast<Xmm>(move.reg);
    switch (move.source.kind) {
      case Operand::Immediate: e_.fp_bits(Fp::xor_, to, to); break;
      case Operand::ConstantAddress:
        e_.fload(!move.is_float32, to, Mem{});
        relocate(RelocationKind::Constant, static_cast<uint32_t>(move.source.value));
        break;
      default: e_.fload(!move.is_float32, to, move.source.memory);
    }
  }
}

}  // namespace omega::codegen::native
