// SPDX-License-Identifier: Apache-2.0
// What checking an expression gives, and what can be assigned to.
#pragma once

#include <cstdint>
#include <type_traits>

#include "omega/check/type_store.h"
#include "omega/ir/ir.h"
#include "omega/parse/tree.h"

namespace omega::check {

enum class ValueKind : uint8_t {
  Error,      ///< a mistake was reported: be silent
  Void,       ///< a call without result
  Runtime,    ///< `id` is an IR value of type `type`
  Constant,   ///< known now, not emitted yet: `form` says where; materialize() emits it
  Type,       ///< the name of type `type`
  Module,     ///< `id` is a module index
  Functions,  ///< an overload set: `id` is the first declaration
  Builtin,    ///< `id` is a FunctionKind
  Pattern,    ///< `id` is a PatternKind
  Multi,      ///< several results of a call: `type` is their tuple, values id, id + 1, ...
  Lambda,     ///< `id` is a Lambda node that waits for its types
  Range,      ///< range_low() and range_high() are s64 values, the upper one exclusive; type is the range's
  ErrorName,  ///< `id` is the index of an `error` declaration
};

enum class ConstantForm : uint8_t {
  Integer,   ///< bits; Number, integers, enums, FixedBytes, bool
  Wide,      ///< an integer that int64 cannot hold: `id` in the checker's numbers
  Decimal,   ///< a decimal literal: `id` in the checker's decimals; type Number
  Fraction,  ///< `id` in the checker's numbers; type Number
  Float,     ///< bits = float64; float32, float64
  Text,      ///< `id` in the checker's texts; string
};

/// The result of checking an expression. By value, valid until the unit ends. 16 bytes without a copy in memory: it is given back in two registers.
struct Value {
  ValueKind kind = ValueKind::Error;
  ConstantForm form = ConstantForm::Integer;
  TypeId type = kErrorType;
  /// One of them has a meaning: kind and form say which.
  union {
    int64_t bits = 0;
    uint32_t id;
  };

  bool is_error() const { return kind == ValueKind::Error; }
  bool is_constant() const { return kind == ValueKind::Constant; }
  /// Runtime or constant: something with a value of a type.
  bool is_value() const { return kind == ValueKind::Runtime || kind == ValueKind::Constant; }

  static Value error() { return {}; }
  static Value none() { return with_id(ValueKind::Void, kVoidType, 0); }
  /// The name of a type.
  static Value of_type(TypeId type) { return with_id(ValueKind::Type, type, 0); }
  static Value of(TypeId type, ir::ValueId id) { return with_id(ValueKind::Runtime, type, id); }
  static Value range(ir::ValueId low, ir::ValueId high) {
    return {.kind = ValueKind::Range, .type = kRangeType, .bits = static_cast<int64_t>(static_cast<uint64_t>(high) << 32 | low)};
  }
  /// A value whose kind has an `id`.
  static Value with_id(ValueKind kind, TypeId type, uint32_t id) { return {.kind = kind, .type = type, .bits = id}; }
  ir::ValueId range_low() const { return static_cast<ir::ValueId>(static_cast<uint64_t>(bits)); }
  ir::ValueId range_high() const { return static_cast<ir::ValueId>(static_cast<uint64_t>(bits) >> 32); }

  static Value integer(TypeId type, int64_t bits) { return {.kind = ValueKind::Constant, .type = type, .bits = bits}; }
  static Value boolean(bool value) { return integer(kBoolType, value ? 1 : 0); }
};
/// A literal integer that int64 can hold and that has no type yet.
inline bool is_plain_number(Value value) { return value.kind == ValueKind::Constant && value.form == ConstantForm::Integer && value.type == kNumberType; }
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

/// Something that can be assigned to, its parts evaluated (once).
struct Place {
  enum class Kind : uint8_t {
    None,     ///< a mistake was reported
    Local,    ///< `local` in the checker's locals
    Field,    ///< object `base` at byte `offset`
    Element,  ///< array `base`, index `index`, checked
    Fixed,    ///< fixed array `base`, index `index`, checked
    Entry,    ///< mapping `base`, `index` is the address of the key
  };
  Kind kind = Kind::None;
  TypeId type = kErrorType;
  uint32_t local = 0;
  ir::ValueId base = 0;
  ir::ValueId index = 0;
  uint32_t offset = 0;
  TypeId container = 0;  ///< Entry: the mapping's type
};

}  // namespace omega::check
