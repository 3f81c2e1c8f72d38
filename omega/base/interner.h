// SPDX-License-Identifier: Apache-2.0
// Interned names: each distinct string has one NameId, from any thread.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "omega/base/arena.h"
#include "omega/base/hash.h"
#include "omega/base/id.h"

namespace omega::base {

struct NameTag;
/// A string of a NameInterner. Two ids of one interner are equal exactly when their texts are. Numbers above the fixed names
/// depend on the schedule of threads: nothing may order, hash for output, or print by them.
using NameId = Id<NameTag>;

/// Gives each distinct string an id. intern() and text() may be called from any threads at once; finding a name that is
/// there takes no lock. Texts live, unmoved, as long as the interner.
class NameInterner {
 public:
  /// `fixed_names` get the ids 0, 1, 2, ... in order; they must be distinct.
  explicit NameInterner(std::span<const std::string_view> fixed_names = {});
  ~NameInterner();
  NameInterner(const NameInterner&) = delete;
  NameInterner& operator=(const NameInterner&) = delete;

  /// The id of `text` (less than 4 GiB long), which is copied when it is new.
  NameId intern(std::string_view text) {
    const uint64_t hash = hash_bytes(text);
    Shard& shard = shards_[shard_of(hash)];
    const Table* table = shard.table.load(std::memory_order_acquire);
    if (const Record* record = find(*table, hash, text)) [[likely]] {
      return NameId{record->id};
    }
    return insert(shard, hash, text);
  }

  /// The id of `text` if it has been interned, else none.
  [[nodiscard]] NameId find(std::string_view text) const {
    const uint64_t hash = hash_bytes(text);
    const Record* record = find(*shards_[shard_of(hash)].table.load(std::memory_order_acquire), hash, text);
    return record == nullptr ? NameId::none : NameId{record->id};
  }

  /// The text of an id of this interner.
  [[nodiscard]] std::string_view text(NameId id) const {
    const Record* record = *slot_of_id(id.index);
    return {record->text(), record->size};
  }

  /// How many names there are.
  [[nodiscard]] uint32_t size() const { return next_id_.load(std::memory_order_acquire); }

 private:
  /// One name; its characters follow it in memory.
  struct Record {
    uint32_t id;
    uint32_t size;
    [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(this + 1); }
  };

  /// Open addressing; a slot holds the record's address in its low 48 bits and 16 bits of the hash above, 0 when free.
  struct Table {
    explicit Table(uint32_t capacity) : mask(capacity - 1), slots(new std::atomic<uint64_t>[capacity]()) {}
    uint32_t mask;
    std::unique_ptr<std::atomic<uint64_t>[]> slots;
    /// The smaller table this one replaced; readers may still be in it, so it lives as long as the interner.
    std::unique_ptr<Table> previous;
  };

  struct alignas(64) Shard {
    std::atomic<const Table*> table{nullptr};
    std::mutex mutex;
    std::unique_ptr<Table> owned;
    uint32_t count = 0;
    Arena arena{2048};
  };

  static constexpr uint32_t shard_bits = 4;
  static constexpr uint32_t first_table_capacity = 64;
  static constexpr uint32_t first_chunk_bits = 10;
  static constexpr uint32_t chunk_count = 32 - first_chunk_bits;
  static constexpr uint64_t address_mask = (uint64_t{1} << 48) - 1;

  static uint32_t shard_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32) & ((1u << shard_bits) - 1); }
  static uint64_t tag_of(uint64_t hash) { return hash & ~address_mask; }

  static bool equal(const char* a, const char* b, size_t size) {
    if (size >= 8) {
      if (size > 16) {
        return std::memcmp(a, b, size) == 0;
      }
      using hash_detail::load;
      return ((load<uint64_t>(a) ^ load<uint64_t>(b)) | (load<uint64_t>(a + size - 8) ^ load<uint64_t>(b + size - 8))) == 0;
    }
    if (size >= 4) {
      using hash_detail::load;
      return ((load<uint32_t>(a) ^ load<uint32_t>(b)) | (load<uint32_t>(a + size - 4) ^ load<uint32_t>(b + size - 4))) == 0;
    }
    for (size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) {
        return false;
      }
    }
    return true;
  }

  static const Record* find(const Table& table, uint64_t hash, std::string_view text) {
    for (uint32_t i = static_cast<uint32_t>(hash) & table.mask;; i = (i + 1) & table.mask) {
      const uint64_t slot = table.slots[i].load(std::memory_order_acquire);
      if (slot == 0) {
        return nullptr;
      }
      if (((slot ^ hash) & ~address_mask) == 0) {
        const auto* record = reinterpret_cast<const Record*>(slot & address_mask);
        if (record->size == text.size() && equal(record->text(), text.data(), text.size())) {
          return record;
        }
      }
    }
  }

  /// Chunk k holds 2^(first_chunk_bits + k) ids; chunks are made as ids reach them and never move.
  const Record** slot_of_id(uint32_t id) const {
    const uint32_t biased = id + (1u << first_chunk_bits);
    const uint32_t top_bit = 31u - static_cast<uint32_t>(std::countl_zero(biased));
    return chunks_[top_bit - first_chunk_bits].load(std::memory_order_acquire) + (biased - (1u << top_bit));
  }

  [[gnu::noinline]] NameId insert(Shard& shard, uint64_t hash, std::string_view text);
  static void place(Table& table, uint64_t hash, uint64_t slot);
  static void grow(Shard& shard);
  void make_chunk(uint32_t id);

  std::array<Shard, 1u << shard_bits> shards_;
  std::atomic<uint32_t> next_id_{0};
  std::array<std::atomic<const Record**>, chunk_count> chunks_{};
};

}  // namespace omega::base
