// SPDX-License-Identifier: Apache-2.0
#include "omega/object/move_builder.h"

#include <algorithm>

#include "omega/base/check.h"
#include "omega/object/uleb128.h"

namespace omega::object::move {

namespace {

constexpr uint32_t kUnbound = 0xffff'ffffu;

/// A row as bytes that only equal rows have.
std::string key_of(std::initializer_list<uint64_t> numbers) {
  std::string key;
  for (const uint64_t number : numbers) {
    append_uleb128(key, number);
  }
  return key;
}

bool is_branch(Opcode op) { return op == Opcode::Branch || op == Opcode::BrTrue || op == Opcode::BrFalse; }

}  // namespace

AccountAddress small_address(uint8_t last) {
  AccountAddress address{};
  address.back() = last;
  return address;
}

template <class Row>
uint32_t ModuleBuilder::intern(Table table, const std::string& key, std::vector<Row>& rows, Row row) {
  const auto [at, is_new] = index_.try_emplace(std::string(1, static_cast<char>(table)) + key, static_cast<uint32_t>(rows.size()));
  if (is_new) {
    rows.push_back(std::move(row));
  }
  return at->second;
}

ModuleBuilder::ModuleBuilder(const AccountAddress& address, std::string_view name) { module_.self = module(address, name); }

uint32_t ModuleBuilder::module(const AccountAddress& address, std::string_view name) {
  const std::string bytes(reinterpret_cast<const char*>(address.data()), address.size());
  const uint32_t at = intern(Table::Addresses, bytes, module_.addresses, address);
  const uint32_t name_at = identifier(name);
  return intern(Table::ModuleHandles, key_of({at, name_at}), module_.module_handles, ModuleHandle{at, name_at});
}

uint32_t ModuleBuilder::identifier(std::string_view text) { return intern(Table::Identifiers, std::string(text), module_.identifiers, std::string(text)); }

uint32_t ModuleBuilder::signature(const Signature& types) {
  std::string key;
  for (const Type& type : types) {
    key += type;
  }
  return intern(Table::Signatures, key, module_.signatures, types);
}

uint32_t ModuleBuilder::struct_handle(uint32_t module, std::string_view name, uint8_t abilities, const std::vector<StructTypeParameter>& type_parameters) {
  const uint32_t name_at = identifier(name);
  return intern(Table::StructHandles, key_of({module, name_at}), module_.struct_handles, StructHandle{module, name_at, abilities, type_parameters});
}

uint32_t ModuleBuilder::function(uint32_t module, std::string_view name, const Signature& parameters, const Signature& results,
                                 const std::vector<uint8_t>& type_parameters) {
  const uint32_t name_at = identifier(name);
  const uint32_t parameters_at = signature(parameters);
  const uint32_t results_at = signature(results);
  return intern(Table::FunctionHandles, key_of({module, name_at}), module_.function_handles,
                FunctionHandle{module, name_at, parameters_at, results_at, type_parameters});
}

uint32_t ModuleBuilder::function_instance(uint32_t handle, const Signature& arguments) {
  const uint32_t at = signature(arguments);
  return intern(Table::FunctionInstances, key_of({handle, at}), module_.function_instances, Instance{handle, at});
}

uint32_t ModuleBuilder::struct_instance(uint32_t definition, const Signature& arguments) {
  const uint32_t at = signature(arguments);
  return intern(Table::StructInstances, key_of({definition, at}), module_.struct_instances, Instance{definition, at});
}

uint32_t ModuleBuilder::field(uint32_t definition, uint32_t index) {
  return intern(Table::Fields, key_of({definition, index}), module_.fields, FieldHandle{definition, index});
}

uint32_t ModuleBuilder::field_instance(uint32_t field, const Signature& arguments) {
  const uint32_t at = signature(arguments);
  return intern(Table::FieldInstances, key_of({field, at}), module_.field_instances, Instance{field, at});
}

uint32_t ModuleBuilder::constant(const Type& type, std::string_view data) {
  return intern(Table::Constants, type + std::string(data), module_.constants, Constant{type, std::string(data)});
}

uint32_t ModuleBuilder::define_struct(std::string_view name, uint8_t abilities, const std::vector<NamedField>& fields,
                                      const std::vector<StructTypeParameter>& type_parameters) {
  StructDefinition definition;
  definition.handle = struct_handle(self(), name, abilities, type_parameters);
  for (const NamedField& field : fields) {
    definition.fields.push_back({identifier(field.name), field.type});
  }
  module_.structs.push_back(std::move(definition));
  return static_cast<uint32_t>(module_.structs.size() - 1);
}

uint32_t CodeWriter::local(const Type& type) {
  locals_.push_back(type);
  return local_count() - 1;
}

CodeWriter& CodeWriter::u8(uint8_t value) {
  code_.push_back({Opcode::LdU8, 0, value});
  return *this;
}

CodeWriter& CodeWriter::u64(uint64_t value) {
  code_.push_back({Opcode::LdU64, 0, value});
  return *this;
}

CodeWriter& CodeWriter::u256(const Limbs& value) {
  if ((value[1] | value[2] | value[3]) == 0) {
    if (value[0] < 256) {
      return u8(static_cast<uint8_t>(value[0])).op(Opcode::CastU256);
    }
    return u64(value[0]).op(Opcode::CastU256);
  }
  const auto at = std::find(wide_.begin(), wide_.end(), value);
  code_.push_back({Opcode::LdU256, 0, static_cast<uint64_t>(at - wide_.begin())});
  if (at == wide_.end()) {
    wide_.push_back(value);
  }
  return *this;
}

CodeWriter& CodeWriter::constant_bytes(std::string_view bytes) {
  std::string data;
  append_uleb128(data, bytes.size());
  data += bytes;
  return op(Opcode::LdConst, module_.constant(vector_of(type_of(TypeTag::U8)), data));
}

CodeWriter& CodeWriter::pack_vector(const Type& element, uint64_t count) {
  code_.push_back({Opcode::VecPack, module_.signature({element}), count});
  return *this;
}

CodeWriter::Label CodeWriter::label() {
  labels_.push_back(kUnbound);
  return {static_cast<uint32_t>(labels_.size() - 1)};
}

CodeWriter& CodeWriter::bind(Label label) {
  labels_[label.index] = size();
  return *this;
}

uint32_t CodeWriter::block_count() const {
  std::vector<uint8_t> leads(code_.size() + 1, 0);
  leads[0] = 1;
  for (size_t i = 0; i < code_.size(); ++i) {
    const Opcode op = code_[i].op;
    if (is_branch(op)) {
      leads[labels_[code_[i].index]] = 1;
    }
    if (is_branch(op) || op == Opcode::Ret || op == Opcode::Abort) {
      leads[i + 1] = 1;
    }
  }
  return static_cast<uint32_t>(std::count(leads.begin(), leads.end() - 1, 1));
}

FunctionDefinition CodeWriter::finish(uint32_t handle, Visibility visibility, bool is_entry, std::vector<uint32_t> acquires) {
  for (Instruction& instruction : code_) {
    if (is_branch(instruction.op)) {
      instruction.index = labels_[instruction.index];
      OMEGA_CHECK(instruction.index < code_.size(), "a branch leads nowhere");
    }
  }
  FunctionDefinition definition;
  definition.handle = handle;
  definition.visibility = visibility;
  definition.is_entry = is_entry;
  definition.acquires = std::move(acquires);
  definition.locals = module_.signature(locals_);
  definition.code = std::move(code_);
  definition.wide = std::move(wide_);
  return definition;
}

}  // namespace omega::object::move
