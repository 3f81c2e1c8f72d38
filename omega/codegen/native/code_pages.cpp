// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/native/code_pages.h"

#include <sys/mman.h>

#include <cstring>

namespace omega::codegen::native {

CodePages::~CodePages() {
  if (memory_ != nullptr) {
    ::munmap(memory_, size_);
  }
}

bool CodePages::fill(std::span<const uint8_t> code) {
  void* const memory = ::mmap(nullptr, code.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return false;
  }
  std::memcpy(memory, code.data(), code.size());
  if (::mprotect(memory, code.size(), PROT_READ | PROT_EXEC) != 0) {
    ::munmap(memory, code.size());
    return false;
  }
  memory_ = memory;
  size_ = code.size();
  return true;
}

}  // namespace omega::codegen::native
