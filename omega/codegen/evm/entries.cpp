// SPDX-License-Identifier: Apache-2.0
// Lowering: what the chain calls: the dispatch by selector, and the code that makes the contract.
#include <algorithm>

#include "omega/base/keccak.h"
#include "omega/codegen/evm/lowering.h"

namespace omega::codegen::evm {

using ir::DataTypeId;
using ir::EntryKind;
using ir::EntryPoint;

namespace {

bool is_payable(const EntryPoint& entry) { return entry.mutability == ir::Mutability::Payable; }

}  // namespace

const EntryPoint* Lowering::find_entry(EntryKind kind) const {
  const auto at = std::find_if(contract_.entries.begin(), contract_.entries.end(), [&](const EntryPoint& entry) { return entry.kind == kind; });
  return at == contract_.entries.end() ? nullptr : &*at;
}

Values Lowering::call_function(ir::FunctionId function, const Values& args) { return b_.call(helper(Helper::Function, function), args); }

Program Lowering::lower_runtime() {
  program_.routines.emplace_back();
  program_.entry = 0;
  b_.begin("entry", 0, 0, false);
  build_dispatch();
  Routine entry = b_.finish();
  program_.routines[0] = std::move(entry);
  build_all();
  return std::move(program_);
}

void Lowering::build_dispatch() {
  b_.set_free_pointer(b_.emit(Op::HeapStart, {}));
  const EntryPoint* receive = find_entry(EntryKind::Receive);
  const EntryPoint* fallback = find_entry(EntryKind::Fallback);
  std::vector<std::pair<uint32_t, uint32_t>> functions;  // selector, number
  bool any_payable = receive != nullptr || (fallback != nullptr && is_payable(*fallback));
  bool selectors_end = true;  // none ends in a zero byte, as those of short calldata do
  for (uint32_t k = 0; k < contract_.entries.size(); ++k) {
    const EntryPoint& entry = contract_.entries[k];
    if (entry.kind == EntryKind::Function) {
      functions.emplace_back(base::keccak256_selector(ir::signature(contract_, entry.name, entry.params)), k);
      any_payable = any_payable || is_payable(entry);
      selectors_end = selectors_end && (functions.back().first & 0xff) != 0;
    }
  }
  std::sort(functions.begin(), functions.end());
  if (!any_payable) {
    b_.revert_if(b_.emit(Op::CallValue, {}));
  }
  const BlockId otherwise = b_.new_block();
  const bool has_other = receive != nullptr || fallback != nullptr;
  if (functions.empty()) {
    b_.jump(otherwise);
  } else {
    if (has_other || !selectors_end) {
      const BlockId long_enough = b_.new_block();
      b_.branch(b_.lt(b_.emit(Op::CalldataSize, {}), b_.constant(4)), otherwise, long_enough);
      b_.start(long_enough);
    }
    const ValueId selector = b_.shr(224, b_.emit(Op::CalldataLoad, {b_.constant(0)}));
    dispatch(functions, selector, otherwise);
  }
  b_.start(otherwise);
  build_fallback(receive, fallback, any_payable);
  for (const auto& [selector, number] : functions) {
    b_.start(entry_blocks_[number]);
    build_entry(contract_.entries[number], any_payable);
  }
}

/// Compares with the middle until few are left, then with each.
void Lowering::dispatch(std::span<const std::pair<uint32_t, uint32_t>> functions, ValueId selector, BlockId otherwise) {
  constexpr size_t kFew = 4;
  entry_blocks_.resize(contract_.entries.size(), kNone);
  if (functions.size() > kFew) {
    const size_t middle = functions.size() / 2;
    const BlockId low = b_.new_block(), high = b_.new_block();
    b_.branch(b_.lt(selector, b_.constant(functions[middle].first)), low, high);
    b_.start(high);
    dispatch(functions.subspan(middle), selector, otherwise);
    b_.start(low);
    dispatch(functions.first(middle), selector, otherwise);
    return;
  }
  for (size_t k = 0; k < functions.size(); ++k) {
    const BlockId block = b_.new_block();
    entry_blocks_[functions[k].second] = block;
    const bool is_last = k + 1 == functions.size();
    const BlockId next = is_last ? otherwise : b_.new_block();
    b_.branch(b_.eq(selector, b_.constant(functions[k].first)), block, next);
    if (!is_last) {
      b_.start(next);
    }
  }
}

void Lowering::build_entry(const EntryPoint& entry, bool checks_value) {
  const ir::Function& function = module_.functions[entry.function];
  b_.set_location(add_location(function.file.index, function.location));
  if (checks_value && !is_payable(entry)) {
    b_.revert_if(b_.emit(Op::CallValue, {}));
  }
  const std::vector<DataTypeId> params = field_types(entry.params);
  uint64_t head = 0;
  bool are_values = true;
  for (const DataTypeId type : params) {
    head += measure(type).head;
    are_values = are_values && is_value(type);
  }
  const ValueId size = b_.emit(Op::CalldataSize, {});
  Values args;
  if (are_values) {
    if (head != 0) {
      b_.revert_if(b_.lt(size, b_.constant(head + 4)));
    }
    for (uint32_t k = 0; k < params.size(); ++k) {
      args.push_back(validate(b_.emit(Op::CalldataLoad, {b_.constant(4 + 32 * k)}), params[k]));
    }
  } else {
    // Counted from the selector on, shorter than which it may be.
    b_.revert_if(b_.lt(size, b_.constant(head + 4)));
    uint64_t at = 4;
    for (uint32_t k = 0; k < params.size(); ++k) {
      const bool stays = contract_.fields[entry.params.first + k].is_calldata;
      args.push_back(decode_at(stays ? DataSource::CalldataOnly : DataSource::Calldata, b_.constant(at), b_.constant(4), size, params[k]));
      at += measure(params[k]).head;
    }
  }
  const Values results = call_function(entry.function, args);
  if (b_.is_open()) {
    return_values(field_types(entry.results), results);
  }
}

void Lowering::return_values(const std::vector<DataTypeId>& types, const Values& values) {
  if (types.empty()) {
    b_.emit(Op::Stop, {});
    return;
  }
  if (std::all_of(types.begin(), types.end(), [&](DataTypeId type) { return is_value(type); })) {
    // Nothing in memory is needed any more; the builder takes the word at 0x40 for the free memory pointer.
    const uint64_t start = types.size() <= 2 ? 0 : 0x80;
    Values words;
    for (uint32_t k = 0; k < types.size(); ++k) {
      words.push_back(encoded(values[k], types[k]));
    }
    for (uint32_t k = 0; k < types.size(); ++k) {
      b_.mstore(b_.constant(start + kWordBytes * k), words[k]);
    }
    b_.emit(Op::Return, {b_.constant(start), b_.constant(kWordBytes * types.size())});
    return;
  }
  const ValueId start = b_.free_pointer();
  const ValueId end = encode(types, values, start);
  b_.emit(Op::Return, {start, b_.sub(end, start)});
}

/// Calldata without a selector, or with one that nobody has.
void Lowering::build_fallback(const EntryPoint* receive, const EntryPoint* fallback, bool checks_value) {
  if (receive != nullptr) {
    const BlockId empty = b_.new_block(), other = b_.new_block();
    b_.branch(b_.emit(Op::CalldataSize, {}), other, empty);
    b_.start(empty);
    call_function(receive->function, {});
    b_.emit(Op::Stop, {});
    b_.start(other);
  }
  if (fallback == nullptr) {
    b_.emit(Op::Exit, {}, static_cast<uint32_t>(ExitKind::RevertEmpty));
    return;
  }
  if (checks_value && !is_payable(*fallback)) {
    b_.revert_if(b_.emit(Op::CallValue, {}));
  }
  Values args;
  if (fallback->params.count != 0) {
    args.push_back(message(ir::MessageField::Data));
  }
  const Values results = call_function(fallback->function, args);
  if (results.empty()) {
    b_.emit(Op::Stop, {});
  } else {
    b_.emit(Op::Return, {b_.plus(results[0], 32), b_.mload(results[0])});
  }
}

Program Lowering::lower_init(std::span<const ImmutablePlace> immutables) {
  is_init_ = true;
  program_.heap_start = 0x80 + 32 * static_cast<uint32_t>(contract_.immutables.size());
  program_.routines.emplace_back();
  program_.entry = 0;
  b_.begin("constructor", 0, 0, false);
  b_.set_free_pointer(b_.emit(Op::HeapStart, {}));
  const EntryPoint* constructor = find_entry(EntryKind::Constructor);
  if (constructor == nullptr || !is_payable(*constructor)) {
    b_.revert_if(b_.emit(Op::CallValue, {}));
  }
  if (constructor != nullptr) {
    // Arguments stand behind the code.
    Values args;
    const std::vector<DataTypeId> params = field_types(constructor->params);
    if (!params.empty()) {
      const ValueId code = b_.emit(Op::ProgramSize, {});
      const ValueId size = b_.sub(b_.emit(Op::CodeSize, {}), code);
      const ValueId at = b_.free_pointer();
      b_.emit(Op::CodeCopy, {at, code, size});
      b_.set_free_pointer(b_.round_up(b_.add(at, size)));
      args = decode(DataSource::Memory, params, at, b_.add(at, size));
    }
    call_function(constructor->function, args);
  }
  const ValueId size = b_.emit(Op::RuntimeSize, {});
  const ValueId at = immutables.empty() ? b_.constant(0) : b_.free_pointer();
  b_.emit(Op::CodeCopy, {at, b_.emit(Op::RuntimeOffset, {}), size});
  for (const ImmutablePlace& place : immutables) {
    b_.mstore(b_.plus(at, place.offset), b_.mload(b_.constant(0x80 + 32 * place.immutable)));
  }
  b_.emit(Op::Return, {at, size});
  Routine entry = b_.finish();
  program_.routines[0] = std::move(entry);
  build_all();
  return std::move(program_);
}

}  // namespace omega::codegen::evm
