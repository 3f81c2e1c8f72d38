// SPDX-License-Identifier: Apache-2.0
// Making types, and writing them as text.
#include "omega/check/type_store.h"

#include <algorithm>
#include <charconv>

#include "omega/base/check.h"
#include "omega/base/hash.h"

namespace omega::check {

namespace {

uint32_t storage_bytes(uint32_t bits) {
  for (uint32_t size : {1u, 2u, 4u, 8u, 16u}) {
    if (bits <= size * 8) {
      return size;
    }
  }
  return 32;
}

void append_number(std::string& to, uint64_t number) {
  char digits[24];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

TypeStore::TypeStore() {
  chunks_[0].store(new TypeInfo[kChunkSize], std::memory_order_release);
  using ir::Type;
  fixed(kNoType, TypeKind::None, Type::Void, 0);
  fixed(kErrorType, TypeKind::Error, Type::S64, 8);
  fixed(kVoidType, TypeKind::Void, Type::Void, 0);
  fixed(kBoolType, TypeKind::Bool, Type::U1, 1);
  fixed(kStringType, TypeKind::String, Type::Ref, 8);
  fixed(kBytesType, TypeKind::Bytes, Type::Ref, 8).element = kUint8Type;
  fixed(kAddressType, TypeKind::Address, ir::unsigned_type(160), 32).bits = 160;
  fixed(kFloat32Type, TypeKind::Float, Type::F32, 4).bits = 32;
  fixed(kFloat64Type, TypeKind::Float, Type::F64, 8).bits = 64;
  fixed(kNumberType, TypeKind::Number, Type::S64, 8);
  fixed(kRandomType, TypeKind::Random, Type::Ref, 8);
  fixed(kRangeType, TypeKind::Range, Type::Void, 0).element = kInt64Type;
  for (uint32_t bits = 8; bits <= 256; bits += 8) {
    for (bool is_signed : {false, true}) {
      TypeInfo& info =
          fixed(integer_type(bits, is_signed), TypeKind::Integer, is_signed ? ir::signed_type(bits) : ir::unsigned_type(bits), storage_bytes(bits));
      info.bits = static_cast<uint16_t>(bits);
      info.is_signed = is_signed;
    }
    fixed(fixed_bytes_type(bits / 8), TypeKind::FixedBytes, ir::unsigned_type(bits), storage_bytes(bits)).bits = static_cast<uint16_t>(bits);
  }
}

TypeStore::~TypeStore() {
  for (auto& chunk : chunks_) {
    delete[] chunk.load();
  }
}

TypeInfo& TypeStore::fixed(TypeId id, TypeKind kind, ir::Type ir, uint32_t size) {
  TypeInfo& info = chunks_[0].load(std::memory_order_relaxed)[id];
  info.kind = kind;
  info.ir = ir;
  info.size = size;
  info.is_ref = ir == ir::Type::Ref;
  return info;
}

TypeInfo& TypeStore::make(TypeKind kind, TypeId* id) {
  *id = next_++;
  OMEGA_CHECK((*id >> kChunkBits) < chunks_.size(), "too many types");
  auto& chunk = chunks_[*id >> kChunkBits];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    chunk.store(new TypeInfo[kChunkSize], std::memory_order_release);
  }
  TypeInfo& info = chunk.load(std::memory_order_relaxed)[*id & (kChunkSize - 1)];
  info.kind = kind;
  info.ir = ir::Type::Ref;
  info.size = 8;
  info.is_ref = true;
  return info;
}

bool TypeStore::matches(const TypeInfo& info, const Key& key) const {
  if (info.kind != key.kind) {
    return false;
  }
  switch (key.kind) {
    case TypeKind::Array:
    case TypeKind::Result:
    case TypeKind::Range: return info.element == key.parts[0];
    case TypeKind::FixedArray: return info.element == key.parts[0] && info.length == key.number;
    case TypeKind::Mapping: return info.key == key.parts[0] && info.element == key.parts[1];
    case TypeKind::Tuple:
    case TypeKind::Function:
      return info.result_count == key.result_count && info.part_count + info.result_count == key.parts.size() &&
             std::equal(key.parts.begin(), key.parts.end(), info.parts);
    default: return info.declaration == key.number;
  }
}

void TypeStore::fill(TypeInfo& info, const Key& key) {
  switch (key.kind) {
    case TypeKind::Array:
    case TypeKind::Result: info.element = key.parts[0]; break;
    case TypeKind::Range:
      info.element = key.parts[0];
      info.ir = ir::Type::Void;
      info.is_ref = false;
      break;
    case TypeKind::FixedArray:
      info.element = key.parts[0];
      info.length = key.number;
      break;
    case TypeKind::Mapping:
      info.key = key.parts[0];
      info.element = key.parts[1];
      break;
    case TypeKind::Tuple:
    case TypeKind::Function: {
      auto* parts = arena_.allocate_array<TypeId>(key.parts.size() + 1);
      std::copy(key.parts.begin(), key.parts.end(), parts);
      info.parts = parts;
      info.result_count = key.result_count;
      info.part_count = static_cast<uint32_t>(key.parts.size()) - key.result_count;
      break;
    }
    case TypeKind::Enum:
      info.ir = ir::Type::U8;
      info.size = 1;
      info.is_ref = false;
      info.declaration = static_cast<uint32_t>(key.number);
      info.name = key.name;
      break;
    case TypeKind::UserType: {
      const TypeInfo& underlying = (*this)[key.parts[0]];
      info.ir = underlying.ir;
      info.size = underlying.size;
      info.is_ref = underlying.is_ref;
      info.element = key.parts[0];
      info.declaration = static_cast<uint32_t>(key.number);
      info.name = key.name;
      break;
    }
    default: info.declaration = static_cast<uint32_t>(key.number); info.name = key.name;
  }
}

TypeId TypeStore::intern(const Key& key) {
  uint64_t hash = base::hash_combine(static_cast<uint64_t>(key.kind) | uint64_t{key.result_count} << 8, key.number);
  for (TypeId part : key.parts) {
    hash = base::hash_combine(hash, part);
  }
  const std::lock_guard lock(mutex_);
  auto [at, end] = by_hash_.equal_range(hash);
  for (; at != end; ++at) {
    if (matches((*this)[at->second], key)) {
      return at->second;
    }
  }
  TypeId id = 0;
  fill(make(key.kind, &id), key);
  by_hash_.emplace(hash, id);
  return id;
}

TypeId TypeStore::array_of(TypeId element) {
  const TypeInfo& info = (*this)[element];
  TypeId found = info.array.load(std::memory_order_acquire);
  if (found == 0) {
    found = intern({.kind = TypeKind::Array, .parts = {&element, 1}, .name = {}});
    info.array.store(found, std::memory_order_release);
  }
  return found;
}

TypeId TypeStore::result_of(TypeId value) {
  const TypeInfo& info = (*this)[value];
  TypeId found = info.result.load(std::memory_order_acquire);
  if (found == 0) {
    found = intern({.kind = TypeKind::Result, .parts = {&value, 1}, .name = {}});
    info.result.store(found, std::memory_order_release);
  }
  return found;
}

TypeId TypeStore::fixed_array(TypeId element, uint64_t length) {
  return intern({.kind = TypeKind::FixedArray, .number = length, .parts = {&element, 1}, .name = {}});
}

TypeId TypeStore::mapping(TypeId key, TypeId value) {
  const TypeId parts[] = {key, value};
  return intern({.kind = TypeKind::Mapping, .parts = parts, .name = {}});
}

TypeId TypeStore::tuple(std::span<const TypeId> components) { return intern({.kind = TypeKind::Tuple, .parts = components, .name = {}}); }

TypeId TypeStore::function(std::span<const TypeId> parameters, std::span<const TypeId> results) {
  PodVector<TypeId> parts;
  parts.append(parameters.data(), parameters.size());
  parts.append(results.data(), results.size());
  return intern({.kind = TypeKind::Function, .result_count = static_cast<uint32_t>(results.size()), .parts = {parts.data(), parts.size()}, .name = {}});
}

TypeId TypeStore::range_of(TypeId element) {
  return element == kInt64Type ? kRangeType : intern({.kind = TypeKind::Range, .parts = {&element, 1}, .name = {}});
}

TypeId TypeStore::structure(uint32_t declaration, std::string_view name) {
  return intern({.kind = TypeKind::Struct, .number = declaration, .parts = {}, .name = name});
}

TypeId TypeStore::enumeration(uint32_t declaration, std::string_view name) {
  return intern({.kind = TypeKind::Enum, .number = declaration, .parts = {}, .name = name});
}

TypeId TypeStore::user_type(uint32_t declaration, std::string_view name, TypeId underlying) {
  return intern({.kind = TypeKind::UserType, .number = declaration, .parts = {&underlying, 1}, .name = name});
}

std::string TypeStore::text(TypeId id) const {
  std::string result;
  append_text(id, result);
  return result;
}

void TypeStore::append_text(TypeId id, std::string& to) const {
  const TypeInfo& info = (*this)[id];
  auto list = [&](std::span<const TypeId> types) {
    for (size_t i = 0; i < types.size(); ++i) {
      to += i == 0 ? "" : ",";
      append_text(types[i], to);
    }
  };
  switch (info.kind) {
    case TypeKind::None: to += "nothing"; break;
    case TypeKind::Error: to += "error"; break;
    case TypeKind::Void: to += "no value"; break;
    case TypeKind::Bool: to += "bool"; break;
    case TypeKind::Integer:
      to += info.is_signed ? "int" : "uint";
      append_number(to, info.bits);
      break;
    case TypeKind::Float:
      to += "float";
      append_number(to, info.bits);
      break;
    case TypeKind::String: to += "string"; break;
    case TypeKind::Bytes: to += "bytes"; break;
    case TypeKind::FixedBytes:
      to += "bytes";
      append_number(to, info.bits / 8);
      break;
    case TypeKind::Address: to += "address"; break;
    case TypeKind::Number: to += "number"; break;
    case TypeKind::Random: to += "Random"; break;
    case TypeKind::Enum:
    case TypeKind::UserType:
    case TypeKind::Struct: to += info.name; break;
    case TypeKind::Array:
      append_text(info.element, to);
      to += "[]";
      break;
    case TypeKind::FixedArray:
      append_text(info.element, to);
      to += '[';
      append_number(to, info.length);
      to += ']';
      break;
    case TypeKind::Mapping:
      to += "mapping(";
      append_text(info.key, to);
      to += " => ";
      append_text(info.element, to);
      to += ')';
      break;
    case TypeKind::Tuple:
      to += '(';
      list(info.components());
      to += ')';
      break;
    case TypeKind::Function:
      to += "function(";
      list(info.parameters());
      to += ')';
      if (info.result_count != 0) {
        to += " returns (";
        list(info.results());
        to += ')';
      }
      break;
    case TypeKind::Result:
      to += "Result<";
      append_text(info.element, to);
      to += '>';
      break;
    case TypeKind::Range:
      to += "range of ";
      append_text(info.element, to);
      break;
  }
}

}  // namespace omega::check
