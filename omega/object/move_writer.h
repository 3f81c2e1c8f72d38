// SPDX-License-Identifier: Apache-2.0
// A Move module as bytes.
#pragma once

#include <string>

#include "omega/object/move_module.h"

namespace omega::object::move {

/// The module's binary form, version 6. Tables that are empty are left out. The module's indices are taken as they are.
std::string write(const Module& module);

}  // namespace omega::object::move
