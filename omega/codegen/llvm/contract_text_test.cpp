// SPDX-License-Identifier: Apache-2.0
// Texts of contracts; what they mean is tested by running them (test/contracts, machine llvm_host).
#include "omega/codegen/llvm/contract_text.h"

#include <gtest/gtest.h>

#include "omega/base/check.h"
#include "omega/codegen/common/interface_names.h"
#include "omega/ir/contract.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::codegen::llvm {
namespace {

constexpr ChainTarget kPoor = {.name = "Poor", .triple = "bpfel", .data_layout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"};

/// A contract whose function `f` has these instructions; t0 is uint 256, t1 address, t2 bytes.
ir::Module module_with(const std::string& instructions, const std::string& rows = "") {
  const std::string text = "contract \"C\" {\n  type t0 = uint 256\n  type t1 = address\n  type t2 = bytes\n" + rows +
                           "  function \"f\" nonpayable (a: t0, b: t1, c: t2) = \"f\"\n}\nfunction \"f\"(u256, u160, ref) -> () at 0 {\nb0:\n" +
                           "  %a = param u256 0\n  %b = param u160 1\n  %c = param ref 2\n" + instructions + "}\n";
  auto module = ir::parse_text(text);
  OMEGA_CHECK(module, "the test's IR is right");
  EXPECT_EQ(ir::verify(*module), "") << text;
  return std::move(*module);
}

std::string refusals(const ir::Module& module, const ChainTarget& target) {
  diag::Sink sink;
  EXPECT_FALSE(contract_text(module, target, sink));
  std::string all;
  for (const diag::Diagnostic& one : sink.diagnostics()) {
    all += std::to_string(one.span.begin) + " " + one.message() + "\n";
  }
  return all;
}

TEST(ContractText, RefusesWhatTheChainHasNot) {
  EXPECT_EQ(refusals(module_with("  %x = balance u256 %b @7\n  ret\n"), kPoor), "7 the Poor target cannot do an account's balance\n");
  EXPECT_EQ(refusals(module_with("  %x = hash u160 %c, Ripemd160 @8\n  ret\n"), kPoor), "8 the Poor target cannot do `ripemd160`\n");
  EXPECT_EQ(refusals(module_with("  %x = message u160 Sender @9\n  ret\n"), kPoor), "9 the Poor target cannot do `msg.sender`\n");
  EXPECT_EQ(refusals(module_with("  %x = message u256 GasLeft @9\n  ret\n"), kPoor), "9 the Poor target cannot do `gasleft()`\n");
  EXPECT_EQ(refusals(module_with("  %x = code.size u256 %b @3\n  ret\n"), kPoor), "3 the Poor target cannot do the code of an address\n");
  EXPECT_EQ(refusals(module_with("  %x = call.raw u1 Call, %b, value _, gas _, %c @4\n  ret\n"), kPoor), "4 the Poor target cannot do a call by address\n");
}

TEST(ContractText, DoesWhatTheChainHas) {
  ChainTarget rich = kPoor;
  rich.message_fields = 1u << static_cast<uint32_t>(ir::MessageField::Sender);
  rich.has_balance = true;
  rich.has_ripemd160 = true;
  diag::Sink sink;
  const auto text = contract_text(module_with("  %s = message u160 Sender\n  %x = balance u256 %s\n  %h = hash u160 %c, Ripemd160\n  ret\n"), rich, sink);
  ASSERT_TRUE(text) << sink.diagnostics()[0].message();
  EXPECT_NE(text->find("call i64 @chain_balance("), std::string::npos);
  EXPECT_NE(text->find("call void @chain_hash_ripemd160("), std::string::npos);
  EXPECT_NE(text->find("call i64 @chain_message(i32 0,"), std::string::npos);
}

TEST(ContractText, LeavesOutWhatNoEntryReaches) {
  ir::Module module = module_with("  ret\n");
  auto more = ir::parse_text("function \"dead\"(u160) -> () at 0 {\nb0:\n  %b = param u160 0\n  ret\n}\n");
  ASSERT_TRUE(more);
  module.functions.push_back(std::move(more->functions[0]));
  diag::Sink sink;
  const auto text = contract_text(module, kPoor, sink);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("@f0("), std::string::npos);
  EXPECT_EQ(text->find("@f1("), std::string::npos);
}

TEST(ContractText, NamesAreTextWhateverTheyHold) {
  const ir::Module module = module_with("  %s = const.string ref \"a\\\"\\x00\\\\z\"\n  %e = data.encode ref Packed (%s: t2)\n  ret\n");
  diag::Sink sink;
  const auto text = contract_text(module, kPoor, sink);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("c\"a\\22\\00\\5Cz\""), std::string::npos) << *text;
}

TEST(InterfaceNames, TellOverloadsApart) {
  ir::Contract contract;
  contract.types = {ir::DataType{.kind = ir::DataKind::Unsigned, .bits = 256, .name = {}}, ir::DataType{.kind = ir::DataKind::Array, .element = 0, .name = {}}};
  contract.fields = {{.name = "a", .type = 0}, {.name = "b", .type = 1}};
  contract.entries = {{.name = "put", .params = {0, 1}, .results = {}},
                      {.name = "put", .params = {1, 1}, .results = {}},
                      {.name = "put_uint256", .params = {0, 1}, .results = {}},
                      {.kind = ir::EntryKind::Constructor, .name = "", .params = {}, .results = {}}};
  EXPECT_EQ(entry_names(contract), (std::vector<std::string>{"put_uint256", "put_uint256_array", "put_uint256_", "constructor"}));
}

}  // namespace
}  // namespace omega::codegen::llvm
