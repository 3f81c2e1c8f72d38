// SPDX-License-Identifier: Apache-2.0
// Operations on the state of one function.
#include "omega/codegen/move/function_writer.h"

namespace omega::codegen::move {

using ir::DataKind;
using ir::Inst;
using ir::Op;

/// The field of the resource that a place is, kNone when it is in the table.
uint32_t FunctionWriter::field_of(ValueId place) const {
  const Inst& in = f_.insts[place];
  return in.op == Op::StateVariable ? support_.variable_field(in.a) : ir::kNone;
}

void FunctionWriter::state(uint32_t i) {
  const Inst& in = f_.insts[i];
  const ir::Contract& contract = program_.contract();
  switch (in.op) {
    case Op::StateVariable: {
      unsigned __int128 words = 0;
      if (!support_.state_words(contract.variables[in.a].type, words)) {
        refuse(i, "a state variable of more than 2^120 words");
      }
      code_.u256(support_.variable_place(in.a));
      return;
    }
    case Op::StateEntry: {
      const DataKind key = contract.types[contract.types[in.c].key].kind;
      if (ir::is_value_kind(key)) {
        push(in.a);
        push_word(in.b);
        code_.call(support_.entry_of_word());
      } else {
        code_.copy(0);
        push(in.a);
        push(in.b);
        code_.call(support_.entry_of_bytes());
      }
      return;
    }
    case Op::StateElement:
      push(in.a);
      push_word(in.b);
      support_.element_place(code_, in.c);
      return;
    case Op::StateField: {
      const ir::DataType& type = contract.types[in.c];
      unsigned __int128 before = 0;
      for (uint32_t k = 0; k < in.b; ++k) {
        unsigned __int128 words = 0;
        support_.state_words(contract.fields[type.first_field + k].type, words);
        before += words;
      }
      push(in.a);
      if (before > 0) {
        code_.u256({static_cast<uint64_t>(before), static_cast<uint64_t>(before >> 64), 0, 0}).op(Opcode::Add);
      }
      return;
    }
    case Op::StateGet: state_get(i); return;
    case Op::StateSet: state_set(in.a, in.c, in.b); return;
    case Op::StateClear:
      if (field_of(in.a) != ir::kNone) {
        if (contract.types[in.b].kind == DataKind::Bool) {
          code_.boolean(false);
        } else {
          code_.u256(0);
        }
        code_.copy(1).op(Opcode::MutBorrowField, program_.builder().field(support_.state_struct(), field_of(in.a))).op(Opcode::WriteRef);
        return;
      }
      code_.copy(1);
      push(in.a);
      code_.call(support_.clear(in.b));
      return;
    case Op::StateLength:
      code_.copy(1);
      push(in.a);
      code_.call(contract.types[in.b].kind == DataKind::Array ? support_.get_word() : support_.bytes_length());
      return;
    case Op::StateResize:
      code_.copy(1);
      push(in.a);
      push(in.b);
      code_.call(support_.resize(in.c));
      return;
    case Op::StateCopy: {
      const uint32_t to = code_.local(support_.word);
      const uint32_t value = code_.local(support_.word);
      push(in.a);
      code_.store(to).copy(0).copy(1);
      push(in.b);
      code_.call(support_.load(in.c)).store(value).copy(0).copy(1).copy(to).copy(value).call(support_.store(in.c));
      return;
    }
    case Op::ImmutableGet: {
      const uint32_t field = support_.immutable_field(in.a);
      code_.copy(1);
      if (field != ir::kNone) {
        code_.op(Opcode::ImmBorrowField, program_.builder().field(support_.state_struct(), field)).op(Opcode::ReadRef);
      } else {
        code_.u256(support_.immutable_place(in.a)).call(support_.get_word());
        from_word(in.type);
      }
      return;
    }
    default: {
      const uint32_t field = support_.immutable_field(in.a);
      if (field != ir::kNone) {
        push(in.b);
        code_.copy(1).op(Opcode::MutBorrowField, program_.builder().field(support_.state_struct(), field)).op(Opcode::WriteRef);
      } else {
        code_.copy(1).u256(support_.immutable_place(in.a));
        push_word(in.b);
        code_.call(support_.set_word());
      }
      return;
    }
  }
}

/// Transient variables are the first words of the call's memory behind the one that null refers to.
void FunctionWriter::transient(uint32_t i) {
  const Inst& in = f_.insts[i];
  const bool sets = in.op == Op::TransientSet;
  if (sets) {
    push_word(in.b);
  }
  code_.copy(0).op(sets ? Opcode::MutBorrowField : Opcode::ImmBorrowField, support_.words_field()).u64(1 + in.a);
  code_.vector_op(sets ? Opcode::VecMutBorrow : Opcode::VecImmBorrow, support_.word).op(sets ? Opcode::WriteRef : Opcode::ReadRef);
  if (!sets) {
    from_word(in.type);
  }
}

void FunctionWriter::state_get(uint32_t i) {
  const Inst& in = f_.insts[i];
  const uint32_t field = field_of(in.a);
  if (field != ir::kNone) {
    code_.copy(1).op(Opcode::ImmBorrowField, program_.builder().field(support_.state_struct(), field)).op(Opcode::ReadRef);
    return;
  }
  if (ir::is_value_kind(program_.contract().types[in.b].kind)) {
    code_.copy(1);
    push(in.a);
    code_.call(support_.get_word());
    from_word(in.type);
    return;
  }
  code_.copy(0).copy(1);
  push(in.a);
  code_.call(support_.load(in.b));
}

void FunctionWriter::state_set(ValueId place, ir::DataTypeId type, ValueId value) {
  const uint32_t field = field_of(place);
  if (field != ir::kNone) {
    push(value);
    code_.copy(1).op(Opcode::MutBorrowField, program_.builder().field(support_.state_struct(), field)).op(Opcode::WriteRef);
    return;
  }
  if (ir::is_value_kind(program_.contract().types[type].kind)) {
    code_.copy(1);
    push(place);
    push_word(value);
    code_.call(support_.set_word());
    return;
  }
  code_.copy(0).copy(1);
  push(place);
  push(value);
  code_.call(support_.store(type));
}

}  // namespace omega::codegen::move
