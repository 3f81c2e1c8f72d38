// SPDX-License-Identifier: Apache-2.0
// Loads, stores, arrays, objects in the frame, atomics.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::float_scratch;
using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

constexpr int32_t array_length_offset = 8;

Width storage_width(Type t) {
  switch (ir::storage_size(t)) {
    case 1: return Width::w8;
    case 2: return Width::w16;
    case 4: return Width::w32;
    default: return Width::w64;
  }
}

}  // namespace

Mem FunctionCompiler::address(uint32_t value, int32_t offset) {
  const Operand o = operand(value);
  if (o.kind == Operand::FrameAddress) {
    Mem m = o.memory;
    m.displacement += offset;
    return m;
  }
  return {gpr(value), Gpr::none, 0, offset};
}

void FunctionCompiler::load(uint32_t i, const Mem& from) {
  const Type t = insts_[i].type;
  if (ir::is_wide(t)) {
    wide_load(i, from, t);
  } else if (ir::is_float(t)) {
    const Xmm to = begin_float_result(i, kNone, 0);
    e_.fload(t == Type::F64, to, from);
    end_float_result(i, to);
  } else {
    const Gpr to = begin_result(i, kNone, 0);
    e_.load_extend(ir::is_signed(t), storage_width(t), to, from);
    end_result(i, to);
  }
}

void FunctionCompiler::store(const Mem& to, uint32_t value) {
  const Type t = type(value);
  if (ir::is_wide(t)) {
    wide_store(to, value);
  } else if (ir::is_float(t)) {
    e_.fstore(t == Type::F64, to, xmm(value));
  } else if (is_imm32(value)) {
    e_.store_imm(storage_width(t), to, static_cast<int32_t>(ir::const_value(insts_[value])));
  } else {
    e_.store(storage_width(t), to, gpr(value));
  }
}

void FunctionCompiler::memory_instruction(uint32_t i) {
  const ir::Inst& in = insts_[i];
  switch (in.op) {
    case Op::Load: {
      const Mem from = address(in.a, static_cast<int32_t>(in.b));
      release(in.a, i);
      load(i, from);
      return;
    }
    case Op::Store:
      store(address(in.a, static_cast<int32_t>(in.b)), in.c);
      release(in.a, i);
      release(in.c, i);
      return;
    case Op::FieldAddress: {
      const Mem from = address(in.a, static_cast<int32_t>(in.b));
      const Gpr to = begin_result(i, in.a, 0);
      e_.lea(to, from);
      end_result(i, to);
      release(in.a, i);
      return;
    }
    case Op::StackObject: return stack_object(i);
    case Op::ArrayLength: return array_length(i);
    case Op::CheckIndex: return check_index(i);
    case Op::CheckBound: return check_bound(i);
    case Op::ElementGet:
    case Op::ElementSet:
    case Op::ElementAddress: return element_access(i, in.a, in.b, false);
    case Op::FixedGet:
    case Op::FixedSet:
    case Op::FixedAddress: return element_access(i, in.a, in.b, true);
    case Op::Atomic: return atomic(i);
    default: OMEGA_UNREACHABLE("no memory instruction");
  }
}

// ---- arrays ---------------------------------------------------------------------------------------------------------

void FunctionCompiler::array_length(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Gpr array = gpr(in.a);
  const Gpr to = begin_result(i, kNone, bit(array));
  e_.zero(to);
  e_.test(Width::w64, array, array);
  uint8_t* null = e_.jcc_short(Condition::equal);
  e_.load(Width::w64, to, {array, Gpr::none, 0, array_length_offset});
  e_.patch_short(null);
  end_result(i, to);
  release(in.a, i);
}

void FunctionCompiler::check_index(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Gpr array = gpr(in.b);
  Operand index = operand(in.a);
  if (index.kind != Operand::InGpr && !index.is_imm32()) {
    index = {Operand::InGpr, static_cast<uint8_t>(gpr(in.a)), {}, 0};
  }
  const Operand array_operand{Operand::InGpr, static_cast<uint8_t>(array), {}, 0};
  const Mem length{array, Gpr::none, 0, array_length_offset};
  e_.test(Width::w64, array, array);
  fail_index_if(Condition::equal, Failure::IndexOfArray, i, index, array_operand);
  if (index.kind == Operand::InGpr) {
    e_.alu(Alu::cmp, Width::w64, index.gpr(), length);
    fail_index_if(Condition::above_equal, Failure::IndexOfArray, i, index, array_operand);
  } else {
    e_.alu_imm(Alu::cmp, Width::w64, length, static_cast<int32_t>(index.value));
    fail_index_if(Condition::below_equal, Failure::IndexOfArray, i, index, array_operand);
  }
  release(in.a, i);
  release(in.b, i);
}

void FunctionCompiler::check_bound(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const auto bound = static_cast<int64_t>(in.b);
  const Operand bound_operand{Operand::Immediate, 0, {}, bound};
  const Gpr index = gpr(in.a);
  if (bound <= INT32_MAX) {
    e_.alu_imm(Alu::cmp, Width::w64, index, static_cast<int32_t>(bound));
  } else {
    e_.mov_imm(scratch, static_cast<uint64_t>(bound));
    e_.alu(Alu::cmp, Width::w64, index, scratch);
  }
  fail_index_if(Condition::above_equal, Failure::IndexOfLength, i, {Operand::InGpr, static_cast<uint8_t>(index), {}, 0}, bound_operand);
  release(in.a, i);
}

Mem FunctionCompiler::element(uint32_t array, uint32_t index, uint32_t size, bool fixed, Gpr data) {
  Mem m;
  if (fixed) {
    m = address(array, 0);
  } else {
    e_.load(Width::w64, data, {gpr(array), Gpr::none, 0, 0});
    m = {data, Gpr::none, 0, 0};
  }
  if (is_imm32(index)) {
    const int64_t offset = ir::const_value(insts_[index]) * static_cast<int64_t>(size) + m.displacement;
    if (offset == static_cast<int32_t>(offset)) {
      m.displacement = static_cast<int32_t>(offset);
      return m;
    }
  }
  if (size <= 8 && std::has_single_bit(size)) {
    m.index = gpr(index);
    m.scale = static_cast<uint8_t>(std::countr_zero(size));
    return m;
  }
  const Operand o = operand(index);
  if (std::has_single_bit(size)) {
    load_into(scratch, o);
    e_.shift_imm(Shift::shl, Width::w64, scratch, static_cast<uint8_t>(std::countr_zero(size)));
  } else if (o.kind == Operand::InGpr) {
    e_.imul_imm(Width::w64, scratch, o.gpr(), static_cast<int32_t>(size));
  } else {
    load_into(scratch, o);
    e_.imul_imm(Width::w64, scratch, scratch, static_cast<int32_t>(size));
  }
  m.index = scratch;
  return m;
}

void FunctionCompiler::element_access(uint32_t i, uint32_t array, uint32_t index, bool fixed) {
  const ir::Inst& in = insts_[i];
  const bool is_set = in.op == Op::ElementSet || in.op == Op::FixedSet;
  const bool is_address = in.op == Op::ElementAddress || in.op == Op::FixedAddress;
  const uint32_t size = is_address ? in.c : ir::storage_size(is_set ? type(in.c) : in.type);
  const Gpr data = fixed ? Gpr::none : allocate();
  const Mem at = element(array, index, size, fixed, data);
  if (is_set) {
    store(at, in.c);
    release(in.c, i);
  } else if (is_address) {
    const Gpr to = begin_result(i, kNone, 0);
    e_.lea(to, at);
    end_result(i, to);
  } else {
    load(i, at);
  }
  release(array, i);
  release(index, i);
}

// ---- frame ----------------------------------------------------------------------------------------------------------

void FunctionCompiler::zero_memory(const Mem& at, int32_t bytes) {
  constexpr int32_t longest_unrolled = 128;
  Mem m = at;
  if (bytes <= 8) {
    e_.store_imm(Width::w64, m, 0);
    return;
  }
  e_.fp_bits(Fp::xor_, float_scratch, float_scratch);
  if (bytes <= longest_unrolled) {
    for (int32_t k = 0; k < bytes; k += 16) {
      e_.store16(m, float_scratch);
      m.displacement += 16;
    }
    return;
  }
  const int32_t rounded = (bytes + 15) & ~15;
  e_.mov_imm(scratch, static_cast<uint64_t>(static_cast<int64_t>(-rounded)));
  const uint8_t* again = e_.at();
  m.index = scratch;
  m.displacement += rounded;
  e_.store16(m, float_scratch);
  e_.alu_imm(Alu::add, Width::w64, scratch, 16);
  e_.jcc_back(Condition::not_equal, again);
}

void FunctionCompiler::stack_object(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const auto bytes = static_cast<int32_t>((in.a + 15) & ~15u);
  OMEGA_CHECK(in.a < (1u << 29), "an object in a frame exceeds 512 MiB");
  const int32_t at = allocate_frame(bytes == 0 ? 16 : bytes, 16);
  places_[i] = {Place::FrameAddress, 0, at};
  if (bytes != 0) {
    if (in.a <= 8) {
      e_.store_imm(Width::w64, frame(at), 0);
    } else {
      zero_memory(frame(at), bytes);
    }
  }
}

// ---- atomics --------------------------------------------------------------------------------------------------------

void FunctionCompiler::atomic(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Type t = type(in.b);
  if (ir::is_wide(t)) {
    unsupported(i);
    return;
  }
  const auto op = static_cast<ir::AtomicOp>(in.c);
  const Width w = storage_width(t);
  const uint32_t bits = ir::bit_width(t);
  const bool whole = bits == static_cast<uint32_t>(w);
  const bool bitwise = op == ir::AtomicOp::And || op == ir::AtomicOp::Or || op == ir::AtomicOp::Xor;
  const Alu alu = op == ir::AtomicOp::Add   ? Alu::add
                  : op == ir::AtomicOp::Sub ? Alu::sub
                  : op == ir::AtomicOp::And ? Alu::and_
                  : op == ir::AtomicOp::Or  ? Alu::or_
                                            : Alu::xor_;
  const bool min_max = op == ir::AtomicOp::Min || op == ir::AtomicOp::Max;
  if (!min_max && (whole || bitwise)) {
    const Mem at = address(in.a, 0);
    e_.lock_alu(alu, w, at, gpr(in.b));
    release(in.a, i);
    release(in.b, i);
    return;
  }
  // Read, compute, and try to exchange until nobody came between.
  claim(Gpr::rax);
  const Mem at = address(in.a, 0);
  const Gpr value = gpr(in.b);
  e_.load_extend(ir::is_signed(t), w, Gpr::rax, at);
  const uint8_t* again = e_.at();
  if (w == Width::w64) {
    e_.mov(Width::w64, scratch, Gpr::rax);
  } else {
    e_.extend(ir::is_signed(t), w, scratch, Gpr::rax);
  }
  if (min_max) {
    const bool smaller = op == ir::AtomicOp::Min;
    const bool sign = ir::is_signed(t);
    e_.alu(Alu::cmp, Width::w64, value, scratch);
    e_.cmov(smaller ? (sign ? Condition::less : Condition::below) : (sign ? Condition::greater : Condition::above), scratch, value);
  } else {
    e_.alu(alu, Width::w64, scratch, value);
    canonicalize(scratch, t);
  }
  e_.lock_cmpxchg(w, at, scratch);
  e_.jcc_back(Condition::not_equal, again);
  release(in.a, i);
  release(in.b, i);
}

}  // namespace omega::codegen::native
