// SPDX-License-Identifier: Apache-2.0
// Machine code in this process, to be called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace omega::codegen::native {

/// Code in memory that can be executed and no longer written, as long as this lives.
class CodePages {
 public:
  CodePages() = default;
  ~CodePages();
  CodePages(const CodePages&) = delete;
  CodePages& operator=(const CodePages&) = delete;

  /// Takes a copy, once; false where the system refuses, which leaves this empty.
  bool fill(std::span<const uint8_t> code);
  /// The code from `offset` on as a function of that type, which it must be.
  template <class Function>
  [[nodiscard]] Function function(uint32_t offset) const {
    return reinterpret_cast<Function>(static_cast<std::byte*>(memory_) + offset);
  }

 private:
  void* memory_ = nullptr;
  size_t size_ = 0;
};

}  // namespace omega::codegen::native
