// SPDX-License-Identifier: Apache-2.0
// The operators of the whole program: those of the standard library, but large arrays lie on the large heap. What is aligned beyond
// malloc's promise has operators of its own, which stay the library's.
#include "omega/driver/operator_new.h"

#include <new>

#include "omega/base/large_heap.h"
#include "omega/base/large_memory.h"

namespace omega::driver {

void open_large_heap() { base::large_heap.open(); }

}  // namespace omega::driver

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // those come with operators that find mistakes

void* operator new(size_t size) {
  void* const memory = omega::base::allocate_memory(size != 0 ? size : 1);
  if (memory == nullptr) [[unlikely]] {
    throw std::bad_alloc();
  }
  return memory;
}

void operator delete(void* memory) noexcept { omega::base::release_memory(memory); }
void operator delete(void* memory, size_t) noexcept { omega::base::release_memory(memory); }

#endif
