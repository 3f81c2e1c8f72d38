// SPDX-License-Identifier: Apache-2.0
// All at once: forking recursions, nested loops, panics that are caught, deadlines that pass, collections at any place. Arguments: threads,
// rounds. Prints sums that are the same at every thread count.
#include "program.h"

typedef struct closure {
  void (*code)(struct closure *self, void *result);
  int64_t n;
  int64_t *kept;  // a block that must stay whole
} closure;

static closure *new_closure(void (*code)(closure *self, void *result), int64_t n) {
  closure *c = om_alloc(sizeof *c, 0);
  c->code = code;
  c->n = n;
  c->kept = om_alloc(64, OM_NO_REFS);
  c->kept[7] = n;
  return c;
}

// As `recurse` with `.parallel` compiles to.
static int64_t fibonacci(int64_t n);
static void fork_of(closure *self, void *result) {
  *(int64_t *)result = fibonacci(self->n);
  if (self->kept[7] != self->n) {
    om_panic(OM_PANIC_ASSERT, NULL);
  }
}
static int64_t fibonacci(int64_t n) {
  if (n < 2) {
    return n;
  }
  if (!om_fork_pays()) {
    return fibonacci(n - 1) + fibonacci(n - 2);
  }
  om_array *closures = om_array_new(2, 8, OM_ARRAY_REFS), *results = om_array_new(2, 8, 0);
  for (int64_t i = 0; i < 2; i++) {
    ((closure **)(void *)closures->data)[i] = new_closure(fork_of, n - 1 - i);
  }
  om_tasks_run(closures, results->data, 8, NULL, 0, 0);
  const int64_t *r = (const int64_t *)(const void *)results->data;
  return r[0] + r[1];
}

static void add(void *acc, const void *part) { *(int64_t *)acc += *(const int64_t *)part; }

static void inner_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  const int64_t outer = *(const int64_t *)env;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    om_array *a = om_array_new(i % 40, 8, 0);
    om_array_push_u64(a, (uint64_t)i);
    *(int64_t *)acc += ((const int64_t *)(const void *)a->data)[i % 40] * outer;
    if (outer % 5 == 4 && i >= 60 && i % 20 == 3) {
      om_panic_index(i, outer);
    }
  }
}
// A nested loop; every fifth fails, in the same iteration each time.
static void nested(closure *self, void *result) {
  int64_t zero = 0;
  om_par_desc loop = {0, 100, inner_body, &self->n, add, &zero, result, 8, 3, 0, OM_LOOP_QUIET};
  om_par_for(&loop);
}
static void endless(closure *self, void *result) {
  (void)result;
  for (;;) {
    *(volatile int64_t *)&self->kept[0] += 1;
#if defined(TEST_HOSTED)
    if (om_interrupted) {
      om_poll();
    }
#endif
  }
}
static void outer_body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    int64_t sum = 0;
    closure *c = new_closure(nested, i);
    om_array *error = om_try(c, &sum);
    *(int64_t *)acc += error == NULL ? sum : error->len;
    if (i % 8 == 0) {
      om_collect();
    }
    if (i % 16 == 7) {
      closure *e = new_closure(endless, i);
      *(int64_t *)acc += om_timeout(200000, e, NULL);
    }
    if (c->kept[7] != i) {
      om_panic(OM_PANIC_ASSERT, NULL);
    }
  }
}

static int32_t run(void) {
  om_array *args = om_args();
  const int32_t threads = (int32_t)number(args, 0, 2);
  om_set_thread_count(threads);
  for (int64_t round = number(args, 1, 1); round > 0; round--) {
    om_out_i64(fibonacci(16));
    int64_t zero = 0, sum = 0;
    om_par_desc loop = {0, 64, outer_body, NULL, add, &zero, &sum, 8, threads, 0, OM_LOOP_QUIET};
    om_par_for(&loop);
    om_out_bytes(" ", 1);
    om_out_i64(sum);
    om_out_bytes("\n", 1);
  }
  return 0;
}
PROGRAM(run, 0, 0)
