// SPDX-License-Identifier: Apache-2.0
// Loops of every shape at the thread count given (second argument: iterations): sums, floats, nested, printed, stolen.
#include "program.h"

static void sum_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  int64_t s = 0;
  (void)env, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    s += i * i;
  }
  *(int64_t *)acc += s;
}
static void sum_combine(void *acc, const void *part) { *(int64_t *)acc += *(const int64_t *)part; }

static void float_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    *(double *)acc += 1.0 / (double)(i + 1);
  }
}
static void float_combine(void *acc, const void *part) { *(double *)acc += *(const double *)part; }

static om_atomic64 touched[100000];
static void touch_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)at, (void)acc;
  for (int64_t i = lo; i < hi; i++) {
    for (volatile int64_t k = 0; k < i / 100; k++) {
    }
    om_add64(&touched[i], 1);
  }
}

typedef struct nest {
  int32_t threads;
  om_atomic64 total;
} nest;
static void inner_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)acc, (void)at;
  nest *n = env;
  for (int64_t i = lo; i < hi; i++) {
    for (volatile int64_t k = 0; k < 200; k++) {
    }
    om_add64(&n->total, i);
  }
}
static void outer_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)acc, (void)at;
  nest *n = env;
  for (int64_t i = lo; i < hi; i++) {
    om_par_desc inner = {0, 200, inner_body, n, 0, 0, 0, 0, n->threads, 0, 0};
    om_par_for(&inner);
  }
}
static void print_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)acc, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    for (volatile int64_t k = 0; k < (i * 7919 % 13) * 300; k++) {
    }
    om_out_bytes("line ", 5);
    om_out_i64(i);
    om_out_bytes("\n", 1);
  }
}

static void say(const char *what, int64_t value) {
  om_array *s = om_string_from_c(what);
  om_out_str(s);
  om_out_i64(value);
  om_out_bytes("\n", 1);
}

static int32_t run(void) {
  om_array *args = om_args();
  int32_t threads = (int32_t)number(args, 0, 0);
  int64_t n = number(args, 1, 100000);
  for (int round = 0; round < 3; round++) {
    int64_t zero = 0, sum = 5;
    om_par_desc s = {0, n, sum_body, 0, sum_combine, &zero, &sum, 8, threads, 0, OM_LOOP_QUIET};
    om_par_for(&s);
    say("sum ", sum);
    double fzero = 0, fsum = 0;
    om_par_desc f = {-3 + 3, n, float_body, 0, float_combine, &fzero, &fsum, 8, threads, 0, OM_LOOP_QUIET};
    om_par_for(&f);
    om_out_f64(fsum);
    om_out_bytes("\n", 1);
    om_par_desc t = {0, 100000, touch_body, 0, 0, 0, 0, 0, threads, 0, round == 0 ? OM_LOOP_QUIET : 0};
    om_par_for(&t);
    int64_t wrong = 0;
    for (int64_t i = 0; i < 100000; i++) {
      wrong += touched[i] != round + 1;
    }
    say("wrong ", wrong);
    nest nested = {threads, 0};
    om_par_desc o = {0, 40, outer_body, &nested, 0, 0, 0, 0, threads, 0, 0};
    om_par_for(&o);
    say("nested ", nested.total);
    om_par_desc p = {0, 500, print_body, 0, 0, 0, 0, 0, threads, 0, 0};
    om_par_for(&p);
  }
  return 0;
}
PROGRAM(run, 0, 0)
