// SPDX-License-Identifier: Apache-2.0
// The codes that a contract's module aborts with. Solidity's panics keep their numbers, which lie below 0x100.
#pragma once

#include <cstdint>

namespace omega::codegen::move {

/// Error k of the contract's table is kErrorCode + k.
inline constexpr uint64_t kErrorCode = 0x1'0000;
/// `Error(string)` with a constant message: kMessageCode + its number among the contract's messages.
inline constexpr uint64_t kMessageCode = 0x2'0000;
/// A revert without data, as arguments out of range are too.
inline constexpr uint64_t kPlainCode = 0x3'0000;
/// `revert.data`.
inline constexpr uint64_t kDataCode = 0x3'0001;
/// The constructor called by another account than the module's own.
inline constexpr uint64_t kNotPublisherCode = 0x3'0002;
/// The constructor called a second time.
inline constexpr uint64_t kMadeBeforeCode = 0x3'0003;

/// Codes of Solidity's panics.
inline constexpr uint64_t kOverflowPanic = 0x11;
inline constexpr uint64_t kDivisionPanic = 0x12;
inline constexpr uint64_t kEnumPanic = 0x21;
inline constexpr uint64_t kIndexPanic = 0x32;
inline constexpr uint64_t kLengthPanic = 0x41;

}  // namespace omega::codegen::move
