// SPDX-License-Identifier: Apache-2.0
// The table of operations and facts about types.
#include "omega/ir/op_info.h"

namespace omega::ir {

namespace {

constexpr Role role_of(char letter) {
  switch (letter) {
    case 'v': return Role::Value;
    case 'V': return Role::OptionalValue;
    case 'i': return Role::Immediate;
    case 's': return Role::Slot;
    case 'f': return Role::Function;
    case 'r': return Role::Runtime;
    case 'k': return Role::Block;
    case 't': return Role::String;
    case 'd': return Role::DataType;
    case 'x': return Role::Extra;
    default: return Role::None;
  }
}

constexpr uint8_t effects_of(std::string_view letters) {
  uint8_t effects = 0;
  for (const char letter : letters) {
    switch (letter) {
      case 'P': effects |= kPure; break;
      case 'C': effects |= kMayPanic; break;
      case 'R': effects |= kReads; break;
      case 'W': effects |= kWrites; break;
      case 'A': effects |= kAllocates; break;
      case 'I': effects |= kIo; break;
      case 'T': effects |= kTerminator; break;
      default: break;
    }
  }
  return effects;
}

constexpr OpInfo make_info(std::string_view text, std::string_view operands, std::string_view effects) {
  return {text, {role_of(operands[0]), role_of(operands[1]), role_of(operands[2])}, effects_of(effects)};
}

}  // namespace

constinit const OpInfo op_infos[kOpCount] = {
#define OMEGA_OP(name, text, operands, effects) make_info(text, operands, effects),
#include "omega/ir/ops.def"
};

uint32_t storage_size(Type type) {
  if (type == Type::Void) {
    return 0;
  }
  const uint32_t bits = bit_width(type);
  return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : bits <= 128 ? 16 : 32;
}

uint32_t block_arg_count(const Function& function, BlockId block) {
  uint32_t i = function.blocks[block].first;
  const uint32_t end = function.blocks[block].end;
  // Parameters precede nothing else in the entry block, which has no arguments.
  uint32_t count = 0;
  while (i < end && function.insts[i].op == Op::BlockArg) {
    ++count;
    ++i;
  }
  return count;
}

std::string type_name(Type type) {
  switch (type) {
    case Type::Void: return "void";
    case Type::F32: return "f32";
    case Type::F64: return "f64";
    case Type::Ref: return "ref";
    default: return (is_signed(type) ? "s" : "u") + std::to_string(bit_width(type));
  }
}

}  // namespace omega::ir
