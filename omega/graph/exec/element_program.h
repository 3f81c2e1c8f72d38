// SPDX-License-Identifier: Apache-2.0
// Element-wise work as a small program that runs block by block: what FUSED operations hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/exec/operator.h"

namespace omega::graph {

/// Steps over elements. An operand below kStep is an input, otherwise step (operand - kStep).
struct ElementProgram {
  static constexpr uint16_t kStep = 0x8000;
  struct Step {
    ElementOp op;
    uint16_t operands[3];
    friend bool operator==(const Step&, const Step&) = default;
  };
  /// One output of the operation: all elements of an operand, or their fold.
  struct Yield {
    uint16_t operand;
    std::optional<ReduceOp> fold;
    friend bool operator==(const Yield&, const Yield&) = default;
  };
  std::vector<Step> steps;
  std::vector<Yield> yields;
};

/// Reads the attribute `program` of FUSED operations: "mul i0 i1;add s0 i2;yield s1;yield sum s1". Throws std::invalid_argument.
ElementProgram parse_element_program(std::string_view text);
/// The program of a single element operator or fold.
ElementProgram single_step(ElementOp op);
ElementProgram single_fold(ReduceOp op);

/// Runs the program over the call's inputs: scalars, and arrays of one shape. An element's result depends on nothing but its operands, a
/// fold's on nothing but the elements and their number. Throws std::invalid_argument when types or shapes do not fit, std::domain_error
/// when an integer is divided by zero.
void run_element_program(const ElementProgram& program, Call& call);

}  // namespace omega::graph
