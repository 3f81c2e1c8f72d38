// SPDX-License-Identifier: Apache-2.0
// The modules at 0x1 that contracts of the Move target call.
#pragma once

#include <vector>

#include "omega/object/move_module.h"

namespace omega::testing {

/// signer, bcs, from_bcs, hash, keccak, aptos_hash, string, table, event, block, timestamp: as much as the Move target uses.
std::vector<object::move::Module> move_framework();

}  // namespace omega::testing
