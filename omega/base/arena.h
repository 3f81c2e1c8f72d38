// SPDX-License-Identifier: Apache-2.0
// A bump arena: memory that is handed out once and freed all together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace omega::base {

/// Hands out memory that lives as long as the arena. Runs no destructors. Not thread-safe: one per task.
class Arena {
 public:
  /// `first_block_size` bytes are taken on first use; later blocks double up to `largest_block_size`. Large ones lie on huge pages
  /// (large_memory.h).
  explicit Arena(size_t first_block_size = 4096, size_t largest_block_size = size_t{1} << 20)
      : next_block_size_(first_block_size), largest_block_size_(largest_block_size) {}
  ~Arena();
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;

  /// `size` bytes, not cleared, aligned to `alignment` (a power of two).
  void* allocate(size_t size, size_t alignment) {
    const uintptr_t aligned = (at_ + alignment - 1) & ~(static_cast<uintptr_t>(alignment) - 1);
    if (aligned + size > end_ || at_ == 0) {
      return allocate_slow(size, alignment);
    }
    at_ = aligned + size;
    return reinterpret_cast<void*>(aligned);
  }

  /// Room for `count` values of T, not initialised.
  template <class T>
  T* allocate_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  /// A copy of the text that lives as long as the arena.
  std::string_view copy(std::string_view text) {
    char* bytes = allocate_array<char>(text.size() + 1);
    if (!text.empty()) {
      std::memcpy(bytes, text.data(), text.size());
    }
    bytes[text.size()] = '\0';
    return {bytes, text.size()};
  }

  /// Bytes taken from the system so far.
  [[nodiscard]] size_t reserved_bytes() const { return reserved_; }

 private:
  struct Block {
    Block* previous;
  };

  void* allocate_slow(size_t size, size_t alignment);

  uintptr_t at_ = 0;
  uintptr_t end_ = 0;
  Block* blocks_ = nullptr;
  size_t next_block_size_;
  size_t largest_block_size_;
  size_t reserved_ = 0;
};

}  // namespace omega::base
