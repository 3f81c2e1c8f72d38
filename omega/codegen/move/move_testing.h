// SPDX-License-Identifier: Apache-2.0
// For tests: a contract in the IR's text, compiled, published and made in the Move VM.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "omega/codegen/move/emit_move.h"
#include "omega/ir/contract.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "omega/object/move_builder.h"
#include "omega/object/move_dump.h"
#include "omega/object/move_reader.h"
#include "test/machines/move/move_machine.h"

namespace omega::codegen::move {

/// One contract on a chain of its own, at address 0x42. Answers are texts: `ok` and the events, the JSON of a view, `abort CODE`, or the VM's words.
class Deployed {
 public:
  Deployed(std::string_view text, const std::vector<std::string>& arguments) {
    const auto module = ir::parse_text(text);
    if (!module.has_value()) {
      ADD_FAILURE() << module.error().message;
      return;
    }
    EXPECT_EQ(ir::verify(*module), "");
    deploy(*module, arguments);
  }
  Deployed(const ir::Module& module, const std::vector<std::string>& arguments) { deploy(module, arguments); }

  std::string call(std::string_view function, const std::vector<std::string>& arguments = {}, uint8_t sender = 0x42) {
    if (machine_ == nullptr) {
      return "not deployed";
    }
    const testing::MoveOutcome outcome = machine_->call(object::move::small_address(sender), object::move::small_address(0x42), name_, function, arguments);
    std::string answer = text_of(outcome);
    for (const testing::MoveOutcome::Event& event : outcome.events) {
      answer += " " + event.type.substr(event.type.rfind("::") + 2) + event.data;
    }
    return answer;
  }

  std::string view(std::string_view function, const std::vector<std::string>& arguments = {}) {
    return machine_ == nullptr ? "not deployed" : text_of(machine_->view(object::move::small_address(0x42), name_, function, arguments));
  }

  const std::string& abi() const { return abi_; }
  testing::MoveMachine& machine() { return *machine_; }

 private:
  void deploy(const ir::Module& module, const std::vector<std::string>& arguments) {
    diag::Sink sink;
    Options options;
    options.address = object::move::small_address(0x42);
    const auto made = emit(module, options, sink);
    if (!made.has_value()) {
      ADD_FAILURE() << (sink.diagnostics().empty() ? "refused" : sink.diagnostics().front().message());
      return;
    }
    abi_ = made->abi_json;
    name_ = module.contract->name;
    auto machine = testing::MoveMachine::load();
    ASSERT_TRUE(machine.has_value()) << base::describe(machine.error());
    machine_ = std::move(*machine);
    ASSERT_TRUE(machine_->publish(made->module).has_value());
    const std::string answer = call("constructor", arguments);
    const auto read = object::move::read(made->module);
    EXPECT_TRUE(answer.starts_with("ok")) << answer << "\n" << object::move::dump(*read);
  }
  static std::string text_of(const testing::MoveOutcome& outcome) {
    return outcome.ok        ? (outcome.result.empty() ? "ok" : outcome.result)
           : outcome.aborted ? "abort " + std::to_string(outcome.code)
                             : outcome.error.substr(0, 600);
  }

  std::unique_ptr<testing::MoveMachine> machine_;
  std::string name_;
  std::string abi_;
};

}  // namespace omega::codegen::move
