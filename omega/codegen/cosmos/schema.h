// SPDX-License-Identifier: Apache-2.0
// What callers need, in the form that cosmwasm-schema writes. Source: cosmwasm-schema, idl.rs (version 1.0.0); JSON Schema, draft 7.
#pragma once

#include <string>
#include <string_view>

#include "omega/ir/ir.h"

namespace omega::codegen::cosmos {

/// The messages of a contract and their answers as JSON Schema. `named` is module.contract with_outside_names. Beside cosmwasm-schema's keys there is `omega`:
/// the denomination of value, functions and events with their names in Solidity, results of execute, and the ABI as solc writes it. Pure.
std::string schema_json(const ir::Module& module, const ir::Contract& named, std::string_view denomination);

}  // namespace omega::codegen::cosmos
