// SPDX-License-Identifier: Apache-2.0
// What those outside call a contract's functions, events and structs on Solana.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "omega/ir/contract.h"

namespace omega::codegen::solana {

/// Names, no two alike of one kind. Where several events have one name, the types of their arguments stand behind it.
struct Interface {
  std::vector<std::string> entries;               ///< by number; see codegen::entry_names
  std::vector<std::string> events;                ///< by number
  std::map<ir::DataTypeId, std::string> structs;  ///< of all struct types; no event has one of these names
};

/// The name of the instruction that makes the contract. It is a word of Solidity, so no function has it.
inline constexpr std::string_view kConstructor = "constructor";

Interface interface_of(const ir::Contract& contract);

/// Anchor's: the first eight bytes of the SHA-256 of `space` (`global`, `event`, `account`), a colon and the name.
std::string discriminator(std::string_view space, std::string_view name);
/// The same as a number, the first byte the least significant.
uint64_t discriminator_number(std::string_view space, std::string_view name);

}  // namespace omega::codegen::solana
