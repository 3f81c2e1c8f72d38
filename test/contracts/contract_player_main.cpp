// SPDX-License-Identifier: Apache-2.0
// Compiles a contract and plays calls on the interpreter's contract machine: the interpreter as a machine of test/machines.
// usage: contract_player [--optimize]
// Reads a request a line and answers with a line of JSON, {"status": …}:
//   load NAME PATH             the contract NAME of the source at PATH: loaded, with its abi, or failed, with why
//   reset                      a chain of its own, without contracts and balances: done
//   fund ADDRESS AMOUNT        done
//   balance ADDRESS            done, with the balance
//   deploy FROM VALUE TIME NUMBER DATA   makes the loaded contract: done, with its address, data and logs, or reverted, with data, or failed
//   call FROM VALUE TIME NUMBER DATA     calls it
// Numbers and bytes are hexadecimal, without 0x.
#include <cstdio>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "omega/codegen/common/abi_json.h"
#include "omega/interp/contract_machine.h"
#include "test/contracts/contract_source.h"

namespace {

using namespace omega;
using contract_tests::bytes_of;
using contract_tests::failed;
using contract_tests::hex;
using contract_tests::word_of;
using interp::Word;

class Player {
 public:
  explicit Player(bool optimize) : optimize_(optimize) {}

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string request;
    words >> request;
    if (request == "load") {
      return load(words);
    }
    if (request == "reset") {
      machine_ = std::make_unique<interp::ContractMachine>();
      return R"({"status":"done"})";
    }
    if (request == "fund" || request == "balance") {
      return balance(words, request == "fund");
    }
    return request == "deploy" || request == "call" ? play(words, request == "deploy") : failed("no such request: " + line);
  }

 private:
  std::string load(std::istringstream& words) {
    std::string name, path;
    words >> name >> std::ws;
    std::getline(words, path);
    const contract_tests::LoadedContract loaded = contract_tests::load_contract(name, path, optimize_, scheduler_);
    if (loaded.module == nullptr) {
      return failed(loaded.why);
    }
    code_ = std::make_shared<const interp::ContractCode>(loaded.module);
    return R"({"status":"loaded","abi":)" + codegen::abi_json(*loaded.module->contract) + "}";
  }

  std::string balance(std::istringstream& words, bool set) {
    std::string address, amount;
    words >> address >> amount;
    Word& balance = machine_->balance(word_of(address));
    if (set) {
      balance = word_of(amount);
    }
    return R"({"status":"done","balance":"0x)" + hex(interp::word_bytes(balance)) + "\"}";
  }

  std::string play(std::istringstream& words, bool makes) {
    if (!code_ || !machine_) {
      return failed("nothing is loaded, or no chain is there");
    }
    std::string from, value, time, number, data;
    words >> from >> value >> time >> number >> data;
    machine_->block().timestamp = word_of(time);
    machine_->block().number = word_of(number);
    try {
      const interp::ContractOutcome outcome =
          makes ? machine_->deploy(code_, word_of(from), word_of(value), bytes_of(data)) : machine_->call(self_, word_of(from), word_of(value), bytes_of(data));
      if (makes) {
        self_ = outcome.address;
      }
      return outcome_text(outcome);
    } catch (const interp::ContractUnsupported& unsupported) {
      return failed("the machine has not got " + unsupported.what);
    }
  }

  std::string outcome_text(const interp::ContractOutcome& outcome) const {
    std::string out = std::string(R"({"status":")") + (outcome.success ? "done" : "reverted") + R"(","data":"0x)" + hex(outcome.data) + R"(","logs":[)";
    for (const interp::ContractLog& log : outcome.logs) {
      out += &log == outcome.logs.data() ? R"({"topics":[)" : R"(,{"topics":[)";
      for (const Word& topic : log.topics) {
        out += (&topic == log.topics.data() ? "\"0x" : ",\"0x") + hex(interp::word_bytes(topic)) + '"';
      }
      out += R"(],"data":"0x)" + hex(log.data) + "\"}";
    }
    return out + R"(],"address":"0x)" + hex(interp::word_bytes(self_, 20)) + "\"}";
  }

  bool optimize_;
  task::Scheduler scheduler_{{.threads = 1, .affinity = task::Affinity::apart, .processors = {}, .name = "contracts"}};
  std::shared_ptr<const interp::ContractCode> code_;
  std::unique_ptr<interp::ContractMachine> machine_;
  interp::Address self_{};
};

}  // namespace

int main(int argc, char** argv) {
  const bool optimize = argc == 2 && std::string_view(argv[1]) == "--optimize";
  if (argc > 1 && !optimize) {
    std::fputs("usage: contract_player [--optimize]\n", stderr);
    return 2;
  }
  Player player(optimize);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << player.answer(line) << std::endl;
  }
  return 0;
}
