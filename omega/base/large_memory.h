// SPDX-License-Identifier: Apache-2.0
// Memory for arrays of megabytes: on huge pages where the system has them, since a fault for each 4 KiB costs more than filling them.
#pragma once

#include <cstddef>

namespace omega::base {

/// From this size on, huge pages pay.
inline constexpr size_t large_size = size_t{4} << 20;

/// std::malloc, but what is large comes from the large heap where the program has opened that (large_heap.h). Null when there is no memory.
/// For release_memory.
void* allocate_memory(size_t size);

/// std::realloc for what allocate_memory gave, `old_size` bytes, or for null.
void* reallocate_memory(void* old, size_t old_size, size_t size);

/// std::free for what allocate_memory gave, or for null.
void release_memory(void* memory);

/// Asks that the memory be backed by huge pages; does nothing where that is not possible. The contents do not matter.
void prefer_huge_pages(void* data, size_t size);

}  // namespace omega::base
