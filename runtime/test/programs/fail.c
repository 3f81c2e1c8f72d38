// SPDX-License-Identifier: Apache-2.0
// Fails in the way its first argument says, on as many threads as the second.
#if !defined(TEST_HOSTED)
#define OMEGA_FREESTANDING
#endif
#include "program.h"
#include "runtime/internal.h"

TEXT(because, "because");

static int deep(volatile int n) {
  volatile char room[256];
  room[0] = (char)n;
  return n == 0 ? room[0] : deep(n + 1) + 1;
}

#if !defined(TEST_HOSTED)
// A signal comes when so little of the stack is left that the system cannot even deliver it.
static int deep_signal(volatile int n) {
  volatile char room[256];
  room[0] = (char)n;
  if ((const uint8_t *)&room[0] - om_self()->stack_low < 1024) {
    om_signal_stop(om_self());
  }
  return n == 0 ? 0 : deep_signal(n + 1) + room[0];
}
static void deep_in_a_worker(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)acc;
  om_add32(env, 1);
  while (om_load32(env) < 2) {
    om_pause();  // both threads of the loop have an iteration
  }
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    if (om_thread_index() != 0) {
      deep_signal(1);
    }
  }
}
#endif

static void failing(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)acc;
  const int64_t *first = env;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    for (volatile int64_t k = 0; k < (i % 17) * 100; k++) {
    }
    if (i >= *first && (i - *first) % 3 == 0) {
      om_panic_index(i, *first);
    }
    if (i % 10 == 0) {
      om_out_i64(i);
      om_out_bytes("\n", 1);
    }
  }
}

typedef struct closure {
  void (*code)(struct closure *self, void *result);
  int64_t value;
} closure;
static void try_body(closure *self, void *result) {
  (void)result;
  om_text_begin();
  om_out_i64(1);
  if (self->value == 1) {
    om_panic_index(3, 2);
  }
  om_par_desc loop = {0, 1000, failing, &self->value, 0, 0, 0, 0, 0, 0, 0};
  om_par_for(&loop);
}
static void endless(closure *self, void *result) {
  for (;;) {
    self->value++;
    *(volatile int64_t *)result += 1;
#if defined(TEST_HOSTED)
    if (om_interrupted) {
      om_poll();
    }
#endif
  }
}
// Two threads fill one cache until there is no memory, on which both must meet.
static void fill_cache(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  static const uint8_t value[4096];
  (void)acc;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    for (int64_t key = i;; key += 2) {
      om_cache_put(env, &key, value);
    }
  }
}
// Ends only when all tasks are under way at once.
static om_atomic32 arrived, expected;
static void task(closure *self, void *result) {
  for (om_add32(&arrived, 1); om_load32(&arrived) < om_load32(&expected);) {
    om_sleep(100000);
  }
  om_out_i64(self->value);
  om_out_bytes("\n", 1);
  *(int64_t *)result = self->value * 2;
  if (self->value == 7) {
    om_panic(OM_PANIC_REVERT, &because);
  }
}
static int64_t attempts;
static void flaky(closure *self, void *result) {
  (void)self;
  if (++attempts < 3) {
    om_panic_divide();
  }
  *(int64_t *)result = attempts;
}

static int32_t tasks(void) {
  om_array *closures = om_array_new(20, 8, OM_ARRAY_REFS);
  om_array *results = om_array_new(20, 8, 0), *errors = om_array_new(20, 8, OM_ARRAY_REFS);
  for (int64_t i = 0; i < 20; i++) {
    closure *c = om_alloc(sizeof *c, 0);
    c->code = task;
    c->value = i;
    ((closure **)(void *)closures->data)[i] = c;
  }
  om_store32(&expected, 20);
  int64_t failed = om_tasks_run(closures, results->data, 8, errors, 0, 0);
  om_out_i64(failed);
  om_out_str(((om_array **)(void *)errors->data)[7]);
  om_out_i64(((int64_t *)(void *)results->data)[19]);
  om_out_bytes("\n", 1);
  om_store32(&expected, 1000);  // never
  if (om_tasks_run(closures, results->data, 8, errors, 5000000, 0) != -1) {
    return 6;
  }
  om_store32(&arrived, 0);
  om_store32(&expected, 3);
  om_tasks_run(closures, results->data, 8, 0, 0, 3);
  return 0;
}

static int32_t run(void) {
  om_array *args = om_args();
  om_array *how = ((om_array **)(void *)args->data)[0];
  int32_t threads = (int32_t)number(args, 1, 2);
  switch (how->data[0]) {
    case 'o': om_panic_overflow();
    case 'i': om_panic_index(10, 3);
    case 'm': om_panic(OM_PANIC_REQUIRE, &because);
    case 's': return deep(1);
#if !defined(TEST_HOSTED)
    case 'w': {
      om_atomic32 begun = 0;
      om_threads_prepare();
      om_par_desc loop = {0, 2, deep_in_a_worker, (void *)(uintptr_t)&begun, 0, 0, 0, 0, 2, 0, OM_LOOP_EAGER | OM_LOOP_QUIET};
      om_par_for(&loop);
      return 0;
    }
#endif
    case 'e': om_exit(9);
    case 'z': {
      volatile int32_t zero = 0;
      return 1 / zero;
    }
    case 'n': return *(volatile int32_t *)16;
    case 'a':
      for (int64_t n = 1;; n *= 2) {
        om_array_new(n, 8, 0);
      }
    case 'l': {
      int64_t first = 137;
      om_par_desc loop = {0, 1000, failing, &first, 0, 0, 0, 0, threads, 0, 0};
      om_par_for(&loop);
      return 0;
    }
    case 't': {
      closure c = {try_body, 1};
      om_array *error = om_try(&c, 0);
      om_out_str(error);
      om_out_bytes("\n", 1);
      c.value = 50;
      error = om_try(&c, 0);
      om_out_str(error);
      om_out_bytes("\n", 1);
      return om_caught_kind() == OM_PANIC_INDEX ? 0 : 5;
    }
    case 'd': {
      closure c = {endless, 0};
      int64_t result = 0, start = om_clock();
      int32_t ended = om_timeout(20000000, &c, &result);
      return ended == 0 && result > 0 && om_clock() - start >= 20000000 ? 0 : 5;
    }
    case 'k': return tasks();
    case 'c': {
      om_par_desc loop = {0, 2, fill_cache, om_cache_new(OM_KEY_SCALAR, 8, 4096, 0, 0, 0), 0, 0, 0, 0, 2, 0, OM_LOOP_EAGER | OM_LOOP_QUIET};
      om_par_for(&loop);
      return 0;
    }
    case 'r': {
      closure c = {flaky, 0};
      int64_t result = 0;
      return om_retry(&c, &result, 5, OM_BACKOFF_LINEAR, 1000000, 0) == 0 && result == 3 ? 0 : 5;
    }
    default: om_panic(OM_PANIC_ARGUMENT, how);
  }
  return 0;
}
PROGRAM(run, 0, 0)
