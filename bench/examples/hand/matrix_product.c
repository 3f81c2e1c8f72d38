// SPDX-License-Identifier: Apache-2.0
// examples/matrix_product in C as one writes it by hand: rows are arrays of their own, as in the example.
#include <stdio.h>
#include <stdlib.h>

static double **matrix(long n, long seed) {
  double **m = malloc(n * sizeof *m);
  for (long i = 0; i < n; i++) {
    m[i] = malloc(n * sizeof **m);
    for (long j = 0; j < n; j++) m[i][j] = (double)((i * 31 + j * 17 + seed) % 10) / 4.0;
  }
  return m;
}

static double **product(double **a, double **b, long n) {
  double **c = malloc(n * sizeof *c);
  for (long i = 0; i < n; i++) {
    double *row = calloc(n, sizeof *row);
    for (long k = 0; k < n; k++) {
      double factor = a[i][k];
      double *other = b[k];
      for (long j = 0; j < n; j++) row[j] += factor * other[j];
    }
    c[i] = row;
  }
  return c;
}

int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 96;
  double **c = product(matrix(n, 1), matrix(n, 5), n);
  double trace = 0, sum = 0;
  for (long i = 0; i < n; i++) {
    trace += c[i][i];
    for (long j = 0; j < n; j++) sum += c[i][j];
  }
  printf("trace: %.15g\nsum: %.15g\nlast: %.15g\n", trace, sum, c[n - 1][n - 1]);
  return 0;
}
