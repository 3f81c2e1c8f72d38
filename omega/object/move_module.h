// SPDX-License-Identifier: Apache-2.0
// A Move module as data: the tables of bytecode version 6, as its binary form has them. Source of the format: move-binary-format of the Move VM
// (file_format.rs, file_format_common.rs). move_writer.h and move_reader.h turn it into bytes and back, move_dump.h into text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omega::object::move {

inline constexpr uint32_t kVersion = 6;
/// Most entries of a table, instructions of a function and instruction a branch may name.
inline constexpr uint32_t kMaxIndex = 65535;
/// Most locals of a function, parameters included.
inline constexpr uint32_t kMaxLocals = 255;

/// An account's address.
using AccountAddress = std::array<uint8_t, 32>;
/// 256 bits, least significant limb first.
using Limbs = std::array<uint64_t, 4>;

enum class Opcode : uint8_t {
#define OMEGA_MOVE_OP(name, byte, operand) name = byte,
#include "omega/object/move_opcodes.def"
};

/// What follows an opcode.
enum class Operand : uint8_t {
  None,
  U8,
  U16,
  U32,
  U64,
  U128,
  U256,
  Local,
  Offset,    ///< number of an instruction of the function
  Constant,  ///< the rest: index into the table of that name
  Function,  ///< function handle
  FunctionInstance,
  Struct,  ///< struct definition
  StructInstance,
  Field,  ///< field handle
  FieldInstance,
  Signature,
  SignatureCount,  ///< signature and a number of elements
};

/// Tables in the file, by the number that names them.
enum class Table : uint8_t {
  ModuleHandles = 1,
  StructHandles = 2,
  FunctionHandles = 3,
  FunctionInstances = 4,
  Signatures = 5,
  Constants = 6,
  Identifiers = 7,
  Addresses = 8,
  Structs = 10,
  StructInstances = 11,
  Functions = 12,
  Fields = 13,
  FieldInstances = 14,
  Friends = 15,
  Metadata = 16,
};

/// What an opcode is called and what follows it; `name` is empty for bytes that are no opcode.
struct OpcodeInfo {
  std::string_view name;
  Operand operand = Operand::None;
};
OpcodeInfo opcode_info(uint8_t byte);

/// What values of a type may have done to them, one bit each.
enum Ability : uint8_t { kCopy = 1, kDrop = 2, kStore = 4, kKey = 8 };

/// First byte of a type.
enum class TypeTag : uint8_t {
  Bool = 1,
  U8 = 2,
  U64 = 3,
  U128 = 4,
  Address = 5,
  Reference = 6,
  MutableReference = 7,
  Struct = 8,
  TypeParameter = 9,
  Vector = 10,
  StructInstance = 11,
  Signer = 12,
  U16 = 13,
  U32 = 14,
  U256 = 15,
};

/// A type in its binary form: a tag, and for some an index or the types inside.
using Type = std::string;

Type type_of(TypeTag tag);
Type vector_of(const Type& element);
Type reference_to(const Type& type);
Type mutable_reference_to(const Type& type);
/// The struct of that handle.
Type struct_type(uint32_t handle);
/// The generic struct of that handle with these type arguments.
Type struct_type(uint32_t handle, const std::vector<Type>& arguments);
Type type_parameter(uint32_t index);

using Signature = std::vector<Type>;

struct ModuleHandle {
  uint32_t address = 0;  ///< index into Module::addresses
  uint32_t name = 0;     ///< index into Module::identifiers, as all names
  bool operator==(const ModuleHandle&) const = default;
};

struct StructTypeParameter {
  uint8_t constraints = 0;  ///< Ability bits
  bool is_phantom = false;
  bool operator==(const StructTypeParameter&) const = default;
};

struct StructHandle {
  uint32_t module = 0;
  uint32_t name = 0;
  uint8_t abilities = 0;
  std::vector<StructTypeParameter> type_parameters;
  bool operator==(const StructHandle&) const = default;
};

struct FunctionHandle {
  uint32_t module = 0;
  uint32_t name = 0;
  uint32_t parameters = 0;               ///< signature
  uint32_t results = 0;                  ///< signature
  std::vector<uint8_t> type_parameters;  ///< constraints: Ability bits
  bool operator==(const FunctionHandle&) const = default;
};

/// A function handle, struct definition or field handle with type arguments.
struct Instance {
  uint32_t of = 0;
  uint32_t arguments = 0;  ///< signature
  bool operator==(const Instance&) const = default;
};

struct FieldHandle {
  uint32_t structure = 0;  ///< struct definition
  uint32_t field = 0;
  bool operator==(const FieldHandle&) const = default;
};

/// `data` is the value in BCS.
struct Constant {
  Type type;
  std::string data;
  bool operator==(const Constant&) const = default;
};

struct Field {
  uint32_t name = 0;
  Type type;
  bool operator==(const Field&) const = default;
};

struct StructDefinition {
  uint32_t handle = 0;
  bool is_native = false;
  std::vector<Field> fields;
  bool operator==(const StructDefinition&) const = default;
};

struct Instruction {
  Opcode op = Opcode::Nop;
  uint32_t index = 0;   ///< local, offset, table index
  uint64_t number = 0;  ///< immediate of up to 64 bits, number of elements; for U128 and U256: index into FunctionDefinition::wide
  bool operator==(const Instruction&) const = default;
};

enum class Visibility : uint8_t { Private = 0, Public = 1, Friend = 3 };

struct FunctionDefinition {
  uint32_t handle = 0;
  Visibility visibility = Visibility::Private;
  bool is_entry = false;
  bool is_native = false;
  std::vector<uint32_t> acquires;  ///< struct definitions
  uint32_t locals = 0;             ///< signature of the locals behind the parameters
  std::vector<Instruction> code;
  std::vector<Limbs> wide;  ///< literals of 128 and 256 bits
  bool operator==(const FunctionDefinition&) const = default;
};

struct Metadata {
  std::string key;
  std::string value;
  bool operator==(const Metadata&) const = default;
};

/// Indices lead into the table that the field's comment or name says.
struct Module {
  uint32_t self = 0;  ///< module handle
  std::vector<ModuleHandle> module_handles;
  std::vector<StructHandle> struct_handles;
  std::vector<FunctionHandle> function_handles;
  std::vector<Instance> function_instances;
  std::vector<Signature> signatures;
  std::vector<Constant> constants;
  std::vector<std::string> identifiers;
  std::vector<AccountAddress> addresses;
  std::vector<StructDefinition> structs;
  std::vector<Instance> struct_instances;
  std::vector<FunctionDefinition> functions;
  std::vector<FieldHandle> fields;
  std::vector<Instance> field_instances;
  std::vector<ModuleHandle> friends;
  std::vector<Metadata> metadata;
  bool operator==(const Module&) const = default;
};

}  // namespace omega::object::move
