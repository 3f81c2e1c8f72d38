// SPDX-License-Identifier: Apache-2.0
// One contract in the interpreter and compiled through LLVM for this machine.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "omega/base/hexadecimal.h"
#include "omega/interp/contract_machine.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "test/contracts/host_machine.h"

namespace omega::contract_tests {

/// The contract of IR's text on both machines, made without arguments; calls must answer alike.
class Both {
 public:
  explicit Both(const std::string& text) {
    auto module = ir::parse_text(text);
    EXPECT_TRUE(module) << text;
    EXPECT_EQ(ir::verify(*module), "");
    auto shared = std::make_shared<const ir::Module>(std::move(*module));
    diag::Sink sink;
    std::string error;
    EXPECT_TRUE(host_.load(*shared, sink, error)) << error << (sink.has_errors() ? sink.diagnostics()[0].message() : "");
    address_ = interpreter_.deploy(std::make_shared<const interp::ContractCode>(shared), sender_, interp::word_of(0), "").address;
  }

  /// Whether the call went well.
  bool call(std::string_view data) {
    const interp::ContractOutcome expected = interpreter_.call(address_, sender_, interp::word_of(0), data);
    const CallOutcome got = host_.call(sender_, interp::word_of(0), {}, data, false);
    EXPECT_EQ(got.success, expected.success) << base::hexadecimal(data);
    EXPECT_EQ(base::hexadecimal(got.data), base::hexadecimal(expected.data)) << base::hexadecimal(data);
    EXPECT_EQ(got.logs.size(), expected.logs.size()) << base::hexadecimal(data);
    for (size_t i = 0; i < std::min(got.logs.size(), expected.logs.size()); ++i) {
      EXPECT_EQ(base::hexadecimal(got.logs[i].data), base::hexadecimal(expected.logs[i].data)) << base::hexadecimal(data);
      EXPECT_EQ(got.logs[i].topics.size(), expected.logs[i].topics.size());
      for (size_t k = 0; k < std::min(got.logs[i].topics.size(), expected.logs[i].topics.size()); ++k) {
        EXPECT_EQ(base::hexadecimal(got.logs[i].topics[k]), base::hexadecimal(interp::word_bytes(expected.logs[i].topics[k]))) << base::hexadecimal(data);
      }
    }
    return expected.success;
  }

 private:
  interp::ContractMachine interpreter_;
  HostMachine host_;
  interp::Address sender_ = interp::word_of(0xa11ce);
  interp::Address address_{};
};

}  // namespace omega::contract_tests
