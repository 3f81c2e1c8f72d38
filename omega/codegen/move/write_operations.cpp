// SPDX-License-Identifier: Apache-2.0
// Arithmetic, memory, messages, data of one function.
#include "omega/codegen/common/refusals.h"
#include "omega/codegen/move/abort_codes.h"
#include "omega/codegen/move/function_writer.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::move {

using ir::Inst;
using ir::Op;

namespace {

constexpr Limbs kMax = ones(256);
constexpr Limbs kSign = bit(255);
/// A function takes no more parameters.
constexpr uint32_t kMaxConcatenated = 100;

}  // namespace

void FunctionWriter::expression(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (in.op) {
    case Op::SlotGet: code_.copy(slot_local_[in.a]); return;
    case Op::ConstString: code_.copy(0).constant_bytes(f_.strings[in.a]).call(support_.keep_bytes()); return;
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div:
    case Op::Mod:
    case Op::Pow:
    case Op::Neg:
    case Op::Abs:
    case Op::Min:
    case Op::Max:
    case Op::Not:
    case Op::And:
    case Op::Or:
    case Op::Xor: arithmetic(in); return;
    case Op::Shl:
    case Op::Shr: shift(in); return;
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: comparison(in); return;
    case Op::Select:
      push(in.a);
      push(in.b);
      push(in.c);
      code_.call(support_.select(in.type == ir::Type::U1));
      return;
    case Op::Cast:
    case Op::Bitcast: cast(in); return;
    case Op::AddMod:
    case Op::MulMod:
      push(in.a);
      push(in.b);
      push(in.c);
      code_.call(in.op == Op::AddMod ? support_.add_modulo() : support_.multiply_modulo());
      return;
    case Op::Load:
    case Op::Store:
    case Op::NewObject:
    case Op::ArrayNew:
    case Op::ArrayLength:
    case Op::ElementGet:
    case Op::ElementSet:
    case Op::FixedGet:
    case Op::FixedSet: memory(i); return;
    case Op::StateVariable:
    case Op::StateEntry:
    case Op::StateElement:
    case Op::StateField:
    case Op::StateGet:
    case Op::StateSet:
    case Op::StateLength:
    case Op::StateResize:
    case Op::StateClear:
    case Op::StateCopy:
    case Op::ImmutableGet:
    case Op::ImmutableSet: state(i); return;
    case Op::TransientGet:
    case Op::TransientSet: transient(i); return;
    case Op::Message: message(i); return;
    case Op::DataEncode:
    case Op::DataConcat:
    case Op::DataSlice:
    case Op::Hash: data(i); return;
    default:
      refuse(i, source_words(in.op));
      code_.u256(0);
      from_word(in.type);
      return;
  }
}

void FunctionWriter::arithmetic(const Inst& in) {
  const bool is_checked = (in.flags & ir::kChecked) != 0;
  const bool is_boolean = in.type == ir::Type::U1;
  push(in.a);
  if (in.op == Op::Not) {
    if (is_boolean) {
      code_.op(Opcode::Not);
    } else {
      code_.u256(ir::is_signed(in.type) ? kMax : ones(ir::bit_width(in.type))).op(Opcode::Xor);
    }
    return;
  }
  if (in.op == Op::Neg || in.op == Op::Abs) {
    code_.call(in.op == Op::Neg ? support_.negate(in.type, is_checked) : support_.absolute(in.type, is_checked));
    return;
  }
  push(in.b);
  switch (in.op) {
    case Op::Add: code_.call(support_.add(in.type, is_checked)); return;
    case Op::Sub: code_.call(support_.subtract(in.type, is_checked)); return;
    case Op::Mul: code_.call(support_.multiply(in.type, is_checked)); return;
    case Op::Div: code_.call(support_.divide(in.type, is_checked)); return;
    case Op::Mod: code_.call(support_.modulo(in.type)); return;
    case Op::Pow: code_.call(support_.power(in.type, is_checked)); return;
    case Op::Min: code_.call(support_.smaller(in.type, false)); return;
    case Op::Max: code_.call(support_.smaller(in.type, true)); return;
    case Op::And: code_.op(is_boolean ? Opcode::And : Opcode::BitAnd); return;
    case Op::Or: code_.op(is_boolean ? Opcode::Or : Opcode::BitOr); return;
    default: code_.op(is_boolean ? Opcode::Neq : Opcode::Xor); return;
  }
}

void FunctionWriter::shift(const Inst& in) {
  push(in.a);
  uint64_t amount = 0;
  if (is_constant(in.b, amount) && amount < ir::bit_width(in.type) && !ir::is_signed(in.type)) {
    code_.u8(static_cast<uint8_t>(amount)).op(in.op == Op::Shl ? Opcode::Shl : Opcode::Shr);
    if (in.op == Op::Shl && ir::bit_width(in.type) < 256) {
      code_.u256(ones(ir::bit_width(in.type))).op(Opcode::BitAnd);
    }
    return;
  }
  push_word(in.b);
  code_.call(in.op == Op::Shl ? support_.shift_left(in.type) : support_.shift_right(in.type));
}

void FunctionWriter::comparison(const Inst& in) {
  const ir::Type type = type_of(in.a);
  if (in.op == Op::Eq || in.op == Op::Ne) {
    push(in.a);
    push(in.b);
    code_.op(in.op == Op::Eq ? Opcode::Eq : Opcode::Neq);
    return;
  }
  // Signed numbers are in order when the sign's bit is turned over.
  for (const ValueId v : {in.a, in.b}) {
    push_word(v);
    if (ir::is_signed(type)) {
      code_.u256(kSign).op(Opcode::Xor);
    }
  }
  code_.op(in.op == Op::Lt ? Opcode::Lt : in.op == Op::Le ? Opcode::Le : in.op == Op::Gt ? Opcode::Gt : Opcode::Ge);
}

void FunctionWriter::cast(const Inst& in) {
  const ir::Type from = type_of(in.a);
  if (from == in.type) {
    push(in.a);
    return;
  }
  push_word(in.a);
  if (in.type == ir::Type::U1) {
    code_.u256(1).op(Opcode::BitAnd).u256(0).op(Opcode::Neq);
    return;
  }
  if (in.type == ir::Type::Ref || from == ir::Type::Ref) {
    return;
  }
  const uint32_t bits = ir::bit_width(in.type);
  const bool fits = ir::is_signed(from) == ir::is_signed(in.type) ? ir::bit_width(from) <= bits : !ir::is_signed(from) && ir::bit_width(from) < bits;
  if (fits || bits == 256) {
    return;
  }
  if (ir::is_signed(in.type)) {
    code_.call(support_.sign_extended(bits));
  } else {
    code_.u256(ones(bits)).op(Opcode::BitAnd);
  }
}

/// Pushes a reference to the word that lies `words` words, and where there is one `index` and `more` words, behind the object's start.
void FunctionWriter::word_place(ValueId object, uint64_t words, ValueId index, uint64_t more, bool is_mutable) {
  code_.copy(0).op(is_mutable ? Opcode::MutBorrowField : Opcode::ImmBorrowField, support_.words_field());
  push(object);
  code_.op(Opcode::CastU64);
  if (index != ir::kNone) {
    push(index);
    code_.op(Opcode::CastU64).op(Opcode::Add);
  }
  if (words + more > 0) {
    code_.u64(words + more).op(Opcode::Add);
  }
  code_.vector_op(is_mutable ? Opcode::VecMutBorrow : Opcode::VecImmBorrow, support_.word);
}

void FunctionWriter::byte_place(ValueId array, ValueId index, bool is_mutable) {
  const Opcode borrow = is_mutable ? Opcode::VecMutBorrow : Opcode::VecImmBorrow;
  code_.copy(0).op(is_mutable ? Opcode::MutBorrowField : Opcode::ImmBorrowField, support_.bytes_field());
  push(array);
  Support::bytes_index(code_);
  code_.vector_op(borrow, support_.bytes);
  push(index);
  code_.op(Opcode::CastU64).vector_op(borrow, support_.byte);
}

void FunctionWriter::memory(uint32_t i) {
  const Inst& in = f_.insts[i];
  const bool is_word = (in.flags & ir::kWord) != 0;
  switch (in.op) {
    case Op::NewObject: code_.copy(0).u64(in.a / 32).call(support_.new_object()); return;
    case Op::ArrayNew:
      code_.copy(0);
      push(in.a);
      code_.call(in.b == 32 ? support_.new_array() : support_.new_bytes());
      return;
    case Op::ArrayLength:
      code_.copy(0);
      push(in.a);
      code_.call(support_.length());
      return;
    case Op::Load:
      word_place(in.a, in.b / 32, ir::kNone, 0, false);
      code_.op(Opcode::ReadRef);
      from_word(in.type);
      return;
    case Op::Store:
      push_word(in.c);
      word_place(in.a, in.b / 32, ir::kNone, 0, true);
      code_.op(Opcode::WriteRef);
      return;
    case Op::FixedGet:
      word_place(in.a, 0, in.b, 0, false);
      code_.op(Opcode::ReadRef);
      from_word(in.type);
      return;
    case Op::FixedSet:
      push_word(in.c);
      word_place(in.a, 0, in.b, 0, true);
      code_.op(Opcode::WriteRef);
      return;
    case Op::ElementGet:
      if (is_word) {
        word_place(in.a, 0, in.b, 1, false);
        code_.op(Opcode::ReadRef);
        from_word(in.type);
      } else {
        byte_place(in.a, in.b, false);
        code_.op(Opcode::ReadRef).op(Opcode::CastU256);
      }
      return;
    default:
      push_word(in.c);
      if (is_word) {
        word_place(in.a, 0, in.b, 1, true);
      } else {
        code_.op(Opcode::CastU8);
        byte_place(in.a, in.b, true);
      }
      code_.op(Opcode::WriteRef);
      return;
  }
}

void FunctionWriter::message(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (static_cast<ir::MessageField>(in.a)) {
    case ir::MessageField::Sender:
    case ir::MessageField::Origin: code_.copy(0).op(Opcode::ImmBorrowField, support_.sender_field()).op(Opcode::ReadRef); return;
    case ir::MessageField::Self: {
      Limbs self{};
      const object::move::AccountAddress& address = program_.options().address;
      for (uint32_t byte = 0; byte < 20; ++byte) {
        self[byte / 8] |= static_cast<uint64_t>(address[31 - byte]) << (8 * (byte % 8));
      }
      code_.u256(self);
      return;
    }
    case ir::MessageField::Timestamp: code_.call(support_.framework("timestamp", "now_seconds", {}, {support_.number})).op(Opcode::CastU256); return;
    case ir::MessageField::BlockNumber: code_.call(support_.framework("block", "get_current_block_height", {}, {support_.number})).op(Opcode::CastU256); return;
    default: refuse(i, source_words(static_cast<ir::MessageField>(in.a))); break;
  }
  code_.u256(0);
}

void FunctionWriter::data(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (in.op) {
    case Op::DataEncode: {
      const std::span<const uint32_t> all(f_.extra.data() + in.b, size_t{2} * in.c);
      code_.copy(0);
      for (uint32_t k = 0; k < in.c; ++k) {
        push_word(all[k]);
      }
      code_.call(support_.encode(static_cast<ir::Encoding>(in.a), {all.begin() + in.c, all.end()}));
      return;
    }
    case Op::DataConcat:
      if (in.c > kMaxConcatenated) {
        refuse(i, "a concatenation of more than 100 parts");
      }
      code_.copy(0);
      for (const uint32_t part : f_.args(in)) {
        push(part);
      }
      code_.call(support_.concat(in.c));
      return;
    case Op::DataSlice:
      code_.copy(0);
      push(in.a);
      push_word(in.b);
      push_word(in.c);
      code_.call(support_.slice());
      return;
    default:
      if (static_cast<ir::HashKind>(in.b) == ir::HashKind::Ripemd160) {
        refuse(i, "`ripemd160`");
      }
      code_.copy(0);
      push(in.a);
      code_.call(support_.hash(static_cast<ir::HashKind>(in.b)));
      return;
  }
}

void FunctionWriter::event(const Inst& in) {
  const ir::EventType& row = program_.contract().events[in.a];
  const std::span<const uint32_t> arguments = f_.args(in);
  const uint32_t structure = program_.event_struct(in.a);
  for (uint32_t k = 0; k < arguments.size(); ++k) {
    const ir::DataTypeId type = program_.contract().fields[row.arguments.first + k].type;
    code_.copy(0);
    push(arguments[k]);
    code_.call(support_.give_out(type));
  }
  if (arguments.empty()) {
    code_.boolean(false);
  }
  const Support::Type message = object::move::type_parameter(0);
  const uint32_t emit = support_.framework("event", "emit", {message}, {}, {object::move::kDrop | object::move::kStore});
  code_.op(Opcode::Pack, structure).op(Opcode::CallGeneric, program_.builder().function_instance(emit, {program_.builder().defined_type(structure)}));
}

}  // namespace omega::codegen::move
