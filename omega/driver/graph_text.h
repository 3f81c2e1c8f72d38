// SPDX-License-Identifier: Apache-2.0
// The control flow of a program as a drawing.
#pragma once

#include <string>

#include "omega/base/interner.h"
#include "omega/ir/ir.h"

namespace omega::driver {

/// A drawing for Graphviz's `dot`: a box of blocks for each function, an arrow for each branch.
std::string graph_text(const ir::Module& module, const base::NameInterner& names);

}  // namespace omega::driver
