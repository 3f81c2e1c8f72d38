// SPDX-License-Identifier: Apache-2.0
// Compiles a contract and plays calls on the interpreter's contract machine: the interpreter as a machine of test/machines.
// usage: contract_player [--optimize]   takes requests as player.h says
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "omega/interp/contract_machine.h"
#include "test/contracts/contract_source.h"
#include "test/contracts/player.h"

namespace {

using namespace omega;
using contract_tests::CallOutcome;
using interp::Word;

class InterpreterPlayer final : public contract_tests::Player {
 public:
  explicit InterpreterPlayer(bool optimize) : optimize_(optimize) {}

 private:
  std::string load(const std::string& name, const std::string& path) override {
    const contract_tests::LoadedContract contract = contract_tests::load_contract(name, path, optimize_, scheduler());
    if (contract.module == nullptr) {
      return rejected("failed", contract.why);
    }
    code_ = std::make_shared<const interp::ContractCode>(contract.module);
    return loaded(*contract.module);
  }

  void reset() override { machine_ = std::make_unique<interp::ContractMachine>(); }
  Word balance(const Word& address) override { return machine_->balance(address); }
  void set_balance(const Word& address, const Word& amount) override { machine_->balance(address) = amount; }
  Word address() const override { return self_; }

  base::Result<CallOutcome> play(const Call& call) override {
    if (!code_) {
      return base::Error{"nothing is loaded", 0, {}};
    }
    machine_->block().timestamp = call.time;
    machine_->block().number = call.number;
    try {
      const interp::ContractOutcome outcome =
          call.makes_contract ? machine_->deploy(code_, call.sender, call.value, call.data) : machine_->call(self_, call.sender, call.value, call.data);
      if (call.makes_contract) {
        self_ = outcome.address;
      }
      return common_form(outcome);
    } catch (const interp::ContractUnsupported& unsupported) {
      return base::Error{"the machine has not got " + unsupported.what, 0, {}};
    }
  }

  static CallOutcome common_form(const interp::ContractOutcome& outcome) {
    CallOutcome made{outcome.success, outcome.data, {}};
    for (const interp::ContractLog& log : outcome.logs) {
      CallOutcome::Log& row = made.logs.emplace_back();
      for (const Word& topic : log.topics) {
        row.topics.push_back(interp::word_bytes(topic));
      }
      row.data = log.data;
    }
    return made;
  }

  bool optimize_;
  std::shared_ptr<const interp::ContractCode> code_;
  std::unique_ptr<interp::ContractMachine> machine_ = std::make_unique<interp::ContractMachine>();
  interp::Address self_{};
};

}  // namespace

int main(int argc, char** argv) {
  const bool optimize = argc == 2 && std::string_view(argv[1]) == "--optimize";
  if (argc > 1 && !optimize) {
    std::fputs("usage: contract_player [--optimize]\n", stderr);
    return 2;
  }
  InterpreterPlayer(optimize).serve(std::cin, std::cout);
  return 0;
}
