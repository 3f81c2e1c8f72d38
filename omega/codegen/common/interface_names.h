// SPDX-License-Identifier: Apache-2.0
// What outsiders call a contract's entries by where a name is all they give.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "omega/ir/contract.h"
#include "omega/ir/ir.h"

namespace omega::codegen {

/// A name for each entry, by number, no two alike: the function's, with the types of its parameters behind it where several have that name
/// (`put_uint256_bytes32`); `constructor`, `receive`, `fallback`. Pure.
std::vector<std::string> entry_names(const ir::Contract& contract);

/// A type's name without that of the contract that declares it, for chains whose types have no owners. Pure.
std::string_view short_name(const ir::DataType& type);

/// Of every function of a contract's module, by number, whether it, or what it calls, asks for the sender. Pure.
std::vector<uint8_t> sender_readers(const ir::Module& module);

}  // namespace omega::codegen
