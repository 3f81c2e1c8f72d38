// SPDX-License-Identifier: Apache-2.0
// The contract's tables as constants, in the forms of runtime/chain/chain.h, and what calls its entries.
#include <algorithm>

#include "omega/base/digests.h"
#include "omega/base/keccak.h"
#include "omega/codegen/common/interface_names.h"
#include "omega/codegen/llvm/program.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::llvm {

namespace {

constexpr uint32_t kIndexedFlag = 1, kCalldataFlag = 2;

std::string number(uint64_t value) { return std::to_string(value); }

uint64_t discriminator(const std::string& text) {
  const base::Sha256Digest digest = base::sha256(text);
  uint64_t value = 0;
  for (size_t i = 8; i-- > 0;) {
    value = value << 8 | digest[i];
  }
  return value;
}

/// How a data type is encoded: the last two columns of its row in runtime/chain/chain.h.
struct Encoded {
  uint64_t part_bytes = 0;
  bool is_dynamic = false;
  bool is_known = false;
};

constexpr uint64_t kLargestHead = uint64_t{1} << 40;

/// Types nest at most ir::kMaxDataTypeDepth deep, and recursive ones are left out.
void find_encoded(const ir::Contract& contract, std::span<const ir::DataTypeFacts> facts, ir::DataTypeId id, std::vector<Encoded>& all) {
  if (all[id].is_known || facts[id].has_mapping || facts[id].is_recursive) {
    return;
  }
  Encoded made{ir::kWordBytes, false, true};
  const ir::DataType& type = contract.types[id];
  const auto head = [&](ir::DataTypeId part) {
    find_encoded(contract, facts, part, all);
    made.is_dynamic = made.is_dynamic || all[part].is_dynamic;
    return all[part].is_dynamic ? uint64_t{ir::kWordBytes} : all[part].part_bytes;
  };
  if (type.kind == ir::DataKind::FixedArray) {
    const uint64_t each = std::max<uint64_t>(head(type.element), 1);
    made.part_bytes = type.length > kLargestHead / each ? kLargestHead : type.length * each;
  } else if (type.kind == ir::DataKind::Struct) {
    made.part_bytes = 0;
    for (uint32_t k = 0; k < type.field_count; ++k) {
      made.part_bytes = std::min(made.part_bytes + head(contract.fields[type.first_field + k].type), kLargestHead);
    }
  } else {
    made.is_dynamic = !ir::is_value_kind(type.kind);
  }
  all[id] = made;
}

class TableWriter {
 public:
  TableWriter(const Program& program, std::string& out) : contract_(program.contract()), module_(program.module()), out_(out) {}

  void write() {
    types();
    fields();
    variables();
    entries();
    messages();
    table("chain_names", "[" + number(names_.size()) + " x i8]", bytes_literal(names_));
    constant("chain_variable_count", contract_.variables.size());
    constant("chain_immutable_count", contract_.immutables.size());
    constant("chain_entry_count", contract_.entries.size());
    constant("chain_event_count", contract_.events.size());
    constant("chain_error_count", contract_.errors.size());
  }

 private:
  void table(std::string_view name, const std::string& type, const std::string& value) {
    ((((((out_ += '@') += name) += " = constant ") += type) += ' ') += value) += ", align 8\n";
  }
  void constant(std::string_view name, size_t value) { table(name, "i32", number(value)); }

  /// A table of rows of one type; `row` gives the values of one without their braces.
  template <class Rows, class Row>
  void rows(std::string_view name, const std::string& type, const Rows& all, Row&& row) {
    std::string value = "[";
    for (size_t i = 0; i < all.size(); ++i) {
      value += (i == 0 ? "" : ",") + ("\n  " + type + " { " + row(all[i], i) + " }");
    }
    table(name, "[" + number(all.size()) + " x " + type + "]", value + "]");
  }

  std::string name(const std::string& text) {
    const std::string value = "%Name { i32 " + number(names_.size()) + ", i32 " + number(text.size()) + " }";
    names_ += text;
    return value;
  }
  static std::string fields(ir::DataFields list) { return "%Fields { i32 " + number(list.first) + ", i32 " + number(list.count) + " }"; }

  void types() {
    const std::vector<ir::DataTypeFacts> facts = ir::data_type_facts(contract_);
    std::vector<Encoded> encoded(contract_.types.size());
    for (ir::DataTypeId id = 0; id < contract_.types.size(); ++id) {
      find_encoded(contract_, facts, id, encoded);
    }
    rows("chain_types", "%DataType", contract_.types, [&](const ir::DataType& type, size_t i) {
      return "i32 " + number(static_cast<uint32_t>(type.kind)) + ", i32 " + number(type.bits) + ", i64 " + number(type.length) + ", i32 " + number(type.key) +
             ", i32 " + number(type.element) + ", i32 " + number(type.first_field) + ", i32 " + number(type.field_count) + ", i64 " +
             number(encoded[i].part_bytes) + ", i64 " + number(encoded[i].is_dynamic ? 1 : 0);
    });
  }

  void fields() {
    rows("chain_fields", "%Field", contract_.fields, [this](const ir::DataField& field, size_t) {
      const uint32_t flags = (field.is_indexed ? kIndexedFlag : 0) | (field.is_calldata ? kCalldataFlag : 0);
      return name(field.name) + ", i32 " + number(field.type) + ", i32 " + number(flags);
    });
  }

  void variables() {
    std::vector<ir::StateVariable> all = contract_.variables;
    all.insert(all.end(), contract_.immutables.begin(), contract_.immutables.end());
    rows("chain_variables", "%Variable", all,
         [this](const ir::StateVariable& variable, size_t) { return name(variable.name) + ", i32 " + number(variable.type); });
  }

  void entries() {
    const std::vector<uint8_t> reads = sender_readers(module_);
    const std::vector<std::string> outside = entry_names(contract_);
    rows("chain_entries", "%Entry", contract_.entries, [&](const ir::EntryPoint& entry, size_t i) {
      const uint32_t selector = entry.kind == ir::EntryKind::Function ? base::keccak256_selector(ir::signature(contract_, entry.name, entry.params)) : 0;
      return "i32 " + number(static_cast<uint32_t>(entry.kind)) + ", i32 " + number(static_cast<uint32_t>(entry.mutability)) + ", " + name(outside[i]) + ", " +
             fields(entry.params) + ", " + fields(entry.results) + ", i32 " + number(selector) + ", i32 " + number(reads[entry.function]) + ", i64 " +
             number(discriminator("global:" + outside[i]));
    });
  }

  void messages() {
    const auto row = [this](const std::string& message, ir::DataFields arguments, bool is_anonymous) {
      const base::Keccak256Digest topic = base::keccak256(ir::signature(contract_, message, arguments));
      const uint32_t selector = static_cast<uint32_t>(topic[0]) << 24 | static_cast<uint32_t>(topic[1]) << 16 | static_cast<uint32_t>(topic[2]) << 8 | topic[3];
      return name(message) + ", " + fields(arguments) + ", i32 " + number(selector) + ", i32 " + number(is_anonymous ? 1 : 0) + ", i64 " +
             number(discriminator("event:" + message)) + ", [32 x i8] " + bytes_literal({reinterpret_cast<const char*>(topic.data()), topic.size()});
    };
    rows("chain_events", "%Message", contract_.events,
         [&](const ir::EventType& event, size_t) { return row(event.name, event.arguments, event.is_anonymous); });
    rows("chain_errors", "%Message", contract_.errors, [&](const ir::ErrorType& error, size_t) { return row(error.name, error.arguments, false); });
  }

  const ir::Contract& contract_;
  const ir::Module& module_;
  std::string& out_;
  std::string names_;
};

/// What runs one entry: @call_entryN(arguments, results).
class EntryCall {
 public:
  EntryCall(Program& program, size_t number, std::string& out) : program_(program), entry_(program.contract().entries[number]), number_(number), out_(out) {}

  void write() {
    const ir::Function& f = program_.module().functions[entry_.function];
    const Convention& how = program_.convention(entry_.function);
    out_ += "define internal i64 @call_entry" + std::to_string(number_) + "(ptr %arguments, ptr %results) alwaysinline #0 {\n";
    if (how.words != 0) {
      line("%frame = alloca [", number(how.words), " x i64], align 8");
    }
    const std::string frame = "%frame";
    std::string arguments;
    for (uint32_t k = 0; k < f.params.size(); ++k) {
      const ir::Type type = f.params[k];
      const std::string from = offset("%arguments", k * uint64_t{ir::kWordBytes});
      const std::string type_name = held(type);
      const std::string value = fresh();
      line(value, " = load ", type_name, ", ptr ", from, ", align 8");
      if (how.parameter_words[k] != ir::kNone) {
        line("store ", type_name, " ", value, ", ptr ", offset(frame, how.parameter_words[k] * uint64_t{8}), ", align 8");
      } else {
        arguments += (arguments.empty() ? "" : ", ") + register_argument(type, type_name, value);
      }
    }
    if (how.words != 0) {
      arguments += (arguments.empty() ? "ptr " : ", ptr ") + frame;
    }
    const std::string status = fresh();
    line(status, " = call i64 @f", number(entry_.function), "(", arguments, ")");
    const std::string is_done = fresh();
    line(is_done, " = icmp eq i64 ", status, ", 0");
    line("br i1 ", is_done, ", label %done, label %fail, !prof !0");
    out_ += "done:\n";
    for (uint32_t k = 0; k < f.results.size(); ++k) {
      give(f.results[k], offset(frame, how.result_words[k] * uint64_t{8}), offset("%results", k * uint64_t{ir::kWordBytes}));
    }
    line("ret i64 0");
    out_ += "fail:\n  ret i64 1\n}\n";
  }

 private:
  template <class... Parts>
  void line(const Parts&... parts) {
    out_ += "  ";
    (out_.append(parts), ...);
    out_ += '\n';
  }
  std::string fresh() { return "%t" + std::to_string(next_++); }
  std::string offset(const std::string& address, uint64_t bytes) {
    if (bytes == 0) {
      return address;
    }
    std::string to = fresh();
    line(to, " = getelementptr inbounds i8, ptr ", address, ", i64 ", number(bytes));
    return to;
  }
  /// How a value is held in memory, in words of 64 bits.
  static std::string held(ir::Type type) { return type == ir::Type::Ref ? "ptr" : "i" + number(frame_words(type) * uint64_t{64}); }
  std::string register_argument(ir::Type type, const std::string& held_type, const std::string& value) {
    const std::string wanted = type_text(type);
    if (wanted == held_type) {
      return wanted + " " + value;
    }
    const std::string cut = fresh();
    line(cut, " = trunc ", held_type, " ", value, " to ", wanted);
    return wanted + " " + cut;
  }
  /// A result from the frame to a word.
  void give(ir::Type type, const std::string& from, const std::string& to) {
    const std::string value = fresh(), wide = fresh();
    if (type == ir::Type::Ref) {
      const std::string address = fresh();
      line(value, " = load ptr, ptr ", from, ", align 8");
      line(address, " = ptrtoint ptr ", value, " to i64");
      line(wide, " = zext i64 ", address, " to i256");
    } else {
      const std::string held_type = held(type);
      line(value, " = load ", held_type, ", ptr ", from, ", align 8");
      line(wide,
           held_type == "i256"   ? " = add "
           : ir::is_signed(type) ? " = sext "
                                 : " = zext ",
           held_type, " ", value, held_type == "i256" ? ", 0" : " to i256");
    }
    line("store i256 ", wide, ", ptr ", to, ", align 8");
  }

  Program& program_;
  const ir::EntryPoint& entry_;
  size_t number_;
  std::string& out_;
  uint32_t next_ = 0;
};

}  // namespace

void write_tables(const Program& program, std::string& out) { TableWriter(program, out).write(); }

void write_call(Program& program, std::string& out) {
  const size_t count = program.contract().entries.size();
  for (size_t i = 0; i < count; ++i) {
    EntryCall(program, i, out).write();
  }
  out += "define i64 @chain_call(i32 %entry, ptr %arguments, ptr %results) #0 {\n";
  out += "  switch i32 %entry, label %fail [";
  for (size_t i = 0; i < count; ++i) {
    out += " i32 " + number(i) + ", label %entry" + number(i);
  }
  out += " ]\n";
  for (size_t i = 0; i < count; ++i) {
    const std::string k = number(i);
    out.append("entry").append(k).append(":\n  %s").append(k).append(" = call i64 @call_entry").append(k);
    out.append("(ptr %arguments, ptr %results)\n  ret i64 %s").append(k).append("\n");
  }
  out += "fail:\n  ret i64 1\n}\n";
}

}  // namespace omega::codegen::llvm
