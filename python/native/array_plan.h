// SPDX-License-Identifier: Apache-2.0
// How expressions are to be computed: what has one shape in one pass over memory, folds before those that use them.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "omega/compute/kernels/sum.h"
#include "omega/graph/exec/element_program.h"
#include "omega/graph/exec/value.h"
#include "python/native/tracer.h"

namespace omega::python {

/// Where an input of an instruction comes from.
struct Source {
  enum class From : uint8_t { constant, parameter, slot } from = From::constant;
  uint32_t number = 0;
};

/// A fold along an axis.
struct AxisFold {
  compute::Fold fold = compute::Fold::sum;
  std::optional<int> axis;
  bool keeps_axis = false;
  graph::DType dtype = graph::DType::any;  ///< of the result
};

/// One pass over arrays of one shape: a program, or a fold along an axis.
struct Pass {
  std::optional<AxisFold> axis_fold;
  graph::ElementProgram program;
  std::vector<Source> inputs;
  uint32_t first_slot = 0;       ///< of its results
  std::vector<bool> keeps_none;  ///< by result: the one behind it counts elements that are no number
  double operations = 0;
};

/// Passes in order. Its constants are arrays of NumPy's, which it keeps, and numbers.
struct Plan {
  std::vector<Pass> passes;
  std::vector<graph::Value> constants;
  std::vector<pybind11::object> kept;
  uint32_t slots = 0;
};

/// A plan that computes the roots, which have expressions: adds to `plan`, gives the slot of each root. `parameter`: the one that is there when the plan is
/// run, or null; of others nothing can be computed. Throws error_already_set. With the GIL.
std::vector<uint32_t> make_plan(Plan& plan, std::span<Tracer* const> roots, const Tracer* parameter);

}  // namespace omega::python
