// SPDX-License-Identifier: Apache-2.0
#include "omega/check/contract/types.h"

namespace omega::check::contract {

TypeTable::TypeTable(const Program& program) : program_(program) {
  types_.resize(kFirstMadeType);
  auto set = [&](TypeId id, TypeKind kind) { types_[id].kind = kind; };
  set(kVoidType, TypeKind::Void);
  set(kBoolType, TypeKind::Bool);
  set(kStringType, TypeKind::String);
  set(kBytesType, TypeKind::Bytes);
  set(kAddressType, TypeKind::Address);
  set(kPayableType, TypeKind::Address);
  set(kNumberType, TypeKind::Number);
  set(kTextType, TypeKind::Text);
  for (uint16_t bits = 8; bits <= 256; bits = static_cast<uint16_t>(bits + 8)) {
    types_[integer_type(bits, false)] = {.kind = TypeKind::Integer, .is_signed = false, .bits = bits};
    types_[integer_type(bits, true)] = {.kind = TypeKind::Integer, .is_signed = true, .bits = bits};
    types_[fixed_bytes_type(bits / 8)] = {.kind = TypeKind::FixedBytes, .bits = bits};
  }
}

TypeId TypeTable::make(const Type& type) {
  std::string key;
  for (const uint64_t part :
       {static_cast<uint64_t>(type.kind), static_cast<uint64_t>(type.element) << 32 | type.key, type.length, static_cast<uint64_t>(type.declaration)}) {
    key.append(reinterpret_cast<const char*>(&part), sizeof(part));
  }
  const auto [at, is_new] = by_key_.try_emplace(std::move(key), static_cast<TypeId>(types_.size()));
  if (is_new) {
    types_.push_back(type);
  }
  return at->second;
}

TypeId TypeTable::function(const FunctionShape& shape, ir::Mutability mutability, TypeKind kind) {
  return make({.kind = kind, .key = shape_number(shape), .length = static_cast<uint64_t>(mutability)});
}

uint32_t TypeTable::shape_number(const FunctionShape& shape) {
  std::string key;
  auto add = [&](const std::vector<TypeId>& types, const std::vector<Location>& locations) {
    key.append(std::to_string(types.size())).push_back(':');
    key.append(reinterpret_cast<const char*>(types.data()), types.size() * sizeof(TypeId));
    key.append(reinterpret_cast<const char*>(locations.data()), locations.size() * sizeof(Location));
  };
  add(shape.params, shape.param_locations);
  add(shape.results, shape.result_locations);
  const auto [at, is_new] = shape_numbers_.try_emplace(std::move(key), static_cast<uint32_t>(shapes_.size()));
  if (is_new) {
    shapes_.push_back(shape);
  }
  return at->second;
}

bool TypeTable::function_converts(TypeId from, TypeId to) const {
  const bool are_functions = types_[from].kind == TypeKind::Function || types_[from].kind == TypeKind::ExternalFunction;
  if (!are_functions || types_[from].kind != types_[to].kind || types_[from].key != types_[to].key) {
    return false;
  }
  const ir::Mutability is = mutability(from), wanted = mutability(to);
  // Value may be sent or not to what is payable; to no other may it.
  return is == wanted || (is == ir::Mutability::Payable ? wanted == ir::Mutability::NonPayable : is < wanted && wanted != ir::Mutability::Payable);
}

bool TypeTable::is_reference(TypeId id) const {
  switch (types_[id].kind) {
    case TypeKind::String:
    case TypeKind::Bytes:
    case TypeKind::Array:
    case TypeKind::FixedArray:
    case TypeKind::Mapping:
    case TypeKind::Struct: return true;
    default: return false;
  }
}

ir::Type TypeTable::ir(TypeId id) const {
  const Type& type = types_[id];
  switch (type.kind) {
    case TypeKind::Bool: return ir::Type::U1;
    case TypeKind::Integer: return type.is_signed ? ir::signed_type(type.bits) : ir::unsigned_type(type.bits);
    case TypeKind::FixedBytes: return ir::unsigned_type(type.bits);
    case TypeKind::Address:
    case TypeKind::Contract: return ir::unsigned_type(160);
    case TypeKind::Function: return ir::unsigned_type(64);
    case TypeKind::ExternalFunction: return ir::unsigned_type(192);
    case TypeKind::Enum: return ir::Type::U8;
    case TypeKind::UserType: return ir(type.element);
    case TypeKind::Void: return ir::Type::Void;
    case TypeKind::Error:
    case TypeKind::Number: return ir::Type::U256;
    default: return ir::Type::Ref;
  }
}

std::string_view TypeTable::promise_text(TypeId function) const {
  static constexpr std::string_view promises[] = {" pure", " view", "", " payable"};
  return promises[static_cast<size_t>(mutability(function))];
}

std::string TypeTable::text(TypeId id) const {
  const Type& type = types_[id];
  switch (type.kind) {
    case TypeKind::Error: return "?";
    case TypeKind::Void: return "nothing";
    case TypeKind::Bool: return "bool";
    case TypeKind::Integer: return (type.is_signed ? "int" : "uint") + std::to_string(type.bits);
    case TypeKind::FixedBytes: return "bytes" + std::to_string(type.bits / 8);
    case TypeKind::Address: return id == kPayableType ? "address payable" : "address";
    case TypeKind::Contract: return std::string(program_.name_of(program_.contracts[type.declaration].declaration));
    case TypeKind::Enum:
    case TypeKind::UserType:
    case TypeKind::Struct: return std::string(program_.name_of(type.declaration));
    case TypeKind::String: return "string";
    case TypeKind::Bytes: return "bytes";
    case TypeKind::Array: return text(type.element) + "[]";
    case TypeKind::FixedArray: return text(type.element) + "[" + std::to_string(type.length) + "]";
    case TypeKind::Mapping: return "mapping(" + text(type.key) + " => " + text(type.element) + ")";
    case TypeKind::Function:
    case TypeKind::ExternalFunction: {
      auto list = [&](const std::vector<TypeId>& types, const std::vector<Location>& locations) {
        std::string written;
        for (size_t i = 0; i < types.size(); ++i) {
          static constexpr const char* words[] = {"", " memory", " calldata", " storage"};
          written += (i == 0 ? "" : ", ") + text(types[i]) + words[static_cast<size_t>(locations[i])];
        }
        return "(" + written + ")";
      };
      const FunctionShape& of = shape(id);
      const char* const visibility = type.kind == TypeKind::ExternalFunction ? " external" : "";
      return "function " + list(of.params, of.param_locations) + std::string(promise_text(id)) + visibility +
             (of.results.empty() ? "" : " returns " + list(of.results, of.result_locations));
    }
    case TypeKind::Number: return "a number";
    case TypeKind::Text: return "a string literal";
  }
  return {};
}

}  // namespace omega::check::contract
