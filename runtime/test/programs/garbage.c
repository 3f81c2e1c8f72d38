// SPDX-License-Identifier: Apache-2.0
// Allocates far more than it keeps, on one thread and in parallel loops, and checks that what it keeps stays whole.
#include "program.h"

typedef struct node {
  struct node *next;
  int64_t value;
} node;

static node *kept[64];

static node *list(int64_t n, int64_t seed) {
  node *head = 0;
  for (int64_t i = 0; i < n; i++) {
    node *e = om_alloc(sizeof *e, 0);
    if (e->next != 0 || e->value != 0) {
      om_panic(OM_PANIC_ASSERT, 0);
    }
    e->next = head;
    e->value = seed + i;
    head = e;
  }
  return head;
}

static void check(const node *head, int64_t n, int64_t seed) {
  for (int64_t i = n - 1; i >= 0; i--, head = head->next) {
    if (head == 0 || head->value != seed + i) {
      om_panic(OM_PANIC_ASSERT, 0);
    }
  }
}

static void body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)acc, (void)env;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    node *mine = list(1000, i);
    om_array *a = om_array_new(5000 + i % 7 * 3000, 8, 0);
    for (int k = 0; k < 20; k++) {
      list(1000, k);
      om_alloc(100 + (uint64_t)(i * 37 + k) % 3000, OM_NO_REFS);
    }
    ((int64_t *)(void *)a->data)[a->len - 1] = i;
    check(mine, 1000, i);
    if (((int64_t *)(void *)a->data)[a->len - 1] != i || ((int64_t *)(void *)a->data)[0] != 0) {
      om_panic(OM_PANIC_ASSERT, 0);
    }
    kept[i % 64] = mine;
  }
}

static void spin(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)acc, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    if (i == 0) {
      for (int k = 0; k < 2000; k++) {
        list(1000, k);
      }
    } else {
      for (volatile int64_t k = 0; k < 100000000; k++) {
      }
    }
  }
}

static int32_t run(void) {
  om_array *args = om_args();
  int32_t threads = (int32_t)number(args, 0, 2);
  int64_t rounds = number(args, 1, 1);
  for (int64_t r = 0; r < rounds; r++) {
    om_par_desc loop = {0, 640, body, 0, 0, 0, 0, 0, threads, 0, OM_LOOP_QUIET};
    om_par_for(&loop);
    for (int64_t i = 0; i < 64; i++) {
      check(kept[i], 1000, kept[i]->value - 999);
    }
  }
  // One iteration allocates while another runs without ever calling the runtime.
  om_par_desc mixed = {0, 2, spin, 0, 0, 0, 0, 0, threads, 0, OM_LOOP_QUIET};
  om_par_for(&mixed);
  om_collect();
  if (om_heap_bytes() > 40u << 20 || om_collections() < 2) {
    return 4;
  }
  om_array *done = om_string_from_c("fine\n");
  om_out_str(done);
  return 0;
}
PROGRAM(run, kept, sizeof kept)
