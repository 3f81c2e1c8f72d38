// SPDX-License-Identifier: Apache-2.0
// Of stress builds: threads stop at random places, so that rare orders of events become common ones.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

#include "runtime/atomics.h"

static __thread uint64_t state;

static uint32_t draw(void) {
  if (state == 0) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    state = (uint64_t)t.tv_nsec * 0x9e3779b97f4a7c15u ^ (uint64_t)(uintptr_t)&state | 1;
  }
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32);
}

void om_stress_point(void) {
  const int saved = errno;
  const uint32_t r = draw();
  if (r % 64 == 0) {
    sched_yield();
  } else if (r % 512 == 1) {
    const struct timespec t = {0, (long)(r >> 16)};
    nanosleep(&t, NULL);
  } else if (r % 32 == 2) {
    for (volatile uint32_t i = 0; i < (r >> 22); i++) {
    }
  }
  errno = saved;
}

int om_stress_collects(void) { return draw() % 4 == 0; }
