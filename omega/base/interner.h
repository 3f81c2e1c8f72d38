// SPDX-License-Identifier: Apache-2.0
// Interned names: each distinct string has one NameId, from any thread.
#pragma once

#include <emmintrin.h>

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
    if (text.size() <= short_size) [[likely]] {
      return intern_short(words_of(text), text);
    }
    return intern_long(text);
  }

  /// intern() of the `size` bytes at `at`, faster: 16 bytes at `at` must be readable even where `size` is less.
  NameId intern_padded(const char* at, size_t size) {
    if (size <= short_size) [[likely]] {
      const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(mask_source.data() + short_size - size));
      const __m128i bytes = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), mask);
      const Words words{static_cast<uint64_t>(_mm_cvtsi128_si64(bytes)), static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(bytes, bytes)))};
      return intern_short(words, {at, size});
    }
    return intern_long({at, size});
  }

  /// The id of `text` if it has been interned, else none.
  [[nodiscard]] NameId find(std::string_view text) const {
    const Record* record = nullptr;
    if (text.size() <= short_size) {
      const Words words = words_of(text);
      const uint64_t hash = hash_short(words, text.size());
      record = find_short(*shards_[shard_of(hash)].table.load(std::memory_order_acquire), hash, words, text.size());
    } else {
      const uint64_t hash = hash_bytes(text);
      record = find_long(*shards_[shard_of(hash)].table.load(std::memory_order_acquire), hash, text);
    }
    return record == nullptr ? NameId::none : NameId{record->id};
  }

  /// The text of an id of this interner.
  [[nodiscard]] std::string_view text(NameId id) const {
    const Record* record = *slot_of_id(id.index);
    return {record->text(), record->size};
  }

  /// Makes room for about that many names in all, so that threads that intern them do not wait while tables grow. Costs speed only when wrong.
  void expect(size_t names);

  /// How many names there are.
  [[nodiscard]] uint32_t size() const { return next_id_.load(std::memory_order_acquire); }

 private:
  /// Names of at most this many bytes are compared as two words.
  static constexpr size_t short_size = 16;

  /// The bytes of a short name, filled up with zeros.
  struct Words {
    uint64_t low;
    uint64_t high;
  };

  /// One name; its characters follow it in memory, those of short names filled up with zeros.
  struct alignas(8) Record {
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
    Arena arena{1024};
  };

  static constexpr uint32_t shard_bits = 6;
  static constexpr uint32_t first_table_capacity = 16;
  static constexpr uint32_t first_chunk_bits = 10;
  static constexpr uint32_t chunk_count = 32 - first_chunk_bits;
  static constexpr uint64_t address_mask = (uint64_t{1} << 48) - 1;

  static uint32_t shard_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32) & ((1u << shard_bits) - 1); }
  static uint64_t tag_of(uint64_t hash) { return hash & ~address_mask; }

  /// 16 bytes of ones, then 16 of zeros; the 16 from 16 - n on select n bytes.
  static constexpr std::array<uint8_t, 32> mask_source = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

  static Words words_of(std::string_view text) {
    Words words{0, 0};
    if (!text.empty()) {
      std::memcpy(&words, text.data(), text.size());
    }
    return words;
  }

  static uint64_t hash_short(Words words, size_t size) {
    using namespace hash_detail;
    const uint64_t mixed = fold_product(words.low ^ k0, words.high ^ k1 ^ (size * k2));
    return mixed ^ (mixed >> 29);
  }

  template <class Equal>
  static const Record* probe(const Table& table, uint64_t hash, Equal equal) {
    for (uint32_t i = static_cast<uint32_t>(hash) & table.mask;; i = (i + 1) & table.mask) {
      const uint64_t slot = table.slots[i].load(std::memory_order_acquire);
      if (slot == 0) {
        return nullptr;
      }
      if (((slot ^ hash) & ~address_mask) == 0) {
        const auto* record = reinterpret_cast<const Record*>(slot & address_mask);
        if (equal(*record)) [[likely]] {
          return record;
        }
      }
    }
  }

  static const Record* find_short(const Table& table, uint64_t hash, Words words, size_t size) {
    return probe(table, hash, [=](const Record& record) {
      using hash_detail::load;
      // Zeros fill up short names only, so that the size tells apart what the words do not; a longer name has another size.
      return record.size == size && ((load<uint64_t>(record.text()) ^ words.low) | (load<uint64_t>(record.text() + 8) ^ words.high)) == 0;
    });
  }

  static const Record* find_long(const Table& table, uint64_t hash, std::string_view text) {
    return probe(table, hash, [=](const Record& record) { return record.size == text.size() && std::memcmp(record.text(), text.data(), text.size()) == 0; });
  }

  NameId intern_short(Words words, std::string_view text) {
    const uint64_t hash = hash_short(words, text.size());
    Shard& shard = shards_[shard_of(hash)];
    const Record* record = find_short(*shard.table.load(std::memory_order_acquire), hash, words, text.size());
    return record != nullptr ? NameId{record->id} : insert(shard, hash, text);
  }

  [[gnu::noinline]] NameId intern_long(std::string_view text);

  /// Chunk k holds 2^(first_chunk_bits + k) ids; chunks are made as ids reach them and never move.
  const Record** slot_of_id(uint32_t id) const {
    const uint32_t biased = id + (1u << first_chunk_bits);
    const uint32_t chunk_size = std::bit_floor(biased);
    return chunks_[std::bit_width(chunk_size) - 1 - first_chunk_bits].load(std::memory_order_acquire) + (biased - chunk_size);
  }

  [[gnu::noinline]] NameId insert(Shard& shard, uint64_t hash, std::string_view text);
  static const Record* find_any(const Table& table, uint64_t hash, std::string_view text);
  static uint64_t hash_any(std::string_view text);
  static void place(Table& table, uint64_t hash, uint64_t slot);
  static void grow(Shard& shard, uint32_t capacity);
  void make_chunk(uint32_t id);

  std::array<Shard, 1u << shard_bits> shards_;
  alignas(64) std::atomic<uint32_t> next_id_{0};
  alignas(64) std::array<std::atomic<const Record**>, chunk_count> chunks_{};
};

}  // namespace omega::base
