// SPDX-License-Identifier: Apache-2.0
// Bytes to take digests of: what the tests of hashes share.
#pragma once

#include <cstddef>
#include <string>

namespace omega::base {

/// Bytes i % 251.
inline std::string counted_bytes(size_t length) {
  std::string bytes;
  for (size_t i = 0; i < length; ++i) {
    bytes += static_cast<char>(i % 251);
  }
  return bytes;
}

}  // namespace omega::base
