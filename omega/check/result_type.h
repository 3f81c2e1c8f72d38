// SPDX-License-Identifier: Apache-2.0
// How a Result<T> lies in memory. A null reference is the zero value: the error "no value".
#pragma once

#include <cstdint>

namespace omega::check {

inline constexpr uint32_t kResultOk = 0;       ///< u8: 1 when there is a value
inline constexpr uint32_t kResultError = 8;    ///< string; null when ok
inline constexpr uint32_t kResultErrors = 16;  ///< string[]; null: the one in kResultError alone
inline constexpr uint32_t kResultValue = 32;   ///< T; unset when there is none
/// Bytes of the object whose value takes `value_size` bytes.
constexpr uint32_t result_size(uint32_t value_size) { return kResultValue + (value_size + 7) / 8 * 8; }

}  // namespace omega::check
