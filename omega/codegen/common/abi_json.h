// SPDX-License-Identifier: Apache-2.0
// The ABI of a contract as JSON. Source: Solidity documentation, "Contract ABI Specification", section JSON.
#pragma once

#include <string>

#include "omega/ir/contract.h"

namespace omega::codegen {

/// One line: a list of the constructor, errors, events, fallback, functions and receive, each kind by name and functions of one name by selector, as solc
/// orders them. What the language has itself (`Error(string)`) and a constructor that nobody wrote are left out. Pure.
std::string abi_json(const ir::Contract& contract);

}  // namespace omega::codegen
