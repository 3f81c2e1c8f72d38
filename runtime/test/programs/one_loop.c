// SPDX-License-Identifier: Apache-2.0
// A whole process around one loop of 10,000 iterations: on the threads of the first argument.
#include "program.h"
static void body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)acc, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    om_compiler_fence();
  }
}
static int32_t run(void) {
  om_par_desc d = {0, 10000, body, 0, 0, 0, 0, 0, (int32_t)number(om_args(), 0, 2), 0, OM_LOOP_QUIET};
  om_par_for(&d);
  return 0;
}
PROGRAM(run, 0, 0)
