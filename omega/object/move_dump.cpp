// SPDX-License-Identifier: Apache-2.0
#include "omega/object/move_dump.h"

namespace omega::object::move {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

class Dumper {
 public:
  explicit Dumper(const Module& module) : module_(module) {}

  std::string dump() {
    out_ = "module " + module_name(module_.self) + "\n";
    for (const StructDefinition& row : module_.structs) {
      structure(row);
    }
    for (const FunctionDefinition& row : module_.functions) {
      function(row);
    }
    return std::move(out_);
  }

 private:
  const std::string& name(uint32_t index) const { return module_.identifiers[index]; }

  std::string module_name(uint32_t handle) const {
    const ModuleHandle& row = module_.module_handles[handle];
    return short_address(module_.addresses[row.address]) + "::" + name(row.name);
  }

  /// `0x1`, without zeros in front.
  static std::string short_address(const AccountAddress& address) {
    std::string digits;
    for (const uint8_t byte : address) {
      digits += kHex[byte >> 4];
      digits += kHex[byte & 15];
    }
    const size_t first = digits.find_first_not_of('0');
    return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
  }

  std::string qualified(uint32_t module, uint32_t name_index) const {
    return module == module_.self ? name(name_index) : module_name(module) + "::" + name(name_index);
  }

  static uint32_t index_at(const Type& type, size_t& at) {
    uint32_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(type[at++]);
      value |= (byte & 0x7fu) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
  }

  /// The type at `at`, which moves behind it. Depth is bounded by the reader.
  std::string type_text(const Type& type, size_t& at) const {  // NOLINT(misc-no-recursion)
    switch (static_cast<TypeTag>(type[at++])) {
      case TypeTag::Bool: return "bool";
      case TypeTag::U8: return "u8";
      case TypeTag::U16: return "u16";
      case TypeTag::U32: return "u32";
      case TypeTag::U64: return "u64";
      case TypeTag::U128: return "u128";
      case TypeTag::U256: return "u256";
      case TypeTag::Address: return "address";
      case TypeTag::Signer: return "signer";
      case TypeTag::Reference: return "&" + type_text(type, at);
      case TypeTag::MutableReference: return "&mut " + type_text(type, at);
      case TypeTag::Vector: return "vector<" + type_text(type, at) + ">";
      case TypeTag::TypeParameter: return "T" + std::to_string(index_at(type, at));
      case TypeTag::Struct: return struct_name(index_at(type, at));
      case TypeTag::StructInstance: {
        std::string text = struct_name(index_at(type, at)) + "<";
        const uint32_t count = index_at(type, at);
        for (uint32_t i = 0; i < count; ++i) {
          text += (i > 0 ? ", " : "") + type_text(type, at);
        }
        return text + ">";
      }
    }
    return "?";
  }
  std::string type_text(const Type& type) const {
    size_t at = 0;
    return type_text(type, at);
  }
  std::string struct_name(uint32_t handle) const { return qualified(module_.struct_handles[handle].module, module_.struct_handles[handle].name); }
  std::string types(uint32_t signature) const {
    std::string text;
    for (const Type& type : module_.signatures[signature]) {
      text += (text.empty() ? "" : ", ") + type_text(type);
    }
    return text;
  }

  static std::string abilities(uint8_t bits) {
    std::string text;
    static constexpr std::string_view names[] = {"copy", "drop", "store", "key"};
    for (uint32_t i = 0; i < 4; ++i) {
      if ((bits >> i & 1u) != 0) {
        text += std::string(text.empty() ? "" : ", ") + std::string(names[i]);
      }
    }
    return text;
  }

  void structure(const StructDefinition& row) {
    const StructHandle& handle = module_.struct_handles[row.handle];
    out_ += "struct " + name(handle.name);
    if (handle.abilities != 0) {
      out_ += " has " + abilities(handle.abilities);
    }
    out_ += row.is_native ? " native\n" : " {\n";
    for (const Field& field : row.fields) {
      out_ += "  " + name(field.name) + ": " + type_text(field.type) + "\n";
    }
    if (!row.is_native) {
      out_ += "}\n";
    }
  }

  void function(const FunctionDefinition& row) {
    const FunctionHandle& handle = module_.function_handles[row.handle];
    out_ += row.visibility == Visibility::Public ? "public " : row.visibility == Visibility::Friend ? "friend " : "";
    out_ += std::string(row.is_entry ? "entry " : "") + (row.is_native ? "native " : "");
    out_ += "fun " + name(handle.name) + "(" + types(handle.parameters) + "): (" + types(handle.results) + ")";
    for (size_t i = 0; i < row.acquires.size(); ++i) {
      out_ += (i == 0 ? " acquires " : ", ") + name(module_.struct_handles[module_.structs[row.acquires[i]].handle].name);
    }
    if (row.is_native) {
      out_ += "\n";
      return;
    }
    out_ += " {\n  locals (" + types(row.locals) + ")\n";
    for (size_t i = 0; i < row.code.size(); ++i) {
      out_ += "  " + std::to_string(i) + ": " + instruction(row, row.code[i]) + "\n";
    }
    out_ += "}\n";
  }

  static std::string hexadecimal(const Limbs& limbs) {
    std::string digits;
    for (uint32_t i = 64; i-- > 0;) {
      digits += kHex[limbs[i / 16] >> (4 * (i % 16)) & 15u];
    }
    const size_t first = digits.find_first_not_of('0');
    return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
  }

  std::string function_name(uint32_t handle) const { return qualified(module_.function_handles[handle].module, module_.function_handles[handle].name); }
  std::string defined_struct(uint32_t definition) const { return struct_name(module_.structs[definition].handle); }
  std::string field_name(uint32_t handle) const {
    const FieldHandle& row = module_.fields[handle];
    return defined_struct(row.structure) + "." + name(module_.structs[row.structure].fields[row.field].name);
  }

  std::string operand(const FunctionDefinition& in, const Instruction& at) const {
    switch (opcode_info(static_cast<uint8_t>(at.op)).operand) {
      case Operand::None: return "";
      case Operand::U8:
      case Operand::U16:
      case Operand::U32:
      case Operand::U64: return std::to_string(at.number);
      case Operand::U128:
      case Operand::U256: return hexadecimal(in.wide[at.number]);
      case Operand::Local:
      case Operand::Offset:
      case Operand::Constant: return std::to_string(at.index);
      case Operand::Function: return function_name(at.index);
      case Operand::FunctionInstance: {
        const Instance& row = module_.function_instances[at.index];
        return function_name(row.of) + "<" + types(row.arguments) + ">";
      }
      case Operand::Struct: return defined_struct(at.index);
      case Operand::StructInstance: {
        const Instance& row = module_.struct_instances[at.index];
        return defined_struct(row.of) + "<" + types(row.arguments) + ">";
      }
      case Operand::Field: return field_name(at.index);
      case Operand::FieldInstance: {
        const Instance& row = module_.field_instances[at.index];
        return field_name(row.of) + "<" + types(row.arguments) + ">";
      }
      case Operand::Signature: return types(at.index);
      case Operand::SignatureCount: return types(at.index) + " " + std::to_string(at.number);
    }
    return "";
  }

  std::string instruction(const FunctionDefinition& in, const Instruction& at) const {
    const std::string text = operand(in, at);
    return std::string(opcode_info(static_cast<uint8_t>(at.op)).name) + (text.empty() ? "" : " " + text);
  }

  const Module& module_;
  std::string out_;
};

}  // namespace

std::string dump(const Module& module) { return Dumper(module).dump(); }

}  // namespace omega::object::move
