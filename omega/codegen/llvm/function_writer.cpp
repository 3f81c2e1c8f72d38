// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/function_writer.h"

#include <algorithm>
#include <array>

#include "omega/base/check.h"
#include "omega/codegen/common/refusals.h"
#include "omega/codegen/llvm/panic_codes.h"

namespace omega::codegen::llvm {

using ir::Inst;
using ir::kNone;
using ir::Op;

namespace {

constexpr uint32_t kSeveralBlocks = kNone - 1;
/// Lists of more words than this lie on the heap.
constexpr uint32_t kMostFrameWords = 24;

bool makes_place(Op op) { return op == Op::StateVariable || op == Op::StateEntry || op == Op::StateElement || op == Op::StateField; }
bool is_state_operation(Op op) { return op >= Op::StateVariable && op <= Op::StateCopy; }

}  // namespace

uint32_t panic_code(ir::PanicKind kind) {
  switch (kind) {
    case ir::PanicKind::Assert: return 0x01;
    case ir::PanicKind::Overflow: return kOverflowPanic;
    case ir::PanicKind::DivisionByZero: return kDivisionPanic;
    case ir::PanicKind::BadEnum: return 0x21;
    case ir::PanicKind::PopEmpty: return 0x31;
    case ir::PanicKind::IndexOutOfBounds: return kIndexPanic;
    case ir::PanicKind::NegativeLength: return kMemoryPanic;
    case ir::PanicKind::NullCall: return 0x51;
    default: OMEGA_UNREACHABLE("no panic of contracts");
  }
}

void write_function(Program& program, ir::FunctionId id, std::string& out) { FunctionWriter(program, id).write(out); }

FunctionWriter::FunctionWriter(Program& program, ir::FunctionId id)
    : program_(program), f_(program.module().functions[id]), id_(id), convention_(program.convention(id)), flow_(f_), edges_(f_.blocks.size()) {
  next_block_ = static_cast<uint32_t>(f_.blocks.size());
  find_aliases();
  find_equals();
  choose_inlined();
  find_places();
}

// ---- plan ----

/// Casts between types of one width change nothing here, where types have no sign.
void FunctionWriter::find_aliases() {
  alias_.resize(f_.insts.size());
  for (uint32_t i = 0; i < f_.insts.size(); ++i) {
    const Inst& in = f_.insts[i];
    const bool is_same = (in.op == Op::Cast || in.op == Op::Bitcast) && type_text(in.type) == type_text(type_of(in.a));
    alias_[i] = !is_same ? i : in.a < i ? alias_[in.a] : in.a;
  }
}

/// What the call's surroundings say stays the same, and so do entries of mappings at one key: the first one stands for those that it dominates. (On chains
/// where asking costs less than keeping the answer, `opt` leaves that to the target.)
void FunctionWriter::find_equals() {
  constexpr auto kChanging = [](uint32_t field) {
    const auto what = static_cast<ir::MessageField>(field);
    return what == ir::MessageField::GasLeft || what == ir::MessageField::SelfBalance || what == ir::MessageField::Data;
  };
  struct Known {
    ValueId value;
    ir::BlockId block;
  };
  const auto root = [&](ValueId v) {
    while (alias_[v] != v) {
      v = alias_[v];
    }
    return v;
  };
  std::map<std::array<uint32_t, 4>, std::vector<Known>> all;
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (!flow_.reachable(b)) {
      continue;
    }
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      const Inst& in = f_.insts[i];
      const bool is_field = in.op == Op::Message && !kChanging(in.a);
      // The bytes behind a reference may be others by the next time.
      const bool is_entry = in.op == Op::StateEntry && type_of(in.b) != ir::Type::Ref;
      if (!is_field && !is_entry) {
        continue;
      }
      const auto number = static_cast<uint32_t>(in.op);
      std::vector<Known>& equals = all[is_entry ? std::array{number, root(in.a), root(in.b), in.c} : std::array{number, in.a, 0u, 0u}];
      const auto found = std::ranges::find_if(equals, [&](const Known& known) { return flow_.dominates(known.block, b); });
      if (found != equals.end()) {
        alias_[i] = found->value;
      } else {
        equals.push_back({i, b});
      }
    }
  }
  for (uint32_t i = 0; i < f_.insts.size(); ++i) {
    alias_[i] = root(i);
  }
}

/// Code for each of many accesses to the state makes a program large, and LLVM slow.
void FunctionWriter::choose_inlined() {
  uint32_t accesses = 0;
  for (const Inst& in : f_.insts) {
    accesses += in.op == Op::StateGet || in.op == Op::StateSet || in.op == Op::ImmutableGet || in.op == Op::ImmutableSet ? 1 : 0;
  }
  const uint32_t most = program_.target().most_inlined;
  inlined_ = most != 0 && accesses <= most ? "_inlined" : "";
}

void FunctionWriter::find_places() {
  const size_t count = f_.insts.size();
  escapes_.assign(count, 0);
  last_use_.assign(count, kNone);
  place_.resize(count);
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      const Inst& in = f_.insts[i];
      const bool is_read_only = is_state_operation(in.op) || (in.op == Op::Call && !program_.convention(in.a).gives_references);
      ir::for_each_value(f_, in, [&](uint32_t used) {
        const uint32_t v = alias_[used];
        if (!makes_place(f_.insts[v].op)) {
          return;
        }
        escapes_[v] |= is_read_only ? 0 : 1;
        const bool is_same_block = v >= f_.blocks[b].first && v < f_.blocks[b].end;
        last_use_[v] = is_same_block && last_use_[v] != kSeveralBlocks ? i : kSeveralBlocks;
      });
    }
  }
}

void FunctionWriter::forget_places_used_last(uint32_t i) {
  const Inst& in = f_.insts[i];
  ir::for_each_value(f_, in, [&](uint32_t used) {
    const uint32_t v = alias_[used];
    if (last_use_[v] == i && !place_[v].empty()) {
      free_places_.push_back(std::move(place_[v]));
      place_[v].clear();
    }
  });
}

// ---- text ----

void FunctionWriter::begin_block(uint32_t number) {
  current_block_ = number;
  code_ += label(number) + ":\n";
}

void FunctionWriter::panic_unless(const std::string& condition, uint32_t code) {
  panics_[code] = true;
  const uint32_t next = next_block_++;
  line("br i1 ", condition, ", label %", label(next), ", label %panic", std::to_string(code), ", !prof !0");
  begin_block(next);
}

void FunctionWriter::fail_unless_done(const std::string& status) {
  can_fail_ = true;
  const std::string is_done = assign("icmp eq i64 ", status, ", 0");
  const uint32_t next = next_block_++;
  line("br i1 ", is_done, ", label %", label(next), ", label %fail, !prof !0");
  begin_block(next);
}

std::string FunctionWriter::memory(std::string_view what) {
  std::string name = "%m" + std::to_string(memories_++);
  memory_ += "  " + name + " = alloca " + std::string(what) + ", align 8\n";
  return name;
}

// ---- values ----

bool FunctionWriter::constant(ValueId v, Limbs& limbs) const {
  const Inst& in = inst(v);
  if (in.op == Op::ConstWide) {
    for (uint32_t i = 0; i < 4; ++i) {
      limbs.limb[i] = f_.extra[in.a + 2 * i] | static_cast<uint64_t>(f_.extra[in.a + 2 * i + 1]) << 32;
    }
    return true;
  }
  if (in.op != Op::Const) {
    return false;
  }
  const int64_t number = ir::const_value(in);
  const uint64_t fill = ir::is_signed(in.type) && number < 0 ? ~uint64_t{0} : 0;
  limbs = {{static_cast<uint64_t>(number), fill, fill, fill}};
  return true;
}

std::string FunctionWriter::value(ValueId v) const {
  Limbs limbs;
  if (constant(v, limbs)) {
    return type_of(v) == ir::Type::Ref ? "null" : literal(limbs, ir::bit_width(type_of(v)));
  }
  const Inst& in = inst(v);
  if (in.op == Op::ConstString) {
    return f_.strings[in.a].empty() ? "null" : program_.string_constant(f_.strings[in.a]);
  }
  return name(alias_[v]);
}

std::string FunctionWriter::resized(ValueId v, uint32_t bits) {
  const uint32_t from = ir::bit_width(type_of(v));
  Limbs limbs;
  if (constant(v, limbs)) {
    // What stands for a cast has the bits of its type, but a sign of its own.
    const bool is_negative = ir::is_signed(type_of(v)) && (limbs.limb[(from - 1) / 64] >> ((from - 1) % 64) & 1) != 0;
    for (uint32_t i = from; i < 256; ++i) {
      const uint64_t mask = uint64_t{1} << (i % 64);
      limbs.limb[i / 64] = is_negative ? limbs.limb[i / 64] | mask : limbs.limb[i / 64] & ~mask;
    }
    return literal(limbs, bits);
  }
  if (from == bits) {
    return value(v);
  }
  const std::string_view how = from > bits ? "trunc " : ir::is_signed(type_of(v)) ? "sext " : "zext ";
  return assign(how, typed(v), " to i", std::to_string(bits));
}

std::string FunctionWriter::is_below(ValueId index, const std::string& limit) {
  const uint32_t bits = ir::bit_width(type_of(index));
  if (bits <= 64) {
    return assign("icmp ult i64 ", resized(index, 64), ", ", limit);
  }
  const std::string type = type_text(type_of(index));
  return assign("icmp ult ", type, " ", value(index), ", ", assign("zext i64 ", limit, " to ", type));
}

std::string FunctionWriter::offset(const std::string& address, const std::string& bytes) {
  return assign("getelementptr inbounds i8, ptr ", address, ", i64 ", bytes);
}

void FunctionWriter::store_word(ValueId v, const std::string& to) {
  if (type_of(v) != ir::Type::Ref) {
    line("store i256 ", resized(v, 256), ", ptr ", to, ", align 8");
    return;
  }
  const std::string text = value(v);
  const std::string number = text == "null" ? "0" : assign("zext i64 ", assign("ptrtoint ptr ", text, " to i64"), " to i256");
  line("store i256 ", number, ", ptr ", to, ", align 8");
}

void FunctionWriter::load_word(const std::string& result, ir::Type type, const std::string& from) {
  const std::string text = type_text(type);
  const uint32_t bits = ir::bit_width(type);
  const uint32_t held = bits > 64 ? (bits + 63) / 64 * 64 : bits > 32 ? 64 : bits > 16 ? 32 : bits > 8 ? 16 : 8;
  if (type == ir::Type::Ref || held == bits) {
    line(result, " = load ", text, ", ptr ", from, ", align 8");
    return;
  }
  const std::string whole = "i" + std::to_string(held);
  line(result, " = trunc ", whole, " ", assign("load ", whole, ", ptr ", from, ", align 8"), " to ", text);
}

std::string FunctionWriter::word(uint32_t k) {
  while (words_.size() <= k) {
    words_.push_back(memory("[4 x i64]"));
  }
  return words_[k];
}

std::string FunctionWriter::word_with(uint32_t k, ValueId v) {
  store_word(v, word(k));
  return word(k);
}

std::string FunctionWriter::word_at(const std::string& words, uint32_t k) { return k == 0 ? words : offset(words, std::to_string(k * ir::kWordBytes)); }

/// Memory for words one behind the other, as lists are handed to the shared code and back; long ones would not fit the frames of some machines.
std::string FunctionWriter::words_for(uint32_t count) {
  if (count <= kMostFrameWords) {
    most_words_ = std::max(most_words_, count);
    return "%list";
  }
  std::string words = assign("call ptr @chain_allocate(i64 ", std::to_string(count * uint64_t{ir::kWordBytes}), ")");
  panic_unless(assign("icmp ne ptr ", words, ", null"), kMemoryPanic);
  return words;
}

std::string FunctionWriter::words_with(std::span<const uint32_t> values) {
  if (values.empty()) {
    return "null";
  }
  const std::string words = words_for(static_cast<uint32_t>(values.size()));
  for (uint32_t k = 0; k < values.size(); ++k) {
    store_word(values[k], word_at(words, k));
  }
  return words;
}

// ---- the function ----

void FunctionWriter::write(std::string& out) {
  std::vector<std::string> blocks(f_.blocks.size());
  for (const ir::Slot& slot : f_.slots) {
    const std::string name = "%s" + std::to_string(&slot - f_.slots.data());
    const std::string type = type_text(slot.type);
    const char* const zero = slot.type == ir::Type::Ref ? " null" : " 0";
    memory_.append("  ").append(name).append(" = alloca ").append(type).append(", align 8\n");
    memory_.append("  store ").append(type).append(zero).append(", ptr ").append(name).append(", align 8\n");
  }
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (flow_.reachable(b)) {
      block(b);
      blocks[b] = std::move(code_);
      code_.clear();
    }
  }
  if (most_words_ != 0) {
    memory_ += "  %list = alloca [" + std::to_string(most_words_) + " x [4 x i64]], align 8\n";
  }
  out += "define internal i64 @f" + std::to_string(id_) + "(";
  std::string separator;
  for (uint32_t k = 0; k < f_.params.size(); ++k) {
    if (convention_.parameter_words[k] == kNone) {
      out += separator + type_text(f_.params[k]) + " " + name(k);
      separator = ", ";
    }
  }
  out += convention_.words != 0 ? separator + "ptr noalias %frame" : "";
  out += ") #0 {\n";
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (!flow_.reachable(b)) {
      continue;
    }
    out += label(b) + ":\n" + (b == 0 ? memory_ : "");
    for (uint32_t k = 0; k < ir::block_arg_count(f_, b); ++k) {
      const ValueId v = f_.blocks[b].first + k;
      out += "  " + name(v) + " = phi " + type_text(type_of(v));
      for (const Edge& edge : edges_[b]) {
        out += &edge == edges_[b].data() ? " [ " : ", [ ";
        out += value(edge.arguments[k]) + ", %" + label(edge.from) + " ]";
      }
      out += '\n';
    }
    out += blocks[b];
  }
  for (const auto& [code, is_used] : panics_) {
    const std::string number = std::to_string(code);
    out.append("panic").append(number).append(":\n  %p").append(number).append(" = call i64 @chain_panic(i32 ").append(number);
    out.append(")\n  ret i64 %p").append(number).append("\n");
  }
  out += can_fail_ ? "fail:\n  ret i64 1\n}\n" : "}\n";
}

void FunctionWriter::block(ir::BlockId id) {
  current_block_ = id;
  if (id == 0) {
    for (uint32_t k = 0; k < f_.params.size(); ++k) {
      const uint32_t at = convention_.parameter_words[k];
      if (at != kNone) {
        load_word(name(k), f_.params[k], at == 0 ? "%frame" : offset("%frame", std::to_string(at * 8)));
      }
    }
  }
  for (uint32_t i = f_.blocks[id].first; i < f_.blocks[id].end; ++i) {
    instruction(i);
    forget_places_used_last(i);
  }
}

void FunctionWriter::instruction(uint32_t i) {
  const Inst& in = f_.insts[i];
  if (ir::is_terminator(in.op)) {
    terminator(i);
    return;
  }
  if (alias_[i] != i) {
    return;
  }
  switch (in.op) {
    case Op::Const:
    case Op::ConstWide:
    case Op::ConstString:
    case Op::Param:
    case Op::BlockArg:
    case Op::Result: return;  // written where they are used, or with the call
    case Op::SlotGet: line(name(i), " = load ", type_text(in.type), ", ptr %s", std::to_string(in.a), ", align 8"); return;
    case Op::SlotSet: line("store ", typed(in.b), ", ptr %s", std::to_string(in.a), ", align 8"); return;
    case Op::CheckThat: panic_unless(value(in.a), panic_code(static_cast<ir::PanicKind>(in.c))); return;
    case Op::CheckIndex: panic_unless(is_below(in.a, length_of(in.b)), kIndexPanic); return;
    case Op::CheckBound: panic_unless(is_below(in.a, std::to_string(in.b)), kIndexPanic); return;
    case Op::Call: call(i); return;
    default: break;
  }
  if (in.op >= Op::Add && in.op <= Op::Bitcast) {
    arithmetic(i);
  } else if (in.op >= Op::Load && in.op <= Op::FixedSet) {
    memory_operation(i);
  } else if (in.op == Op::TransientGet || in.op == Op::TransientSet) {
    transient(i);
  } else if (is_state_operation(in.op) || in.op == Op::ImmutableGet || in.op == Op::ImmutableSet) {
    state(i);
  } else {
    operation(i);
  }
}

void FunctionWriter::operation(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (in.op) {
    case Op::Message: message(i); return;
    case Op::AddMod:
    case Op::MulMod: modular(i); return;
    case Op::DataEncode:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::DataSlice:
    case Op::Hash: data(i); return;
    case Op::Recover: {
      std::string words[4];
      for (uint32_t k = 0; k < 4; ++k) {
        words[k] = "ptr " + word_with(k, f_.args(in)[k]);
      }
      const std::string to = word(4);
      line("call void @chain_recover(ptr ", to, ", ", words[0], ", ", words[1], ", ", words[2], ", ", words[3], ")");
      load_word(name(i), in.type, to);
      return;
    }
    case Op::EmitEvent: fail_unless_done(assign("call i64 @chain_event(i32 ", std::to_string(in.a), ", ptr ", words_with(f_.args(in)), ")")); return;
    case Op::Balance:
      if (program_.target().has_balance) {
        fail_unless_done(assign("call i64 @chain_balance(ptr ", word(1), ", ptr ", word_with(0, in.a), ")"));
        load_word(name(i), in.type, word(1));
        return;
      }
      refuse(i, source_words(in.op));
      return;
    case Op::CallRaw:
      if (!program_.target().has_send || !is_plain_send(in)) {
        refuse(i, source_words(in.op));
        return;
      }
      most_words_ = std::max(most_words_, 2u);
      fail_unless_done(assign("call i64 @chain_send(ptr %list, ptr ", word_with(0, f_.args(in)[0]), ", ptr ", word_with(1, f_.args(in)[1]), ")"));
      results(i, 2, "%list");
      return;
    default: refuse(i, source_words(in.op)); return;
  }
}

/// A call that brings value to an account and nothing else.
bool FunctionWriter::is_plain_send(const Inst& in) const {
  const std::span<const uint32_t> operands = f_.args(in);
  if (static_cast<ir::RawCallKind>(in.a) != ir::RawCallKind::Call || operands[1] == ir::kNone) {
    return false;
  }
  const Inst& bytes = inst(operands[3]);
  return bytes.op == Op::Const || (bytes.op == Op::ConstString && f_.strings[bytes.a].empty());
}

void FunctionWriter::call(uint32_t i) {
  const Inst& in = f_.insts[i];
  const ir::Function& callee = program_.module().functions[in.a];
  const Convention& how = program_.convention(in.a);
  const std::string size = std::to_string(how.words * 8);
  std::string frame, arguments;
  if (how.words != 0) {
    frame = memory("[" + std::to_string(how.words) + " x i64]");
    line("call void @llvm.lifetime.start.p0(i64 ", size, ", ptr ", frame, ")");
  }
  auto at = [&](uint32_t word) { return word == 0 ? frame : offset(frame, std::to_string(word * 8)); };
  for (uint32_t k = 0; k < callee.params.size(); ++k) {
    const ValueId v = f_.args(in)[k];
    const uint32_t word = how.parameter_words[k];
    if (word == kNone) {
      arguments += (arguments.empty() ? "" : ", ") + typed(v);
    } else if (callee.params[k] == ir::Type::Ref) {
      line("store ptr ", value(v), ", ptr ", at(word), ", align 8");
    } else {
      const uint32_t bits = frame_words(callee.params[k]) * 64;
      line("store i", std::to_string(bits), " ", resized(v, bits), ", ptr ", at(word), ", align 8");
    }
  }
  if (how.words != 0) {
    arguments += (arguments.empty() ? "ptr " : ", ptr ") + frame;
  }
  fail_unless_done(assign("call i64 @f", std::to_string(in.a), "(", arguments, ")"));
  if (!callee.results.empty()) {
    load_word(name(i), callee.results[0], at(how.result_words[0]));
  }
  for (uint32_t r = i + 1; r < f_.insts.size() && f_.insts[r].op == Op::Result && f_.insts[r].a == i; ++r) {
    load_word(name(r), callee.results[f_.insts[r].b], at(how.result_words[f_.insts[r].b]));
  }
  if (how.words != 0) {
    line("call void @llvm.lifetime.end.p0(i64 ", size, ", ptr ", frame, ")");
  }
}

/// The results of instruction i, from words one behind the other.
void FunctionWriter::results(uint32_t i, size_t count, const std::string& words) {
  if (count != 0) {
    load_word(name(i), type_of(i), words);
  }
  for (uint32_t r = i + 1; r < f_.insts.size() && f_.insts[r].op == Op::Result && f_.insts[r].a == i; ++r) {
    load_word(name(r), type_of(r), word_at(words, f_.insts[r].b));
  }
}

void FunctionWriter::jump(ir::BlockId to, std::span<const uint32_t> arguments) {
  edges_[to].push_back({current_block_, arguments});
  line("br label %", label(to));
}

/// Calls seldom fail: which way of a branch is the likely one, where the other one fails.
std::string_view FunctionWriter::likely_way(const Inst& branch) const {
  std::array<bool, 2> fails = {};
  size_t way = 0;
  ir::for_each_successor(f_, branch, [&](ir::BlockId to, std::span<const uint32_t>) {
    const Op last = f_.insts[f_.blocks[to].end - 1].op;
    fails[way++] = last == Op::Revert || last == Op::RevertData || last == Op::Panic;
  });
  return fails[0] == fails[1] ? "" : fails[1] ? ", !prof !0" : ", !prof !1";
}

void FunctionWriter::terminator(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (in.op) {
    case Op::Br: jump(in.a, f_.args(in)); return;
    case Op::CondBr: {
      // Each way has a block of its own, so that both may lead to one block with other arguments.
      const uint32_t ways[] = {next_block_, next_block_ + 1};
      next_block_ += 2;
      line("br i1 ", value(in.a), ", label %", label(ways[0]), ", label %", label(ways[1]), likely_way(in));
      uint32_t way = 0;
      ir::for_each_successor(f_, in, [&](ir::BlockId to, std::span<const uint32_t> arguments) {
        begin_block(ways[way++]);
        jump(to, arguments);
      });
      return;
    }
    case Op::Ret: return_values(in); return;
    case Op::Panic: line("ret i64 ", assign("call i64 @chain_panic(i32 ", std::to_string(panic_code(static_cast<ir::PanicKind>(in.a))), ")")); return;
    case Op::Revert: revert(in); return;
    case Op::RevertData: line("ret i64 ", assign("call i64 @chain_revert(ptr ", value(in.a), ")")); return;
    default: line("ret i64 ", assign("call i64 @chain_revert(ptr null)")); return;  // unreachable
  }
}

void FunctionWriter::return_values(const Inst& in) {
  for (uint32_t k = 0; k < in.c; ++k) {
    const ValueId v = f_.args(in)[k];
    const uint32_t word = convention_.result_words[k];
    const std::string to = word == 0 ? "%frame" : offset("%frame", std::to_string(word * 8));
    if (type_of(v) == ir::Type::Ref) {
      line("store ptr ", value(v), ", ptr ", to, ", align 8");
    } else {
      const uint32_t bits = frame_words(type_of(v)) * 64;
      line("store i", std::to_string(bits), " ", resized(v, bits), ", ptr ", to, ", align 8");
    }
  }
  line("ret i64 0");
}

void FunctionWriter::revert(const Inst& in) {
  if (in.a == kNone) {
    line("ret i64 ", assign("call i64 @chain_revert(ptr null)"));
  } else {
    line("ret i64 ", assign("call i64 @chain_revert_error(i32 ", std::to_string(in.a), ", ptr ", words_with(f_.args(in)), ")"));
  }
}

}  // namespace omega::codegen::llvm
