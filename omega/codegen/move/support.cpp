// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using object::move::kCopy;
using object::move::kDrop;
using object::move::kKey;
using object::move::kStore;

/// Fields of a struct that chains allow, less some: the rest of the variables lies in the table.
constexpr uint32_t kMaxStateFields = 28;

}  // namespace

Support::Support(ModuleBuilder& builder, const ir::Contract& contract) : builder_(builder), contract_(contract) {
  memory_struct_ = builder_.define_struct(struct_name("CallMemory"), kDrop,
                                          {{"words", object::move::vector_of(word)}, {"bytes", object::move::vector_of(bytes)}, {"sender", word}});
  memory_ = object::move::mutable_reference_to(builder_.defined_type(memory_struct_));
  make_fields();
  pair_struct_ = builder_.define_struct(struct_name("WordEntry"), kDrop, {{"place", word}, {"key", word}});
  bytes_pair_struct_ = builder_.define_struct(struct_name("BytesEntry"), kDrop, {{"place", word}, {"key", bytes}});
}

/// Lays out the state: variables and immutables of value types are fields of the resource as long as there is room; the others have a
/// place, the index of their first word among all.
void Support::make_fields() {
  std::vector<ModuleBuilder::NamedField> fields{{"words", table_of(false)}, {"blobs", table_of(true)}};
  std::unordered_set<std::string> names{"words", "blobs"};
  unsigned __int128 next = 0;
  const auto lay_out = [&](const std::vector<ir::StateVariable>& variables, std::vector<uint32_t>& in_fields, std::vector<Limbs>& places) {
    for (const ir::StateVariable& variable : variables) {
      places.push_back(limbs_of(next));
      if (ir::is_value_kind(data(variable.type).kind) && fields.size() < kMaxStateFields) {
        in_fields.push_back(static_cast<uint32_t>(fields.size()));
        fields.push_back({unique(names, variable.name), in_register(variable.type)});
        state_fields_.push_back(in_register(variable.type));
        continue;
      }
      in_fields.push_back(ir::kNone);
      unsigned __int128 words = 0;
      state_words(variable.type, words);
      next += words;
    }
  };
  lay_out(contract_.variables, variable_fields_, variable_places_);
  lay_out(contract_.immutables, immutable_fields_, immutable_places_);
  state_struct_ = builder_.define_struct(struct_name("ContractState"), kKey, fields);
  state_ = object::move::mutable_reference_to(builder_.defined_type(state_struct_));
}

std::string Support::unique(std::unordered_set<std::string>& taken, std::string_view wish) {
  std::string name;
  for (const char c : wish) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit && name.empty()) {
      name += '_';
    }
    name += is_letter || is_digit ? c : '_';
  }
  if (name.empty() || name == "_") {
    name = "_unnamed";
  }
  // Identifiers of Move have at most 255 bytes on chains; room for a number is left.
  name.resize(std::min<size_t>(name.size(), 200));
  const std::string base = name;
  for (uint32_t i = 2; !taken.insert(name).second; ++i) {
    name = base + "_" + std::to_string(i);
  }
  return name;
}

std::string Support::function_name(std::string_view wish) { return unique(function_names_, wish); }
std::string Support::struct_name(std::string_view wish) { return unique(struct_names_, wish); }

uint32_t Support::framework(std::string_view module, std::string_view name, const Signature& parameters, const Signature& results,
                            const std::vector<uint8_t>& constraints) {
  return builder_.function(builder_.module(object::move::small_address(1), module), name, parameters, results, constraints);
}

Support::Type Support::string() {
  return object::move::struct_type(builder_.struct_handle(builder_.module(object::move::small_address(1), "string"), "String", kCopy | kDrop | kStore));
}

Support::Type Support::table_of(bool of_bytes) {
  const uint32_t handle = builder_.struct_handle(builder_.module(object::move::small_address(1), "table"), "Table", kStore, {{kCopy | kDrop, true}, {0, true}});
  return object::move::struct_type(handle, {word, of_bytes ? bytes : word});
}

Support::Type Support::in_register(ir::DataTypeId type) const { return data(type).kind == ir::DataKind::Bool ? boolean : word; }

void Support::push_memory(CodeWriter& code) {
  // Index 0 of both is what null refers to: an array without elements, a byte string without bytes.
  const uint32_t sender = code.local(word);
  // Behind index 0 lie the transient variables.
  code.store(sender);
  for (size_t i = 0; i < 1 + contract_.transients.size(); ++i) {
    code.u256(0);
  }
  code.pack_vector(word, 1 + contract_.transients.size()).pack_vector(byte, 0).pack_vector(bytes, 1).copy(sender).op(Opcode::Pack, memory_struct_);
}

void Support::push_state(CodeWriter& code) {
  for (const bool of_bytes : {false, true}) {
    const Type key = object::move::type_parameter(0);
    const Type value = object::move::type_parameter(1);
    const uint32_t table =
        builder_.struct_handle(builder_.module(object::move::small_address(1), "table"), "Table", kStore, {{kCopy | kDrop, true}, {0, true}});
    const uint32_t make = framework("table", "new", {}, {object::move::struct_type(table, {key, value})}, {kCopy | kDrop, kStore});
    code.op(Opcode::CallGeneric, builder_.function_instance(make, {word, of_bytes ? bytes : word}));
  }
  for (const Type& field : state_fields_) {
    if (field == boolean) {
      code.boolean(false);
    } else {
      code.u256(0);
    }
  }
  code.op(Opcode::Pack, state_struct_);
}

// As deep as types nest, which is limited.
bool Support::state_words(ir::DataTypeId type, unsigned __int128& words) const {
  const ir::DataType& of = data(type);
  words = 1;
  if (of.kind == ir::DataKind::FixedArray) {
    unsigned __int128 element = 0;
    if (!state_words(of.element, element) || element >> 64 != 0) {
      return false;
    }
    words = element * of.length;
  } else if (of.kind == ir::DataKind::Struct) {
    words = 0;
    for (uint32_t i = 0; i < of.field_count; ++i) {
      unsigned __int128 field = 0;
      if (!state_words(contract_.fields[of.first_field + i].type, field) || (words + field) >> 120 != 0) {
        return false;
      }
      words += field;
    }
  }
  return true;
}

}  // namespace omega::codegen::move
