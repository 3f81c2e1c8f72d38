// SPDX-License-Identifier: Apache-2.0
// Bounded edit distance over three rolling rows.
#include "omega/diag/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace omega::diag {
namespace {

/// Longer names are never misspellings worth a suggestion.
constexpr size_t longest_name = 64;

std::string in_lower_case(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b, size_t bound) {
  const size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > bound) {
    return bound + 1;
  }
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    size_t smallest = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
      smallest = std::min(smallest, row[j]);
    }
    if (smallest > bound) {
      return bound + 1;
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], bound + 1);
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > longest_name) {
    return {};
  }
  const std::string wanted = in_lower_case(name);
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, name.size() / 3);
  bool found = false;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest_name || candidate == name) {
      continue;
    }
    const size_t distance = edit_distance(wanted, in_lower_case(candidate), best_distance);
    if (distance >= name.size()) {
      continue;
    }
    if (distance < best_distance || (distance == best_distance && (!found || candidate < best))) {
      best = candidate;
      best_distance = distance;
      found = true;
    }
  }
  return best;
}

std::string no_such_name(std::string_view noun, std::string_view name, std::span<const std::string_view> candidates) {
  std::string text = "there is no " + std::string(noun) + " `" + std::string(name) + "`";
  if (const std::string_view nearest = nearest_name(name, candidates); !nearest.empty()) {
    return text + "; did you mean `" + std::string(nearest) + "`?";
  }
  for (size_t i = 0; i < candidates.size(); ++i) {
    text += (i == 0 ? ", only " : i + 1 == candidates.size() ? " and " : ", ") + std::string(candidates[i]);
  }
  return text;
}

}  // namespace omega::diag
