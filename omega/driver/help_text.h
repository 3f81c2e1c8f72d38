// SPDX-License-Identifier: Apache-2.0
// Help as it fits a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace omega::driver {

/// The text with lines of more than `width` columns broken at blanks; 0 leaves them. What goes on stands below the description that a line has behind two
/// or more blanks, or below the line's begin where that is too far right. Lines with a command to type, `  omega …`, stay whole.
std::string wrapped(std::string_view text, size_t width);

}  // namespace omega::driver
