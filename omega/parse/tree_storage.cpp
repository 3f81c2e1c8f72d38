// SPDX-License-Identifier: Apache-2.0
// TreeStorage: malloc for small files, reserved pages for large ones.
#include "omega/parse/tree_storage.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace omega::parse {
namespace {

constexpr size_t kPagesFrom = size_t{256} << 10;
constexpr size_t kHugePagesFrom = size_t{32} << 20;

}  // namespace

TreeStorage::TreeStorage(size_t bytes) : bytes_(bytes) {
  if (bytes < kPagesFrom) {
    data_ = static_cast<char*>(std::malloc(bytes));
    if (data_ == nullptr) {
      throw std::bad_alloc();
    }
    return;
  }
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) {
    throw std::bad_alloc();
  }
  if (bytes >= kHugePagesFrom) {
    madvise(pages, bytes, MADV_HUGEPAGE);
  }
  data_ = static_cast<char*>(pages);
}

TreeStorage::~TreeStorage() {
  if (bytes_ >= kPagesFrom) {
    munmap(data_, bytes_);
  } else {
    std::free(data_);
  }
}

}  // namespace omega::parse
