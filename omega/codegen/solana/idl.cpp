// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/idl.h"

#include <optional>

#include "omega/codegen/common/abi_json.h"
#include "omega/diag/render.h"
#include "omega/ir/contract.h"

namespace omega::codegen::solana {
namespace {

using ir::DataKind;

constexpr uint32_t kFirstError = 6000;
constexpr uint64_t kFirstOrigin = 2;  ///< kOriginFirst of runtime/chain/solana/solana.h

std::string quoted(std::string_view text) {
  std::string out;
  diag::append_json_string(out, text);
  return out;
}

std::string bytes_json(std::string_view bytes) {
  std::string out = "[";
  for (const char c : bytes) {
    out += (out.size() == 1 ? "" : ",") + std::to_string(static_cast<uint8_t>(c));
  }
  return out + "]";
}

std::string little_endian(uint64_t value) {
  std::string bytes;
  for (uint32_t k = 0; k < 8; ++k) {
    bytes += static_cast<char>(value >> (8 * k) & 0xff);
  }
  return bytes;
}

/// A list of JSON items, a line each.
class Items {
 public:
  void add(const std::string& item) { text_ += (text_.empty() ? "\n    " : ",\n    ") + item; }
  std::string text() const { return "[" + text_ + (text_.empty() ? "]" : "\n  ]"); }

 private:
  std::string text_;
};

std::string integer(uint32_t bits, bool is_signed) {
  uint32_t width = 8;
  while (width < bits) {
    width *= 2;
  }
  return quoted((is_signed ? "i" : "u") + std::to_string(width));
}

class IdlWriter {
 public:
  IdlWriter(const ir::Module& module, const Interface& interface, const Layout& layout)
      : module_(module), contract_(*module.contract), interface_(interface), layout_(layout) {}

  std::string write() {
    for (uint32_t k = 0; k < contract_.entries.size(); ++k) {
      instruction(k);
    }
    constructor_without_function();
    for (const auto& [id, name] : interface_.structs) {
      define(name, ir::DataFields{contract_.types[id].first_field, contract_.types[id].field_count});
    }
    for (uint32_t k = 0; k < contract_.events.size(); ++k) {
      const ir::EventType& event = contract_.events[k];
      events_.add("{\"name\":" + quoted(interface_.events[k]) + ",\"discriminator\":" + bytes_json(discriminator("event", interface_.events[k])) + "}");
      define(interface_.events[k], fields_json(event.arguments), ir::signature(contract_, event.name, event.arguments));
    }
    errors();
    accounts();
    return "{\n  \"address\":\"11111111111111111111111111111111\",\n  \"metadata\":{\"name\":" + quoted(contract_.name) +
           ",\"version\":\"0.1.0\",\"spec\":\"0.1.0\"},\n  \"instructions\":" + instructions_.text() + ",\n  \"accounts\":" + accounts_.text() +
           ",\n  \"events\":" + events_.text() + ",\n  \"errors\":" + errors_.text() + ",\n  \"types\":" + types_.text() +
           ",\n  \"solidity\":" + codegen::abi_json(contract_) + "\n}\n";
  }

 private:
  // ---- types ----

  std::string type_json(ir::DataTypeId id) {
    const ir::DataType& type = contract_.types[id];
    switch (type.kind) {
      case DataKind::Bool: return "\"bool\"";
      case DataKind::Enum: return "\"u8\"";
      case DataKind::Unsigned:
      case DataKind::Signed: return integer(type.bits, type.kind == DataKind::Signed);
      case DataKind::Address: return "\"pubkey\"";
      case DataKind::FixedBytes: return "{\"array\":[\"u8\"," + std::to_string(type.bits / 8) + "]}";
      case DataKind::Bytes: return "\"bytes\"";
      case DataKind::String: return "\"string\"";
      case DataKind::Array: return "{\"vec\":" + type_json(type.element) + "}";
      case DataKind::FixedArray: return "{\"array\":[" + type_json(type.element) + "," + std::to_string(type.length) + "]}";
      case DataKind::Struct: return defined(interface_.structs.at(id));
      case DataKind::Mapping: break;
    }
    return "\"u8\"";  // a mark in an account
  }
  static std::string defined(const std::string& name) { return "{\"defined\":{\"name\":" + quoted(name) + "}}"; }

  std::string fields_json(ir::DataFields fields) {
    std::string out = "[";
    for (uint32_t k = 0; k < fields.count; ++k) {
      const ir::DataField& field = contract_.fields[fields.first + k];
      out += (k == 0 ? "" : ",") + ("{\"name\":" + quoted(field_name(field, k)) + ",\"type\":" + type_json(field.type) + "}");
    }
    return out + "]";
  }
  static std::string field_name(const ir::DataField& field, uint32_t k) { return field.name.empty() ? "value" + std::to_string(k) : field.name; }

  void define(const std::string& name, ir::DataFields fields) { define(name, fields_json(fields)); }
  void define(const std::string& name, const std::string& fields, const std::string& signature = "") {
    types_.add("{\"name\":" + quoted(name) + (signature.empty() ? "" : ",\"docs\":[" + quoted(signature) + "]") +
               ",\"type\":{\"kind\":\"struct\",\"fields\":" + fields + "}}");
  }

  // ---- instructions ----

  static std::string constant_seed(std::string_view bytes) { return "{\"kind\":\"const\",\"value\":" + bytes_json(bytes) + "}"; }

  /// Accounts that every call of the kind has. The sender signs and pays for accounts that a call makes.
  static std::string common_accounts(bool changes) {
    const std::string writable = changes ? ",\"writable\":true" : "";
    std::string out =
        "{\"name\":\"sender\"" + writable + ",\"signer\":true},{\"name\":\"state\"" + writable + ",\"pda\":{\"seeds\":[" + constant_seed("state") + "]}}";
    if (changes) {
      out += ",{\"name\":\"system_program\",\"address\":\"11111111111111111111111111111111\"}";
    }
    return out;
  }

  /// Accounts of entries of mappings whose key is a parameter: their addresses follow from it. What else a call needs, it says itself when it is tried.
  std::string known_entries(const ir::EntryPoint& entry, bool changes) {
    const ir::Function& f = module_.functions[entry.function];
    std::string out;
    uint32_t found = 0;
    for (const ir::Inst& in : f.insts) {
      if (in.op != ir::Op::StateEntry || f.insts[in.a].op != ir::Op::StateVariable || f.insts[in.b].op != ir::Op::Param) {
        continue;
      }
      const uint32_t variable = f.insts[in.a].a, parameter = f.insts[in.b].a;
      const ir::DataType& key = contract_.types[contract_.types[in.c].key];
      if (key.kind != DataKind::Unsigned || parameter >= entry.params.count) {
        continue;
      }
      // The key in 32 bytes: the argument, and zeros behind it.
      const uint32_t argument_bytes = key.bits <= 8 ? 1 : key.bits <= 16 ? 2 : key.bits <= 32 ? 4 : key.bits <= 64 ? 8 : key.bits <= 128 ? 16 : 32;
      const uint64_t origin = (kFirstOrigin + layout_.variable_offsets[variable]);
      const std::string name = contract_.variables[variable].name + "_entry" + (found == 0 ? "" : std::to_string(found + 1));
      out += ",{\"name\":" + quoted(name) + (changes ? ",\"writable\":true" : "") + ",\"optional\":true,\"pda\":{\"seeds\":[" +
             constant_seed(little_endian(origin)) +
             ",{\"kind\":\"arg\",\"path\":" + quoted(field_name(contract_.fields[entry.params.first + parameter], parameter)) + "}";
      if (argument_bytes < 32) {
        out += "," + constant_seed(std::string(32 - argument_bytes, '\0'));
      }
      out += "]}}";
      ++found;
    }
    return out;
  }

  /// The account that says who may make the contract: that of the program's data. The loader derives it from the program's address, which no seed of an IDL
  /// can be, so clients fill it in.
  static std::string program_data() { return ",{\"name\":\"program_data\"}"; }

  void instruction(uint32_t k) {
    const ir::EntryPoint& entry = contract_.entries[k];
    const bool is_constructor = entry.kind == ir::EntryKind::Constructor;
    const bool changes = entry.mutability == ir::Mutability::NonPayable || entry.mutability == ir::Mutability::Payable || is_constructor;
    const std::string& name = interface_.entries[k];
    std::string out = "{\"name\":" + quoted(name) + ",\"docs\":[" + quoted(is_constructor ? name : ir::signature(contract_, entry.name, entry.params)) +
                      "],\"discriminator\":" + bytes_json(discriminator("global", name)) + ",\"accounts\":[" + common_accounts(changes) +
                      (is_constructor ? program_data() : known_entries(entry, changes)) + "],\"args\":" + fields_json(entry.params);
    if (entry.results.count == 1) {
      out += ",\"returns\":" + type_json(contract_.fields[entry.results.first].type);
    } else if (entry.results.count > 1) {
      const std::string results = name + "_results";
      define(results, entry.results);
      out += ",\"returns\":" + defined(results);
    }
    has_constructor_ = has_constructor_ || is_constructor;
    instructions_.add(out + "}");
  }
  void constructor_without_function() {
    if (!has_constructor_) {
      instructions_.add("{\"name\":" + quoted(kConstructor) + ",\"discriminator\":" + bytes_json(discriminator("global", kConstructor)) + ",\"accounts\":[" +
                        common_accounts(true) + program_data() + "],\"args\":[]}");
    }
  }

  // ---- the rest ----

  void errors() {
    for (uint32_t k = 0; k < contract_.errors.size(); ++k) {
      const ir::ErrorType& error = contract_.errors[k];
      errors_.add("{\"code\":" + std::to_string(kFirstError + k) + ",\"name\":" + quoted(error.name) +
                  ",\"msg\":" + quoted(ir::signature(contract_, error.name, error.arguments)) + "}");
    }
  }

  /// What the accounts begin with; of the state account all variables that are numbers, in the form in which they lie there.
  void accounts() {
    const std::string header = "{\"name\":\"account_origin\",\"type\":\"u64\"},{\"name\":\"account_key\",\"type\":{\"array\":[\"u8\",32]}}";
    for (const std::string name : {"State", "Entry"}) {
      accounts_.add("{\"name\":" + quoted(name) + ",\"discriminator\":" + bytes_json(discriminator("account", name)) + "}");
    }
    std::string fields = "[" + header;
    for (const std::vector<ir::StateVariable>* list : {&contract_.variables, &contract_.immutables}) {
      for (const ir::StateVariable& variable : *list) {
        fields += ",{\"name\":" + quoted(variable.name) + ",\"type\":" + stored_json(variable.type) + "}";
      }
    }
    define("State", fields + "]");
    define("Entry", "[" + header + "]");
  }
  std::string stored_json(ir::DataTypeId id) {
    const ir::DataType& type = contract_.types[id];
    const bool is_number = type.kind == DataKind::Bool || type.kind == DataKind::Enum || type.kind == DataKind::Unsigned || type.kind == DataKind::Signed;
    // Three limbs are no integer of the IDL.
    if (is_number && layout_.sizes[id] != 24) {
      return type_json(id);
    }
    return "{\"array\":[\"u8\"," + std::to_string(layout_.sizes[id]) + "]}";
  }

  const ir::Module& module_;
  const ir::Contract& contract_;
  const Interface& interface_;
  const Layout& layout_;
  Items instructions_, accounts_, events_, errors_, types_;
  bool has_constructor_ = false;
};

}  // namespace

std::string idl_json(const ir::Module& module, const Interface& interface, const Layout& layout) { return IdlWriter(module, interface, layout).write(); }

}  // namespace omega::codegen::solana
