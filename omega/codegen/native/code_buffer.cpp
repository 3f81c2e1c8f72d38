// SPDX-License-Identifier: Apache-2.0
// Constants of a CodeBuffer, found again by an open-addressed table.
#include "omega/codegen/native/code_buffer.h"

#include <cstring>

namespace omega::codegen::native {

namespace {

/// The runtime's om_array, as it stands in read-only data (runtime/omega_runtime.h).
struct StringObject {
  uint64_t data;
  int64_t length;
  int64_t capacity;
  uint32_t element_size;
  uint32_t flags;
};
static_assert(sizeof(StringObject) == 32);
constexpr uint32_t static_array_flag = 2;

/// The values, copied to the arena; `from` keeps its room.
template <class T>
base::PodVector<T> move_to(base::Arena& arena, base::PodVector<T>& from) {
  T* const copy = arena.allocate_array<T>(from.size());
  if (!from.empty()) {
    std::memcpy(static_cast<void*>(copy), from.data(), from.size() * sizeof(T));
  }
  const size_t size = from.size();
  from.clear();
  return base::PodVector<T>::lent(copy, size);
}

uint64_t mix(uint64_t a, uint64_t b) { return (a ^ (b + 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u ^ b >> 29; }

}  // namespace

template <class Test>
CodeBuffer::Entry& CodeBuffer::find(uint64_t hash, Shape shape, Test&& is_it) {
  if (size_t{used_} * 4 >= table_.size() * 3) {
    grow_table();
  }
  const size_t mask = table_.size() - 1;
  for (size_t i = (hash ^ hash >> 32) & mask;; i = (i + 1) & mask) {
    Entry& entry = table_[i];
    if (entry.offset == UINT32_MAX) {
      entry.hash = hash;
      entry.shape = shape;
      ++used_;
      return entry;
    }
    if (entry.hash == hash && entry.shape == shape && is_it(entry.offset)) {
      return entry;
    }
  }
}

void CodeBuffer::grow_table() {
  base::PodVector<Entry> old = std::move(table_);
  table_ = {};
  table_.resize(old.empty() ? 64 : old.size() * 2, Entry{});
  const size_t mask = table_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.offset != UINT32_MAX) {
      size_t i = (entry.hash ^ entry.hash >> 32) & mask;
      while (table_[i].offset != UINT32_MAX) {
        i = (i + 1) & mask;
      }
      table_[i] = entry;
    }
  }
}

CodeBuffer CodeBuffer::moved_to(base::Arena& arena) {
  CodeBuffer copy;
  copy.code = move_to(arena, code);
  copy.constants = move_to(arena, constants);
  copy.relocations = move_to(arena, relocations);
  copy.constant_relocations = move_to(arena, constant_relocations);
  copy.rows = move_to(arena, rows);
  copy.functions = move_to(arena, functions);
  table_.clear();
  used_ = 0;
  return copy;
}

uint32_t CodeBuffer::add_constants(uint64_t size, uint64_t alignment) {
  const uint64_t at = (constants.size() + alignment - 1) & ~(alignment - 1);
  OMEGA_CHECK(at + size < UINT32_MAX / 2, "constants of one buffer exceed 2 GiB");
  constants.resize(at + size, 0);
  return static_cast<uint32_t>(at);
}

uint32_t CodeBuffer::word(uint64_t value) {
  Entry& entry = find(mix(value, 1), Shape::Word, [&](uint32_t at) { return std::memcmp(constants.data() + at, &value, 8) == 0; });
  if (entry.offset == UINT32_MAX) {
    entry.offset = add_constants(8, 8);
    std::memcpy(constants.data() + entry.offset, &value, 8);
  }
  return entry.offset;
}

uint32_t CodeBuffer::quad(const uint64_t (&limbs)[4]) {
  const uint64_t hash = mix(mix(limbs[0], limbs[1]), mix(limbs[2], limbs[3]));
  Entry& entry = find(hash, Shape::Quad, [&](uint32_t at) { return std::memcmp(constants.data() + at, limbs, 32) == 0; });
  if (entry.offset == UINT32_MAX) {
    entry.offset = add_constants(32, 16);
    std::memcpy(constants.data() + entry.offset, limbs, 32);
  }
  return entry.offset;
}

uint32_t CodeBuffer::string(std::string_view text) {
  const auto is_it = [&](uint32_t at) {
    StringObject object;
    std::memcpy(&object, constants.data() + at, sizeof object);
    return static_cast<size_t>(object.length) == text.size() && std::memcmp(constants.data() + at + sizeof object, text.data(), text.size()) == 0;
  };
  Entry& entry = find(base::hash_bytes(text), Shape::String, is_it);
  if (entry.offset == UINT32_MAX) {
    const auto length = static_cast<int64_t>(text.size());
    const StringObject object{0, length, length, 1, static_array_flag};
    entry.offset = add_constants(sizeof object + text.size() + 1, 16);
    std::memcpy(constants.data() + entry.offset, &object, sizeof object);
    if (!text.empty()) {
      std::memcpy(constants.data() + entry.offset + sizeof object, text.data(), text.size());
    }
    constant_relocations.push_back({entry.offset, entry.offset + static_cast<uint32_t>(sizeof object), ConstantRelocation::ToConstants});
  }
  return entry.offset;
}

uint32_t CodeBuffer::closure(ir::FunctionId function) {
  // The object's bytes hold the function's number until it is linked.
  const uint64_t number = function;
  Entry& entry = find(mix(number, 2), Shape::Closure, [&](uint32_t at) { return std::memcmp(constants.data() + at, &number, 8) == 0; });
  if (entry.offset == UINT32_MAX) {
    entry.offset = add_constants(8, 8);
    std::memcpy(constants.data() + entry.offset, &number, 8);
    constant_relocations.push_back({entry.offset, function, ConstantRelocation::ToFunction});
  }
  return entry.offset;
}

}  // namespace omega::codegen::native
