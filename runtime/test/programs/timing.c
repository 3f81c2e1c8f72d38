// SPDX-License-Identifier: Apache-2.0
// Times loops: `empty N` back to back, `idle N` after 5 ms of sleep, `work` and `triangle` against one thread. Prints nanoseconds.
#include "program.h"

static void empty_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)acc, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    om_compiler_fence();
  }
}
static void heavy_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)at;
  const int64_t *shape = env;
  for (int64_t i = lo; i < hi; i++) {
    double x = 1;
    for (int64_t k = 0; k < (shape[0] ? i / 8 : 500); k++) {
      x = x * 1.0000001 + 1e-9;
    }
    *(double *)acc += x;
  }
}
static void add(void *acc, const void *part) { *(double *)acc += *(const double *)part; }

/// The tenth part: what an undisturbed run takes.
static int64_t quick(int64_t *v, int64_t n) {
  om_array a = {(uint8_t *)v, n, n, 8, 0};
  om_array_sort(&a, OM_ORDER_I64);
  return v[n / 10];
}

static int64_t times[2001];

static int32_t run(void) {
  om_array *args = om_args();
  om_array *how = ((om_array **)(void *)args->data)[0];
  int64_t n = number(args, 1, 10000);
  int32_t threads = (int32_t)number(args, 2, 2);
  int64_t best;
  om_par_desc d = {0, n, empty_body, 0, 0, 0, 0, 0, threads, 0, OM_LOOP_QUIET};
  if (how->data[0] == 'e' || how->data[0] == 'i' || how->data[0] == 'q') {
    int64_t rounds = how->data[0] == 'i' ? 101 : 2001, batch = how->data[0] == 'i' ? 1 : 10;
    for (int64_t r = 0; r < rounds; r++) {
      if (how->data[0] == 'i') {
        om_sleep(5000000);
      }
      int64_t start = om_clock();
      for (int64_t b = 0; b < batch; b++) {
        if (how->data[0] == 'q') {
          empty_body(0, n, 0, 0, 0);
        } else {
          om_par_for(&d);
        }
      }
      times[r] = (om_clock() - start) / batch;
    }
    best = quick(times, rounds);
  } else {
    int64_t shape = how->data[0] == 't';
    double zero = 0, sum = 0;
    om_par_desc h = {0, n, heavy_body, &shape, add, &zero, &sum, 8, threads, 0, OM_LOOP_QUIET};
    for (int r = 0; r < 101; r++) {
      int64_t start = om_clock();
      om_par_for(&h);
      times[r] = om_clock() - start;
    }
    best = quick(times, 101);
  }
  om_out_i64(best);
  om_out_bytes("\n", 1);
  return 0;
}
PROGRAM(run, 0, 0)
