// SPDX-License-Identifier: Apache-2.0
// Data as outsiders see it, in Move's types: numbers in the next wider one of Move's, signed ones as two's complement of that width, bytesN and bytes as
// vector<u8>, string as 0x1::string::String, arrays as vectors, structs as structs of this module.
#include "omega/codegen/common/interface_names.h"
#include "omega/codegen/move/abort_codes.h"
#include "omega/codegen/move/count_up.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;
using ir::DataKind;
using object::move::kCopy;
using object::move::kDrop;
using object::move::kStore;
using object::move::TypeTag;

/// A width that Move has.
struct Width {
  uint32_t bits;
  TypeTag tag;
  Opcode cast;
  std::string_view name;
};
constexpr Width kWidths[] = {{8, TypeTag::U8, Opcode::CastU8, "u8"},         {16, TypeTag::U16, Opcode::CastU16, "u16"},
                             {32, TypeTag::U32, Opcode::CastU32, "u32"},     {64, TypeTag::U64, Opcode::CastU64, "u64"},
                             {128, TypeTag::U128, Opcode::CastU128, "u128"}, {256, TypeTag::U256, Opcode::CastU256, "u256"}};

const Width& width_of(const ir::DataType& type) {
  const uint32_t bits = type.kind == DataKind::Enum ? 8 : type.bits;
  for (const Width& width : kWidths) {
    if (bits <= width.bits) {
      return width;
    }
  }
  return kWidths[5];
}

}  // namespace

// As deep as types nest, which is limited; structs come to an end where they were begun.
Support::Type Support::outside(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  switch (of.kind) {
    case DataKind::Bool: return boolean;
    case DataKind::Unsigned:
    case DataKind::Signed:
    case DataKind::Enum: return object::move::type_of(width_of(of).tag);
    case DataKind::Address: return address;
    case DataKind::FixedBytes:
    case DataKind::Bytes: return bytes;
    case DataKind::String: return string();
    case DataKind::Array:
    case DataKind::FixedArray: return object::move::vector_of(outside(of.element));
    case DataKind::Struct: return builder_.defined_type(outside_struct(type));
    case DataKind::Mapping: break;
  }
  return word;
}

std::string Support::outside_name(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  switch (of.kind) {
    case DataKind::Bool: return "bool";
    case DataKind::Unsigned:
    case DataKind::Signed:
    case DataKind::Enum: return std::string(width_of(of).name);
    case DataKind::Address: return "address";
    case DataKind::FixedBytes:
    case DataKind::Bytes: return "vector<u8>";
    case DataKind::String: return "0x1::string::String";
    case DataKind::Array:
    case DataKind::FixedArray: return "vector<" + outside_name(of.element) + ">";
    case DataKind::Struct: return std::string(short_name(of));
    case DataKind::Mapping: break;
  }
  return "";
}

uint32_t Support::outside_struct(ir::DataTypeId type) {
  const auto at = outside_structs_.find(type);
  if (at != outside_structs_.end()) {
    return at->second;
  }
  const ir::DataType& of = data(type);
  std::vector<ModuleBuilder::NamedField> fields;
  std::unordered_set<std::string> names;
  for (uint32_t i = 0; i < of.field_count; ++i) {
    const ir::DataField& field = contract_.fields[of.first_field + i];
    fields.push_back({unique(names, field.name), outside(field.type)});
  }
  const uint32_t definition = builder_.define_struct(struct_name(short_name(of)), kCopy | kDrop | kStore, fields);
  outside_structs_.emplace(type, definition);
  return definition;
}

uint32_t Support::word_of_address() {
  return define("word_of_address", {address}, {word}, [&](CodeWriter& code) {
    const uint32_t to_bytes =
        builder_.function_instance(framework("bcs", "to_bytes", {object::move::reference_to(object::move::type_parameter(0))}, {bytes}, {0}), {address});
    code.op(Opcode::ImmBorrowLoc, 0).op(Opcode::CallGeneric, to_bytes).call(word_of_hash()).u256(ones(160)).op(Opcode::BitAnd).op(Opcode::Ret);
  });
}

uint32_t Support::address_of_word() {
  return define("address_of_word", {word}, {address},
                [&](CodeWriter& code) { code.copy(0).call(bytes_of_word()).call(framework("from_bcs", "to_address", {bytes}, {address})).op(Opcode::Ret); });
}

/// (W) -> V: the lowest `count` bytes, the most significant first.
uint32_t Support::vector_of_bytes(uint32_t count) {
  return define("bytes_" + std::to_string(count), {word}, {bytes}, [&](CodeWriter& code) {
    const uint32_t made = code.local(bytes);
    const uint32_t end = code.local(number);
    const uint32_t i = code.local(number);
    code.copy(0).u8(static_cast<uint8_t>(256 - 8 * count)).op(Opcode::Shl).call(bytes_of_word()).store(made).u64(32 - count).store(end);
    count_up(code, i, end, [&] { code.op(Opcode::MutBorrowLoc, made).vector_op(Opcode::VecPopBack, byte).op(Opcode::Pop); });
    code.move(made).op(Opcode::Ret);
  });
}

/// (V) -> W: of exactly `count` bytes.
uint32_t Support::word_of_bytes(uint32_t count) {
  return define("word_of_bytes_" + std::to_string(count), {bytes}, {word}, [&](CodeWriter& code) {
    const uint32_t end = code.local(number);
    const uint32_t i = code.local(number);
    const Label good = code.label();
    code.op(Opcode::ImmBorrowLoc, 0).vector_op(Opcode::VecLen, byte).u64(count).op(Opcode::Eq).branch_if(good).abort(kPlainCode);
    code.bind(good).u64(32 - count).store(end);
    count_up(code, i, end, [&] { code.op(Opcode::MutBorrowLoc, 0).u8(0).vector_op(Opcode::VecPushBack, byte); });
    code.move(0).call(word_of_hash()).u8(static_cast<uint8_t>(256 - 8 * count)).op(Opcode::Shr).op(Opcode::Ret);
  });
}

// As deep as types nest, which is limited; structs are not entered.
bool Support::has_struct(ir::DataTypeId type) const {
  const ir::DataType& of = data(type);
  return of.kind == DataKind::Struct || ((of.kind == DataKind::Array || of.kind == DataKind::FixedArray) && has_struct(of.element));
}

// As deep as types nest, which is limited.
uint32_t Support::take_in(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  return define("take_" + std::to_string(type), {memory(), outside_parameter(type)}, {in_register(type)}, [&](CodeWriter& code) {
    if (has_struct(type)) {
      const uint32_t encoded = code.local(word);
      code.copy(0).move(1).call(keep_bytes()).store(encoded).copy(0).copy(encoded).call(decode({type})).op(Opcode::Ret);
      return;
    }
    switch (of.kind) {
      case DataKind::Bool: code.copy(1); break;
      case DataKind::Unsigned:
        code.copy(1).op(Opcode::CastU256);
        if (of.bits < width_of(of).bits) {
          code.call(check_at_most(ones(of.bits), kPlainCode));
        }
        break;
      case DataKind::Enum: code.copy(1).op(Opcode::CastU256).call(check_at_most({of.length - 1, 0, 0, 0}, kPlainCode)); break;
      case DataKind::Signed:
        code.copy(1).op(Opcode::CastU256).call(sign_extended(width_of(of).bits));
        if (of.bits < width_of(of).bits) {
          code.call(check_signed(of.bits, kPlainCode));
        }
        break;
      case DataKind::Address: code.copy(1).call(word_of_address()); break;
      case DataKind::FixedBytes: code.move(1).call(word_of_bytes(of.bits / 8)); break;
      case DataKind::Bytes: code.copy(0).move(1).call(keep_bytes()); break;
      case DataKind::String:
        code.copy(0).op(Opcode::ImmBorrowLoc, 1);
        code.call(framework("string", "bytes", {object::move::reference_to(string())}, {object::move::reference_to(bytes)}));
        code.op(Opcode::ReadRef).call(keep_bytes());
        break;
      case DataKind::Array:
      case DataKind::FixedArray: {
        const bool is_array = of.kind == DataKind::Array;
        const Type element = outside(of.element);
        const uint32_t made = code.local(word);
        const uint32_t value = code.local(word);
        const uint32_t end = code.local(number);
        const uint32_t i = code.local(number);
        code.op(Opcode::ImmBorrowLoc, 1).vector_op(Opcode::VecLen, element).store(end);
        if (is_array) {
          code.copy(0).copy(end).op(Opcode::CastU256).call(new_array()).store(made);
        } else {
          const Label good = code.label();
          code.copy(end).u64(of.length).op(Opcode::Eq).branch_if(good).abort(kPlainCode);
          code.bind(good).copy(0).copy(end).call(new_object()).store(made);
        }
        count_up(code, i, end, [&] {
          code.copy(0).op(Opcode::ImmBorrowLoc, 1).copy(i).vector_op(Opcode::VecImmBorrow, element).op(Opcode::ReadRef).call(take_in(of.element));
          if (in_register(of.element) == boolean) {
            code.call(from_boolean());
          }
          code.store(value).copy(value).copy(0).op(Opcode::MutBorrowField, words_field()).copy(made).op(Opcode::CastU64);
          code.u64(is_array ? 1 : 0).op(Opcode::Add).copy(i).op(Opcode::Add).vector_op(Opcode::VecMutBorrow, word).op(Opcode::WriteRef);
        });
        code.copy(made);
        break;
      }
      case DataKind::Struct:
      case DataKind::Mapping: code.abort(kPlainCode); return;  // taken as bytes, or not at all
    }
    code.op(Opcode::Ret);
  });
}

// As deep as types nest, which is limited.
uint32_t Support::give_out(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  return define("give_" + std::to_string(type), {memory(), in_register(type)}, {outside(type)}, [&](CodeWriter& code) {
    // The word `offset` words behind the object's start, as a register of that type.
    const auto part = [&](ir::DataTypeId part_type, auto&& offset) {
      code.copy(0).op(Opcode::ImmBorrowField, words_field()).copy(1).op(Opcode::CastU64);
      offset();
      code.op(Opcode::Add).vector_op(Opcode::VecImmBorrow, word).op(Opcode::ReadRef);
      if (in_register(part_type) == boolean) {
        code.u256(0).op(Opcode::Neq);
      }
    };
    switch (of.kind) {
      case DataKind::Bool: code.copy(1); break;
      case DataKind::Unsigned:
      case DataKind::Enum: code.copy(1).op(width_of(of).cast); break;
      case DataKind::Signed: code.copy(1).u256(ones(width_of(of).bits)).op(Opcode::BitAnd).op(width_of(of).cast); break;
      case DataKind::Address: code.copy(1).call(address_of_word()); break;
      case DataKind::FixedBytes: code.copy(1).call(vector_of_bytes(of.bits / 8)); break;
      case DataKind::Bytes: code.copy(0).copy(1).call(get_bytes()); break;
      case DataKind::String: code.copy(0).copy(1).call(get_bytes()).call(framework("string", "utf8", {bytes}, {string()})); break;
      case DataKind::Array:
      case DataKind::FixedArray: {
        const bool is_array = of.kind == DataKind::Array;
        const Type element = outside(of.element);
        const uint32_t made = code.local(object::move::vector_of(element));
        const uint32_t value = code.local(in_register(of.element));
        const uint32_t given = code.local(element);
        const uint32_t end = code.local(number);
        const uint32_t i = code.local(number);
        code.pack_vector(element, 0).store(made);
        if (is_array) {
          code.copy(0).copy(1).call(length()).op(Opcode::CastU64).store(end);
        } else {
          code.u64(of.length).store(end);
        }
        count_up(code, i, end, [&] {
          part(of.element, [&] { code.copy(i).u64(is_array ? 1 : 0).op(Opcode::Add); });
          code.store(value).copy(0).copy(value).call(give_out(of.element)).store(given);
          code.op(Opcode::MutBorrowLoc, made).move(given).vector_op(Opcode::VecPushBack, element);
        });
        code.move(made);
        break;
      }
      case DataKind::Struct: {
        const uint32_t truth = code.local(boolean);
        const uint32_t value = code.local(word);
        for (uint32_t i = 0; i < of.field_count; ++i) {
          const ir::DataTypeId field = contract_.fields[of.first_field + i].type;
          const uint32_t kept = in_register(field) == boolean ? truth : value;
          part(field, [&] { code.u64(i); });
          code.store(kept).copy(0).copy(kept).call(give_out(field));  // stays on the stack
        }
        code.op(Opcode::Pack, outside_struct(type));
        break;
      }
      case DataKind::Mapping: code.abort(kPlainCode); return;  // never given out
    }
    code.op(Opcode::Ret);
  });
}

}  // namespace omega::codegen::move
