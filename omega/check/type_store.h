// SPDX-License-Identifier: Apache-2.0
// Types as hash-consed ids: two types are the same exactly when their ids are.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "omega/base/arena.h"
#include "omega/base/pod_vector.h"
#include "omega/ir/ir.h"

namespace omega::check {

using base::PodVector;

/// A type of a TypeStore. Numbers above the fixed ones depend on the schedule of threads: nothing may order by them.
using TypeId = uint32_t;

enum class TypeKind : uint8_t {
  None,   ///< no type known or wanted
  Error,  ///< of an expression with a mistake: fits everywhere, silently
  Void,   ///< of a call without result
  Bool,
  Integer,
  Float,
  String,
  Bytes,       ///< an array of uint8
  FixedBytes,  ///< bytes1 .. bytes32, an unsigned number whose first byte is the most significant
  Address,
  Number,  ///< a literal or constant expression of literals that has not met a type yet
  Random,
  Enum,
  UserType,  ///< `type X is T`
  Array,
  FixedArray,
  Mapping,
  Struct,
  Tuple,
  Function,
  Result,
  Range,  ///< of `a..<b` where a pattern or loop takes it; never a variable's
};

inline constexpr TypeId kNoType = 0;
inline constexpr TypeId kErrorType = 1;
inline constexpr TypeId kVoidType = 2;
inline constexpr TypeId kBoolType = 3;
inline constexpr TypeId kStringType = 4;
inline constexpr TypeId kBytesType = 5;
inline constexpr TypeId kAddressType = 6;
inline constexpr TypeId kFloat32Type = 7;
inline constexpr TypeId kFloat64Type = 8;
inline constexpr TypeId kNumberType = 9;
inline constexpr TypeId kRandomType = 10;
inline constexpr TypeId kRangeType = 11;
/// int8..int256 and uint8..uint256; `bits` a multiple of 8.
constexpr TypeId integer_type(uint32_t bits, bool is_signed) { return 16 + (bits / 8 - 1) + (is_signed ? 32 : 0); }
/// bytes1..bytes32.
constexpr TypeId fixed_bytes_type(uint32_t count) { return 80 + count - 1; }
inline constexpr TypeId kInt64Type = integer_type(64, true);
inline constexpr TypeId kInt32Type = integer_type(32, true);
inline constexpr TypeId kUint8Type = integer_type(8, false);
inline constexpr TypeId kUint64Type = integer_type(64, false);
inline constexpr TypeId kUint256Type = integer_type(256, false);
inline constexpr TypeId kFirstMadeType = 112;

constexpr bool is_integer_type(TypeId type) { return type >= 16 && type < 80; }
constexpr bool is_float_type(TypeId type) { return type == kFloat32Type || type == kFloat64Type; }

/// What is known of a type. Lives, unmoved, as long as its store.
struct TypeInfo {
  TypeKind kind = TypeKind::None;
  bool is_signed = false;                 ///< Integer
  bool is_ref = false;                    ///< a value is a reference to an object
  ir::Type ir = ir::Type::Void;           ///< in a register
  uint16_t bits = 0;                      ///< Integer, FixedBytes, Float
  uint32_t size = 0;                      ///< bytes as a field or element
  uint32_t declaration = 0;               ///< Struct, Enum, UserType: index in Declarations
  TypeId element = 0;                     ///< Array, FixedArray, Mapping (value), Result (value), UserType (underlying), Range
  TypeId key = 0;                         ///< Mapping
  uint64_t length = 0;                    ///< FixedArray
  const TypeId* parts = nullptr;          ///< Tuple: components; Function: parameters, then results
  uint32_t part_count = 0;                ///< Tuple: components; Function: parameters
  uint32_t result_count = 0;              ///< Function
  std::string_view name;                  ///< Struct, Enum, UserType
  mutable std::atomic<TypeId> array{0};   ///< the type T[] of this T once made
  mutable std::atomic<TypeId> result{0};  ///< the type Result<T> once made

  std::span<const TypeId> components() const { return {parts, part_count}; }
  std::span<const TypeId> parameters() const { return {parts, part_count}; }
  std::span<const TypeId> results() const { return {parts + part_count, result_count}; }
};

/// Makes and keeps types. All members may be called from any threads at once.
class TypeStore {
 public:
  TypeStore();
  ~TypeStore();
  TypeStore(const TypeStore&) = delete;
  TypeStore& operator=(const TypeStore&) = delete;

  const TypeInfo& operator[](TypeId id) const { return chunks_[id >> kChunkBits].load(std::memory_order_acquire)[id & (kChunkSize - 1)]; }
  TypeKind kind(TypeId id) const { return (*this)[id].kind; }
  ir::Type ir(TypeId id) const { return (*this)[id].ir; }

  TypeId array_of(TypeId element);
  TypeId result_of(TypeId value);
  TypeId fixed_array(TypeId element, uint64_t length);
  TypeId mapping(TypeId key, TypeId value);
  TypeId tuple(std::span<const TypeId> components);
  TypeId function(std::span<const TypeId> parameters, std::span<const TypeId> results);
  TypeId range_of(TypeId element);
  /// `declaration` is the index in Declarations' table for that kind; `name` must outlive the store.
  TypeId structure(uint32_t declaration, std::string_view name);
  TypeId enumeration(uint32_t declaration, std::string_view name);
  TypeId user_type(uint32_t declaration, std::string_view name, TypeId underlying);

  /// As written in source: `int64[]`, `mapping(string => bool)`.
  std::string text(TypeId id) const;
  void append_text(TypeId id, std::string& to) const;

 private:
  static constexpr uint32_t kChunkBits = 8;
  static constexpr uint32_t kChunkSize = 1u << kChunkBits;

  struct Key {
    TypeKind kind;
    uint32_t result_count = 0;
    uint64_t number = 0;
    std::span<const TypeId> parts;
    std::string_view name;
  };

  TypeInfo& make(TypeKind kind, TypeId* id);
  TypeInfo& fixed(TypeId id, TypeKind kind, ir::Type ir, uint32_t size);
  TypeId intern(const Key& key);
  bool matches(const TypeInfo& info, const Key& key) const;
  void fill(TypeInfo& info, const Key& key);

  std::array<std::atomic<TypeInfo*>, 1u << 14> chunks_{};
  std::mutex mutex_;
  uint32_t next_ = kFirstMadeType;
  base::Arena arena_;
  std::unordered_multimap<uint64_t, TypeId> by_hash_;
};

}  // namespace omega::check
