// SPDX-License-Identifier: Apache-2.0
// What the functions that step reservoirs are given and give.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/reservoir_step.h"
#include "omega/task/scheduler.h"

namespace omega::python {

/// A processor's own scheduler.
class Engine {
 public:
  Engine(unsigned threads, bool affinity)
      : scheduler_({.threads = threads, .affinity = affinity ? task::Affinity::processor : task::Affinity::none, .processors = {}, .name = "omega-processor"}) {
  }
  [[nodiscard]] task::Scheduler& scheduler() { return scheduler_; }
  [[nodiscard]] unsigned threads() const { return scheduler_.threads(); }

 private:
  task::Scheduler scheduler_;
};

/// Arrays of a list and views of them. Raises TypeError that names the list and the position.
struct Views {
  Views(const pybind11::list& list, const char* name);

  std::vector<pybind11::array> arrays;
  std::vector<compute::ArrayView> views;
};

/// By its name: "none", "tanh", "leaky_tanh".
compute::Activation activation_of(const std::string& name, double leak);
/// NumPy's arrays of what a call gave.
pybind11::list list_of(std::vector<compute::Array> results);
/// The end of a call that begins now; never, when no time [s] is given.
std::chrono::steady_clock::time_point end_after(std::optional<double> seconds);

}  // namespace omega::python
