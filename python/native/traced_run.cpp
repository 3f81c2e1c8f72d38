// SPDX-License-Identifier: Apache-2.0
#include "python/native/traced_run.h"

#include <utility>

#include "python/native/operation_threads.h"

namespace omega::python {

void release(Run* run) {
  if (--run->references == 0) {
    delete run;
  }
}

void end_run(Run* run) {
  run->is_stopped = true;
  while (run_one(run, true)) {
  }
  // While the log holds them all: chains of them are as long as the traced code likes, and they go in circles.
  for (Operation* operation : run->log) {
    for (Operation** other : {&operation->last_call, &operation->origin, &operation->follower}) {
      if (*other != nullptr) {
        release(std::exchange(*other, nullptr));
      }
    }
  }
  for (Operation* operation : std::exchange(run->log, {})) {
    release(operation);
  }
  run->receivers.clear();
  release(run);
}

Run*& current_run() {
  thread_local Run* run = nullptr;
  return run;
}

}  // namespace omega::python
