// SPDX-License-Identifier: Apache-2.0
// examples/prime_sieve in C as one writes it by hand, with the same segments.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEGMENT = 4096 };

static long small_primes(long limit, long *primes) {
  char *composite = calloc(limit + 1, 1);
  long count = 0;
  for (long i = 2; i <= limit; i++) {
    if (!composite[i]) {
      primes[count++] = i;
      for (long k = i * i; k <= limit; k += i) composite[k] = 1;
    }
  }
  free(composite);
  return count;
}

static long count_segment(long low, long high, const long *primes, long prime_count) {
  char *composite = calloc(high - low, 1);
  for (long i = 0; i < prime_count; i++) {
    long p = primes[i];
    if (p * p >= high) break;
    long first = (low + p - 1) / p * p;
    if (first < p * p) first = p * p;
    for (long k = first; k < high; k += p) composite[k - low] = 1;
  }
  long count = 0;
  for (long i = 0; i < high - low; i++) count += composite[i] ? 0 : 1;
  free(composite);
  return count;
}

int main(int argc, char **argv) {
  long limit = argc > 1 ? atol(argv[1]) : 100000, root = (long)sqrt((double)limit) + 1;
  long *primes = malloc((root + 1) * sizeof *primes);
  long prime_count = small_primes(root, primes), segments = (limit + SEGMENT) / SEGMENT, count = 0;
  for (long s = 0; s < segments; s++) {
    long low = s * SEGMENT, high = low + SEGMENT;
    count += count_segment(low < 2 ? 2 : low, high < limit + 1 ? high : limit + 1, primes, prime_count);
  }
  printf("primes up to %ld are %ld\n", limit, count);
  return 0;
}
