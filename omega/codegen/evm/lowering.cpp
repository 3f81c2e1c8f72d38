// SPDX-License-Identifier: Apache-2.0
// Which routines there are, and what types look like.
#include "omega/codegen/evm/lowering.h"

#include <algorithm>

#include "omega/base/check.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

namespace {

struct Shape {
  const char* name;
  uint32_t params, results;
  bool returns;
};

Shape shape(Helper kind) {
  switch (kind) {
    case Helper::Function: return {"function", 0, 0, true};
    case Helper::DecodeCalldata: return {"decode_calldata", 2, 1, true};
    case Helper::DecodeCalldataOnly: return {"decode_calldata_only", 2, 1, true};
    case Helper::DecodeMemory: return {"decode_memory", 2, 1, true};
    case Helper::Encode: return {"encode", 2, 1, true};
    case Helper::EncodePacked: return {"encode_packed", 2, 1, true};
    case Helper::EncodeTopic: return {"encode_topic", 2, 1, true};
    case Helper::LoadState: return {"load_state", 1, 1, true};
    case Helper::StoreState: return {"store_state", 2, 0, true};
    case Helper::ClearState: return {"clear_state", 1, 0, true};
    case Helper::ResizeState: return {"resize_state", 2, 0, true};
    case Helper::ClearSlots: return {"clear_slots", 2, 0, true};
    case Helper::EntryOfBytes: return {"entry_of_bytes", 2, 1, true};
    case Helper::StateLength: return {"state_length", 1, 1, true};
    case Helper::FillArray: return {"fill_array", 1, 1, true};
    case Helper::PowUnsigned: return {"pow_unsigned", 3, 1, true};
    case Helper::PowSigned: return {"pow_signed", 4, 1, true};
    case Helper::RevertString: return {"revert_string", 2, 0, false};
    case Helper::RevertLongString: return {"revert_long_string", 2, 0, false};
  }
  return {};
}

}  // namespace

Lowering::Lowering(const ir::Module& module, const StorageLayout& layout, std::span<const CreatedCode* const> created)
    : module_(module), contract_(*module.contract), layout_(layout), created_(created) {
  program_.locations.push_back({});
}

void Lowering::refuse(std::string what) {
  if (!refusal_) {
    const uint32_t offset = b_.location() < program_.locations.size() ? program_.locations[b_.location()].offset : 0;
    refusal_ = Refusal{std::move(what), function_, offset};
  }
}

uint32_t Lowering::add_location(uint32_t file, uint32_t offset) {
  const Location location{file, offset};
  if (program_.locations.back() != location) {
    program_.locations.push_back(location);
  }
  return static_cast<uint32_t>(program_.locations.size() - 1);
}

RoutineId Lowering::helper(Helper kind, uint32_t number) {
  const uint64_t key = static_cast<uint64_t>(kind) << 32 | number;
  const auto [at, is_new] = helpers_.try_emplace(key, static_cast<RoutineId>(program_.routines.size()));
  if (is_new) {
    const Shape s = shape(kind);
    Routine routine;
    routine.name = std::string(s.name) + "." + std::to_string(number);
    routine.params = s.params;
    routine.results = s.results;
    routine.returns = s.returns;
    if (kind == Helper::Function) {
      const ir::Function& function = module_.functions[number];
      routine.name = std::string(function.name.view());
      routine.params = static_cast<uint32_t>(function.params.size());
      routine.results = static_cast<uint32_t>(function.results.size());
    }
    program_.routines.push_back(std::move(routine));
    queue_.emplace_back(kind, number);
    queued_ids_.push_back(at->second);
  }
  return at->second;
}

/// Routines ask for others while they are made: the list grows.
void Lowering::build_all() {
  for (size_t k = 0; k < queue_.size() && !refusal_; ++k) {
    const auto [kind, number] = queue_[k];
    const RoutineId id = queued_ids_[k];
    const Routine& declared = program_.routines[id];
    b_.begin(declared.name, declared.params, declared.results, declared.returns);
    if (kind == Helper::Function) {
      build_function(number);
    } else {
      b_.set_location(0);
      build_helper(kind, number);
    }
    Routine made = b_.finish();
    program_.routines[id] = std::move(made);
  }
}

void Lowering::build_helper(Helper kind, uint32_t number) {
  switch (kind) {
    case Helper::Function: break;
    case Helper::DecodeCalldata: build_decode(DataSource::Calldata, number); break;
    case Helper::DecodeCalldataOnly: build_decode(DataSource::CalldataOnly, number); break;
    case Helper::DecodeMemory: build_decode(DataSource::Memory, number); break;
    case Helper::Encode: build_encode(number); break;
    case Helper::EncodePacked: build_encode_packed(number, false); break;
    case Helper::EncodeTopic: build_encode_packed(number, true); break;
    case Helper::LoadState: build_load_state(number); break;
    case Helper::StoreState: build_store_state(number); break;
    case Helper::ClearState: build_clear_state(number); break;
    case Helper::ResizeState: build_resize_state(number); break;
    case Helper::ClearSlots: {
      b_.loop(
          {b_.param(0)}, [&](const Values& v) { return b_.lt(v[0], b_.param(1)); },
          [&](const Values& v) {
            b_.sstore(v[0], b_.constant(0));
            return Values{b_.plus(v[0], 1)};
          });
      b_.ret({});
      break;
    }
    case Helper::EntryOfBytes: {
      const ValueId at = b_.free_pointer(), length = b_.mload(b_.param(1));
      b_.emit(Op::Mcopy, {at, b_.plus(b_.param(1), 32), length});
      b_.mstore(b_.add(at, length), b_.param(0));
      const ValueId entry[] = {b_.emit(Op::Keccak256, {at, b_.plus(length, 32)})};
      b_.ret(entry);
      break;
    }
    case Helper::StateLength: {
      const ValueId length[] = {bytes_length(b_.sload(b_.param(0)))};
      b_.ret(length);
      break;
    }
    case Helper::FillArray: {
      const ValueId array = allocate(b_.plus(b_.shl(5, b_.param(0)), 32));
      b_.mstore(array, b_.param(0));
      const ValueId first = b_.plus(array, 32), end = b_.add(first, b_.shl(5, b_.param(0)));
      b_.loop(
          {first}, [&](const Values& v) { return b_.lt(v[0], end); },
          [&](const Values& v) {
            b_.mstore(v[0], null());
            return Values{b_.plus(v[0], 32)};
          });
      const ValueId result[] = {array};
      b_.ret(result);
      break;
    }
    case Helper::PowUnsigned: build_pow(false); break;
    case Helper::PowSigned: build_pow(true); break;
    case Helper::RevertString:
    case Helper::RevertLongString: {
      b_.mstore(b_.constant(0), b_.shl(224, b_.constant(0x08c379a0)));
      b_.mstore(b_.constant(4), b_.constant(0x20));
      b_.mstore(b_.constant(0x24), b_.param(1));
      if (kind == Helper::RevertString) {
        b_.mstore(b_.constant(0x44), b_.param(0));
        b_.emit(Op::Revert, {b_.constant(0), b_.constant(0x64)});
        break;
      }
      b_.mstore(b_.plus(b_.param(1), 0x44), b_.constant(0));
      b_.emit(Op::CodeCopy, {b_.constant(0x44), b_.param(0), b_.param(1)});
      b_.emit(Op::Revert, {b_.constant(0), b_.plus(b_.round_up(b_.param(1)), 0x44)});
      break;
    }
  }
}

std::vector<DataTypeId> Lowering::field_types(ir::DataFields fields) const {
  std::vector<DataTypeId> types;
  types.reserve(fields.count);
  for (uint32_t k = 0; k < fields.count; ++k) {
    types.push_back(contract_.fields[fields.first + k].type);
  }
  return types;
}

/// The type of element or field k.
DataTypeId Lowering::component(const DataType& type, uint64_t k) const {
  return type.kind == DataKind::Struct ? contract_.fields[type.first_field + k].type : type.element;
}

/// Recurs at most as deep as types nest (ir::kMaxDataTypeDepth); not into what arrays hold.
DataSize Lowering::measure(DataTypeId id) const {
  constexpr uint64_t kMost = uint64_t{1} << 56;
  const DataType& type = type_of(id);
  switch (type.kind) {
    case DataKind::Bytes:
    case DataKind::String:
    case DataKind::Array: return {true, 32, 1};
    case DataKind::FixedArray: {
      const DataSize one = measure(type.element);
      const uint64_t count = std::min(type.length, kMost);
      const uint64_t head = one.head > kMost / std::max<uint64_t>(count, 1) ? kMost : one.head * count;
      return {one.is_dynamic, one.is_dynamic ? 32 : head, count};
    }
    case DataKind::Struct: {
      DataSize size{false, 0, type.field_count};
      for (uint32_t k = 0; k < type.field_count; ++k) {
        const DataSize one = measure(contract_.fields[type.first_field + k].type);
        size.is_dynamic = size.is_dynamic || one.is_dynamic;
        size.head = std::min(kMost, size.head + one.head);
      }
      if (size.is_dynamic) {
        size.head = 32;
      }
      return size;
    }
    default: return {};
  }
}

uint64_t Lowering::contents_head(DataTypeId id) const {
  const DataType& type = type_of(id);
  if (type.kind == DataKind::FixedArray) {
    return measure(type.element).head * type.length;
  }
  uint64_t head = 0;
  for (uint32_t k = 0; k < type.field_count; ++k) {
    head += measure(contract_.fields[type.first_field + k].type).head;
  }
  return head;
}

/// New memory of so many bytes, a multiple of 32; what it holds is not known.
ValueId Lowering::allocate(ValueId bytes) {
  const ValueId at = b_.free_pointer();
  b_.set_free_pointer(b_.add(at, bytes));
  return at;
}

}  // namespace omega::codegen::evm
