// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_execution.h"

#include <algorithm>
#include <array>

namespace omega::interp {

using ir::Inst;
using ir::Op;
using ir::Type;

namespace {

/// Words of registers of all functions under way: what is more recurs without end.
constexpr size_t kMostRegisters = size_t{1} << 20;

uint32_t runtime_type(Type type) { return OM_INT(ir::bit_width(type), ir::is_signed(type) ? 1 : 0); }

/// A shift's amount: all above the widest type are alike.
uint64_t amount(const Word& w) { return fits_64(w) ? w.limb[0] : ~uint64_t{0}; }

bool compare(Op op, int32_t order) {
  switch (op) {
    case Op::Eq: return order == 0;
    case Op::Ne: return order != 0;
    case Op::Lt: return order < 0;
    case Op::Le: return order <= 0;
    case Op::Gt: return order > 0;
    default: return order >= 0;
  }
}

}  // namespace

ContractExecution::ContractExecution(ContractMachine& machine, const ContractMessage& message)
    : machine_(machine),
      message_(message),
      code_(*message.code),
      budget_(machine.budget()),
      memory_(budget_),
      codec_(code_.layout(), memory_, budget_),
      state_(machine.account(message.self).state),
      access_(state_, machine.journal(), code_.layout(), memory_, budget_) {}

std::string ContractExecution::run() {
  const std::string_view data = message_.data;
  if (message_.makes_contract) {
    const ir::EntryPoint* constructor = code_.constructor();
    if (constructor == nullptr) {
      demand(is_zero(message_.value));
      return {};
    }
    return run_entry(*constructor, data);
  }
  const ir::EntryPoint* entry = code_.entry_for(data);
  demand(entry != nullptr);
  return run_entry(*entry, entry->kind == ir::EntryKind::Function ? data.substr(4) : data);
}

std::string ContractExecution::run_entry(const ir::EntryPoint& entry, std::string_view arguments) {
  demand(entry.mutability == ir::Mutability::Payable || is_zero(message_.value));
  if (entry.kind == ir::EntryKind::Receive || entry.kind == ir::EntryKind::Fallback) {
    std::vector<Word> args;
    if (entry.params.count != 0) {
      args.push_back(memory_.new_bytes(arguments));
    }
    const std::vector<Word> results = run_function(entry.function, args);
    return results.empty() ? std::string() : std::string(memory_.text(results[0]));
  }
  const std::vector<Word> args = codec_.decode(arguments, entry.params);
  const std::vector<Word> results = run_function(entry.function, args);
  return codec_.encode(code_.layout().types_of(entry.results), results);
}

std::vector<Word> ContractExecution::run_function(ir::FunctionId id, const std::vector<Word>& args) {
  push(id, args);
  while (!frames_.empty()) {
    run_block();
  }
  return std::move(returned_);
}

void ContractExecution::push(ir::FunctionId id, std::span<const Word> args) {
  const ir::Function& f = code_.module().functions[id];
  OMEGA_CHECK(!f.is_extern, "a function with code");
  const size_t at = registers_.size();
  demand(at + f.insts.size() + f.slots.size() <= kMostRegisters);
  registers_.resize(at + f.insts.size() + f.slots.size(), word_of(0));
  std::ranges::copy(args, registers_.begin() + static_cast<ptrdiff_t>(at));
  frames_.push_back({&f, at, 0});
}

void ContractExecution::run_block() {
  // A call or terminator is the last instruction that is run here; those say where to go on.
  for (;;) {
    const Inst& inst = function().insts[frames_.back().at];
    budget_.take_steps(1);
    if (inst.op == Op::Call || inst.op == Op::CallClosure || ir::is_terminator(inst.op)) {
      return run_inst(inst);
    }
    run_inst(inst);
    ++frames_.back().at;
  }
}

void ContractExecution::run_inst(const Inst& inst) {
  switch (inst.op) {
    case Op::Param:
    case Op::BlockArg:
    case Op::Result: return;  // given before
    case Op::Call: return call(inst.a, false, inst);
    case Op::CallClosure: {
      const Word closure = value(inst.a);
      if (is_zero(closure)) {
        panic(ir::PanicKind::NullCall);
      }
      return call(static_cast<ir::FunctionId>(word_at(inst.a, 0).limb[0]), true, inst);
    }
    case Op::Br: return branch(inst.a, function().args(inst));
    case Op::CondBr: {
      const uint32_t* list = function().extra.data() + inst.b;
      list += is_zero(value(inst.a)) ? 2 + list[1] : 0;
      return branch(list[0], {list + 2, list[1]});
    }
    case Op::Ret: return return_values(inst);
    case Op::Panic: panic(static_cast<ir::PanicKind>(inst.a));
    case Op::Unreachable: OMEGA_UNREACHABLE("a contract reached what nothing reaches");
    default: break;
  }
  if (inst.op <= Op::SlotSet) {
    constant(inst);
  } else if (inst.op <= Op::Bitcast) {
    arithmetic(inst);
  } else if (inst.op <= Op::CheckThat) {
    memory(inst);
  } else {
    OMEGA_CHECK(inst.op >= Op::StateVariable, "an operation of contracts");
    contract(inst);
  }
}

void ContractExecution::call(ir::FunctionId id, bool with_closure, const Inst& inst) {
  std::vector<Word> args = values(function().args(inst));
  if (with_closure) {
    args.insert(args.begin(), value(inst.a));
  }
  push(id, args);
}

void ContractExecution::return_values(const Inst& inst) {
  const std::vector<Word> results = values(function().args(inst));
  registers_.resize(frames_.back().registers);
  frames_.pop_back();
  if (frames_.empty()) {
    returned_ = results;
    return;
  }
  give(results);
  ++frames_.back().at;
}

void ContractExecution::branch(ir::BlockId target, std::span<const uint32_t> args) {
  const uint32_t first = function().blocks[target].first;
  const std::vector<Word> now = values(args);  // all are read before one is written
  for (uint32_t k = 0; k < now.size(); ++k) {
    value(first + k) = now[k];
  }
  frames_.back().at = first;
}

std::vector<Word> ContractExecution::values(std::span<const uint32_t> ids) {
  std::vector<Word> words;
  words.reserve(ids.size());
  for (const uint32_t id : ids) {
    words.push_back(value(id));
  }
  return words;
}

void ContractExecution::give(std::span<const Word> results) {
  const uint32_t at = frames_.back().at;
  for (uint32_t k = 0; k < results.size(); ++k) {
    const Inst& inst = function().insts[at + k];
    if (k == 0 || (inst.op == Op::Result && inst.a == at && inst.b == k)) {
      value(at + k) = results[k];
    }
  }
}

void ContractExecution::panic(ir::PanicKind kind) const {
  switch (kind) {
    case ir::PanicKind::Assert: throw ContractRevert{panic_data(0x01)};
    case ir::PanicKind::Overflow: throw ContractRevert{panic_data(0x11)};
    case ir::PanicKind::DivisionByZero: throw ContractRevert{panic_data(0x12)};
    case ir::PanicKind::BadEnum: throw ContractRevert{panic_data(0x21)};
    case ir::PanicKind::PopEmpty: throw ContractRevert{panic_data(0x31)};
    case ir::PanicKind::IndexOutOfBounds: throw ContractRevert{panic_data(0x32)};
    case ir::PanicKind::NegativeLength: throw ContractRevert{panic_data(0x41)};
    case ir::PanicKind::NullCall: throw ContractRevert{panic_data(0x51)};
    default: OMEGA_UNREACHABLE("no panic of contracts");
  }
}

void ContractExecution::constant(const Inst& inst) {
  switch (inst.op) {
    case Op::Const: {
      const int64_t number = ir::const_value(inst);
      const uint64_t fill = ir::is_signed(inst.type) && number < 0 ? ~uint64_t{0} : 0;
      return give(Word{{static_cast<uint64_t>(number), fill, fill, fill}});
    }
    case Op::ConstWide: {
      const uint32_t* words = function().extra.data() + inst.a;
      Word w;
      for (size_t i = 0; i < 4; ++i) {
        w.limb[i] = words[2 * i] | uint64_t{words[2 * i + 1]} << 32;
      }
      return give(w);
    }
    case Op::ConstString: {
      const std::string& text = function().strings[inst.a];
      const auto [it, is_new] = constants_.try_emplace(&text);
      if (is_new) {
        it->second = memory_.new_bytes(std::string_view(text));
      }
      return give(it->second);
    }
    case Op::FunctionRef: {
      const auto [it, is_new] = constants_.try_emplace(&code_.module().functions[inst.a]);
      if (is_new) {
        it->second = memory_.new_words(1);
        memory_.words(it->second)[0] = word_of(inst.a);
      }
      return give(it->second);
    }
    case Op::SlotGet: return give(slot(inst.a));
    default: slot(inst.a) = value(inst.b); return;
  }
}

void ContractExecution::arithmetic(const Inst& inst) {
  uint32_t status = 0;
  const Word result = compute(inst, status);
  if ((status & OM_WIDE_ZERO) != 0) {
    panic(ir::PanicKind::DivisionByZero);
  }
  if (status != 0 && (inst.flags & ir::kChecked) != 0) {
    panic(ir::PanicKind::Overflow);
  }
  give(result);
}

Word ContractExecution::compute(const Inst& inst, uint32_t& status) {
  const uint32_t type = runtime_type(inst.type);
  const Word& a = value(inst.a);
  const bool has_second = ir::op_info(inst.op).roles[1] == ir::Role::Value;
  const Word& b = has_second ? value(inst.b) : a;
  Word r = word_of(0);
  switch (inst.op) {
    case Op::Add: status = om_wide_add(&r, &a, &b, type); break;
    case Op::Sub: status = om_wide_sub(&r, &a, &b, type); break;
    case Op::Mul: status = om_wide_mul(&r, &a, &b, type); break;
    case Op::Div: status = om_wide_div(&r, &a, &b, type); break;
    case Op::Mod: status = om_wide_mod(&r, &a, &b, type) & OM_WIDE_ZERO; break;
    case Op::Pow: status = om_wide_pow(&r, &a, &b, type); break;
    case Op::Neg: status = om_wide_neg(&r, &a, type); break;
    case Op::Abs:
      r = a;
      if (ir::is_signed(inst.type) && (a.limb[3] >> 63) != 0) {
        status = om_wide_neg(&r, &a, type);
      }
      break;
    case Op::Not: om_wide_not(&r, &a, type); break;
    case Op::And: om_wide_and(&r, &a, &b); break;
    case Op::Or: om_wide_or(&r, &a, &b); break;
    case Op::Xor: om_wide_xor(&r, &a, &b); break;
    case Op::Shl: om_wide_shl(&r, &a, amount(b), type); break;
    case Op::Shr: om_wide_shr(&r, &a, amount(b), type); break;
    case Op::Min: r = om_wide_cmp(&b, &a, type) < 0 ? b : a; break;
    case Op::Max: r = om_wide_cmp(&b, &a, type) > 0 ? b : a; break;
    case Op::Select: r = is_zero(a) ? value(inst.c) : b; break;
    case Op::Cast: om_wide_convert(&r, &a, runtime_type(type_of(inst.a)), type); break;
    case Op::Bitcast: {
      const uint32_t sign = ir::is_signed(inst.type) ? 1 : 0;
      om_wide_convert(&r, &a, OM_INT(256, sign), type);
      break;
    }
    default: {  // comparisons
      const Type operands = type_of(inst.a);
      const uint32_t by = operands == Type::Ref ? kUnsignedWord : runtime_type(operands);
      r = word_of(compare(inst.op, om_wide_cmp(&a, &b, by)) ? 1 : 0);
      break;
    }
  }
  return r;
}

Word& ContractExecution::word_at(ir::ValueId object, uint64_t index) {
  const std::span<Word> words = memory_.words(value(object));
  OMEGA_CHECK(index < words.size(), "an index that was checked");
  return words[index];
}

char& ContractExecution::byte_at(ir::ValueId object, uint64_t index) {
  const std::span<char> bytes = memory_.bytes(value(object));
  OMEGA_CHECK(index < bytes.size(), "an index that was checked");
  return bytes[index];
}

Word ContractExecution::new_array(const Inst& inst) {
  const Word length = value(inst.a);
  // What has no address in 64 bits is a mistake of its own; what is only too much runs out.
  if (!fits_64(length) || length.limb[0] > ~uint64_t{0} / inst.b) {
    panic(ir::PanicKind::NegativeLength);
  }
  return inst.b == 1 ? memory_.new_bytes(length.limb[0]) : memory_.new_words(length.limb[0]);
}

void ContractExecution::memory(const Inst& inst) {
  const bool is_word = (inst.flags & ir::kWord) != 0;
  switch (inst.op) {
    case Op::Load: return give(word_at(inst.a, inst.b / ir::kWordBytes));
    case Op::Store: word_at(inst.a, inst.b / ir::kWordBytes) = value(inst.c); return;
    case Op::NewObject: return give(memory_.new_words(inst.a / ir::kWordBytes));
    case Op::ArrayNew: return give(new_array(inst));
    case Op::ArrayLength: return give(word_of(memory_.length(value(inst.a))));
    case Op::CheckIndex:
      if (!less_word(value(inst.a), word_of(memory_.length(value(inst.b))))) {
        panic(ir::PanicKind::IndexOutOfBounds);
      }
      return;
    case Op::CheckBound:
      if (!less_word(value(inst.a), word_of(inst.b))) {
        panic(ir::PanicKind::IndexOutOfBounds);
      }
      return;
    case Op::ElementGet:
    case Op::FixedGet:
      if (is_word) {
        return give(word_at(inst.a, value(inst.b).limb[0]));
      }
      return give(word_of(static_cast<uint8_t>(byte_at(inst.a, value(inst.b).limb[0]))));
    case Op::ElementSet:
    case Op::FixedSet:
      if (is_word) {
        word_at(inst.a, value(inst.b).limb[0]) = value(inst.c);
      } else {
        byte_at(inst.a, value(inst.b).limb[0]) = static_cast<char>(value(inst.c).limb[0]);
      }
      return;
    case Op::CheckThat:
      if (is_zero(value(inst.a))) {
        panic(static_cast<ir::PanicKind>(inst.c));
      }
      return;
    default: OMEGA_UNREACHABLE("no operation of contracts");
  }
}

}  // namespace omega::interp
