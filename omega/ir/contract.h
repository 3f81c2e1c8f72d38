// SPDX-License-Identifier: Apache-2.0
// What a module that is a contract says of itself beside its functions: its state, what may be called from outside, its events and errors, and
// the types of data as those outside see them. docs/ir.md has the textual form and the operations that name these tables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::ir {

using DataTypeId = uint32_t;  ///< index into Contract::types

enum class DataKind : uint8_t {
  Bool,
  Unsigned,
  Signed,
  FixedBytes,  ///< bytes1 .. bytes32: in registers an unsigned number whose first byte is the most significant
  Address,     ///< addresses and contracts
  Enum,        ///< a u8 below `length`
  Bytes,
  String,
  Array,
  FixedArray,
  Mapping,  ///< in state only
  Struct,
};

/// A Solidity type. In registers and memory a value of a kind up to Enum is an integer of value_type(); of the others a `ref`:
/// Bytes and String an array of bytes, Array an array of words, FixedArray its elements in words, Struct its fields in words. A word is 32
/// bytes and holds one value; references to Bytes, String and Array may be null, which is empty, those to FixedArray and Struct never.
struct DataType {
  DataKind kind = DataKind::Bool;
  uint16_t bits = 0;           ///< Unsigned, Signed, FixedBytes: 8 .. 256
  bool is_function = false;    ///< FixedBytes of 24: a contract's address and the selector of one of its functions
  uint64_t length = 0;         ///< FixedArray: elements; Enum: members
  DataTypeId key = kNone;      ///< Mapping
  DataTypeId element = kNone;  ///< Array, FixedArray, Mapping: of what it holds
  uint32_t first_field = 0;    ///< Struct: in Contract::fields
  uint32_t field_count = 0;
  std::string name;  ///< as declared: Struct, Enum, contract (Address), user type; for ABI files and messages
};

/// A field of a struct, a parameter, a result, an argument of an event or error.
struct DataField {
  std::string name;  ///< may be empty
  DataTypeId type = kNone;
  bool is_indexed = false;   ///< of an event
  bool is_calldata = false;  ///< a parameter of an entry that is declared so: a length beyond all addresses reverts without data, in memory it panics
};

/// Fields [first, first + count) of Contract::fields.
struct DataFields {
  uint32_t first = 0;
  uint32_t count = 0;
};

struct StateVariable {
  std::string name;
  DataTypeId type = kNone;
};

/// A value fixed when the contract is made: immutables of value types.
using Immutable = StateVariable;
/// A value of a value type that lives for one call from outside, with all that happens in it: zero when that begins (EIP-1153).
using Transient = StateVariable;

enum class EntryKind : uint8_t { Function, Constructor, Receive, Fallback };
enum class Mutability : uint8_t { Pure, View, NonPayable, Payable };

/// What outsiders may call. The function takes the parameters and gives the results, each in the form DataType says; back ends decode, check
/// (value sent to what is not payable, ranges, enums, short data: revert without data) and encode. There is at most one of each kind but Function.
struct EntryPoint {
  EntryKind kind = EntryKind::Function;
  Mutability mutability = Mutability::NonPayable;
  bool is_implicit = false;  ///< of a constructor: the source has none in this contract. ABI files leave it out
  std::string name;          ///< of the function; getters of public variables are functions too
  DataFields params;
  DataFields results;
  FunctionId function = kNone;
};

struct EventType {
  std::string name;
  DataFields arguments;
  bool is_anonymous = false;
};

struct ErrorType {
  std::string name;
  DataFields arguments;
};

/// A function of another contract that this one calls.
struct ExternalFunction {
  std::string name;  ///< empty: each call brings a selector, of any function that takes and gives these types
  Mutability mutability = Mutability::NonPayable;
  DataFields params;
  DataFields results;
};

/// A contract that this one makes, or whose code it asks for: Module::created has it at the same number.
struct Creation {
  std::string name;
  bool is_payable = false;  ///< its constructor may be sent value
  DataFields params;        ///< of its constructor
};

/// Operand of creation.code.
enum class CodeKind : uint8_t {
  Creation,  ///< what makes the contract, without arguments
  Runtime,   ///< what stays
};

/// Operand of data.encode.
enum class Encoding : uint8_t {
  Abi,       ///< abi.encode
  Packed,    ///< abi.encodePacked
  Selector,  ///< abi.encodeWithSelector and encodeCall: the first value is the bytes4
};

/// Operand of `hash`, on bytes in memory.
enum class HashKind : uint8_t { Keccak256, Sha256, Ripemd160 };

/// Operand of call.raw.
enum class RawCallKind : uint8_t { Call, Static, Delegate };

/// The contract of a module. State variables stand in the order that gives Solidity's storage layout: those of the most basic contract first.
struct Contract {
  std::string name;
  std::vector<DataType> types;
  std::vector<DataField> fields;
  std::vector<StateVariable> variables;
  std::vector<Immutable> immutables;
  std::vector<Transient> transients;
  std::vector<EntryPoint> entries;  ///< as declared, inherited ones too
  std::vector<EventType> events;
  std::vector<ErrorType> errors;
  std::vector<ExternalFunction> externals;
  std::vector<Creation> creations;
};

/// Types nest at most this deep (one that contains itself through an array or a mapping counts up to where it does).
inline constexpr uint32_t kMaxDataTypeDepth = 64;

/// What follows from a type's definition.
struct DataTypeFacts {
  uint32_t depth = 0;         ///< 1 for what holds no other type
  uint32_t components = 0;    ///< types named by the canonical name; stays at 2^32 - 1 above
  bool has_mapping = false;   ///< or is one
  bool is_recursive = false;  ///< contains itself, or what does, through an array or a mapping
};

/// The facts of every type of a contract that verify() accepts, by number.
std::vector<DataTypeFacts> data_type_facts(const Contract& contract);

/// The type of a MessageField in registers: u256, but u160 for addresses, u32 for Signature, `ref` for Data.
Type message_field_type(MessageField field);
/// True for kinds up to Enum: in registers they are integers.
constexpr bool is_value_kind(DataKind kind) { return kind <= DataKind::Enum; }

/// The integer type that a value of this type is in a register; Ref for what is referred to.
Type value_type(const DataType& type);
/// `transfer(address,uint256)`: the name and the canonical types, as selectors and topics are made of them.
/// Without recursive types.
std::string signature(const Contract& contract, std::string_view name, DataFields params);
/// The canonical type: `uint256`, `(address,bytes)[]`. Not for mappings and recursive types.
std::string canonical_name(const Contract& contract, DataTypeId type);

}  // namespace omega::ir
