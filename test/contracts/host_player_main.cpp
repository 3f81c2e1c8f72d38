// SPDX-License-Identifier: Apache-2.0
// Compiles a contract through LLVM for this machine and plays calls on it (runtime/chain/host): the code that chains of LLVM share as a machine of
// test/machines. usage: host_player [--text FOLDER] Takes the requests of contract_player; a contract that the target refuses is {"status":"refused","why":…}.
// --text keeps the LLVM text of each that is loaded.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "omega/codegen/common/abi_json.h"
#include "omega/diag/render.h"
#include "omega/ir/contract.h"
#include "test/contracts/contract_source.h"
#include "test/contracts/host_machine.h"

namespace {

using namespace omega;
using contract_tests::bytes_of;
using contract_tests::failed;
using contract_tests::hex;
using contract_tests::word_of;

class Player {
 public:
  explicit Player(std::string text_folder) : text_folder_(std::move(text_folder)) {}

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string request;
    words >> request;
    if (request == "load") {
      return load(words);
    }
    if (request == "reset") {
      machine_.reset();
      return R"({"status":"done"})";
    }
    if (request == "fund" || request == "balance") {
      return balance(words, request == "fund");
    }
    return request == "deploy" || request == "call" ? play(words, request == "deploy") : failed("no such request: " + line);
  }

 private:
  std::string load(std::istringstream& words) {
    std::string name, path, error;
    words >> name >> std::ws;
    std::getline(words, path);
    const contract_tests::LoadedContract loaded = contract_tests::load_contract(name, path, true, scheduler_);
    if (loaded.module == nullptr) {
      return failed(loaded.why);
    }
    diag::Sink sink;
    const bool is_loaded = machine_.load(*loaded.module, sink, error);
    if (sink.has_errors()) {
      return refused(sink);
    }
    if (!text_folder_.empty()) {
      std::ofstream(text_folder_ + "/" + name + std::to_string(++texts_) + ".ll") << machine_.text();
    }
    return is_loaded ? R"({"status":"loaded","abi":)" + codegen::abi_json(*loaded.module->contract) + "}" : failed(error);
  }

  static std::string refused(diag::Sink& sink) {
    std::string all, out = R"({"status":"refused","why":)";
    for (const diag::Diagnostic& one : sink.diagnostics()) {
      all += (all.empty() ? "" : "\n") + one.message();
    }
    diag::append_json_string(out, all);
    return out + "}";
  }

  std::string balance(std::istringstream& words, bool set) {
    std::string address, amount;
    words >> address >> amount;
    if (set) {
      machine_.set_balance(word_of(address), word_of(amount));
    }
    return R"({"status":"done","balance":"0x)" + hex(interp::word_bytes(machine_.balance(word_of(address)))) + "\"}";
  }

  std::string play(std::istringstream& words, bool makes) {
    if (!machine_.is_loaded()) {
      return failed("nothing is loaded");
    }
    std::string from, value, time, number, data;
    words >> from >> value >> time >> number >> data;
    const contract_tests::HostOutcome outcome = machine_.call(word_of(from), word_of(value), {word_of(number), word_of(time)}, bytes_of(data), makes);
    std::string out = std::string(R"({"status":")") + (outcome.success ? "done" : "reverted") + R"(","data":"0x)" + hex(outcome.data) + R"(","logs":[)";
    for (const auto& log : outcome.logs) {
      out += &log == outcome.logs.data() ? R"({"topics":[)" : R"(,{"topics":[)";
      for (const std::string& topic : log.topics) {
        out += (&topic == log.topics.data() ? "\"0x" : ",\"0x") + hex(topic) + '"';
      }
      out += R"(],"data":"0x)" + hex(log.data) + "\"}";
    }
    return out + R"(],"address":"0x)" + hex(interp::word_bytes(machine_.self(), 20)) + "\"}";
  }

  std::string text_folder_;
  uint32_t texts_ = 0;
  task::Scheduler scheduler_{{.threads = 1, .affinity = task::Affinity::apart, .processors = {}, .name = "contracts"}};
  contract_tests::HostMachine machine_;
};

}  // namespace

int main(int argc, char** argv) {
  const bool keeps_text = argc == 3 && std::string_view(argv[1]) == "--text";
  if (argc > 1 && !keeps_text) {
    std::fputs("usage: host_player [--text FOLDER]\n", stderr);
    return 2;
  }
  Player player(keeps_text ? argv[2] : "");
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << player.answer(line) << std::endl;
  }
  return 0;
}
