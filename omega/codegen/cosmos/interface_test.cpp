// SPDX-License-Identifier: Apache-2.0
// Names that JSON, keys of the state and events can have.
#include "omega/codegen/cosmos/interface.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "omega/codegen/cosmos/emit_cosmos.h"

namespace omega::codegen::cosmos {
namespace {

using Names = std::vector<std::string>;

/// A contract with one function, an event and an error for each list of names.
ir::Contract contract_of(const std::vector<Names>& functions, const std::vector<std::pair<std::string, Names>>& events) {
  ir::Contract contract;
  ir::DataType number;
  number.kind = ir::DataKind::Unsigned;
  number.bits = 256;
  contract.types.push_back(number);
  const auto fields = [&](const Names& names) {
    const ir::DataFields list{static_cast<uint32_t>(contract.fields.size()), static_cast<uint32_t>(names.size())};
    for (const std::string& name : names) {
      contract.fields.push_back({name, 0});
    }
    return list;
  };
  for (const Names& names : functions) {
    const ir::DataFields list = fields(names);
    contract.entries.push_back({ir::EntryKind::Function, ir::Mutability::View, false, "f", list, {}, 0});
  }
  for (const auto& [name, names] : events) {
    contract.events.push_back({name, fields(names)});
  }
  return contract;
}

Names field_names(const ir::Contract& contract, ir::DataFields list) {
  Names names;
  for (uint32_t k = 0; k < list.count; ++k) {
    names.push_back(contract.fields[list.first + k].name);
  }
  return names;
}

TEST(CosmosInterface, WhatHasNoNameGetsOne) {
  const ir::Contract named = with_outside_names(contract_of({{"", "a", ""}, {"arg1", ""}, {"_a", "_"}}, {}));
  EXPECT_EQ(field_names(named, named.entries[0].params), (Names{"arg0", "a", "arg2"}));
  EXPECT_EQ(field_names(named, named.entries[1].params), (Names{"arg1", "arg1_2"}));
  EXPECT_EQ(field_names(named, named.entries[2].params), (Names{"_a", "_"}));
}

TEST(CosmosInterface, EventsHaveNamesThatChainsTake) {
  const ir::Contract named = with_outside_names(contract_of({}, {{"E", {"_from", "arg_from", ""}}, {"Sent", {"a"}}, {"Sent", {"b"}}, {"event_E", {}}}));
  EXPECT_EQ(named.events[0].name, "event_E");
  EXPECT_EQ(named.events[1].name, "Sent");
  EXPECT_EQ(named.events[2].name, "Sent_2");
  EXPECT_EQ(named.events[3].name, "event_E_2");
  EXPECT_EQ(field_names(named, named.events[0].arguments), (Names{"arg_from_2", "arg_from", "arg2"}));
}

TEST(CosmosInterface, VariablesOfOneNameAreToldApart) {
  ir::Contract contract = contract_of({}, {});
  contract.variables = {{"x", 0}, {"x", 0}, {"x_2", 0}};
  contract.immutables = {{"x", 0}};
  const ir::Contract named = with_outside_names(contract);
  EXPECT_EQ(named.variables[0].name, "x");
  EXPECT_EQ(named.variables[1].name, "x_2");
  EXPECT_EQ(named.variables[2].name, "x_2_2");
  EXPECT_EQ(named.immutables[0].name, "x_3");
}

TEST(CosmosInterface, Denominations) {
  for (const char* good : {"stake", "uatom", "ibc/27394FB092D2ECCD56123C74F36E4C1F", "factory/osmo1/x.y-z_1", "abc"}) {
    EXPECT_TRUE(is_denomination(good)) << good;
  }
  for (const char* bad : {"", "ab", "1ab", "a b", "abc\"", "ab\\", "üabc"}) {
    EXPECT_FALSE(is_denomination(bad)) << bad;
  }
}

}  // namespace
}  // namespace omega::codegen::cosmos
