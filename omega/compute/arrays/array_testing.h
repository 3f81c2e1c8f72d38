// SPDX-License-Identifier: Apache-2.0
// Random elements of arrays, and single spikes, for tests.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "omega/compute/arrays/spikes.h"

namespace omega::compute::testing {

inline bool spike(const SpikeArray& spikes, int64_t row, int64_t column) { return (spikes.row(row)[column / 64] >> (column % 64) & 1) != 0; }

class RandomNumbers {
 public:
  explicit RandomNumbers(uint32_t seed) : random_(seed) {}

  /// Evenly from -1 to 1.
  template <class T>
  std::vector<T> uniform(int64_t count) {
    std::uniform_real_distribution<double> distribution(-1, 1);
    return made<T>(count, [&] { return static_cast<T>(distribution(random_)); });
  }
  /// 1 with the given probability, else 0.
  template <class T>
  std::vector<T> spikes(int64_t count, double density) {
    std::bernoulli_distribution distribution(density);
    return made<T>(count, [&] { return static_cast<T>(distribution(random_)); });
  }
  /// Evenly from -1 to 1 with the given probability, else 0.
  template <class T>
  std::vector<T> sparse(int64_t count, double density) {
    std::uniform_real_distribution<double> distribution(-1, 1);
    std::bernoulli_distribution kept(density);
    return made<T>(count, [&] { return kept(random_) ? static_cast<T>(distribution(random_)) : T{0}; });
  }
  int64_t between(int64_t lowest, int64_t highest) { return std::uniform_int_distribution<int64_t>(lowest, highest)(random_); }

 private:
  template <class T, class Make>
  std::vector<T> made(int64_t count, Make make) {
    std::vector<T> values(static_cast<size_t>(count));
    for (T& value : values) {
      value = make();
    }
    return values;
  }

  std::mt19937 random_;
};

}  // namespace omega::compute::testing
