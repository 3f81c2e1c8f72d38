// SPDX-License-Identifier: Apache-2.0
// examples/spectral_norm in C as one writes it by hand.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double entry(long i, long j) { return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(const double *v, double *out, long n) {
  for (long i = 0; i < n; i++) {
    double sum = 0;
    for (long j = 0; j < n; j++) sum += entry(i, j) * v[j];
    out[i] = sum;
  }
}

static void times_transposed(const double *v, double *out, long n) {
  for (long i = 0; i < n; i++) {
    double sum = 0;
    for (long j = 0; j < n; j++) sum += entry(j, i) * v[j];
    out[i] = sum;
  }
}

int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 100;
  double *u = malloc(n * sizeof *u), *v = malloc(n * sizeof *v), *between = malloc(n * sizeof *between);
  for (long i = 0; i < n; i++) u[i] = 1.0;
  for (int round = 0; round < 10; round++) {
    times(u, between, n);
    times_transposed(between, v, n);
    times(v, between, n);
    times_transposed(between, u, n);
  }
  double vbv = 0, vv = 0;
  for (long i = 0; i < n; i++) {
    vbv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  printf("%.9f\n", sqrt(vbv / vv));
  return 0;
}
