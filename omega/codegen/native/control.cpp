// SPDX-License-Identifier: Apache-2.0
// Branches, returns, failures.
#include <cstring>

#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

/// Code of at most so many bytes, as FunctionPlan guesses it, is most likely short enough to jump over with one byte.
constexpr uint32_t near_bytes = 104;
/// Loops of at most so many bytes, as FunctionPlan guesses it, end with their test.
constexpr uint32_t short_loop = 80;

}  // namespace

// ---- places in the code ---------------------------------------------------------------------------------------------

// A chain of jumps to one place runs through their distance fields; 0 ends it.
void FunctionCompiler::link_chain(uint32_t& chain, uint8_t* site) {
  std::memcpy(site, &chain, 4);
  chain = offset_of(site);
}

void FunctionCompiler::patch_chain(uint32_t chain, uint32_t target) {
  uint8_t* code = buffer_->code.data();
  while (chain != 0) {
    uint32_t next;
    std::memcpy(&next, code + chain, 4);
    Encoder::patch(code + chain, code + target);
    chain = next;
  }
}

/// Whether a short jump from the end of this block will most likely reach a block that is not yet there. Where one does not, the function is compiled
/// again without.
bool FunctionCompiler::is_near(uint32_t block) const { return !long_forms_ && plan_.code_before[block] - plan_.code_before[block_ + 1] <= near_bytes; }

/// Whether one from this block will most likely reach the failures at the function's end.
bool FunctionCompiler::is_near_end() const { return !long_forms_ && plan_.code_before.back() - plan_.code_before[block_] <= near_bytes; }

// Short jumps to one place are a chain too: each one's byte is the distance from the one before; 0 ends it.
void FunctionCompiler::link_near(uint32_t block, uint8_t* site) {
  const uint32_t at = offset_of(site), distance = near_[block] == 0 ? 0 : at - near_[block];
  too_far_ |= distance > 127;
  *site = static_cast<uint8_t>(distance);
  near_[block] = at;
}

void FunctionCompiler::bind(uint32_t block) {
  uint8_t* const code = buffer_->code.data();
  for (uint32_t site = near_[block]; site != 0 && !too_far_;) {
    const uint8_t before = code[site];
    const uint32_t distance = here() - (site + 1);
    too_far_ |= distance > 127;
    code[site] = static_cast<uint8_t>(distance);
    site = before == 0 ? 0 : site - before;
  }
  patch_chain(labels_[block], here());
  labels_[block] = here();
  bound_[block] = 1;
}

void FunctionCompiler::jump_to(uint32_t block) {
  if (bound_[block]) {
    e_.jmp_back(buffer_->code.data() + labels_[block]);
  } else if (is_near(block)) {
    link_near(block, e_.jmp_short());
  } else {
    link_chain(labels_[block], e_.jmp());
  }
}

void FunctionCompiler::jump_to_if(Condition c, uint32_t block) {
  if (bound_[block]) {
    e_.jcc_back(c, buffer_->code.data() + labels_[block]);
  } else if (is_near(block)) {
    link_near(block, e_.jcc_short(c));
  } else {
    link_chain(labels_[block], e_.jcc(c));
  }
}

// ---- failures -------------------------------------------------------------------------------------------------------

/// A new failure; gives the chain of the jumps to it.
uint32_t& FunctionCompiler::add_cold_site(uint32_t i, Failure failure) {
  cold_.push_back({0, i, line_of(f_->locations[i]), kNone, failure, false});
  return cold_.back().site;
}

uint32_t& FunctionCompiler::add_cold_site(uint32_t i, Failure failure, const Operand& first, const Operand& second) {
  uint32_t& site = add_cold_site(i, failure);
  cold_.back().arguments = static_cast<uint32_t>(cold_arguments_.size());
  cold_arguments_.push_back({first, second});
  return site;
}

void FunctionCompiler::fail_if(Condition c, Failure failure, uint32_t i) {
  if (failure == Failure::Overflow && is_near_end()) {
    add_cold_site(i, failure) = offset_of(e_.jcc_short(c));
    cold_.back().is_near = true;
    return;
  }
  uint8_t* site = e_.jcc(c);
  if (!cold_.empty()) {
    ColdSite& last = cold_.back();
    if (last.failure == failure && failure <= Failure::Cast && !last.is_near && f_->locations[last.position] == f_->locations[i]) {
      link_chain(last.site, site);
      return;
    }
  }
  link_chain(add_cold_site(i, failure), site);
}

void FunctionCompiler::fail_index_if(Condition c, Failure failure, uint32_t i, const Operand& index, const Operand& bound) {
  uint8_t* site = e_.jcc(c);
  if (!cold_.empty() && cold_.back().position == i && cold_.back().failure == failure) {
    link_chain(cold_.back().site, site);
    return;
  }
  link_chain(add_cold_site(i, failure, index, bound), site);
}

void FunctionCompiler::check_that(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Operand message = in.b != kNone ? operand(in.b) : Operand{};
  uint32_t failing = 0;
  if (!is_const(in.a)) {
    jump_if_false(in.a, i, failing);
  } else if (ir::const_value(insts_[in.a]) == 0) {
    link_chain(failing, e_.jmp());
  }
  if (failing != 0) {
    add_cold_site(i, Failure::General, {Operand::Immediate, 0, {}, static_cast<int64_t>(in.c)}, message) = failing;
  }
  if (in.b != kNone) {
    release(in.b, i);
  }
}

/// Jumps where `value` (u1, perhaps a comparison fused with this instruction) is false; the jumps join `false_chain`.
void FunctionCompiler::jump_if_false(uint32_t value, uint32_t i, uint32_t& false_chain) {
  bool inverted = false;
  uint32_t v = value;
  const auto is_fused = [&] { return places_[v].where == Place::Fused; };
  if (is_fused() && insts_[v].op == Op::Not) {
    inverted = true;
    v = insts_[v].a;
  }
  Condition condition = Condition::not_equal;
  if (is_fused()) {
    if (ir::is_float(type(insts_[v].a))) {
      const FloatCondition c = compare_floats(v);
      if (c.and_not_parity) {
        if (inverted) {
          // true when unordered or not equal
          uint8_t* unordered = e_.jcc_short(Condition::parity);
          link_chain(false_chain, e_.jcc(c.condition));
          e_.patch_short(unordered);
        } else {
          link_chain(false_chain, e_.jcc(Condition::parity));
          link_chain(false_chain, e_.jcc(inverse(c.condition)));
        }
        return;
      }
      if (c.or_parity) {
        if (inverted) {
          link_chain(false_chain, e_.jcc(Condition::parity));
          link_chain(false_chain, e_.jcc(c.condition));
        } else {
          uint8_t* unordered = e_.jcc_short(Condition::parity);
          link_chain(false_chain, e_.jcc(inverse(c.condition)));
          e_.patch_short(unordered);
        }
        return;
      }
      condition = c.condition;
    } else {
      condition = ir::is_wide(type(insts_[v].a)) ? wide_condition(v) : compare_integers(v);
    }
  } else {
    const Operand o = operand(v);
    if (o.kind == Operand::InMemory) {
      e_.alu_imm(Alu::cmp, Width::w32, o.memory, 0);
    } else {
      const Gpr r = gpr(v);
      e_.test(Width::w32, r, r);
    }
    release(v, i);
  }
  link_chain(false_chain, e_.jcc(inverted ? condition : inverse(condition)));
}

void FunctionCompiler::panic(uint32_t i) {
  const ir::Inst& in = insts_[i];
  note_line(i, true);
  const bool unreachable = in.op == Op::Unreachable;
  const auto kind = unreachable ? static_cast<int64_t>(ir::PanicKind::Unreachable) : static_cast<int64_t>(in.a);
  if (!unreachable && in.b != kNone) {
    e_.push(gpr(in.b));
  } else {
    e_.push_imm(0);
  }
  e_.push_imm(static_cast<int32_t>(kind));
  Encoder::patch(e_.call(), buffer_->code.data() + stubs_[static_cast<size_t>(Failure::General)]);
}

// ---- ends of blocks -------------------------------------------------------------------------------------------------

void FunctionCompiler::edge(uint32_t target, std::span<const uint32_t> arguments) {
  const uint32_t first = f_->blocks[target].first;
  for (size_t k = 0; k < arguments.size(); ++k) {
    const uint32_t v = plan_.variable_of[first + k];
    if (v != kNone) {
      add_variable_move(plan_.variables[v], arguments[k]);
    }
  }
  do_moves();
}

void FunctionCompiler::branch(uint32_t i) {
  const ir::Inst& in = insts_[i];
  edge(in.a, f_->args(in));
  if (bound_[in.a] == 2 && plan_.loop_end[in.a] == block_) {
    repeat_test(in.a);
  } else if (in.a != block_ + 1) {
    jump_to(in.a);
  }
}

/// Whether the loop that begins with block `head` is so short that its end had better repeat the test with which it begins than jump back to it.
bool FunctionCompiler::is_test_repeated(uint32_t head) const {
  const uint32_t loop_end = plan_.loop_end[head], last = f_->blocks[head].end - 1;
  const ir::Inst& end = insts_[last];
  if (plan_.code_before[loop_end + 1] - plan_.code_before[head] > short_loop || end.op != Op::CondBr || last == f_->blocks[head].first || end.a != last - 1 ||
      !can_fuse(end.a) || f_->extra[end.b] != head + 1 || f_->extra[end.b + 2] != loop_end + 1) {
    return false;
  }
  const ir::Inst& test = insts_[end.a];
  if (test.op < Op::Eq || test.op > Op::Ge || ir::is_float(type(test.a)) || ir::is_wide(type(test.a))) {
    return false;
  }
  for (uint32_t i = f_->blocks[head].first; i < end.a; ++i) {
    const Op op = insts_[i].op;
    if (op != Op::BlockArg && op != Op::Const && (op != Op::SlotGet || plan_.variable_of[i] != kNone)) {
      return false;
    }
  }
  return true;
}

/// At the end of a short loop: its test once more, so that an iteration takes one branch.
void FunctionCompiler::repeat_test(uint32_t head) {
  const ir::Inst& end = insts_[f_->blocks[head].end - 1];
  for (uint32_t i = f_->blocks[head].first; i < end.a; ++i) {
    if (insts_[i].op == Op::SlotGet) {
      places_[i] = place_of(insts_[i].a);
    }
  }
  note_line(end.a, false);
  jump_to_if(compare_integers(end.a), head + 1);
}

/// The end of a block whose conditional branch has no arguments, where `c` holds for the first target.
void FunctionCompiler::branch_if(Condition c, const ir::Inst& in) {
  const uint32_t* at = f_->extra.data() + in.b;
  const uint32_t then_block = at[0], else_block = at[2];
  if (else_block == block_ + 1) {
    jump_to_if(c, then_block);
    return;
  }
  jump_to_if(inverse(c), else_block);
  if (then_block != block_ + 1) {
    jump_to(then_block);
  }
}

void FunctionCompiler::conditional_branch(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const uint32_t* at = f_->extra.data() + in.b;
  const uint32_t then_block = at[0];
  const std::span<const uint32_t> then_arguments(at + 2, at[1]);
  at += 2 + at[1];
  const uint32_t else_block = at[0];
  const std::span<const uint32_t> else_arguments(at + 2, at[1]);
  if (is_const(in.a)) {
    const bool taken = ir::const_value(insts_[in.a]) != 0;
    const uint32_t block = taken ? then_block : else_block;
    edge(block, taken ? then_arguments : else_arguments);
    if (block != block_ + 1) {
      jump_to(block);
    }
    return;
  }
  uint32_t false_chain = 0;
  jump_if_false(in.a, i, false_chain);
  edge(then_block, then_arguments);
  if (else_arguments.empty()) {
    // The false jumps go to the else block at once.
    if (bound_[else_block]) {
      patch_chain(false_chain, labels_[else_block]);
    } else {
      uint8_t* code = buffer_->code.data();
      while (false_chain != 0) {
        uint32_t next;
        std::memcpy(&next, code + false_chain, 4);
        link_chain(labels_[else_block], code + false_chain);
        false_chain = next;
      }
    }
    if (then_block != block_ + 1) {
      jump_to(then_block);
    }
    return;
  }
  jump_to(then_block);
  patch_chain(false_chain, here());
  edge(else_block, else_arguments);
  if (else_block != block_ + 1) {
    jump_to(else_block);
  }
}

void FunctionCompiler::return_values(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const std::span<const uint32_t> values = f_->args(in);
  const std::span<const Type> types{f_->results.data(), f_->results.size()};
  if (needs_result_area(types)) {
    const Gpr area = allocate();
    e_.load(Width::w64, area, frame(area_pointer_));
    for (size_t k = 0; k < values.size(); ++k) {
      if (k >= 2 || ir::is_wide(types[k])) {
        reserve_code(1024);
        const Mem to{area, Gpr::none, 0, static_cast<int32_t>(32 * k)};
        if (ir::is_wide(types[k])) {
          copy_wide(to, wide(values[k]));
        } else if (ir::is_float(types[k])) {
          load_into(convention::float_scratch, values[k]);
          e_.fstore(true, to, convention::float_scratch);
        } else {
          load_into(scratch, values[k]);
          e_.store(Width::w64, to, scratch);
        }
      }
    }
  }
  for (size_t k = 0; k < values.size() && k < 2; ++k) {
    if (ir::is_wide(types[k])) {
      continue;
    }
    if (ir::is_float(types[k])) {
      add_move(k == 0 ? Xmm::xmm0 : Xmm::xmm1, values[k]);
    } else {
      add_move(k == 0 ? Gpr::rax : Gpr::rdx, values[k]);
    }
  }
  do_moves();
  reserve_code(256);
  epilogue();
}

}  // namespace omega::codegen::native
