// SPDX-License-Identifier: Apache-2.0
#include "omega/object/move_module.h"

#include "omega/object/uleb128.h"

namespace omega::object::move {

OpcodeInfo opcode_info(uint8_t byte) {
  switch (byte) {
#define OMEGA_MOVE_OP(name, byte, operand) \
  case byte: return {#name, Operand::operand};
#include "omega/object/move_opcodes.def"
    default: return {};
  }
}

Type type_of(TypeTag tag) { return Type(1, static_cast<char>(tag)); }
Type vector_of(const Type& element) { return type_of(TypeTag::Vector) + element; }
Type reference_to(const Type& type) { return type_of(TypeTag::Reference) + type; }
Type mutable_reference_to(const Type& type) { return type_of(TypeTag::MutableReference) + type; }

namespace {

Type with_index(TypeTag tag, uint32_t index) {
  Type type = type_of(tag);
  append_uleb128(type, index);
  return type;
}

}  // namespace

Type struct_type(uint32_t handle) { return with_index(TypeTag::Struct, handle); }

Type struct_type(uint32_t handle, const std::vector<Type>& arguments) {
  Type type = with_index(TypeTag::StructInstance, handle);
  append_uleb128(type, arguments.size());
  for (const Type& argument : arguments) {
    type += argument;
  }
  return type;
}

Type type_parameter(uint32_t index) { return with_index(TypeTag::TypeParameter, index); }

}  // namespace omega::object::move
