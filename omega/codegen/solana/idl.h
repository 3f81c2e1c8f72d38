// SPDX-License-Identifier: Apache-2.0
// What callers need, as Anchor's clients read it. Source: anchor-lang-idl-spec, version 0.1.0 (Anchor's idl/spec).
#pragma once

#include <string>

#include "omega/codegen/solana/interface.h"
#include "omega/codegen/solana/layout.h"
#include "omega/ir/ir.h"

namespace omega::codegen::solana {

/// The IDL of a contract as JSON. `address` is that of the system program, for nobody knows yet where the program will be; clients put theirs in its
/// place. Beside Anchor's keys there is `solidity`, the ABI as solc writes it. Pure.
std::string idl_json(const ir::Module& module, const Interface& interface, const Layout& layout);

}  // namespace omega::codegen::solana
