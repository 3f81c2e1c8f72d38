// SPDX-License-Identifier: Apache-2.0
// A chain of one machine: the Move VM over a store in memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/result.h"
#include "omega/object/move_module.h"

namespace omega::testing {

/// What a call or view came to.
struct MoveOutcome {
  struct Event {
    std::string type;
    std::string data;  ///< JSON
  };
  bool ok = false;
  bool aborted = false;  ///< the module ended the call with `code`
  uint64_t code = 0;
  std::string error;   ///< the VM's words when not ok
  std::string result;  ///< of a view: JSON
  std::vector<Event> events;
  uint64_t gas = 0;  ///< used, in the VM's units
};

/// Loads the VM; the framework of move_framework.h is published. One thread.
class MoveMachine {
 public:
  /// Fails when the library is not installed (test/machines/install) or lacks a function.
  static base::Result<std::unique_ptr<MoveMachine>> load();
  ~MoveMachine();
  MoveMachine(const MoveMachine&) = delete;
  MoveMachine& operator=(const MoveMachine&) = delete;

  /// Stores a module under the name it gives itself. It is verified when it is first called. Fails when our own reader cannot read it.
  base::Result<bool> publish(std::string_view bytes);

  /// A transaction: an entry function with arguments in JSON. What it wrote is kept only when it went well.
  MoveOutcome call(const object::move::AccountAddress& sender, const object::move::AccountAddress& at, std::string_view module, std::string_view function,
                   const std::vector<std::string>& arguments);
  MoveOutcome view(const object::move::AccountAddress& at, std::string_view module, std::string_view function, const std::vector<std::string>& arguments);

  /// What the next calls see.
  void set_block(uint64_t height, uint64_t timestamp);

  /// Everything stored: modules, resources, entries of tables.
  const std::map<std::string, std::string>& store() const;

 private:
  struct State;
  explicit MoveMachine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace omega::testing
