// SPDX-License-Identifier: Apache-2.0
// Machines of test/machines that are processes of ours: a request a line in, a line of JSON out, {"status": …}.
//   load NAME PATH             the contract NAME of the source at PATH: loaded, with its abi, or refused by the target, or failed, with why
//   reset                      a chain of its own, without contracts and balances: done
//   fund ADDRESS AMOUNT        done, with the balance
//   balance ADDRESS            done, with the balance
//   deploy FROM VALUE TIME NUMBER DATA   makes the loaded contract: done, with its address, data and logs, or reverted, with data, or failed
//   call FROM VALUE TIME NUMBER DATA     calls it
// Numbers and bytes are hexadecimal, without 0x.
#pragma once

#include <istream>
#include <string>
#include <string_view>

#include "omega/base/result.h"
#include "omega/interp/contract_word.h"
#include "omega/ir/ir.h"
#include "omega/task/scheduler.h"
#include "test/contracts/call_outcome.h"

namespace omega::contract_tests {

/// Understands requests and words answers; what happens on the machine is for who derives from it. One thread.
class Player {
 public:
  virtual ~Player() = default;

  /// Answers each line until there is no more.
  void serve(std::istream& in, std::ostream& out);

 protected:
  struct Call {
    bool makes_contract;
    interp::Word sender, value, time, number;
    std::string data;
  };

  /// For load_contract().
  task::Scheduler& scheduler() { return scheduler_; }
  static std::string loaded(const ir::Module& module);
  /// `status`: failed, refused.
  static std::string rejected(std::string_view status, std::string_view why);

 private:
  /// Answers by loaded() or rejected().
  virtual std::string load(const std::string& name, const std::string& path) = 0;
  virtual void reset() = 0;
  virtual interp::Word balance(const interp::Word& address) = 0;
  virtual void set_balance(const interp::Word& address, const interp::Word& amount) = 0;
  /// The error says what the machine cannot do; a call that reverts is none.
  virtual base::Result<CallOutcome> play(const Call& call) = 0;
  /// The contract's.
  virtual interp::Word address() const = 0;

  std::string answer(const std::string& line);
  std::string answer_balance(std::istream& words, bool set);
  std::string answer_call(std::istream& words, bool makes_contract);

  task::Scheduler scheduler_{{.threads = 1, .affinity = task::Affinity::apart, .processors = {}, .name = "contracts"}};
};

}  // namespace omega::contract_tests
