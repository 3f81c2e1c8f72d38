// SPDX-License-Identifier: Apache-2.0
#include "omega/ir/text_contract.h"

#include <algorithm>

#include "omega/ir/text.h"

namespace omega::ir {

namespace {

constexpr std::string_view data_kind_names[] = {"bool", "uint", "int", "bytes", "address", "enum", "bytes", "string", "array", "fixed", "mapping", "struct"};
constexpr std::string_view entry_kind_names[] = {"function", "constructor", "receive", "fallback"};
constexpr std::string_view mutability_names[kMutabilityCount] = {"pure", "view", "nonpayable", "payable"};
constexpr std::string_view encoding_names[kEncodingCount] = {"Abi", "Packed", "Selector"};
constexpr std::string_view hash_kind_names[kHashKindCount] = {"Keccak256", "Sha256", "Ripemd160"};
constexpr std::string_view raw_call_kind_names[kRawCallKindCount] = {"Call", "Static", "Delegate"};

class ContractPrinter {
 public:
  ContractPrinter(const Module& module, std::string& out) : module_(module), contract_(*module.contract), out_(out) {}

  void run() {
    out_ += "contract ";
    append_quoted(out_, contract_.name);
    out_ += " {\n";
    for (DataTypeId id = 0; id < contract_.types.size(); ++id) {
      type(id);
    }
    for (const StateVariable& variable : contract_.variables) {
      state("variable", variable);
    }
    for (const Immutable& immutable : contract_.immutables) {
      state("immutable", immutable);
    }
    for (const Transient& transient : contract_.transients) {
      state("transient", transient);
    }
    for (const EventType& event : contract_.events) {
      row("event", event.name);
      fields(event.arguments);
      out_ += event.is_anonymous ? " anonymous\n" : "\n";
    }
    for (const ErrorType& error : contract_.errors) {
      row("error", error.name);
      fields(error.arguments);
      out_ += '\n';
    }
    for (const ExternalFunction& external : contract_.externals) {
      row("external", external.name);
      out_ += mutability_name(external.mutability);
      out_ += ' ';
      signature(external.params, external.results);
      out_ += '\n';
    }
    for (const Creation& creation : contract_.creations) {
      row("creation", creation.name);
      out_ += creation.is_payable ? "payable " : "";
      fields(creation.params);
      out_ += '\n';
    }
    for (const EntryPoint& point : contract_.entries) {
      entry(point);
    }
    out_ += "}\n";
  }

 private:
  void row(std::string_view word, std::string_view name) {
    out_ += "  ";
    out_ += word;
    out_ += ' ';
    append_quoted(out_, name);
    out_ += ' ';
  }
  void reference(DataTypeId id) { out_ += 't' + std::to_string(id); }
  void state(std::string_view word, const StateVariable& variable) {
    out_ += "  ";
    out_ += word;
    out_ += ' ';
    append_quoted(out_, variable.name);
    out_ += ": ";
    reference(variable.type);
    out_ += '\n';
  }
  void type(DataTypeId id) {
    const DataType& t = contract_.types[id];
    out_ += "  type ";
    reference(id);
    out_ += " = ";
    out_ += data_kind_names[static_cast<uint8_t>(t.kind)];
    switch (t.kind) {
      case DataKind::Unsigned:
      case DataKind::Signed:
      case DataKind::FixedBytes: out_ += ' ' + std::to_string(t.kind == DataKind::FixedBytes ? t.bits / 8 : t.bits); break;
      case DataKind::Array: out_ += ' ', reference(t.element); break;
      case DataKind::FixedArray:
        out_ += ' ', reference(t.element);
        out_ += ' ' + std::to_string(t.length);
        break;
      case DataKind::Mapping:
        out_ += ' ', reference(t.key);
        out_ += ' ', reference(t.element);
        break;
      default: break;
    }
    out_ += t.is_function ? " function" : "";
    if (!t.name.empty()) {
      out_ += ' ';
      append_quoted(out_, t.name);
    }
    if (t.kind == DataKind::Enum) {
      out_ += ' ' + std::to_string(t.length);
    } else if (t.kind == DataKind::Struct) {
      out_ += ' ';
      fields({t.first_field, t.field_count});
    }
    out_ += '\n';
  }
  void fields(DataFields list) {
    out_ += '(';
    const uint64_t end = std::min<uint64_t>(uint64_t{list.first} + list.count, contract_.fields.size());
    for (uint64_t i = list.first; i < end; ++i) {
      const DataField& field = contract_.fields[i];
      out_ += i == list.first ? "" : ", ";
      if (!field.name.empty()) {
        const bool plain = std::ranges::all_of(field.name, is_word_char);
        plain ? void(out_ += field.name) : append_quoted(out_, field.name);
        out_ += ": ";
      }
      reference(field.type);
      out_ += field.is_indexed ? " indexed" : "";
      out_ += field.is_calldata ? " calldata" : "";
    }
    out_ += ')';
  }
  void signature(DataFields params, DataFields results) {
    fields(params);
    if (results.count != 0) {
      out_ += " -> ";
      fields(results);
    }
  }
  void entry(const EntryPoint& point) {
    out_ += "  ";
    out_ += entry_kind_names[static_cast<uint8_t>(point.kind)];
    out_ += ' ';
    if (point.kind == EntryKind::Function) {
      append_quoted(out_, point.name);
      out_ += ' ';
    }
    out_ += mutability_name(point.mutability);
    out_ += ' ';
    signature(point.params, point.results);
    out_ += point.is_implicit ? " implicit = " : " = ";
    append_quoted(out_, point.function < module_.functions.size() ? std::string_view(module_.functions[point.function].name) : "<function>");
    out_ += '\n';
  }

  const Module& module_;
  const Contract& contract_;
  std::string& out_;
};

template <class Name>
uint32_t read_word_of(Cursor& c, std::span<const Name> names) {
  const std::string_view word = c.word();
  const auto found = std::ranges::find(names, word);
  if (found == names.end()) {
    throw Failure{"no such name here: " + std::string(word)};
  }
  return static_cast<uint32_t>(found - names.begin());
}

}  // namespace

std::string_view encoding_name(Encoding encoding) { return encoding_names[static_cast<uint8_t>(encoding) % kEncodingCount]; }
std::string_view hash_kind_name(HashKind kind) { return hash_kind_names[static_cast<uint8_t>(kind) % kHashKindCount]; }
std::string_view raw_call_kind_name(RawCallKind kind) { return raw_call_kind_names[static_cast<uint8_t>(kind) % kRawCallKindCount]; }
std::string_view mutability_name(Mutability mutability) { return mutability_names[static_cast<uint8_t>(mutability) % kMutabilityCount]; }

void print_contract(const Module& module, std::string& out) { ContractPrinter(module, out).run(); }

DataTypeId read_data_type(Cursor& c) {
  const std::string_view word = c.word();
  DataTypeId id = 0;
  const char* const end = word.data() + word.size();
  if (word.size() < 2 || word[0] != 't' || std::from_chars(word.data() + 1, end, id).ptr != end) {
    throw Failure{"expected a data type: " + std::string(word)};
  }
  return id;
}

void ContractReader::read_head(Cursor& c) {
  c.expect_word("contract");
  contract_.name = c.string();
  c.expect("{");
  if (!c.at_end()) {
    throw Failure{"more on the line than expected"};
  }
}

void ContractReader::read_row(Cursor& c) {
  const std::string_view word = c.word();
  if (word == "type") {
    return read_type(c);
  }
  if (word == "variable") {
    contract_.variables.push_back(read_variable(c));
  } else if (word == "immutable") {
    contract_.immutables.push_back(read_variable(c));
  } else if (word == "transient") {
    contract_.transients.push_back(read_variable(c));
  } else if (word == "event") {
    EventType event;
    event.name = c.string();
    event.arguments = read_fields(c);
    event.is_anonymous = c.take_word("anonymous");
    contract_.events.push_back(std::move(event));
  } else if (word == "error") {
    ErrorType error;
    error.name = c.string();
    error.arguments = read_fields(c);
    contract_.errors.push_back(std::move(error));
  } else if (word == "external") {
    ExternalFunction external;
    external.name = c.string();
    external.mutability = static_cast<Mutability>(read_word_of<std::string_view>(c, mutability_names));
    external.params = read_fields(c);
    external.results = read_results(c);
    contract_.externals.push_back(std::move(external));
  } else if (word == "creation") {
    Creation creation;
    creation.name = c.string();
    creation.is_payable = c.take_word("payable");
    creation.params = read_fields(c);
    contract_.creations.push_back(std::move(creation));
  } else {
    const auto kind = std::ranges::find(entry_kind_names, word);
    if (kind == std::end(entry_kind_names)) {
      throw Failure{"no such row of a contract: " + std::string(word)};
    }
    read_entry(c, static_cast<EntryKind>(kind - std::begin(entry_kind_names)));
  }
}

StateVariable ContractReader::read_variable(Cursor& c) {
  StateVariable variable;
  variable.name = c.string();
  c.expect(":");
  variable.type = read_data_type(c);
  return variable;
}

void ContractReader::read_type(Cursor& c) {
  if (read_data_type(c) != contract_.types.size()) {
    throw Failure{"data types are numbered in order"};
  }
  c.expect("=");
  DataType t;
  t.kind = static_cast<DataKind>(read_word_of<std::string_view>(c, data_kind_names));
  const bool has_number = !c.at_end() && !c.peek('"');
  if (t.kind == DataKind::FixedBytes && !has_number) {
    t.kind = DataKind::Bytes;
  }
  switch (t.kind) {
    case DataKind::Unsigned:
    case DataKind::Signed: t.bits = c.number<uint16_t>(); break;
    case DataKind::FixedBytes:
      t.bits = static_cast<uint16_t>(c.number<uint8_t>() * 8);
      t.is_function = c.take_word("function");
      break;
    case DataKind::Array: t.element = read_data_type(c); break;
    case DataKind::FixedArray:
      t.element = read_data_type(c);
      t.length = c.number<uint64_t>();
      break;
    case DataKind::Mapping:
      t.key = read_data_type(c);
      t.element = read_data_type(c);
      break;
    default: break;
  }
  if (c.peek('"')) {
    t.name = c.string();
  }
  if (t.kind == DataKind::Enum) {
    t.length = c.number<uint64_t>();
  } else if (t.kind == DataKind::Struct) {
    const DataFields fields = read_fields(c);
    t.first_field = fields.first;
    t.field_count = fields.count;
  }
  contract_.types.push_back(std::move(t));
}

DataFields ContractReader::read_fields(Cursor& c) {
  const DataFields list{static_cast<uint32_t>(contract_.fields.size()), 0};
  uint32_t count = 0;
  c.expect("(");
  while (!c.take(")")) {
    if (count != 0) {
      c.expect(",");
    }
    DataField field;
    Cursor ahead = c;
    if (c.peek('"')) {
      field.name = c.string();
      c.expect(":");
    } else if (ahead.word(), ahead.peek(':')) {
      field.name = c.word();
      c.expect(":");
    }
    field.type = read_data_type(c);
    field.is_indexed = c.take_word("indexed");
    field.is_calldata = c.take_word("calldata");
    contract_.fields.push_back(std::move(field));
    ++count;
  }
  return {list.first, count};
}

DataFields ContractReader::read_results(Cursor& c) { return c.take("->") ? read_fields(c) : DataFields{}; }

void ContractReader::read_entry(Cursor& c, EntryKind kind) {
  EntryPoint point;
  point.kind = kind;
  if (kind == EntryKind::Function) {
    point.name = c.string();
  }
  point.mutability = static_cast<Mutability>(read_word_of<std::string_view>(c, mutability_names));
  point.params = read_fields(c);
  point.results = read_results(c);
  point.is_implicit = c.take_word("implicit");
  c.expect("=");
  point.function = read_function_(c);
  contract_.entries.push_back(std::move(point));
}

}  // namespace omega::ir
