// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/evm/code.h"

#include <algorithm>
#include <array>

namespace omega::codegen::evm {

namespace {

constexpr uint8_t effects(const char* letters) {
  uint8_t bits = 0;
  for (; *letters != 0; ++letters) {
    switch (*letters) {
      case 'M': bits |= kMemory | kScratch; break;
      case 'S': bits |= kStorage; break;
      case 'T': bits |= kTransient; break;
      case 'R': bits |= kReturned; break;
      case 'E': bits |= kWorld; break;
      case 'X': bits |= kEverything; break;
      default: break;
    }
  }
  return bits;
}

constexpr uint32_t kPseudo = static_cast<uint32_t>(Op::Unreachable) - static_cast<uint32_t>(Op::Const) + 1;

struct Tables {
  std::array<OpInfo, 256> real{};
  std::array<OpInfo, kPseudo> pseudo{};
};

constexpr Tables make_tables() {
  Tables t;
#define EVM_OP(name, byte, taken, given, reads, writes) t.real[byte] = {#name, taken, given, effects(reads), effects(writes)};
#include "omega/codegen/evm/opcodes.def"
  const auto set = [&](Op op, const char* name, uint8_t given, uint8_t reads, uint8_t writes) {
    t.pseudo[static_cast<uint32_t>(op) - 0x100] = {name, 0, given, reads, writes};
  };
  set(Op::Const, "const", 1, 0, 0);
  set(Op::Param, "param", 1, 0, 0);
  set(Op::ReturnAddress, "return_address", 1, 0, 0);
  set(Op::BlockArg, "arg", 1, 0, 0);
  set(Op::CallRoutine, "call", 1, kEverything, kEverything);
  set(Op::Result, "result", 1, 0, 0);
  set(Op::HashPair, "hash_pair", 1, 0, kScratch);
  set(Op::HashWord, "hash_word", 1, 0, kScratch);
  set(Op::ExitIf, "exit_if", 0, 0, kControl);
  set(Op::Immutable, "immutable", 1, 0, 0);
  set(Op::RuntimeOffset, "runtime_offset", 1, 0, 0);
  set(Op::RuntimeSize, "runtime_size", 1, 0, 0);
  set(Op::HeapStart, "heap_start", 1, 0, 0);
  set(Op::ProgramSize, "program_size", 1, 0, 0);
  set(Op::DataOffset, "data_offset", 1, 0, 0);
  set(Op::JumpTo, "jump", 0, kEverything, kEverything);
  set(Op::Branch, "branch", 0, kEverything, kEverything);
  set(Op::ReturnTo, "return_to", 0, kEverything, kEverything);
  set(Op::Exit, "exit", 0, kEverything, kEverything);
  set(Op::Unreachable, "unreachable", 0, kEverything, kEverything);
  return t;
}

constexpr Tables tables = make_tables();

}  // namespace

ConstantId Program::constant(const Word& word) {
  const auto [at, is_new] = constant_ids.try_emplace(word, static_cast<ConstantId>(constants.size()));
  if (is_new) {
    constants.push_back(word);
  }
  return at->second;
}

const OpInfo& op_info(Op op) {
  const auto number = static_cast<uint32_t>(op);
  return number < 256 ? tables.real[number] : tables.pseudo[number - 0x100];
}

bool is_removable(const Inst& inst) {
  switch (inst.op) {
    case Op::HashPair:
    case Op::HashWord: return true;
    case Op::Param:
    case Op::ReturnAddress:
    case Op::BlockArg:
    case Op::Result: return false;
    default: return op_info(inst.op).writes == 0 && op_info(inst.op).given != 0;
  }
}

bool is_terminator(Op op) {
  switch (op) {
    case Op::Stop:
    case Op::Return:
    case Op::Revert:
    case Op::Invalid:
    case Op::JumpTo:
    case Op::Branch:
    case Op::ReturnTo:
    case Op::Exit:
    case Op::Unreachable: return true;
    default: return false;
  }
}

bool is_commutative(Op op) { return op == Op::Add || op == Op::Mul || op == Op::And || op == Op::Or || op == Op::Xor || op == Op::Eq; }

Op exchanged(Op op) {
  switch (op) {
    case Op::Lt: return Op::Gt;
    case Op::Gt: return Op::Lt;
    case Op::Slt: return Op::Sgt;
    case Op::Sgt: return Op::Slt;
    default: return is_commutative(op) ? op : Op::Stop;
  }
}

bool is_rematerialized(Op op) {
  switch (op) {
    case Op::Const:
    case Op::RuntimeOffset:
    case Op::RuntimeSize:
    case Op::ProgramSize:
    case Op::HeapStart:
    case Op::DataOffset:
    case Op::Address:
    case Op::Origin:
    case Op::Caller:
    case Op::CallValue:
    case Op::CalldataSize:
    case Op::CodeSize:
    case Op::GasPrice:
    case Op::Coinbase:
    case Op::Timestamp:
    case Op::Number:
    case Op::PrevRandao:
    case Op::GasLimit:
    case Op::ChainId:
    case Op::BaseFee: return true;
    default: return false;
  }
}

Flow::Flow(const Routine& routine) : preds(routine.blocks.size(), 0) {
  std::vector<uint8_t> state(routine.blocks.size(), 0);
  std::vector<std::pair<BlockId, uint32_t>> stack = {{0, 0}};
  state[0] = 1;
  while (!stack.empty()) {
    auto& [block, next] = stack.back();
    const Inst& last = routine.insts[routine.blocks[block].end - 1];
    const uint32_t count = last.op == Op::Branch ? 2 : last.op == Op::JumpTo ? 1 : 0;
    if (next == count) {
      order.push_back(block);
      stack.pop_back();
      continue;
    }
    const BlockId to = next++ == 0 ? last.a : last.b;
    ++preds[to];
    if (state[to] == 0) {
      state[to] = 1;
      stack.emplace_back(to, 0);
    }
  }
  std::reverse(order.begin(), order.end());
}

std::string print(const Program& program, const Routine& routine) {
  std::string text = "routine " + routine.name + "\n";
  for (BlockId b = 0; b < routine.blocks.size(); ++b) {
    text += "b" + std::to_string(b) + ":\n";
    for (ValueId i = routine.blocks[b].first; i < routine.blocks[b].end; ++i) {
      const Inst& inst = routine.insts[i];
      text += "  %" + std::to_string(i) + " = " + op_info(inst.op).name;
      if (inst.op == Op::Const) {
        text += " " + program.constants[inst.a].decimal();
      } else if (inst.op == Op::CallRoutine) {
        text += " " + program.routines[inst.a].name;
      } else if (inst.op == Op::Branch) {
        text += " b" + std::to_string(inst.a) + " b" + std::to_string(inst.b);
      } else if (inst.op >= Op::Const) {
        text += " #" + std::to_string(inst.a);
      }
      for (const ValueId operand : routine.args(inst)) {
        text += " %" + std::to_string(operand);
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace omega::codegen::evm
