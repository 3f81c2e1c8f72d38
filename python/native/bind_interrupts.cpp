// SPDX-License-Identifier: Apache-2.0
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <ctime>
#include <thread>
#include <vector>

#include "omega/compute/kernels/execution.h"
#include "omega/task/first_failure.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// Work without end: over when it is stopped.
void wait_until_stopped(const task::Cancellation* stop) {
  while (!stop->requested()) {
    timespec briefly{0, 1'000'000};
    nanosleep(&briefly, nullptr);
  }
  throw compute::Stopped{stop->state()};
}

}  // namespace

void bind_interrupts(py::module_& module) {
  module.def(
      "_wait_until_interrupted", [] { unlocked(kEndlessWork, [](const task::Cancellation* stop) { wait_until_stopped(stop); }); },
      "For tests: a call that only an interrupt ends.");
  module.def(
      "_call_side_by_side",
      [](const std::vector<py::function>& functions) {
        unlocked(kEndlessWork, [&](const task::Cancellation* stop) {
          task::FirstFailure failure;
          std::vector<std::thread> threads;
          threads.reserve(functions.size());
          for (size_t i = 0; i < functions.size(); ++i) {
            threads.emplace_back([&, i] {
              try {
                const CallbackScope python(stop);
                functions[i]();
              } catch (...) {
                failure.note(i);
              }
            });
          }
          for (std::thread& thread : threads) {
            thread.join();
          }
          failure.rethrow();
        });
      },
      py::arg("functions"), "For tests: calls functions on threads of their own, and raises what the first of them in the list that failed raised.");
}

}  // namespace omega::python
