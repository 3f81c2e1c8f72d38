// SPDX-License-Identifier: Apache-2.0
// What checking an expression gives, and what can be assigned to.
#pragma once

#include <cstdint>

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
  Range,      ///< `id` and `bits` (low 32) are s64 values: low and exclusive high; type is the range's
  ErrorName,  ///< `id` is the index of an `error` declaration
};

enum class ConstantForm : uint8_t {
  Integer,   ///< bits; Number, integers, enums, FixedBytes, bool
  Wide,      ///< an integer that int64 cannot hold: `id` in the checker's numbers
  Decimal,   ///< a decimal literal: bits = its float64, id = node; type Number
  Fraction,  ///< `id` in the checker's numbers; type Number
  Float,     ///< bits = float64; float32, float64
  Text,      ///< `id` in the checker's texts; string
};

/// The result of checking an expression. By value, valid until the unit ends.
struct Value {
  ValueKind kind = ValueKind::Error;
  ConstantForm form = ConstantForm::Integer;
  TypeId type = kErrorType;
  uint32_t id = 0;
  int64_t bits = 0;

  bool is_error() const { return kind == ValueKind::Error; }
  bool is_constant() const { return kind == ValueKind::Constant; }
  /// Runtime or constant: something with a value of a type.
  bool is_value() const { return kind == ValueKind::Runtime || kind == ValueKind::Constant; }

  static Value error() { return {}; }
  static Value none() { return {.kind = ValueKind::Void, .type = kVoidType}; }
  static Value of(TypeId type, ir::ValueId id) { return {.kind = ValueKind::Runtime, .type = type, .id = id}; }
  static Value integer(TypeId type, int64_t bits) { return {.kind = ValueKind::Constant, .type = type, .bits = bits}; }
  static Value boolean(bool value) { return integer(kBoolType, value ? 1 : 0); }
};

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
