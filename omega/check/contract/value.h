// SPDX-License-Identifier: Apache-2.0
// What checking an expression of a contract gives.
#pragma once

#include <cstdint>
#include <vector>

#include "omega/check/contract/types.h"

namespace omega::check::contract {

enum class ValueKind : uint8_t {
  Error,    ///< a mistake was reported: be silent
  Void,     ///< a call without result
  Runtime,  ///< `id` is an IR value; of a reference: in memory, or a place in the state when location is Storage
  Number,   ///< a literal or constant expression: `id` in the checker's numbers
  Text,     ///< a string literal: `id` in the checker's texts
  List,     ///< `[a, b]`: `id` in the checker's lists
  Tuple,    ///< `(a, b)` or several results: `id` in the checker's lists
  // Places, whose value load() gives:
  Slot,       ///< local variable `id`, in the checker's locals
  State,      ///< of a value type: place `id` in the state
  Field,      ///< word `extra` of the object `id`
  Element,    ///< element `extra` (checked) of the array `id`
  Fixed,      ///< element `extra` (checked) of the fixed array `id`
  Byte,       ///< byte `extra` (checked) of the bytes `id`
  StateByte,  ///< byte `extra` (checked) of the bytes at place `id`
  Immutable,  ///< `id` in the contract's table
  Transient,  ///< likewise
  // Names of something:
  Type,       ///< the name of `type`
  TypeInfo,   ///< `type(T)`
  Module,     ///< `id` is a file
  Callable,   ///< `id` in the checker's callables
  Event,      ///< `id` in the checker's callables: overloads
  ErrorName,  ///< `id` is the declaration
  Super,
  Space,  ///< `msg`, `block`, `tx`, `abi`: `id` is a Space
  Code,   ///< `a.code`: `id` is the address
};

enum class Space : uint8_t { Message, Block, Transaction, Abi };

struct Value {
  ValueKind kind = ValueKind::Error;
  Location location = Location::None;
  uint8_t digits = 0;          ///< Number: hexadecimal digits as written, 0 for other numbers; Text: 1 when it is hex"…"
  bool is_read_only = false;   ///< place in calldata
  bool is_other_text = false;  ///< a `string` of the state seen as `bytes`, or the other way round
  TypeId type = kErrorType;
  uint32_t id = 0;
  uint32_t extra = 0;

  bool is_error() const { return kind == ValueKind::Error; }
  bool is_place() const { return kind >= ValueKind::Slot && kind <= ValueKind::Transient; }
  /// Something that a variable could hold.
  bool is_data() const { return kind == ValueKind::Runtime || kind == ValueKind::Number || kind == ValueKind::Text || kind == ValueKind::List || is_place(); }
  /// A reference into the state.
  bool is_storage() const { return location == Location::Storage; }
  static Value error() { return {}; }
  static Value none() { return {.kind = ValueKind::Void, .type = kVoidType}; }
  static Value of(TypeId type, ir::ValueId id, Location location = Location::None) {
    return {.kind = ValueKind::Runtime, .location = location, .type = type, .id = id};
  }
  static Value of_type(TypeId type) { return {.kind = ValueKind::Type, .type = type}; }
};

/// What the language itself gives to call.
enum class Builtin : uint8_t {
  Require,
  Assert,
  Revert,
  Keccak256,
  Sha256,
  Ripemd160,
  Ecrecover,
  GasLeft,
  AddMod,
  MulMod,
  Encode,
  EncodePacked,
  EncodeWithSelector,
  EncodeWithSignature,
  EncodeCall,
  Decode,
  StringConcat,
  BytesConcat,
  Push,
  Pop,
  Call,
  StaticCall,
  DelegateCall,
  Transfer,
  Send,
  Wrap,
  Unwrap,
};

/// Something that can be called, with what is bound to it already.
struct Callable {
  enum class Kind : uint8_t {
    Functions,  ///< functions of this contract, of libraries and files: `candidates`
    External,   ///< functions of the contract `self`
    Value,      ///< the function of another contract that `self` is
    Create,     ///< `new C`: `self` is the type
    Foreign,    ///< functions named through a contract that is no base: for selectors only
    Builtin,
  };
  Kind kind = Kind::Functions;
  Builtin builtin = Builtin::Require;
  bool is_exact = false;  ///< `super.f`, `Base.f`: no further override is looked for
  bool has_self = false;  ///< `self` is the first argument, or what the built-in works on
  NameId name;
  std::vector<DeclId> candidates;
  Value self;
  ir::ValueId value = ir::kNone;  ///< options of an external call
  ir::ValueId gas = ir::kNone;
  ir::ValueId salt = ir::kNone;
};

}  // namespace omega::check::contract
