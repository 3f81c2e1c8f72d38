// SPDX-License-Identifier: Apache-2.0
// Values as bytes, for other processes on the same machine.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "omega/graph/exec/value.h"

namespace omega::graph {

/// Bytes that write_value() needs. Throws std::invalid_argument for objects, which cannot leave the process, and for lists in lists more
/// than 64 deep.
size_t wire_size(const Value& value);
/// Writes to `at` and moves it behind.
void write_value(const Value& value, std::byte*& at);
/// Reads what write_value() wrote and moves `at` behind. Trusts the bytes.
Value read_value(const std::byte*& at);

}  // namespace omega::graph
