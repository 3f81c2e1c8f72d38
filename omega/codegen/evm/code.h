// SPDX-License-Identifier: Apache-2.0
// Routines: contracts as SSA over EVM words, between the IR and the stack. Every value is one 256-bit word; an instruction is an EVM operation, or one
// of a few that the stack machine has no operation for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/codegen/evm/word.h"

namespace omega::codegen::evm {

using ValueId = uint32_t;    ///< index of the instruction that makes it
using BlockId = uint32_t;    ///< index into Routine::blocks
using RoutineId = uint32_t;  ///< index into Program::routines
using ConstantId = uint32_t;
inline constexpr uint32_t kNone = 0xffff'ffffu;

/// EVM operations by their byte; from 0x100 on what becomes several of them.
enum class Op : uint16_t {
#define EVM_OP(name, byte, taken, given, reads, writes) name = byte,
#include "omega/codegen/evm/opcodes.def"
  Const = 0x100,  ///< a: ConstantId
  Param,          ///< a: position; at the head of a routine's entry
  ReturnAddress,  ///< where a routine that returns goes back to; first in its entry
  BlockArg,       ///< a: position; at the head of its block
  CallRoutine,    ///< a: RoutineId; operands: arguments; first result
  Result,         ///< a: number of the result, from 1; operand: the call; directly behind it
  HashPair,       ///< keccak256 of two words: the place of a mapping's entry (key, mapping)
  HashWord,       ///< keccak256 of a word: where a dynamic array's elements begin
  ExitIf,         ///< a: Exit; operand: condition. Ends the call when it is not zero
  Immutable,      ///< a: number of the immutable, a value put into the code when the contract is made
  RuntimeOffset,  ///< place in the init code of the code that stays
  RuntimeSize,    ///< its bytes
  HeapStart,      ///< Program::heap_start, known when all routines are emitted
  ProgramSize,    ///< bytes of the whole init code, behind which the constructor's arguments lie
  DataOffset,     ///< a: piece of Program::data; its place in the code
  JumpTo,         ///< a: block; operands: its arguments
  Branch,         ///< operand: condition; a: block when it is not zero, b: else
  ReturnTo,       ///< operands: results; back to the caller
  Exit,           ///< a: Exit
  Unreachable,    ///< behind a call of a routine that does not come back
};

/// Ends that many places share.
enum class ExitKind : uint8_t {
  RevertEmpty,
  Bubble,  ///< revert with what the last call gave back
  Panic,   ///< plus Panic's code times 256
};
constexpr uint32_t panic_exit(uint32_t code) { return static_cast<uint32_t>(ExitKind::Panic) | code << 8; }

struct Inst {
  Op op;
  uint16_t count;  ///< operands
  uint32_t first;  ///< the first of them in Routine::operands, in the order of the EVM's stack: the first on top
  uint32_t a;
  uint32_t b;
  uint32_t location;  ///< index into Program::locations
};

/// Instructions [first, end).
struct Block {
  uint32_t first = 0;
  uint32_t end = 0;
  uint32_t args = 0;
};

/// A routine: the entry block is the first. Blocks of the finished routine lie one behind the other.
struct Routine {
  std::string name;
  uint32_t params = 0;
  uint32_t results = 0;
  bool returns = true;  ///< false: ends the call on every way
  bool is_recursive = false;
  base::PodVector<Inst> insts;
  base::PodVector<ValueId> operands;
  base::PodVector<Block> blocks;

  std::span<const ValueId> args(const Inst& inst) const { return {operands.data() + inst.first, inst.count}; }
};

/// A place in a source file.
struct Location {
  uint32_t file = kNone;
  uint32_t offset = 0;
  friend bool operator==(const Location&, const Location&) = default;
};

/// All of one code: routines, the first of which to run, and what they share.
struct Program {
  std::vector<Routine> routines;
  RoutineId entry = kNone;
  base::PodVector<Word> constants;
  std::unordered_map<Word, ConstantId, WordHash> constant_ids;
  std::vector<Location> locations;
  std::vector<std::string> data;  ///< bytes that lie behind the code
  uint32_t heap_start = 0x80;     ///< where memory is given out from; below lie scratch space, immutables and spilled values

  ConstantId constant(const Word& word);
};

/// State that orders operations, as bits.
enum Effect : uint8_t {
  kMemory = 1,
  kStorage = 2,
  kTransient = 4,
  kReturned = 8,
  kWorld = 16,    ///< balances, code, gas
  kScratch = 32,  ///< the first 64 bytes of memory
  kControl = 64,  ///< ends of the call; kept in order with writes only
  kEverything = 127,
};

struct OpInfo {
  const char* name;
  uint8_t taken;
  uint8_t given;
  uint8_t reads;
  uint8_t writes;
};

/// Facts of any operation.
const OpInfo& op_info(Op op);
/// May be left out when nobody uses its value.
bool is_removable(const Inst& inst);
bool is_terminator(Op op);
/// x op y = y op x.
bool is_commutative(Op op);
/// The operation with its two operands exchanged (Lt for Gt), or the same when it is commutative; Stop when there is none.
Op exchanged(Op op);
/// Costs no more than a DUP: made anew for each use.
bool is_rematerialized(Op op);

/// Blocks of a routine that its entry reaches, in reverse post-order, and how many ways lead into each.
struct Flow {
  std::vector<BlockId> order;
  std::vector<uint32_t> preds;

  explicit Flow(const Routine& routine);
};

/// For tests and listings.
std::string print(const Program& program, const Routine& routine);

}  // namespace omega::codegen::evm
