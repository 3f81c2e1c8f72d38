// SPDX-License-Identifier: Apache-2.0
// The functions that compiled code calls inside its own module: each is written when it is first asked for.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "omega/codegen/move/word.h"
#include "omega/ir/contract.h"
#include "omega/object/move_builder.h"

namespace omega::codegen::move {

using object::move::CodeWriter;
using object::move::ModuleBuilder;
using object::move::Opcode;
using object::move::Signature;

/// Gives the structs `Memory` and `State` of a contract's module, and its functions of support. A method named after what a function does
/// gives that function's handle. In their signatures W is u256, M is &mut Memory, S is &mut State, V is vector<u8>. Not thread-safe.
class Support {
 public:
  using Type = object::move::Type;

  Support(ModuleBuilder& builder, const ir::Contract& contract);

  ModuleBuilder& builder() { return builder_; }
  const ir::Contract& contract() const { return contract_; }

  // ---- names ----
  /// A Move identifier that no other function of the module has, made of `wish`.
  std::string function_name(std::string_view wish);
  std::string struct_name(std::string_view wish);
  /// The same for a field of a struct whose fields have the names `taken`.
  static std::string field_name(std::unordered_set<std::string>& taken, std::string_view wish) { return unique(taken, wish); }

  // ---- types ----
  const Type word = object::move::type_of(object::move::TypeTag::U256);
  const Type boolean = object::move::type_of(object::move::TypeTag::Bool);
  const Type number = object::move::type_of(object::move::TypeTag::U64);
  const Type byte = object::move::type_of(object::move::TypeTag::U8);
  const Type bytes = object::move::vector_of(byte);
  const Type address = object::move::type_of(object::move::TypeTag::Address);
  Type memory() const { return memory_; }  ///< M
  Type state() const { return state_; }    ///< S
  uint32_t memory_struct() const { return memory_struct_; }
  uint32_t state_struct() const { return state_struct_; }
  /// 0x1::string::String.
  Type string();
  /// The struct's handle of a module at 0x1 in use: functions of the framework.
  uint32_t framework(std::string_view module, std::string_view name, const Signature& parameters, const Signature& results,
                     const std::vector<uint8_t>& constraints = {});
  uint32_t words_field() { return builder_.field(memory_struct_, 0); }
  uint32_t bytes_field() { return builder_.field(memory_struct_, 1); }
  uint32_t sender_field() { return builder_.field(memory_struct_, 2); }
  /// The field of State that holds variable k or immutable k alone; kNone when it lies in the table.
  uint32_t variable_field(uint32_t k) const { return variable_fields_[k]; }
  uint32_t immutable_field(uint32_t k) const { return immutable_fields_[k]; }
  /// Place of the first word of a variable (or immutable) in the table.
  const Limbs& variable_place(uint32_t k) const { return variable_places_[k]; }
  const Limbs& immutable_place(uint32_t k) const { return immutable_places_[k]; }
  /// Words that a value of the type takes in the state; false when they are 2^128 or more.
  bool state_words(ir::DataTypeId type, unsigned __int128& words) const;
  /// Pushes an empty Memory (whose sender is on the stack) or a State with nothing in it.
  void push_memory(CodeWriter& code);
  void push_state(CodeWriter& code);

  // ---- arithmetic (support_arithmetic.cpp): (W, W) -> W unless said otherwise ----
  uint32_t add(ir::Type type, bool checked);
  uint32_t subtract(ir::Type type, bool checked);
  uint32_t multiply(ir::Type type, bool checked);
  uint32_t divide(ir::Type type, bool checked);
  uint32_t modulo(ir::Type type);
  uint32_t power(ir::Type type, bool checked);
  uint32_t negate(ir::Type type, bool checked);    ///< (W) -> W
  uint32_t absolute(ir::Type type, bool checked);  ///< (W) -> W
  uint32_t shift_left(ir::Type type);
  uint32_t shift_right(ir::Type type);
  uint32_t smaller(ir::Type type, bool larger);
  uint32_t sign_extended(uint32_t bits);                      ///< (W) -> W: the lowest bits, as a signed number
  uint32_t from_boolean();                                    ///< (bool) -> W
  uint32_t select(bool of_booleans);                          ///< (bool, W, W) -> W
  uint32_t assert_code();                                     ///< (bool, u64): aborts with the code unless true
  uint32_t add_modulo();                                      ///< (W, W, W) -> W
  uint32_t multiply_modulo();                                 ///< (W, W, W) -> W
  uint32_t swap_bytes();                                      ///< (W) -> W, the first byte last
  uint32_t check_at_most(const Limbs& limit, uint64_t code);  ///< (W) -> W: aborts when larger
  uint32_t check_signed(uint32_t bits, uint64_t code);        ///< (W) -> W: aborts when it is no signed number of so many bits

  // ---- memory (support_memory.cpp) ----
  uint32_t new_object();             ///< (M, u64 words) -> W: reference to zeros
  uint32_t new_array();              ///< (M, W length) -> W: array of words
  uint32_t new_bytes();              ///< (M, W length) -> W
  uint32_t keep_bytes();             ///< (M, V) -> W: reference to these bytes
  uint32_t get_bytes();              ///< (M, W) -> V: a copy
  uint32_t length();                 ///< (M, W) -> W
  uint32_t check_index();            ///< (M, W index, W array)
  uint32_t append();                 ///< (&mut V, &V)
  uint32_t put_word();               ///< (&mut V, W): 32 bytes, the first the most significant
  uint32_t concat(uint32_t count);   ///< (M, W…) -> W
  uint32_t slice();                  ///< (M, W bytes, W from, W to) -> W
  uint32_t hash(ir::HashKind kind);  ///< (M, W bytes) -> W
  uint32_t word_of_hash();           ///< (V) -> W: of 32 bytes
  uint32_t bytes_of_word();          ///< (W) -> V: 32 bytes
  /// Pushes the index of bytes in Memory.bytes for the reference on the stack.
  static void bytes_index(CodeWriter& code);

  // ---- state (support_state.cpp) ----
  uint32_t get_word();                   ///< (S, W place) -> W
  uint32_t set_word();                   ///< (S, W place, W)
  uint32_t entry_of_word();              ///< (W place, W key) -> W
  uint32_t entry_of_bytes();             ///< (M, W place, W key) -> W
  uint32_t first_element();              ///< (W place) -> W: of a dynamic array
  uint32_t bytes_length();               ///< (S, W place) -> W: of stored bytes
  uint32_t load(ir::DataTypeId type);    ///< (M, S, W place) -> W
  uint32_t store(ir::DataTypeId type);   ///< (M, S, W place, W)
  uint32_t clear(ir::DataTypeId type);   ///< (S, W place)
  uint32_t resize(ir::DataTypeId type);  ///< (S, W place, W length)
  /// Turns the place of an array (fixed or not) and an index, both on the stack, into the element's place.
  void element_place(CodeWriter& code, ir::DataTypeId type);

  // ---- data from and to outside (support_data.cpp) ----
  /// The Move type that outsiders see.
  Type outside(ir::DataTypeId type);
  std::string outside_name(ir::DataTypeId type);
  /// The same for a parameter: what has a struct in it comes as bytes of the ABI, for no chain takes structs.
  Type outside_parameter(ir::DataTypeId type) { return has_struct(type) ? bytes : outside(type); }
  bool has_struct(ir::DataTypeId type) const;
  uint32_t take_in(ir::DataTypeId type);   ///< (M, outside parameter) -> register
  uint32_t give_out(ir::DataTypeId type);  ///< (M, register) -> outside
  uint32_t word_of_address();              ///< (address) -> W: its last 20 bytes
  /// (M, registers…) -> W: reference to the encoded bytes.
  uint32_t encode(ir::Encoding encoding, const std::vector<ir::DataTypeId>& types);

  /// (M, W bytes) -> words of the values…
  uint32_t decode(const std::vector<ir::DataTypeId>& types);

  /// The type of a value of this data type in registers: bool or u256.
  Type in_register(ir::DataTypeId type) const;

 private:
  template <class Write>
  uint32_t define(const std::string& key, const Signature& parameters, const Signature& results, Write&& write);
  uint32_t wrap_add();
  uint32_t wrap_subtract();
  uint32_t wrap_multiply();
  uint32_t wrap_negate();
  uint32_t magnitude();
  /// Cuts the word on the stack to the type.
  void cut(CodeWriter& code, ir::Type type);
  void call_table(CodeWriter& code, std::string_view function, bool of_bytes);
  Type table_of(bool of_bytes);
  uint32_t set_stored_bytes();
  uint32_t get_stored_bytes();
  uint32_t clear_range(ir::DataTypeId array);
  template <class Visit>
  void for_each_part(CodeWriter& code, ir::DataTypeId type, uint32_t whole, uint32_t count, Visit&& visit);
  uint32_t outside_struct(ir::DataTypeId type);
  uint32_t encode_value(ir::DataTypeId type);
  uint32_t pack_value(ir::DataTypeId type);
  uint32_t word_at();
  uint32_t decode_value(ir::DataTypeId type);
  void check_value(CodeWriter& code, ir::DataTypeId type);
  bool is_dynamic(ir::DataTypeId type) const;
  uint64_t head_bytes(ir::DataTypeId type) const;
  uint32_t vector_of_bytes(uint32_t count);
  uint32_t word_of_bytes(uint32_t count);
  uint32_t address_of_word();
  void make_fields();
  const ir::DataType& data(ir::DataTypeId type) const { return contract_.types[type]; }
  static std::string unique(std::unordered_set<std::string>& taken, std::string_view wish);

  ModuleBuilder& builder_;
  const ir::Contract& contract_;
  std::unordered_map<std::string, uint32_t> functions_;
  std::unordered_set<std::string> function_names_;
  std::unordered_set<std::string> struct_names_;
  std::unordered_map<ir::DataTypeId, uint32_t> outside_structs_;
  uint32_t memory_struct_ = 0;
  uint32_t state_struct_ = 0;
  uint32_t pair_struct_ = 0;
  uint32_t bytes_pair_struct_ = 0;
  Type memory_;
  Type state_;
  std::vector<uint32_t> variable_fields_;
  std::vector<uint32_t> immutable_fields_;
  std::vector<Limbs> variable_places_;
  std::vector<Limbs> immutable_places_;
  Signature state_fields_;  ///< behind the two tables
};

template <class Write>
uint32_t Support::define(const std::string& key, const Signature& parameters, const Signature& results, Write&& write) {
  const auto at = functions_.find(key);
  if (at != functions_.end()) {
    return at->second;
  }
  const uint32_t handle = builder_.function(builder_.self(), function_name("om_" + key), parameters, results);
  functions_.emplace(key, handle);
  CodeWriter code(builder_, static_cast<uint32_t>(parameters.size()));
  write(code);
  builder_.define_function(code.finish(handle, object::move::Visibility::Private));
  return handle;
}

}  // namespace omega::codegen::move
