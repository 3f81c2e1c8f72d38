// SPDX-License-Identifier: Apache-2.0
// random_program SEED: prints a program.
#include <cstdio>
#include <cstdlib>

#include "test/random_programs/program_writer.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: random_program SEED\n", stderr);
    return 2;
  }
  std::fputs(omega::random_programs::ProgramWriter(std::strtoull(argv[1], nullptr, 10)).write().c_str(), stdout);
  return 0;
}
