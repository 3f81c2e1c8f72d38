// SPDX-License-Identifier: Apache-2.0
// Parallel loops, tasks and errors on the hosted runtime.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "runtime/atomics.h"
#include "runtime/test/runtime_environment.h"

namespace {

struct Loop {
  om_par_desc d{};
  Loop(int64_t lo, int64_t hi, int32_t threads, void (*body)(int64_t, int64_t, void*, void*, int64_t*), void* env, uint32_t flags = 0) {
    d.lo = lo;
    d.hi = hi;
    d.threads = threads;
    d.body = body;
    d.env = env;
    d.flags = flags;
  }
  void run() const { om_par_for(&d); }
};

double float_sum(int64_t n, int32_t threads) {
  double zero = 0, total = 100;
  Loop loop(0, n, threads, [](int64_t lo, int64_t hi, void*, void* acc, int64_t*) {
    double s;
    std::memcpy(&s, acc, 8);
    for (int64_t i = lo; i < hi; ++i) {
      s += std::sqrt(static_cast<double>(i));
    }
    std::memcpy(acc, &s, 8);
  }, nullptr);
  loop.d.combine = [](void* acc, const void* part) { *static_cast<double*>(acc) += *static_cast<const double*>(part); };
  loop.d.acc_init = &zero;
  loop.d.acc_out = &total;
  loop.d.acc_size = 8;
  loop.run();
  return total;
}

}  // namespace

TEST(Loop, EveryIterationOnceAtEverySizeAndThreadCount) {
  for (const int64_t n : {0, 1, 2, 3, 63, 64, 127, 128, 129, 1000, 16384, 16385, 131072, 131073, 300000}) {
    for (const int32_t threads : {1, 2, 3, 8, 100}) {
      for (const uint32_t flags : {0u, OM_LOOP_QUIET, OM_LOOP_AUTO, OM_LOOP_EAGER | OM_LOOP_QUIET}) {
        std::vector<int32_t> seen(static_cast<size_t>(n));
        Loop loop(-7, n - 7, threads, [](int64_t lo, int64_t hi, void* env, void*, int64_t*) {
          auto& v = *static_cast<std::vector<int32_t>*>(env);
          for (int64_t i = lo; i < hi; ++i) {
            om_add32(&v[static_cast<size_t>(i + 7)], 1);
          }
        }, &seen, flags);
        loop.run();
        for (const int32_t s : seen) {
          ASSERT_EQ(s, 1) << n << " on " << threads;
        }
      }
    }
  }
}

TEST(Loop, TheWholeRangeOfIntegersHasARightGrid) {
  struct Seen {
    om_atomic64 cells;
    om_atomic64 width;
  } seen{};
  Loop loop(INT64_MIN, INT64_MAX, 2, [](int64_t lo, int64_t hi, void* env, void*, int64_t*) {
    auto* s = static_cast<Seen*>(env);
    om_add64(&s->cells, 1);
    om_add64(&s->width, static_cast<int64_t>(static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo)));
  }, &seen);
  loop.run();
  EXPECT_EQ(static_cast<uint64_t>(seen.width), ~uint64_t{0});
}

// 100 iterations on 2 threads begin at 0 and 50, on 4 threads at 0, 25, 50 and 75; what one has left others may take.
TEST(Loop, ThreadsBeginWithEqualParts) {
  struct Begun {
    om_atomic32 threads;
    int32_t wanted;
    std::array<om_atomic64, 4> first;
  };
  for (const int32_t threads : {2, 4}) {
    Begun begun{0, threads, {}};
    Loop loop(0, 100, threads, [](int64_t lo, int64_t, void* env, void*, int64_t*) {
      auto* b = static_cast<Begun*>(env);
      if (om_load32(&b->threads) == b->wanted) {
        return;  // not the first range of its thread
      }
      om_store64(&b->first[static_cast<size_t>(om_add32(&b->threads, 1))], lo);
      while (om_load32(&b->threads) < b->wanted) {
        om_pause();
      }
    }, &begun, OM_LOOP_EAGER | OM_LOOP_QUIET);
    loop.run();
    std::vector<int64_t> first(begun.first.begin(), begun.first.begin() + threads);
    std::sort(first.begin(), first.end());
    for (int32_t i = 0; i < threads; ++i) {
      EXPECT_EQ(first[static_cast<size_t>(i)], i * 100 / threads);
    }
  }
}

TEST(Loop, FloatSumsAreTheSameBits) {
  for (const int64_t n : {1, 100, 5000, 200000}) {
    const double wanted = float_sum(n, 1);
    for (const int32_t threads : {2, 3, 4, 7}) {
      for (int i = 0; i < 20; ++i) {
        const double got = float_sum(n, threads);
        ASSERT_EQ(std::bit_cast<uint64_t>(got), std::bit_cast<uint64_t>(wanted)) << n << " on " << threads;
      }
    }
  }
  EXPECT_EQ(float_sum(0, 4), 100);
}

TEST(Loop, TheLowestFailureIsReported) {
  for (int round = 0; round < 50; ++round) {
    om_atomic64 below = 0;
    const std::string error = error_of([&below] {
      Loop loop(0, 5000, 4, [](int64_t lo, int64_t hi, void* env, void*, int64_t* at) {
        for (int64_t i = lo; i < hi; ++i) {
          *at = i;
          if (i > 1234 && i % 7 == 3) {
            om_panic_index(i, 2);
          }
          if (i <= 1237) {
            om_add64(static_cast<om_atomic64*>(env), 1);
          }
        }
      }, const_cast<int64_t*>(&below));
      loop.run();
    });
    ASSERT_EQ(error, "index 1235 is outside the array of length 2 in iteration 1235 of the parallel loop");
    ASSERT_EQ(below, 1235);
  }
}

TEST(Loop, NestedFailureNamesBothIterations) {
  const std::string error = error_of([] {
    Loop outer(0, 10, 3, [](int64_t lo, int64_t hi, void*, void*, int64_t* at) {
      for (int64_t i = lo; i < hi; ++i) {
        *at = i;
        int64_t outer_index = i;
        Loop inner(0, 100, 3, [](int64_t l, int64_t h, void* env, void*, int64_t* inner_at) {
          for (int64_t k = l; k < h; ++k) {
            *inner_at = k;
            if (*static_cast<int64_t*>(env) >= 4 && k >= 50) {
              om_panic_overflow();
            }
          }
        }, &outer_index);
        inner.run();
      }
    }, nullptr);
    outer.run();
  });
  EXPECT_EQ(error, "arithmetic overflow in iteration 50 of the parallel loop, in iteration 4 of the parallel loop");
}

TEST(Loop, OutputIsInOrderAlsoInsideATextAndANestedLoop) {
  const auto print = [](int32_t threads) {
    return printed([threads] {
      int32_t t = threads;
      Loop outer(0, 20, threads, [](int64_t lo, int64_t hi, void* env, void*, int64_t*) {
        for (int64_t i = lo; i < hi; ++i) {
          om_out_str(om("<"));
          int64_t id = i;
          Loop inner(0, 30, *static_cast<int32_t*>(env), [](int64_t l, int64_t h, void* e, void*, int64_t*) {
            for (int64_t k = l; k < h; ++k) {
              om_out_i64(*static_cast<int64_t*>(e) * 100 + k);
              om_out_bytes(" ", 1);
            }
          }, &id);
          inner.run();
          om_out_str(om(">\n"));
        }
      }, &t);
      outer.run();
    });
  };
  const std::string wanted = print(1);
  EXPECT_EQ(wanted.substr(0, 10), "<0 1 2 3 4");
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(print(4), wanted);
  }
}

TEST(Loop, AllocationInManyThreads) {
  Loop loop(0, 64, 4, [](int64_t lo, int64_t hi, void*, void*, int64_t*) {
    for (int64_t i = lo; i < hi; ++i) {
      om_array* list = om_array_reserve(0, 8, OM_ARRAY_REFS);
      for (int64_t k = 0; k < 5000; ++k) {
        om_array_push_u64(list, reinterpret_cast<uint64_t>(om_string_from_i64(i * 10000 + k)));
      }
      for (int64_t k = 0; k < 5000; ++k) {
        om_array* s;
        std::memcpy(&s, list->data + 8 * k, 8);
        int64_t v = -1;
        if (om_parse_int(s, OM_INT(64, 1), &v) != 0 || v != i * 10000 + k) {
          om_panic(OM_PANIC_ASSERT, s);
        }
      }
    }
  }, nullptr, OM_LOOP_EAGER);
  EXPECT_EQ(error_of([&loop] { loop.run(); }), "");
}

TEST(Task, ErrorsAndRetries) {
  int calls = 0;
  auto flaky = [&calls] {
    if (++calls < 4) {
      om_panic(OM_PANIC_REVERT, om("not yet"));
    }
  };
  auto c = closure(flaky);
  EXPECT_EQ(om_retry(&c, nullptr, 10, OM_BACKOFF_EXPONENTIAL, 1000, 2000), nullptr);
  EXPECT_EQ(calls, 4);
  calls = -100;
  EXPECT_EQ(text(om_retry(&c, nullptr, 3, OM_BACKOFF_NONE, 0, 0)), "not yet");
  EXPECT_EQ(calls, -97);
}

TEST(Task, ADeadlineStopsAPollingLoop) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer holds signals back until the next system call, and this loop makes none";
#endif
  auto endless = [] {
    for (;;) {
      if (om_interrupted) {
        om_poll();
      }
    }
  };
  auto c = closure(endless);
  const int64_t start = om_clock();
  EXPECT_EQ(om_timeout(10000000, &c, nullptr), 0);
  EXPECT_GE(om_clock() - start, 10000000);
  auto quick = [] {};
  auto q = closure(quick);
  EXPECT_EQ(om_timeout(10000000000, &q, nullptr), 1);
  // A try inside does not swallow it; a sleep is cut short.
  auto stubborn = [] { error_of([] { om_sleep(3600000000000); }); };
  auto s = closure(stubborn);
  EXPECT_EQ(om_timeout(10000000, &s, nullptr), 0);
  // The clock decides: what could not be stopped before it ended late is late.
  EXPECT_EQ(om_timeout(0, &q, nullptr), 0);
}

TEST(Task, ADeadlineEndsAllIterationsOfALoop) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer holds signals back until the next system call, and this loop makes none";
#endif
  struct Seen {
    om_atomic64 begun;
    om_atomic64 ended;
  } seen{};
  auto work = [&seen] {
    Loop loop(0, 1000, 4, [](int64_t lo, int64_t hi, void* env, void*, int64_t* at) {
      auto* s = static_cast<Seen*>(env);
      for (int64_t i = lo; i < hi; ++i) {
        *at = i;
        om_add64(&s->begun, 1);
        for (;;) {
          if (om_interrupted) {
            om_poll();
          }
        }
        om_add64(&s->ended, 1);
      }
    }, &seen, OM_LOOP_EAGER);
    loop.run();
  };
  auto c = closure(work);
  EXPECT_EQ(om_timeout(10000000, &c, nullptr), 0);
  EXPECT_GE(seen.begun, 1);
  EXPECT_LE(seen.begun, 4);  // none begins after it
  EXPECT_EQ(seen.ended, 0);
}
