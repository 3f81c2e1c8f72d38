// SPDX-License-Identifier: Apache-2.0
// Solidity's ABI encoding in memory, standard and packed. Source: "Contract ABI Specification" of the Solidity documentation, 0.8.
#include "omega/codegen/move/count_up.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;
using ir::DataKind;

}  // namespace

// As deep as types nest, which is limited; encoded types are not recursive.
bool Support::is_dynamic(ir::DataTypeId type) const {
  const ir::DataType& of = data(type);
  if (of.kind == DataKind::Bytes || of.kind == DataKind::String || of.kind == DataKind::Array) {
    return true;
  }
  if (of.kind == DataKind::FixedArray) {
    return is_dynamic(of.element);
  }
  for (uint32_t i = 0; of.kind == DataKind::Struct && i < of.field_count; ++i) {
    if (is_dynamic(contract_.fields[of.first_field + i].type)) {
      return true;
    }
  }
  return false;
}

/// Bytes that a value takes among those it stands with: an offset when it is dynamic.
uint64_t Support::head_bytes(ir::DataTypeId type) const {
  const ir::DataType& of = data(type);
  if (is_dynamic(type)) {
    return 32;
  }
  if (of.kind == DataKind::FixedArray) {
    return of.length * head_bytes(of.element);
  }
  if (of.kind != DataKind::Struct) {
    return 32;
  }
  uint64_t total = 0;
  for (uint32_t i = 0; i < of.field_count; ++i) {
    total += head_bytes(contract_.fields[of.first_field + i].type);
  }
  return total;
}

/// (M, &mut V, W): appends the value; of a dynamic one what its offset points at.
uint32_t Support::encode_value(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  const Type out = object::move::mutable_reference_to(bytes);
  if (ir::is_value_kind(of.kind)) {
    const bool is_left = of.kind == DataKind::FixedBytes && of.bits < 256;
    return define(is_left ? "encode_bytes_" + std::to_string(of.bits / 8) : "encode_word", {memory(), out, word}, {}, [&](CodeWriter& code) {
      code.move(1).copy(2);
      if (is_left) {
        code.u8(static_cast<uint8_t>(256 - of.bits)).op(Opcode::Shl);
      }
      code.call(put_word()).op(Opcode::Ret);
    });
  }
  if (of.kind == DataKind::Bytes || of.kind == DataKind::String) {
    return define("encode_bytes", {memory(), out, word}, {}, [&](CodeWriter& code) {
      const uint32_t all = code.local(bytes);
      const Label pad = code.label();
      const Label done = code.label();
      const auto size = [&] { code.op(Opcode::ImmBorrowLoc, all).vector_op(Opcode::VecLen, byte); };
      code.copy(0).copy(2).call(get_bytes()).store(all).copy(1);
      size();
      code.op(Opcode::CastU256).call(put_word()).branch(pad).bind(pad);
      // The length went out; now zeros up to a whole word.
      const Label append_all = code.label();
      size();
      code.u64(32).op(Opcode::Mod).u64(0).op(Opcode::Eq).branch_if(append_all);
      code.op(Opcode::MutBorrowLoc, all).u8(0).vector_op(Opcode::VecPushBack, byte).branch(pad);
      code.bind(append_all).move(1).op(Opcode::ImmBorrowLoc, all).call(append()).branch(done).bind(done).op(Opcode::Ret);
    });
  }
  return define("encode_" + std::to_string(type), {memory(), out, word}, {}, [&](CodeWriter& code) {
    const uint32_t tails = code.local(bytes);
    const uint32_t value = code.local(word);
    const uint32_t head = code.local(word);
    // Encodes the word that lies `offset` words behind the object's start.
    const auto part = [&](ir::DataTypeId part_type, auto&& offset) {
      code.copy(0).op(Opcode::ImmBorrowField, words_field()).copy(2).op(Opcode::CastU64);
      offset();
      code.op(Opcode::Add).vector_op(Opcode::VecImmBorrow, word).op(Opcode::ReadRef).store(value);
      if (!is_dynamic(part_type)) {
        code.copy(0).copy(1).copy(value).call(encode_value(part_type));
        return;
      }
      code.copy(1).copy(head).op(Opcode::ImmBorrowLoc, tails).vector_op(Opcode::VecLen, byte).op(Opcode::CastU256).op(Opcode::Add).call(put_word());
      code.copy(0).op(Opcode::MutBorrowLoc, tails).copy(value).call(encode_value(part_type));
    };
    code.pack_vector(byte, 0).store(tails);
    if (of.kind == DataKind::Struct) {
      uint64_t heads = 0;
      for (uint32_t i = 0; i < of.field_count; ++i) {
        heads += head_bytes(contract_.fields[of.first_field + i].type);
      }
      code.u256(heads).store(head);
      for (uint32_t i = 0; i < of.field_count; ++i) {
        part(contract_.fields[of.first_field + i].type, [&] { code.u64(i); });
      }
    } else {
      const bool is_array = of.kind == DataKind::Array;
      const uint32_t end = code.local(number);
      const uint32_t i = code.local(number);
      if (is_array) {
        code.copy(0).copy(2).call(length()).store(head).copy(1).copy(head).call(put_word());
      } else {
        code.u256(of.length).store(head);
      }
      code.copy(head).op(Opcode::CastU64).store(end).copy(head).u256(head_bytes(of.element)).op(Opcode::Mul).store(head);
      count_up(code, i, end, [&] { part(of.element, [&] { code.copy(i).u64(is_array ? 1 : 0).op(Opcode::Add); }); });
    }
    code.move(1).op(Opcode::ImmBorrowLoc, tails).call(append()).op(Opcode::Ret);
  });
}

/// (M, &mut V, W): appends the value packed: as many bytes as it has; elements of arrays in whole words.
uint32_t Support::pack_value(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  const Type out = object::move::mutable_reference_to(bytes);
  if (ir::is_value_kind(of.kind)) {
    const uint32_t count = of.kind == DataKind::Address ? 20 : of.kind == DataKind::Bool || of.kind == DataKind::Enum ? 1 : of.bits / 8;
    return define("pack_" + std::to_string(count), {memory(), out, word}, {}, [&](CodeWriter& code) {
      const uint32_t all = code.local(bytes);
      code.copy(2).call(vector_of_bytes(count)).store(all).move(1).op(Opcode::ImmBorrowLoc, all).call(append()).op(Opcode::Ret);
    });
  }
  return define(of.kind == DataKind::Bytes || of.kind == DataKind::String ? "pack_bytes" : "pack_array_" + std::to_string(type), {memory(), out, word}, {},
                [&](CodeWriter& code) {
                  if (of.kind == DataKind::Bytes || of.kind == DataKind::String) {
                    const uint32_t all = code.local(bytes);
                    code.copy(0).copy(2).call(get_bytes()).store(all).move(1).op(Opcode::ImmBorrowLoc, all).call(append()).op(Opcode::Ret);
                    return;
                  }
                  const bool is_array = of.kind == DataKind::Array;
                  const uint32_t value = code.local(word);
                  const uint32_t end = code.local(number);
                  const uint32_t i = code.local(number);
                  if (is_array) {
                    code.copy(0).copy(2).call(length()).op(Opcode::CastU64).store(end);
                  } else {
                    code.u64(of.length).store(end);
                  }
                  count_up(code, i, end, [&] {
                    code.copy(0).op(Opcode::ImmBorrowField, words_field()).copy(2).op(Opcode::CastU64).copy(i).op(Opcode::Add);
                    code.u64(is_array ? 1 : 0).op(Opcode::Add).vector_op(Opcode::VecImmBorrow, word).op(Opcode::ReadRef).store(value);
                    code.copy(0).copy(1).copy(value).call(encode_value(of.element));
                  });
                  code.op(Opcode::Ret);
                });
}

uint32_t Support::encode(ir::Encoding encoding, const std::vector<ir::DataTypeId>& types) {
  std::string key = encoding == ir::Encoding::Abi ? "encode_abi" : encoding == ir::Encoding::Packed ? "encode_packed" : "encode_call";
  Signature parameters{memory()};
  for (const ir::DataTypeId type : types) {
    key += "_" + std::to_string(type);
    parameters.push_back(word);
  }
  return define(key, parameters, {word}, [&](CodeWriter& code) {
    const uint32_t made = code.local(bytes);
    const uint32_t tails = code.local(bytes);
    code.pack_vector(byte, 0).store(made).pack_vector(byte, 0).store(tails);
    size_t first = 0;
    if (encoding == ir::Encoding::Selector) {
      code.copy(0).op(Opcode::MutBorrowLoc, made).copy(1).call(pack_value(types[0]));
      first = 1;
    }
    uint64_t heads = 0;
    for (size_t i = first; i < types.size(); ++i) {
      heads += head_bytes(types[i]);
    }
    for (size_t i = first; i < types.size(); ++i) {
      const auto value = static_cast<uint32_t>(i + 1);
      if (encoding == ir::Encoding::Packed) {
        code.copy(0).op(Opcode::MutBorrowLoc, made).copy(value).call(pack_value(types[i]));
      } else if (!is_dynamic(types[i])) {
        code.copy(0).op(Opcode::MutBorrowLoc, made).copy(value).call(encode_value(types[i]));
      } else {
        const uint32_t offset = code.local(word);
        code.op(Opcode::ImmBorrowLoc, tails).vector_op(Opcode::VecLen, byte).op(Opcode::CastU256).u256(heads).op(Opcode::Add).store(offset);
        code.op(Opcode::MutBorrowLoc, made).copy(offset).call(put_word());
        code.copy(0).op(Opcode::MutBorrowLoc, tails).copy(value).call(encode_value(types[i]));
      }
    }
    code.op(Opcode::MutBorrowLoc, made).op(Opcode::ImmBorrowLoc, tails).call(append());
    code.copy(0).move(made).call(keep_bytes()).op(Opcode::Ret);
  });
}

}  // namespace omega::codegen::move
