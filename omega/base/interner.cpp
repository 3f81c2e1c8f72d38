// SPDX-License-Identifier: Apache-2.0
// The growing half of the interner: everything that happens under a shard's lock.
#include "omega/base/interner.h"

#include <algorithm>
#include <new>

#include "omega/base/check.h"

namespace omega::base {

NameInterner::NameInterner(std::span<const std::string_view> fixed_names) {
  for (Shard& shard : shards_) {
    shard.owned = std::make_unique<Table>(first_table_capacity);
    shard.table.store(shard.owned.get(), std::memory_order_release);
  }
  for (uint32_t i = 0; i < fixed_names.size(); ++i) {
    const NameId id = intern(fixed_names[i]);
    OMEGA_CHECK(id.index == i, "fixed names must be distinct");
  }
}

NameInterner::~NameInterner() {
  for (auto& chunk : chunks_) {
    delete[] chunk.load();
  }
}

uint64_t NameInterner::hash_any(std::string_view text) { return text.size() <= short_size ? hash_short(words_of(text), text.size()) : hash_bytes(text); }

const NameInterner::Record* NameInterner::find_any(const Table& table, uint64_t hash, std::string_view text) {
  return text.size() <= short_size ? find_short(table, hash, words_of(text), text.size()) : find_long(table, hash, text);
}

NameId NameInterner::intern_long(std::string_view text) {
  const uint64_t hash = hash_bytes(text);
  Shard& shard = shards_[shard_of(hash)];
  const Record* record = find_long(*shard.table.load(std::memory_order_acquire), hash, text);
  return record != nullptr ? NameId{record->id} : insert(shard, hash, text);
}

void NameInterner::place(Table& table, uint64_t hash, uint64_t slot) {
  uint32_t i = static_cast<uint32_t>(hash) & table.mask;
  while (table.slots[i].load(std::memory_order_relaxed) != 0) {
    i = (i + 1) & table.mask;
  }
  table.slots[i].store(slot, std::memory_order_release);
}

void NameInterner::grow(Shard& shard, uint32_t capacity) {
  const Table& old = *shard.owned;
  auto larger = std::make_unique<Table>(capacity);
  for (uint32_t i = 0; i <= old.mask; ++i) {
    const uint64_t slot = old.slots[i].load(std::memory_order_relaxed);
    if (slot != 0) {
      const auto* record = reinterpret_cast<const Record*>(slot & address_mask);
      place(*larger, hash_any({record->text(), record->size}), slot);
    }
  }
  larger->previous = std::move(shard.owned);
  shard.owned = std::move(larger);
  shard.table.store(shard.owned.get(), std::memory_order_release);
}

void NameInterner::expect(size_t names) {
  // A quarter more, as names do not fall evenly.
  const size_t each = (names + names / 4) >> shard_bits;
  const size_t capacity = std::bit_ceil(std::min(each, size_t{1} << 26) * 2 + 1);
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    if (capacity > shard.owned->mask + 1) {
      grow(shard, static_cast<uint32_t>(capacity));
    }
  }
}

void NameInterner::make_chunk(uint32_t id) {
  const uint32_t biased = id + (1u << first_chunk_bits);
  OMEGA_CHECK(biased > id, "too many names");
  const uint32_t top_bit = 31u - static_cast<uint32_t>(std::countl_zero(biased));
  auto& chunk = chunks_[top_bit - first_chunk_bits];
  if (chunk.load(std::memory_order_acquire) != nullptr) {
    return;
  }
  const auto** fresh = new const Record*[size_t{1} << top_bit];
  const Record** expected = nullptr;
  if (!chunk.compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) {
    delete[] fresh;
  }
}

namespace {

/// Locks a mutex that is held for less time than a thread takes to fall asleep and wake up.
void lock_soon(std::mutex& mutex) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (mutex.try_lock()) {
      return;
    }
    _mm_pause();
  }
  mutex.lock();
}

}  // namespace

NameId NameInterner::insert(Shard& shard, uint64_t hash, std::string_view text) {
  OMEGA_CHECK(text.size() < UINT32_MAX, "name too long");
  lock_soon(shard.mutex);
  const std::lock_guard lock(shard.mutex, std::adopt_lock);
  if (const Record* record = find_any(*shard.owned, hash, text)) {
    return NameId{record->id};
  }
  if ((shard.count + 1) * 2 > shard.owned->mask + 1) {
    grow(shard, (shard.owned->mask + 1) * 2);
  }
  const size_t room = std::max(text.size(), short_size);
  void* memory = shard.arena.allocate(sizeof(Record) + room, alignof(Record));
  const uint32_t id = next_id_.fetch_add(1, std::memory_order_acq_rel);
  auto* record = new (memory) Record{id, static_cast<uint32_t>(text.size())};
  char* const bytes = static_cast<char*>(memory) + sizeof(Record);
  std::fill_n(bytes, short_size, '\0');
  std::copy(text.begin(), text.end(), bytes);
  make_chunk(id);
  *slot_of_id(id) = record;
  const auto address = reinterpret_cast<uint64_t>(record);
  OMEGA_DCHECK((address & ~address_mask) == 0, "addresses have 48 bits");
  ++shard.count;
  place(*shard.owned, hash, address | tag_of(hash));
  return NameId{id};
}

}  // namespace omega::base
