// SPDX-License-Identifier: Apache-2.0
// examples/mandelbrot in C as one writes it by hand.
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT = 200 };

static long escape(double cx, double cy) {
  double x = 0, y = 0;
  long n = 0;
  while (n < LIMIT && x * x + y * y <= 4.0) {
    double next = x * x - y * y + cx;
    y = 2.0 * x * y + cy;
    x = next;
    n++;
  }
  return n;
}

int main(int argc, char **argv) {
  long width = argc > 1 ? atol(argv[1]) : 64, height = width * 3 / 4;
  long *image = malloc(width * height * sizeof *image);
  for (long y = 0; y < height; y++)
    for (long x = 0; x < width; x++) image[y * width + x] = escape(3.0 * (double)x / (double)width - 2.2, 2.5 * (double)y / (double)height - 1.25);
  for (long y = 0; y < height; y += 2) {
    for (long x = 0; x < width; x++) {
      long n = image[y * width + x];
      putchar(" .:-=+*#%@"[(n < 36 ? n : 36) / 4]);
    }
    putchar('\n');
  }
  long steps = 0;
  for (long i = 0; i < width * height; i++) steps += image[i];
  printf("steps: %ld\n", steps);
  return 0;
}
