// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/layout.h"

#include <gtest/gtest.h>

#include "omega/codegen/solana/idl.h"
#include "omega/codegen/solana/interface.h"
#include "omega/ir/contract.h"
#include "omega/ir/text.h"

namespace omega::codegen::solana {
namespace {

ir::Module module_of(const std::string& tables) {
  auto module = ir::parse_text("contract \"C\" {\n" + tables + "}\n");
  EXPECT_TRUE(module.has_value()) << (module.has_value() ? "" : module.error().message);
  return module.has_value() ? std::move(*module) : ir::Module();
}

TEST(Layout, ValuesTakeTheirNaturalSize) {
  const ir::Module module = module_of(
      "  type t0 = bool\n  type t1 = uint 24\n  type t2 = address\n  type t3 = int 72\n  type t4 = uint 256\n  type t5 = string\n"
      "  variable \"a\": t0\n  variable \"b\": t1\n  variable \"c\": t2\n  variable \"d\": t3\n  variable \"e\": t4\n  variable \"f\": t5\n  immutable \"g\": "
      "t1\n");
  const Layout layout = layout_of(*module.contract);
  EXPECT_EQ(layout.variable_offsets, (std::vector<uint32_t>{0, 1, 5, 29, 45, 77, 109}));
  EXPECT_EQ(layout.state_size, 113u);
  EXPECT_EQ(layout.too_large, "");
}

TEST(Layout, WhatHasAccountsOfItsOwnTakesAPlace) {
  const ir::Module module = module_of(
      "  type t0 = uint 64\n  type t1 = mapping t0 t0\n  type t2 = array t0\n  type t3 = fixed t0 64\n  type t4 = fixed t0 65\n"
      "  variable \"m\": t1\n  variable \"n\": t1\n  variable \"list\": t2\n  variable \"few\": t3\n  variable \"many\": t4\n  variable \"last\": t0\n");
  const Layout layout = layout_of(*module.contract);
  EXPECT_EQ(layout.variable_offsets, (std::vector<uint32_t>{0, 1, 2, 10, 522, 523}));
  EXPECT_EQ(layout.chunk_shifts, (std::vector<uint8_t>{kInPlace, kInPlace, 10, kInPlace, 10}));
}

TEST(Layout, StructsThatContainThemselves) {
  const ir::Module module = module_of(
      "  type t0 = uint 64\n  type t1 = array t2\n  type t2 = struct \"Node\" (value: t0, children: t1, byName: t3)\n  type t3 = mapping t0 t2\n  variable "
      "\"root\": t2\n");
  const Layout layout = layout_of(*module.contract);
  EXPECT_EQ(layout.state_size, 17u);
  EXPECT_EQ(layout.field_offsets, (std::vector<uint32_t>{0, 8, 16}));
  EXPECT_EQ(layout.chunk_shifts[1], 8);  // 256 of 17 bytes in 8 KiB
}

TEST(Layout, RefusesWhatNoAccountHolds) {
  std::string tables = "  type t0 = uint 256\n  type t1 = struct \"S\" (";
  for (int k = 0; k < 400; ++k) {
    tables += (k == 0 ? "f" : ", f") + std::to_string(k) + ": t0";
  }
  EXPECT_EQ(layout_of(*module_of(tables + ")\n  variable \"a\": t1\n").contract).too_large, "state variables");
  EXPECT_EQ(layout_of(*module_of(tables + ")\n  type t2 = mapping t0 t1\n  variable \"a\": t2\n").contract).too_large, "values of a mapping");
  EXPECT_EQ(layout_of(*module_of(tables + ")\n  type t2 = array t1\n  variable \"a\": t2\n").contract).too_large, "elements of an array");
}

TEST(Interface, DiscriminatorsAreAnchors) {
  // Of Anchor's own programs: `global:initialize`.
  EXPECT_EQ(discriminator("global", "initialize"), std::string("\xaf\xaf\x6d\x1f\x0d\x98\x9b\xed", 8));
  EXPECT_EQ(discriminator_number("global", "initialize"), 0xed9b980d1f6dafafu);
}

TEST(Interface, NamesAreUnique) {
  const ir::Module module = module_of(
      "  type t0 = uint 256\n  type t1 = bool\n  type t2 = struct \"Set\" (a: t0)\n  event \"Set\" (a: t0)\n  event \"Set\" (a: t1)\n  event \"State\" (a: "
      "t0)\n");
  const Interface interface = interface_of(*module.contract);
  EXPECT_EQ(interface.events, (std::vector<std::string>{"Set_uint256", "Set_bool", "State2"}));
  EXPECT_EQ(interface.structs.at(2), "Set");
}

TEST(Idl, HasTheConstructorAndTheTypes) {
  const ir::Module module = module_of("  type t0 = uint 24\n  type t1 = bytes 4\n  error \"Bad\" (a: t0, b: t1)\n  event \"Seen\" (a: t0 indexed, b: t1)\n");
  const std::string idl = idl_json(module, interface_of(*module.contract), layout_of(*module.contract));
  EXPECT_NE(idl.find(R"("name":"constructor")"), std::string::npos);
  EXPECT_NE(idl.find(R"json({"code":6000,"name":"Bad","msg":"Bad(uint24,bytes4)"})json"), std::string::npos);
  EXPECT_NE(
      idl.find(
          R"json({"name":"Seen","docs":["Seen(uint24,bytes4)"],"type":{"kind":"struct","fields":[{"name":"a","type":"u32"},{"name":"b","type":{"array":["u8",4]}}]}})json"),
      std::string::npos)
      << idl;
}

}  // namespace
}  // namespace omega::codegen::solana
