// SPDX-License-Identifier: Apache-2.0
// IR to text.
#include <charconv>
#include <cmath>
#include <cstring>

#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"
#include "omega/ir/text.h"
#include "omega/ir/text_contract.h"
#include "omega/ir/text_cursor.h"

namespace omega::ir {

namespace {

constexpr std::string_view panic_kind_names[kPanicKindCount] = {"Overflow", "DivisionByZero",  "IndexOutOfBounds", "BadCast",     "BadEnum",
                                                                "Assert",   "Require",         "Revert",           "ResultError", "NegativeLength",
                                                                "NullCall", "AliasedParallel", "Unreachable",      "PopEmpty",    "BadArgument"};
constexpr std::string_view atomic_op_names[kAtomicOpCount] = {"Add", "Sub", "Min", "Max", "And", "Or", "Xor"};
constexpr std::string_view message_field_names[kMessageFieldCount] = {"Sender",   "Value",   "Data",        "Signature",   "Origin",    "GasPrice",
                                                                      "GasLeft",  "Self",    "SelfBalance", "BlockNumber", "Timestamp", "ChainId",
                                                                      "Coinbase", "BaseFee", "Random",      "GasLimit"};
constexpr std::string_view loop_kind_names[kLoopKindCount] = {"While", "Sequential", "Parallel", "ParallelThreads"};

class Printer {
 public:
  Printer(const Module& module, const base::NameInterner* names, std::string& out) : module_(module), names_(names), out_(out) {}

  void function(const Function& f);
  void name(FunctionId id) { function_name(id); }

 private:
  template <class Number>
  void number(Number value, int base = 10) {
    char digits[72];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
    out_.append(digits, static_cast<size_t>(end - digits));
  }
  void quoted(std::string_view text) { append_quoted(out_, text); }
  void value(uint32_t id) { id == kNone ? void(out_ += '_') : (out_ += '%', number(id)); }
  void block(uint32_t id) { out_ += 'b', number(id); }
  void slot(uint32_t id) { id == kNone ? void(out_ += '_') : (out_ += 's', number(id)); }
  void function_name(uint32_t id) {
    id == kNone                     ? void(out_ += '_')
    : id < module_.functions.size() ? quoted(module_.functions[id].name)
                                    : (out_ += "<function ", number(id), void(out_ += '>'));
  }
  void types(const base::PodVector<Type>& list);
  void values(std::span<const uint32_t> list);
  void target(uint32_t id, std::span<const uint32_t> args) {
    block(id);
    if (!args.empty()) {
      values(args);
    }
  }
  void word(std::string_view text) { out_ += ' ', out_ += text, out_ += ' '; }
  void float_const(const Inst& inst);
  void slots(const Function& f);
  void inst(const Function& f, uint32_t id);
  void operands(const Function& f, const Inst& inst);
  void plain_operands(const Function& f, const Inst& inst);
  void contract_operands(const Function& f, const Inst& inst);
  void data_type(uint32_t id) { out_ += 't', number(id); }
  void parallel_for(const ParallelForRecord& r);
  void loop(const Function& f, LoopId id);

  const Module& module_;
  const base::NameInterner* names_;
  std::string& out_;
};

void Printer::types(const base::PodVector<Type>& list) {
  out_ += '(';
  for (size_t i = 0; i < list.size(); ++i) {
    out_ += i == 0 ? "" : ", ";
    out_ += type_name(list[i]);
  }
  out_ += ')';
}

void Printer::values(std::span<const uint32_t> list) {
  out_ += '(';
  for (size_t i = 0; i < list.size(); ++i) {
    out_ += i == 0 ? "" : ", ";
    value(list[i]);
  }
  out_ += ')';
}

void Printer::function(const Function& f) {
  out_ += f.is_extern ? "extern " : "function ";
  quoted(f.name);
  types(f.params);
  out_ += " -> ";
  types(f.results);
  if (f.file.valid()) {
    out_ += " file ";
    number(f.file.index);
  }
  out_ += " at ";
  number(f.location);
  if (f.is_extern) {
    out_ += '\n';
    return;
  }
  out_ += " {\n";
  slots(f);
  for (LoopId i = 0; i < f.loops.size(); ++i) {
    loop(f, i);
  }
  uint32_t location = f.location;
  for (BlockId b = 0; b < f.blocks.size(); ++b) {
    block(b);
    out_ += ":\n";
    for (uint32_t i = f.blocks[b].first; i < f.blocks[b].end; ++i) {
      inst(f, i);
      if (f.locations[i] != location) {
        location = f.locations[i];
        out_ += " @";
        number(location);
      }
      out_ += '\n';
    }
  }
  out_ += "}\n";
}

void Printer::slots(const Function& f) {
  for (SlotId i = 0; i < f.slots.size(); ++i) {
    const Slot& s = f.slots[i];
    out_ += "  slot ";
    slot(i);
    out_ += ": " + type_name(s.type);
    if (names_ != nullptr && s.name.valid()) {
      out_ += ' ';
      quoted(names_->text(s.name));
    }
    if (s.is_user != 0) {
      out_ += " user";
    }
    out_ += " depth ";
    number(uint32_t{s.loop_depth});
    out_ += " at ";
    number(s.location);
    out_ += '\n';
  }
}

void Printer::loop(const Function& f, LoopId id) {
  const Loop& l = f.loops[id];
  out_ += "  loop ";
  out_ += loop_kind_names[static_cast<uint8_t>(l.kind) % kLoopKindCount];
  word("depth"), number(uint32_t{l.depth});
  word("header"), block(l.header);
  word("body"), block(l.body);
  word("latch"), block(l.latch);
  word("exit"), block(l.exit);
  word("iv"), slot(l.iv);
  word("hi"), slot(l.hi);
  word("step"), number(l.step);
  word("threads"), slot(l.threads);
  word("parent"), l.parent == kNone ? void(out_ += '_') : number(l.parent);
  word("at"), number(l.location);
  out_ += '\n';
}

void Printer::inst(const Function& f, uint32_t id) {
  const Inst& i = f.insts[id];
  out_ += "  ";
  if (i.type != Type::Void) {
    value(id);
    out_ += " = ";
  }
  out_ += op_info(i.op).text;
  if ((i.flags & kChecked) != 0) {
    out_ += " checked";
  }
  if ((i.flags & kNoRefs) != 0) {
    out_ += " norefs";
  }
  if ((i.flags & kWord) != 0) {
    out_ += " word";
  }
  if ((i.flags & kTry) != 0) {
    out_ += " try";
  }
  if (i.type != Type::Void) {
    out_ += ' ' + type_name(i.type);
  }
  operands(f, i);
}

void Printer::float_const(const Inst& i) {
  double d;
  bool exact;
  if (i.type == Type::F32) {
    float value;
    std::memcpy(&value, &i.b, sizeof value);
    d = static_cast<double>(value);
    exact = i.c == 0;
  } else {
    const int64_t bits = const_value(i);
    std::memcpy(&d, &bits, sizeof d);
    exact = true;
  }
  if (exact && std::isfinite(d)) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, d).ptr;
    out_.append(digits, static_cast<size_t>(end - digits));
  } else {
    out_ += "0x";
    number(static_cast<uint64_t>(const_value(i)), 16);
  }
}

void Printer::operands(const Function& f, const Inst& i) {
  switch (i.op) {
    case Op::Const:
      out_ += ' ';
      is_integer(i.type) && !is_signed(i.type) ? number(static_cast<uint64_t>(const_value(i))) : number(const_value(i));
      return;
    case Op::ConstWide:
      out_ += " 0x";
      for (int word = 7; word >= 0; --word) {
        char digits[9];
        std::snprintf(digits, sizeof digits, "%08x", f.extra[i.a + static_cast<uint32_t>(word)]);
        out_ += digits;
      }
      return;
    case Op::ConstFloat: out_ += ' '; return float_const(i);
    case Op::Call:
    case Op::MakeClosure:
      out_ += ' ';
      function_name(i.a);
      return values(f.args(i));
    case Op::CallClosure:
      out_ += ' ';
      value(i.a);
      return values(f.args(i));
    case Op::CallRuntime:
      out_ += ' ';
      out_ += i.a < runtime_functions().size() ? runtime_functions()[i.a].name : std::string_view("<runtime>");
      return values(f.args(i));
    case Op::Message:
      out_ += ' ';
      out_ += message_field_names[i.a % kMessageFieldCount];
      return;
    case Op::Br: out_ += ' '; return target(i.a, f.args(i));
    case Op::CondBr:
      out_ += ' ';
      value(i.a);
      return for_each_successor(f, i, [&](BlockId id, std::span<const uint32_t> args) {
        out_ += ", ";
        target(id, args);
      });
    case Op::Ret: out_ += ' '; return values(f.args(i));
    case Op::Panic:
      out_ += ' ';
      out_ += panic_kind_names[i.a % kPanicKindCount];
      out_ += ", ";
      return value(i.b);
    case Op::CheckThat:
      out_ += ' ';
      value(i.a);
      out_ += ", ";
      value(i.b);
      out_ += ", ";
      out_ += panic_kind_names[i.c % kPanicKindCount];
      return;
    case Op::Atomic:
      out_ += ' ';
      value(i.a);
      out_ += ", ";
      value(i.b);
      out_ += ", ";
      out_ += atomic_op_names[i.c % kAtomicOpCount];
      return;
    case Op::ParallelFor: return parallel_for(parallel_for_record(f, i));
    case Op::DataEncode:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::Recover:
    case Op::Hash:
    case Op::EmitEvent:
    case Op::Create:
    case Op::CallContract:
    case Op::CallRaw:
    case Op::Revert: return contract_operands(f, i);
    default: return plain_operands(f, i);
  }
}

void Printer::plain_operands(const Function& f, const Inst& i) {
  const uint32_t fields[3] = {i.a, i.b, i.c};
  bool first = true;
  for (uint32_t k = 0; k < 3; ++k) {
    const Role role = op_info(i.op).roles[k];
    if (role == Role::None) {
      continue;
    }
    out_ += first ? " " : ", ";
    first = false;
    switch (role) {
      case Role::Value:
      case Role::OptionalValue: value(fields[k]); break;
      case Role::Slot: slot(fields[k]); break;
      case Role::Function: function_name(fields[k]); break;
      case Role::String: quoted(f.strings[fields[k]]); break;
      case Role::DataType: data_type(fields[k]); break;
      default: number(fields[k]); break;
    }
  }
}

void Printer::contract_operands(const Function& f, const Inst& i) {
  out_ += ' ';
  const uint32_t* list = f.extra.data() + i.b;
  auto list_of = [&](auto&& element) {
    out_ += '(';
    for (uint32_t k = 0; k < i.c; ++k) {
      out_ += k == 0 ? "" : ", ";
      element(k);
    }
    out_ += ')';
  };
  auto receiver = [&] {
    out_ += ", ", value(list[0]);
    out_ += ", value ", value(list[1]);
    out_ += ", gas ", value(list[2]);
  };
  switch (i.op) {
    case Op::DataEncode:
      out_ += encoding_name(static_cast<Encoding>(i.a));
      out_ += ' ';
      return list_of([&](uint32_t k) { value(list[k]), out_ += ": ", data_type(list[i.c + k]); });
    case Op::DataDecode:
      value(i.a);
      out_ += ", ";
      return list_of([&](uint32_t k) { data_type(list[k]); });
    case Op::Recover:
    case Op::DataConcat: return list_of([&](uint32_t k) { value(list[k]); });
    case Op::Hash:
      value(i.a);
      out_ += ", ";
      out_ += hash_kind_name(static_cast<HashKind>(i.b));
      return;
    case Op::Create:
      number(i.a);
      out_ += ", value ", value(list[0]);
      out_ += ", salt ", value(list[1]);
      out_ += ' ';
      return values({list + 2, i.c - 2});
    case Op::CallContract:
      number(i.a);
      receiver();
      out_ += ' ';
      return values({list + 3, i.c - 3});
    case Op::CallRaw:
      out_ += raw_call_kind_name(static_cast<RawCallKind>(i.a));
      receiver();
      out_ += ", ";
      return value(list[3]);
    default:  // EmitEvent, Revert
      i.a == kNone ? void(out_ += '_') : number(i.a);
      if (i.a != kNone) {
        out_ += ' ';
        values(f.args(i));
      }
      return;
  }
}

void Printer::parallel_for(const ParallelForRecord& r) {
  out_ += ' ';
  value(r.lo);
  out_ += ", ";
  value(r.hi);
  word("threads"), value(r.threads);
  word("body"), function_name(r.body);
  word("env"), value(r.env);
  word("combine"), function_name(r.combine);
  word("acc"), value(r.acc);
  word("size"), number(r.acc_size);
  word("neutral"), value(r.neutral);
  word("cost"), number(r.cost);
  word("auto"), number(r.is_auto);
  word("quiet"), number(r.is_quiet);
  word("at"), number(r.loop_location);
}

}  // namespace

std::string_view panic_kind_name(PanicKind kind) { return panic_kind_names[static_cast<uint8_t>(kind)]; }
std::string_view atomic_op_name(AtomicOp op) { return atomic_op_names[static_cast<uint8_t>(op)]; }
std::string_view message_field_name(MessageField field) { return message_field_names[static_cast<uint8_t>(field)]; }
std::string_view loop_kind_name(LoopKind kind) { return loop_kind_names[static_cast<uint8_t>(kind)]; }

std::string print(const Module& module, const Function& function, const base::NameInterner* names) {
  std::string out;
  Printer(module, names, out).function(function);
  return out;
}

std::string print(const Module& module, const base::NameInterner* names) {
  std::string out;
  if (module.contract) {
    print_contract(module, out);
  }
  Printer printer(module, names, out);
  for (const Function& function : module.functions) {
    printer.function(function);
  }
  if (module.entry < module.functions.size()) {
    out += "entry ";
    Printer(module, names, out).name(module.entry);
    out += '\n';
  }
  return out;
}

}  // namespace omega::ir
