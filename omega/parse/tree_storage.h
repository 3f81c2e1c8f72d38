// SPDX-License-Identifier: Apache-2.0
// The memory behind a tree: room reserved by token count, so that pieces of a file can be parsed side by side without moving anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace omega::parse {

/// Nodes a file may need per token. `function f() returns (T)` shows the densest legal code: a result without a name is a type node
/// and a Param on one token. The most a token costs is a loop keyword whose header and body are both missing: the statement and two
/// Invalid nodes. The parser checks the limit at each node.
inline constexpr uint32_t kNodesPerToken = 3;
/// Words of `Tree::extra_` a file may need per token: at most a record of 4 and an entry in the enclosing list.
inline constexpr uint32_t kExtraPerToken = 5;
/// Ids below this are never given: 0 means "none" and "empty list".
inline constexpr uint32_t kFirstId = 8;
/// Room beyond the last token's: the root, its list's length, Invalid nodes at the end of the file.
inline constexpr uint32_t kTailRoom = 64;

/// A block of memory that costs nothing until it is written. Move-only.
class TreeStorage {
 public:
  TreeStorage() = default;
  /// Throws std::bad_alloc when the address space does not have the room.
  explicit TreeStorage(size_t bytes);
  TreeStorage(TreeStorage&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  TreeStorage& operator=(TreeStorage&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~TreeStorage();

  /// The first byte, aligned for any node; null when nothing is reserved.
  [[nodiscard]] char* data() const { return data_; }

 private:
  char* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace omega::parse
