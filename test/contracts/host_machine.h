// SPDX-License-Identifier: Apache-2.0
// A chain in this process for contracts compiled through LLVM (runtime/chain/host).
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "omega/diag/diagnostic.h"
#include "omega/interp/contract_word.h"
#include "omega/ir/ir.h"
#include "test/contracts/call_outcome.h"

namespace omega::contract_tests {

/// What the block says in which calls run.
struct HostBlock {
  interp::Word number = interp::word_of(1);
  interp::Word timestamp = interp::word_of(1);
};

/// One contract and its chain. Needs LLVM's library, and cc, which links. One thread; one machine has one contract loaded at a time.
class HostMachine {
 public:
  HostMachine();
  HostMachine(const HostMachine&) = delete;
  HostMachine& operator=(const HostMachine&) = delete;
  ~HostMachine();

  /// Compiles a module and gets ready to run it; false when the target refuses something (`sink` says what) or it failed (`error` says why).
  bool load(const ir::Module& module, diag::Sink& sink, std::string& error);
  bool is_loaded() const { return run_ != nullptr; }
  /// The LLVM text of what was loaded last.
  const std::string& text() const { return text_; }

  /// A chain without state and balances.
  void reset();
  interp::Word balance(const interp::Word& address) const;
  void set_balance(const interp::Word& address, const interp::Word& amount);
  /// The contract's address.
  const interp::Word& self() const { return self_; }

  /// A call from outside, or, with `makes_contract`, the constructor; undone when it fails.
  CallOutcome call(const interp::Word& sender, const interp::Word& value, const HostBlock& block, std::string_view data, bool makes_contract);

  /// What happens on the chain beside the contract's code.
  struct Chain {
    using Number = std::array<uint64_t, 4>;
    using Key = std::array<uint64_t, 5>;
    std::map<Key, Number> words;
    std::map<Key, std::string> bytes;
    std::map<Number, Number> balances;
    std::vector<CallOutcome::Log> logs;
    std::array<Number, 16> message{};
    std::string data;  ///< calldata
  };

 private:
  std::string open(const std::string& object);
  void unload();
  bool pay(const interp::Word& from, const interp::Word& value);

  std::string folder_;
  std::string text_;
  void* library_ = nullptr;
  void* run_ = nullptr;
  uint32_t loads_ = 0;
  Chain chain_;
  interp::Word self_{{0x5e5e5e5e5e5e5e5e, 0x5e5e5e5e5e5e5e5e, 0x5e5e5e5e, 0}};
};

}  // namespace omega::contract_tests
