// SPDX-License-Identifier: Apache-2.0
// Facts about operations, and walking an instruction's operands and successors.
#pragma once

#include <string_view>

#include "omega/ir/ir.h"

namespace omega::ir {

/// What an operand field of an instruction holds (the letters of ops.def).
enum class Role : uint8_t { None, Value, OptionalValue, Immediate, Slot, Function, Runtime, Block, String, DataType, Extra };

/// Effect bits (the letters of ops.def and runtime_functions.def).
enum Effect : uint8_t {
  kPure = 1,        ///< P: may be removed, moved, shared
  kMayPanic = 2,    ///< C: pure but may panic
  kReads = 4,       ///< R: reads memory
  kWrites = 8,      ///< W: writes memory
  kAllocates = 16,  ///< A
  kIo = 32,         ///< I: input, output or anything else
  kTerminator = 64  ///< T
};

/// What is known about an operation.
struct OpInfo {
  std::string_view text;  ///< name in the textual form
  Role roles[3];          ///< of a, b, c
  uint8_t effects;        ///< Effect bits
};

inline constexpr uint32_t kOpCount = 0
#define OMEGA_OP(name, text, operands, effects) +1
#include "omega/ir/ops.def"
    ;

/// One entry an operation, by number.
extern const OpInfo op_infos[kOpCount];

/// The facts of `op`.
inline const OpInfo& op_info(Op op) { return op_infos[static_cast<uint8_t>(op)]; }

/// True for operations that end a block.
inline bool is_terminator(Op op) { return op >= Op::Revert; }

/// True when nothing but the value is lost if the instruction is left out. Integer operations without kChecked cannot overflow, but Div
/// and Mod still panic on zero.
inline bool is_removable(const Inst& inst) {
  const uint8_t effects = op_info(inst.op).effects;
  if ((effects & (kWrites | kIo | kTerminator)) != 0) {
    return false;
  }
  if ((effects & kMayPanic) == 0) {
    return true;
  }
  if (inst.op == Op::Div || inst.op == Op::Mod) {
    return is_float(inst.type);
  }
  return inst.op >= Op::Add && inst.op <= Op::Cast && (inst.flags & kChecked) == 0;
}

/// Number of block arguments at the head of `block` (BlockArg instructions).
uint32_t block_arg_count(const Function& function, BlockId block);

/// Words of `extra` that `inst` owns from inst.b on (for operations whose b is such a list; the others have 0).
inline uint32_t list_words(const Inst& inst) {
  switch (inst.op) {
    case Op::Call:
    case Op::CallClosure:
    case Op::CallRuntime:
    case Op::MakeClosure:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::Recover:
    case Op::EmitEvent:
    case Op::Create:
    case Op::CallContract:
    case Op::CallRaw:
    case Op::Revert:
    case Op::Br:
    case Op::Ret: return inst.c;
    case Op::DataEncode: return 2 * inst.c;
    default: return 0;
  }
}

/// Calls `visit(uint32_t& value)` for each value an instruction uses, in order; a `const` function gives `const uint32_t&`.
/// Covers arguments of calls, branches and parallel loops in `extra`. Absent optional values are skipped.
template <class FunctionT, class InstT, class Visit>
void for_each_value(FunctionT& function, InstT& inst, Visit&& visit) {
  auto& extra = function.extra;
  auto list = [&](uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      visit(extra[first + i]);
    }
  };
  switch (inst.op) {
    case Op::Call:
    case Op::CallRuntime:
    case Op::MakeClosure:
    case Op::DataEncode:
    case Op::DataConcat:
    case Op::Recover:
    case Op::EmitEvent:
    case Op::Revert:
    case Op::Br:
    case Op::Ret: list(inst.b, inst.c); return;
    case Op::CallClosure:
      visit(inst.a);
      list(inst.b, inst.c);
      return;
    case Op::Create:
    case Op::CallContract:
    case Op::CallRaw:
      for (uint32_t i = 0; i < inst.c; ++i) {
        if (extra[inst.b + i] != kNone) {
          visit(extra[inst.b + i]);
        }
      }
      return;
    case Op::CondBr: {
      visit(inst.a);
      const uint32_t then_count = extra[inst.b + 1];
      list(inst.b + 2, then_count);
      list(inst.b + 4 + then_count, extra[inst.b + 3 + then_count]);
      return;
    }
    case Op::ParallelFor: {
      // Positions of ParallelForRecord's value fields.
      static constexpr uint8_t fields[] = {0, 1, 2, 4, 6, 8};
      for (const uint8_t field : fields) {
        if (extra[inst.a + field] != kNone) {
          visit(extra[inst.a + field]);
        }
      }
      return;
    }
    default: break;
  }
  const OpInfo& info = op_info(inst.op);
  auto one = [&](Role role, auto& field) {
    if (role == Role::Value || (role == Role::OptionalValue && field != kNone)) {
      visit(field);
    }
  };
  one(info.roles[0], inst.a);
  one(info.roles[1], inst.b);
  one(info.roles[2], inst.c);
}

/// Calls `visit(BlockId target, std::span<const uint32_t> arguments)` for each successor of a terminator, then before else.
template <class Visit>
void for_each_successor(const Function& function, const Inst& inst, Visit&& visit) {
  if (inst.op == Op::Br) {
    visit(inst.a, function.args(inst));
  } else if (inst.op == Op::CondBr) {
    const uint32_t* at = function.extra.data() + inst.b;
    visit(at[0], std::span<const uint32_t>(at + 2, at[1]));
    at += 2 + at[1];
    visit(at[0], std::span<const uint32_t>(at + 2, at[1]));
  }
}

/// Calls `visit(uint32_t& target)` for each place that names a successor, so that passes can redirect it.
template <class Visit>
void for_each_target(Function& function, Inst& inst, Visit&& visit) {
  if (inst.op == Op::Br) {
    visit(inst.a);
  } else if (inst.op == Op::CondBr) {
    uint32_t* at = function.extra.data() + inst.b;
    visit(at[0]);
    visit(at[2 + at[1]]);
  }
}

/// The record of a ParallelFor instruction. Holds while the function's `extra` is unchanged.
inline const ParallelForRecord& parallel_for_record(const Function& function, const Inst& inst) {
  return *reinterpret_cast<const ParallelForRecord*>(function.extra.data() + inst.a);
}
static_assert(sizeof(ParallelForRecord) == 13 * sizeof(uint32_t));

/// The 64-bit value of a Const (or the bits of a ConstFloat).
inline int64_t const_value(const Inst& inst) { return static_cast<int64_t>(static_cast<uint64_t>(inst.c) << 32 | inst.b); }

/// The IR's name of a type: `s64`, `u256`, `f64`, `ref`, `void`.
std::string type_name(Type type);

/// A word of a contract's memory: what arrays and objects there are made of.
inline constexpr uint32_t kWordBytes = 32;

/// Bytes of a captured value in a closure: 32 for wide integers, else 8.
inline uint32_t capture_size(Type type) { return is_wide(type) ? 32 : 8; }

}  // namespace omega::ir
