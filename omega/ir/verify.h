// SPDX-License-Identifier: Apache-2.0
// The IR's rules, checked.
#pragma once

#include <string>

#include "omega/ir/ir.h"

namespace omega::ir {

/// What is wrong with the module: one line a mistake (`f: %12 add: …`), at most some dozens; empty when nothing is. Looks at every
/// function, types, operands, dominance, blocks, loops, calls. Safe on any module whose arrays exist. Pure; any thread.
std::string verify(const Module& module);

/// The same for one function, whose calls are looked up in `module`; a contract's tables must be as the other verify() accepts them.
std::string verify(const Module& module, const Function& function);

}  // namespace omega::ir
