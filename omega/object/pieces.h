// SPDX-License-Identifier: Apache-2.0
// Pieces: the bytes of a file while they lie in many places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "omega/base/pod_vector.h"

namespace omega::object {

/// Bytes in order, some owned, some not, so that a file can be written without being copied into one place first. Not thread-safe.
class Pieces {
 public:
  using Bytes = std::span<const uint8_t>;

  /// Appends bytes that outlive this and do not change any more.
  void add(Bytes bytes);
  /// Appends bytes and keeps them.
  void add(base::PodVector<uint8_t>&& bytes);
  /// Appends all of `other`.
  void add(Pieces&& other);
  /// Appends `count` bytes of value `fill`, which is 0 or that of `nop`.
  void pad(size_t count, uint8_t fill = 0);

  /// Padding between functions.
  static constexpr uint8_t nop = 0x90;

  /// All bytes together.
  [[nodiscard]] size_t size() const { return size_; }
  /// The pieces, none empty; they hold as long as this.
  [[nodiscard]] std::span<const Bytes> list() const { return pieces_; }
  /// A copy of all bytes in one place.
  [[nodiscard]] base::PodVector<uint8_t> joined() const;

 private:
  std::vector<Bytes> pieces_;
  std::vector<base::PodVector<uint8_t>> owned_;
  size_t size_ = 0;
};

}  // namespace omega::object
