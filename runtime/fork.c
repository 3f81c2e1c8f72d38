// SPDX-License-Identifier: Apache-2.0
// When a recursion that may fork should still do so.
#include "loop.h"

int32_t om_fork_pays(void) {
  const om_thread *t = om_self();
  const int32_t depth = t->loop == NULL ? 0 : t->loop->depth + 1;
  int32_t levels = 2;  // about four tasks for each thread, so that uneven halves balance
  for (int32_t threads = om_thread_count(); threads > 1; threads /= 2) {
    ++levels;
  }
  return om_thread_count() > 1 && depth < levels;
}
