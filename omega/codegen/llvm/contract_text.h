// SPDX-License-Identifier: Apache-2.0
// A contract's IR as LLVM text, for chains whose code LLVM makes. What the text calls and the tables it holds: runtime/chain/chain.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"

namespace omega::codegen::llvm {

/// What a chain has, as far as the text depends on it.
struct ChainTarget {
  std::string_view name;  ///< for messages: `Solana`
  std::string_view triple;
  std::string_view data_layout;
  uint32_t message_fields = 0;  ///< bit 1 << ir::MessageField for each that chain_message answers; the others are refused
  bool has_balance = false;     ///< chain_balance is there
  bool has_send = false;        ///< chain_send is there: `transfer`, `send`, and calls with value and without data
  bool has_ripemd160 = false;
  bool has_fallback = false;     ///< `receive` and `fallback` functions can be reached
  uint32_t most_inlined = 0;     ///< functions with no more reads and writes of values in the state have the chain's code for them inside (chain_get_inlined)
  bool moves_divisions = false;  ///< LLVM's back end takes divisions for free of effects, but one by 0 ends the program: each is tied to its check
  bool keeps_no_comparisons = false;  ///< the machine branches by comparisons, and has no instruction that gives the result of one: nor selects or carries
};

/// The module's text: every function that an entry reaches, `chain_call`, and the tables. Nothing comes back when something is in the contract that the chain
/// cannot do; `sink` says what and where. `module` is one that verify() accepts and that has a contract. Pure; any thread.
std::optional<std::string> contract_text(const ir::Module& module, const ChainTarget& target, diag::Sink& sink);

}  // namespace omega::codegen::llvm
