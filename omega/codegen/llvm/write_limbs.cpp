// SPDX-License-Identifier: Apache-2.0
// Sums, differences and comparisons of numbers of several limbs, for machines that have neither a carry nor a comparison whose result is a value: there a
// carry is which of two blocks comes next, and numbers are told apart at the first limb, from the top, in which they differ.
#include <array>

#include "omega/codegen/llvm/function_writer.h"
#include "omega/codegen/llvm/panic_codes.h"

namespace omega::codegen::llvm {

using ir::Inst;
using ir::Op;

namespace {

constexpr uint32_t kLimbBits = 64;
constexpr uint32_t kMostLimbs = 4;

std::string_view limb_predicate(Op op, bool is_signed) {
  switch (op) {
    case Op::Lt: return is_signed ? "slt i64 " : "ult i64 ";
    case Op::Le: return is_signed ? "sle i64 " : "ule i64 ";
    case Op::Gt: return is_signed ? "sgt i64 " : "ugt i64 ";
    default: return is_signed ? "sge i64 " : "uge i64 ";
  }
}

}  // namespace

/// Whether numbers of the type are dealt with here.
bool FunctionWriter::goes_by_limbs(ir::Type type) const {
  const uint32_t bits = type == ir::Type::Ref ? 0 : ir::bit_width(type);
  return program_.target().keeps_no_comparisons && bits > kLimbBits && bits % kLimbBits == 0;
}

std::string FunctionWriter::limb(ValueId v, uint32_t k) {
  const std::string whole = k == 0 ? typed(v) : type_text(type_of(v)) + " " + assign("lshr ", typed(v), ", ", std::to_string(k * kLimbBits));
  return assign("trunc ", whole, " to i64");
}

/// `a + b` or `a - b`, unsigned. For each limb but the lowest there are two blocks: without and with a carry from below.
void FunctionWriter::add_or_subtract_limbs(uint32_t i, bool is_checked) {
  const Inst& in = f_.insts[i];
  const bool is_sum = in.op == Op::Add;
  const std::string type = type_text(in.type);
  const uint32_t count = ir::bit_width(in.type) / kLimbBits;
  std::array<std::string, kMostLimbs> a, b;
  for (uint32_t k = 0; k < count; ++k) {
    a[k] = limb(in.a, k);
    b[k] = limb(in.b, k);
  }
  Limbs constant_b;
  const bool is_constant = constant(in.b, constant_b);
  // The limbs so far as they are known in each of the two blocks before.
  std::array<std::array<std::string, kMostLimbs>, 2> done;
  std::array<uint32_t, 2> before = {current_block_, current_block_};
  std::array<uint32_t, 2> next = {next_block_, next_block_ + 1};
  const uint32_t end = next_block_ + 2 * (count - 1);
  next_block_ = end + 1;
  const auto merge = [&](std::array<std::string, kMostLimbs>& to, uint32_t from, uint32_t limbs, const auto& known) {
    for (uint32_t k = from; k < limbs; ++k) {
      to[k] = assign("phi i64 [ ", known[0][k], ", %", label(before[0]), " ], [ ", known[1][k], ", %", label(before[1]), " ]");
    }
  };
  /// The limb k with the carry from below, and whether there is none to the next limb.
  const auto step = [&](uint32_t k, bool has_carry, std::string& result) -> std::string {
    if (is_constant && constant_b.limb[k] == 0 && !has_carry) {
      result = a[k];
      return "true";
    }
    result = assign(is_sum ? "add i64 " : "sub i64 ", a[k], ", ", b[k]);
    result = has_carry ? assign(is_sum ? "add i64 " : "sub i64 ", result, ", 1") : result;
    if (is_sum) {
      // LLVM must not see that this is a sum, or it asks for the carry as a value.
      result = assign("call i64 asm \"\", \"=r,0\"(i64 ", result, ") nounwind memory(none)");
    }
    return assign("icmp ", has_carry ? "ugt i64 " : "uge i64 ", is_sum ? result : a[k], ", ", is_sum ? a[k] : b[k]);
  };
  std::string fits = step(0, false, done[0][0]);
  done[1][0] = done[0][0];
  line("br i1 ", fits, ", label %", label(next[0]), ", label %", label(next[1]), ", !prof !0");
  for (uint32_t k = 1; k < count; ++k) {
    const std::array<std::array<std::string, kMostLimbs>, 2> known = done;
    const bool is_last = k + 1 == count;
    const std::array<uint32_t, 2> here = next;
    next = {here[0] + 2, here[1] + 2};
    for (const bool has_carry : {false, true}) {
      begin_block(here[has_carry]);
      if (k > 1) {
        merge(done[has_carry], 1, k, known);
      }
      fits = step(k, has_carry, done[has_carry][k]);
      if (!is_last) {
        line("br i1 ", fits, ", label %", label(next[0]), ", label %", label(next[1]), ", !prof !0");
      } else if (is_checked) {
        panics_[kOverflowPanic] = true;
        line("br i1 ", fits, ", label %", label(end), ", label %panic", std::to_string(kOverflowPanic), ", !prof !0");
      } else {
        line("br label %", label(end));
      }
    }
    before = here;
  }
  begin_block(end);
  const std::array<std::array<std::string, kMostLimbs>, 2> known = done;
  merge(done[0], 1, count, known);
  std::string sum = assign("zext i64 ", done[0][0], " to ", type);
  for (uint32_t k = 1; k < count; ++k) {
    const std::string moved = assign("shl ", type, " ", assign("zext i64 ", done[0][k], " to ", type), ", ", std::to_string(k * kLimbBits));
    if (k + 1 == count) {
      line(name(i), " = or ", type, " ", sum, ", ", moved);
    } else {
      sum = assign("or ", type, " ", sum, ", ", moved);
    }
  }
}

/// `<`, `<=`, `>`, `>=`.
void FunctionWriter::compare_limbs(uint32_t i) {
  const Inst& in = f_.insts[i];
  const bool is_signed = ir::is_signed(type_of(in.a));
  const uint32_t count = ir::bit_width(type_of(in.a)) / kLimbBits;
  const uint32_t end = next_block_++;
  std::string ways;
  for (uint32_t k = count; k-- > 0;) {
    const std::string a = limb(in.a, k), b = limb(in.b, k);
    if (k > 0) {
      const uint32_t differs = next_block_++, same = next_block_++;
      line("br i1 ", assign("icmp eq i64 ", a, ", ", b), ", label %", label(same), ", label %", label(differs), ", !prof !0");
      begin_block(differs);
      ways += "[ " + assign("icmp ", limb_predicate(in.op, is_signed && k + 1 == count), a, ", ", b) + ", %" + label(differs) + " ], ";
      line("br label %", label(end));
      begin_block(same);
    } else {
      ways += "[ " + assign("icmp ", limb_predicate(in.op, false), a, ", ", b) + ", %" + label(current_block_) + " ]";
      line("br label %", label(end));
    }
  }
  begin_block(end);
  line(name(i), " = phi i1 ", ways);
}

}  // namespace omega::codegen::llvm
