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
#include "omega/compile/contracts.h"
#include "omega/compile/optimize.h"
#include "omega/diag/render.h"
#include "omega/interp/contract_machine.h"
#include "omega/ir/verify.h"
#include "omega/sys/files.h"

namespace {

using namespace omega;
using interp::Word;

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<uint8_t>(byte) >> 4];
    text += digits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

std::string bytes_of(std::string text) {
  if (text.size() % 2 != 0) {
    text.insert(text.begin(), '0');
  }
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

Word word_of(const std::string& text) { return interp::word_from_bytes(bytes_of(text)); }

std::string failed(std::string_view why) {
  std::string out = R"({"status":"failed","why":)";
  diag::append_json_string(out, why);
  return out + "}";
}

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
    compile::LoadedProgram program;
    compile::PhaseTimes times;
    diag::Sink sink;
    if (auto loaded = compile::load(program, path, compile::LoadUntil::Trees, sys::real_files(), scheduler_, times, sink); !loaded) {
      return failed(base::describe(loaded.error()));
    }
    const auto modules = compile::check_contracts(program, scheduler_, times, sink);
    if (sink.has_errors()) {
      return failed(diag::render_terminal(sink, program.texts, {}));
    }
    for (const std::shared_ptr<ir::Module>& module : modules) {
      if (module->contract->name == name) {
        return use(module, times);
      }
    }
    return failed("no contract of that name can be made: " + name);
  }

  std::string use(const std::shared_ptr<ir::Module>& module, compile::PhaseTimes& times) {
    if (const std::string mistakes = ir::verify(*module); !mistakes.empty()) {
      return failed("the IR breaks its rules:\n" + mistakes);
    }
    if (optimize_) {
      compile::optimize_module(*module, {{}, true}, scheduler_, times);
    }
    code_ = std::make_shared<const interp::ContractCode>(module);
    return R"({"status":"loaded","abi":)" + codegen::abi_json(*module->contract) + "}";
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
