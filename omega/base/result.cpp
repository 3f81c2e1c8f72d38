// SPDX-License-Identifier: Apache-2.0
// Errors of the world as text.
#include "omega/base/result.h"

#include <cstring>

namespace omega::base {

std::string describe(const Error& error) {
  std::string text = error.message;
  if (!error.path.empty()) {
    text += " `" + error.path + "`";
  }
  if (error.errno_value != 0) {
    text += ": ";
    text += std::strerror(error.errno_value);
  }
  return text;
}

}  // namespace omega::base
