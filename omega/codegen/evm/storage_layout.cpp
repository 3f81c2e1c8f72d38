// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/evm/storage_layout.h"

#include <map>

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

StorageLayout::StorageLayout(const ir::Contract& contract)
    : contract_(contract),
      bytes_(contract.types.size(), 32),
      slots_(contract.types.size(), Word(1)),
      measured_(contract.types.size(), false),
      fields_(contract.fields.size()) {
  for (DataTypeId type = 0; type < contract.types.size(); ++type) {
    measure(type);
  }
  const auto lay_out = [&](const std::vector<ir::StateVariable>& variables, std::vector<StoragePlace>& places) {
    std::vector<DataTypeId> types;
    types.reserve(variables.size());
    for (const ir::StateVariable& variable : variables) {
      types.push_back(variable.type);
    }
    places.resize(types.size());
    place(types, places, 0);
  };
  lay_out(contract.variables, variables_);
  lay_out(contract.transients, transients_);
}

/// Types contain themselves only through arrays and mappings, and nest at most ir::kMaxDataTypeDepth deep: so does this.
void StorageLayout::measure(DataTypeId id) {
  if (measured_[id]) {
    return;
  }
  measured_[id] = true;
  const DataType& type = contract_.types[id];
  switch (type.kind) {
    case DataKind::Bool:
    case DataKind::Enum: bytes_[id] = 1; break;
    case DataKind::Unsigned:
    case DataKind::Signed:
    case DataKind::FixedBytes: bytes_[id] = type.bits / 8; break;
    case DataKind::Address: bytes_[id] = 20; break;
    case DataKind::FixedArray: {
      measure(type.element);
      const uint32_t shared = per_slot(type.element);
      const bool is_value = ir::is_value_kind(contract_.types[type.element].kind);
      const Word count = is_value ? Word((type.length + shared - 1) / shared) : Word(type.length) * slots_[type.element];
      slots_[id] = count.is_zero() ? Word(1) : count;
      break;
    }
    case DataKind::Struct: {
      std::vector<DataTypeId> types;
      for (uint32_t k = 0; k < type.field_count; ++k) {
        types.push_back(contract_.fields[type.first_field + k].type);
        measure(types.back());
      }
      slots_[id] = place(types, fields_, type.first_field);
      break;
    }
    default: break;
  }
}

/// Places one behind the other; the slots taken, at least 1.
Word StorageLayout::place(const std::vector<DataTypeId>& types, std::vector<StoragePlace>& places, size_t first) const {
  Word slot;
  uint32_t offset = 0;
  size_t in_slot = 0;  // how many lie in the slot so far
  for (size_t k = 0; k < types.size(); ++k) {
    const bool is_value = ir::is_value_kind(contract_.types[types[k]].kind);
    const uint32_t size = bytes_[types[k]];
    if (offset != 0 && (!is_value || offset + size > 32)) {
      slot = slot + Word(1);
      offset = 0;
      in_slot = 0;
    }
    places[first + k] = {slot, offset, true};
    if (!is_value) {
      slot = slot + slots_[types[k]];
      continue;
    }
    offset += size;
    if (++in_slot > 1) {
      places[first + k].is_alone = places[first + k - 1].is_alone = false;
    }
    if (offset == 32) {
      slot = slot + Word(1);
      offset = 0;
      in_slot = 0;
    }
  }
  if (offset != 0) {
    slot = slot + Word(1);
  }
  return slot.is_zero() ? Word(1) : slot;
}

std::string StorageLayout::label(DataTypeId id) const {
  const DataType& type = contract_.types[id];
  switch (type.kind) {
    case DataKind::Struct: return "struct " + type.name;
    case DataKind::Enum: return "enum " + type.name;
    case DataKind::Array: return label(type.element) + "[]";
    case DataKind::FixedArray: return label(type.element) + "[" + std::to_string(type.length) + "]";
    case DataKind::Mapping: return "mapping(" + label(type.key) + " => " + label(type.element) + ")";
    default: return type.name.empty() ? ir::canonical_name(contract_, id) : type.name;
  }
}

std::string StorageLayout::type_key(DataTypeId id) const {
  const DataType& type = contract_.types[id];
  switch (type.kind) {
    case DataKind::Struct: return "t_struct(" + type.name + ")" + std::to_string(id) + "_storage";
    case DataKind::Enum: return "t_enum(" + type.name + ")" + std::to_string(id);
    case DataKind::Bytes: return "t_bytes_storage";
    case DataKind::String: return "t_string_storage";
    case DataKind::Array: return "t_array(" + type_key(type.element) + ")dyn_storage";
    case DataKind::FixedArray: return "t_array(" + type_key(type.element) + ")" + std::to_string(type.length) + "_storage";
    case DataKind::Mapping: return "t_mapping(" + type_key(type.key) + "," + type_key(type.element) + ")";
    default: break;
  }
  if (type.name.empty()) {
    return "t_" + ir::canonical_name(contract_, id);
  }
  static constexpr std::string_view kContract = "contract ";
  const bool is_contract = type.name.starts_with(kContract);
  return (is_contract ? "t_contract(" + type.name.substr(kContract.size()) : "t_userDefinedValueType(" + type.name) + ")" + std::to_string(id);
}

std::string StorageLayout::json(const std::string& source) const {
  const std::string owner = source + ":" + contract_.name;
  std::map<std::string, DataTypeId> used;
  std::vector<DataTypeId> work;
  const auto use = [&](DataTypeId id) {
    if (used.emplace(type_key(id), id).second) {
      work.push_back(id);
    }
  };
  uint32_t number = 0;
  const auto member = [&](const std::string& name, DataTypeId type, const StoragePlace& at) {
    use(type);
    return "{\"astId\":" + std::to_string(++number) + ",\"contract\":\"" + owner + "\",\"label\":\"" + name + "\",\"offset\":" + std::to_string(at.offset) +
           ",\"slot\":\"" + at.slot.decimal() + "\",\"type\":\"" + type_key(type) + "\"}";
  };
  std::string variables;
  for (uint32_t k = 0; k < contract_.variables.size(); ++k) {
    variables += (k == 0 ? "" : ",") + member(contract_.variables[k].name, contract_.variables[k].type, variables_[k]);
  }
  std::map<std::string, std::string> types;
  while (!work.empty()) {
    const DataTypeId id = work.back();
    work.pop_back();
    const DataType& type = contract_.types[id];
    std::string text = "{";
    const auto add = [&](const std::string& name, const std::string& value) { text.append("\"").append(name).append("\":\"").append(value).append("\","); };
    const char* encoding = type.kind == DataKind::Mapping                                  ? "mapping"
                           : type.kind == DataKind::Array                                  ? "dynamic_array"
                           : type.kind == DataKind::Bytes || type.kind == DataKind::String ? "bytes"
                                                                                           : "inplace";
    if (type.kind == DataKind::Array || type.kind == DataKind::FixedArray) {
      use(type.element);
      add("base", type_key(type.element));
    }
    add("encoding", encoding);
    if (type.kind == DataKind::Mapping) {
      use(type.key);
      add("key", type_key(type.key));
    }
    add("label", label(id));
    if (type.kind == DataKind::Struct) {
      text += "\"members\":[";
      for (uint32_t k = 0; k < type.field_count; ++k) {
        const ir::DataField& field = contract_.fields[type.first_field + k];
        text += (k == 0 ? "" : ",") + member(field.name, field.type, fields_[type.first_field + k]);
      }
      text += "],";
    }
    const Word size = ir::is_value_kind(type.kind) ? Word(bytes_[id]) : slots_[id] * Word(32);
    add("numberOfBytes", size.decimal());
    if (type.kind == DataKind::Mapping) {
      use(type.element);
      add("value", type_key(type.element));
    }
    text.back() = '}';
    types[type_key(id)] = text;
  }
  std::string text = "{\"storage\":[" + variables + "],\"types\":{";
  bool first = true;
  for (const auto& [key, value] : types) {
    text.append(first ? "\"" : ",\"").append(key).append("\":").append(value);
    first = false;
  }
  return text + "}}\n";
}

}  // namespace omega::codegen::evm
