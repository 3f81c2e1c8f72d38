// SPDX-License-Identifier: Apache-2.0
// Text to IR. The form is line by line: a first look over a function's lines numbers its values, blocks and slots, so that
// they may be used before their line.
#include <charconv>
#include <cstring>
#include <unordered_map>

#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"
#include "omega/ir/text.h"
#include "omega/ir/text_contract.h"
#include "omega/ir/text_cursor.h"

namespace omega::ir {

namespace {

using NameTable = std::unordered_map<std::string_view, uint32_t>;

Type read_type(Cursor& c) {
  const std::string_view name = c.word();
  if (name == "void") {
    return Type::Void;
  }
  if (name == "f32") {
    return Type::F32;
  }
  if (name == "f64") {
    return Type::F64;
  }
  if (name == "ref") {
    return Type::Ref;
  }
  uint32_t bits = 0;
  if (name.size() > 1 && name.size() <= 4 && (name[0] == 'u' || name[0] == 's') &&
      std::from_chars(name.data() + 1, name.data() + name.size(), bits).ptr == name.data() + name.size() && bits >= 1 && bits <= 256) {
    return name[0] == 's' ? signed_type(bits) : unsigned_type(bits);
  }
  throw Failure{"no such type: " + std::string(name)};
}

template <class Name>
uint32_t read_enumerator(Cursor& c, uint32_t count, Name name_of) {
  const std::string_view word = c.word();
  for (uint32_t i = 0; i < count; ++i) {
    if (name_of(i) == word) {
      return i;
    }
  }
  throw Failure{"no such name here: " + std::string(word)};
}

class Reader {
 public:
  Reader(std::string_view text, base::NameInterner* names);

  Module read();

  uint32_t line_number() const { return line_ + 1; }

 private:
  void collect_functions();
  /// The line that closes the body begun in line `head`; the number of lines if none does.
  uint32_t body_end(uint32_t head) const;
  void read_contract(Cursor& c);
  void read_signature(Cursor& c, Function& f);
  void read_types(Cursor& c, base::PodVector<Type>& types);
  void read_body(Function& f);
  void number_lines(uint32_t end);
  void read_slot(Cursor& c, Function& f);
  void read_loop(Cursor& c, Function& f);
  void read_inst(Cursor& c, Function& f);
  void read_operands(Cursor& c, Function& f, Inst& inst);
  void read_plain_operands(Cursor& c, Function& f, Inst& inst);
  void read_contract_operands(Cursor& c, Function& f, Inst& inst);
  void read_receiver(Cursor& c, Function& f);
  void read_options(Cursor& c, Function& f, std::initializer_list<std::string_view> names);
  void read_const(Cursor& c, Function& f, Inst& inst);
  void read_parallel_for(Cursor& c, Function& f, Inst& inst);

  static uint32_t lookup(const NameTable& table, std::string_view name, const char* what) {
    const auto it = table.find(name);
    if (it == table.end()) {
      throw Failure{std::string("no such ") + what + ": " + std::string(name)};
    }
    return it->second;
  }
  static void define(NameTable& table, std::string_view name, uint32_t id, const char* what) {
    if (!table.emplace(name, id).second) {
      throw Failure{std::string(what) + " twice: " + std::string(name)};
    }
  }
  uint32_t read_value(Cursor& c, bool optional = false) {
    if (optional && c.take_word("_")) {
      return kNone;
    }
    c.expect("%");
    return lookup(values_, c.word(), "value");
  }
  uint32_t read_block(Cursor& c) { return lookup(blocks_, c.word(), "block"); }
  uint32_t read_slot_id(Cursor& c) { return c.take_word("_") ? kNone : lookup(slots_, c.word(), "slot"); }
  uint32_t read_function(Cursor& c, bool optional = false) {
    if (optional && c.take_word("_")) {
      return kNone;
    }
    const std::string name = c.string();
    return lookup(functions_, name, "function");
  }
  uint32_t read_string(Cursor& c, Function& f) {
    f.strings.push_back(c.string());
    return static_cast<uint32_t>(f.strings.size() - 1);
  }
  /// `(%a, %b)` appended to `words`; absent parentheses are an empty list.
  uint32_t read_values(Cursor& c, base::PodVector<uint32_t>& words);
  void read_arguments(Cursor& c, Function& f, Inst& inst) {
    inst.b = static_cast<uint32_t>(f.extra.size());
    inst.c = read_values(c, f.extra);
  }
  void end_line(Cursor& c) {
    if (!c.at_end()) {
      throw Failure{"more on the line than expected"};
    }
  }

  std::vector<std::string_view> lines_;
  base::NameInterner* names_;
  uint32_t line_ = 0;
  Module module_;
  std::vector<std::string> function_names_;
  NameTable functions_;
  std::unordered_map<std::string_view, Op> ops_;
  std::unordered_map<std::string_view, uint32_t> runtime_;
  NameTable values_;
  NameTable blocks_;
  NameTable slots_;
  uint32_t location_ = 0;
};

Reader::Reader(std::string_view text, base::NameInterner* names) : names_(names) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines_.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  for (uint32_t i = 0; i < kOpCount; ++i) {
    ops_.emplace(op_infos[i].text, static_cast<Op>(i));
  }
  for (uint32_t i = 0; i < runtime_functions().size(); ++i) {
    runtime_.emplace(runtime_functions()[i].name, i);
  }
}

void Reader::collect_functions() {
  std::vector<uint32_t> at;
  for (line_ = 0; line_ < lines_.size(); ++line_) {
    Cursor c(lines_[line_]);
    if (c.peek_word() == "contract") {
      line_ = body_end(line_);
      continue;
    }
    const bool has_body = c.take_word("function");
    if (!has_body && !c.take_word("extern")) {
      continue;
    }
    function_names_.push_back(c.string());
    at.push_back(line_);
    if (has_body) {
      line_ = body_end(line_);  // `function` is an operation in there
    }
  }
  for (uint32_t i = 0; i < function_names_.size(); ++i) {
    line_ = at[i];
    define(functions_, function_names_[i], i, "function");
  }
}

uint32_t Reader::body_end(uint32_t head) const {
  uint32_t line = head + 1;
  while (line < lines_.size() && !Cursor(lines_[line]).peek('}')) {
    ++line;
  }
  return line;
}

Module Reader::read() {
  collect_functions();
  for (line_ = 0; line_ < lines_.size(); ++line_) {
    Cursor c(lines_[line_]);
    if (c.at_end()) {
      continue;
    }
    if (c.take_word("entry")) {
      module_.entry = read_function(c);
      end_line(c);
      continue;
    }
    if (c.peek_word() == "contract") {
      read_contract(c);
      continue;
    }
    Function f;
    f.is_extern = c.take_word("extern");
    if (!f.is_extern) {
      c.expect_word("function");
    }
    read_signature(c, f);
    if (!f.is_extern) {
      c.expect("{");
    }
    end_line(c);
    if (!f.is_extern) {
      read_body(f);
    }
    module_.functions.push_back(std::move(f));
  }
  return std::move(module_);
}

void Reader::read_contract(Cursor& c) {
  if (module_.contract) {
    throw Failure{"a module is one contract at most"};
  }
  const uint32_t end = body_end(line_);
  ContractReader reader([this](Cursor& at) { return read_function(at); });
  reader.read_head(c);
  while (++line_ < end) {
    Cursor row(lines_[line_]);
    if (!row.at_end()) {
      reader.read_row(row);
      end_line(row);
    }
  }
  if (end >= lines_.size()) {
    throw Failure{"contract without `}`"};
  }
  Cursor last(lines_[line_]);
  last.expect("}");
  end_line(last);
  module_.contract = std::make_shared<const Contract>(reader.take());
}

void Reader::read_types(Cursor& c, base::PodVector<Type>& types) {
  c.expect("(");
  while (!c.take(")")) {
    if (!types.empty()) {
      c.expect(",");
    }
    types.push_back(read_type(c));
  }
}

void Reader::read_signature(Cursor& c, Function& f) {
  f.name = c.string();
  read_types(c, f.params);
  if (c.take("->")) {
    read_types(c, f.results);
  }
  if (c.take_word("file")) {
    f.file = base::FileId{c.number<uint32_t>()};
  }
  if (c.take_word("at")) {
    f.location = c.number<uint32_t>();
  }
}

void Reader::number_lines(uint32_t end) {
  values_.clear();
  blocks_.clear();
  slots_.clear();
  uint32_t value_count = 0;
  const uint32_t begin = line_;
  for (; line_ < end; ++line_) {
    Cursor c(lines_[line_]);
    if (c.at_end()) {
      continue;
    }
    if (c.take("%")) {
      define(values_, c.word(), value_count++, "value");
      continue;
    }
    const std::string_view word = c.word();
    if (word == "slot") {
      define(slots_, c.word(), static_cast<uint32_t>(slots_.size()), "slot");
    } else if (c.peek(':')) {
      define(blocks_, word, static_cast<uint32_t>(blocks_.size()), "block");
    } else if (word != "loop") {
      ++value_count;
    }
  }
  line_ = begin;
}

void Reader::read_body(Function& f) {
  const uint32_t begin = ++line_;
  const uint32_t end = body_end(begin - 1);
  if (end >= lines_.size()) {
    throw Failure{"function without `}`"};
  }
  number_lines(end);
  location_ = f.location;
  for (line_ = begin; line_ < end; ++line_) {
    Cursor c(lines_[line_]);
    if (c.at_end()) {
      continue;
    }
    const std::string_view word = c.peek_word();
    if (word == "slot") {
      read_slot(c, f);
    } else if (word == "loop") {
      read_loop(c, f);
    } else {
      Cursor label = c;
      if (!word.empty() && (label.word(), label.take(":"))) {
        end_line(label);
        f.blocks.push_back({static_cast<uint32_t>(f.insts.size()), static_cast<uint32_t>(f.insts.size())});
        continue;
      }
      if (f.blocks.empty()) {
        throw Failure{"instruction before the first block"};
      }
      read_inst(c, f);
      f.blocks.back().end = static_cast<uint32_t>(f.insts.size());
      continue;
    }
    end_line(c);
  }
  line_ = end;
  Cursor c(lines_[line_]);
  c.expect("}");
  end_line(c);
}

void Reader::read_slot(Cursor& c, Function& f) {
  Slot slot{};
  c.word();
  c.word();
  c.expect(":");
  slot.type = read_type(c);
  if (c.peek('"')) {
    const std::string name = c.string();
    if (names_ != nullptr) {
      slot.name = names_->intern(name);
    }
  }
  slot.is_user = c.take_word("user");
  if (c.take_word("depth")) {
    slot.loop_depth = c.number<uint8_t>();
  }
  if (c.take_word("at")) {
    slot.location = c.number<uint32_t>();
  }
  f.slots.push_back(slot);
}

void Reader::read_loop(Cursor& c, Function& f) {
  Loop loop{};
  c.word();
  loop.kind = static_cast<LoopKind>(read_enumerator(c, kLoopKindCount, [](uint32_t i) { return loop_kind_name(static_cast<LoopKind>(i)); }));
  c.expect_word("depth"), loop.depth = c.number<uint8_t>();
  c.expect_word("header"), loop.header = read_block(c);
  c.expect_word("body"), loop.body = read_block(c);
  c.expect_word("latch"), loop.latch = read_block(c);
  c.expect_word("exit"), loop.exit = read_block(c);
  c.expect_word("iv"), loop.iv = read_slot_id(c);
  c.expect_word("hi"), loop.hi = read_slot_id(c);
  c.expect_word("step"), loop.step = c.number<int64_t>();
  c.expect_word("threads"), loop.threads = read_slot_id(c);
  c.expect_word("parent"), loop.parent = c.take_word("_") ? kNone : c.number<uint32_t>();
  c.expect_word("at"), loop.location = c.number<uint32_t>();
  f.loops.push_back(loop);
}

void Reader::read_inst(Cursor& c, Function& f) {
  Inst inst{};
  const bool has_value = c.take("%");
  if (has_value) {
    c.word();
    c.expect("=");
  }
  const std::string_view name = c.word();
  const auto op = ops_.find(name);
  if (op == ops_.end()) {
    throw Failure{"no such operation: " + std::string(name)};
  }
  inst.op = op->second;
  if (c.take_word("checked")) {
    inst.flags |= kChecked;
  }
  if (c.take_word("norefs")) {
    inst.flags |= kNoRefs;
  }
  if (c.take_word("word")) {
    inst.flags |= kWord;
  }
  if (c.take_word("try")) {
    inst.flags |= kTry;
  }
  if (has_value) {
    inst.type = read_type(c);
    if (inst.type == Type::Void) {
      throw Failure{"a value cannot be void"};
    }
  }
  read_operands(c, f, inst);
  if (c.take("@")) {
    location_ = c.number<uint32_t>();
  }
  end_line(c);
  f.insts.push_back(inst);
  f.locations.push_back(location_);
}

uint32_t Reader::read_values(Cursor& c, base::PodVector<uint32_t>& words) {
  uint32_t count = 0;
  if (c.take("(")) {
    while (!c.take(")")) {
      if (count != 0) {
        c.expect(",");
      }
      words.push_back(read_value(c));
      ++count;
    }
  }
  return count;
}

void Reader::read_const(Cursor& c, Function& f, Inst& inst) {
  uint64_t bits = 0;
  if (inst.op == Op::ConstWide) {
    c.expect("0x");
    const std::string_view digits = c.word();
    inst.a = static_cast<uint32_t>(f.extra.size());
    uint32_t words[8] = {};
    for (size_t i = 0; i < digits.size(); ++i) {
      const char digit = digits[digits.size() - 1 - i];
      const uint32_t value = digit >= '0' && digit <= '9'   ? static_cast<uint32_t>(digit - '0')
                             : digit >= 'a' && digit <= 'f' ? static_cast<uint32_t>(digit - 'a' + 10)
                                                            : 16;
      if (value == 16 || i >= 64) {
        throw Failure{"expected up to 64 hexadecimal digits"};
      }
      words[i / 8] |= value << (i % 8 * 4);
    }
    f.extra.append(words, 8);
    return;
  }
  if (inst.op == Op::ConstFloat && !c.peek_word().starts_with("0x")) {
    const double value = c.floating();
    if (inst.type == Type::F32) {
      const float narrow = static_cast<float>(value);
      uint32_t low;
      std::memcpy(&low, &narrow, sizeof low);
      bits = low;
    } else {
      std::memcpy(&bits, &value, sizeof bits);
    }
  } else if (c.peek('-')) {
    bits = static_cast<uint64_t>(c.number<int64_t>());
  } else {
    bits = c.number<uint64_t>();
  }
  inst.b = static_cast<uint32_t>(bits);
  inst.c = static_cast<uint32_t>(bits >> 32);
}

void Reader::read_operands(Cursor& c, Function& f, Inst& inst) {
  auto panic_kind = [&] { return read_enumerator(c, kPanicKindCount, [](uint32_t i) { return panic_kind_name(static_cast<PanicKind>(i)); }); };
  switch (inst.op) {
    case Op::Const:
    case Op::ConstWide:
    case Op::ConstFloat: return read_const(c, f, inst);
    case Op::Call:
    case Op::MakeClosure: inst.a = read_function(c); return read_arguments(c, f, inst);
    case Op::CallClosure: inst.a = read_value(c); return read_arguments(c, f, inst);
    case Op::CallRuntime: {
      const std::string_view name = c.word();
      const auto it = runtime_.find(name);
      if (it == runtime_.end()) {
        throw Failure{"no such runtime function: " + std::string(name)};
      }
      inst.a = it->second;
      return read_arguments(c, f, inst);
    }
    case Op::Message: inst.a = read_enumerator(c, kMessageFieldCount, [](uint32_t i) { return message_field_name(static_cast<MessageField>(i)); }); return;
    case Op::Br: inst.a = read_block(c); return read_arguments(c, f, inst);
    case Op::CondBr:
      inst.a = read_value(c);
      inst.b = static_cast<uint32_t>(f.extra.size());
      for (int k = 0; k < 2; ++k) {
        c.expect(",");
        f.extra.push_back(read_block(c));
        const uint32_t at = static_cast<uint32_t>(f.extra.size());
        f.extra.push_back(0);
        const uint32_t count = read_values(c, f.extra);
        f.extra[at] = count;
      }
      return;
    case Op::Ret: return read_arguments(c, f, inst);
    case Op::Panic:
      inst.a = panic_kind();
      inst.b = c.take(",") ? read_value(c, true) : kNone;
      return;
    case Op::CheckThat:
      inst.a = read_value(c);
      c.expect(",");
      inst.b = read_value(c, true);
      c.expect(",");
      inst.c = panic_kind();
      return;
    case Op::Atomic:
      inst.a = read_value(c);
      c.expect(",");
      inst.b = read_value(c);
      c.expect(",");
      inst.c = read_enumerator(c, kAtomicOpCount, [](uint32_t i) { return atomic_op_name(static_cast<AtomicOp>(i)); });
      return;
    case Op::ParallelFor: return read_parallel_for(c, f, inst);
    case Op::DataEncode:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::Recover:
    case Op::Hash:
    case Op::EmitEvent:
    case Op::Create:
    case Op::CallContract:
    case Op::CallRaw:
    case Op::Revert: return read_contract_operands(c, f, inst);
    default: return read_plain_operands(c, f, inst);
  }
}

void Reader::read_plain_operands(Cursor& c, Function& f, Inst& inst) {
  uint32_t* fields[3] = {&inst.a, &inst.b, &inst.c};
  bool first = true;
  for (uint32_t k = 0; k < 3; ++k) {
    const Role role = op_info(inst.op).roles[k];
    if (role == Role::None) {
      continue;
    }
    if (!first) {
      c.expect(",");
    }
    first = false;
    switch (role) {
      case Role::Value: *fields[k] = read_value(c); break;
      case Role::OptionalValue: *fields[k] = read_value(c, true); break;
      case Role::Slot: *fields[k] = lookup(slots_, c.word(), "slot"); break;
      case Role::Function: *fields[k] = read_function(c); break;
      case Role::String: *fields[k] = read_string(c, f); break;
      case Role::DataType: *fields[k] = read_data_type(c); break;
      default: *fields[k] = c.number<uint32_t>(); break;
    }
  }
}

void Reader::read_receiver(Cursor& c, Function& f) {
  c.expect(",");
  f.extra.push_back(read_value(c));
  read_options(c, f, {"value", "gas"});
}

void Reader::read_options(Cursor& c, Function& f, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    c.expect(",");
    c.expect_word(name);
    f.extra.push_back(read_value(c, true));
  }
}

void Reader::read_contract_operands(Cursor& c, Function& f, Inst& inst) {
  auto list_of = [&](auto&& element) {
    c.expect("(");
    while (!c.take(")")) {
      if (inst.c != 0) {
        c.expect(",");
      }
      element();
      ++inst.c;
    }
  };
  inst.b = static_cast<uint32_t>(f.extra.size());
  switch (inst.op) {
    case Op::DataEncode: {
      inst.a = read_enumerator(c, kEncodingCount, [](uint32_t i) { return encoding_name(static_cast<Encoding>(i)); });
      base::PodVector<uint32_t> types;
      list_of([&] {
        f.extra.push_back(read_value(c));
        c.expect(":");
        types.push_back(read_data_type(c));
      });
      f.extra.append(types.data(), types.size());
      return;
    }
    case Op::DataDecode:
      inst.a = read_value(c);
      c.expect(",");
      return list_of([&] { f.extra.push_back(read_data_type(c)); });
    case Op::Recover:
    case Op::DataConcat: inst.c = read_values(c, f.extra); return;
    case Op::Hash:
      inst.a = read_value(c);
      c.expect(",");
      inst.b = read_enumerator(c, kHashKindCount, [](uint32_t i) { return hash_kind_name(static_cast<HashKind>(i)); });
      return;
    case Op::Create:
      inst.a = c.number<uint32_t>();
      read_options(c, f, {"value", "salt"});
      inst.c = 2 + read_values(c, f.extra);
      return;
    case Op::CallContract:
      inst.a = c.number<uint32_t>();
      read_receiver(c, f);
      inst.c = 3 + read_values(c, f.extra);
      return;
    case Op::CallRaw:
      inst.a = read_enumerator(c, kRawCallKindCount, [](uint32_t i) { return raw_call_kind_name(static_cast<RawCallKind>(i)); });
      read_receiver(c, f);
      c.expect(",");
      f.extra.push_back(read_value(c));
      inst.c = 4;
      return;
    default:  // EmitEvent, Revert
      inst.a = inst.op == Op::Revert && c.take_word("_") ? kNone : c.number<uint32_t>();
      return read_arguments(c, f, inst);
  }
}

void Reader::read_parallel_for(Cursor& c, Function& f, Inst& inst) {
  ParallelForRecord r{};
  r.lo = read_value(c);
  c.expect(",");
  r.hi = read_value(c);
  c.expect_word("threads"), r.threads = read_value(c, true);
  c.expect_word("body"), r.body = read_function(c);
  c.expect_word("env"), r.env = read_value(c);
  c.expect_word("combine"), r.combine = read_function(c, true);
  c.expect_word("acc"), r.acc = read_value(c, true);
  c.expect_word("size"), r.acc_size = c.number<uint32_t>();
  c.expect_word("neutral"), r.neutral = read_value(c, true);
  c.expect_word("cost"), r.cost = c.number<uint32_t>();
  c.expect_word("auto"), r.is_auto = c.number<uint32_t>();
  c.expect_word("quiet"), r.is_quiet = c.number<uint32_t>();
  c.expect_word("at"), r.loop_location = c.number<uint32_t>();
  inst.a = static_cast<uint32_t>(f.extra.size());
  uint32_t words[sizeof r / sizeof(uint32_t)];
  std::memcpy(words, &r, sizeof r);
  f.extra.append(words, sizeof r / sizeof(uint32_t));
}

}  // namespace

base::Result<Module> parse_text(std::string_view text, base::NameInterner* names) {
  Reader reader(text, names);
  try {
    return reader.read();
  } catch (const Failure& failure) {
    return base::Error{"line " + std::to_string(reader.line_number()) + ": " + failure.message, 0, {}};
  }
}

}  // namespace omega::ir
