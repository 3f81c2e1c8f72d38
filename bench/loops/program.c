// SPDX-License-Identifier: Apache-2.0
// program.omega in C with OpenMP.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 2001, BATCH = 10, IDLE_ROUNDS = 101, N = 10000 };

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
static void idle(void) {
  struct timespec t = {0, 5000000};
  nanosleep(&t, NULL);
}
static int compare(const void* a, const void* b) {
  long x = *(const long*)a, y = *(const long*)b;
  return (x > y) - (x < y);
}
static long tenth(long* times, long count) {
  qsort(times, (size_t)count, sizeof *times, compare);
  return times[count / 10];
}

static long times[ROUNDS], xs[N];

int main(void) {
  for (long r = 0; r < ROUNDS; r++) {
    long start = now();
    for (long b = 0; b < BATCH; b++) {
#pragma omp parallel for num_threads(2) schedule(static)
      for (long i = 0; i < N; i++) {
      }
    }
    times[r] = (now() - start) / BATCH;
  }
  long empty = tenth(times, ROUNDS);
  for (long r = 0; r < IDLE_ROUNDS; r++) {
    idle();
    long start = now();
#pragma omp parallel for num_threads(2) schedule(static)
    for (long i = 0; i < N; i++) {
    }
    times[r] = now() - start;
  }
  long empty_idle = tenth(times, IDLE_ROUNDS);
  for (long r = 0; r < ROUNDS; r++) {
    long start = now();
    for (long b = 0; b < BATCH; b++) {
#pragma omp parallel for num_threads(2) schedule(static)
      for (long i = 0; i < N; i++) {
        xs[i] = r + i;
      }
    }
    times[r] = (now() - start) / BATCH;
  }
  long store = tenth(times, ROUNDS);
  for (long r = 0; r < IDLE_ROUNDS; r++) {
    idle();
    long start = now();
#pragma omp parallel for num_threads(2) schedule(static)
    for (long i = 0; i < N; i++) {
      xs[i] = r + i;
    }
    times[r] = now() - start;
  }
  fprintf(stderr, "%ld\n", xs[N / 2]);
  printf("%ld %ld %ld %ld\n", empty, empty_idle, store, tenth(times, IDLE_ROUNDS));
  return 0;
}
