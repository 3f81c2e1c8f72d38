// SPDX-License-Identifier: Apache-2.0
// The intermediate representation: typed SSA over basic blocks with block arguments, beside local variable slots
// (which `opt/slots_to_values` turns into values), in flat arrays. docs/ir.md has the textual form and each operation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/arena.h"
#include "omega/base/interner.h"
#include "omega/base/pod_vector.h"
#include "omega/base/span.h"
#include "omega/base/text.h"

namespace omega::ir {

enum class Op : uint8_t {
#define OMEGA_OP(name, text, operands, effects) name,
#include "omega/ir/ops.def"
};

/// A value's type: void, u1..u256 (numbers 1..256), s1..s256 (257..512), f32, f64, ref. Integers in registers are always
/// extended to the register by their own sign. `ref` is any object, string, array, closure or address.
enum class Type : uint16_t {
  Void = 0,
  U1 = 1,
  U8 = 8,
  U32 = 32,
  U64 = 64,
  U256 = 256,
  S8 = 264,
  S32 = 288,
  S64 = 320,
  S256 = 512,
  F32 = 513,
  F64 = 514,
  Ref = 515
};
constexpr Type unsigned_type(uint32_t bits) { return static_cast<Type>(bits); }
constexpr Type signed_type(uint32_t bits) { return static_cast<Type>(256 + bits); }
constexpr bool is_integer(Type t) { return t >= Type::U1 && t <= Type::S256; }
constexpr bool is_signed(Type t) { return t > Type::U256 && t <= Type::S256; }
constexpr bool is_float(Type t) { return t == Type::F32 || t == Type::F64; }
constexpr uint32_t bit_width(Type t) {
  return is_signed(t) ? static_cast<uint32_t>(t) - 256 : t <= Type::U256 ? static_cast<uint32_t>(t) : t == Type::F32 ? 32 : 64;
}
/// Wider than a register: lives in memory as four 64-bit limbs, little-endian, extended to 256 bits by its sign.
constexpr bool is_wide(Type t) { return static_cast<uint32_t>(t) - 65 < 192 || static_cast<uint32_t>(t) - (256 + 65) < 192; }
/// Bytes of a field or array element of this type: 1, 2, 4, 8, 16 or 32.
uint32_t storage_size(Type t);

using ValueId = uint32_t;  ///< index of the instruction that makes the value
using BlockId = uint32_t;
using SlotId = uint32_t;
using LoopId = uint32_t;
using FunctionId = uint32_t;  ///< index into Module::functions
inline constexpr uint32_t kNone = 0xffff'ffffu;

enum InstFlag : uint8_t {
  kChecked = 1,
  kNoRefs = 2,
  kWord = 4,  ///< element operations of contracts: an element takes 32 bytes, whatever its type
  kTry = 8,   ///< call.contract: the first result says whether it went well
};
enum class PanicKind : uint8_t {
  Overflow,
  DivisionByZero,
  IndexOutOfBounds,
  BadCast,
  BadEnum,
  Assert,
  Require,
  Revert,
  ResultError,
  NegativeLength,
  NullCall,
  AliasedParallel,
  Unreachable,
  PopEmpty,
  BadArgument
};
enum class AtomicOp : uint8_t { Add, Sub, Min, Max, And, Or, Xor };
/// What a contract may ask of the message it handles and the block it runs in (operand of Message).
enum class MessageField : uint8_t {
  Sender,
  Value,
  Data,
  Signature,
  Origin,
  GasPrice,
  GasLeft,
  Self,
  SelfBalance,
  BlockNumber,
  Timestamp,
  ChainId,
  Coinbase,
  BaseFee,
  Random,
  GasLimit
};

struct Inst {
  Op op;
  uint8_t flags;
  Type type;
  uint32_t a;
  uint32_t b;
  uint32_t c;
};
static_assert(sizeof(Inst) == 16);

/// Instructions [first, end) of Function::insts; the last one is the terminator. Blocks stand in emission order, contiguous, entry first.
struct Block {
  uint32_t first;
  uint32_t end;
};

/// A local variable: private to one activation, never addressed. Value before the first set: zero / null.
struct Slot {
  Type type;
  uint8_t is_user;     ///< named in the source (else made by the compiler)
  uint8_t loop_depth;  ///< of its declaration
  base::NameId name;
  uint32_t location;  ///< byte offset of its declaration in the function's file
};

enum class LoopKind : uint8_t { While, Sequential, Parallel, ParallelThreads };

/// A loop as it was written. Its blocks are the contiguous range [header, exit). `While` loops have no induction data (kNone).
/// Counted loops: `set iv, lo; br header; header: get iv, get hi, lt, condbr body, exit; … latch: iv += step (wrapping); br header`.
struct Loop {
  LoopKind kind;
  uint8_t depth;
  BlockId header;
  BlockId body;  ///< first block of the body
  BlockId latch;
  BlockId exit;
  SlotId iv;  ///< induction variable (s64 or the loop variable's type)
  SlotId hi;  ///< exclusive upper bound, not written in the loop (kNone when the bound is not loop-invariant)
  int64_t step;
  SlotId threads;  ///< slot of N in `N @`
  LoopId parent;
  uint32_t location;
};

/// What ParallelFor's `a` points at in extra. The outlined body is a function (lo: s64, hi: s64, env: ref, acc: ref, at: ref), which runs
/// iterations [lo, hi) and stores (s64) at `at` the index of an iteration before running it if that may panic; the combiner is (acc: ref, part: ref), which
/// folds `part` into `acc`.
struct ParallelForRecord {
  ValueId lo, hi;   ///< s64
  ValueId threads;  ///< s64, or kNone: all processors
  FunctionId body;
  ValueId env;         ///< ref
  FunctionId combine;  ///< kNone without reductions
  ValueId acc;         ///< ref to the accumulator block (in: values so far, out: results); kNone without reductions
  uint32_t acc_size;   ///< bytes
  ValueId neutral;     ///< ref to a block holding the neutral elements; kNone without reductions
  uint32_t cost;       ///< estimated nanoseconds an iteration, 0 unknown
  uint32_t is_auto;    ///< 1: found parallelism (the runtime decides whether it pays)
  uint32_t is_quiet;   ///< 1: the body, and what it calls, certainly prints nothing
  uint32_t loop_location;
};

/// Code of one function. Built by FunctionBuilder (builder.h), immutable afterwards; passes make a new one. Copies own their arrays.
struct Function {
  std::shared_ptr<const base::Arena> storage;  ///< where the arrays lie that are lent to it; null: it owns them all
  base::Text name;                             ///< linkage name, unique in the module: `main`, `f(int64,string)`, `f.loop0`
  base::FileId file;
  uint32_t location = 0;
  base::PodVector<Type> params;
  base::PodVector<Type> results;
  base::PodVector<Inst> insts;
  base::PodVector<uint32_t> locations;  ///< for each instruction: byte offset in `file`
  base::PodVector<Block> blocks;
  base::PodVector<uint32_t> extra;
  base::PodVector<Slot> slots;
  base::PodVector<Loop> loops;
  std::vector<std::string> strings;  ///< string constants
  bool is_extern = false;            ///< declared only

  std::span<const uint32_t> args(const Inst& inst) const { return {extra.data() + inst.b, inst.c}; }
};

struct Contract;  // contract.h

struct Module {
  std::vector<Function> functions;
  FunctionId entry = kNone;                  ///< `main`: () -> (s64) or ()
  std::shared_ptr<const Contract> contract;  ///< null: a program
  /// Of Contract::creations, in their order; none of them leads back here. Empty when nobody has linked the module.
  std::vector<std::shared_ptr<Module>> created;
};

}  // namespace omega::ir
