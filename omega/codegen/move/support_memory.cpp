// SPDX-License-Identifier: Apache-2.0
// Memory of one call. Move has no addresses, so a reference of the IR is a number: of an object or an array of words, the index of its first
// word in Memory.words (an array's first word is its length; index 0 is an empty array); of a byte string, its index in Memory.bytes with bit 63
// set (index 0 is an empty one). Null is 0, which is empty both ways.
#include "omega/codegen/move/abort_codes.h"
#include "omega/codegen/move/count_up.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;

constexpr uint64_t kBytesMark = uint64_t{1} << 63;
/// Longer than any call can fill.
constexpr uint64_t kLengthLimit = uint64_t{1} << 32;

}  // namespace

void Support::bytes_index(CodeWriter& code) { code.op(Opcode::CastU64).u64(kBytesMark - 1).op(Opcode::BitAnd); }

uint32_t Support::new_object() {
  return define("new_object", {memory(), number}, {word}, [&](CodeWriter& code) {
    const uint32_t at = code.local(number);
    const uint32_t i = code.local(number);
    code.copy(0).op(Opcode::ImmBorrowField, words_field()).vector_op(Opcode::VecLen, word).store(at);
    count_up(code, i, 1, [&] { code.copy(0).op(Opcode::MutBorrowField, words_field()).u256(0).vector_op(Opcode::VecPushBack, word); });
    code.copy(at).op(Opcode::CastU256).op(Opcode::Ret);
  });
}

uint32_t Support::new_array() {
  return define("new_array", {memory(), word}, {word}, [&](CodeWriter& code) {
    const uint32_t at = code.local(word);
    code.copy(1).call(check_at_most({kLengthLimit, 0, 0, 0}, kLengthPanic)).store(1);
    code.copy(0).copy(1).op(Opcode::CastU64).u64(1).op(Opcode::Add).call(new_object()).store(at);
    code.copy(1).copy(0).op(Opcode::MutBorrowField, words_field()).copy(at).op(Opcode::CastU64).vector_op(Opcode::VecMutBorrow, word);
    code.op(Opcode::WriteRef).copy(at).op(Opcode::Ret);
  });
}

uint32_t Support::new_bytes() {
  return define("new_bytes", {memory(), word}, {word}, [&](CodeWriter& code) {
    const uint32_t made = code.local(bytes);
    const uint32_t end = code.local(number);
    const uint32_t i = code.local(number);
    code.copy(1).call(check_at_most({kLengthLimit, 0, 0, 0}, kLengthPanic)).op(Opcode::CastU64).store(end);
    code.pack_vector(byte, 0).store(made);
    count_up(code, i, end, [&] { code.op(Opcode::MutBorrowLoc, made).u8(0).vector_op(Opcode::VecPushBack, byte); });
    code.copy(0).move(made).call(keep_bytes()).op(Opcode::Ret);
  });
}

uint32_t Support::keep_bytes() {
  return define("keep_bytes", {memory(), bytes}, {word}, [&](CodeWriter& code) {
    const uint32_t at = code.local(number);
    code.copy(0).op(Opcode::ImmBorrowField, bytes_field()).vector_op(Opcode::VecLen, bytes).store(at);
    code.copy(0).op(Opcode::MutBorrowField, bytes_field()).move(1).vector_op(Opcode::VecPushBack, bytes);
    code.copy(at).u64(kBytesMark).op(Opcode::BitOr).op(Opcode::CastU256).op(Opcode::Ret);
  });
}

uint32_t Support::get_bytes() {
  return define("get_bytes", {memory(), word}, {bytes}, [&](CodeWriter& code) {
    code.copy(0).op(Opcode::ImmBorrowField, bytes_field()).copy(1);
    bytes_index(code);
    code.vector_op(Opcode::VecImmBorrow, bytes).op(Opcode::ReadRef).op(Opcode::Ret);
  });
}

uint32_t Support::length() {
  return define("length", {memory(), word}, {word}, [&](CodeWriter& code) {
    const Label is_bytes = code.label();
    code.copy(1).u256(kBytesMark).op(Opcode::Ge).branch_if(is_bytes);
    code.copy(0).op(Opcode::ImmBorrowField, words_field()).copy(1).op(Opcode::CastU64).vector_op(Opcode::VecImmBorrow, word);
    code.op(Opcode::ReadRef).op(Opcode::Ret);
    code.bind(is_bytes).copy(0).op(Opcode::ImmBorrowField, bytes_field()).copy(1);
    bytes_index(code);
    code.vector_op(Opcode::VecImmBorrow, bytes).vector_op(Opcode::VecLen, byte).op(Opcode::CastU256).op(Opcode::Ret);
  });
}

uint32_t Support::check_index() {
  return define("check_index", {memory(), word, word}, {}, [&](CodeWriter& code) {
    const Label good = code.label();
    code.copy(1).copy(0).copy(2).call(length()).op(Opcode::Lt).branch_if(good).abort(kIndexPanic).bind(good).op(Opcode::Ret);
  });
}

uint32_t Support::append() {
  return define("append", {object::move::mutable_reference_to(bytes), object::move::reference_to(bytes)}, {}, [&](CodeWriter& code) {
    const uint32_t end = code.local(number);
    const uint32_t i = code.local(number);
    code.copy(1).vector_op(Opcode::VecLen, byte).store(end);
    count_up(code, i, end,
             [&] { code.copy(0).copy(1).copy(i).vector_op(Opcode::VecImmBorrow, byte).op(Opcode::ReadRef).vector_op(Opcode::VecPushBack, byte); });
    code.op(Opcode::Ret);
  });
}

uint32_t Support::bytes_of_word() {
  return define("bytes_of_word", {word}, {bytes}, [&](CodeWriter& code) {
    const uint32_t to_bytes =
        builder_.function_instance(framework("bcs", "to_bytes", {object::move::reference_to(object::move::type_parameter(0))}, {bytes}, {0}), {word});
    code.copy(0).call(swap_bytes()).store(0).op(Opcode::ImmBorrowLoc, 0).op(Opcode::CallGeneric, to_bytes).op(Opcode::Ret);
  });
}

uint32_t Support::word_of_hash() {
  return define("word_of_hash", {bytes}, {word},
                [&](CodeWriter& code) { code.move(0).call(framework("from_bcs", "to_u256", {bytes}, {word})).call(swap_bytes()).op(Opcode::Ret); });
}

uint32_t Support::put_word() {
  return define("put_word", {object::move::mutable_reference_to(bytes), word}, {}, [&](CodeWriter& code) {
    const uint32_t made = code.local(bytes);
    code.copy(1).call(bytes_of_word()).store(made).move(0).op(Opcode::ImmBorrowLoc, made).call(append()).op(Opcode::Ret);
  });
}

uint32_t Support::concat(uint32_t count) {
  Signature parameters(count + 1, word);
  parameters[0] = memory();
  return define("concat_" + std::to_string(count), parameters, {word}, [&](CodeWriter& code) {
    const uint32_t all = code.local(bytes);
    const uint32_t part = code.local(bytes);
    code.pack_vector(byte, 0).store(all);
    for (uint32_t i = 1; i <= count; ++i) {
      code.copy(0).copy(i).call(get_bytes()).store(part).op(Opcode::MutBorrowLoc, all).op(Opcode::ImmBorrowLoc, part).call(append());
    }
    code.copy(0).move(all).call(keep_bytes()).op(Opcode::Ret);
  });
}

uint32_t Support::slice() {
  return define("slice", {memory(), word, word, word}, {word}, [&](CodeWriter& code) {
    const Label bad = code.label();
    const uint32_t all = code.local(bytes);
    const uint32_t made = code.local(bytes);
    const uint32_t end = code.local(number);
    const uint32_t from = code.local(number);
    const uint32_t i = code.local(number);
    code.copy(2).copy(3).op(Opcode::Gt).branch_if(bad);
    code.copy(3).copy(0).copy(1).call(length()).op(Opcode::Gt).branch_if(bad);
    code.copy(0).copy(1).call(get_bytes()).store(all).pack_vector(byte, 0).store(made);
    code.copy(2).op(Opcode::CastU64).store(from).copy(3).op(Opcode::CastU64).copy(from).op(Opcode::Sub).store(end);
    count_up(code, i, end, [&] {
      code.op(Opcode::MutBorrowLoc, made).op(Opcode::ImmBorrowLoc, all).copy(from).copy(i).op(Opcode::Add);
      code.vector_op(Opcode::VecImmBorrow, byte).op(Opcode::ReadRef).vector_op(Opcode::VecPushBack, byte);
    });
    code.copy(0).move(made).call(keep_bytes()).op(Opcode::Ret);
    code.bind(bad).abort(kPlainCode);
  });
}

uint32_t Support::hash(ir::HashKind kind) {
  const bool is_keccak = kind == ir::HashKind::Keccak256;
  return define(is_keccak ? "keccak256" : "sha256", {memory(), word}, {word}, [&](CodeWriter& code) {
    code.copy(0).copy(1).call(get_bytes());
    code.call(is_keccak ? framework("aptos_hash", "keccak256", {bytes}, {bytes}) : framework("hash", "sha2_256", {bytes}, {bytes}));
    code.call(word_of_hash()).op(Opcode::Ret);
  });
}

}  // namespace omega::codegen::move
