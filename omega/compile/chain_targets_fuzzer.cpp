// SPDX-License-Identifier: Apache-2.0
// Any bytes as Solidity of up to three files (the byte 0x1c stands between them): what checks is optimised, made for every chain target and run in the
// interpreter. No crash; after every pass the rules of the IR hold; optimised contracts answer as they did before; what is made for Move reads as a module.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/check.h"
#include "omega/base/keccak.h"
#include "omega/check/contract/contract_testing.h"
#include "omega/compile/contracts.h"
#include "omega/compile/optimize.h"
#include "omega/interp/contract_machine.h"
#include "omega/ir/contract.h"
#include "omega/ir/verify.h"
#include "omega/object/move_reader.h"
#include "test/fuzzing/program_files.h"
#include "test/fuzzing/solidity_vocabulary.h"
#include "test/fuzzing/token_mutation.h"

namespace {

using namespace omega;

constexpr interp::ContractLimits kLimits{.steps = 20'000, .memory = uint64_t{4} << 20, .depth = 8};
constexpr size_t kMostCalls = 24;

/// Arguments for any parameters: `word` again and again, which offsets and lengths may be.
std::string arguments(uint64_t word) {
  std::string data;
  for (uint32_t i = 0; i < 12; ++i) {
    data += interp::word_bytes(interp::word_of(word));
  }
  return data;
}

/// A contract on a machine of its own.
struct Instance {
  interp::ContractMachine machine{kLimits};
  std::shared_ptr<const interp::ContractCode> code;
  interp::Address address{};

  explicit Instance(std::shared_ptr<const ir::Module> module) : code(std::make_shared<const interp::ContractCode>(std::move(module))) {}
};

std::string text_of(const interp::ContractOutcome& outcome) {
  std::string text = outcome.success ? "done" : "reverted";
  text += outcome.data;
  for (const interp::ContractLog& log : outcome.logs) {
    text += "event" + interp::word_bytes(log.address);
    for (const interp::Word& topic : log.topics) {
      text += interp::word_bytes(topic);
    }
    text += log.data;
  }
  return text;
}

/// True when both answered alike; false when one of them may have come to its limits, after which nothing can be compared.
bool compare(const interp::ContractOutcome& plain, const interp::ContractOutcome& optimized) {
  if (text_of(plain) == text_of(optimized)) {
    return true;
  }
  const bool limited = (!plain.success && plain.data.empty()) || (!optimized.success && optimized.data.empty());
  OMEGA_CHECK(limited, "an optimised contract answers as it did before");
  return false;
}

/// Makes the contract from both modules and calls every function of it.
void play(std::shared_ptr<const ir::Module> plain_module, std::shared_ptr<const ir::Module> optimized_module) {
  Instance plain(std::move(plain_module));
  Instance optimized(std::move(optimized_module));
  const interp::Word sender = interp::word_of(0xa1);
  const interp::ContractOutcome made = plain.machine.deploy(plain.code, sender, {}, arguments(32));
  const interp::ContractOutcome made_again = optimized.machine.deploy(optimized.code, sender, {}, arguments(32));
  if (!compare(made, made_again) || !made.success) {
    return;
  }
  size_t calls = 0;
  for (const uint64_t word : {0, 32, 1}) {
    for (const ir::EntryPoint& entry : plain.code->contract().entries) {
      if (entry.kind != ir::EntryKind::Function || ++calls > kMostCalls) {
        continue;
      }
      const uint32_t selector = base::keccak256_selector(ir::signature(plain.code->contract(), entry.name, entry.params));
      const std::string data = interp::word_bytes(interp::word_of(selector), 4) + arguments(word);
      if (!compare(plain.machine.call(made.address, sender, {}, data), optimized.machine.call(made_again.address, sender, {}, data))) {
        return;
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static task::Scheduler scheduler(1);
  static const std::vector<std::string> targets = {"evm", "move"};
  check::CheckedContracts program(fuzzing::program_files(data, size, ".sol"));
  if (program.sink.has_errors()) {
    return 0;
  }
  compile::PhaseTimes times;
  std::vector<std::shared_ptr<ir::Module>> modules;
  for (const std::shared_ptr<ir::Module>& plain : program.modules) {
    OMEGA_CHECK(ir::verify(*plain).empty(), "a checked contract obeys the rules of the IR");
    modules.push_back(std::make_shared<ir::Module>(*plain));
    compile::optimize_module(*modules.back(), {{}, true}, scheduler, times);
    // How much gas is left depends on what is run.
    if (std::string_view(reinterpret_cast<const char*>(data), size).find("gas") == std::string_view::npos) {
      try {
        play(plain, modules.back());
      } catch (const interp::ContractUnsupported&) {  // NOLINT(bugprone-empty-catch): the machine has not got everything that a chain has
      }
    }
  }
  std::vector<compile::TargetProgress> progress(targets.size());
  for (const compile::MadeTarget& made : compile::make_contracts(modules, targets, {.source = "main.sol"}, {}, progress, scheduler, times)) {
    for (const compile::MadeContract& contract : made.contracts) {
      OMEGA_CHECK(made.target != "move" || object::move::read(contract.files.back().text).has_value(), "what is made for Move is a module");
    }
  }
  return 0;
}

OMEGA_FUZZ_BY_WORDS(omega::fuzzing::kSolidityVocabulary, 0)
