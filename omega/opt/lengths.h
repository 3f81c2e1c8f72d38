// SPDX-License-Identifier: Apache-2.0
// Which instructions may change the length of an array.
#pragma once

#include "omega/ir/ir.h"
#include "omega/ir/runtime_functions.h"

namespace omega::opt {

/// True when running `inst` may change the length of some array that existed before.
inline bool changes_lengths(const ir::Inst& inst) {
  using ir::Op;
  if (inst.op == Op::Call || inst.op == Op::CallClosure || inst.op == Op::ParallelFor) {
    return true;
  }
  if (inst.op != Op::CallRuntime) {
    return false;
  }
  const ir::RuntimeFunction& function = ir::runtime_function(static_cast<ir::RuntimeFunctionId>(inst.a));
  return function.has_effect('W') || (function.has_effect('I') && !function.name.starts_with("Out"));
}

}  // namespace omega::opt
