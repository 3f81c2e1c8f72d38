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
  for (Operation* operation : std::exchange(run->log, {})) {
    release(operation);
  }
  for (const Look& look : run->looks) {
    if (!look.is_kept && look.value != nullptr) {
      as_tracer(look.value)->noted_in = nullptr;
    }
  }
  for (const Look& look : std::exchange(run->looks, {})) {
    if (look.is_kept) {
      Py_DECREF(look.value);
    }
  }
  for (PyObject* each : std::exchange(run->handed_over, {})) {
    Py_DECREF(each);
  }
  run->beside.clear();
  run->changing.clear();
  run->operator_effects.forget();
  release(run);
}

Run*& current_run() {
  thread_local Run* run = nullptr;
  return run;
}

}  // namespace omega::python
