// SPDX-License-Identifier: Apache-2.0
// Work of all kinds, mixed at random, with pauses that shake the schedule: what the stress test and the stress program run.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "omega/base/check.h"
#include "omega/task/fork_join.h"
#include "omega/task/parallel_for.h"
#include "omega/task/parallel_reduce.h"
#include "omega/task/task_group.h"

namespace omega::task::stress {

/// Numbers that are the same in every run.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  uint64_t below(uint64_t limit) { return next() % limit; }

 private:
  uint64_t state_;
};

/// Mostly nothing; now and then a spin, a yield, rarely a sleep long enough for others to go to sleep themselves.
inline void shake(Random& random) {
  const uint64_t what = random.below(1000);
  if (what < 20) {
    for (uint64_t i = random.below(200); i > 0; --i) {
      spin_pause();
    }
  } else if (what < 25) {
    std::this_thread::yield();
  } else if (what == 25) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(150)));
  }
}

/// A tree of forked calls; counts its leaves.
inline uint64_t forks(Worker& worker, uint64_t seed, int depth) {
  Random random(seed);
  shake(random);
  if (depth == 0 || random.below(16) == 0) {
    return 1;
  }
  uint64_t a = 0;
  uint64_t b = 0;
  fork_join(worker, [&] { a = forks(*current_worker(), seed * 2, depth - 1); }, [&] { b = forks(*current_worker(), seed * 2 + 1, depth - 1); });
  return a + b;
}

/// The same count without threads.
inline uint64_t forks_alone(uint64_t seed, int depth) {
  Random random(seed);
  shake(random);
  if (depth == 0 || random.below(16) == 0) {
    return 1;
  }
  return forks_alone(seed * 2, depth - 1) + forks_alone(seed * 2 + 1, depth - 1);
}

/// One round on a scheduler: forks, a group whose tasks spawn tasks, loops of all partitions, a failure. Fails an OMEGA_CHECK on any wrong
/// result.
/// @return how many tasks it was.
inline uint64_t round(Scheduler& scheduler, uint64_t seed) {
  Random random(seed);
  uint64_t tasks = 0;

  {
    const Attachment attachment(scheduler);
    const uint64_t tree = random.next();
    const uint64_t leaves = forks(attachment.worker(), tree, 8);
    OMEGA_CHECK(leaves == forks_alone(tree, 8), "a tree of forks has lost or doubled a leaf");
    tasks += leaves - 1;
  }

  const uint64_t spawned = 1 + random.below(200);
  std::atomic<uint64_t> ran{0};
  TaskGroup group(scheduler);
  for (uint64_t i = 0; i < spawned; ++i) {
    group.run(
        [&, i] {
          Random mine(seed + i);
          shake(mine);
          ran.fetch_add(1, std::memory_order_relaxed);
          if (i % 8 == 0) {
            group.run([&] { ran.fetch_add(1, std::memory_order_relaxed); }, static_cast<Priority>(i / 8 % 3));
          }
        },
        static_cast<Priority>(random.below(3)));
    shake(random);
  }
  group.wait();
  const uint64_t expected = spawned + (spawned + 7) / 8;
  OMEGA_CHECK(ran.load() == expected, "a group has lost or doubled a task");
  tasks += expected;

  const size_t count = 1 + random.below(300);
  for (const Partition partition : {Partition::lazy, Partition::fixed, Partition::guided}) {
    std::vector<std::atomic<uint8_t>> runs(count);
    parallel_for(scheduler, 0, count,
                 [&](size_t i) {
                   Random mine(seed ^ i);
                   shake(mine);
                   runs[i].fetch_add(1, std::memory_order_relaxed);
                 },
                 {.partition = partition, .grain = 1 + random.below(4)});
    for (const auto& each : runs) {
      OMEGA_CHECK(each.load() == 1, "a loop has lost or doubled an iteration");
    }
    tasks += count;
  }

  const size_t fails_at = random.below(count);
  size_t failed = count;
  try {
    parallel_for(scheduler, 0, count,
                 [&](size_t i) {
                   if (i >= fails_at) {
                     throw i;
                   }
                 },
                 {.grain = 1});
  } catch (size_t at) {
    failed = at;
  }
  OMEGA_CHECK(failed == fails_at, "another iteration's exception than the lowest was thrown");
  return tasks;
}

}  // namespace omega::task::stress
