// SPDX-License-Identifier: Apache-2.0
// The interpreter's state: the program and one stack for each thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "omega/interp/code.h"
#include "omega/interp/interpreter.h"

namespace omega::interp {

/// The program being run; one at a time in a process.
struct Program {
  const ir::Module* module = nullptr;
  const Options* options = nullptr;
  std::unique_ptr<DecodedFunction[]> functions;
  std::mutex decoding;

  /// The function, decoded.
  const Code* code_of(DecodedFunction& function) {
    const Code* code = function.code.load(std::memory_order_acquire);
    return code != nullptr ? code : decode_now(function);
  }
  const Code* decode_now(DecodedFunction& function);
};

/// Cells in front of each frame: where to go on, the caller's frame, the function, one unused for alignment.
inline constexpr uint32_t kFrameHeader = 4;

/// An Omega thread's stack of frames. Never freed while the program runs: the collector looks at all of them.
struct Stack {
  uint64_t* base = nullptr;
  uint64_t* limit = nullptr;
  uint64_t* top = nullptr;    ///< end of the innermost frame
  uint64_t* frame = nullptr;  ///< the innermost frame
  const Code* ip = nullptr;   ///< of the innermost frame, where something may fail
  Stack* next = nullptr;

  /// An execute() that is under way. Panics leave them without a word, so they are dropped when the native stack has been cut below them.
  struct Activation {
    uintptr_t native_frame;
    uint64_t* top;
    uint64_t* frame;
    const Code* ip;
  };
  static constexpr uint32_t kDeepest = 1024;
  uint32_t depth = 0;
  Activation activations[kDeepest];
};

/// The calling thread's stack, made when it has none.
Stack& this_stack();

/// Runs a function: arguments are cells (wide ones four) in order; results go to `results` likewise. May not return: panics leave by the
/// runtime's way.
void execute(Program& program, DecodedFunction& function, const uint64_t* args, uint32_t arg_cells, uint64_t* results);

/// Calls a runtime function with cells of `frame`: list is [count, cell…]; the result goes to `*result` unless null.
void call_runtime(uint32_t function, uint64_t* frame, const uint32_t* list, uint64_t* result);

/// The parallel loop whose cells are in `list` (see decode).
void run_parallel_for(Program& program, uint64_t* frame, const uint32_t* list);

/// An integer of 1 to 64 bits cut to its type and extended again.
inline uint64_t extend(uint64_t value, uint32_t aux) {
  const uint32_t bits = aux_bits(aux);
  if (bits >= 64) {
    return value;
  }
  const uint32_t shift = 64 - bits;
  return aux_signed(aux) ? static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift) : value << shift >> shift;
}

/// What Op::Atomic does, at an address, by an integer type.
void atomic_update(void* place, const uint64_t* value, uint32_t operation, uint32_t aux);

}  // namespace omega::interp
