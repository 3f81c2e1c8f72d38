// SPDX-License-Identifier: Apache-2.0
// Memory, messages, data and state of one function.
#include "omega/codegen/llvm/function_writer.h"

#include "omega/codegen/common/refusals.h"
#include "omega/codegen/llvm/panic_codes.h"

namespace omega::codegen::llvm {

using ir::DataKind;
using ir::Inst;
using ir::Op;

namespace {

/// What stands in front of an array's elements: its length.
constexpr uint32_t kHeaderBytes = 8;
/// No array of so many elements fits any memory.
constexpr uint64_t kTooLong = uint64_t{1} << 32;
constexpr std::string_view kPlaceType = "[6 x i64]";
constexpr std::string_view kPlaceBytes = "48";

bool is_bytes(const ir::DataType& type) { return type.kind == DataKind::Bytes || type.kind == DataKind::String; }

}  // namespace

// ---- memory ----

void FunctionWriter::memory_operation(uint32_t i) {
  const Inst& in = f_.insts[i];
  const bool is_word = (in.flags & ir::kWord) != 0;
  switch (in.op) {
    case Op::Load: load_word(name(i), in.type, in.b == 0 ? value(in.a) : offset(value(in.a), std::to_string(in.b))); return;
    case Op::Store: store_word(in.c, in.b == 0 ? value(in.a) : offset(value(in.a), std::to_string(in.b))); return;
    case Op::NewObject:
      line(name(i), " = call ptr @chain_allocate(i64 ", std::to_string(in.a), ")");
      panic_unless(assign("icmp ne ptr ", name(i), ", null"), kMemoryPanic);
      return;
    case Op::ArrayNew: new_array(i); return;
    case Op::ArrayLength: line(name(i), " = add i64 0, ", length_of(in.a)); return;
    case Op::ElementGet:
    case Op::FixedGet: {
      const std::string at = element(in.a, in.b, in.op == Op::ElementGet ? kHeaderBytes : 0, is_word);
      if (is_word) {
        load_word(name(i), in.type, at);
      } else {
        line(name(i), " = load i8, ptr ", at, ", align 1");
      }
      return;
    }
    case Op::ElementSet:
    case Op::FixedSet: {
      const std::string at = element(in.a, in.b, in.op == Op::ElementSet ? kHeaderBytes : 0, is_word);
      if (is_word) {
        store_word(in.c, at);
      } else {
        line("store i8 ", value(in.c), ", ptr ", at, ", align 1");
      }
      return;
    }
    default: refuse(i, source_words(in.op)); return;
  }
}

/// Null has none.
std::string FunctionWriter::length_of(ValueId array) {
  const std::string text = value(array);
  if (text == "null") {
    return "0";
  }
  const std::string is_null = assign("icmp eq ptr ", text, ", null");
  return assign("load i64, ptr ", assign("select i1 ", is_null, ", ptr @no_length, ptr ", text), ", align 8");
}

void FunctionWriter::new_array(uint32_t i) {
  const Inst& in = f_.insts[i];
  panic_unless(is_below(in.a, std::to_string(kTooLong)), kMemoryPanic);
  line(name(i), " = call ptr @", in.b == 1 ? "chain_new_bytes" : "chain_new_array", "(i64 ", as_index(in.a), ")");
  panic_unless(assign("icmp ne ptr ", name(i), ", null"), kMemoryPanic);
}

std::string FunctionWriter::element(ValueId array, ValueId index, uint32_t header, bool is_word) {
  const std::string first = header == 0 ? value(array) : offset(value(array), std::to_string(header));
  if (!is_word) {
    return offset(first, as_index(index));
  }
  return offset(first, assign("shl i64 ", as_index(index), ", 5"));
}

// ---- messages and data ----

void FunctionWriter::message(uint32_t i) {
  const Inst& in = f_.insts[i];
  if ((program_.target().message_fields >> in.a & 1) == 0) {
    refuse(i, source_words(static_cast<ir::MessageField>(in.a)));
    return;
  }
  fail_unless_done(assign("call i64 @chain_message(i32 ", std::to_string(in.a), ", ptr ", word(0), ")"));
  load_word(name(i), in.type, word(0));
}

void FunctionWriter::data(uint32_t i) {
  const Inst& in = f_.insts[i];
  const std::string count = std::to_string(in.c);
  switch (in.op) {
    case Op::DataEncode: {
      const std::string types = program_.type_list({f_.extra.data() + in.b + in.c, in.c});
      const std::string values = words_with({f_.extra.data() + in.b, in.c});
      const auto encoding = static_cast<ir::Encoding>(in.a);
      const std::string_view function = encoding == ir::Encoding::Abi      ? "chain_encode"
                                        : encoding == ir::Encoding::Packed ? "chain_encode_packed"
                                                                           : "chain_encode_with_selector";
      line(name(i), " = call ptr @", function, "(i32 ", count, ", ptr ", types, ", ptr ", values, encoding == ir::Encoding::Abi ? ", ptr null)" : ")");
      panic_unless(assign("icmp ne ptr ", name(i), ", null"), kMemoryPanic);
      return;
    }
    case Op::DataDecode: {
      const std::string words = words_for(in.c);
      const std::string types = program_.type_list(f_.args(in));
      fail_unless_done(assign("call i64 @chain_decode(ptr ", value(in.a), ", i64 0, i32 ", count, ", ptr ", types, ", ptr ", words, ")"));
      results(i, in.c, words);
      return;
    }
    case Op::DataConcat:
      line(name(i), " = call ptr @chain_concat(i32 ", count, ", ptr ", words_with(f_.args(in)), ")");
      panic_unless(assign("icmp ne ptr ", name(i), ", null"), kMemoryPanic);
      return;
    case Op::DataSlice: {
      const std::string from = word_with(0, in.b), to = word_with(1, in.c);
      fail_unless_done(assign("call i64 @chain_slice(ptr ", word(2), ", ptr ", value(in.a), ", ptr ", from, ", ptr ", to, ")"));
      load_word(name(i), in.type, word(2));
      return;
    }
    default: {
      static constexpr std::string_view functions[] = {"chain_hash_keccak256", "chain_hash_sha256", "chain_hash_ripemd160"};
      if (static_cast<ir::HashKind>(in.b) == ir::HashKind::Ripemd160 && !program_.target().has_ripemd160) {
        refuse(i, "`ripemd160`");
        return;
      }
      line("call void @", functions[in.b], "(ptr ", word(0), ", ptr ", value(in.a), ")");
      load_word(name(i), in.type, word(0));
      return;
    }
  }
}

// ---- state ----

/// Memory for the place that instruction i makes.
std::string FunctionWriter::new_place(uint32_t i) {
  if (escapes_[i] != 0) {
    line(name(i), " = call ptr @chain_allocate(i64 ", kPlaceBytes, ")");
    panic_unless(assign("icmp ne ptr ", name(i), ", null"), kMemoryPanic);
    return name(i);
  }
  if (free_places_.empty()) {
    place_[i] = memory(kPlaceType);
  } else {
    place_[i] = std::move(free_places_.back());
    free_places_.pop_back();
  }
  line(name(i), " = bitcast ptr ", place_[i], " to ptr");
  return name(i);
}

void FunctionWriter::state(uint32_t i) {
  const Inst& in = f_.insts[i];
  const ir::Contract& contract = program_.contract();
  const auto number = [](uint32_t n) { return std::to_string(n); };
  switch (in.op) {
    case Op::StateVariable: line("call void @chain_place_variable(ptr ", new_place(i), ", i32 ", number(in.a), ")"); return;
    case Op::StateEntry:
      line("call void @chain_place_entry", inlined_, "(ptr ", new_place(i), ", ptr ", value(in.a), ", ptr ", word_with(0, in.b), ", i32 ", number(in.c), ")");
      return;
    case Op::StateElement: {
      const std::string index = as_index(in.b);
      line("call void @chain_place_element(ptr ", new_place(i), ", ptr ", value(in.a), ", i64 ", index, ", i32 ", number(in.c), ")");
      return;
    }
    case Op::StateField:
      line("call void @chain_place_field(ptr ", new_place(i), ", ptr ", value(in.a), ", i32 ", number(in.b), ", i32 ", number(in.c), ")");
      return;
    case Op::StateGet: state_get(i); return;
    case Op::StateSet: state_set(value(in.a), in.c, in.b); return;
    case Op::StateLength:
      fail_unless_done(assign("call i64 @chain_get_length(ptr ", word(0), ", ptr ", value(in.a), ", i32 ", number(in.b), ")"));
      line(name(i), " = zext i64 ", assign("load i64, ptr ", word(0), ", align 8"), " to i256");
      return;
    case Op::StateResize:
      fail_unless_done(assign("call i64 @chain_resize(ptr ", value(in.a), ", ptr ", word_with(0, in.b), ", i32 ", number(in.c), ")"));
      return;
    case Op::StateClear: fail_unless_done(assign("call i64 @chain_clear(ptr ", value(in.a), ", i32 ", number(in.b), ")")); return;
    case Op::StateCopy: fail_unless_done(assign("call i64 @chain_copy(ptr ", value(in.a), ", ptr ", value(in.b), ", i32 ", number(in.c), ")")); return;
    default: break;
  }
  // Immutables are variables behind all others.
  const auto place = memory(kPlaceType);
  line("call void @chain_place_variable(ptr ", place, ", i32 ", number(static_cast<uint32_t>(contract.variables.size()) + in.a), ")");
  const ir::DataTypeId type = contract.immutables[in.a].type;
  if (in.op == Op::ImmutableSet) {
    state_set(place, type, in.b);
  } else {
    fail_unless_done(assign("call i64 @chain_get", inlined_, "(ptr ", word(0), ", ptr ", place, ", i32 ", number(type), ")"));
    load_word(name(i), in.type, word(0));
  }
}

/// Transient variables lie in memory, which like them lives as long as the call and is zero when that begins.
void FunctionWriter::transient(uint32_t i) {
  const Inst& in = f_.insts[i];
  const std::string all = assign("call ptr @chain_transients(i64 ", std::to_string(program_.contract().transients.size()), ")");
  panic_unless(assign("icmp ne ptr ", all, ", null"), kMemoryPanic);
  const std::string at = word_at(all, in.a);
  if (in.op == Op::TransientSet) {
    store_word(in.b, at);
  } else {
    load_word(name(i), in.type, at);
  }
}

void FunctionWriter::state_get(uint32_t i) {
  const Inst& in = f_.insts[i];
  const ir::DataType& type = program_.contract().types[in.b];
  if (is_bytes(type)) {
    fail_unless_done(assign("call i64 @chain_get_bytes(ptr ", word(0), ", ptr ", value(in.a), ")"));
  } else {
    const bool is_value = ir::is_value_kind(type.kind);
    fail_unless_done(assign("call i64 @", is_value ? "chain_get" : "chain_load", is_value ? inlined_ : "", "(ptr ", word(0), ", ptr ", value(in.a), ", i32 ",
                            std::to_string(in.b), ")"));
  }
  load_word(name(i), in.type, word(0));
}

void FunctionWriter::state_set(const std::string& place, ir::DataTypeId type, ValueId v) {
  const ir::DataType& row = program_.contract().types[type];
  if (is_bytes(row)) {
    fail_unless_done(assign("call i64 @chain_set_bytes(ptr ", place, ", ptr ", value(v), ")"));
    return;
  }
  const bool is_value = ir::is_value_kind(row.kind);
  fail_unless_done(assign("call i64 @", is_value ? "chain_set" : "chain_store", is_value ? inlined_ : "", "(ptr ", place, ", ptr ", word_with(0, v), ", i32 ",
                          std::to_string(type), ")"));
}

}  // namespace omega::codegen::llvm
