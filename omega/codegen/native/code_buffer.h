// SPDX-License-Identifier: Apache-2.0
// CodeBuffer: machine code of a run of functions with what the linker needs to place it.
#pragma once

#include <cstdint>
#include <string_view>

#include "omega/base/arena.h"
#include "omega/base/hash.h"
#include "omega/base/pod_vector.h"
#include "omega/ir/ir.h"

namespace omega::codegen::native {

/// What a relocation's four bytes become.
enum class RelocationKind : uint8_t {
  CallFunction,  ///< distance from the end of the field to the code of IR function `target`
  CallRuntime,   ///< distance from the end of the field to runtime symbol `target` (RuntimeSymbols)
  Constant,      ///< address of this buffer's constants plus `target`
  Function       ///< address of the code of IR function `target`
};

/// A field of four bytes at `offset` in the code.
struct Relocation {
  uint32_t offset;
  uint32_t target : 30;
  uint32_t kind : 2;
};
static_assert(sizeof(Relocation) == 8);

/// An eight-byte field at `offset` in the constants that gets an absolute address.
struct ConstantRelocation {
  enum Kind : uint32_t { ToConstants, ToFunction };
  uint32_t offset;
  uint32_t target;
  Kind kind;
};

/// One compiled function: code [begin, end), of which [cold, end) is for failures, and its rows of the line table, bytes [first_row, end_row) of the buffer's.
struct CompiledFunction {
  ir::FunctionId id;
  uint32_t begin;
  uint32_t cold;
  uint32_t end;
  uint32_t first_row;
  uint32_t end_row;
};

/// Code of functions compiled one after the other, independent of where it will stand. One a worker; not thread-safe.
class CodeBuffer {
 public:
  base::PodVector<uint8_t> code;
  base::PodVector<uint8_t> constants;  ///< read-only data, 16-aligned at link time
  base::PodVector<Relocation> relocations;
  base::PodVector<ConstantRelocation> constant_relocations;
  base::PodVector<uint8_t> rows;  ///< of the line table (LineRowReader)
  base::PodVector<CompiledFunction> functions;

  /// A copy whose arrays lie in the arena; this one is empty then and keeps its room. The copy is complete: nothing may be added to it.
  CodeBuffer moved_to(base::Arena& arena);

  /// Offset in `constants` of eight bytes of this value; equal values share.
  uint32_t word(uint64_t value);
  /// Offset in `constants` of four words, 16-aligned; equal ones share.
  uint32_t quad(const uint64_t (&limbs)[4]);
  /// Offset in `constants` of a string object with this text; equal texts share.
  uint32_t string(std::string_view text);
  /// Offset in `constants` of a closure without captures of `function`.
  uint32_t closure(ir::FunctionId function);

 private:
  enum class Shape : uint32_t { Word, Quad, String, Closure };
  struct Entry {
    uint64_t hash = 0;
    uint32_t offset = UINT32_MAX;
    Shape shape = Shape::Word;
  };

  /// The entry with that hash and shape for which `is_it(offset)` holds, or the free one where it belongs.
  template <class Test>
  Entry& find(uint64_t hash, Shape shape, Test&& is_it);
  void grow_table();
  uint32_t add_constants(uint64_t size, uint64_t alignment);

  base::PodVector<Entry> table_;
  uint32_t used_ = 0;
};

}  // namespace omega::codegen::native
