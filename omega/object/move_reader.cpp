// SPDX-License-Identifier: Apache-2.0
#include "omega/object/move_reader.h"

#include <cstring>

namespace omega::object::move {

namespace {

/// The error of malformed bytes, thrown inside this file only.
struct Malformed {
  const char* what;
};

void require(bool condition, const char* what) {
  if (!condition) {
    throw Malformed{what};
  }
}

/// Reads numbers and bytes in order.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  size_t position() const { return at_; }
  std::string_view since(size_t begin) const { return bytes_.substr(begin, at_ - begin); }

  uint8_t byte() {
    require(at_ < bytes_.size(), "the bytes end too early");
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  std::string_view take(uint64_t count) {
    require(count <= bytes_.size() - at_, "the bytes end too early");
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  uint64_t fixed(uint32_t count) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; ++i) {
      value |= static_cast<uint64_t>(byte()) << (8 * i);
    }
    return value;
  }
  uint64_t number(uint64_t limit) {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
      const uint8_t next = byte();
      const uint64_t part = next & 0x7fu;
      require(shift < 63 || part <= 1, "a number has more than 64 bits");
      value |= part << shift;
      if (next < 0x80) {
        require(shift == 0 || next != 0, "a number has needless zeros");
        require(value <= limit, "a number is out of range");
        return value;
      }
    }
    throw Malformed{"a number has more than 64 bits"};
  }
  uint32_t index() { return static_cast<uint32_t>(number(kMaxIndex)); }
  std::string text(uint64_t limit) { return std::string(take(number(limit))); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Module read() {
    Cursor in(bytes_);
    require(in.take(4) == std::string_view("\xa1\x1c\xeb\x0b", 4), "this is no Move bytecode");
    require(in.fixed(4) == kVersion, "the version is not 6");
    tables(in);
    require(module_.self < module_.module_handles.size(), "the module has no handle");
    check();
    return std::move(module_);
  }

 private:
  struct Header {
    uint8_t kind;
    uint64_t size;
  };

  void tables(Cursor& in) {
    const uint64_t count = in.number(16);
    std::vector<Header> headers;
    uint64_t end = 0;
    uint32_t seen = 0;
    for (uint64_t i = 0; i < count; ++i) {
      const uint8_t kind = in.byte();
      require(kind >= 1 && kind <= 16 && kind != 9, "a table is of no known kind");
      require((seen >> kind & 1u) == 0, "a table stands twice");
      seen |= 1u << kind;
      require(in.number(UINT32_MAX) == end, "tables do not lie one behind the other");
      const uint64_t size = in.number(UINT32_MAX);
      require(size > 0, "a table is empty");
      headers.push_back({kind, size});
      end += size;
    }
    for (const Header& header : headers) {
      Cursor table(in.take(header.size));
      while (!table.at_end()) {
        row(static_cast<Table>(header.kind), table);
      }
    }
    module_.self = in.index();
    require(in.at_end(), "bytes stand behind the module");
  }

  void row(Table kind, Cursor& in) {
    switch (kind) {
      case Table::ModuleHandles: append(module_.module_handles, {in.index(), in.index()}); break;
      case Table::StructHandles: struct_handle(in); break;
      case Table::FunctionHandles: function_handle(in); break;
      case Table::FunctionInstances: append(module_.function_instances, {in.index(), in.index()}); break;
      case Table::Signatures: append(module_.signatures, signature(in)); break;
      case Table::Constants: {
        Type type_of_constant = type(in);
        append(module_.constants, {std::move(type_of_constant), in.text(kMaxIndex)});
        break;
      }
      case Table::Identifiers: append(module_.identifiers, in.text(kMaxIndex)); break;
      case Table::Addresses: {
        AccountAddress address;
        std::memcpy(address.data(), in.take(address.size()).data(), address.size());
        append(module_.addresses, address);
        break;
      }
      case Table::Structs: struct_definition(in); break;
      case Table::StructInstances: append(module_.struct_instances, {in.index(), in.index()}); break;
      case Table::Functions: function_definition(in); break;
      case Table::Fields: append(module_.fields, {in.index(), in.index()}); break;
      case Table::FieldInstances: append(module_.field_instances, {in.index(), in.index()}); break;
      case Table::Friends: append(module_.friends, {in.index(), in.index()}); break;
      case Table::Metadata: {
        std::string key = in.text(kMaxIndex);
        append(module_.metadata, {std::move(key), in.text(kMaxIndex)});
        break;
      }
    }
  }

  template <class Row>
  static void append(std::vector<Row>& rows, Row row) {
    require(rows.size() < kMaxIndex, "a table has too many rows");
    rows.push_back(std::move(row));
  }

  static uint8_t abilities(Cursor& in) { return static_cast<uint8_t>(in.number(15)); }

  void struct_handle(Cursor& in) {
    StructHandle row{in.index(), in.index(), abilities(in), {}};
    for (uint64_t left = in.number(kMaxLocals); left > 0; --left) {
      const uint8_t constraints = abilities(in);
      const uint8_t phantom = in.byte();
      require(phantom <= 1, "a flag is neither 0 nor 1");
      row.type_parameters.push_back({constraints, phantom == 1});
    }
    append(module_.struct_handles, std::move(row));
  }

  void function_handle(Cursor& in) {
    FunctionHandle row{in.index(), in.index(), in.index(), in.index(), {}};
    for (uint64_t left = in.number(kMaxLocals); left > 0; --left) {
      row.type_parameters.push_back(abilities(in));
    }
    append(module_.function_handles, std::move(row));
  }

  /// One type. What is still to come is counted, so nothing recurses.
  Type type(Cursor& in) {
    const size_t begin = in.position();
    std::vector<uint64_t> pending{1};  // types still to read at each depth
    while (!pending.empty()) {
      if (pending.back() == 0) {
        pending.pop_back();
        continue;
      }
      --pending.back();
      require(pending.size() <= kMaxTypeDepth, "a type is too deep");
      switch (static_cast<TypeTag>(in.byte())) {
        case TypeTag::Bool:
        case TypeTag::U8:
        case TypeTag::U16:
        case TypeTag::U32:
        case TypeTag::U64:
        case TypeTag::U128:
        case TypeTag::U256:
        case TypeTag::Address:
        case TypeTag::Signer: break;
        case TypeTag::Reference:
        case TypeTag::MutableReference:
        case TypeTag::Vector: pending.push_back(1); break;
        case TypeTag::TypeParameter: in.index(); break;
        case TypeTag::Struct: struct_used(in); break;
        case TypeTag::StructInstance: {
          struct_used(in);
          const uint64_t arguments = in.number(32);
          require(arguments > 0, "a generic struct has no type arguments");
          pending.push_back(arguments);
          break;
        }
        default: throw Malformed{"a type is of no known kind"};
      }
    }
    return Type(in.since(begin));
  }
  void struct_used(Cursor& in) { max_struct_ = std::max<uint64_t>(max_struct_, in.index() + uint64_t{1}); }

  Signature signature(Cursor& in) {
    Signature result;
    for (uint64_t left = in.number(kMaxLocals); left > 0; --left) {
      result.push_back(type(in));
    }
    return result;
  }

  void struct_definition(Cursor& in) {
    StructDefinition row;
    row.handle = in.index();
    const uint8_t kind = in.byte();
    require(kind == 1 || kind == 2, "a struct is neither native nor declared");
    row.is_native = kind == 1;
    if (!row.is_native) {
      for (uint64_t left = in.number(kMaxLocals); left > 0; --left) {
        const uint32_t name = in.index();
        row.fields.push_back({name, type(in)});
      }
    }
    append(module_.structs, std::move(row));
  }

  void function_definition(Cursor& in) {
    FunctionDefinition row;
    row.handle = in.index();
    const uint8_t visibility = in.byte();
    require(visibility <= 1 || visibility == 3, "a function's visibility is of no known kind");
    row.visibility = static_cast<Visibility>(visibility);
    const uint8_t flags = in.byte();
    require((flags & ~6u) == 0, "a function has unknown flags");
    row.is_native = (flags & 2u) != 0;
    row.is_entry = (flags & 4u) != 0;
    for (uint64_t left = in.number(kMaxIndex); left > 0; --left) {
      row.acquires.push_back(in.index());
    }
    if (!row.is_native) {
      row.locals = in.index();
      for (uint64_t left = in.number(kMaxIndex); left > 0; --left) {
        row.code.push_back(instruction(row, in));
      }
    }
    append(module_.functions, std::move(row));
  }

  static uint64_t wide(FunctionDefinition& function, Cursor& in, uint32_t limbs) {
    Limbs value{};
    for (uint32_t i = 0; i < limbs; ++i) {
      value[i] = in.fixed(8);
    }
    function.wide.push_back(value);
    return function.wide.size() - 1;
  }

  static Instruction instruction(FunctionDefinition& function, Cursor& in) {
    const uint8_t byte = in.byte();
    const OpcodeInfo info = opcode_info(byte);
    require(!info.name.empty(), "an instruction is of no known kind");
    Instruction result;
    result.op = static_cast<Opcode>(byte);
    switch (info.operand) {
      case Operand::None: break;
      case Operand::U8: result.number = in.fixed(1); break;
      case Operand::U16: result.number = in.fixed(2); break;
      case Operand::U32: result.number = in.fixed(4); break;
      case Operand::U64: result.number = in.fixed(8); break;
      case Operand::U128: result.number = wide(function, in, 2); break;
      case Operand::U256: result.number = wide(function, in, 4); break;
      case Operand::Local: result.index = static_cast<uint32_t>(in.number(kMaxLocals)); break;
      case Operand::SignatureCount:
        result.index = in.index();
        result.number = in.fixed(8);
        break;
      default: result.index = in.index(); break;
    }
    return result;
  }

  // ---- every index lies in its table ----

  template <class Rows>
  static void in_range(uint32_t index, const Rows& rows) {
    require(index < rows.size(), "an index is out of range");
  }
  void check_module_handle(const ModuleHandle& row) const {
    in_range(row.address, module_.addresses);
    in_range(row.name, module_.identifiers);
  }
  template <class Rows>
  void check_instances(const std::vector<Instance>& instances, const Rows& of) const {
    for (const Instance& row : instances) {
      in_range(row.of, of);
      in_range(row.arguments, module_.signatures);
    }
  }

  void check() const {
    require(max_struct_ <= module_.struct_handles.size(), "an index is out of range");
    for (const ModuleHandle& row : module_.module_handles) {
      check_module_handle(row);
    }
    for (const ModuleHandle& row : module_.friends) {
      check_module_handle(row);
    }
    for (const StructHandle& row : module_.struct_handles) {
      in_range(row.module, module_.module_handles);
      in_range(row.name, module_.identifiers);
    }
    for (const FunctionHandle& row : module_.function_handles) {
      in_range(row.module, module_.module_handles);
      in_range(row.name, module_.identifiers);
      in_range(row.parameters, module_.signatures);
      in_range(row.results, module_.signatures);
    }
    check_definitions();
  }

  void check_definitions() const {
    check_instances(module_.function_instances, module_.function_handles);
    check_instances(module_.struct_instances, module_.structs);
    check_instances(module_.field_instances, module_.fields);
    for (const StructDefinition& row : module_.structs) {
      in_range(row.handle, module_.struct_handles);
      for (const Field& field : row.fields) {
        in_range(field.name, module_.identifiers);
      }
    }
    for (const FieldHandle& row : module_.fields) {
      in_range(row.structure, module_.structs);
      in_range(row.field, module_.structs[row.structure].fields);
    }
    for (const FunctionDefinition& row : module_.functions) {
      check_function(row);
    }
  }

  void check_function(const FunctionDefinition& row) const {
    in_range(row.handle, module_.function_handles);
    for (const uint32_t structure : row.acquires) {
      in_range(structure, module_.structs);
    }
    if (row.is_native) {
      return;
    }
    in_range(row.locals, module_.signatures);
    require(!row.code.empty(), "a function has no code");
    const size_t locals = module_.signatures[module_.function_handles[row.handle].parameters].size() + module_.signatures[row.locals].size();
    for (const Instruction& instruction : row.code) {
      check_instruction(row, instruction, locals);
    }
  }

  void check_instruction(const FunctionDefinition& row, const Instruction& instruction, size_t locals) const {
    switch (opcode_info(static_cast<uint8_t>(instruction.op)).operand) {
      case Operand::Local: require(instruction.index < locals, "an index is out of range"); break;
      case Operand::Offset: in_range(instruction.index, row.code); break;
      case Operand::Constant: in_range(instruction.index, module_.constants); break;
      case Operand::Function: in_range(instruction.index, module_.function_handles); break;
      case Operand::FunctionInstance: in_range(instruction.index, module_.function_instances); break;
      case Operand::Struct: in_range(instruction.index, module_.structs); break;
      case Operand::StructInstance: in_range(instruction.index, module_.struct_instances); break;
      case Operand::Field: in_range(instruction.index, module_.fields); break;
      case Operand::FieldInstance: in_range(instruction.index, module_.field_instances); break;
      case Operand::Signature:
      case Operand::SignatureCount: in_range(instruction.index, module_.signatures); break;
      default: break;
    }
  }

  std::string_view bytes_;
  Module module_;
  uint64_t max_struct_ = 0;  ///< one more than the largest struct handle that a type names
};

}  // namespace

base::Result<Module> read(std::string_view bytes) {
  try {
    return Reader(bytes).read();
  } catch (const Malformed& malformed) {
    return base::Error{malformed.what, 0, ""};
  }
}

}  // namespace omega::object::move
