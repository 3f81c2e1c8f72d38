// SPDX-License-Identifier: Apache-2.0
// Keccak-256 as Ethereum uses it: the submission's padding (0x01), not that of the later SHA-3 standard.
// Source: G. Bertoni, J. Daemen, M. Peeters, G. Van Assche, "The Keccak reference", version 3.0, 2011; rate 1088, capacity 512.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace omega::base {

using Keccak256Digest = std::array<uint8_t, 32>;

/// The hash of any bytes. Pure; any thread.
Keccak256Digest keccak256(std::string_view bytes);

/// SHA3-256 (FIPS 202): the same but for the padding.
Keccak256Digest sha3_256(std::string_view bytes);

/// The first four bytes of the hash, the first the most significant: selectors of functions and errors.
uint32_t keccak256_selector(std::string_view signature);

}  // namespace omega::base
