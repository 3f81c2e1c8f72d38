// SPDX-License-Identifier: Apache-2.0
// A Move module as text, for tests and for people.
#pragma once

#include <string>

#include "omega/object/move_module.h"

namespace omega::object::move {

/// Structs and functions with their code, names in place of indices. The module's indices must be in range, as read() leaves them.
std::string dump(const Module& module);

}  // namespace omega::object::move
