// SPDX-License-Identifier: Apache-2.0
// A fuzzer's bytes as the files of a program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace omega::fuzzing {

/// Paths and texts of up to three files, `main`, `b` and `c` with this extension: the byte 0x1c stands between them. What is behind the third is ignored.
inline std::vector<std::pair<std::string, std::string>> program_files(const uint8_t* data, size_t size, std::string_view extension) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::pair<std::string, std::string>> files;
  for (const char* name : {"main", "b", "c"}) {
    const size_t end = rest.find('\x1c');
    files.emplace_back(name + std::string(extension), std::string(rest.substr(0, end)));
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  return files;
}

}  // namespace omega::fuzzing
