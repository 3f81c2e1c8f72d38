// SPDX-License-Identifier: Apache-2.0
// Which instructions call out, and so lose the caller-saved registers.
#pragma once

#include "omega/ir/ir.h"

namespace omega::codegen::native {

/// True when the code of `inst` contains a call that returns (calls that end in a panic do not count).
inline bool clobbers_registers(const ir::Function& f, const ir::Inst& inst) {
  using ir::Op;
  switch (inst.op) {
    case Op::Call:
    case Op::CallClosure:
    case Op::CallRuntime:
    case Op::NewObject:
    case Op::ArrayNew:
    case Op::MakeClosure:
    case Op::ParallelFor:
    case Op::Pow: return true;
    case Op::Mod: return ir::is_wide(inst.type) || ir::is_float(inst.type);
    case Op::Mul:
    case Op::Div:
    case Op::Neg:
    case Op::Shl:
    case Op::Shr:
    case Op::Abs: return ir::is_wide(inst.type);
    case Op::Cast: return ir::is_wide(inst.type) || ir::is_wide(f.insts[inst.a].type);
    case Op::Bitcast:
    case Op::Add:
    case Op::Sub: return ir::is_wide(inst.type) && ir::bit_width(inst.type) != 256;
    default: return false;
  }
}

/// True when operands are read after the call.
inline bool reads_operands_late(ir::Op op) { return op == ir::Op::MakeClosure; }

}  // namespace omega::codegen::native
