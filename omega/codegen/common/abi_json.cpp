// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/common/abi_json.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "omega/base/keccak.h"
#include "omega/diag/render.h"
#include "omega/ir/text.h"

namespace omega::codegen {

namespace {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

void append_string(std::string& out, std::string_view key, std::string_view value) {
  out += '"';
  out += key;
  out += "\":";
  diag::append_json_string(out, value);
}

class AbiWriter {
 public:
  explicit AbiWriter(const ir::Contract& contract) : contract_(contract) {}

  std::string run() {
    for (const ir::ErrorType& error : contract_.errors) {
      const std::string signature = ir::signature(contract_, error.name, error.arguments);
      if (signature != "Error(string)" && signature != "Panic(uint256)") {
        add("error", error.name, "{" + fields("inputs", error.arguments, false) + ',' + name(error.name) + ",\"type\":\"error\"}");
      }
    }
    for (const ir::EventType& event : contract_.events) {
      add("event", event.name,
          std::string("{\"anonymous\":") + (event.is_anonymous ? "true" : "false") + ',' + fields("inputs", event.arguments, true) + ',' + name(event.name) +
              ",\"type\":\"event\"}");
    }
    for (const ir::EntryPoint& entry : contract_.entries) {
      if (!entry.is_implicit) {
        add_entry(entry);
      }
    }
    std::ranges::stable_sort(items_, {}, [](const Item& item) { return std::tuple(item.type, item.name, item.selector); });
    std::string out = "[";
    for (const Item& item : items_) {
      out += out.size() == 1 ? "" : ",";
      out += item.text;
    }
    return out + "]";
  }

 private:
  struct Item {
    std::string_view type;
    std::string_view name;
    uint32_t selector;  ///< of a function; 0 for all others, which keep their order
    std::string text;
  };

  void add(std::string_view type, std::string_view item_name, std::string text, uint32_t selector = 0) {
    items_.push_back({type, item_name, selector, std::move(text)});
  }

  static std::string name(std::string_view text) {
    std::string out;
    append_string(out, "name", text);
    return out;
  }

  void add_entry(const ir::EntryPoint& entry) {
    const std::string tail = "\"stateMutability\":\"" + std::string(ir::mutability_name(entry.mutability)) + "\",\"type\":\"";
    switch (entry.kind) {
      case ir::EntryKind::Constructor: return add("constructor", "", "{" + fields("inputs", entry.params, false) + ',' + tail + "constructor\"}");
      case ir::EntryKind::Receive: return add("receive", "", "{" + tail + "receive\"}");
      case ir::EntryKind::Fallback: return add("fallback", "", "{" + tail + "fallback\"}");
      case ir::EntryKind::Function:
        return add(
            "function", entry.name,
            "{" + fields("inputs", entry.params, false) + ',' + name(entry.name) + ',' + fields("outputs", entry.results, false) + ',' + tail + "function\"}",
            base::keccak256_selector(ir::signature(contract_, entry.name, entry.params)));
    }
  }

  std::string fields(std::string_view key, ir::DataFields list, bool of_event) const {
    std::string out = '"' + std::string(key) + "\":[";
    for (uint32_t k = 0; k < list.count; ++k) {
      const ir::DataField& field = contract_.fields[list.first + k];
      out += k == 0 ? "{" : ",{";
      append_components(out, field.type);
      if (of_event) {
        out += std::string("\"indexed\":") + (field.is_indexed ? "true," : "false,");
      }
      append_string(out, "internalType", declared_name(field.type));
      out += ',' + name(field.name) + ',';
      append_string(out, "type", type_name(field.type));
      out += '}';
    }
    return out + ']';
  }

  /// The struct that an array is of in the end, or the type itself.
  DataTypeId innermost(DataTypeId id) const {
    while (contract_.types[id].kind == DataKind::Array || contract_.types[id].kind == DataKind::FixedArray) {
      id = contract_.types[id].element;
    }
    return id;
  }

  void append_components(std::string& out, DataTypeId id) const {
    const DataType& inner = contract_.types[innermost(id)];
    if (inner.kind == DataKind::Struct) {
      out += fields("components", {inner.first_field, inner.field_count}, false) + ',';
    }
  }

  /// `tuple` for structs.
  std::string type_name(DataTypeId id) const {
    return contract_.types[innermost(id)].kind == DataKind::Struct ? "tuple" + suffix(id) : ir::canonical_name(contract_, id);
  }

  std::string suffix(DataTypeId id) const {
    const DataType& type = contract_.types[id];
    switch (type.kind) {
      case DataKind::Array: return suffix(type.element) + "[]";
      case DataKind::FixedArray: return suffix(type.element) + '[' + std::to_string(type.length) + ']';
      default: return "";
    }
  }

  std::string declared_name(DataTypeId id) const {
    const DataTypeId inner = innermost(id);
    const DataType& type = contract_.types[inner];
    const char* kind = type.kind == DataKind::Struct ? "struct " : type.kind == DataKind::Enum ? "enum " : "";
    return (type.name.empty() ? ir::canonical_name(contract_, inner) : kind + type.name) + suffix(id);
  }

  const ir::Contract& contract_;
  std::vector<Item> items_;
};

}  // namespace

std::string abi_json(const ir::Contract& contract) { return AbiWriter(contract).run(); }

}  // namespace omega::codegen
