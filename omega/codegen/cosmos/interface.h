// SPDX-License-Identifier: Apache-2.0
// A contract's names as those outside see them on CosmWasm.
#pragma once

#include <string>
#include <vector>

#include "omega/ir/contract.h"

namespace omega::codegen::cosmos {

/// The contract with names that JSON, keys of the state and events can have: what is without a name has `argN`, no two variables or events have one name
/// (`NAME_2`), names of events have two letters at least, names of their arguments do not begin with `_`. Names of functions: codegen::entry_names. Pure.
ir::Contract with_outside_names(const ir::Contract& contract);

/// A name for each struct type, by type, no two alike; empty for other types. Pure.
std::vector<std::string> struct_names(const ir::Contract& contract);

}  // namespace omega::codegen::cosmos
