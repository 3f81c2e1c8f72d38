// SPDX-License-Identifier: Apache-2.0
// Stacks that end on some threads while others collect: each such thread is stopped at any place of its way from the fault to where it lands.
// Arguments: threads, iterations. Prints how many stacks ended.
#include "program.h"

typedef struct closure {
  void (*code)(struct closure *self, void *result);
  int64_t *kept;  // only this thread's stack leads to it
} closure;

static int64_t deep(volatile int64_t n) {
  volatile char room[64];
  room[0] = (char)n;
  return n < 0 ? room[0] : deep(n + 1) + room[0];
}
static void end_stack(closure *self, void *result) { *(int64_t *)result = deep(self->kept[0]); }

static int64_t *numbered(int64_t n) {
  int64_t *block = om_alloc(64, OM_NO_REFS);
  block[0] = block[7] = n;
  return block;
}

static void body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    if (i % 2 == 0) {
      for (int n = 0; n < 20; n++) {
        numbered(i);
        om_collect();
      }
      continue;
    }
    closure *c = om_alloc(sizeof *c, 0);
    c->code = end_stack;
    c->kept = numbered(i);
    int64_t result = 0;
    *(int64_t *)acc += om_try(c, &result) != NULL && om_caught_kind() == OM_PANIC_STACK;
    if (c->kept[0] != i || c->kept[7] != i) {
      om_panic(OM_PANIC_ASSERT, NULL);
    }
  }
}

static void add(void *acc, const void *part) { *(int64_t *)acc += *(const int64_t *)part; }

static int32_t run(void) {
  om_array *args = om_args();
  const int32_t threads = (int32_t)number(args, 0, 2);
  int64_t zero = 0, sum = 0;
  om_par_desc loop = {0, number(args, 1, 100), body, NULL, add, &zero, &sum, 8, threads, 0, OM_LOOP_QUIET | OM_LOOP_EAGER};
  om_par_for(&loop);
  om_out_i64(sum);
  om_out_bytes("\n", 1);
  return 0;
}
PROGRAM(run, 0, 0)
