// SPDX-License-Identifier: Apache-2.0
#include "omega/object/move_writer.h"

#include "omega/object/uleb128.h"

namespace omega::object::move {

namespace {

/// Flags of a function definition beside its visibility.
constexpr uint8_t kNativeFlag = 2;
constexpr uint8_t kEntryFlag = 4;
/// How a struct's fields are given.
constexpr uint8_t kNativeStruct = 1;
constexpr uint8_t kDeclaredStruct = 2;

class Writer {
 public:
  explicit Writer(const Module& module) : module_(module) {}

  std::string write() {
    handles();
    pools();
    definitions();
    std::string out("\xa1\x1c\xeb\x0b", 4);
    fixed(out, kVersion, 4);
    append_uleb128(out, table_count_);
    out += headers_ + contents_;
    append_uleb128(out, module_.self);
    return out;
  }

 private:
  static void fixed(std::string& out, uint64_t value, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; ++i) {
      out.push_back(static_cast<char>(value >> (8 * i)));
    }
  }
  void number(uint64_t value) { append_uleb128(contents_, value); }
  void byte(uint8_t value) { contents_.push_back(static_cast<char>(value)); }
  void bytes(const std::string& value) {
    number(value.size());
    contents_ += value;
  }
  void types(const Signature& signature) {
    number(signature.size());
    for (const Type& type : signature) {
      contents_ += type;
    }
  }

  template <class Row, class Write>
  void table(Table kind, const std::vector<Row>& rows, Write&& write_row) {
    if (rows.empty()) {
      return;
    }
    const size_t begin = contents_.size();
    for (const Row& row : rows) {
      write_row(row);
    }
    ++table_count_;
    headers_.push_back(static_cast<char>(kind));
    append_uleb128(headers_, begin);
    append_uleb128(headers_, contents_.size() - begin);
  }
  void instances(Table kind, const std::vector<Instance>& rows) {
    table(kind, rows, [&](const Instance& row) {
      number(row.of);
      number(row.arguments);
    });
  }
  void modules(Table kind, const std::vector<ModuleHandle>& rows) {
    table(kind, rows, [&](const ModuleHandle& row) {
      number(row.address);
      number(row.name);
    });
  }

  void handles() {
    modules(Table::ModuleHandles, module_.module_handles);
    table(Table::StructHandles, module_.struct_handles, [&](const StructHandle& row) {
      number(row.module);
      number(row.name);
      number(row.abilities);
      number(row.type_parameters.size());
      for (const StructTypeParameter& parameter : row.type_parameters) {
        number(parameter.constraints);
        byte(parameter.is_phantom ? 1 : 0);
      }
    });
    table(Table::FunctionHandles, module_.function_handles, [&](const FunctionHandle& row) {
      number(row.module);
      number(row.name);
      number(row.parameters);
      number(row.results);
      number(row.type_parameters.size());
      for (const uint8_t constraints : row.type_parameters) {
        number(constraints);
      }
    });
    instances(Table::FunctionInstances, module_.function_instances);
  }

  void pools() {
    table(Table::Signatures, module_.signatures, [&](const Signature& row) { types(row); });
    table(Table::Constants, module_.constants, [&](const Constant& row) {
      contents_ += row.type;
      bytes(row.data);
    });
    table(Table::Metadata, module_.metadata, [&](const Metadata& row) {
      bytes(row.key);
      bytes(row.value);
    });
    table(Table::Identifiers, module_.identifiers, [&](const std::string& row) { bytes(row); });
    table(Table::Addresses, module_.addresses, [&](const AccountAddress& row) { contents_.append(reinterpret_cast<const char*>(row.data()), row.size()); });
  }

  void definitions() {
    table(Table::Structs, module_.structs, [&](const StructDefinition& row) { structure(row); });
    instances(Table::StructInstances, module_.struct_instances);
    table(Table::Functions, module_.functions, [&](const FunctionDefinition& row) { function(row); });
    table(Table::Fields, module_.fields, [&](const FieldHandle& row) {
      number(row.structure);
      number(row.field);
    });
    instances(Table::FieldInstances, module_.field_instances);
    modules(Table::Friends, module_.friends);
  }

  void structure(const StructDefinition& row) {
    number(row.handle);
    byte(row.is_native ? kNativeStruct : kDeclaredStruct);
    if (row.is_native) {
      return;
    }
    number(row.fields.size());
    for (const Field& field : row.fields) {
      number(field.name);
      contents_ += field.type;
    }
  }

  void function(const FunctionDefinition& row) {
    number(row.handle);
    byte(static_cast<uint8_t>(row.visibility));
    byte(static_cast<uint8_t>((row.is_native ? kNativeFlag : 0) | (row.is_entry ? kEntryFlag : 0)));
    number(row.acquires.size());
    for (const uint32_t structure : row.acquires) {
      number(structure);
    }
    if (row.is_native) {
      return;
    }
    number(row.locals);
    number(row.code.size());
    for (const Instruction& instruction : row.code) {
      instruction_bytes(row, instruction);
    }
  }

  void wide(const Limbs& limbs, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      fixed(contents_, limbs[i], 8);
    }
  }

  void instruction_bytes(const FunctionDefinition& in, const Instruction& instruction) {
    byte(static_cast<uint8_t>(instruction.op));
    switch (opcode_info(static_cast<uint8_t>(instruction.op)).operand) {
      case Operand::None: break;
      case Operand::U8: fixed(contents_, instruction.number, 1); break;
      case Operand::U16: fixed(contents_, instruction.number, 2); break;
      case Operand::U32: fixed(contents_, instruction.number, 4); break;
      case Operand::U64: fixed(contents_, instruction.number, 8); break;
      case Operand::U128: wide(in.wide[instruction.number], 2); break;
      case Operand::U256: wide(in.wide[instruction.number], 4); break;
      case Operand::SignatureCount:
        number(instruction.index);
        fixed(contents_, instruction.number, 8);
        break;
      default: number(instruction.index); break;
    }
  }

  const Module& module_;
  std::string headers_;
  std::string contents_;
  uint32_t table_count_ = 0;
};

}  // namespace

std::string write(const Module& module) { return Writer(module).write(); }

}  // namespace omega::object::move
