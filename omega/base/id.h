// SPDX-License-Identifier: Apache-2.0
// Typed 32-bit ids: how things in flat stores name each other.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace omega::base {

/// An index into the store that `Tag` stands for. A default-made one is `none`. Ids of different tags do not mix.
template <class Tag>
struct Id {
  /// Position in the store; meaningless when not valid().
  uint32_t index = UINT32_MAX;

  /// The id that names nothing.
  static const Id none;

  /// True unless this is `none`.
  [[nodiscard]] constexpr bool valid() const { return index != UINT32_MAX; }

  friend constexpr bool operator==(Id, Id) = default;
  friend constexpr auto operator<=>(Id, Id) = default;
};

template <class Tag>
inline constexpr Id<Tag> Id<Tag>::none{};

}  // namespace omega::base

template <class Tag>
struct std::hash<omega::base::Id<Tag>> {
  size_t operator()(omega::base::Id<Tag> id) const noexcept { return static_cast<size_t>(id.index) * 0x9e3779b97f4a7c15u; }
};
