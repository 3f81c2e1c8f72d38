// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/layout.h"

#include <algorithm>

namespace omega::codegen::solana {
namespace {

using ir::DataKind;

/// Fixed arrays up to here stand in place; longer ones have accounts of their own.
constexpr uint64_t kMostInPlace = 512;
constexpr uint64_t kChunkBytes = 8192;
/// bytes and strings: a length and 24 bytes.
constexpr uint64_t kTextBytes = 32;
constexpr uint64_t kLengthBytes = 8;
/// What only has accounts of its own takes a byte, so that its place is nobody else's.
constexpr uint64_t kMarkBytes = 1;
/// Sizes stop here; it is beyond what any account holds.
constexpr uint64_t kTooMany = uint64_t{1} << 31;

uint64_t number_size(uint64_t bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : (bits + 63) / 64 * 8; }

class LayoutMaker {
 public:
  explicit LayoutMaker(const ir::Contract& contract) : contract_(contract) {}

  Layout make() {
    layout_.sizes.assign(contract_.types.size(), 0);
    layout_.chunk_shifts.assign(contract_.types.size(), kInPlace);
    layout_.field_offsets.assign(contract_.fields.size(), 0);
    is_known_.assign(contract_.types.size(), 0);
    uint64_t offset = 0;
    for (const std::vector<ir::StateVariable>* list : {&contract_.variables, &contract_.immutables}) {
      for (const ir::StateVariable& variable : *list) {
        layout_.variable_offsets.push_back(static_cast<uint32_t>(offset));
        offset = std::min(offset + held(variable.type), kTooMany);
      }
    }
    layout_.state_size = static_cast<uint32_t>(offset);
    if (offset > kMostBytes) {
      layout_.too_large = "state variables";
    }
    for (size_t k = 0; k < elsewhere_.size(); ++k) {
      const ir::DataType& type = contract_.types[elsewhere_[k]];
      const uint64_t size = element(type, type.kind == DataKind::Array ? "elements of an array" : "values of a mapping");
      layout_.chunk_shifts[elsewhere_[k]] = type.kind == DataKind::Array ? shift_of(size) : kInPlace;
    }
    return std::move(layout_);
  }

 private:
  /// The size of a type that the state holds, and everything that follows from it. Types nest at most ir::kMaxDataTypeDepth deep.
  uint64_t held(ir::DataTypeId id) {
    if (is_known_[id] != 0) {
      return layout_.sizes[id];
    }
    is_known_[id] = 1;
    layout_.sizes[id] = static_cast<uint32_t>(size_of(id, contract_.types[id]));
    return layout_.sizes[id];
  }

  uint64_t size_of(ir::DataTypeId id, const ir::DataType& type) {
    switch (type.kind) {
      case DataKind::Bool:
      case DataKind::Enum: return 1;
      case DataKind::Unsigned:
      case DataKind::Signed:
      case DataKind::FixedBytes: return number_size(type.bits);
      case DataKind::Address: return number_size(160);
      case DataKind::Bytes:
      case DataKind::String: return kTextBytes;
      // What contains itself does so through one of these, whose size does not depend on what it holds.
      case DataKind::Mapping: elsewhere_.push_back(id); return kMarkBytes;
      case DataKind::Array: elsewhere_.push_back(id); return kLengthBytes;
      case DataKind::FixedArray: return fixed_array(id, type);
      case DataKind::Struct: return structure(type);
    }
    return 0;
  }

  uint64_t element(const ir::DataType& type, const char* what) {
    const uint64_t size = held(type.element);
    if (size > kMostBytes) {
      layout_.too_large = what;
    }
    return size;
  }
  static uint8_t shift_of(uint64_t size) {
    uint8_t shift = 0;
    while (size << (shift + 1) <= kChunkBytes) {
      ++shift;
    }
    return shift;
  }
  uint64_t fixed_array(ir::DataTypeId id, const ir::DataType& type) {
    const uint64_t size = element(type, "elements of an array");
    if (type.length <= kMostInPlace && size * type.length <= kMostInPlace) {
      return size * type.length;
    }
    layout_.chunk_shifts[id] = shift_of(size);
    return kMarkBytes;
  }
  uint64_t structure(const ir::DataType& type) {
    uint64_t offset = 0;
    for (uint32_t k = type.first_field; k < type.first_field + type.field_count; ++k) {
      layout_.field_offsets[k] = static_cast<uint32_t>(offset);
      offset = std::min(offset + held(contract_.fields[k].type), kTooMany);
    }
    return offset;
  }

  const ir::Contract& contract_;
  Layout layout_;
  std::vector<uint8_t> is_known_;
  std::vector<ir::DataTypeId> elsewhere_;  ///< arrays and mappings, whose elements' sizes are found behind those of what holds them
};

}  // namespace

Layout layout_of(const ir::Contract& contract) { return LayoutMaker(contract).make(); }

}  // namespace omega::codegen::solana
