// SPDX-License-Identifier: Apache-2.0
// The in-memory contract state.
#include "omega/interp/contract_state.h"

namespace omega::interp {

uint32_t ContractState::place(std::span<const StateValue> key) {
  const std::string bytes(reinterpret_cast<const char*>(key.data()), key.size_bytes());
  const auto [it, is_new] = places_.try_emplace(bytes, static_cast<uint32_t>(values_.size()));
  if (is_new) {
    values_.push_back({});
  }
  return it->second;
}

void ContractState::set(uint32_t place, const StateValue& value) {
  journal_.push_back({place, values_[place]});
  values_[place] = value;
}

void ContractState::revert_to(Mark mark) {
  while (journal_.size() > mark.writes) {
    values_[journal_.back().place] = journal_.back().before;
    journal_.pop_back();
  }
  events_.resize(mark.events);
}

}  // namespace omega::interp
