// SPDX-License-Identifier: Apache-2.0
// Makes a Move module row by row, each row once, and the code of its functions.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/object/move_module.h"

namespace omega::object::move {

/// An address whose last byte is `last`, the others zero: 0x1 is where the frameworks lie.
AccountAddress small_address(uint8_t last);

/// Makes one module: name what is used, define what is its own, then finish(). The same row asked for twice is one row. Not thread-safe.
class ModuleBuilder {
 public:
  ModuleBuilder(const AccountAddress& address, std::string_view name);

  // ---- what is named: index into the table ----
  uint32_t self() const { return 0; }
  uint32_t module(const AccountAddress& address, std::string_view name);
  uint32_t identifier(std::string_view text);
  uint32_t signature(const Signature& types);
  uint32_t struct_handle(uint32_t module, std::string_view name, uint8_t abilities, const std::vector<StructTypeParameter>& type_parameters = {});
  uint32_t function(uint32_t module, std::string_view name, const Signature& parameters, const Signature& results,
                    const std::vector<uint8_t>& type_parameters = {});
  uint32_t function_instance(uint32_t handle, const Signature& arguments);
  uint32_t struct_instance(uint32_t definition, const Signature& arguments);
  uint32_t field(uint32_t definition, uint32_t index);
  uint32_t field_instance(uint32_t field, const Signature& arguments);
  uint32_t constant(const Type& type, std::string_view data);

  // ---- what is defined ----
  struct NamedField {
    std::string name;
    Type type;
  };
  /// A struct of this module: index of its definition.
  uint32_t define_struct(std::string_view name, uint8_t abilities, const std::vector<NamedField>& fields,
                         const std::vector<StructTypeParameter>& type_parameters = {});
  /// The handle of a struct defined here.
  uint32_t handle_of(uint32_t definition) const { return module_.structs[definition].handle; }
  /// A struct defined here, without type parameters, as a type.
  Type defined_type(uint32_t definition) const { return struct_type(handle_of(definition)); }
  void define_function(FunctionDefinition definition) { module_.functions.push_back(std::move(definition)); }
  void add_metadata(std::string key, std::string value) { module_.metadata.push_back({std::move(key), std::move(value)}); }

  const Module& module() const { return module_; }
  Module finish() { return std::move(module_); }

 private:
  template <class Row>
  uint32_t intern(Table table, const std::string& key, std::vector<Row>& rows, Row row);

  Module module_;
  std::unordered_map<std::string, uint32_t> index_;  ///< by table and the row's bytes
};

/// Writes the code of one function. Locals are numbered from the parameters on. Not thread-safe.
class CodeWriter {
 public:
  /// A place in the code, to branch to.
  struct Label {
    uint32_t index = 0;
  };

  CodeWriter(ModuleBuilder& module, uint32_t parameter_count) : module_(module), parameter_count_(parameter_count) {}

  ModuleBuilder& module() { return module_; }

  /// A new local variable; unset.
  uint32_t local(const Type& type);
  uint32_t local_count() const { return parameter_count_ + static_cast<uint32_t>(locals_.size()); }

  CodeWriter& op(Opcode opcode, uint32_t index = 0) {
    code_.push_back({opcode, index, 0});
    return *this;
  }
  CodeWriter& copy(uint32_t local) { return op(Opcode::CopyLoc, local); }
  CodeWriter& move(uint32_t local) { return op(Opcode::MoveLoc, local); }
  CodeWriter& store(uint32_t local) { return op(Opcode::StLoc, local); }
  CodeWriter& call(uint32_t function) { return op(Opcode::Call, function); }
  CodeWriter& u8(uint8_t value);
  CodeWriter& u64(uint64_t value);
  /// The shorter of a literal and a widened smaller one.
  CodeWriter& u256(const Limbs& value);
  CodeWriter& u256(uint64_t value) { return u256(Limbs{value, 0, 0, 0}); }
  CodeWriter& boolean(bool value) { return op(value ? Opcode::LdTrue : Opcode::LdFalse); }
  CodeWriter& constant_bytes(std::string_view bytes);
  /// A vector of this many elements from the stack.
  CodeWriter& pack_vector(const Type& element, uint64_t count);
  CodeWriter& vector_op(Opcode opcode, const Type& element) { return op(opcode, module_.signature({element})); }
  CodeWriter& abort(uint64_t code) { return u64(code).op(Opcode::Abort); }

  Label label();
  CodeWriter& bind(Label label);
  CodeWriter& branch(Label target) { return op(Opcode::Branch, target.index); }
  CodeWriter& branch_if(Label target) { return op(Opcode::BrTrue, target.index); }
  CodeWriter& branch_unless(Label target) { return op(Opcode::BrFalse, target.index); }

  uint32_t size() const { return static_cast<uint32_t>(code_.size()); }
  /// Basic blocks, as the VM counts them.
  uint32_t block_count() const;
  /// The function's code; every label that is branched to must be bound.
  FunctionDefinition finish(uint32_t handle, Visibility visibility, bool is_entry = false, std::vector<uint32_t> acquires = {});

 private:
  ModuleBuilder& module_;
  uint32_t parameter_count_;
  Signature locals_;
  std::vector<Instruction> code_;  ///< branches name labels
  std::vector<Limbs> wide_;
  std::vector<uint32_t> labels_;
};

}  // namespace omega::object::move
