// SPDX-License-Identifier: Apache-2.0
// Asking the system for huge pages.
#include "omega/base/large_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "omega/base/large_heap.h"

namespace omega::base {

void prefer_huge_pages(void* data, size_t size) {
  constexpr uintptr_t page = 4096;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(data) + page - 1) & ~(page - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + size) & ~(page - 1);
  if (end > begin) {
    // A refusal costs speed only.
    (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
}

void* allocate_memory(size_t size) {
  if (size >= LargeHeap::smallest && large_heap.is_open()) {
    if (void* const block = large_heap.allocate(size)) {
      return block;
    }
  }
  void* const memory = std::malloc(size);
  if (memory != nullptr && size >= large_size) {
    prefer_huge_pages(memory, size);
  }
  return memory;
}

void* reallocate_memory(void* old, size_t old_size, size_t size) {
  if (large_heap.owns(old)) {
    if (large_heap.resize(old, size)) {
      return old;
    }
  } else if (old_size >= LargeHeap::smallest || size < LargeHeap::smallest || !large_heap.is_open()) {
    void* const memory = std::realloc(old, size);
    if (memory != nullptr && size >= large_size) {
      prefer_huge_pages(memory, size);
    }
    return memory;
  }
  void* const memory = allocate_memory(size);
  if (memory != nullptr) {
    if (old != nullptr) {
      std::memcpy(memory, old, old_size < size ? old_size : size);
    }
    release_memory(old);
  }
  return memory;
}

void release_memory(void* memory) {
  if (large_heap.owns(memory)) {
    large_heap.free(memory);
  } else {
    std::free(memory);
  }
}

}  // namespace omega::base
