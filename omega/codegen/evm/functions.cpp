// SPDX-License-Identifier: Apache-2.0
// Lowering: functions, their blocks, memory and state.
#include <algorithm>
#include <bitset>

#include "omega/base/check.h"
#include "omega/codegen/common/refusals.h"
#include "omega/codegen/evm/lowering.h"
#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataTypeId;
using IrOp = ir::Op;
using IrInst = ir::Inst;
using IrValue = ir::ValueId;
using ir::Type;

namespace {

/// The code of Solidity's Panic(uint256).
uint32_t panic_code(ir::PanicKind kind) {
  switch (kind) {
    case ir::PanicKind::Overflow: return 0x11;
    case ir::PanicKind::DivisionByZero: return 0x12;
    case ir::PanicKind::BadEnum: return 0x21;
    case ir::PanicKind::PopEmpty: return 0x31;
    case ir::PanicKind::IndexOutOfBounds: return 0x32;
    case ir::PanicKind::NegativeLength: return 0x41;
    case ir::PanicKind::NullCall: return 0x51;
    default: return 0x01;
  }
}

}  // namespace

void Lowering::build_function(ir::FunctionId id) {
  f_ = &module_.functions[id];
  function_ = id;
  const ir::Function& f = *f_;
  values_.assign(f.insts.size(), kNone);
  places_.assign(f.insts.size(), Place{});
  ir_uses_.assign(f.insts.size(), 0);
  blocks_.assign(f.blocks.size(), kNone);
  const ir::ControlFlow flow(f);
  for (const ir::BlockId block : flow.order) {
    for (IrValue i = f.blocks[block].first; i < f.blocks[block].end; ++i) {
      const bool is_result = f.insts[i].op == IrOp::Result;
      ir::for_each_value(f, f.insts[i], [&](const uint32_t& value) { ir_uses_[value] += is_result ? 0 : 1; });
    }
    blocks_[block] = block == 0 ? 0 : b_.new_block(ir::block_arg_count(f, block));
  }
  std::vector<bool> is_reached(f.blocks.size());
  is_reached[0] = true;
  for (const ir::BlockId block : flow.order) {
    if (block != 0) {
      b_.start(blocks_[block]);
    }
    if (!is_reached[block]) {
      // Only blocks that always fail lead here: what this one uses was never made.
      b_.emit(Op::Invalid, {});
    } else if (lower_block(block)) {
      ir::for_each_successor(f, f.insts[f.blocks[block].end - 1], [&](ir::BlockId to, std::span<const uint32_t>) { is_reached[to] = true; });
    }
  }
  f_ = nullptr;
  function_ = ir::kNone;
}

bool Lowering::lower_block(ir::BlockId block) {
  const ir::Function& f = *f_;
  for (IrValue i = f.blocks[block].first; i < f.blocks[block].end; ++i) {
    const IrInst& inst = f.insts[i];
    b_.set_location(add_location(f.file.index, f.locations[i]));
    switch (inst.op) {
      case IrOp::Param: values_[i] = b_.param(inst.a); break;
      case IrOp::BlockArg: values_[i] = b_.arg(blocks_[block], inst.a); break;
      case IrOp::Result: break;
      default:
        if (ir::is_terminator(inst.op)) {
          lower_terminator(inst);
        } else {
          lower(i);
        }
    }
    // A check that always fails ends the block, and so does a call that does not come back.
    if (!b_.is_open()) {
      return i + 1 == f.blocks[block].end;
    }
  }
  return true;
}

ValueId Lowering::value(IrValue id) {
  const IrInst& inst = f_->insts[id];
  if (inst.op == IrOp::ConstString) {
    return text(f_->strings[inst.a]);
  }
  return values_[id];
}

Values Lowering::values(std::span<const uint32_t> ids) {
  Values all;
  for (const uint32_t id : ids) {
    all.push_back(value(id));
  }
  return all;
}

void Lowering::set_results(IrValue id, const Values& results) {
  for (uint32_t k = 0; k < results.size(); ++k) {
    if (id + k < f_->insts.size() && (k == 0 || f_->insts[id + k].op == IrOp::Result)) {
      values_[id + k] = results[k];
    }
  }
}

const std::string* Lowering::constant_text(IrValue id) const {
  const IrInst& inst = f_->insts[id];
  return inst.op == IrOp::ConstString ? &f_->strings[inst.a] : nullptr;
}

void Lowering::lower(IrValue id) {
  const IrInst& inst = f_->insts[id];
  if (lower_constant(id, inst) || lower_arithmetic(id, inst) || lower_memory(id, inst) || lower_state(id, inst) || lower_data(id, inst) ||
      lower_outside(id, inst)) {
    return;
  }
  switch (inst.op) {
    case IrOp::CheckThat:
      if (inst.b != ir::kNone) {
        refuse("a check with a message");
      }
      b_.panic_if(b_.is_zero(value(inst.a)), panic_code(static_cast<ir::PanicKind>(inst.c)));
      break;
    case IrOp::Call: lower_call(id, inst); break;
    default: refuse(source_words(inst.op)); break;
  }
}

void Lowering::lower_call(IrValue id, const IrInst& inst) {
  if (module_.functions[inst.a].is_extern) {
    refuse("a function without body");
    return;
  }
  set_results(id, call_function(inst.a, values(f_->args(inst))));
}

bool Lowering::lower_constant(IrValue id, const IrInst& inst) {
  switch (inst.op) {
    case IrOp::Const:
      if (inst.type == Type::Ref) {
        values_[id] = null();
      } else {
        const int64_t number = ir::const_value(inst);
        values_[id] = b_.constant(ir::is_signed(inst.type) ? Word::from_signed(number) : Word(static_cast<uint64_t>(number)));
      }
      return true;
    case IrOp::ConstWide: {
      Word word;
      for (uint32_t i = 0; i < 4; ++i) {
        word.limbs[i] = static_cast<uint64_t>(f_->extra[inst.a + 2 * i + 1]) << 32 | f_->extra[inst.a + 2 * i];
      }
      values_[id] = b_.constant(word);
      return true;
    }
    case IrOp::ConstString: return true;  // made where it is used
    default: return false;
  }
}

/// Bytes in memory.
ValueId Lowering::text(const std::string& bytes) {
  if (bytes.empty()) {
    return null();
  }
  const uint64_t padded = (bytes.size() + 31) / 32 * 32;
  const ValueId made = allocate(b_.constant(padded + 32));
  b_.mstore(made, b_.constant(bytes.size()));
  constexpr size_t kMaxWords = 2;
  if (padded <= 32 * kMaxWords) {
    for (uint64_t at = 0; at < padded; at += 32) {
      std::string word = bytes.substr(at, 32);
      word.resize(32, '\0');
      b_.mstore(b_.plus(made, 32 + at), b_.constant(Word::from_bytes(word)));
    }
    return made;
  }
  program_.data.push_back(bytes);
  const ValueId from = b_.emit(Op::DataOffset, {}, static_cast<uint32_t>(program_.data.size() - 1));
  b_.emit(Op::CodeCopy, {b_.plus(made, 32), from, b_.constant(bytes.size())});
  return made;
}

void Lowering::array_new(IrValue id, const IrInst& inst) {
  const ValueId length = value(inst.a);
  const bool is_bytes = inst.b == 1;
  check_length(length, is_bytes ? 1 : 32);
  if (!is_bytes && (inst.flags & ir::kNoRefs) == 0) {
    values_[id] = b_.call(helper(Helper::FillArray, 0), {length})[0];
    return;
  }
  const ValueId bytes = is_bytes ? b_.round_up(length) : b_.shl(5, length);
  const ValueId made = allocate(b_.plus(bytes, 32));
  b_.mstore(made, length);
  b_.emit(Op::CalldataCopy, {b_.plus(made, 32), b_.emit(Op::CalldataSize, {}), bytes});
  values_[id] = made;
}

bool Lowering::lower_memory(IrValue id, const IrInst& inst) {
  const bool is_word = (inst.flags & ir::kWord) != 0;
  const auto element = [&](ValueId first, ValueId index) { return b_.add(first, is_word ? b_.shl(5, index) : index); };
  switch (inst.op) {
    case IrOp::NewObject: values_[id] = new_object(id, inst.a); return true;
    case IrOp::Load: values_[id] = b_.mload(b_.plus(value(inst.a), inst.b)); return true;
    case IrOp::Store: b_.mstore(b_.plus(value(inst.a), inst.b), value(inst.c)); return true;
    case IrOp::ArrayNew: array_new(id, inst); return true;
    case IrOp::ArrayLength: values_[id] = b_.mload(value(inst.a)); return true;
    case IrOp::CheckIndex: b_.panic_if(b_.is_zero(b_.lt(value(inst.a), b_.mload(value(inst.b)))), 0x32); return true;
    case IrOp::CheckBound: b_.panic_if(b_.is_zero(b_.lt(value(inst.a), b_.constant(inst.b))), 0x32); return true;
    case IrOp::ElementGet: {
      const ValueId at = b_.plus(element(value(inst.a), value(inst.b)), 32);
      values_[id] = is_word ? b_.mload(at) : b_.emit(Op::Byte, {b_.constant(0), b_.mload(at)});
      return true;
    }
    case IrOp::ElementSet: {
      const ValueId at = b_.plus(element(value(inst.a), value(inst.b)), 32);
      b_.emit(is_word ? Op::Mstore : Op::Mstore8, {at, value(inst.c)});
      return true;
    }
    case IrOp::FixedGet: values_[id] = b_.mload(element(value(inst.a), value(inst.b))); return true;
    case IrOp::FixedSet: b_.mstore(element(value(inst.a), value(inst.b)), value(inst.c)); return true;
    default: return false;
  }
}

/// An object of zeroes, but for the words that the block stores before it does anything else with it.
ValueId Lowering::new_object(IrValue id, uint32_t bytes) {
  constexpr uint32_t kMaxWords = 64, kMaxScan = 256;
  const ValueId made = allocate(b_.constant(bytes));
  const uint32_t words = bytes / 32;
  std::bitset<kMaxWords> stored;
  for (IrValue i = id + 1; i < f_->insts.size() && i < id + kMaxScan && words <= kMaxWords; ++i) {
    const IrInst& next = f_->insts[i];
    const bool is_store = next.op == IrOp::Store && next.a == id && next.c != id;
    if (is_store) {
      stored.set(next.b / 32);
      continue;
    }
    bool is_used = false;
    ir::for_each_value(*f_, next, [&](const uint32_t& value) { is_used = is_used || value == id; });
    if (is_used || ir::is_terminator(next.op)) {
      break;
    }
  }
  constexpr uint32_t kMaxStores = 3;
  if (words <= kMaxWords && words - stored.count() <= kMaxStores) {
    for (uint32_t k = 0; k < words; ++k) {
      if (!stored[k]) {
        b_.mstore(b_.plus(made, uint64_t{32} * k), b_.constant(0));
      }
    }
  } else {
    b_.emit(Op::CalldataCopy, {made, b_.emit(Op::CalldataSize, {}), b_.constant(bytes)});
  }
  return made;
}

bool Lowering::lower_state(IrValue id, const IrInst& inst) {
  const auto place_of = [&](IrValue place) {
    Place at = places_[place];
    if (at.slot == kNone) {
      at.slot = value(place);
    }
    return at;
  };
  const auto transient = [&] {
    const StoragePlace& at = layout_.transient(inst.a);
    return Place{b_.constant(at.slot), kNone, at.offset, at.is_alone, true};
  };
  const auto is_at = [&](const Place& place) {
    places_[id] = place;
    values_[id] = place.slot;
  };
  switch (inst.op) {
    case IrOp::StateVariable: {
      const StoragePlace& at = layout_.variable(inst.a);
      is_at({b_.constant(at.slot), kNone, at.offset, at.is_alone});
      return true;
    }
    case IrOp::StateEntry: {
      const ir::DataType& type = type_of(inst.c);
      const ValueId key = value(inst.b), slot = value(inst.a);
      is_at({is_value(type.key) ? b_.emit(Op::HashPair, {encoded(key, type.key), slot}) : b_.call(helper(Helper::EntryOfBytes, 0), {slot, key})[0]});
      return true;
    }
    case IrOp::StateElement: {
      const ir::DataType& type = type_of(inst.c);
      is_at(element_place(elements_start(value(inst.a), type), value(inst.b), type.element));
      return true;
    }
    case IrOp::StateField: is_at(field_place(value(inst.a), inst.c, inst.b)); return true;
    case IrOp::StateGet: values_[id] = get_state(place_of(inst.a), inst.b); return true;
    case IrOp::StateSet: set_state(place_of(inst.a), value(inst.b), inst.c); return true;
    case IrOp::StateClear: clear_state(place_of(inst.a), inst.b); return true;
    case IrOp::StateCopy: set_state(place_of(inst.a), get_state(place_of(inst.b), inst.c), inst.c); return true;
    case IrOp::StateLength:
      values_[id] = type_of(inst.b).kind == DataKind::Array ? b_.sload(value(inst.a)) : b_.call(helper(Helper::StateLength, 0), {value(inst.a)})[0];
      return true;
    case IrOp::StateResize: resize(value(inst.a), value(inst.b), inst.c); return true;
    case IrOp::ImmutableGet: values_[id] = is_init_ ? b_.mload(b_.constant(0x80 + 32 * inst.a)) : b_.emit(Op::Immutable, {}, inst.a); return true;
    case IrOp::TransientGet: values_[id] = get_value(transient(), contract_.transients[inst.a].type); return true;
    case IrOp::TransientSet: set_value(transient(), value(inst.b), contract_.transients[inst.a].type); return true;
    case IrOp::ImmutableSet: b_.mstore(b_.constant(0x80 + 32 * inst.a), value(inst.b)); return true;
    default: return false;
  }
}

/// One more than the array has now needs nothing but the new length.
void Lowering::resize(ValueId slot, ValueId length, DataTypeId type) {
  if (type_of(type).kind == DataKind::Array) {
    const ValueId old = b_.sload(slot);
    const Inst& inst = b_.inst(length);
    if (inst.op == Op::Add && b_.first_operand(length) == old) {
      b_.sstore(slot, length);
      return;
    }
  }
  b_.call(helper(Helper::ResizeState, type), {slot, length});
}

void Lowering::lower_terminator(const IrInst& inst) {
  switch (inst.op) {
    case IrOp::Br: b_.jump(blocks_[inst.a], values(f_->args(inst))); return;
    case IrOp::CondBr: {
      const ValueId condition = value(inst.a);
      BlockId targets[2] = {kNone, kNone};
      std::vector<std::pair<BlockId, std::vector<uint32_t>>> edges;
      uint32_t k = 0;
      ir::for_each_successor(*f_, inst, [&](ir::BlockId to, std::span<const uint32_t> args) {
        targets[k] = blocks_[to];
        if (!args.empty()) {
          targets[k] = b_.new_block();
          edges.emplace_back(targets[k], std::vector<uint32_t>(args.begin(), args.end()));
          edges.back().second.push_back(blocks_[to]);
        }
        ++k;
      });
      b_.branch(condition, targets[0], targets[1]);
      for (auto& [block, args] : edges) {
        const BlockId to = args.back();
        args.pop_back();
        b_.start(block);
        b_.jump(to, values(args));
      }
      return;
    }
    case IrOp::Ret: b_.ret(values(f_->args(inst))); return;
    case IrOp::Panic: b_.emit(Op::Exit, {}, panic_exit(panic_code(static_cast<ir::PanicKind>(inst.a)))); return;
    case IrOp::Unreachable: b_.emit(Op::Invalid, {}); return;
    default: lower_revert(inst); return;
  }
}

}  // namespace omega::codegen::evm
