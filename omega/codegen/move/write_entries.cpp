// SPDX-License-Identifier: Apache-2.0
// What outsiders call: a constructor, entry functions for transactions, view functions; and the ABI that lists them.
#include <algorithm>

#include "omega/base/hexadecimal.h"
#include "omega/codegen/common/abi_json.h"
#include "omega/codegen/common/interface_names.h"
#include "omega/codegen/common/refusals.h"
#include "omega/codegen/move/abort_codes.h"
#include "omega/codegen/move/metadata.h"
#include "omega/codegen/move/program.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;
using ir::EntryKind;
using ir::EntryPoint;
using object::move::reference_to;
using object::move::TypeTag;
using object::move::Visibility;

bool is_view(const EntryPoint& entry) { return entry.mutability == ir::Mutability::View || entry.mutability == ir::Mutability::Pure; }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      // Bytes beyond ASCII as Latin-1, so that any bytes make valid JSON.
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

class EntryWriter {
 public:
  explicit EntryWriter(Program& program)
      : program_(program),
        support_(program.support()),
        contract_(program.contract()),
        reads_sender_(sender_readers(program.module())),
        facts_(ir::data_type_facts(contract_)) {}

  std::string write() {
    support_.function_name("constructor");
    reserve_names();
    bool has_constructor = false;
    for (size_t i = 0; i < contract_.entries.size(); ++i) {
      const EntryPoint& entry = contract_.entries[i];
      has_constructor = has_constructor || entry.kind == EntryKind::Constructor;
      if (check(entry)) {
        one(entry, names_[i]);
      }
    }
    if (!has_constructor) {
      EntryPoint nobodys;
      nobodys.kind = EntryKind::Constructor;
      nobodys.is_implicit = true;
      constructor(nobodys);
    }
    return functions_;
  }

  const Metadata& metadata() const { return metadata_; }

 private:
  const ir::Function& function_of(const EntryPoint& entry) const { return program_.module().functions[entry.function]; }
  ir::DataTypeId field_type(ir::DataFields fields, uint32_t k) const { return contract_.fields[fields.first + k].type; }

  // ---- names ----

  void reserve_names() {
    const std::vector<std::string> wishes = entry_names(contract_);
    for (size_t i = 0; i < wishes.size(); ++i) {
      names_.push_back(contract_.entries[i].kind == EntryKind::Function ? support_.function_name(wishes[i]) : wishes[i]);
    }
  }

  // ---- what Move cannot do ----

  bool check(const EntryPoint& entry) {
    const std::string what = refused_entry(contract_, entry, facts_);
    if (!what.empty()) {
      program_.refuse(function_of(entry), ir::kNone, what);
    }
    return what.empty();
  }

  // ---- functions ----

  void one(const EntryPoint& entry, const std::string& name) {
    if (entry.kind == EntryKind::Constructor) {
      constructor(entry);
    } else if (is_view(entry)) {
      view(entry, name, Visibility::Public, reads_sender_[entry.function] != 0, "view");
    } else {
      transaction(entry, name);
      if (entry.results.count > 0) {
        view(entry, support_.function_name("simulate_" + name), Visibility::Private, true, "simulate");
      }
    }
  }

  Signature outside(ir::DataFields fields) {
    Signature types;
    for (uint32_t k = 0; k < fields.count; ++k) {
      types.push_back(support_.outside(field_type(fields, k)));
    }
    return types;
  }
  Signature parameters_of(const EntryPoint& entry) {
    Signature types;
    for (uint32_t k = 0; k < entry.params.count; ++k) {
      types.push_back(support_.outside_parameter(field_type(entry.params, k)));
    }
    return types;
  }
  void push_self(CodeWriter& code) {
    const object::move::AccountAddress& address = program_.options().address;
    const std::string data(reinterpret_cast<const char*>(address.data()), address.size());
    code.op(Opcode::LdConst, program_.builder().constant(support_.address, data));
  }
  uint32_t address_of_signer() {
    return support_.framework("signer", "address_of", {reference_to(object::move::type_of(TypeTag::Signer))}, {support_.address});
  }
  uint32_t new_memory(CodeWriter& code) {
    const uint32_t memory = code.local(program_.builder().defined_type(support_.memory_struct()));
    support_.push_memory(code);
    code.store(memory);
    return memory;
  }

  /// Calls the entry's function with the parameters from local `first` on; its results go to new locals.
  std::vector<uint32_t> call(CodeWriter& code, const EntryPoint& entry, uint32_t memory, uint32_t state, uint32_t first) {
    std::vector<uint32_t> values;
    for (uint32_t k = 0; k < entry.params.count; ++k) {
      const ir::DataTypeId type = field_type(entry.params, k);
      values.push_back(code.local(support_.in_register(type)));
      code.op(Opcode::MutBorrowLoc, memory).move(first + k).call(support_.take_in(type)).store(values.back());
    }
    code.op(Opcode::MutBorrowLoc, memory).copy(state);
    for (const uint32_t value : values) {
      code.copy(value);
    }
    code.call(program_.function(entry.function));
    std::vector<uint32_t> results;
    results.reserve(entry.results.count);
    for (uint32_t k = 0; k < entry.results.count; ++k) {
      results.push_back(code.local(support_.in_register(field_type(entry.results, k))));
    }
    for (size_t k = results.size(); k-- > 0;) {
      code.store(results[k]);
    }
    return results;
  }
  uint32_t borrow_state(CodeWriter& code) {
    const uint32_t state = code.local(support_.state());
    push_self(code);
    code.op(Opcode::MutBorrowGlobal, support_.state_struct()).store(state);
    return state;
  }

  void define(CodeWriter& code, const std::string& name, const Signature& parameters, const Signature& results, Visibility visibility, bool is_entry) {
    const uint32_t handle = program_.builder().function(program_.builder().self(), name, parameters, results);
    std::vector<uint32_t> acquires;
    if (name != "constructor") {
      acquires.push_back(support_.state_struct());
    }
    program_.builder().define_function(code.finish(handle, visibility, is_entry, std::move(acquires)));
  }

  void constructor(const EntryPoint& entry) {
    const Type signer = reference_to(object::move::type_of(TypeTag::Signer));
    Signature parameters = parameters_of(entry);
    parameters.insert(parameters.begin(), signer);
    CodeWriter code(program_.builder(), static_cast<uint32_t>(parameters.size()));
    const Label is_owner = code.label();
    const Label is_new = code.label();
    code.copy(0).call(address_of_signer());
    push_self(code);
    code.op(Opcode::Eq).branch_if(is_owner).abort(kNotPublisherCode).bind(is_owner);
    push_self(code);
    code.op(Opcode::Exists, support_.state_struct()).branch_unless(is_new).abort(kMadeBeforeCode).bind(is_new);
    const uint32_t made = code.local(program_.builder().defined_type(support_.state_struct()));
    support_.push_state(code);
    code.store(made);
    if (entry.function != ir::kNone) {
      const uint32_t state = code.local(support_.state());
      code.copy(0).call(address_of_signer()).call(support_.word_of_address());
      const uint32_t memory = new_memory(code);
      code.op(Opcode::MutBorrowLoc, made).store(state);
      call(code, entry, memory, state, 1);
      code.move(state).op(Opcode::Pop);
    }
    code.copy(0).move(made).op(Opcode::MoveTo, support_.state_struct()).op(Opcode::Ret);
    define(code, "constructor", parameters, {}, Visibility::Private, true);
    describe(entry, "constructor", "constructor", false, {});
  }

  void transaction(const EntryPoint& entry, const std::string& name) {
    Signature parameters = parameters_of(entry);
    parameters.insert(parameters.begin(), reference_to(object::move::type_of(TypeTag::Signer)));
    CodeWriter code(program_.builder(), static_cast<uint32_t>(parameters.size()));
    code.copy(0).call(address_of_signer()).call(support_.word_of_address());
    const uint32_t memory = new_memory(code);
    const uint32_t state = borrow_state(code);
    call(code, entry, memory, state, 1);
    code.op(Opcode::Ret);
    define(code, name, parameters, {}, Visibility::Private, true);
    describe(entry, name, "entry", false, {});
  }

  void view(const EntryPoint& entry, const std::string& name, Visibility visibility, bool has_sender, std::string_view kind) {
    Signature parameters = parameters_of(entry);
    Signature results = outside(entry.results);
    if (has_sender) {
      parameters.insert(parameters.begin(), support_.address);
    }
    if (results.empty()) {
      results.push_back(support_.boolean);  // a view must give something
    }
    CodeWriter code(program_.builder(), static_cast<uint32_t>(parameters.size()));
    if (has_sender) {
      code.copy(0).call(support_.word_of_address());
    } else {
      code.u256(0);
    }
    const uint32_t memory = new_memory(code);
    const uint32_t state = borrow_state(code);
    const std::vector<uint32_t> values = call(code, entry, memory, state, has_sender ? 1 : 0);
    for (uint32_t k = 0; k < entry.results.count; ++k) {
      code.op(Opcode::MutBorrowLoc, memory).copy(values[k]).call(support_.give_out(field_type(entry.results, k)));
    }
    if (entry.results.count == 0) {
      code.boolean(true);
    }
    code.op(Opcode::Ret);
    define(code, name, parameters, results, visibility, false);
    metadata_.view_functions.push_back(name);
    describe(entry, name, kind, has_sender, entry.results);
  }

  // ---- ABI ----

  std::string fields_json(ir::DataFields fields, bool are_parameters) {
    std::string out = "[";
    for (uint32_t k = 0; k < fields.count; ++k) {
      const ir::DataField& field = contract_.fields[fields.first + k];
      out += std::string(k > 0 ? "," : "") + "{\"name\":" + quoted(field.name) +
             ",\"type\":" + quoted(are_parameters && support_.has_struct(field.type) ? "vector<u8>" : support_.outside_name(field.type)) +
             ",\"solidity\":" + quoted(facts_[field.type].is_recursive ? "" : ir::canonical_name(contract_, field.type)) + "}";
    }
    return out + "]";
  }

  void describe(const EntryPoint& entry, const std::string& name, std::string_view kind, bool has_sender, ir::DataFields results) {
    functions_ += functions_.empty() ? "\n    " : ",\n    ";
    functions_ += "{\"name\":" + quoted(name) + ",\"kind\":" + quoted(kind) +
                  ",\"solidity\":" + quoted(entry.kind == EntryKind::Function ? ir::signature(contract_, entry.name, entry.params) : "constructor") +
                  ",\"sender\":" + (has_sender ? "true" : "false") + ",\"parameters\":" + fields_json(entry.params, true) +
                  ",\"results\":" + fields_json(results, false) + "}";
  }

  using Type = object::move::Type;
  Program& program_;
  Support& support_;
  const ir::Contract& contract_;
  std::vector<uint8_t> reads_sender_;
  std::vector<ir::DataTypeFacts> facts_;
  std::vector<std::string> names_;
  std::string functions_;
  Metadata metadata_;
};

/// The fields of an event's struct.
std::string event_fields(Program& program, ir::DataFields fields, uint32_t definition) {
  const ir::Contract& contract = program.contract();
  const object::move::Module& module = program.builder().module();
  std::string out = "[";
  for (uint32_t k = 0; k < fields.count; ++k) {
    const ir::DataField& field = contract.fields[fields.first + k];
    out += std::string(k > 0 ? "," : "") + "{\"name\":" + quoted(module.identifiers[module.structs[definition].fields[k].name]) +
           ",\"type\":" + quoted(program.support().outside_name(field.type)) + ",\"solidity\":" + quoted(ir::canonical_name(contract, field.type)) + "}";
  }
  return out + "]";
}

/// Rows of `"events"`.
std::string events_json(Program& program, Metadata& metadata) {
  std::string out;
  for (const auto& [event, definition] : program.event_structs()) {
    const ir::EventType& row = program.contract().events[event];
    const object::move::Module& module = program.builder().module();
    const std::string& name = module.identifiers[module.struct_handles[module.structs[definition].handle].name];
    metadata.event_structs.push_back(name);
    out += std::string(out.empty() ? "" : ",") + "\n    {\"name\":" + quoted(name) +
           ",\"solidity\":" + quoted(ir::signature(program.contract(), row.name, row.arguments)) +
           ",\"fields\":" + event_fields(program, row.arguments, definition) + "}";
  }
  return out;
}

/// Rows of `"aborts"`: every code there is, and what it means.
std::string aborts_json(Program& program, Metadata& metadata) {
  std::string out;
  const auto row = [&](uint64_t code, const std::string& name, const std::string& meaning) {
    metadata.errors.push_back({code, name, meaning});
    out +=
        std::string(out.empty() ? "" : ",") + "\n    {\"code\":" + std::to_string(code) + ",\"name\":" + quoted(name) + ",\"meaning\":" + quoted(meaning) + "}";
  };
  static constexpr struct {
    uint64_t code;
    const char* meaning;
  } kPanics[] = {{0x01, "assertion failed"},      {0x11, "arithmetic overflow"}, {0x12, "division by zero"}, {0x21, "no such enum member"},
                 {0x31, "pop of an empty array"}, {0x32, "index out of bounds"}, {0x41, "too much memory"},  {0x51, "call of a null function"}};
  for (const auto& panic : kPanics) {
    row(panic.code, "Panic", panic.meaning);
  }
  const std::vector<ir::ErrorType>& errors = program.contract().errors;
  for (size_t k = 0; k < errors.size(); ++k) {
    row(kErrorCode + k, errors[k].name, ir::signature(program.contract(), errors[k].name, errors[k].arguments));
  }
  for (const auto& [message, code] : program.messages()) {
    row(code, "Error", message);
  }
  row(kPlainCode, "Revert", "reverted without data, or an argument out of range");
  row(kDataCode, "RevertData", "reverted with data made while running");
  row(kNotPublisherCode, "NotPublisher", "the constructor is for the account of the module");
  row(kMadeBeforeCode, "MadeBefore", "the constructor runs once");
  return out;
}

}  // namespace

std::string write_entries(Program& program) {
  EntryWriter writer(program);
  const std::string functions = writer.write();
  for (ir::FunctionId id = program.next_function(); id != ir::kNone; id = program.next_function()) {
    write_function(program, id);
  }
  Metadata metadata = writer.metadata();
  const std::string events = events_json(program, metadata);
  const std::string aborts = aborts_json(program, metadata);
  const std::string bytes = metadata.bytes();
  program.builder().add_metadata("initia::metadata_v0", bytes);
  program.builder().add_metadata("aptos::metadata_v1", bytes);
  return "{\n  \"name\":" + quoted(program.contract().name) + ",\n  \"address\":" + quoted("0x" + base::hexadecimal(program.options().address)) +
         ",\n  \"bytecode\":6,\n  \"functions\":[" + functions + "],\n  \"events\":[" + events + "],\n  \"aborts\":[" + aborts +
         "],\n  \"solidity\":" + codegen::abi_json(program.contract()) + "\n}\n";
}

}  // namespace omega::codegen::move
