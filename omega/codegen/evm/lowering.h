// SPDX-License-Identifier: Apache-2.0
// Lowering: a contract's IR to routines over words. One for the code that stays, one for the code that makes the contract.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "omega/codegen/evm/assembler.h"
#include "omega/codegen/evm/builder.h"
#include "omega/codegen/evm/storage_layout.h"
#include "omega/ir/contract.h"
#include "omega/ir/ir.h"

namespace omega::codegen::evm {

/// Routines that serve any function, each for a type.
enum class Helper : uint8_t {
  Function,            ///< of the module; the number is the function's
  DecodeCalldata,      ///< (position, end) -> reference
  DecodeCalldataOnly,  ///< the same for parameters declared so
  DecodeMemory,        ///< the same from memory
  Encode,              ///< (reference, position) -> end of what was written
  EncodePacked,        ///< the same without lengths and padding
  EncodeTopic,         ///< the same for the hash of an indexed argument inside another
  LoadState,           ///< (slot) -> reference
  StoreState,          ///< (slot, reference)
  ClearState,          ///< (slot)
  ResizeState,         ///< (slot, length)
  ClearSlots,          ///< (slot, end): makes them zero
  EntryOfBytes,        ///< (slot, reference) -> slot of the mapping's entry
  StateLength,         ///< (slot) -> length of bytes
  FillArray,           ///< (length) -> reference: words of null
  PowUnsigned,         ///< (base, exponent, largest) -> power, or panic
  PowSigned,           ///< (base, exponent, smallest, largest)
  RevertString,        ///< (text, length): does not return; of at most 32 bytes
  RevertLongString,    ///< (place in the code, length): does not return
};

/// What a contract's values look like to those outside.
struct DataSize {
  bool is_dynamic = false;
  uint64_t head = 32;  ///< bytes in the head of an encoding
  uint64_t words = 1;  ///< in memory: of a struct or fixed array
};

/// Where encoded data are read from.
enum class DataSource : uint8_t {
  Calldata,
  CalldataOnly,  ///< for a parameter that stays there by its declaration: lengths beyond all addresses are no matter of memory
  Memory,
};

/// Code of a contract that another one makes.
struct CreatedCode {
  std::string init;
  std::string runtime;
  bool has_immutables = false;  ///< `runtime` is not all that stays
};

/// Makes a Program of a module. Not thread-safe; two of them may work on the same module.
class Lowering {
 public:
  /// `created`: of each of the module's creations.
  Lowering(const ir::Module& module, const StorageLayout& layout, std::span<const CreatedCode* const> created);

  /// The code that is called.
  Program lower_runtime();
  /// The code that makes the contract; `immutables` are where its immutables go in the code that stays.
  Program lower_init(std::span<const ImmutablePlace> immutables);
  /// What stands in the way, with its place: empty when nothing does.
  struct Refusal {
    std::string what;
    ir::FunctionId function = ir::kNone;
    uint32_t offset = 0;
  };
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  // ---- routines (lowering.cpp) ----
  void build_all();
  RoutineId helper(Helper kind, uint32_t number);
  void build_helper(Helper kind, uint32_t number);
  uint32_t add_location(uint32_t file, uint32_t offset);
  void refuse(std::string what);
  DataSize measure(ir::DataTypeId type) const;
  /// Bytes of the heads of what a struct or fixed array holds.
  [[nodiscard]] uint64_t contents_head(ir::DataTypeId type) const;
  [[nodiscard]] const ir::DataType& type_of(ir::DataTypeId type) const { return contract_.types[type]; }
  [[nodiscard]] bool is_value(ir::DataTypeId type) const { return ir::is_value_kind(type_of(type).kind); }
  [[nodiscard]] std::vector<ir::DataTypeId> field_types(ir::DataFields fields) const;
  [[nodiscard]] ir::DataTypeId component(const ir::DataType& type, uint64_t k) const;

  // ---- entries (entries.cpp) ----
  void build_dispatch();
  void dispatch(std::span<const std::pair<uint32_t, uint32_t>> functions, ValueId selector, BlockId otherwise);
  void build_entry(const ir::EntryPoint& entry, bool checks_value);
  void build_fallback(const ir::EntryPoint* receive, const ir::EntryPoint* fallback, bool checks_value);
  void return_values(const std::vector<ir::DataTypeId>& types, const Values& values);
  [[nodiscard]] const ir::EntryPoint* find_entry(ir::EntryKind kind) const;
  Values call_function(ir::FunctionId function, const Values& args);

  // ---- memory and encodings (decode.cpp, encode.cpp) ----
  ValueId allocate(ValueId bytes);
  ValueId null() { return b_.constant(0x60); }
  ValueId load(DataSource from, ValueId at) { return b_.emit(from == DataSource::Memory ? Op::Mload : Op::CalldataLoad, {at}); }
  void copy(DataSource from, ValueId to, ValueId at, ValueId bytes);
  ValueId validate(ValueId value, ir::DataTypeId type);
  ValueId decode_at(DataSource from, ValueId at, ValueId start, ValueId end, ir::DataTypeId type);
  Values decode(DataSource from, const std::vector<ir::DataTypeId>& types, ValueId start, ValueId end);
  void build_decode(DataSource from, ir::DataTypeId type);
  void check_length(ValueId length, uint32_t element_bytes);
  void build_decode_bytes(DataSource from);
  void build_decode_array(DataSource from, const ir::DataType& type);
  ValueId encoded(ValueId value, ir::DataTypeId type);
  [[nodiscard]] bool is_copied_whole(ir::DataTypeId element, bool is_decoding) const;
  ValueId encode(const std::vector<ir::DataTypeId>& types, const Values& values, ValueId start);
  void encode_static(ValueId value, ir::DataTypeId type, ValueId at);
  void build_encode(ir::DataTypeId type);
  ValueId encode_elements(ValueId from, ValueId count, ir::DataTypeId element, ValueId to);
  void build_encode_packed(ir::DataTypeId type, bool is_topic);
  ValueId encode_packed(ValueId value, ir::DataTypeId type, ValueId at);

  // ---- state (state.cpp, state_routines.cpp) ----
  /// A place in storage while a function is lowered.
  struct Place {
    ValueId slot = kNone;
    ValueId offset = kNone;  ///< in bytes, when it is not known
    uint32_t known_offset = 0;
    bool is_alone = true;
    bool is_transient = false;
  };
  ValueId load_slot(const Place& place) { return place.is_transient ? b_.emit(Op::Tload, {place.slot}) : b_.sload(place.slot); }
  void store_slot(const Place& place, ValueId word);
  ValueId get_value(const Place& place, ir::DataTypeId type);
  ValueId extract(ValueId word, const Place& place, ir::DataTypeId type);
  void set_value(const Place& place, ValueId value, ir::DataTypeId type);
  ValueId get_state(const Place& place, ir::DataTypeId type);
  void set_state(const Place& place, ValueId value, ir::DataTypeId type);
  void clear_state(const Place& place, ir::DataTypeId type);
  Place element_place(ValueId base, ValueId index, ir::DataTypeId element);
  Place field_place(ValueId base, ir::DataTypeId structure, uint32_t k);
  ValueId elements_start(ValueId slot, const ir::DataType& array);
  ValueId bytes_length(ValueId word);
  void build_load_state(ir::DataTypeId type);
  void build_store_state(ir::DataTypeId type);
  void build_clear_state(ir::DataTypeId type);
  void build_resize_state(ir::DataTypeId type);
  void build_load_bytes();
  void build_store_bytes();
  void clear_elements(ValueId slot, ir::DataTypeId array, ValueId first, ValueId end);
  void clear_slots(ValueId slot, ValueId end);
  ValueId packed(ValueId value, ir::DataTypeId type);
  void store_packed(ValueId slot, ValueId first, ValueId end, ir::DataTypeId element);
  void store_struct(ValueId slot, ValueId reference, ir::DataTypeId type);
  [[nodiscard]] bool clears_whole_slots(ir::DataTypeId type) const;

  // ---- functions (functions.cpp, arithmetic.cpp, external.cpp) ----
  void build_function(ir::FunctionId id);
  /// Whether the end of the block was reached: the blocks that it leads to are, then.
  bool lower_block(ir::BlockId block);
  void lower(ir::ValueId id);
  bool lower_constant(ir::ValueId id, const ir::Inst& inst);
  bool lower_arithmetic(ir::ValueId id, const ir::Inst& inst);
  bool lower_memory(ir::ValueId id, const ir::Inst& inst);
  bool lower_state(ir::ValueId id, const ir::Inst& inst);
  bool lower_data(ir::ValueId id, const ir::Inst& inst);
  bool lower_outside(ir::ValueId id, const ir::Inst& inst);
  void lower_terminator(const ir::Inst& inst);
  void lower_call(ir::ValueId id, const ir::Inst& inst);
  ValueId lower_add(const ir::Inst& inst, ValueId x, ValueId y);
  ValueId lower_sub(const ir::Inst& inst, ValueId x, ValueId y);
  ValueId lower_mul(const ir::Inst& inst, ValueId x, ValueId y);
  ValueId lower_div(const ir::Inst& inst, ValueId x, ValueId y);
  ValueId lower_pow(const ir::Inst& inst, ValueId x, ValueId y);
  ValueId lower_compare(const ir::Inst& inst, ValueId x, ValueId y);
  ValueId lower_cast(ValueId x, ir::Type from, ir::Type to);
  ValueId wrap(ValueId x, ir::Type type);
  void check_range(ValueId x, ir::Type type);
  void build_pow(bool is_signed);
  void array_new(ir::ValueId id, const ir::Inst& inst);
  ValueId new_object(ir::ValueId id, uint32_t bytes);
  void resize(ValueId slot, ValueId length, ir::DataTypeId type);
  void emit_event(const ir::Inst& inst);
  void lower_revert(const ir::Inst& inst);
  bool revert_with_text(const ir::Inst& inst, uint32_t selector);
  void revert_with_values(uint32_t selector, const std::vector<ir::DataTypeId>& types, const Values& values);
  void call_contract(ir::ValueId id, const ir::Inst& inst);
  Values call_results(const std::vector<ir::DataTypeId>& types, ValueId at);
  void call_raw(ir::ValueId id, const ir::Inst& inst);
  /// Where these bytes lie behind the code; they are there once. `bytes` must outlive the lowering.
  ValueId data_at(const std::string& bytes);
  void create(ir::ValueId id, const ir::Inst& inst);
  void creation_code(ir::ValueId id, const ir::Inst& inst);
  ValueId message(ir::MessageField field);
  ValueId returned_bytes();
  ValueId recover(const Values& args);
  ValueId hash(const ir::Inst& inst);
  ValueId precompiled(uint32_t address, ValueId bytes);
  ValueId topic(ValueId value, ir::DataTypeId type);
  ValueId text(const std::string& bytes);
  const std::string* constant_text(ir::ValueId value) const;
  [[nodiscard]] bool is_used(ir::ValueId value) const { return ir_uses_[value] != 0; }
  ValueId value(ir::ValueId id);
  Values values(std::span<const uint32_t> ids);
  void set_results(ir::ValueId id, const Values& results);
  [[nodiscard]] ir::Type ir_type(ir::ValueId id) const { return f_->insts[id].type; }

  const ir::Module& module_;
  const ir::Contract& contract_;
  const StorageLayout& layout_;
  std::span<const CreatedCode* const> created_;
  std::unordered_map<const std::string*, uint32_t> data_pieces_;  ///< code of other contracts, in Program::data
  Program program_;
  Builder b_{program_};
  bool is_init_ = false;
  std::span<const ImmutablePlace> immutable_places_;
  std::optional<Refusal> refusal_;
  std::unordered_map<uint64_t, RoutineId> helpers_;
  std::vector<std::pair<Helper, uint32_t>> queue_;
  std::vector<RoutineId> queued_ids_;

  // The function being lowered.
  const ir::Function* f_ = nullptr;
  ir::FunctionId function_ = ir::kNone;
  Values values_;
  std::vector<Place> places_;  ///< of values that are places of value types
  std::vector<uint32_t> ir_uses_;
  std::vector<BlockId> blocks_;
  std::vector<BlockId> entry_blocks_;  ///< by number of the entry
};

}  // namespace omega::codegen::evm
