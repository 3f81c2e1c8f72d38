// SPDX-License-Identifier: Apache-2.0
// The code of WebAssembly functions, instruction by instruction: those without floats (wasm_opcodes.def).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "omega/object/wasm_cursor.h"

namespace omega::object::wasm {

/// What follows an opcode. MemoryN: alignment and offset of an access of N bytes.
enum class Immediates : uint8_t {
  None,
  Block,       ///< type of the results
  Label,       ///< how many blocks further out
  LabelTable,  ///< labels, the last one for all other numbers
  Function,
  Indirect,  ///< type and table
  Local,
  Global,
  Memory1,
  Memory2,
  Memory4,
  Memory8,
  MemoryIndex,
  I32,
  I64,
};

/// `name` is empty for bytes that are no instruction of the table.
struct OpcodeInfo {
  std::string_view name;
  Immediates immediates = Immediates::None;
  std::string_view signature;
};
OpcodeInfo opcode_info(uint8_t byte);

/// True for instructions on floats, which the table leaves out.
bool is_float_opcode(uint8_t byte);

/// The opcodes that code here asks for by name.
enum Opcode : uint8_t {
  kUnreachable = 0x00,
  kBlock = 0x02,
  kLoop = 0x03,
  kIf = 0x04,
  kElse = 0x05,
  kEnd = 0x0b,
  kBr = 0x0c,
  kBrIf = 0x0d,
  kBrTable = 0x0e,
  kReturn = 0x0f,
  kCall = 0x10,
  kCallIndirect = 0x11,
  kDrop = 0x1a,
  kSelect = 0x1b,
  kLocalGet = 0x20,
  kLocalSet = 0x21,
  kLocalTee = 0x22,
  kGlobalGet = 0x23,
  kGlobalSet = 0x24,
  kI32Load = 0x28,
  kI64Load = 0x29,
  kI32Store = 0x36,
  kI64Store = 0x37,
  kI32Const = 0x41,
  kI64Const = 0x42,
  kI32Add = 0x6a,
  kI32Sub = 0x6b,
};
/// A block's type that says: no results.
inline constexpr int64_t kNoResults = -64;

struct Instruction {
  uint8_t opcode = 0;
  Immediates immediates = Immediates::None;
  size_t begin = 0;             ///< of the opcode, in the code
  size_t end = 0;               ///< behind the immediates
  int64_t first = 0;            ///< the only or first immediate; a block's type as the signed number that it is in the format
  uint32_t second = 0;          ///< a memory access' offset; call_indirect's table
  std::vector<uint32_t> table;  ///< LabelTable
};

/// Reads code from front to back. next() throws Malformed, so it is for this folder.
class CodeReader {
 public:
  explicit CodeReader(std::string_view code) : in_(code) {}
  bool at_end() const { return in_.at_end(); }
  void next(Instruction& instruction);

 private:
  Cursor in_;
};

}  // namespace omega::object::wasm
