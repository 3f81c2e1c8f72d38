// SPDX-License-Identifier: Apache-2.0
// Hashes that contracts may ask for beside Keccak-256.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace omega::base {

using Sha256Digest = std::array<uint8_t, 32>;
using Ripemd160Digest = std::array<uint8_t, 20>;

/// Source: FIPS 180-4, "Secure Hash Standard". Pure; any thread.
Sha256Digest sha256(std::string_view bytes);

/// Source: H. Dobbertin, A. Bosselaers, B. Preneel, "RIPEMD-160: A Strengthened Version of RIPEMD", 1996. Pure; any thread.
Ripemd160Digest ripemd160(std::string_view bytes);

}  // namespace omega::base
