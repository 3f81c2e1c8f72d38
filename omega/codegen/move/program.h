// SPDX-License-Identifier: Apache-2.0
// What all functions of a contract share while its Move module is written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "omega/codegen/move/emit_move.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

/// The module in the making: handles of its functions, event structs, messages of reverts. Not thread-safe.
class Program {
 public:
  Program(const ir::Module& module, const Options& options, diag::Sink& sink);

  const ir::Module& module() const { return module_; }
  const ir::Contract& contract() const { return *module_.contract; }
  ModuleBuilder& builder() { return builder_; }
  Support& support() { return support_; }
  const Options& options() const { return options_; }

  /// Says that Move cannot do `what`, at an instruction of a function, or at the function when the instruction is kNone.
  void refuse(const ir::Function& function, uint32_t instruction, const std::string& what);

  /// The Move function of an IR function, which is then to be written too: (M, S, parameters…) -> results.
  uint32_t function(ir::FunctionId id);
  /// The next function that was asked for and is not written yet; kNone when there is none.
  ir::FunctionId next_function();

  /// The struct of an event.
  uint32_t event_struct(uint32_t event);
  /// The code that a revert with this constant message aborts with.
  uint64_t message_code(const std::string& message);
  const std::map<std::string, uint64_t>& messages() const { return messages_; }
  const std::map<uint32_t, uint32_t>& event_structs() const { return event_structs_; }

 private:
  const ir::Module& module_;
  const Options& options_;
  diag::Sink& sink_;
  ModuleBuilder builder_;
  Support support_;
  std::vector<uint32_t> functions_;  ///< handles; kNone: not asked for
  std::vector<ir::FunctionId> queue_;
  size_t written_ = 0;
  std::map<uint32_t, uint32_t> event_structs_;
  std::map<std::string, uint64_t> messages_;
};

/// Writes one IR function into the module.
void write_function(Program& program, ir::FunctionId id);

/// Writes the functions that outsiders call, and gives the ABI of all. Asks for the IR functions behind them.
std::string write_entries(Program& program);

}  // namespace omega::codegen::move
