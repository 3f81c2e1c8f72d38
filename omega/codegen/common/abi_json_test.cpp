// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/common/abi_json.h"

#include <gtest/gtest.h>

#include "omega/ir/text.h"

namespace omega::codegen {
namespace {

std::string abi_of(std::string_view rows) {
  const auto module = ir::parse_text("contract \"C\" {\n" + std::string(rows) + "}\nfunction \"f\"() -> () {\nb0:\n ret\n}\n");
  EXPECT_TRUE(module.has_value()) << module.error().message;
  return abi_json(*module->contract);
}

TEST(AbiJson, OrderAndKeys) {
  EXPECT_EQ(abi_of(""), "[]");
  EXPECT_EQ(abi_of(" type t0 = uint 256\n type t1 = address\n type t2 = string\n event \"E\" (a: t0, b: t1 indexed)\n error \"Z\" (t0)\n error \"Error\" (t2)\n"
                   " function \"g\" view () -> (t0) = \"f\"\n function \"f\" nonpayable (x: t0) = \"f\"\n constructor payable (t1) = \"f\"\n"
                   " receive payable () = \"f\"\n fallback nonpayable () = \"f\"\n"),
            R"([{"inputs":[{"internalType":"address","name":"","type":"address"}],"stateMutability":"payable","type":"constructor"},)"
            R"({"inputs":[{"internalType":"uint256","name":"","type":"uint256"}],"name":"Z","type":"error"},)"
            R"({"anonymous":false,"inputs":[{"indexed":false,"internalType":"uint256","name":"a","type":"uint256"},)"
            R"({"indexed":true,"internalType":"address","name":"b","type":"address"}],"name":"E","type":"event"},)"
            R"({"stateMutability":"nonpayable","type":"fallback"},)"
            R"({"inputs":[{"internalType":"uint256","name":"x","type":"uint256"}],"name":"f","outputs":[],"stateMutability":"nonpayable","type":"function"},)"
            R"({"inputs":[],"name":"g","outputs":[{"internalType":"uint256","name":"","type":"uint256"}],"stateMutability":"view","type":"function"},)"
            R"({"stateMutability":"payable","type":"receive"}])");
}

TEST(AbiJson, FunctionsOfOneNameStandBySelector) {
  const std::string abi = abi_of(
      " type t0 = address\n type t1 = uint 256\n type t2 = bool\n function \"f\" nonpayable (t0) = \"f\"\n"
      " function \"f\" nonpayable (t1) = \"f\"\n function \"f\" nonpayable (t2) = \"f\"\n");
  // f(bool) is 0x98c3a6c1, f(uint256) 0xb3de648b, f(address) 0xfc68521a.
  EXPECT_LT(abi.find("\"type\":\"bool\""), abi.find("\"type\":\"uint256\""));
  EXPECT_LT(abi.find("\"type\":\"uint256\""), abi.find("\"type\":\"address\""));
}

TEST(AbiJson, ImplicitConstructorIsLeftOut) {
  EXPECT_EQ(abi_of(" constructor nonpayable () implicit = \"f\"\n"), "[]");
  EXPECT_EQ(abi_of(" constructor nonpayable () = \"f\"\n"), R"([{"inputs":[],"stateMutability":"nonpayable","type":"constructor"}])");
}

TEST(AbiJson, StructsAndNamedTypes) {
  EXPECT_EQ(
      abi_of(" type t0 = int 8 \"Small\"\n type t1 = struct \"C.P\" (a: t0, b: t3)\n type t2 = array t4\n type t3 = enum \"Kind\" 3\n type t4 = fixed t1 2\n"
             " type t5 = address \"contract Token\"\n function \"f\" pure (x: t2) -> (t5) = \"f\"\n"),
      R"([{"inputs":[{"components":[{"internalType":"Small","name":"a","type":"int8"},{"internalType":"enum Kind","name":"b","type":"uint8"}],)"
      R"("internalType":"struct C.P[2][]","name":"x","type":"tuple[2][]"}],"name":"f",)"
      R"("outputs":[{"internalType":"contract Token","name":"","type":"address"}],"stateMutability":"pure","type":"function"}])");
}

}  // namespace
}  // namespace omega::codegen
