// SPDX-License-Identifier: Apache-2.0
// examples/game_of_life in C as one writes it by hand.
#include <stdio.h>
#include <stdlib.h>

static long neighbours(const unsigned char *cells, long size, long x, long y) {
  long count = 0;
  for (long dy = -1; dy <= 1; dy++)
    for (long dx = -1; dx <= 1; dx++)
      if (dx != 0 || dy != 0) count += cells[(y + dy + size) % size * size + (x + dx + size) % size];
  return count;
}

static unsigned char *step(unsigned char *cells, long size) {
  unsigned char *next = malloc(size * size);
  for (long y = 0; y < size; y++)
    for (long x = 0; x < size; x++) {
      long n = neighbours(cells, size, x, y);
      next[y * size + x] = n == 3 || (n == 2 && cells[y * size + x] == 1);
    }
  free(cells);
  return next;
}

static long population(const unsigned char *cells, long size) {
  long sum = 0;
  for (long i = 0; i < size * size; i++) sum += cells[i];
  return sum;
}

int main(int argc, char **argv) {
  long generations = argc > 1 ? atol(argv[1]) : 100, size = argc > 2 ? atol(argv[2]) : 48, middle = size / 2;
  static const long at[5][2] = {{1, 0}, {2, 0}, {0, 1}, {1, 1}, {1, 2}};
  unsigned char *cells = calloc(size * size, 1);
  for (int k = 0; k < 5; k++) cells[(middle + at[k][1]) * size + middle + at[k][0]] = 1;
  for (long generation = 0; generation < generations; generation++) {
    if (generation % 20 == 0) printf("generation %ld cells %ld\n", generation, population(cells, size));
    cells = step(cells, size);
  }
  printf("generation %ld cells %ld\n", generations, population(cells, size));
  for (long y = 0; y < size; y += 2) {
    for (long x = 0; x < size; x++) putchar(" '.:"[cells[y * size + x] + 2 * cells[(y + 1) * size + x]]);
    puts("|");
  }
  return 0;
}
