// SPDX-License-Identifier: Apache-2.0
// What outsiders call a contract's entries by where a name is all they give.
#pragma once

#include <string>
#include <vector>

#include "omega/ir/contract.h"

namespace omega::codegen::llvm {

/// A name for each entry, by number, no two alike: the function's, with the types of its parameters behind it where several have that name
/// (`put_uint256_bytes32`); `constructor`, `receive`, `fallback`. Pure.
std::vector<std::string> entry_names(const ir::Contract& contract);

}  // namespace omega::codegen::llvm
