// SPDX-License-Identifier: Apache-2.0
// Text: a string that owns its bytes or is lent them, as PodVector is lent its values.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "omega/base/pod_vector.h"

namespace omega::base {

/// Bytes that do not change. Not thread-safe while it is assigned to.
class Text {
 public:
  Text() = default;
  /// A copy of the bytes.
  Text(std::string_view text) { bytes_.append(text.data(), text.size()); }
  Text(const std::string& text) : Text(std::string_view(text)) {}
  Text(const char* text) : Text(std::string_view(text)) {}
  /// The bytes themselves, which must outlive it; copies of it own theirs.
  static Text lent(std::string_view text) {
    Text made;
    made.bytes_ = PodVector<char>::lent(const_cast<char*>(text.data()), text.size());
    return made;
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  operator std::string_view() const { return view(); }
  [[nodiscard]] size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
  friend bool operator==(const Text& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const Text& a, const char* b) { return a.view() == b; }
  friend std::string operator+(std::string a, const Text& b) { return std::move(a.append(b.view())); }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.view(); }

 private:
  PodVector<char> bytes_;  ///< never written to
};

}  // namespace omega::base
