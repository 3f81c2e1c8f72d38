// SPDX-License-Identifier: Apache-2.0
// Bytes as a Move module.
#pragma once

#include <string_view>

#include "omega/base/result.h"
#include "omega/object/move_module.h"

namespace omega::object::move {

/// Most types inside each other: the VM refuses deeper ones.
inline constexpr uint32_t kMaxTypeDepth = 256;

/// Reads any bytes. The error says what is wrong. What comes back has every index in range, and write() gives back the same bytes as
/// far as numbers and tables are written as write() does; what the code means is not checked.
base::Result<Module> read(std::string_view bytes);

}  // namespace omega::object::move
