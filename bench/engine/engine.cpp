// SPDX-License-Identifier: Apache-2.0
// The same work by Omega's scheduler, oneTBB, Taskflow or OpenMP (-DENGINE_OMEGA, -DENGINE_TBB, -DENGINE_TASKFLOW, or none): engine WHAT THREADS prints one
// number, the tenth part of the runs. fib N: nanoseconds a spawn; empty, idle: nanoseconds a loop; uneven: per cent above half (a THREADSth) of the sequential
// time; sum, map: microseconds; asleep: per cent of one processor that is used in half a second after the last loop.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#if defined(ENGINE_OMEGA)
#include "omega/task/fork_join.h"
#include "omega/task/parallel_for.h"
#include "omega/task/parallel_reduce.h"
#elif defined(ENGINE_TBB)
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>
#include <tbb/parallel_reduce.h>
#elif defined(ENGINE_TASKFLOW)
#include <taskflow/algorithm/for_each.hpp>
#include <taskflow/taskflow.hpp>
#else
// Clang finds no omp.h where only the runtime's package of another version is installed.
extern "C" {
int omp_get_num_threads(void);
int omp_get_thread_num(void);
void omp_set_num_threads(int);
}
#endif

namespace {

int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// Some 2 ns times `steps`.
double compute(int64_t steps) {
  double x = 1;
  for (int64_t k = 0; k < steps; k++) {
    x = x * 1.0000001 + 1e-9;
  }
  return x;
}

/// From 0 to 2,000, at random.
int64_t steps_of(int64_t i) { return static_cast<int64_t>((static_cast<uint64_t>(i + 1) * 0x9e3779b97f4a7c15u >> 33) % 2000); }

/// Eight sums side by side, so that memory is the limit and not the latency of an addition.
double sum_piece(const double* at, size_t count, double start) {
  double part[8] = {start};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (size_t k = 0; k < 8; k++) {
      part[k] += at[i + k];
    }
  }
  for (; i < count; i++) {
    part[0] += at[i];
  }
  return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

void map_piece(const double* in, double* out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    out[i] = in[i] * 1.5 + 2.0;
  }
}

#if defined(ENGINE_OMEGA)
using namespace omega::task;
Scheduler* scheduler;

uint64_t fib(Worker& worker, uint64_t n) {
  if (n < 2) {
    return n;
  }
  uint64_t a, b;
  fork_join(worker, [&] { a = fib(worker, n - 1); }, [&] { b = fib(*current_worker(), n - 2); });
  return a + b;
}
uint64_t run_fib(uint64_t n) {
  const Attachment attachment(*scheduler);
  return fib(attachment.worker(), n);
}
void empty(int64_t n) {
  parallel_for(*scheduler, 0, static_cast<size_t>(n), [](size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
      __asm__ volatile("" ::: "memory");
    }
  });
}
void uneven(int64_t n, double* out) {
  parallel_for(*scheduler, 0, static_cast<size_t>(n), [=](size_t i) { out[i] = compute(steps_of(static_cast<int64_t>(i))); });
}
double sum(const std::vector<double>& v) {
  return parallel_reduce(*scheduler, 0, v.size(), 0.0, [&](size_t b, size_t e, double s) { return sum_piece(v.data() + b, e - b, s); }, std::plus<>());
}
void map(const std::vector<double>& v, std::vector<double>& out) {
  parallel_for(*scheduler, 0, v.size(), [&](size_t b, size_t e) { map_piece(v.data() + b, out.data() + b, e - b); });
}
#elif defined(ENGINE_TBB)
uint64_t run_fib(uint64_t n) {
  if (n < 2) {
    return n;
  }
  uint64_t a, b;
  tbb::parallel_invoke([&] { a = run_fib(n - 1); }, [&] { b = run_fib(n - 2); });
  return a + b;
}
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
void uneven(int64_t n, double* out) {
  tbb::parallel_for(int64_t{0}, n, [=](int64_t i) { out[i] = compute(steps_of(i)); });
}
double sum(const std::vector<double>& v) {
  return tbb::parallel_reduce(
      tbb::blocked_range<size_t>(0, v.size()), 0.0, [&](const tbb::blocked_range<size_t>& r, double s) { return sum_piece(v.data() + r.begin(), r.size(), s); },
      std::plus<>(), tbb::static_partitioner());
}
void map(const std::vector<double>& v, std::vector<double>& out) {
  tbb::parallel_for(
      tbb::blocked_range<size_t>(0, v.size()), [&](const tbb::blocked_range<size_t>& r) { map_piece(v.data() + r.begin(), out.data() + r.begin(), r.size()); },
      tbb::static_partitioner());
}
#elif defined(ENGINE_TASKFLOW)
tf::Executor* executor;

/// The graphs are made once, as Taskflow's users do, and run each time.
template <class Body, class Partitioner>
void loop(tf::Taskflow& graph, int64_t count, Body body, Partitioner partitioner) {
  if (graph.empty()) {
    graph.for_each_by_index(tf::IndexRange<int64_t>(0, count, 1), body, partitioner);
  }
  executor->run(graph).wait();
}

uint64_t fib(uint64_t n) {
  if (n < 2) {
    return n;
  }
  uint64_t a, b;
  tf::TaskGroup group = executor->task_group();
  group.silent_async([n, &a] { a = fib(n - 1); });
  b = fib(n - 2);
  group.corun();
  return a + b;
}
uint64_t run_fib(uint64_t n) {
  return executor->async([n] { return fib(n); }).get();
}
void empty(int64_t n) {
  static tf::Taskflow graph;
  loop(
      graph, n,
      [](tf::IndexRange<int64_t> r) {
        for (int64_t i = r.begin(); i < r.end(); i++) {
          __asm__ volatile("" ::: "memory");
        }
      },
      tf::StaticPartitioner());
}
void uneven(int64_t n, double* out) {
  static tf::Taskflow graph;
  loop(
      graph, n,
      [out](tf::IndexRange<int64_t> r) {
        for (int64_t i = r.begin(); i < r.end(); i++) {
          out[i] = compute(steps_of(i));
        }
      },
      tf::GuidedPartitioner());
}
double sum(const std::vector<double>& v) {
  static tf::Taskflow graph;
  static std::atomic<double> total;
  total = 0;
  loop(
      graph, static_cast<int64_t>(v.size()),
      [&v](tf::IndexRange<int64_t> r) { total += sum_piece(v.data() + r.begin(), static_cast<size_t>(r.end() - r.begin()), 0); }, tf::StaticPartitioner());
  return total;
}
void map(const std::vector<double>& v, std::vector<double>& out) {
  static tf::Taskflow graph;
  loop(
      graph, static_cast<int64_t>(v.size()),
      [&v, &out](tf::IndexRange<int64_t> r) { map_piece(v.data() + r.begin(), out.data() + r.begin(), static_cast<size_t>(r.end() - r.begin())); },
      tf::StaticPartitioner());
}
#else
uint64_t fib(uint64_t n) {
  if (n < 2) {
    return n;
  }
  uint64_t a, b;
#pragma omp task shared(a) firstprivate(n)
  a = fib(n - 1);
  b = fib(n - 2);
#pragma omp taskwait
  return a + b;
}
uint64_t run_fib(uint64_t n) {
  uint64_t result = 0;
#pragma omp parallel
#pragma omp single
  result = fib(n);
  return result;
}
void empty(int64_t n) {
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < n; i++) {
    __asm__ volatile("" ::: "memory");
  }
}
void uneven(int64_t n, double* out) {
#pragma omp parallel for schedule(guided)
  for (int64_t i = 0; i < n; i++) {
    out[i] = compute(steps_of(i));
  }
}
/// The share of this thread in [0, count).
void share(size_t count, size_t& begin, size_t& end) {
  const size_t threads = static_cast<size_t>(omp_get_num_threads()), me = static_cast<size_t>(omp_get_thread_num());
  begin = count * me / threads;
  end = count * (me + 1) / threads;
}
double sum(const std::vector<double>& v) {
  double total = 0;
#pragma omp parallel reduction(+ : total)
  {
    size_t b, e;
    share(v.size(), b, e);
    total = sum_piece(v.data() + b, e - b, 0);
  }
  return total;
}
void map(const std::vector<double>& v, std::vector<double>& out) {
#pragma omp parallel
  {
    size_t b, e;
    share(v.size(), b, e);
    map_piece(v.data() + b, out.data() + b, e - b);
  }
}
#endif

/// The tenth part of `rounds` times, in nanoseconds.
template <class Run>
double timed(int rounds, int batch, bool idle, Run run) {
  std::vector<int64_t> times;
  for (int r = 0; r < rounds; r++) {
    if (idle) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const int64_t start = now();
    for (int b = 0; b < batch; b++) {
      run();
    }
    times.push_back((now() - start) / batch);
  }
  std::sort(times.begin(), times.end());
  return static_cast<double>(times[times.size() / 10]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    return 2;
  }
  const std::string what = argv[1];
  const int threads = std::atoi(argv[2]);
#if defined(ENGINE_OMEGA)
  Scheduler own(static_cast<unsigned>(threads));
  scheduler = &own;
#elif defined(ENGINE_TBB)
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
#elif defined(ENGINE_TASKFLOW)
  tf::Executor own(static_cast<size_t>(threads));
  executor = &own;
#else
  omp_set_num_threads(threads);
#endif
  volatile double sink = 0;
  if (what == "fib") {
    const uint64_t n = static_cast<uint64_t>(std::atoi(argv[3]));
    double a = 0, b = 1;  // fib(n + 1) - 1 calls spawn
    for (uint64_t i = 0; i < n; i++) {
      const double c = a + b;
      a = b;
      b = c;
    }
    std::printf("%.2f\n", timed(5, 1, false, [&] { sink = static_cast<double>(run_fib(n)); }) / (b - 1));
  } else if (what == "empty" || what == "idle") {
    const bool idle = what == "idle";
    std::printf("%.0f\n", timed(idle ? 101 : 2001, idle ? 1 : 10, idle, [] { empty(10000); }));
  } else if (what == "asleep") {
    for (int i = 0; i < 20000; i++) {
      empty(10000);
    }
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    getrusage(RUSAGE_SELF, &after);
    const auto us = [](const timeval& t) { return t.tv_sec * 1e6 + static_cast<double>(t.tv_usec); };
    std::printf("%.1f\n", (us(after.ru_utime) + us(after.ru_stime) - us(before.ru_utime) - us(before.ru_stime)) / 5e3);
  } else if (what == "uneven") {
    std::vector<double> out(20000);
    const double parallel = timed(21, 1, false, [&] { uneven(20000, out.data()); });
    const double alone = timed(21, 1, false, [&] {
      for (int64_t i = 0; i < 20000; i++) {
        out[static_cast<size_t>(i)] = compute(steps_of(i));
      }
    });
    std::printf("%.1f\n", (parallel * threads / alone - 1) * 100);
  } else if (what == "sum" || what == "map") {
    std::vector<double> in(10'000'000, 1.25), out(what == "map" ? in.size() : 0, 0.0);
    const double ns = what == "sum" ? timed(61, 1, false, [&] { sink = sum(in); }) : timed(61, 1, false, [&] { map(in, out); });
    std::printf("%.0f\n", ns / 1000);
  } else {
    return 2;
  }
  return 0;
}
