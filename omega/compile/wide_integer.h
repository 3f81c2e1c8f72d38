// SPDX-License-Identifier: Apache-2.0
// Values of a graph as the runtime's integers of 256 bits.
#pragma once

#include "omega/graph/exec/value.h"
#include "omega/ir/ir.h"
#include "runtime/omega_runtime.h"

namespace omega::compile {

/// How the runtime names an integer type.
uint32_t runtime_type(ir::Type type);
/// A value of an integer type, of any width. Throws std::invalid_argument when it is another thing.
om_wide wide_of(const graph::Value& value, ir::Type type);
/// Back: a scalar up to 64 bits, else int64[4].
graph::Value value_of(const om_wide& wide, ir::Type type);

}  // namespace omega::compile
