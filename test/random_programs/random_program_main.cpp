// SPDX-License-Identifier: Apache-2.0
// random_program SEED [racy]: prints a program.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "test/random_programs/program_writer.h"

int main(int argc, char** argv) {
  const bool racy = argc == 3 && std::strcmp(argv[2], "racy") == 0;
  if (argc != 2 && !racy) {
    std::fputs("usage: random_program SEED [racy]\n", stderr);
    return 2;
  }
  omega::random_programs::ProgramWriter writer(std::strtoull(argv[1], nullptr, 10));
  std::fputs((racy ? writer.write_racy() : writer.write()).c_str(), stdout);
  return 0;
}
