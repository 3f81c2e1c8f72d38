// SPDX-License-Identifier: Apache-2.0
// Writing bytes that lie in many places.
#pragma once

#include <cstdint>
#include <span>

namespace omega::sys {

/// Writes all pieces, in order, to an open file. 0 or the errno; something may have been written then. Thread-safe for distinct files.
int write_pieces(int descriptor, std::span<const std::span<const uint8_t>> pieces);

}  // namespace omega::sys
