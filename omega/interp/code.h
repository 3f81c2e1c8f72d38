// SPDX-License-Identifier: Apache-2.0
// The interpreter's code: what decode() makes of an IR function.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "omega/ir/ir.h"
#include "runtime/omega_runtime.h"

namespace omega::interp {

enum class Opcode : uint16_t {
#define OMEGA_CODE(name) name,
#include "omega/interp/opcodes.def"
};

/// One instruction. Cells are 8 bytes, counted from the frame's begin; wide integers take four.
struct Code {
  Opcode op;
  uint16_t aux;
  uint32_t d;
  uint32_t a;
  uint32_t b;
};
static_assert(sizeof(Code) == 16);

/// Marks a wide value in a list of cells.
inline constexpr uint32_t kWideCell = 0x8000'0000u;

/// `aux` of an integer type.
constexpr uint16_t aux_of(ir::Type type, bool checked = false) {
  return static_cast<uint16_t>(ir::bit_width(type) | (ir::is_signed(type) ? 512u : 0u) | (checked ? 1024u : 0u));
}
constexpr uint32_t aux_bits(uint32_t aux) { return aux & 511; }
constexpr bool aux_signed(uint32_t aux) { return (aux & 512) != 0; }
constexpr bool aux_checked(uint32_t aux) { return (aux & 1024) != 0; }
/// The runtime's description of the type in `aux`.
constexpr uint32_t aux_runtime_type(uint32_t aux) { return OM_INT(aux_bits(aux), aux_signed(aux)); }

/// A function, decoded on its first call. Its address stands in closures as their code. Reading is thread-safe once `code` is set.
struct DecodedFunction {
  /// First instruction; null until decoded.
  std::atomic<const Code*> code{nullptr};
  uint32_t frame_cells = 0;
  uint32_t slot_begin = 0;  ///< cells to clear on entry
  uint32_t slot_end = 0;
  ir::FunctionId id = 0;
  std::vector<Code> codes;
  std::vector<uint32_t> lists;
  std::vector<uint32_t> origin;  ///< for each instruction the IR instruction it was made from
  std::vector<om_array> strings;
  /// Address of this structure: the closure without captures that FunctionRef gives.
  const DecodedFunction* self = this;
};

/// Decodes `module.functions[id]`; `functions` are all of the module's (for addresses of closures).
void decode(const ir::Module& module, ir::FunctionId id, DecodedFunction* functions);

}  // namespace omega::interp
