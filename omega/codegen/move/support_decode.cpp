// SPDX-License-Identifier: Apache-2.0
// Solidity's abi.decode. Data that is too short or out of range aborts as a revert without data.
#include "omega/codegen/move/abort_codes.h"
#include "omega/codegen/move/count_up.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;
using ir::DataKind;
using object::move::reference_to;

/// Aborts with the code unless the bool on the stack is true.
void require(CodeWriter& code, uint64_t abort_code) {
  const Label good = code.label();
  code.branch_if(good).abort(abort_code).bind(good);
}

constexpr Limbs kLargestOffset = ones(64);

}  // namespace

/// (&V, W position) -> W.
uint32_t Support::word_at() {
  return define("word_at", {reference_to(bytes), word}, {word}, [&](CodeWriter& code) {
    const uint32_t taken = code.local(bytes);
    const uint32_t at = code.local(number);
    const uint32_t end = code.local(number);
    const Label loop = code.label();
    const Label done = code.label();
    // Positions stay far below 2^256: offsets have 64 bits.
    code.copy(1).u256(32).op(Opcode::Add).copy(0).vector_op(Opcode::VecLen, byte).op(Opcode::CastU256).op(Opcode::Le);
    require(code, kPlainCode);
    code.copy(1).op(Opcode::CastU64).store(at).copy(at).u64(32).op(Opcode::Add).store(end).pack_vector(byte, 0).store(taken).branch(loop);
    code.bind(loop).copy(at).copy(end).op(Opcode::Ge).branch_if(done);
    code.op(Opcode::MutBorrowLoc, taken).copy(0).copy(at).vector_op(Opcode::VecImmBorrow, byte).op(Opcode::ReadRef).vector_op(Opcode::VecPushBack, byte);
    code.copy(at).u64(1).op(Opcode::Add).store(at).branch(loop);
    code.bind(done).move(taken).call(word_of_hash()).op(Opcode::Ret);
  });
}

/// Turns a word of encoded data on the stack into the register's word, or aborts.
void Support::check_value(CodeWriter& code, ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  switch (of.kind) {
    case DataKind::Bool: code.call(check_at_most({1, 0, 0, 0}, kPlainCode)); return;
    case DataKind::Address: code.call(check_at_most(ones(160), kPlainCode)); return;
    case DataKind::Enum: code.call(check_at_most({of.length - 1, 0, 0, 0}, kPlainCode)); return;
    case DataKind::Unsigned:
      if (of.bits < 256) {
        code.call(check_at_most(ones(of.bits), kPlainCode));
      }
      return;
    case DataKind::Signed:
      if (of.bits < 256) {
        code.call(check_signed(of.bits, kPlainCode));
      }
      return;
    case DataKind::FixedBytes:
      if (of.bits < 256) {
        code.call(define("left_bytes_" + std::to_string(of.bits), {word}, {word}, [&](CodeWriter& body) {
          body.copy(0).u256(ones(256 - of.bits)).op(Opcode::BitAnd).u256(0).op(Opcode::Eq);
          require(body, kPlainCode);
          body.copy(0).u8(static_cast<uint8_t>(256 - of.bits)).op(Opcode::Shr).op(Opcode::Ret);
        }));
      }
      return;
    default: return;
  }
}

/// (M, &V, W base, W position) -> W: the value whose head lies at the position; offsets count from the base.
uint32_t Support::decode_value(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  return define("decode_" + std::to_string(type), {memory(), reference_to(bytes), word, word}, {word}, [&](CodeWriter& code) {
    if (ir::is_value_kind(of.kind)) {
      code.copy(1).copy(3).call(word_at());
      check_value(code, type);
      code.op(Opcode::Ret);
      return;
    }
    const uint32_t size = code.local(word);
    code.copy(1).vector_op(Opcode::VecLen, byte).op(Opcode::CastU256).store(size);
    if (is_dynamic(type)) {
      // From here on local 3 is where the data lies.
      code.copy(1).copy(3).call(word_at()).call(check_at_most(kLargestOffset, kPlainCode)).copy(2).op(Opcode::Add).store(3);
    }
    const uint32_t end = code.local(word);
    const bool has_length = of.kind == DataKind::Array || of.kind == DataKind::Bytes || of.kind == DataKind::String;
    if (has_length) {
      code.copy(1).copy(3).call(word_at()).call(check_at_most(ones(of.kind == DataKind::Array ? 59 : 64), kLengthPanic)).store(end);
      code.copy(3).u256(32).op(Opcode::Add).store(3);
      const uint64_t stride = of.kind == DataKind::Array ? head_bytes(of.element) : 1;
      code.copy(3).copy(end).u256(stride).op(Opcode::Mul).op(Opcode::Add).copy(size).op(Opcode::Le);
      require(code, kPlainCode);
    }
    if (of.kind == DataKind::Bytes || of.kind == DataKind::String) {
      const uint32_t all = code.local(bytes);
      const uint32_t kept = code.local(word);
      code.copy(1).op(Opcode::ReadRef).store(all).copy(0).move(all).call(keep_bytes()).store(kept);
      code.copy(0).copy(kept).copy(3).copy(3).copy(end).op(Opcode::Add).call(slice()).op(Opcode::Ret);
      return;
    }
    const uint32_t made = code.local(word);
    const uint32_t value = code.local(word);
    const uint32_t position = code.local(word);
    const auto part = [&](ir::DataTypeId part_type, auto&& offset) {
      code.copy(0).copy(1).copy(3).copy(position).call(decode_value(part_type)).store(value);
      code.copy(value).copy(0).op(Opcode::MutBorrowField, words_field()).copy(made).op(Opcode::CastU64);
      offset();
      code.op(Opcode::Add).vector_op(Opcode::VecMutBorrow, word).op(Opcode::WriteRef);
      code.copy(position).u256(head_bytes(part_type)).op(Opcode::Add).store(position);
    };
    code.copy(3).store(position);
    if (of.kind == DataKind::Struct) {
      code.copy(0).u64(of.field_count).call(new_object()).store(made);
      for (uint32_t i = 0; i < of.field_count; ++i) {
        part(contract_.fields[of.first_field + i].type, [&] { code.u64(i); });
      }
    } else {
      const uint32_t i = code.local(word);
      if (has_length) {
        code.copy(0).copy(end).call(new_array()).store(made);
      } else {
        // A fixed array that is longer than the data is refused before room is made for it.
        code.u256(of.length).store(end).copy(3).copy(end).u256(head_bytes(of.element)).op(Opcode::Mul).op(Opcode::Add).copy(size).op(Opcode::Le);
        require(code, kPlainCode);
        code.copy(0).u64(of.length).call(new_object()).store(made);
      }
      code.u256(0).store(i);
      count_words_up(code, i, end, [&] { part(of.element, [&] { code.copy(i).op(Opcode::CastU64).u64(has_length ? 1 : 0).op(Opcode::Add); }); });
    }
    code.copy(made).op(Opcode::Ret);
  });
}

uint32_t Support::decode(const std::vector<ir::DataTypeId>& types) {
  std::string key = "decode_all";
  Signature results;
  for (const ir::DataTypeId type : types) {
    key += "_" + std::to_string(type);
    results.push_back(in_register(type));
  }
  return define(key, {memory(), word}, results, [&](CodeWriter& code) {
    const uint32_t all = code.local(bytes);
    code.copy(0).copy(1).call(get_bytes()).store(all);
    uint64_t heads = 0;
    for (const ir::DataTypeId type : types) {
      heads += head_bytes(type);
    }
    code.op(Opcode::ImmBorrowLoc, all).vector_op(Opcode::VecLen, byte).u64(heads).op(Opcode::Ge);
    require(code, kPlainCode);
    uint64_t at = 0;
    for (const ir::DataTypeId type : types) {
      code.copy(0).op(Opcode::ImmBorrowLoc, all).u256(0).u256(at).call(decode_value(type));
      if (in_register(type) == boolean) {
        code.u256(0).op(Opcode::Neq);
      }
      at += head_bytes(type);
    }
    code.op(Opcode::Ret);
  });
}

}  // namespace omega::codegen::move
