// SPDX-License-Identifier: Apache-2.0
// task_stress TASKS [THREADS [SEED]]: runs mixed work until so many tasks are done, and checks every result. Ends with 0, with 70 on a
// wrong result, and not at all if a wake-up is lost: run it under a time limit. Most of the tasks are those of fork trees; between them
// comes the stress test's mixture with pauses.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "omega/task/stress_testing.h"

namespace {

uint64_t fib(omega::task::Worker& worker, uint64_t n) {
  if (n < 2) {
    return n;
  }
  uint64_t a = 0;
  uint64_t b = 0;
  omega::task::fork_join(worker, [&] { a = fib(*omega::task::current_worker(), n - 1); }, [&] { b = fib(*omega::task::current_worker(), n - 2); });
  return a + b;
}

/// Longer than a worker searches before it sleeps.
void pause_until_all_sleep() {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < std::chrono::microseconds(50)) {
    omega::task::spin_pause();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: task_stress TASKS [THREADS [SEED]]\n");
    return 2;
  }
  const uint64_t wanted = std::strtoull(argv[1], nullptr, 10);
  const unsigned threads = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)) : 0;
  uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  omega::task::Scheduler scheduler(threads);
  const auto start = std::chrono::steady_clock::now();
  uint64_t done = 0;
  while (done < wanted) {
    // Trees of 28,656 forks, some 100 us each; after every fourth the workers fall asleep.
    for (int i = 0; i < 200 && done < wanted; ++i) {
      if (i % 4 == 0) {
        pause_until_all_sleep();
      }
      const omega::task::Attachment attachment(scheduler);
      OMEGA_CHECK(fib(attachment.worker(), 22) == 17711, "a tree of forks has lost or doubled a call");
      done += 28656;
    }
    done += omega::task::stress::round(scheduler, seed++);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("%llu tasks on %u threads in %.1f s, %ld sleeps, all results right\n", static_cast<unsigned long long>(done), scheduler.threads(), seconds,
              usage.ru_nvcsw);
  return 0;
}
