// SPDX-License-Identifier: Apache-2.0
// Random arrays, and every instruction set and thread count in turn, for the tests of kernels.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/instruction_set.h"
#include "omega/task/scheduler.h"

namespace omega::compute::testing {

/// Runs `check()` with the loops of each instruction set that the processor has, then chooses the best again.
template <class Check>
void with_every_instruction_set(Check&& check) {
  for (int set = 0; set <= static_cast<int>(best_instruction_set()); ++set) {
    use_instruction_set(static_cast<InstructionSet>(set));
    SCOPED_TRACE(name_of(instruction_set()));
    check();
  }
  use_instruction_set(best_instruction_set());
}

/// Runs `check(scheduler)` on 1, 2 and 5 threads.
template <class Check>
void with_thread_counts(Check&& check) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    SCOPED_TRACE(threads);
    task::Scheduler scheduler(threads);
    check(scheduler);
  }
}

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
