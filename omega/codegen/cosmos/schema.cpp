// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/cosmos/schema.h"

#include <vector>

#include "omega/codegen/common/abi_json.h"
#include "omega/codegen/common/interface_names.h"
#include "omega/codegen/cosmos/interface.h"
#include "omega/diag/render.h"

namespace omega::codegen::cosmos {

namespace {

using ir::DataFields;
using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;
using ir::EntryKind;
using ir::EntryPoint;

/// Integers of up to so many bits are numbers in JSON, wider ones strings.
constexpr uint32_t kMostNumberBits = 32;

std::string quoted(std::string_view text) {
  std::string out;
  diag::append_json_string(out, text);
  return out;
}

std::string text_schema(std::string_view description, std::string_view pattern) {
  return R"({"description":)" + quoted(description) + R"(,"type":"string")" + (pattern.empty() ? "" : ",\"pattern\":" + quoted(pattern)) + "}";
}

/// Items with commas between them.
class List {
 public:
  void add(const std::string& item) { ((text_ += text_.empty() ? "" : ",") += item); }
  void add(std::string_view key, const std::string& value) { add(quoted(key) + ":" + value); }
  std::string array() const { return "[" + text_ + "]"; }
  std::string object() const { return "{" + text_ + "}"; }
  bool is_empty() const { return text_.empty(); }

 private:
  std::string text_;
};

/// One schema with the structs that it names.
class TypeWriter {
 public:
  TypeWriter(const ir::Contract& contract, const std::vector<std::string>& structs) : contract_(contract), structs_(structs), is_used_(contract.types.size()) {}

  std::string type(DataTypeId id) {
    const DataType& row = contract_.types[id];
    switch (row.kind) {
      case DataKind::Bool: return R"({"type":"boolean"})";
      case DataKind::Unsigned:
      case DataKind::Signed: return integer(row);
      case DataKind::FixedBytes:
        return text_schema("bytes" + std::to_string(row.bits / 8) + " in hexadecimal", "^[0-9a-fA-F]{" + std::to_string(row.bits / 4) + "}$");
      case DataKind::Address: return text_schema("an address", "");
      case DataKind::Enum: return R"({"type":"integer","minimum":0,"maximum":)" + std::to_string(row.length - 1) + "}";
      case DataKind::Bytes: return text_schema("Binary: bytes in base64", "");
      case DataKind::String: return R"({"type":"string"})";
      case DataKind::Array: return R"({"type":"array","items":)" + type(row.element) + "}";
      case DataKind::FixedArray: {
        const std::string length = std::to_string(row.length);
        return R"({"type":"array","items":)" + type(row.element) + ",\"minItems\":" + length + ",\"maxItems\":" + length + "}";
      }
      case DataKind::Struct: use(id); return R"({"$ref":"#/definitions/)" + structs_[id] + "\"}";
      case DataKind::Mapping: break;
    }
    return "{}";
  }

  /// An object with these fields and no others; `extra` is an address among them, if it has a name.
  std::string fields(DataFields list, std::string_view extra = {}) {
    List required;
    List properties;
    for (uint32_t k = 0; k < list.count; ++k) {
      const ir::DataField& field = contract_.fields[list.first + k];
      required.add(quoted(field.name));
      properties.add(field.name, type(field.type));
    }
    if (!extra.empty()) {
      required.add(quoted(extra));
      properties.add(extra, text_schema("who asks", ""));
    }
    return R"({"type":"object",)" + (required.is_empty() ? std::string() : "\"required\":" + required.array() + ",") + "\"properties\":" + properties.object() +
           R"(,"additionalProperties":false})";
  }

  /// What a function gives: nothing, a value, or an array of several.
  std::string results(DataFields list) {
    if (list.count == 0) {
      return R"({"type":"null"})";
    }
    if (list.count == 1) {
      return type(contract_.fields[list.first].type);
    }
    List items;
    for (uint32_t k = 0; k < list.count; ++k) {
      items.add(type(contract_.fields[list.first + k].type));
    }
    const std::string count = std::to_string(list.count);
    return R"({"type":"array","items":)" + items.array() + ",\"minItems\":" + count + ",\"maxItems\":" + count + "}";
  }

  /// A schema of its own: `body` is an object, which gets a title and the structs behind it.
  std::string whole(std::string_view title, const std::string& body) {
    List definitions;
    for (size_t next = 0; next < used_.size(); ++next) {
      const DataType& row = contract_.types[used_[next]];
      definitions.add(structs_[used_[next]], fields({row.first_field, row.field_count}));
    }
    std::string out = R"({"$schema":"http://json-schema.org/draft-07/schema#","title":)" + quoted(title) + "," + body.substr(1);
    if (!definitions.is_empty()) {
      out.pop_back();
      out += ",\"definitions\":" + definitions.object() + "}";
    }
    return out;
  }

 private:
  static std::string integer(const DataType& row) {
    const bool is_signed = row.kind == DataKind::Signed;
    const std::string name = (is_signed ? "int" : "uint") + std::to_string(row.bits);
    if (row.bits > kMostNumberBits) {
      return text_schema(name + " in decimal", is_signed ? "^(0|-?[1-9][0-9]*)$" : "^(0|[1-9][0-9]*)$");
    }
    const int64_t values = int64_t{1} << (is_signed ? row.bits - 1 : row.bits);
    return R"({"type":"integer","format":)" + quoted(name) + ",\"minimum\":" + std::to_string(is_signed ? -values : 0) +
           ",\"maximum\":" + std::to_string(values - 1) + "}";
  }

  void use(DataTypeId id) {
    if (!is_used_[id]) {
      is_used_[id] = true;
      used_.push_back(id);
    }
  }

  const ir::Contract& contract_;
  const std::vector<std::string>& structs_;
  std::vector<bool> is_used_;
  std::vector<DataTypeId> used_;
};

class SchemaWriter {
 public:
  SchemaWriter(const ir::Module& module, const ir::Contract& named, std::string_view denomination)
      : module_(module), contract_(named), denomination_(denomination), structs_(struct_names(named)), names_(codegen::entry_names(named)) {}

  std::string write() {
    const std::string nothing =
        R"({"$schema":"http://json-schema.org/draft-07/schema#","title":"InstantiateMsg","type":"object","additionalProperties":false})";
    std::string instantiate = nothing;
    List responses;
    for (size_t k = 0; k < names_.size(); ++k) {
      const EntryPoint& entry = contract_.entries[k];
      if (entry.kind == EntryKind::Constructor) {
        TypeWriter types(contract_, structs_);
        instantiate = types.whole("InstantiateMsg", types.fields(entry.params));
      } else if (entry.kind == EntryKind::Function && is_view(entry)) {
        responses.add(names_[k], response(k));
      }
    }
    return "{\n\"contract_name\":" + quoted(contract_.name) + ",\n\"contract_version\":\"0.1.0\",\n\"idl_version\":\"1.0.0\",\n\"instantiate\":" + instantiate +
           ",\n\"execute\":" + messages("ExecuteMsg", false) + ",\n\"query\":" + messages("QueryMsg", true) +
           ",\n\"migrate\":null,\n\"sudo\":null,\n\"responses\":" + responses.object() + ",\n\"omega\":" + omega() + "\n}\n";
  }

 private:
  static bool is_view(const EntryPoint& entry) { return entry.mutability == ir::Mutability::Pure || entry.mutability == ir::Mutability::View; }

  std::string response(size_t entry) {
    TypeWriter types(contract_, structs_);
    return types.whole(names_[entry] + "Response", types.results(contract_.entries[entry].results));
  }

  /// An object with one key, the function's name.
  std::string messages(std::string_view title, bool are_queries) {
    TypeWriter types(contract_, structs_);
    List list;
    for (size_t k = 0; k < names_.size(); ++k) {
      const EntryPoint& entry = contract_.entries[k];
      if (entry.kind == EntryKind::Function && is_view(entry) == are_queries) {
        List property;
        property.add(names_[k], types.fields(entry.params, are_queries && reads_sender(entry) ? "msg.sender" : ""));
        list.add(R"({"type":"object","required":[)" + quoted(names_[k]) + "],\"properties\":" + property.object() + R"(,"additionalProperties":false})");
      }
    }
    return types.whole(title, list.is_empty() ? R"({"type":"string","enum":[]})" : "{\"oneOf\":" + list.array() + "}");
  }

  bool reads_sender(const EntryPoint& entry) {
    if (readers_.empty()) {
      readers_ = codegen::sender_readers(module_);
    }
    return readers_[entry.function] != 0;
  }

  std::string omega() {
    List functions;
    List results;
    for (size_t k = 0; k < names_.size(); ++k) {
      const EntryPoint& entry = contract_.entries[k];
      if (entry.kind != EntryKind::Function) {
        continue;
      }
      List row;
      row.add("name", quoted(names_[k]));
      row.add("solidity", quoted(ir::signature(contract_, entry.name, entry.params)));
      row.add("kind", is_view(entry) ? "\"query\"" : "\"execute\"");
      row.add("sender", is_view(entry) && reads_sender(entry) ? "true" : "false");
      row.add("parameters", field_names(entry.params));
      functions.add(row.object());
      if (!is_view(entry) && entry.results.count > 0) {
        results.add(names_[k], response(k));
      }
    }
    List events;
    for (size_t k = 0; k < contract_.events.size(); ++k) {
      const ir::EventType& event = contract_.events[k];
      List row;
      row.add("type", quoted("wasm-" + event.name));
      row.add("solidity", quoted(ir::signature(contract_, module_.contract->events[k].name, event.arguments)));
      row.add("attributes", field_names(event.arguments));
      events.add(row.object());
    }
    List all;
    all.add("denomination", quoted(denomination_));
    all.add("functions", functions.array());
    all.add("events", events.array());
    all.add("execute_responses", results.object());
    all.add("solidity", abi_json(*module_.contract));
    return all.object();
  }

  std::string field_names(DataFields fields) {
    List names;
    for (uint32_t k = 0; k < fields.count; ++k) {
      names.add(quoted(contract_.fields[fields.first + k].name));
    }
    return names.array();
  }

  const ir::Module& module_;
  const ir::Contract& contract_;
  std::string_view denomination_;
  std::vector<std::string> structs_;
  std::vector<std::string> names_;
  std::vector<uint8_t> readers_;
};

}  // namespace

std::string schema_json(const ir::Module& module, const ir::Contract& named, std::string_view denomination) {
  return SchemaWriter(module, named, denomination).write();
}

}  // namespace omega::codegen::cosmos
