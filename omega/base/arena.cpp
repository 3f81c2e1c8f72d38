// SPDX-License-Identifier: Apache-2.0
// Growth and release of arenas.
#include "omega/base/arena.h"

#include <algorithm>
#include <new>
#include <utility>

#include "omega/base/large_memory.h"

namespace omega::base {

Arena::~Arena() {
  while (blocks_ != nullptr) {
    release_memory(std::exchange(blocks_, blocks_->previous));
  }
}

Arena::Arena(Arena&& other) noexcept
    : at_(std::exchange(other.at_, 0)),
      end_(std::exchange(other.end_, 0)),
      blocks_(std::exchange(other.blocks_, nullptr)),
      next_block_size_(other.next_block_size_),
      largest_block_size_(other.largest_block_size_),
      reserved_(std::exchange(other.reserved_, 0)) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  std::swap(at_, other.at_);
  std::swap(end_, other.end_);
  std::swap(blocks_, other.blocks_);
  std::swap(next_block_size_, other.next_block_size_);
  std::swap(largest_block_size_, other.largest_block_size_);
  std::swap(reserved_, other.reserved_);
  return *this;
}

void* Arena::allocate_slow(size_t size, size_t alignment) {
  const size_t needed = sizeof(Block) + alignment + size;
  const size_t block_size = std::max(next_block_size_, needed);
  next_block_size_ = std::min(next_block_size_ * 2, largest_block_size_);
  void* memory = allocate_memory(block_size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  reserved_ += block_size;
  blocks_ = new (memory) Block{blocks_};
  at_ = reinterpret_cast<uintptr_t>(memory) + sizeof(Block);
  end_ = reinterpret_cast<uintptr_t>(memory) + block_size;
  const uintptr_t aligned = (at_ + alignment - 1) & ~(static_cast<uintptr_t>(alignment) - 1);
  at_ = aligned + size;
  return reinterpret_cast<void*>(aligned);
}

}  // namespace omega::base
