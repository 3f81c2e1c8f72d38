// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/buffer.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "omega/base/large_memory.h"

namespace omega::graph {
namespace {

constexpr size_t kLarge = size_t{1} << 20;     // [bytes] smaller ones come from malloc
constexpr size_t kHugePage = size_t{2} << 20;  // [bytes] at least one of them fits
constexpr size_t kMostKept = size_t{1} << 30;  // [bytes]

struct Kept {
  std::byte* data;
  size_t capacity;
};

/// Never destroyed: buffers of static objects may end after it.
struct Store {
  std::mutex mutex;
  std::vector<Kept> blocks;
  size_t bytes = 0;
};

Store& store() {
  static Store& instance = *new Store;
  return instance;
}

std::byte* take(size_t capacity) {
  Store& kept = store();
  const std::lock_guard lock(kept.mutex);
  for (size_t i = kept.blocks.size(); i-- > 0;) {
    if (kept.blocks[i].capacity == capacity) {
      std::byte* data = kept.blocks[i].data;
      kept.blocks.erase(kept.blocks.begin() + static_cast<ptrdiff_t>(i));
      kept.bytes -= capacity;
      return data;
    }
  }
  return nullptr;
}

bool keep(std::byte* data, size_t capacity) {
  Store& kept = store();
  const std::lock_guard lock(kept.mutex);
  if (kept.bytes + capacity > kMostKept || kept.blocks.size() >= 64) {
    return false;
  }
  kept.blocks.push_back({data, capacity});
  kept.bytes += capacity;
  return true;
}

}  // namespace

Buffer::Buffer(size_t size) : size_(size) {
  if (size > PTRDIFF_MAX - 4 * kLarge) {
    throw std::bad_alloc();
  }
  const size_t alignment = size < kLarge ? kBufferAlignment : 2 * kLarge;
  capacity_ = (size + kBufferAlignment + alignment - 1) / alignment * alignment;  // aligned_alloc asks for a multiple (C11 7.22.3.1)
  data_ = size < kLarge ? nullptr : take(capacity_);
  if (data_ == nullptr) {
    data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, capacity_));
    if (data_ == nullptr) {
      throw std::bad_alloc();
    }
    if (capacity_ >= kHugePage) {
      base::prefer_huge_pages(data_, capacity_);
    }
  }
}

Buffer::~Buffer() {
  if (data_ != nullptr && (size_ < kLarge || !keep(data_, capacity_))) {
    std::free(data_);
  }
}

size_t kept_buffer_bytes() {
  const std::lock_guard lock(store().mutex);
  return store().bytes;
}

void release_kept_buffers() {
  const std::lock_guard lock(store().mutex);
  for (const Kept& block : store().blocks) {
    std::free(block.data);
  }
  store().blocks.clear();
  store().bytes = 0;
}

}  // namespace omega::graph
