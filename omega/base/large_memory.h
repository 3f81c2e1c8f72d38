// SPDX-License-Identifier: Apache-2.0
// Memory for arrays of megabytes: on huge pages where the system has them, since a fault for each 4 KiB costs more than filling them.
#pragma once

#include <cstddef>

namespace omega::base {

/// From this size on, huge pages pay.
inline constexpr size_t large_size = size_t{4} << 20;

/// std::realloc that asks for huge pages when `size` is large; null when there is no memory.
void* reallocate_large(void* old, size_t size);

/// `size` bytes that begin on a huge page, for std::free; null when there is no memory.
void* allocate_large(size_t size);

/// Asks that the memory be backed by huge pages; does nothing where that is not possible. The contents do not matter.
void prefer_huge_pages(void* data, size_t size);

}  // namespace omega::base
