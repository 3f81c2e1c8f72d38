// SPDX-License-Identifier: Apache-2.0
// Compiles a contract through LLVM for this machine and plays calls on it (runtime/chain/host): the code that chains of LLVM share as a machine of
// test/machines. usage: host_player [--text FOLDER]   takes requests as player.h says; --text keeps the LLVM text of each contract that is loaded.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "test/contracts/contract_source.h"
#include "test/contracts/host_machine.h"
#include "test/contracts/player.h"

namespace {

using namespace omega;
using contract_tests::CallOutcome;
using interp::Word;

class HostPlayer final : public contract_tests::Player {
 public:
  explicit HostPlayer(std::string text_folder) : text_folder_(std::move(text_folder)) {}

 private:
  std::string load(const std::string& name, const std::string& path) override {
    const contract_tests::LoadedContract contract = contract_tests::load_contract(name, path, true, scheduler());
    if (contract.module == nullptr) {
      return rejected("failed", contract.why);
    }
    diag::Sink sink;
    std::string error;
    const bool is_loaded = machine_.load(*contract.module, sink, error);
    if (sink.has_errors()) {
      return rejected("refused", messages(sink));
    }
    if (!text_folder_.empty()) {
      std::ofstream(text_folder_ + "/" + name + std::to_string(++texts_) + ".ll") << machine_.text();
    }
    return is_loaded ? loaded(*contract.module) : rejected("failed", error);
  }

  static std::string messages(diag::Sink& sink) {
    std::string all;
    for (const diag::Diagnostic& one : sink.diagnostics()) {
      all += (all.empty() ? "" : "\n") + one.message();
    }
    return all;
  }

  void reset() override { machine_.reset(); }
  Word balance(const Word& address) override { return machine_.balance(address); }
  void set_balance(const Word& address, const Word& amount) override { machine_.set_balance(address, amount); }
  Word address() const override { return machine_.self(); }

  base::Result<CallOutcome> play(const Call& call) override {
    if (!machine_.is_loaded()) {
      return base::Error{"nothing is loaded", 0, {}};
    }
    return machine_.call(call.sender, call.value, {call.number, call.time}, call.data, call.makes_contract);
  }

  std::string text_folder_;
  uint32_t texts_ = 0;
  contract_tests::HostMachine machine_;
};

}  // namespace

int main(int argc, char** argv) {
  const bool keeps_text = argc == 3 && std::string_view(argv[1]) == "--text";
  if (argc > 1 && !keeps_text) {
    std::fputs("usage: host_player [--text FOLDER]\n", stderr);
    return 2;
  }
  HostPlayer(keeps_text ? argv[2] : "").serve(std::cin, std::cout);
  return 0;
}
