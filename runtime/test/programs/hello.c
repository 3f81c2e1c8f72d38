// SPDX-License-Identifier: Apache-2.0
// Prints, then ends with exit code 7.
#include "program.h"
TEXT(hello, "hello\n");
static int32_t run(void) {
  om_out_str(&hello);
  om_out_f64(1.5);
  om_out_bytes("\n", 1);
  return 7;
}
PROGRAM(run, 0, 0)
