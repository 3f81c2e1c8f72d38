// SPDX-License-Identifier: Apache-2.0
#include "omega/ir/contract.h"

#include "omega/base/check.h"

namespace omega::ir {

namespace {

constexpr uint32_t kManyComponents = 0xffff'ffffu;

/// Walks the types once each; what is on the way from the first one is "open", so meeting it again is a cycle.
class FactsOfTypes {
 public:
  explicit FactsOfTypes(const Contract& contract) : contract_(contract), facts_(contract.types.size()), state_(contract.types.size(), State::New) {}

  std::vector<DataTypeFacts> run() {
    for (DataTypeId id = 0; id < contract_.types.size(); ++id) {
      visit(id);
    }
    return std::move(facts_);
  }

 private:
  enum class State : uint8_t { New, Open, Done };

  // As deep as types nest, which is limited.
  void visit(DataTypeId id) {
    if (state_[id] == State::Done) {
      return;
    }
    if (state_[id] == State::Open) {
      for (size_t i = way_.size(); i-- > 0;) {
        facts_[way_[i]].is_recursive = true;
        if (way_[i] == id) {
          return;
        }
      }
    }
    OMEGA_CHECK(way_.size() <= kMaxDataTypeDepth, "data types nest too deep");
    state_[id] = State::Open;
    way_.push_back(id);
    const DataType& type = contract_.types[id];
    DataTypeFacts facts;
    facts.has_mapping = type.kind == DataKind::Mapping;
    uint64_t components = 1;
    auto part = [&](DataTypeId part_id) {
      visit(part_id);
      const DataTypeFacts& inner = facts_[part_id];
      facts.depth = std::max(facts.depth, inner.depth);
      facts.has_mapping = facts.has_mapping || inner.has_mapping;
      facts.is_recursive = facts.is_recursive || inner.is_recursive;
      components += inner.components;
    };
    if (type.kind == DataKind::Mapping) {
      part(type.key);
    }
    if (type.kind == DataKind::Mapping || type.kind == DataKind::Array || type.kind == DataKind::FixedArray) {
      part(type.element);
    }
    if (type.kind == DataKind::Struct) {
      for (uint32_t i = 0; i < type.field_count; ++i) {
        part(contract_.fields[type.first_field + i].type);
      }
    }
    facts.is_recursive = facts.is_recursive || facts_[id].is_recursive;
    facts.depth += 1;
    facts.components = static_cast<uint32_t>(std::min<uint64_t>(components, kManyComponents));
    facts_[id] = facts;
    state_[id] = State::Done;
    way_.pop_back();
  }

  const Contract& contract_;
  std::vector<DataTypeFacts> facts_;
  std::vector<State> state_;
  std::vector<DataTypeId> way_;
};

// As deep as types nest, which is limited.
void append_canonical(const Contract& contract, DataTypeId id, std::string& out);

void append_list(const Contract& contract, DataFields fields, std::string& out) {
  out += '(';
  for (uint32_t i = 0; i < fields.count; ++i) {
    out += i == 0 ? "" : ",";
    append_canonical(contract, contract.fields[fields.first + i].type, out);
  }
  out += ')';
}

void append_canonical(const Contract& contract, DataTypeId id, std::string& out) {
  const DataType& type = contract.types[id];
  switch (type.kind) {
    case DataKind::Bool: out += "bool"; return;
    case DataKind::Unsigned: out += "uint" + std::to_string(type.bits); return;
    case DataKind::Signed: out += "int" + std::to_string(type.bits); return;
    case DataKind::FixedBytes: out += type.is_function ? "function" : "bytes" + std::to_string(type.bits / 8); return;
    case DataKind::Address: out += "address"; return;
    case DataKind::Enum: out += "uint8"; return;
    case DataKind::Bytes: out += "bytes"; return;
    case DataKind::String: out += "string"; return;
    case DataKind::Array:
      append_canonical(contract, type.element, out);
      out += "[]";
      return;
    case DataKind::FixedArray:
      append_canonical(contract, type.element, out);
      out += '[' + std::to_string(type.length) + ']';
      return;
    case DataKind::Struct: append_list(contract, {type.first_field, type.field_count}, out); return;
    case DataKind::Mapping: break;
  }
  OMEGA_UNREACHABLE("a mapping has no canonical name");
}

}  // namespace

std::vector<DataTypeFacts> data_type_facts(const Contract& contract) { return FactsOfTypes(contract).run(); }

Type message_field_type(MessageField field) {
  switch (field) {
    case MessageField::Sender:
    case MessageField::Origin:
    case MessageField::Self:
    case MessageField::Coinbase: return unsigned_type(160);
    case MessageField::Data: return Type::Ref;
    case MessageField::Signature: return Type::U32;
    default: return Type::U256;
  }
}

Type value_type(const DataType& type) {
  switch (type.kind) {
    case DataKind::Bool: return Type::U1;
    case DataKind::Unsigned:
    case DataKind::FixedBytes: return unsigned_type(type.bits);
    case DataKind::Signed: return signed_type(type.bits);
    case DataKind::Address: return unsigned_type(160);
    case DataKind::Enum: return Type::U8;
    default: return Type::Ref;
  }
}

std::string canonical_name(const Contract& contract, DataTypeId type) {
  std::string out;
  append_canonical(contract, type, out);
  return out;
}

std::string signature(const Contract& contract, std::string_view name, DataFields params) {
  std::string out(name);
  append_list(contract, params, out);
  return out;
}

}  // namespace omega::ir
