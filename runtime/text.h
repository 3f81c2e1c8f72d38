// SPDX-License-Identifier: Apache-2.0
// The runtime's sources as text: what the C back end writes beside its output.
#pragma once

#include <span>
#include <string_view>

namespace omega::runtime_text {

/// One source file: `name` without folder. `.c` files are to be compiled, `.h` files lie beside them.
struct File {
  std::string_view name;
  std::string_view text;
};

/// All files, sorted by name.
std::span<const File> files();

}  // namespace omega::runtime_text
