// SPDX-License-Identifier: Apache-2.0
// Solidity's types as hash-consed ids: two types are the same exactly when their ids are. Where data lie is said beside them (Location).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/check/contract/program.h"
#include "omega/ir/contract.h"
#include "omega/ir/ir.h"

namespace omega::check::contract {

using TypeId = uint32_t;

enum class TypeKind : uint8_t {
  Error,
  Void,
  Bool,
  Integer,
  FixedBytes,
  Address,
  Contract,
  Enum,
  UserType,
  String,
  Bytes,
  Array,
  FixedArray,
  Mapping,
  Struct,
  Function,          ///< of this contract, its bases and libraries; not what others call
  ExternalFunction,  ///< of a contract at an address: that, and a selector
  Number,            ///< of a number literal or a constant expression of them
  Text,              ///< of a string literal
};

/// Where what is referred to lies. None: values.
enum class Location : uint8_t { None, Memory, Calldata, Storage };

inline constexpr TypeId kErrorType = 0;
inline constexpr TypeId kVoidType = 1;
inline constexpr TypeId kBoolType = 2;
inline constexpr TypeId kStringType = 3;
inline constexpr TypeId kBytesType = 4;
inline constexpr TypeId kAddressType = 5;
inline constexpr TypeId kPayableType = 6;  ///< address payable
inline constexpr TypeId kNumberType = 7;
inline constexpr TypeId kTextType = 8;
constexpr TypeId integer_type(uint32_t bits, bool is_signed) { return 16 + (bits / 8 - 1) + (is_signed ? 32 : 0); }
constexpr TypeId fixed_bytes_type(uint32_t count) { return 80 + count - 1; }
inline constexpr TypeId kUint8Type = integer_type(8, false);
inline constexpr TypeId kUint256Type = integer_type(256, false);
inline constexpr TypeId kBytes32Type = fixed_bytes_type(32);
inline constexpr TypeId kFirstMadeType = 112;

struct Type {
  TypeKind kind = TypeKind::Error;
  bool is_signed = false;
  uint16_t bits = 0;           ///< Integer, FixedBytes
  TypeId element = 0;          ///< Array, FixedArray, Mapping (value), UserType (what it is made of)
  TypeId key = 0;              ///< Mapping; functions: their shape's number
  uint64_t length = 0;         ///< FixedArray: elements; Enum: members; functions: their mutability
  DeclId declaration = kNone;  ///< Contract (its ContractId), Enum, UserType, Struct
};

/// What functions of one type take and give. Two that differ in `view` and `pure` alone have one shape.
struct FunctionShape {
  std::vector<TypeId> params;
  std::vector<Location> param_locations;
  std::vector<TypeId> results;
  std::vector<Location> result_locations;
};

/// Makes and keeps the types of one contract's checking. Not thread-safe.
class TypeTable {
 public:
  explicit TypeTable(const Program& program);
  const Type& operator[](TypeId id) const { return types_[id]; }
  TypeId array(TypeId element) { return make({.kind = TypeKind::Array, .element = element}); }
  TypeId fixed_array(TypeId element, uint64_t length) { return make({.kind = TypeKind::FixedArray, .element = element, .length = length}); }
  TypeId mapping(TypeId key, TypeId value) { return make({.kind = TypeKind::Mapping, .element = value, .key = key}); }
  TypeId contract(ContractId id) { return make({.kind = TypeKind::Contract, .declaration = id}); }
  TypeId structure(DeclId id) { return make({.kind = TypeKind::Struct, .declaration = id}); }
  TypeId enumeration(DeclId id, uint64_t members) { return make({.kind = TypeKind::Enum, .length = members, .declaration = id}); }
  TypeId function(const FunctionShape& shape, ir::Mutability mutability, TypeKind kind = TypeKind::Function);
  const FunctionShape& shape(TypeId function) const { return shapes_[types_[function].key]; }
  ir::Mutability mutability(TypeId function) const { return static_cast<ir::Mutability>(types_[function].length); }
  /// The type of that shape that promises least.
  TypeId shape_of(TypeId function) { return this->function(FunctionShape(shape(function)), ir::Mutability::NonPayable); }
  /// Of functions: one that promises more may stand where less is asked for.
  bool function_converts(TypeId from, TypeId to) const;
  TypeId user_type(DeclId id, TypeId underlying) { return make({.kind = TypeKind::UserType, .element = underlying, .declaration = id}); }

  /// True for types whose values are references to data.
  bool is_reference(TypeId id) const;
  /// What a value is in a register.
  ir::Type ir(TypeId id) const;
  /// As written in source.
  std::string text(TypeId id) const;
  /// Of functions: what they promise, as it stands behind their parameters (" view"); empty where that is nothing.
  std::string_view promise_text(TypeId function) const;

 private:
  TypeId make(const Type& type);
  uint32_t shape_number(const FunctionShape& shape);
  const Program& program_;
  std::vector<Type> types_;
  std::vector<FunctionShape> shapes_;
  std::unordered_map<std::string, TypeId> by_key_;
  std::unordered_map<std::string, uint32_t> shape_numbers_;
};

}  // namespace omega::check::contract
