// SPDX-License-Identifier: Apache-2.0
// Asking the system for huge pages.
#include "omega/base/large_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

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

void* allocate_large(size_t size) {
  constexpr size_t huge_page = size_t{2} << 20;
  void* memory = nullptr;
  if (::posix_memalign(&memory, huge_page, size) != 0) {
    return nullptr;
  }
  prefer_huge_pages(memory, size);
  return memory;
}

void* reallocate_large(void* old, size_t size) {
  void* const memory = std::realloc(old, size);
  if (memory != nullptr && size >= large_size) {
    prefer_huge_pages(memory, size);
  }
  return memory;
}

}  // namespace omega::base
