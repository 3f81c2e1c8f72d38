// SPDX-License-Identifier: Apache-2.0
// Part of every fuzzer: a failed check aborts, for libFuzzer keeps the input of what aborts and forgets that of what exits.
#include <cstdio>
#include <cstdlib>

#include "omega/base/check.h"

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  omega::base::set_check_handler([](const omega::base::CheckFailure& failure) {
    std::fprintf(stderr, "%s:%d: %s (%s)\n", failure.file, failure.line, failure.message, failure.condition);
    std::abort();
  });
  return 0;
}
