// SPDX-License-Identifier: Apache-2.0
// Wall time of a whole process: process PROGRAM ARGUMENT..., prints nanoseconds (the tenth part of 400 runs).
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
static int compare(const void* a, const void* b) {
  long x = *(const long*)a, y = *(const long*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  static long times[400];
  if (argc < 2) {
    return 2;
  }
  int null = open("/dev/null", O_WRONLY), out = dup(1);
  dup2(null, 1);
  for (int i = 0; i < 400; i++) {
    int status;
    long start = now();
    pid_t child = vfork();
    if (child == 0) {
      execv(argv[1], argv + 1);
      _exit(127);
    }
    waitpid(child, &status, 0);
    times[i] = now() - start;
  }
  qsort(times, 400, sizeof times[0], compare);
  dprintf(out, "%ld\n", times[40]);
  return 0;
}
