// SPDX-License-Identifier: Apache-2.0
// FunctionBuilder: what is not on the path of every instruction.
#include "omega/ir/builder.h"

namespace omega::ir {

namespace {

/// Blocks of the storage that a builder makes for itself.
constexpr size_t first_storage_block = size_t{4} << 10;

/// Moves through the room of one function's arrays.
struct Room {
  char* at;

  template <class T>
  static size_t needed(const base::PodVector<T>& array) {
    return (array.size() * sizeof(T) + alignof(uint64_t) - 1) & ~(alignof(uint64_t) - 1);
  }
  template <class T>
  base::PodVector<T> copy(const base::PodVector<T>& array) {
    T* const data = reinterpret_cast<T*>(at);
    if (!array.empty()) {
      std::memcpy(static_cast<void*>(data), array.data(), array.size() * sizeof(T));
    }
    at += needed(array);
    return base::PodVector<T>::lent(data, array.size());
  }
};

template <class T>
base::PodVector<T> lent(base::PodVector<T>& array) {
  return base::PodVector<T>::lent(array.data(), array.size());
}

}  // namespace

void FunctionBuilder::begin(std::string_view name, base::FileId file, uint32_t location, std::span<const Type> params, std::span<const Type> results) {
  name_.assign(name);
  file_ = file;
  function_location_ = location;
  location_ = location;
  count_ = 0;
  params_.clear();
  params_.append(params.data(), params.size());
  results_.clear();
  results_.append(results.data(), results.size());
  blocks_.clear();
  extra_.clear();
  slots_.clear();
  loops_.clear();
  labels_.clear();
  strings_.clear();
  blocks_.push_back({0, 0});
  open_ = true;
  dead_ = false;
  for (uint32_t i = 0; i < params.size(); ++i) {
    append(Op::Param, params[i], i, 0, 0, 0);
  }
}

Function FunctionBuilder::finish() {
  Function function = finish_lent();
  keep(function);
  return function;
}

Function FunctionBuilder::finish_lent() {
  OMEGA_CHECK(!open_, "finish() before the last block is terminated");
  resolve_labels();
  Function function;
  function.name = base::Text::lent(name_);
  function.file = file_;
  function.location = function_location_;
  function.params = lent(params_);
  function.results = lent(results_);
  function.insts = base::PodVector<Inst>::lent(insts_.data(), count_);
  function.locations = base::PodVector<uint32_t>::lent(locations_.data(), count_);
  function.blocks = lent(blocks_);
  function.extra = lent(extra_);
  function.slots = lent(slots_);
  function.loops = lent(loops_);
  function.strings = std::move(strings_);
  strings_.clear();
  return function;
}

void FunctionBuilder::keep(Function& function) {
  const auto for_each_array = [&function](auto&& act) {
    act(function.insts);
    act(function.locations);
    act(function.params);
    act(function.results);
    act(function.blocks);
    act(function.extra);
    act(function.slots);
    act(function.loops);
  };
  size_t size = 0;
  for_each_array([&](const auto& array) { size += Room::needed(array); });
  Room room{static_cast<char*>(storage().allocate(size, alignof(uint64_t)))};
  for_each_array([&](auto& array) { array = room.copy(array); });
  function.name = base::Text::lent(storage().copy(function.name));
  function.storage = storage_;
}

void FunctionBuilder::keep_name(Function& function) {
  Function named;
  named.name = base::Text::lent(storage().copy(function.name));
  named.file = function.file;
  named.location = function.location;
  named.storage = storage_;
  function = std::move(named);
}

base::Arena& FunctionBuilder::storage() {
  if (!storage_) {
    storage_ = std::make_shared<base::Arena>(first_storage_block);
  }
  return *storage_;
}

void FunctionBuilder::resolve_labels() {
  auto block_of = [&](uint32_t label) {
    OMEGA_CHECK(label < labels_.size() && labels_[label] != kNone, "branch to a label that was never placed");
    return labels_[label];
  };
  for (const Block& block : blocks_) {
    Inst& last = insts_[block.end - 1];
    if (last.op == Op::Br) {
      last.a = block_of(last.a);
    } else if (last.op == Op::CondBr) {
      uint32_t* at = extra_.data() + last.b;
      at[0] = block_of(at[0]);
      at += 2 + at[1];
      at[0] = block_of(at[0]);
    }
  }
  for (Loop& loop : loops_) {
    loop.header = block_of(loop.header);
    loop.body = block_of(loop.body);
    loop.latch = block_of(loop.latch);
    loop.exit = block_of(loop.exit);
  }
}

ValueId FunctionBuilder::const_wide(Type type, const uint64_t limbs[4]) {
  uint32_t words[8];
  for (uint32_t i = 0; i < 8; ++i) {
    words[i] = static_cast<uint32_t>(limbs[i / 2] >> (i % 2 * 32));
  }
  return emit(Op::ConstWide, type, add_extra(words));
}

uint32_t FunctionBuilder::add_string(std::string_view text) {
  strings_.emplace_back(text);
  return static_cast<uint32_t>(strings_.size() - 1);
}

SlotId FunctionBuilder::add_slot(Type type, base::NameId name, bool is_user, uint8_t loop_depth, uint32_t location) {
  slots_.push_back(Slot{type, is_user, loop_depth, name, location});
  return static_cast<SlotId>(slots_.size() - 1);
}

ValueId FunctionBuilder::parallel_for(const ParallelForRecord& record) {
  uint32_t words[sizeof record / sizeof(uint32_t)];
  std::memcpy(words, &record, sizeof record);
  return emit(Op::ParallelFor, Type::Void, add_extra(words));
}

BlockId FunctionBuilder::start_block(Label label) {
  OMEGA_CHECK(!open_, "start_block() before the block before is terminated");
  OMEGA_CHECK(labels_[label.index] == kNone, "label placed twice");
  const BlockId id = static_cast<BlockId>(blocks_.size());
  labels_[label.index] = id;
  blocks_.push_back({count_, count_});
  open_ = true;
  dead_ = false;
  return id;
}

void FunctionBuilder::cond_br(ValueId condition, Label then_label, Label else_label, std::span<const ValueId> then_args, std::span<const ValueId> else_args) {
  const uint32_t at = static_cast<uint32_t>(extra_.size());
  extra_.push_back(then_label.index);
  extra_.push_back(static_cast<uint32_t>(then_args.size()));
  extra_.append(then_args.data(), then_args.size());
  extra_.push_back(else_label.index);
  extra_.push_back(static_cast<uint32_t>(else_args.size()));
  extra_.append(else_args.data(), else_args.size());
  terminate(Op::CondBr, condition, at, 0);
}

void FunctionBuilder::grow() {
  capacity_ = capacity_ == 0 ? 1024 : capacity_ * 2;
  insts_.resize(capacity_);
  locations_.resize(capacity_);
}

void FunctionBuilder::open_dead_block() {
  blocks_.push_back({count_, count_});
  open_ = true;
  dead_ = true;
}

}  // namespace omega::ir
