// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_code.h"

#include <array>
#include <string>

namespace omega::object::wasm {

namespace {

constexpr std::array<OpcodeInfo, 256> kOpcodes = [] {
  std::array<OpcodeInfo, 256> table{};
#define OMEGA_WASM_OP(name, byte, immediates, signature) table[byte] = {name, Immediates::immediates, signature};
#include "omega/object/wasm_opcodes.def"
  return table;
}();

/// i32, i64, f32, f64 or nothing.
bool is_block_type(int64_t type) { return type == kNoResults || (type <= -1 && type >= -4); }

}  // namespace

OpcodeInfo opcode_info(uint8_t byte) { return kOpcodes[byte]; }

bool is_float_opcode(uint8_t byte) {
  return byte == 0x2a || byte == 0x2b || byte == 0x38 || byte == 0x39 || byte == 0x43 || byte == 0x44 || (byte >= 0x5b && byte <= 0x66) ||
         (byte >= 0x8b && byte <= 0xa6) || (byte >= 0xa8 && byte <= 0xab) || (byte >= 0xae && byte <= 0xbf);
}

void CodeReader::next(Instruction& instruction) {
  instruction.begin = in_.position();
  instruction.opcode = in_.byte();
  const OpcodeInfo& info = kOpcodes[instruction.opcode];
  if (info.name.empty()) {
    throw Malformed{is_float_opcode(instruction.opcode) ? "the code has an instruction on floats" : "the code has an instruction of a later version"};
  }
  instruction.immediates = info.immediates;
  instruction.first = 0;
  instruction.second = 0;
  switch (info.immediates) {
    case Immediates::None: break;
    case Immediates::Block:
      instruction.first = in_.signed_number(33);
      require(is_block_type(instruction.first), "a block's type is none of the first version's");
      break;
    case Immediates::Label:
    case Immediates::Function:
    case Immediates::Local:
    case Immediates::Global: instruction.first = in_.u32(); break;
    case Immediates::LabelTable: {
      instruction.table.resize(in_.count() + size_t{1});
      for (uint32_t& label : instruction.table) {
        label = in_.u32();
      }
      break;
    }
    case Immediates::Indirect:
    case Immediates::Memory1:
    case Immediates::Memory2:
    case Immediates::Memory4:
    case Immediates::Memory8:
      instruction.first = in_.u32();
      instruction.second = in_.u32();
      break;
    case Immediates::MemoryIndex: require(in_.byte() == 0, "an instruction names another memory than the first"); break;
    case Immediates::I32: instruction.first = in_.signed_number(32); break;
    case Immediates::I64: instruction.first = in_.signed_number(64); break;
  }
  instruction.end = in_.position();
}

}  // namespace omega::object::wasm
