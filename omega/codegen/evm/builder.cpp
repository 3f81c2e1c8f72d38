// SPDX-License-Identifier: Apache-2.0
// Blocks, calls, and what is known of memory and storage; folding.cpp has the arithmetic.
#include "omega/codegen/evm/builder.h"

#include <algorithm>

#include "omega/base/check.h"
#include "omega/base/hash.h"

namespace omega::codegen::evm {

void Builder::begin(std::string name, uint32_t params, uint32_t results, bool returns) {
  routine_ = Routine();
  routine_.name = std::move(name);
  routine_.params = params;
  routine_.results = results;
  routine_.returns = returns;
  params_.clear();
  bits_.clear();
  constants_.clear();
  table_.clear();
  open_ = false;
  start(new_block());
  if (returns) {
    append(Op::ReturnAddress, {}, 0, 0);
  }
  for (uint32_t i = 0; i < params; ++i) {
    params_.push_back(append(Op::Param, {}, i, 0));
  }
}

Routine Builder::finish() {
  OMEGA_CHECK(!open_, "the last block has ended");
  return std::move(routine_);
}

void Builder::forget() {
  storage_.clear();
  free_value_ = free_store_ = kNone;
}

BlockId Builder::new_block(uint32_t args) {
  Block block;
  block.first = kNone;
  block.args = args;
  routine_.blocks.push_back(block);
  return static_cast<BlockId>(routine_.blocks.size() - 1);
}

void Builder::start(BlockId block) {
  OMEGA_CHECK(!open_, "the block before has ended");
  block_ = block;
  open_ = true;
  block_first_ = static_cast<uint32_t>(routine_.insts.size());
  routine_.blocks[block].first = block_first_;
  forget();
  for (uint32_t i = 0; i < routine_.blocks[block].args; ++i) {
    append(Op::BlockArg, {}, i, 0);
  }
}

ValueId Builder::append(Op op, std::span<const ValueId> operands, uint32_t a, uint32_t b) {
  const auto id = static_cast<ValueId>(routine_.insts.size());
  Inst inst{op, static_cast<uint16_t>(operands.size()), static_cast<uint32_t>(routine_.operands.size()), a, b, location_};
  bits_.push_back(static_cast<uint16_t>(bits_of(op, operands, a)));
  routine_.operands.append(operands.data(), operands.size());
  routine_.insts.push_back(inst);
  if (is_terminator(op)) {
    routine_.blocks[block_].end = id + 1;
    open_ = false;
  }
  return id;
}

ValueId Builder::constant(const Word& word) {
  const ConstantId id = program_.constant(word);
  if (const auto at = constants_.find(id); at != constants_.end()) {
    return at->second;
  }
  if (!open_) {
    start(new_block());
  }
  const ValueId value = append(Op::Const, {}, id, 0);
  constants_.emplace(id, value);
  return value;
}

ValueId Builder::emit(Op op, std::span<const ValueId> given, uint32_t a, uint32_t b) {
  const Values operands(given.begin(), given.end());
  if (!open_) {
    start(new_block());
  }
  switch (op) {
    case Op::Const: return constant(program_.constants[a]);
    case Op::Mload: return load_memory(operands[0]);
    case Op::Mstore: store_memory(operands[0], operands[1]); return kNone;
    case Op::Sload: return load_storage(operands[0]);
    case Op::Sstore: store_storage(operands[0], operands[1]); return kNone;
    case Op::ExitIf: exit_if(operands[0], a); return kNone;
    case Op::Branch: branch(operands[0], a, b); return kNone;
    default: break;
  }
  const OpInfo& info = op_info(op);
  const bool is_pure = info.reads == 0 && (info.writes == 0 || op == Op::HashPair || op == Op::HashWord) && info.given == 1 && op != Op::Result;
  if (is_pure) {
    if (const ValueId folded = fold(op, operands); folded != kNone) {
      return folded;
    }
    return shared(op, operands, a);
  }
  if ((info.writes & kStorage) != 0 && !is_terminator(op) && op != Op::Log0 && op != Op::Log1 && op != Op::Log2 && op != Op::Log3 && op != Op::Log4) {
    storage_.clear();
    if (op == Op::CallRoutine) {
      free_value_ = free_store_ = kNone;
    }
  }
  if (free_store_ != kNone && (op == Op::Return || op == Op::Revert || op == Op::Stop || op == Op::Exit)) {
    remove(free_store_);
  }
  const ValueId id = append(op, operands, a, b);
  return info.given != 0 ? id : kNone;
}

void Builder::remove(ValueId id) {
  Inst& inst = routine_.insts[id];
  inst.op = Op::Const;
  inst.count = 0;
  inst.a = program_.constant(0);
}

ValueId Builder::shared(Op op, std::span<const ValueId> operands, uint32_t a) {
  uint64_t hash = base::hash_combine(static_cast<uint64_t>(op), a);
  for (const ValueId value : operands) {
    hash = base::hash_combine(hash, value);
  }
  const auto [at, is_new] = table_.try_emplace(hash, kNone);
  if (!is_new && at->second >= block_first_) {
    const Inst& old = inst(at->second);
    if (old.op == op && old.a == a && std::ranges::equal(routine_.args(old), operands)) {
      return at->second;
    }
  }
  return at->second = append(op, operands, a, 0);
}

ValueId Builder::load_memory(ValueId at) {
  const ValueId operands[] = {at};
  if (!is_number(at, 0x40)) {
    return append(Op::Mload, operands, 0, 0);
  }
  if (free_value_ == kNone) {
    free_value_ = append(Op::Mload, operands, 0, 0);
  }
  return free_value_;
}

void Builder::store_memory(ValueId at, ValueId value) {
  const ValueId operands[] = {at, value};
  if (!is_number(at, 0x40)) {
    append(Op::Mstore, operands, 0, 0);
    return;
  }
  if (free_value_ == value) {
    return;
  }
  if (free_store_ != kNone) {
    remove(free_store_);
  }
  free_value_ = value;
  free_store_ = append(Op::Mstore, operands, 0, 0);
}

Builder::Base Builder::base_of(ValueId key) const {
  if (is_constant(key)) {
    return {kNone, number(key)};
  }
  if (inst(key).op == Op::Add && is_constant(operand(key, 1))) {
    return {operand(key, 0), number(operand(key, 1))};
  }
  return {key, Word(0)};
}

/// Two hashes are taken to be far from each other and from small numbers, as Solidity's storage layout rests on it.
bool Builder::may_alias(ValueId x, ValueId y) const {
  const Base a = base_of(x), b = base_of(y);
  if (a.base == b.base) {
    return a.offset == b.offset;
  }
  const auto is_hash = [&](ValueId value) { return value != kNone && (inst(value).op == Op::HashPair || inst(value).op == Op::HashWord); };
  const auto is_small = [](const Base& base) { return base.offset.fits_u64(); };
  if (!is_small(a) || !is_small(b)) {
    return true;
  }
  if (a.base == kNone || b.base == kNone) {
    return !is_hash(a.base == kNone ? b.base : a.base);
  }
  if (inst(a.base).op == Op::HashPair && inst(b.base).op == Op::HashPair) {
    const ValueId p = operand(a.base, 1), q = operand(b.base, 1);
    return !(is_constant(p) && is_constant(q) && number(p) != number(q));
  }
  return true;
}

ValueId Builder::load_storage(ValueId key) {
  for (const Known& known : storage_) {
    if (known.key == key) {
      return known.value;
    }
  }
  for (Known& known : storage_) {
    if (may_alias(known.key, key)) {
      known.store = kNone;
    }
  }
  const ValueId operands[] = {key};
  const ValueId value = append(Op::Sload, operands, 0, 0);
  storage_.push_back({key, value, kNone});
  return value;
}

void Builder::store_storage(ValueId key, ValueId value) {
  for (const Known& known : storage_) {
    if (known.key == key) {
      if (known.value == value) {
        return;
      }
      if (known.store != kNone) {
        remove(known.store);
      }
      break;
    }
  }
  std::erase_if(storage_, [&](const Known& known) { return may_alias(known.key, key); });
  constexpr size_t kMaxKnown = 16;
  if (storage_.size() >= kMaxKnown) {
    storage_.erase(storage_.begin());
  }
  const ValueId operands[] = {key, value};
  const ValueId store = append(Op::Sstore, operands, 0, 0);
  storage_.push_back({key, value, store});
}

ValueId Builder::condition(ValueId value) {
  for (;;) {
    const Inst& i = inst(value);
    if (i.op != Op::Iszero) {
      return value;
    }
    const Inst& inner = inst(operand(value, 0));
    if (inner.op == Op::Iszero) {
      value = operand(operand(value, 0), 0);
    } else if (inner.op == Op::Eq) {
      const ValueId eq = operand(value, 0);
      return emit(Op::Xor, {operand(eq, 0), operand(eq, 1)});
    } else {
      return value;
    }
  }
}

void Builder::branch(ValueId value, BlockId then_block, BlockId else_block) {
  if (!open_) {
    start(new_block());
  }
  if (is_constant(value)) {
    jump(number(value).is_zero() ? else_block : then_block);
    return;
  }
  if (inst(value).op == Op::Iszero && inst(operand(value, 0)).op != Op::Iszero) {
    value = operand(value, 0);
    std::swap(then_block, else_block);
  }
  const ValueId operands[] = {condition(value)};
  append(Op::Branch, operands, then_block, else_block);
}

void Builder::exit_if(ValueId value, uint32_t exit) {
  if (!open_) {
    start(new_block());
  }
  if (is_constant(value)) {
    if (!number(value).is_zero()) {
      emit(Op::Exit, {}, exit);
    }
    return;
  }
  const ValueId operands[] = {condition(value)};
  append(Op::ExitIf, operands, exit, 0);
}

void Builder::if_then(ValueId value, const std::function<void()>& then) {
  const BlockId yes = new_block(), after = new_block();
  branch(value, yes, after);
  start(yes);
  then();
  if (is_open()) {
    jump(after);
  }
  start(after);
}

Values Builder::if_else(ValueId value, const std::function<Values()>& then, const std::function<Values()>& otherwise) {
  const BlockId yes = new_block(), no = new_block();
  branch(value, yes, no);
  start(yes);
  const Values given = then();
  const BlockId after = new_block(static_cast<uint32_t>(given.size()));
  if (is_open()) {
    jump(after, given);
  }
  start(no);
  const Values others = otherwise();
  if (is_open()) {
    jump(after, others);
  }
  start(after);
  Values args;
  for (uint32_t i = 0; i < given.size(); ++i) {
    args.push_back(arg(after, i));
  }
  return args;
}

Values Builder::loop(const Values& initial, const std::function<ValueId(const Values&)>& holds, const std::function<Values(const Values&)>& body) {
  const BlockId header = new_block(static_cast<uint32_t>(initial.size())), inside = new_block(), after = new_block();
  jump(header, initial);
  start(header);
  Values args;
  for (uint32_t i = 0; i < initial.size(); ++i) {
    args.push_back(arg(header, i));
  }
  branch(holds(args), inside, after);
  start(inside);
  const Values next = body(args);
  jump(header, next);
  start(after);
  return args;
}

Values Builder::call(RoutineId routine, std::span<const ValueId> args) {
  const Routine& callee = program_.routines[routine];
  OMEGA_CHECK(callee.params == args.size(), "a routine gets the arguments it takes");
  const uint32_t results = callee.results;
  const bool returns = callee.returns;
  // The last argument is on top.
  Values operands(args.rbegin(), args.rend());
  if (!open_) {
    start(new_block());
  }
  storage_.clear();
  free_value_ = free_store_ = kNone;
  const ValueId first = append(Op::CallRoutine, operands, routine, results);
  if (!returns) {
    append(Op::Unreachable, {}, 0, 0);
    return Values(results, first);
  }
  Values values;
  if (results != 0) {
    values.push_back(first);
  }
  for (uint32_t i = 1; i < results; ++i) {
    const ValueId operand[] = {first};
    values.push_back(append(Op::Result, operand, i, 0));
  }
  return values;
}

}  // namespace omega::codegen::evm
