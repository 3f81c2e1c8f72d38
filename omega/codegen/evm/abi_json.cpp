// SPDX-License-Identifier: Apache-2.0
// The ABI as clients read it. Source: "JSON" in the Contract ABI Specification of the Solidity documentation, 0.8.
#include "omega/codegen/evm/emit_evm.h"

namespace omega::codegen::evm {

using ir::Contract;
using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

namespace {

/// Types nest at most ir::kMaxDataTypeDepth deep, and so do these functions.
class Writer {
 public:
  explicit Writer(const Contract& contract) : c_(contract) {}

  std::string write() {
    for (const ir::EntryPoint& entry : c_.entries) {
      add_entry(entry);
    }
    for (const ir::EventType& event : c_.events) {
      add("{\"anonymous\":" + std::string(event.is_anonymous ? "true" : "false") + "," + fields("inputs", event.arguments, true) + ",\"name\":\"" + event.name +
          "\",\"type\":\"event\"}");
    }
    for (const ir::ErrorType& error : c_.errors) {
      // Known to every client.
      if (error.name != "Error" && error.name != "Panic") {
        add("{" + fields("inputs", error.arguments, false) + ",\"name\":\"" + error.name + "\",\"type\":\"error\"}");
      }
    }
    return "[" + text_ + "]\n";
  }

 private:
  void add(const std::string& item) {
    text_ += (text_.empty() ? "" : ",") + item;
  }

  void add_entry(const ir::EntryPoint& entry) {
    static constexpr const char* mutabilities[] = {"pure", "view", "nonpayable", "payable"};
    const std::string mutability = std::string("\"stateMutability\":\"") + mutabilities[static_cast<uint8_t>(entry.mutability)] + "\"";
    switch (entry.kind) {
      case ir::EntryKind::Function:
        add("{" + fields("inputs", entry.params, false) + ",\"name\":\"" + entry.name + "\"," + fields("outputs", entry.results, false) + "," + mutability +
            ",\"type\":\"function\"}");
        break;
      case ir::EntryKind::Constructor: add("{" + fields("inputs", entry.params, false) + "," + mutability + ",\"type\":\"constructor\"}"); break;
      case ir::EntryKind::Receive: add("{" + mutability + ",\"type\":\"receive\"}"); break;
      case ir::EntryKind::Fallback: add("{" + mutability + ",\"type\":\"fallback\"}"); break;
    }
  }

  std::string fields(const std::string& key, ir::DataFields list, bool is_event) {
    std::string text = "\"" + key + "\":[";
    for (uint32_t k = 0; k < list.count; ++k) {
      text += (k == 0 ? "" : ",") + field(c_.fields[list.first + k], is_event);
    }
    return text + "]";
  }

  std::string field(const ir::DataField& one, bool is_event) {
    std::string text = "{";
    DataTypeId inner = one.type;
    while (c_.types[inner].kind == DataKind::Array || c_.types[inner].kind == DataKind::FixedArray) {
      inner = c_.types[inner].element;
    }
    if (c_.types[inner].kind == DataKind::Struct) {
      const DataType& type = c_.types[inner];
      text += fields("components", {type.first_field, type.field_count}, false) + ",";
    }
    if (is_event) {
      text += "\"indexed\":" + std::string(one.is_indexed ? "true" : "false") + ",";
    }
    return text + "\"internalType\":\"" + internal_type(one.type) + "\",\"name\":\"" + one.name + "\",\"type\":\"" + type_name(one.type) + "\"}";
  }

  std::string suffixed(DataTypeId id, std::string (Writer::*of)(DataTypeId)) {
    const DataType& type = c_.types[id];
    return (this->*of)(type.element) + (type.kind == DataKind::Array ? "[]" : "[" + std::to_string(type.length) + "]");
  }

  std::string type_name(DataTypeId id) {
    switch (c_.types[id].kind) {
      case DataKind::Struct: return "tuple";
      case DataKind::Array:
      case DataKind::FixedArray: return suffixed(id, &Writer::type_name);
      default: return ir::canonical_name(c_, id);
    }
  }

  std::string internal_type(DataTypeId id) {
    const DataType& type = c_.types[id];
    switch (type.kind) {
      case DataKind::Struct: return "struct " + type.name;
      case DataKind::Enum: return "enum " + type.name;
      case DataKind::Array:
      case DataKind::FixedArray: return suffixed(id, &Writer::internal_type);
      case DataKind::Address: return type.name.empty() ? "address" : "contract " + type.name;
      default: return type.name.empty() ? ir::canonical_name(c_, id) : type.name;
    }
  }

  const Contract& c_;
  std::string text_;
};

}  // namespace

std::string abi_json(const Contract& contract) { return Writer(contract).write(); }

}  // namespace omega::codegen::evm
