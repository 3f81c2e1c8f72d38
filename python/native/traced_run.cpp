// SPDX-License-Identifier: Apache-2.0
#include "python/native/traced_run.h"

#include <algorithm>
#include <utility>

#include "python/native/code_facts.h"
#include "python/native/operation_threads.h"

namespace omega::python {

void release(Run* run) {
  if (--run->references == 0) {
    delete run;
  }
}

int hand_over(Run* run, PyObject* container, Copies& copies) {
  bool puts_objects = false;
  if (make_plain_in_place(container, copies, &puts_objects) < 0) {
    return -1;
  }
  if (run != nullptr) {
    if (std::ranges::find(run->handed_over, container) == run->handed_over.end()) {
      run->handed_over.push_back(Py_NewRef(container));
      run->given_back.note_seen(container);
      if (may_change_later({container})) {
        run->changed_later.insert(container);
      }
    }
    run->settings.parallel &= !puts_objects;
  }
  return 0;
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
  run->changed_later.clear();
  for (PyObject* each : std::exchange(run->handed_over, {})) {
    Py_DECREF(each);
  }
  run->given_back.clear();
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
