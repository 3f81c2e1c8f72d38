// SPDX-License-Identifier: Apache-2.0
// What contract operations of the IR work on when they are interpreted: state, events, message.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::interp {

/// A value of up to 256 bits, little-endian limbs.
using StateValue = std::array<uint64_t, 4>;

/// An event that was emitted.
struct Event {
  std::string signature;
  std::vector<StateValue> values;
};

/// A contract's state in memory. Not thread-safe: contracts have no parallel loops.
class ContractState {
 public:
  /// The place of a key (number of the variable, mapping keys, indices); made when new. Stable.
  uint32_t place(std::span<const StateValue> key);
  const StateValue& get(uint32_t place) const { return values_[place]; }
  void set(uint32_t place, const StateValue& value);
  void emit(std::string_view signature, std::vector<StateValue> values) { events_.push_back({std::string(signature), std::move(values)}); }

  /// Where the journal stands; revert_to() undoes every write and event since.
  struct Mark {
    size_t writes;
    size_t events;
  };
  Mark mark() const { return {journal_.size(), events_.size()}; }
  void revert_to(Mark mark);

  /// What a Message operation gives; zero until set.
  StateValue& message(ir::MessageField field) { return message_[static_cast<uint8_t>(field)]; }

  const std::vector<Event>& events() const { return events_; }
  /// Every value that may hold a reference, for the collector.
  const std::deque<StateValue>& values() const { return values_; }

 private:
  struct Write {
    uint32_t place;
    StateValue before;
  };

  std::unordered_map<std::string, uint32_t> places_;
  std::deque<StateValue> values_;
  std::vector<Write> journal_;
  std::vector<Event> events_;
  std::array<StateValue, 16> message_{};
};

}  // namespace omega::interp
