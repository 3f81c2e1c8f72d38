// SPDX-License-Identifier: Apache-2.0
// The state of one contract: cells, found by the place they stand at. A place is a way from a variable through fields, elements and entries.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/interp/contract_data.h"

namespace omega::interp {

using PlaceId = uint64_t;

/// What stands at a place: a value, the length of an array, or bytes.
struct StateCell {
  Word word{};
  std::string bytes;
};

class ContractState;

/// A write and what stood there before; taken back from the newest on.
struct ContractWrite {
  ContractState* state;
  PlaceId place;
  StateCell before;
};
using ContractJournal = std::vector<ContractWrite>;

/// Not thread-safe.
class ContractState {
 public:
  /// How a place lies in the one around it.
  enum class Step : uint8_t { Variable, Field, Element, Entry, Transient };

  /// The place `key` (a number, or the bytes of a mapping's key) within `parent`; the same for the same way.
  PlaceId place(PlaceId parent, Step step, std::string_view key);
  PlaceId variable(uint32_t number) { return place(0, Step::Variable, word_bytes(word_of(number))); }
  PlaceId transient(uint32_t number) { return place(0, Step::Transient, word_bytes(word_of(number))); }

  const StateCell& at(PlaceId place) const { return cells_[place]; }
  void set(PlaceId place, StateCell cell, ContractJournal& journal);
  /// Takes the journal's newest write back, which is one of this state.
  void take_back(ContractJournal& journal);

 private:
  std::unordered_map<std::string, PlaceId> places_;
  std::vector<StateCell> cells_{1};
};

/// Moves data of any type between a state and the memory of a call.
class StateAccess {
 public:
  StateAccess(ContractState& state, ContractJournal& journal, const DataLayout& layout, ContractMemory& memory, ContractBudget& budget)
      : state_(state), journal_(journal), layout_(layout), memory_(memory), budget_(budget) {}

  Word get(ir::DataTypeId id, PlaceId place, uint32_t depth = 0);
  void set(ir::DataTypeId id, PlaceId place, const Word& value, uint32_t depth = 0);
  void clear(ir::DataTypeId id, PlaceId place, uint32_t depth = 0);
  Word length(ir::DataTypeId id, PlaceId place) const;
  void resize(ir::DataTypeId id, PlaceId place, const Word& length, uint32_t depth = 0);

 private:
  PlaceId part(const ir::DataType& type, PlaceId place, uint64_t k);
  ir::DataTypeId part_type(const ir::DataType& type, uint64_t k) const;
  uint64_t part_count(const ir::DataType& type, PlaceId place) const;
  void enter(uint32_t depth);

  ContractState& state_;
  ContractJournal& journal_;
  const DataLayout& layout_;
  ContractMemory& memory_;
  ContractBudget& budget_;
};

}  // namespace omega::interp
