// SPDX-License-Identifier: Apache-2.0
// Runs modules that are contracts, as a chain does: makes them, calls them, keeps their state. The oracle that chain targets are compared with.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/interp/contract_state.h"

namespace omega::interp {

/// What the block says in which calls run.
struct BlockFields {
  Word number = word_of(1);
  Word timestamp = word_of(1);
  Word chain_id = word_of(1);
  Word base_fee = word_of(0);
  Word random = word_of(0);
  Word gas_limit = word_of(30'000'000);
  Address coinbase = word_of(0);
};

/// One event: the contract that emitted it, its topics and data as an EVM logs them.
struct ContractLog {
  Address address;
  std::vector<Word> topics;
  std::string data;
};

/// What a call or the making of a contract gave.
struct ContractOutcome {
  bool success = false;
  std::string data;               ///< encoded results, or what the call reverted with
  std::vector<ContractLog> logs;  ///< none when it reverted
  Address address{};              ///< of the contract made
};

/// Thrown by deploy() and call() when a contract asks for something that this machine has not got; the machine is of no more use then.
struct ContractUnsupported {
  std::string what;
};

/// What ends a call that takes too long or too much memory, as running out of gas does.
struct ContractLimits {
  uint64_t steps = 50'000'000;
  uint64_t memory = uint64_t{64} << 20;  ///< bytes
  uint32_t depth = 256;                  ///< calls of contracts within each other
};

/// A module made ready to run.
class ContractCode {
 public:
  /// `module` is verified and a contract.
  explicit ContractCode(std::shared_ptr<const ir::Module> module);

  const ir::Module& module() const { return *module_; }
  const ir::Contract& contract() const { return *module_->contract; }
  const DataLayout& layout() const { return layout_; }
  /// The entry that calldata names, or that stands in where it names none; null: there is none.
  const ir::EntryPoint* entry_for(std::string_view data) const;
  const ir::EntryPoint* constructor() const { return of_kind_[static_cast<size_t>(ir::EntryKind::Constructor)]; }
  uint32_t external_selector(uint32_t external) const { return external_selectors_[external]; }
  /// The contract of row `creation` of those that this one makes. The module must be linked.
  const std::shared_ptr<const ContractCode>& created(uint32_t creation) const { return created_[creation]; }

 private:
  std::shared_ptr<const ir::Module> module_;
  DataLayout layout_;
  std::unordered_map<uint32_t, const ir::EntryPoint*> functions_;  ///< by selector
  const ir::EntryPoint* of_kind_[4] = {};                          ///< constructor, receive, fallback
  std::vector<uint32_t> external_selectors_;
  std::vector<std::shared_ptr<const ContractCode>> created_;
};

/// Somebody with an address: a contract, or who sends messages.
struct ContractAccount {
  Word balance{};
  uint64_t nonce = 0;
  std::shared_ptr<const ContractCode> code;  ///< null: no contract (yet)
  std::vector<Word> immutables;
  ContractState state;
};

/// A call as the called one sees it.
struct ContractMessage {
  Address self{};  ///< whose state and balance it is
  Address sender{};
  Word value{};
  std::string data;
  const ContractCode* code = nullptr;  ///< what runs
  Address code_address{};              ///< where that lies, when it is not `self`
  bool is_static = false;              ///< nothing may be written
  bool keeps_value = false;            ///< `value` is told, not paid: the code of another on this state
  bool makes_contract = false;         ///< runs the constructor, with `data` as its arguments
  uint32_t depth = 0;
};

/// Accounts and the calls between them. One thread at a time. Source for addresses, values and calls: "Ethereum: A Secure Decentralised
/// Generalised Transaction Ledger" (the yellow paper), sections 7 and 8.
class ContractMachine {
 public:
  explicit ContractMachine(ContractLimits limits = {}) : limits_(limits) {}

  BlockFields& block() { return block_; }
  Word& balance(const Address& address) { return accounts_[address].balance; }
  /// The contract at an address; null: none.
  const ContractCode* code_at(const Address& address) const;

  /// Makes a contract: `sender` pays `value`, `arguments` are encoded.
  ContractOutcome deploy(const std::shared_ptr<const ContractCode>& code, const Address& sender, const Word& value, std::string_view arguments);
  /// A call from outside; undone when it fails.
  ContractOutcome call(const Address& to, const Address& sender, const Word& value, std::string_view data);

  // ---- for what runs (contract_execution.h) ----
  /// A call: moves the value, runs the code, undoes everything when that reverts.
  ContractOutcome send(const ContractMessage& message);
  ContractAccount& account(const Address& address) { return accounts_[address]; }
  ContractBudget& budget() { return budget_; }
  ContractJournal& journal() { return journal_; }
  /// A contract made by the one that `maker` is a call of. With a salt the address follows from that, the contract and its arguments (not from its code, as
  /// on the EVM, which there is none of here). It fails where one is there already.
  ContractOutcome create(const std::shared_ptr<const ContractCode>& code, const ContractMessage& maker, const Word& value, std::string_view arguments,
                         const Word* salt);
  /// Writes a place that is zero again when the call from outside is over.
  void set_transient(ContractState& state, PlaceId place, const Word& value);
  const Address& origin() const { return origin_; }
  void log(ContractLog log) { logs_.push_back(std::move(log)); }

 private:
  ContractOutcome begin(const Address& sender, ContractMessage message);
  /// False when `from` has not got that much.
  bool move_value(const Address& from, const Address& to, const Word& value);

  std::string run(const ContractMessage& message);

  ContractLimits limits_;
  BlockFields block_;
  ContractBudget budget_;
  Address origin_{};
  std::map<Address, ContractAccount, WordOrder> accounts_;
  std::vector<ContractLog> logs_;
  ContractJournal journal_;
  std::vector<std::pair<ContractState*, PlaceId>> transients_;  ///< written since the call from outside began
  std::vector<std::pair<Address, Word>> paid_;                  ///< balances as they were before each change
  std::vector<Address> made_;                                   ///< contracts made since the call from outside began
};

}  // namespace omega::interp
