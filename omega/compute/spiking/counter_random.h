// SPDX-License-Identifier: Apache-2.0
// Random numbers that are a function of a seed and a position, so that who asks, in which order and on how many threads changes nothing.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace omega::compute {

/// Philox4x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four words for a counter and a key.
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint64_t kMultiplier0 = 0xD2511F53;
  constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9;
  constexpr uint32_t kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = kMultiplier0 * counter[0];
    const uint64_t b = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b), static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(a)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

class RandomStream;

/// Calls `chosen(i)` for the numbers of {0, …, count - 1} that are drawn, each with `probability` and independent of the others, ascending: by jumps whose
/// lengths are geometric, so the work grows with what is chosen. Jump k is the stream's at (k, lane).
template <class Chosen>
void choose_each(const RandomStream& random, uint64_t count, double probability, uint32_t lane, Chosen&& chosen);

/// Numbers of one purpose under one seed: streams of different numbers are independent of each other. A value; any thread.
class RandomStream {
 public:
  RandomStream(uint64_t seed, uint32_t stream) : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}, stream_(stream) {}

  /// Four words at a position.
  [[nodiscard]] std::array<uint32_t, 4> words(uint64_t position, uint32_t lane = 0) const {
    return philox({static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32), lane, stream_}, key_);
  }
  /// Uniform in [0, 1), 53 bits.
  [[nodiscard]] double uniform(uint64_t position, uint32_t lane = 0) const {
    const auto w = words(position, lane);
    return uniform_of(w[0], w[1]);
  }
  /// Standard normal, by Box and Muller.
  [[nodiscard]] double normal(uint64_t position, uint32_t lane = 0) const {
    const auto w = words(position, lane);
    return std::sqrt(-2 * std::log(1 - uniform_of(w[0], w[1]))) * std::cos(2 * std::numbers::pi * uniform_of(w[2], w[3]));
  }
  /// Uniform in {0, …, count - 1}; its bias is below count / 2^64.
  [[nodiscard]] uint64_t below(uint64_t count, uint64_t position, uint32_t lane = 0) const {
    const auto w = words(position, lane);
    return static_cast<uint64_t>((static_cast<unsigned __int128>((static_cast<uint64_t>(w[0]) << 32) | w[1]) * count) >> 64);
  }

 private:
  static double uniform_of(uint32_t high, uint32_t low) { return static_cast<double>(((static_cast<uint64_t>(high) << 32) | low) >> 11) * 0x1p-53; }

  std::array<uint32_t, 2> key_;
  uint32_t stream_;
};

template <class Chosen>
void choose_each(const RandomStream& random, uint64_t count, double probability, uint32_t lane, Chosen&& chosen) {
  if (!(probability > 0)) {
    return;
  }
  const double rate = probability < 1 ? std::log1p(-probability) : 0;
  uint64_t at = 0;
  for (uint64_t k = 0; at < count; ++k, ++at) {
    if (probability < 1) {
      const double jump = std::floor(std::log1p(-random.uniform(k, lane)) / rate);
      if (jump >= static_cast<double>(count - at)) {
        return;
      }
      at += static_cast<uint64_t>(jump);
    }
    chosen(at);
  }
}

}  // namespace omega::compute
