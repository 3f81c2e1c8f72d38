// SPDX-License-Identifier: Apache-2.0
// Memory of arrays: aligned, and reused, since a fresh page costs more than filling it.
#pragma once

#include <cstddef>
#include <utility>

namespace omega::graph {

/// Alignment of every buffer [bytes]: a cache line, the widest vector.
inline constexpr size_t kBufferAlignment = 64;

/// Bytes that one owner holds. Large ones come from and go back to a store of the process, which keeps at most 1 GiB. Allocation is
/// thread-safe.
class Buffer {
 public:
  Buffer() = default;
  /// `size` bytes, not cleared, with kBufferAlignment readable bytes behind them. Throws std::bad_alloc.
  explicit Buffer(size_t size);
  ~Buffer();
  Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(other.size_), capacity_(other.capacity_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

/// Bytes that the store keeps for reuse now.
size_t kept_buffer_bytes();
/// Gives them back to the system.
void release_kept_buffers();

}  // namespace omega::graph
