// SPDX-License-Identifier: Apache-2.0
// ConcurrentMap: a hash map for all threads that only grows.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "omega/base/hash.h"
#include "omega/task/platform.h"

namespace omega::task {

/// Hashes integers, enumerations, ids with a member `index`, and text.
struct MapHash {
  template <class Key>
  uint64_t operator()(const Key& key) const {
    if constexpr (std::is_integral_v<Key> || std::is_enum_v<Key>) {
      return base::hash_integer(static_cast<uint64_t>(key));
    } else if constexpr (requires { key.index; }) {
      return base::hash_integer(key.index);
    } else {
      return base::hash_bytes(std::string_view(key));
    }
  }
};

/// Keys with values, in shards. Finding takes no lock and writes nothing; inserting locks one shard. Entries are never removed and never
/// move, so references stay good as long as the map: what caches of a compiler need (types, templates, imports). All members may be called
/// from any thread. A value is complete before anyone finds it; who changes it later makes sure by itself that this is safe.
template <class Key, class Value, class Hash = MapHash>
class ConcurrentMap {
 public:
  /// Room for about `capacity` entries before tables grow; `shards`, rounded up to a power of two, is how many inserts can go on at once.
  explicit ConcurrentMap(size_t capacity = 0, size_t shards = 32)
      : shard_bits_(std::bit_width(std::bit_ceil(shards < 1 ? 1 : shards)) - 1), shards_(new Shard[size_t{1} << shard_bits_]) {
    const size_t slots = std::bit_ceil((capacity >> shard_bits_) * 2 + 16);
    for (size_t i = 0; i < size_t{1} << shard_bits_; ++i) {
      shards_[i].tables.push_back(std::make_unique<Table>(slots));
      shards_[i].table.store(shards_[i].tables.back().get(), std::memory_order_release);
    }
  }
  ~ConcurrentMap() {
    for (size_t i = 0; i < size_t{1} << shard_bits_; ++i) {
      Shard& shard = shards_[i];
      for (size_t e = 0; e < shard.count; ++e) {
        shard.entry(e)->~Entry();
      }
    }
  }
  ConcurrentMap(const ConcurrentMap&) = delete;
  ConcurrentMap& operator=(const ConcurrentMap&) = delete;

  /// The value of `key`, or null.
  [[nodiscard]] Value* find(const Key& key) const {
    const uint64_t hash = Hash{}(key);
    Entry* const entry = shard_of(hash).table.load(std::memory_order_acquire)->find(hash, key);
    return entry != nullptr ? &entry->value : nullptr;
  }
  [[nodiscard]] bool contains(const Key& key) const { return find(key) != nullptr; }

  /// The value of `key`, made by `make()` under the shard's lock if there is none; `make` must not use this map.
  /// @return the value, and whether it is new.
  template <class Make>
  std::pair<Value&, bool> get_or_insert(const Key& key, Make&& make) {
    const uint64_t hash = Hash{}(key);
    Shard& shard = shard_of(hash);
    if (Entry* const entry = shard.table.load(std::memory_order_acquire)->find(hash, key)) [[likely]] {
      return {entry->value, false};
    }
    const Guard guard(shard.lock);
    Table* table = shard.tables.back().get();
    if (Entry* const entry = table->find(hash, key)) {
      return {entry->value, false};
    }
    if ((shard.count + 1) * 2 > table->mask + 1) {
      table = shard.grow();
    }
    Entry* const entry = new (shard.room()) Entry{hash, key, make()};
    ++shard.count;
    table->place(entry);
    return {entry->value, true};
  }
  /// Adds `key` with `value` unless it is there.
  /// @return whether it was added.
  bool insert(const Key& key, Value value) {
    return get_or_insert(key, [&]() -> Value { return std::move(value); }).second;
  }

  /// How many entries there are; exact while nobody inserts.
  [[nodiscard]] size_t size() const {
    size_t total = 0;
    for (size_t i = 0; i < size_t{1} << shard_bits_; ++i) {
      const Guard guard(shards_[i].lock);
      total += shards_[i].count;
    }
    return total;
  }

  /// Calls `visit(const Key&, Value&)` for every entry, in no order that means anything; those inserted meanwhile may be missed. `visit`
  /// must not insert.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (size_t i = 0; i < size_t{1} << shard_bits_; ++i) {
      Shard& shard = shards_[i];
      const Guard guard(shard.lock);
      for (size_t e = 0; e < shard.count; ++e) {
        visit(std::as_const(shard.entry(e)->key), shard.entry(e)->value);
      }
    }
  }

 private:
  struct Entry {
    uint64_t hash;
    Key key;
    Value value;
  };

  class Guard {
   public:
    explicit Guard(BasicMutex<SystemPlatform>& lock) : lock_(lock) { lock_.lock(); }
    ~Guard() { lock_.unlock(); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    BasicMutex<SystemPlatform>& lock_;
  };

  /// Open addressing, at most half full; a slot holds an entry's address in its low 48 bits and 16 bits of the hash above, 0 when free.
  struct Table {
    explicit Table(size_t slots_count) : mask(slots_count - 1), slots(new std::atomic<uint64_t>[slots_count]()) {}

    Entry* find(uint64_t hash, const Key& key) const {
      for (size_t i = hash & mask;; i = (i + 1) & mask) {
        const uint64_t slot = slots[i].load(std::memory_order_acquire);
        if (slot == 0) {
          return nullptr;
        }
        if (((slot ^ hash) & ~address_mask) == 0) {
          auto* const entry = reinterpret_cast<Entry*>(slot & address_mask);
          if (entry->hash == hash && entry->key == key) {
            return entry;
          }
        }
      }
    }
    void place(Entry* entry) {
      size_t i = entry->hash & mask;
      while (slots[i].load(std::memory_order_relaxed) != 0) {
        i = (i + 1) & mask;
      }
      slots[i].store(reinterpret_cast<uint64_t>(entry) | (entry->hash & ~address_mask), std::memory_order_release);
    }

    size_t mask;
    std::unique_ptr<std::atomic<uint64_t>[]> slots;
  };

  struct alignas(64) Shard {
    std::atomic<Table*> table{nullptr};
    mutable BasicMutex<SystemPlatform> lock;
    /// Smaller ones stay: finders may be in them.
    std::vector<std::unique_ptr<Table>> tables;
    size_t count = 0;

    /// Entries stand in chunks of 16, 32, 64, ...
    struct alignas(Entry) Room {
      std::byte bytes[sizeof(Entry)];
    };
    std::vector<std::unique_ptr<Room[]>> chunks;

    struct Place {
      size_t chunk;
      size_t index;
    };
    static Place place_of(size_t number) {
      const auto chunk = static_cast<size_t>(std::bit_width(number / first_chunk + 1)) - 1;
      return {chunk, number + first_chunk - (first_chunk << chunk)};
    }
    Entry* entry(size_t index) {
      const Place at = place_of(index);
      return std::launder(reinterpret_cast<Entry*>(chunks[at.chunk][at.index].bytes));
    }
    void* room() {
      const Place at = place_of(count);
      if (chunks.size() <= at.chunk) {
        chunks.push_back(std::make_unique_for_overwrite<Room[]>(first_chunk << at.chunk));
      }
      return chunks[at.chunk][at.index].bytes;
    }
    Table* grow() {
      tables.push_back(std::make_unique<Table>((tables.back()->mask + 1) * 2));
      Table* const larger = tables.back().get();
      for (size_t e = 0; e < count; ++e) {
        larger->place(entry(e));
      }
      table.store(larger, std::memory_order_release);
      return larger;
    }
  };

  static constexpr uint64_t address_mask = (uint64_t{1} << 48) - 1;
  static constexpr size_t first_chunk = 16;

  Shard& shard_of(uint64_t hash) const { return shards_[(hash >> 32) & ((size_t{1} << shard_bits_) - 1)]; }

  size_t shard_bits_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace omega::task
