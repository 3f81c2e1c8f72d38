// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the candidate nearest to a misspelt name.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace omega::diag {

/// Edits (insert, delete, replace, swap two neighbours) that turn `a` into `b`, or `bound + 1` when more than `bound` are needed.
size_t edit_distance(std::string_view a, std::string_view b, size_t bound);

/// The candidate with the fewest edits, at most a third of the name's length (at least 1); the first by text among equals, so that
/// the answer does not depend on the candidates' order. Case does not count. Empty when none is near.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

/// "there is no pass `inlinig`; did you mean `inlining`?", or all that there are where none is near: "there is no pass `x`, only a, b and c".
std::string no_such_name(std::string_view noun, std::string_view name, std::span<const std::string_view> candidates);

}  // namespace omega::diag
