// SPDX-License-Identifier: Apache-2.0
// Running a program that exists only in memory.
#pragma once

#include <cstdint>
#include <span>

#include "omega/base/result.h"

namespace omega::sys {

/// Replaces this process by the static executable whose bytes are `image`, as execve would; `name` is what the system shows for it. `argv` and `envp` end
/// with null. Returns only when that fails.
base::Result<void> execute_in_memory(std::span<const std::span<const uint8_t>> image, const char* name, char* const* argv, char* const* envp);

}  // namespace omega::sys
