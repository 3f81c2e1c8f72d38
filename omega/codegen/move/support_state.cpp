// SPDX-License-Identifier: Apache-2.0
// The state: two tables of 0x1::table, of words and of byte strings, by place. A place is a number: variables lie one behind the other from 0, an
// entry of a mapping at SHA3-256 of the mapping's place and the key, the elements of an array from SHA3-256 of its place on; its length stands at the place
// itself. An entry that is zero or empty is not kept.
#include "omega/codegen/move/count_up.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;
using ir::DataKind;
using object::move::kCopy;
using object::move::kDrop;
using object::move::kStore;
using object::move::mutable_reference_to;
using object::move::reference_to;

}  // namespace

/// Calls a function of 0x1::table for one of the two tables; what it takes is on the stack.
void Support::call_table(CodeWriter& code, std::string_view function, bool of_bytes) {
  const uint32_t handle = builder_.struct_handle(builder_.module(object::move::small_address(1), "table"), "Table", kStore, {{kCopy | kDrop, true}, {0, true}});
  const Type key = object::move::type_parameter(0);
  const Type value = object::move::type_parameter(1);
  const Type table = object::move::struct_type(handle, {key, value});
  Signature parameters{function == "contains" || function == "borrow" ? reference_to(table) : mutable_reference_to(table), key};
  Signature results;
  if (function == "contains") {
    results = {boolean};
  } else if (function == "borrow") {
    results = {reference_to(value)};
  } else if (function == "borrow_mut") {
    results = {mutable_reference_to(value)};
  } else if (function == "remove") {
    results = {value};
  } else {
    parameters.push_back(value);
  }
  const uint32_t called = framework("table", function, parameters, results, {kCopy | kDrop, 0});
  code.op(Opcode::CallGeneric, builder_.function_instance(called, {word, of_bytes ? bytes : word}));
}

uint32_t Support::get_word() {
  return define("get_word", {state(), word}, {word}, [&](CodeWriter& code) {
    const Label there = code.label();
    const uint32_t table = builder_.field(state_struct_, 0);
    code.copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "contains", false);
    code.branch_if(there).u256(0).op(Opcode::Ret).bind(there).copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "borrow", false);
    code.op(Opcode::ReadRef).op(Opcode::Ret);
  });
}

uint32_t Support::set_word() {
  return define("set_word", {state(), word, word}, {}, [&](CodeWriter& code) {
    const Label there = code.label();
    const Label zero = code.label();
    const Label done = code.label();
    const uint32_t table = builder_.field(state_struct_, 0);
    code.copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "contains", false);
    code.branch_if(there).copy(2).u256(0).op(Opcode::Eq).branch_if(done);
    code.copy(0).op(Opcode::MutBorrowField, table).copy(1).copy(2);
    call_table(code, "add", false);
    code.op(Opcode::Ret).bind(there).copy(2).u256(0).op(Opcode::Eq).branch_if(zero);
    code.copy(2).copy(0).op(Opcode::MutBorrowField, table).copy(1);
    call_table(code, "borrow_mut", false);
    code.op(Opcode::WriteRef).op(Opcode::Ret).bind(zero).copy(0).op(Opcode::MutBorrowField, table).copy(1);
    call_table(code, "remove", false);
    code.op(Opcode::Pop).op(Opcode::Ret).bind(done).op(Opcode::Ret);
  });
}

uint32_t Support::get_stored_bytes() {
  return define("get_stored_bytes", {state(), word}, {bytes}, [&](CodeWriter& code) {
    const Label there = code.label();
    const uint32_t table = builder_.field(state_struct_, 1);
    code.copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "contains", true);
    code.branch_if(there).pack_vector(byte, 0).op(Opcode::Ret).bind(there).copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "borrow", true);
    code.op(Opcode::ReadRef).op(Opcode::Ret);
  });
}

uint32_t Support::set_stored_bytes() {
  return define("set_stored_bytes", {state(), word, bytes}, {}, [&](CodeWriter& code) {
    const Label absent = code.label();
    const Label done = code.label();
    const uint32_t table = builder_.field(state_struct_, 1);
    code.copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "contains", true);
    code.branch_unless(absent).copy(0).op(Opcode::MutBorrowField, table).copy(1);
    call_table(code, "remove", true);
    code.op(Opcode::Pop).branch(absent).bind(absent);
    code.op(Opcode::ImmBorrowLoc, 2).vector_op(Opcode::VecLen, byte).u64(0).op(Opcode::Eq).branch_if(done);
    code.copy(0).op(Opcode::MutBorrowField, table).copy(1).move(2);
    call_table(code, "add", true);
    code.op(Opcode::Ret).bind(done).op(Opcode::Ret);
  });
}

uint32_t Support::entry_of_word() {
  return define("entry_of_word", {word, word}, {word}, [&](CodeWriter& code) {
    const Type pair = builder_.defined_type(pair_struct_);
    const uint32_t made = code.local(pair);
    const uint32_t to_bytes = builder_.function_instance(framework("bcs", "to_bytes", {reference_to(object::move::type_parameter(0))}, {bytes}, {0}), {pair});
    code.copy(0).copy(1).op(Opcode::Pack, pair_struct_).store(made).op(Opcode::ImmBorrowLoc, made).op(Opcode::CallGeneric, to_bytes);
    code.call(framework("hash", "sha3_256", {bytes}, {bytes})).call(framework("from_bcs", "to_u256", {bytes}, {word})).op(Opcode::Ret);
  });
}

uint32_t Support::entry_of_bytes() {
  return define("entry_of_bytes", {memory(), word, word}, {word}, [&](CodeWriter& code) {
    const Type pair = builder_.defined_type(bytes_pair_struct_);
    const uint32_t made = code.local(pair);
    const uint32_t to_bytes = builder_.function_instance(framework("bcs", "to_bytes", {reference_to(object::move::type_parameter(0))}, {bytes}, {0}), {pair});
    code.copy(1).copy(0).copy(2).call(get_bytes()).op(Opcode::Pack, bytes_pair_struct_).store(made);
    code.op(Opcode::ImmBorrowLoc, made).op(Opcode::CallGeneric, to_bytes);
    code.call(framework("hash", "sha3_256", {bytes}, {bytes})).call(framework("from_bcs", "to_u256", {bytes}, {word})).op(Opcode::Ret);
  });
}

uint32_t Support::first_element() {
  return define("first_element", {word}, {word}, [&](CodeWriter& code) {
    const uint32_t to_bytes = builder_.function_instance(framework("bcs", "to_bytes", {reference_to(object::move::type_parameter(0))}, {bytes}, {0}), {word});
    code.op(Opcode::ImmBorrowLoc, 0).op(Opcode::CallGeneric, to_bytes);
    code.call(framework("hash", "sha3_256", {bytes}, {bytes})).call(framework("from_bcs", "to_u256", {bytes}, {word})).op(Opcode::Ret);
  });
}

void Support::element_place(CodeWriter& code, ir::DataTypeId type) {
  const uint32_t called = define("element_of_" + std::to_string(type), {word, word}, {word}, [&](CodeWriter& body) {
    unsigned __int128 words = 0;
    state_words(data(type).element, words);
    body.copy(0);
    if (data(type).kind == DataKind::Array) {
      body.call(first_element());
    }
    body.copy(1).u256(limbs_of(words)).call(wrap_multiply()).call(wrap_add()).op(Opcode::Ret);
  });
  code.call(called);
}

uint32_t Support::bytes_length() {
  return define("stored_length", {state(), word}, {word}, [&](CodeWriter& code) {
    const Label there = code.label();
    const uint32_t table = builder_.field(state_struct_, 1);
    code.copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "contains", true);
    code.branch_if(there).u256(0).op(Opcode::Ret).bind(there).copy(0).op(Opcode::ImmBorrowField, table).copy(1);
    call_table(code, "borrow", true);
    code.vector_op(Opcode::VecLen, byte).op(Opcode::CastU256).op(Opcode::Ret);
  });
}

/// Writes code for each part of a struct, fixed array or array that lies in the state at the place in local `whole`; mappings are left out. Of elements
/// there are as many as the u256 local `count` says. `visit(type, place, offset)` is called with the part's type and with what pushes its place and how many
/// words (u64) it lies behind the start of the whole in memory: once for each field, once in a loop over elements.
template <class Visit>
void Support::for_each_part(CodeWriter& code, ir::DataTypeId type, uint32_t whole, uint32_t count, Visit&& visit) {
  const ir::DataType& of = data(type);
  if (of.kind == DataKind::Struct) {
    unsigned __int128 at = 0;
    for (uint32_t i = 0; i < of.field_count; ++i) {
      const ir::DataTypeId field = contract_.fields[of.first_field + i].type;
      if (data(field).kind != DataKind::Mapping) {
        visit(field, [&] { code.copy(whole).u256(limbs_of(at)).op(Opcode::Add); }, [&] { code.u64(i); });
      }
      unsigned __int128 words = 0;
      state_words(field, words);
      at += words;
    }
    return;
  }
  if (data(of.element).kind == DataKind::Mapping) {
    return;
  }
  const uint32_t i = code.local(word);
  code.u256(0).store(i);
  count_words_up(code, i, count, [&] {
    const auto place = [&] {
      code.copy(whole).copy(i);
      element_place(code, type);
    };
    visit(of.element, place, [&] { code.copy(i).op(Opcode::CastU64).u64(of.kind == DataKind::Array ? 1 : 0).op(Opcode::Add); });
  });
}

uint32_t Support::load(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  if (of.kind == DataKind::Bytes || of.kind == DataKind::String) {
    return define("load_bytes", {memory(), state(), word}, {word},
                  [&](CodeWriter& code) { code.copy(0).copy(1).copy(2).call(get_stored_bytes()).call(keep_bytes()).op(Opcode::Ret); });
  }
  if (ir::is_value_kind(of.kind)) {
    return define("load_word", {memory(), state(), word}, {word}, [&](CodeWriter& code) { code.copy(1).copy(2).call(get_word()).op(Opcode::Ret); });
  }
  return define("load_" + std::to_string(type), {memory(), state(), word}, {word}, [&](CodeWriter& code) {
    const uint32_t made = code.local(word);
    const uint32_t count = code.local(word);
    const uint32_t value = code.local(word);
    if (of.kind == DataKind::Array) {
      code.copy(1).copy(2).call(get_word()).store(count).copy(0).copy(count).call(new_array()).store(made);
    } else if (of.kind == DataKind::FixedArray) {
      code.u256(of.length).store(count).copy(0).u64(of.length).call(new_object()).store(made);
    } else {
      code.copy(0).u64(of.field_count).call(new_object()).store(made);
    }
    for_each_part(code, type, 2, count, [&](ir::DataTypeId part, auto&& place, auto&& offset) {
      code.copy(0).copy(1);
      place();
      code.call(load(part)).store(value);
      code.copy(value).copy(0).op(Opcode::MutBorrowField, words_field()).copy(made).op(Opcode::CastU64);
      offset();
      code.op(Opcode::Add).vector_op(Opcode::VecMutBorrow, word).op(Opcode::WriteRef);
    });
    code.copy(made).op(Opcode::Ret);
  });
}

uint32_t Support::store(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  const Signature parameters{memory(), state(), word, word};
  if (of.kind == DataKind::Bytes || of.kind == DataKind::String) {
    return define("store_bytes", parameters, {},
                  [&](CodeWriter& code) { code.copy(1).copy(2).copy(0).copy(3).call(get_bytes()).call(set_stored_bytes()).op(Opcode::Ret); });
  }
  if (ir::is_value_kind(of.kind)) {
    return define("store_word", parameters, {}, [&](CodeWriter& code) { code.copy(1).copy(2).copy(3).call(set_word()).op(Opcode::Ret); });
  }
  return define("store_" + std::to_string(type), parameters, {}, [&](CodeWriter& code) {
    const uint32_t count = code.local(word);
    const uint32_t at = code.local(word);
    const uint32_t value = code.local(word);
    if (of.kind == DataKind::Array) {
      code.copy(0).copy(3).call(length()).store(count).copy(1).copy(2).copy(count).call(resize(type));
    } else if (of.kind == DataKind::FixedArray) {
      code.u256(of.length).store(count);
    }
    for_each_part(code, type, 2, count, [&](ir::DataTypeId part, auto&& place, auto&& offset) {
      place();
      code.store(at).copy(0).op(Opcode::ImmBorrowField, words_field()).copy(3).op(Opcode::CastU64);
      offset();
      code.op(Opcode::Add).vector_op(Opcode::VecImmBorrow, word).op(Opcode::ReadRef).store(value);
      code.copy(0).copy(1).copy(at).copy(value).call(store(part));
    });
    code.op(Opcode::Ret);
  });
}

/// (S, W place, W from, W to): clears these elements.
uint32_t Support::clear_range(ir::DataTypeId array) {
  return define("clear_range_" + std::to_string(array), {state(), word, word, word}, {}, [&](CodeWriter& code) {
    if (data(data(array).element).kind != DataKind::Mapping) {
      count_words_up(code, 2, 3, [&] {
        code.copy(0).copy(1).copy(2);
        element_place(code, array);
        code.call(clear(data(array).element));
      });
    }
    code.op(Opcode::Ret);
  });
}

uint32_t Support::clear(ir::DataTypeId type) {
  const ir::DataType& of = data(type);
  const Signature parameters{state(), word};
  if (of.kind == DataKind::Bytes || of.kind == DataKind::String) {
    return define("clear_bytes", parameters, {}, [&](CodeWriter& code) { code.copy(0).copy(1).pack_vector(byte, 0).call(set_stored_bytes()).op(Opcode::Ret); });
  }
  if (ir::is_value_kind(of.kind)) {
    return define("clear_word", parameters, {}, [&](CodeWriter& code) { code.copy(0).copy(1).u256(0).call(set_word()).op(Opcode::Ret); });
  }
  return define("clear_" + std::to_string(type), parameters, {}, [&](CodeWriter& code) {
    if (of.kind == DataKind::Array) {
      code.copy(0).copy(1).u256(0).call(resize(type));
    } else if (of.kind == DataKind::FixedArray) {
      code.copy(0).copy(1).u256(0).u256(of.length).call(clear_range(type));
    } else {
      for_each_part(code, type, 1, ir::kNone, [&](ir::DataTypeId part, auto&& place, auto&& /*offset*/) {
        code.copy(0);
        place();
        code.call(clear(part));
      });
    }
    code.op(Opcode::Ret);
  });
}

uint32_t Support::resize(ir::DataTypeId type) {
  const Signature parameters{state(), word, word};
  if (data(type).kind != DataKind::Array) {
    return define("resize_bytes", parameters, {}, [&](CodeWriter& code) {
      const Label grow = code.label();
      const Label cut_off = code.label();
      const Label done = code.label();
      const uint32_t all = code.local(bytes);
      const uint32_t wanted = code.local(number);
      const auto size = [&] { code.op(Opcode::ImmBorrowLoc, all).vector_op(Opcode::VecLen, byte); };
      code.copy(2).op(Opcode::CastU64).store(wanted).copy(0).copy(1).call(get_stored_bytes()).store(all).branch(grow);
      code.bind(grow);
      size();
      code.copy(wanted).op(Opcode::Ge).branch_if(cut_off);
      code.op(Opcode::MutBorrowLoc, all).u8(0).vector_op(Opcode::VecPushBack, byte).branch(grow);
      code.bind(cut_off);
      size();
      code.copy(wanted).op(Opcode::Le).branch_if(done);
      code.op(Opcode::MutBorrowLoc, all).vector_op(Opcode::VecPopBack, byte).op(Opcode::Pop).branch(cut_off);
      code.bind(done).copy(0).copy(1).move(all).call(set_stored_bytes()).op(Opcode::Ret);
    });
  }
  return define("resize_" + std::to_string(type), parameters, {}, [&](CodeWriter& code) {
    const uint32_t before = code.local(word);
    code.copy(0).copy(1).call(get_word()).store(before);
    code.copy(0).copy(1).copy(2).copy(before).call(clear_range(type));
    code.copy(0).copy(1).copy(2).call(set_word()).op(Opcode::Ret);
  });
}

}  // namespace omega::codegen::move
