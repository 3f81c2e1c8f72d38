// SPDX-License-Identifier: Apache-2.0
// bench/examples/scaled/flap_v4.omega in C as one writes it by hand.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  long n = 1000000, longest = 0, total = 0;
  long *steps = malloc(n * sizeof *steps);
  for (long i = 0; i < n; i++) {
    long x = i + 1, count = 0;
    while (x != 1) {
      if (x % 2 == 0) x = x / 2;
      else x = 3 * x + 1;
      count++;
    }
    steps[i] = count;
    if (count > longest) longest = count;
  }
  for (long block = 0; block < 1000; block++) {
    long part = 0;
    for (long i = 0; i < 1000; i++) part += steps[block * 1000 + i];
    total += part;
  }
  printf("steps: %ld\nlongest: %ld\n", total, longest);
  return 0;
}
