// SPDX-License-Identifier: Apache-2.0
// The loops of runtime/test/programs/timing.c by OpenMP and oneTBB: peers WHAT N THREADS, prints nanoseconds (the tenth part of the runs).
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#if defined(PEER_TBB)
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#endif

namespace {

int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

double work(int64_t i, bool triangle) {
  double x = 1;
  for (int64_t k = 0; k < (triangle ? i / 8 : 500); k++) {
    x = x * 1.0000001 + 1e-9;
  }
  return x;
}

#if defined(PEER_TBB)
void empty(int64_t n) {
  tbb::parallel_for(
      tbb::blocked_range<int64_t>(0, n),
      [](const tbb::blocked_range<int64_t>& r) {
        for (int64_t i = r.begin(); i < r.end(); i++) {
          __asm__ volatile("" ::: "memory");
        }
      },
      tbb::static_partitioner());
}
double sum(int64_t n, bool triangle) {
  return tbb::parallel_reduce(
      tbb::blocked_range<int64_t>(0, n), 0.0,
      [triangle](const tbb::blocked_range<int64_t>& r, double s) {
        for (int64_t i = r.begin(); i < r.end(); i++) {
          s += work(i, triangle);
        }
        return s;
      },
      std::plus<>());
}
#else
void empty(int64_t n) {
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < n; i++) {
    __asm__ volatile("" ::: "memory");
  }
}
double sum(int64_t n, bool triangle) {
  double s = 0;
#pragma omp parallel for schedule(guided) reduction(+ : s)
  for (int64_t i = 0; i < n; i++) {
    s += work(i, triangle);
  }
  return s;
}
#endif

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    return 2;
  }
  const char what = argv[1][0];
  const int64_t n = std::atoll(argv[2]);
#if defined(PEER_TBB)
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(std::atoi(argv[3])));
#endif
  const bool loop = what == 'e' || what == 'i';
  const int rounds = what == 'e' ? 2001 : 101, batch = what == 'e' ? 10 : 1;
  std::vector<int64_t> times;
  double total = 0;
  for (int r = 0; r < rounds; r++) {
    if (what == 'i') {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const int64_t start = now();
    for (int b = 0; b < batch; b++) {
      if (loop) {
        empty(n);
      } else {
        total += sum(n, what == 't');
      }
    }
    times.push_back((now() - start) / batch);
  }
  std::sort(times.begin(), times.end());
  std::printf("%lld\n", static_cast<long long>(times[times.size() / 10]));
  return total < 0;
}
