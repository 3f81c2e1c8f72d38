// SPDX-License-Identifier: Apache-2.0
#include "omega/check/contract/pragma.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace omega::check::contract {

namespace {

constexpr uint32_t kMostPatches = 100;  ///< of 0.8
constexpr uint32_t kAny = UINT32_MAX;   ///< a part of a version that is left out, or `x`, `X`, `*`

using Version = std::array<uint32_t, 3>;

/// `operator version`, a lower and an upper end: from <= v < to.
struct Ends {
  Version from{0, 0, 0};
  Version to{kAny, kAny, kAny};
};

Version filled(const Version& v) { return {v[0] == kAny ? 0 : v[0], v[1] == kAny ? 0 : v[1], v[2] == kAny ? 0 : v[2]}; }

/// The first version that is no `v` any more, counting in its part `place`.
Version behind(const Version& v, size_t place) {
  Version next{0, 0, 0};
  for (size_t i = 0; i < place; ++i) {
    next[i] = v[i];
  }
  next[place] = v[place] + 1;
  return next;
}

/// The last part that is written.
std::optional<size_t> last_written(const Version& v) {
  std::optional<size_t> last;
  for (size_t i = 0; i < v.size() && v[i] != kAny; ++i) {
    last = i;
  }
  return last;
}

class RangeReader {
 public:
  explicit RangeReader(std::string_view text) : rest_(text) {}

  Versions read() {
    bool fits = false;
    do {
      const std::optional<bool> one = alternative();
      if (!one) {
        return Versions::Unreadable;
      }
      fits = fits || *one;
    } while (take("||"));
    return !rest_.empty() ? Versions::Unreadable : fits ? Versions::Fit : Versions::DoNotFit;
  }

 private:
  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\r' || rest_[0] == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  bool take(std::string_view sign) {
    skip();
    if (!rest_.starts_with(sign)) {
      return false;
    }
    rest_.remove_prefix(sign.size());
    skip();
    return true;
  }

  std::optional<uint32_t> part() {
    if (rest_.starts_with('x') || rest_.starts_with('X') || rest_.starts_with('*')) {
      rest_.remove_prefix(1);
      return kAny;
    }
    uint32_t value = 0;
    size_t digits = 0;
    for (; digits < rest_.size() && digits < 9 && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      value = value * 10 + static_cast<uint32_t>(rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    return digits == 0 ? std::nullopt : std::optional(value);
  }

  std::optional<Version> version() {
    take("v");
    Version v{kAny, kAny, kAny};
    for (size_t i = 0; i < v.size(); ++i) {
      const auto read = part();
      if (!read) {
        return std::nullopt;
      }
      v[i] = *read;
      if (!rest_.starts_with('.')) {
        break;
      }
      rest_.remove_prefix(1);
    }
    skip();
    return v;
  }

  std::optional<Ends> comparator() {
    static constexpr std::string_view signs[] = {"^", "~", ">=", "<=", ">", "<", "="};
    std::string_view sign = "=";
    for (const std::string_view candidate : signs) {
      if (take(candidate)) {
        sign = candidate;
        break;
      }
    }
    const auto read = version();
    if (!read) {
      return std::nullopt;
    }
    const Version& v = *read;
    const auto last = last_written(v);
    if (!last) {
      return Ends{};
    }
    Ends ends{filled(v), {kAny, kAny, kAny}};
    const Version above = behind(v, *last);
    if (sign == "^") {
      // Up to the first part that is not zero.
      size_t place = 0;
      while (place < *last && v[place] == 0) {
        ++place;
      }
      ends.to = behind(v, place);
    } else if (sign == "~") {
      ends.to = behind(v, std::min<size_t>(*last, 1));
    } else if (sign == "=") {
      ends.to = above;
    } else if (sign == ">") {
      ends.from = above;
    } else if (sign == "<" || sign == "<=") {
      ends = {{0, 0, 0}, sign == "<" ? filled(v) : above};
    }
    return ends;
  }

  std::optional<bool> alternative() {
    std::vector<Ends> all;
    do {
      auto ends = comparator();
      if (!ends) {
        return std::nullopt;
      }
      if (take("-")) {
        const auto end = version();
        if (!end) {
          return std::nullopt;
        }
        const auto last = last_written(*end);
        ends->to = last ? behind(*end, *last) : Version{kAny, kAny, kAny};
      }
      all.push_back(*ends);
    } while (!rest_.empty() && !rest_.starts_with("||"));
    for (uint32_t patch = 0; patch < kMostPatches; ++patch) {
      const Version here{0, 8, patch};
      bool inside = true;
      for (const Ends& ends : all) {
        inside = inside && ends.from <= here && here < ends.to;
      }
      if (inside) {
        return true;
      }
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

Versions solidity_versions(std::string_view range) { return RangeReader(range).read(); }

}  // namespace omega::check::contract
