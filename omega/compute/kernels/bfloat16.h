// SPDX-License-Identifier: Apache-2.0
// bfloat16 numbers, the upper halves of float32, and the one order in which their products are summed.
//
// A current is the sum of its blocks of 32 presynaptic numbers, ascending, from 0: the inputs, filled up with zeros to whole blocks, then the neurons, filled
// up likewise. A block is the sum of two chains from 0, that of its products of even numbers and that of odd ones, each product added with one rounding. That
// is what TDPBF16PS does (Intel's manual of instructions), in float32, to the nearest, ties to even. It also takes subnormals for 0; numbers below
// kLeastBfloat16 are 0 here, so that all products and sums are multiples of 2^-124 and none is subnormal. What is 0 may be left out where the other factor is
// finite.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace omega::compute {

/// Smaller magnitudes are 0.
inline constexpr float kLeastBfloat16 = 0x1p-55F;
/// Presynaptic numbers of a block.
inline constexpr int64_t kBfloat16Block = 32;
/// `count` filled up to whole blocks.
constexpr int64_t in_whole_blocks(int64_t count) { return (count + kBfloat16Block - 1) / kBfloat16Block * kBfloat16Block; }

/// The nearest bfloat16, ties to even; 0 below kLeastBfloat16; no number stays none.
inline uint16_t to_bfloat16(float number) {
  const auto bits = std::bit_cast<uint32_t>(number);
  if (std::isnan(number)) {
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  }
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (rounded & 0x7fff) < std::bit_cast<uint32_t>(kLeastBfloat16) >> 16 ? 0 : static_cast<uint16_t>(rounded);
}

inline float from_bfloat16(uint16_t number) { return std::bit_cast<float>(static_cast<uint32_t>(number) << 16); }

}  // namespace omega::compute
