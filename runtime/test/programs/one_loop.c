// SPDX-License-Identifier: Apache-2.0
// A whole process around one loop of 10,000 iterations: `2 @` when there is an argument 2, else `@@`.
#include "program.h"
extern int om_argc;
extern char **om_argv;
static void body(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  (void)env, (void)acc, (void)at;
  for (int64_t i = lo; i < hi; i++) {
    om_compiler_fence();
  }
}
static int32_t run(void) {
  om_par_desc d = {0, 10000, body, 0, 0, 0, 0, 0, om_argc > 1 ? om_argv[1][0] - '0' : 0, 0, OM_LOOP_QUIET};
  om_par_for(&d);
  return 0;
}
PROGRAM(run, 0, 0)
