// SPDX-License-Identifier: Apache-2.0
// A set of addresses, for what calls see and change. Used with the GIL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace omega::python {

/// Things by their address: objects, and operations for what they will give. Nothing is kept alive: the address of what is gone is at worst taken for
/// another's.
class Things {
 public:
  /// Adds a thing; whether it is new.
  bool add(const void* thing);
  void add_all(const Things& others);
  [[nodiscard]] bool has(const void* thing) const;
  [[nodiscard]] bool meets(const Things& others) const;
  [[nodiscard]] bool has_all(const Things& others) const;
  [[nodiscard]] bool empty() const { return things_.empty(); }
  [[nodiscard]] size_t size() const { return things_.size(); }
  [[nodiscard]] auto begin() const { return things_.begin(); }
  [[nodiscard]] auto end() const { return things_.end(); }

 private:
  void grow();
  std::vector<const void*> things_;
  std::vector<uint32_t> table_;  ///< numbers of things, from 1, by their hash; a power of two long
  uint64_t mask_ = 0;            ///< a bit for each thing's hash
};

}  // namespace omega::python
