// SPDX-License-Identifier: Apache-2.0
// A function's code: its blocks in order, failures at the end, line rows.
#include "omega/codegen/native/function_compiler.h"

#include <algorithm>
#include <cstring>

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

constexpr int32_t red_zone = 112;

}  // namespace

void FunctionCompiler::grow_code(size_t bytes) {
  const uint32_t at = here();
  base::PodVector<uint8_t>& code = buffer_->code;
  code.resize(std::max(code.size() * 2, at + bytes + code_margin + 65536));
  e_.set_at(code.data() + at);
  code_end_ = code.data() + code.size();
}

// Stubs that failures call: the address they return to tells the place; they align the stack and go on to the runtime. Overflows, by far the most
// frequent of the checks, have none: they are an instruction that traps, which the runtime takes for a call of om_panic_overflow.
void FunctionCompiler::begin_buffer() {
  prepared_ = buffer_;
  const auto stub = [&](Failure failure, std::initializer_list<Gpr> arguments, RuntimeSymbol symbol) {
    align_code(16);
    stubs_[static_cast<size_t>(failure)] = here();
    e_.pop(Gpr::rax);
    for (const Gpr argument : arguments) {
      e_.pop(argument);
    }
    if (failure == Failure::IndexOfArray) {
      e_.test(Width::w64, Gpr::rsi, Gpr::rsi);
      uint8_t* null = e_.jcc_short(Condition::equal);
      e_.load(Width::w64, Gpr::rsi, {Gpr::rsi, Gpr::none, 0, 8});
      e_.patch_short(null);
    }
    e_.alu_imm(Alu::and_, Width::w64, Gpr::rsp, -16);
    e_.push(Gpr::rax);
    e_.jmp();
    relocate(RelocationKind::CallRuntime, static_cast<uint32_t>(symbol));
  };
  stub(Failure::Divide, {}, RuntimeSymbol::om_panic_divide);
  stub(Failure::Cast, {}, RuntimeSymbol::om_panic_cast);
  stub(Failure::IndexOfArray, {Gpr::rdi, Gpr::rsi}, RuntimeSymbol::om_panic_index);
  stub(Failure::IndexOfLength, {Gpr::rdi, Gpr::rsi}, RuntimeSymbol::om_panic_index);
  stub(Failure::General, {Gpr::rdi, Gpr::rsi}, RuntimeSymbol::om_panic);
}

bool FunctionCompiler::compile(const ir::Function& function, ir::FunctionId id, const ModuleView& module, CodeBuffer& buffer, diag::Sink& sink) {
  if (function.is_extern) {
    return true;
  }
  buffer_ = &buffer;
  sink_ = &sink;
  f_ = &function;
  insts_ = function.insts.data();
  module_ = &module;
  const size_t used = buffer.code.size();
  buffer.code.resize(std::max(buffer.code.capacity(), used + 65536));
  code_end_ = buffer.code.data() + buffer.code.size();
  e_.set_at(buffer.code.data() + used);
  if (used == 0) {
    begin_buffer();
  }
  OMEGA_CHECK(prepared_ == &buffer, "a buffer belongs to one FunctionCompiler");
  align_code(16);
  begin_ = here();
  plan_.make(function);
  places_.resize(function.insts.size());
  alias_next_.resize(function.insts.size());
  const uint32_t first_row = static_cast<uint32_t>(buffer.rows.size());
  const size_t first_relocation = buffer.relocations.size();
  smallest_frame_ = plan_.has_calls || plan_.frame_size > red_zone ? FrameKind::Full : plan_.frame_size > 0 ? FrameKind::RedZone : FrameKind::None;
  failed_ = long_forms_ = false;
  uint32_t cold = 0;
  for (;;) {
    too_far_ = false;
    frame_kind_ = smallest_frame_;
    e_.set_at(buffer.code.data() + begin_);
    buffer.rows.resize(first_row);
    rows_.begin(buffer.rows, begin_);
    buffer.relocations.resize(first_relocation);
    begin_function();
    for (uint32_t b = 0; b < function.blocks.size() && !failed_; ++b) {
      if (plan_.reachable[b]) {
        compile_block(b);
      }
    }
    cold = here();
    emit_cold_sites();
    if (frame_kind_ == FrameKind::None && uses_frame_) {
      smallest_frame_ = FrameKind::RedZone;
    } else if (frame_kind_ == FrameKind::RedZone && frame_bytes_ > red_zone) {
      smallest_frame_ = FrameKind::Full;
    } else if (!failed_ && (too_far_ || (frame_kind_ == FrameKind::Full && frame_is_short_ && size_below_saved() > 127))) {
      long_forms_ = true;
    } else {
      break;
    }
  }
  if (failed_) {
    buffer.code.resize(begin_);
    buffer.rows.resize(first_row);
    buffer.relocations.resize(first_relocation);
    return false;
  }
  finish_function();
  rows_.finish();
  buffer.functions.push_back({id, begin_, cold, here(), first_row, static_cast<uint32_t>(buffer.rows.size())});
  buffer.code.resize(here());
  return true;
}

void FunctionCompiler::begin_function() {
  const size_t blocks = f_->blocks.size();
  labels_.resize(blocks);
  near_.resize(blocks);
  bound_.resize(blocks);
  std::memset(labels_.data(), 0, blocks * sizeof(uint32_t));
  std::memset(near_.data(), 0, blocks * sizeof(uint32_t));
  std::memset(bound_.data(), 0, blocks);
  aliases_.resize(f_->slots.size());
  std::fill(aliases_.begin(), aliases_.end(), Alias{});
  cold_.clear();
  cold_arguments_.clear();
  moves_.clear();
  spills_.clear();
  wides_.clear();
  live_floats_.clear();
  next_crossing_ = 0;
  frame_bytes_ = plan_.frame_size;
  outgoing_bytes_ = 0;
  area_bytes_ = 0;
  uses_frame_ = false;
  pending_store_ = kNone;
  is_aligned_next_ = false;
  begin_lines();
  last_location_ = kNone;
  free_ = plan_.temporaries;
  float_free_ = plan_.float_temporaries;
  pinned_ = borrowed_ = float_pinned_ = float_borrowed_ = 0;
  std::memset(owner_, 0xff, sizeof owner_);
  std::memset(float_owner_, 0xff, sizeof float_owner_);
  position_ = 0;
  block_first_ = 0;
  if (plan_.irregular) {
    place_ahead();
  }
  reserve_code(code_margin + f_->params.size() * 64 + plan_.zeroed.size() * 32);
  note_line(kNone, true);
  prologue();
  take_parameters();
}

/// Blocks may use what stands in later ones: places that never change are known from the beginning.
void FunctionCompiler::place_ahead() {
  for (uint32_t i = 0; i < f_->insts.size(); ++i) {
    if (insts_[i].op < Op::Param) {
      places_[i] = place_of_constant(insts_[i]);
    } else if (plan_.variable_of[i] != kNone) {
      places_[i] = place_of(plan_.variable_of[i]);
    }
  }
}

void FunctionCompiler::compile_block(uint32_t block) {
  block_ = block;
  block_first_ = f_->blocks[block].first;
  // A loop's end jumps back to its first block or, where that is a test done again at the end, to the one behind.
  const bool is_repeated = plan_.loop_end[block] != kNone && is_test_repeated(block);
  if ((plan_.loop_end[block] != kNone && !is_repeated) || is_aligned_next_) {
    reserve_code(code_margin);
    align_code(16);
  }
  is_aligned_next_ = is_repeated;
  bind(block);
  if (is_repeated) {
    bound_[block] = 2;
  }
  const uint32_t end = f_->blocks[block].end;
  for (uint32_t i = block_first_; i < end; ++i) {
    const ir::Inst& in = insts_[i];
    position_ = i;
    switch (in.op) {
      case Op::Const:
      case Op::ConstWide:
      case Op::ConstFloat:
      case Op::ConstString:
      case Op::FunctionRef: places_[i] = place_of_constant(in); continue;
      case Op::Param: continue;
      case Op::SlotGet:
        if (plan_.variable_of[i] == kNone) {
          get_slot(i);
          continue;
        }
        break;
      case Op::Add:
      case Op::Sub:
      case Op::Mul:
      case Op::And:
      case Op::Or:
      case Op::Xor:
        if (is_register_wide(in.type) && arithmetic_in_registers(i)) {
          continue;
        }
        break;
      case Op::Eq:
      case Op::Ne:
      case Op::Lt:
      case Op::Le:
      case Op::Gt:
      case Op::Ge:
        if (insts_[i + 1].op == Op::CondBr && is_register_wide(type(in.a)) && compare_and_branch(i)) {
          ++i;
          continue;
        }
        break;
      default: break;
    }
    reserve_code(code_margin);
    instruction(i);
    finish_instruction();
  }
  free_ = plan_.temporaries;
  float_free_ = plan_.float_temporaries;
  std::memset(owner_, 0xff, sizeof owner_);
  std::memset(float_owner_, 0xff, sizeof float_owner_);
}

void FunctionCompiler::instruction(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool unused = plan_.last_use[i] == 0 && plan_.variable_of[i] == kNone;
  switch (in.op) {
    case Op::BlockArg:
      if (!unused) {
        places_[i] = place_of(plan_.variable_of[i]);
      }
      return;
    case Op::SlotGet:
      // Used in other blocks too: its value now, in a variable of its own.
      places_[i] = place_of(in.a);
      set_variable(plan_.variables[plan_.variable_of[i]], i);
      places_[i] = place_of(plan_.variable_of[i]);
      return;
    case Op::SlotSet: {
      Alias& alias = aliases_[in.a];
      if (places_[in.b].is_variable(in.a)) {
        // Its own value: the instruction before put it there, or it never left.
        if (alias.last_use <= i) {
          alias = {};
        }
        return;
      }
      note_line(i, false);
      if (alias.last_use > i) {
        save_aliases(in.a, i);
      }
      alias = {};
      set_variable(plan_.variables[in.a], in.b);
      release(in.b, i);
      return;
    }
    default: break;
  }
  if (unused && (ir::op_info(in.op).effects & ~(ir::kPure | ir::kReads)) == 0) {
    return;
  }
  note_line(i, false);
  const Type t = in.type;
  if (in.op <= Op::Bitcast && (ir::is_wide(t) || (((in.op >= Op::Eq && in.op <= Op::Ge) || in.op == Op::Cast) && ir::is_wide(type(in.a))))) {
    wide_instruction(i);
    return;
  }
  switch (in.op) {
    case Op::Add: return ir::is_float(t) ? float_arithmetic(i, Fp::add) : arithmetic(i, Alu::add);
    case Op::Sub: return ir::is_float(t) ? float_arithmetic(i, Fp::sub) : arithmetic(i, Alu::sub);
    case Op::And: return arithmetic(i, Alu::and_);
    case Op::Or: return arithmetic(i, Alu::or_);
    case Op::Xor: return arithmetic(i, Alu::xor_);
    case Op::Mul: return ir::is_float(t) ? float_arithmetic(i, Fp::mul) : multiply(i);
    case Op::Div:
    case Op::Mod:
      if (ir::is_float(t)) {
        return in.op == Op::Div ? float_arithmetic(i, Fp::div) : call_instruction(i);
      }
      return divide(i);
    case Op::Pow: return power(i);
    case Op::Neg: return ir::is_float(t) ? float_negate(i, false) : negate(i);
    case Op::Abs: return ir::is_float(t) ? float_negate(i, true) : absolute(i);
    case Op::Not: return complement(i);
    case Op::Shl:
    case Op::Shr: return shift(i);
    case Op::Min:
    case Op::Max: return ir::is_float(t) ? float_minimum_maximum(i) : minimum_maximum(i);
    case Op::Sqrt: return float_square_root(i);
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: return compare(i);
    case Op::Select: return ir::is_float(t) ? float_select(i) : select(i);
    case Op::Cast: return cast(i);
    case Op::Bitcast: return bitcast(i);
    case Op::Load:
    case Op::Store:
    case Op::StackObject:
    case Op::FieldAddress:
    case Op::ArrayLength:
    case Op::CheckIndex:
    case Op::ElementGet:
    case Op::ElementSet:
    case Op::ElementAddress:
    case Op::CheckBound:
    case Op::FixedGet:
    case Op::FixedSet:
    case Op::FixedAddress:
    case Op::Atomic: return memory_instruction(i);
    case Op::CheckThat: return check_that(i);
    case Op::NewObject:
    case Op::ArrayNew:
    case Op::Call:
    case Op::CallClosure:
    case Op::CallRuntime:
    case Op::Result:
    case Op::MakeClosure:
    case Op::ParallelFor: return call_instruction(i);
    case Op::Br: return branch(i);
    case Op::CondBr: return conditional_branch(i);
    case Op::Ret: return return_values(i);
    case Op::Panic:
    case Op::Unreachable: return panic(i);
    default: unsupported(i);
  }
}

void FunctionCompiler::unsupported(uint32_t i) {
  const uint32_t at = f_->locations[i];
  sink_->report(diag::Kind::NotOnNative, {f_->file, at, at}, {"`" + std::string(ir::op_info(insts_[i].op).text) + "`"});
  failed_ = true;
}

void FunctionCompiler::align_code(uint32_t alignment) {
  const uint32_t rest = here() & (alignment - 1);
  if (rest != 0) {
    e_.nop(alignment - rest);
  }
}

// Those that short jumps lead to stand first.
void FunctionCompiler::emit_cold_sites() {
  for (const ColdSite& site : cold_) {
    if (site.is_near) {
      reserve_code(code_margin);
      const uint32_t distance = here() - (site.site + 1);
      too_far_ |= distance > 127;
      buffer_->code[site.site] = static_cast<uint8_t>(distance);
      write_line(site.line);
      e_.ud2();
    }
  }
  for (const ColdSite& site : cold_) {
    if (!site.is_near) {
      reserve_code(code_margin);
      patch_chain(site.site, here());
      emit_cold_site(site);
    }
  }
}

void FunctionCompiler::emit_cold_site(const ColdSite& site) {
  write_line(site.line);
  if (site.failure == Failure::Overflow) {
    e_.ud2();
    return;
  }
  if (site.arguments != kNone) {
    const ColdArguments& arguments = cold_arguments_[site.arguments];
    for (const Operand* argument : {&arguments.second, &arguments.first}) {
      if (argument->kind == Operand::InGpr) {
        e_.push(argument->gpr());
      } else if (argument->is_imm32()) {
        e_.push_imm(static_cast<int32_t>(argument->value));
      } else if (argument->kind == Operand::InMemory) {
        e_.push(argument->memory);
      } else {
        load_into(scratch, *argument);
        e_.push(scratch);
      }
    }
  }
  Encoder::patch(e_.call(), buffer_->code.data() + stubs_[static_cast<size_t>(site.failure)]);
}

// ---- lines ----------------------------------------------------------------------------------------------------------

void FunctionCompiler::begin_lines() {
  const uint32_t file = f_->file.index;
  if (file >= module_->files.size() || module_->files[file].line_starts.empty()) {
    line_starts_ = {};
    line_begin_ = 0;
    line_end_ = kNone;
    line_index_ = kNone;
    line_file_ = kNone;
    file_is_ascii_ = true;
    return;
  }
  line_starts_ = module_->files[file].line_starts;
  file_is_ascii_ = module_->files[file].is_ascii;
  if (file != line_file_ || line_index_ >= line_starts_.size()) {
    line_file_ = file;
    line_index_ = 0;
  }
  line_begin_ = line_starts_[line_index_];
  line_end_ = line_index_ + 1 < line_starts_.size() ? line_starts_[line_index_ + 1] : kNone;
}

void FunctionCompiler::find_line(uint32_t location) {
  constexpr uint32_t longest_walk = 8;
  const auto count = static_cast<uint32_t>(line_starts_.size());
  if (count == 0) {
    return;
  }
  // Mostly the line lies a few ahead of the one before.
  if (location >= line_begin_) {
    for (uint32_t line = line_index_ + 1; line < count && line <= line_index_ + longest_walk; ++line) {
      const uint32_t end = line + 1 < count ? line_starts_[line + 1] : kNone;
      if (location < end) {
        line_begin_ = line_starts_[line];
        line_end_ = end;
        line_index_ = line;
        return;
      }
    }
  }
  line_index_ = static_cast<uint32_t>(std::upper_bound(line_starts_.begin(), line_starts_.end(), location) - line_starts_.begin() - 1);
  line_begin_ = line_starts_[line_index_];
  line_end_ = line_index_ + 1 < count ? line_starts_[line_index_ + 1] : kNone;
}

/// Code points before the location on its line; the line has been found.
uint32_t FunctionCompiler::column_of(uint32_t location) {
  if (line_file_ >= module_->files.size() || location > module_->files[line_file_].text.size()) {
    return location - line_begin_ + 1;
  }
  if (counted_line_ != line_begin_ || counted_file_ != line_file_ || location < counted_to_) {
    counted_file_ = line_file_;
    counted_line_ = counted_to_ = line_begin_;
    counted_column_ = 1;
  }
  const std::string_view text = module_->files[line_file_].text;
  for (; counted_to_ < location; ++counted_to_) {
    counted_column_ += (static_cast<uint8_t>(text[counted_to_]) & 0xc0) != 0x80;
  }
  return counted_column_;
}

}  // namespace omega::codegen::native
