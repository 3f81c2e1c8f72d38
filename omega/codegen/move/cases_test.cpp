// SPDX-License-Identifier: Apache-2.0
// Every contract of the conformance suite: the VM's verifier accepts its module, or it is refused by name. Limits and refusals.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "omega/check/contract/contract_testing.h"
#include "omega/codegen/move/move_testing.h"
#include "omega/object/move_writer.h"

namespace omega::codegen::move {
namespace {

std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(OMEGA_SOURCE_ROOT) + "/test/contracts/cases")) {
    if (entry.path().extension() == ".sol") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(MoveCases, AreAcceptedByTheVerifierOrRefusedByName) {
  auto machine = testing::MoveMachine::load();
  ASSERT_TRUE(machine.has_value()) << base::describe(machine.error());
  Options options;
  options.address = object::move::small_address(0x42);
  uint32_t accepted = 0;
  uint32_t refused = 0;
  for (const std::filesystem::path& file : cases()) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    const check::CheckedContracts checked({{file.string(), text.str()}});
    for (const std::shared_ptr<ir::Module>& module : checked.modules) {
      if (checked.sink.has_errors()) {
        continue;  // what the front end has not got yet
      }
      diag::Sink sink;
      const auto made = emit(*module, options, sink);
      if (!made.has_value()) {
        ++refused;
        ASSERT_TRUE(sink.has_errors()) << file;
        for (const diag::Diagnostic& one : sink.diagnostics()) {
          EXPECT_EQ(one.kind, diag::Kind::NotOnMove) << file;
        }
        continue;
      }
      ++accepted;
      ASSERT_TRUE((*machine)->publish(made->module).has_value()) << file;
      // A function that is not there is looked for in the verified module.
      const std::string error = (*machine)->call(options.address, options.address, module->contract->name, "nowhere", {}).error;
      EXPECT_NE(error.find("FUNCTION_RESOLUTION_FAILURE"), std::string::npos) << file << ": " << error.substr(0, 800);
    }
  }
  EXPECT_GT(accepted, 150u);
  EXPECT_GT(refused, 10u);
}

TEST(MoveCases, ArtifactsAreTheSameEachTime) {
  const auto module = ir::parse_text(
      "contract \"C\" {\n  type t0 = string\n  variable \"s\": t0\n  function \"get\" view () -> (t0) = \"get\"\n}\n"
      "function \"get\"() -> (ref) at 0 {\nb0:\n  %v = state.variable ref 0\n  %s = state.get ref %v, t0\n  ret (%s)\n}\n");
  ASSERT_TRUE(module.has_value());
  diag::Sink sink;
  const auto first = emit(*module, {}, sink);
  const auto second = emit(*module, {}, sink);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->module, second->module);
  EXPECT_EQ(first->abi_json, second->abi_json);
}

/// What is said of a contract whose only function has this body.
std::string refusal_of(const std::string& body) {
  const auto module = ir::parse_text("contract \"C\" {\n  function \"f\" nonpayable () = \"f\"\n}\nfunction \"f\"() -> () at 0 {\nb0:\n" + body + "  ret\n}\n");
  if (!module.has_value()) {
    return module.error().message;
  }
  diag::Sink sink;
  return emit(*module, {}, sink).has_value() ? "accepted" : sink.diagnostics().front().message();
}

TEST(MoveCases, WhatMoveCannotDoIsNamed) {
  EXPECT_EQ(refusal_of("  %v = message u256 Value\n  %z = add checked u256 %v, %v\n"), "the move target cannot do `msg.value`");
  EXPECT_EQ(refusal_of("  %a = message u160 Self\n  %b = balance u256 %a\n  %z = add checked u256 %b, %b\n"), "the move target cannot do an account's balance");
  EXPECT_EQ(refusal_of("  %a = message u160 Self\n  %d = const.string ref \"x\"\n  %r = call.raw u1 Delegate, %a, value _, gas _, %d\n"),
            "the move target cannot do a call by address");
  EXPECT_EQ(refusal_of("  %a = message u160 Self\n  %z = add checked u160 %a, %a\n"), "accepted");
}

}  // namespace
}  // namespace omega::codegen::move
