// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal digits and back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace omega::base {

/// Two digits a byte, lower case, without a prefix. Pure.
std::string hexadecimal(std::span<const uint8_t> bytes);
std::string hexadecimal(std::string_view bytes);

/// The bytes that digits of either case stand for, two each; with an odd number of them the first stands alone. Nothing when something else is among them.
/// Pure.
std::optional<std::string> bytes_of_hexadecimal(std::string_view digits);

}  // namespace omega::base
