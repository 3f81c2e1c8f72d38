// SPDX-License-Identifier: Apache-2.0
// One call of a contract: walks the IR, every value in a word.
#pragma once

#include <unordered_map>

#include "omega/interp/contract_machine.h"
#include "omega/ir/op_info.h"

namespace omega::interp {

/// Used once. Leaves by ContractRevert when the call fails.
class ContractExecution {
 public:
  ContractExecution(ContractMachine& machine, const ContractMessage& message);

  /// What the call returns: the constructor, or the entry that the data names.
  std::string run();

 private:
  struct Frame {
    const ir::Function* function;
    size_t registers;  ///< where its values begin, its slots behind them
    uint32_t at;       ///< instruction
  };

  std::string run_entry(const ir::EntryPoint& entry, std::string_view arguments);
  std::vector<Word> run_function(ir::FunctionId id, const std::vector<Word>& args);
  void push(ir::FunctionId id, std::span<const Word> args);
  /// Runs the newest frame's instructions up to the end of its block or a call.
  void run_block();
  void run_inst(const ir::Inst& inst);
  void call(ir::FunctionId id, bool with_closure, const ir::Inst& inst);
  void return_values(const ir::Inst& inst);
  void branch(ir::BlockId target, std::span<const uint32_t> args);

  [[noreturn]] void panic(ir::PanicKind kind) const;
  void demand(bool condition) const {
    if (!condition) {
      throw ContractRevert{};
    }
  }
  void demand_writable() const { demand(!message_.is_static); }

  const ir::Function& function() const { return *frames_.back().function; }
  Word& value(ir::ValueId id) { return registers_[frames_.back().registers + id]; }
  Word& slot(ir::SlotId id) { return registers_[frames_.back().registers + function().insts.size() + id]; }
  ir::Type type_of(ir::ValueId id) const { return function().insts[id].type; }
  Word optional(uint32_t id) { return id == ir::kNone ? word_of(0) : value(id); }
  std::vector<Word> values(std::span<const uint32_t> ids);
  /// Gives the instruction being run its value, and the `result`s behind it theirs.
  void give(std::span<const Word> results);
  void give(const Word& result) { value(frames_.back().at) = result; }

  void constant(const ir::Inst& inst);
  void arithmetic(const ir::Inst& inst);
  Word compute(const ir::Inst& inst, uint32_t& status);
  void memory(const ir::Inst& inst);
  Word new_array(const ir::Inst& inst);
  Word& word_at(ir::ValueId object, uint64_t index);
  char& byte_at(ir::ValueId object, uint64_t index);
  // contract_operations.cpp
  void contract(const ir::Inst& inst);
  void state(const ir::Inst& inst);
  Word place_value(const ir::Inst& inst);
  PlaceId place(ir::ValueId id) { return value(id).limb[0]; }
  std::string entry_key(const ir::DataType& mapping, const Word& key);
  Word message_field(ir::MessageField field);
  void data(const ir::Inst& inst);
  Word hash(const ir::Inst& inst);
  Word slice(const ir::Inst& inst);
  Word concat(const ir::Inst& inst);
  std::string encode(const ir::Inst& inst);
  Word modular(const ir::Inst& inst);
  void event(const ir::Inst& inst);
  void call_contract(const ir::Inst& inst);
  void call_raw(const ir::Inst& inst);
  void create(const ir::Inst& inst);
  [[noreturn]] void revert(const ir::Inst& inst);
  std::string selector_and_data(uint32_t selector, ir::DataFields fields, std::span<const Word> values);

  ContractMachine& machine_;
  const ContractMessage& message_;
  const ContractCode& code_;
  ContractBudget& budget_;
  ContractMemory memory_;
  DataCodec codec_;
  ContractState& state_;
  StateAccess access_;
  std::vector<Frame> frames_;
  std::vector<Word> registers_;
  std::vector<Word> returned_;                       ///< what the outermost function gave
  std::unordered_map<const void*, Word> constants_;  ///< strings and closures made so far, by string or function
};

}  // namespace omega::interp
