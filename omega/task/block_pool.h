// SPDX-License-Identifier: Apache-2.0
// BlockPool: memory of tasks that outlive the call that made them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace omega::task {

/// Blocks of one size for one worker. The owner takes blocks without an atomic operation; any thread gives them back. Memory stays with the
/// pool until its end, so its size is that of the most blocks in use at once.
class BlockPool {
 public:
  /// Bytes in a block that its user has.
  static constexpr size_t block_size = 112;
  static constexpr size_t alignment = 16;

  BlockPool() = default;
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// A block. Owner only. Throws std::bad_alloc.
  void* allocate() {
    Block* block = free_;
    if (block == nullptr) [[unlikely]] {
      block = refill();
    }
    free_ = block->next;
    return block->bytes;
  }

  /// Gives a block back to the pool it is from. Any thread; `own` is the pool of the calling worker.
  static void free(void* bytes, BlockPool& own) noexcept {
    Block* const block = reinterpret_cast<Block*>(static_cast<std::byte*>(bytes) - offsetof(Block, bytes));
    BlockPool& home = *block->home;
    if (&home == &own) [[likely]] {
      block->next = own.free_;
      own.free_ = block;
      return;
    }
    // Only ever taken as a whole, so a value that comes back does no harm.
    Block* seen = home.returned_.load(std::memory_order_relaxed);
    do {
      block->next = seen;
    } while (!home.returned_.compare_exchange_weak(seen, block, std::memory_order_release, std::memory_order_relaxed));
  }

 private:
  struct alignas(alignment) Block {
    BlockPool* home;
    Block* next;
    alignas(alignment) std::byte bytes[block_size];
  };
  static constexpr size_t blocks_per_slab = 64;

  [[gnu::noinline]] Block* refill() {
    if (Block* const returned = returned_.exchange(nullptr, std::memory_order_acquire)) {
      return returned;
    }
    slabs_.push_back(std::make_unique_for_overwrite<Block[]>(blocks_per_slab));
    Block* const slab = slabs_.back().get();
    for (size_t i = 0; i < blocks_per_slab; ++i) {
      slab[i].home = this;
      slab[i].next = i + 1 < blocks_per_slab ? &slab[i + 1] : nullptr;
    }
    return slab;
  }

  Block* free_ = nullptr;
  std::vector<std::unique_ptr<Block[]>> slabs_;
  alignas(64) std::atomic<Block*> returned_{nullptr};
};

}  // namespace omega::task
