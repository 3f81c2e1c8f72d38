// SPDX-License-Identifier: Apache-2.0
// Golden tests: each input file below a folder has beside it FILE.expected, what a phase makes of it. With OMEGA_UPDATE_GOLDEN=1 in the
// environment the expected files are rewritten. Files named fail_* are programs with mistakes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace omega::golden {

/// An input file.
struct Input {
  std::filesystem::path path;
  /// Relative to the folder, with `/`: what diagnostics should show.
  std::string name;
  std::string text;

  /// True for programs that must be rejected.
  [[nodiscard]] bool should_fail() const { return path.filename().string().starts_with("fail_"); }
  [[nodiscard]] bool is_solidity() const { return path.extension() == ".sol"; }
};

/// The whole of a file; empty when it cannot be read.
inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Every .omega and .sol file below `folder`, by name. Fails the test when there is none.
inline std::vector<Input> inputs_of(const std::filesystem::path& folder) {
  std::vector<Input> inputs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && (entry.path().extension() == ".omega" || entry.path().extension() == ".sol")) {
      inputs.push_back({entry.path(), entry.path().lexically_relative(folder).generic_string(), read_text(entry.path())});
    }
  }
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
  EXPECT_FALSE(inputs.empty()) << "no inputs below " << folder;
  return inputs;
}

/// The first line in which two texts differ, with its number.
inline std::string first_difference(std::string_view expected, std::string_view actual) {
  size_t line = 1;
  while (true) {
    const std::string_view left = expected.substr(0, expected.find('\n'));
    const std::string_view right = actual.substr(0, actual.find('\n'));
    if (left != right || expected.empty() || actual.empty()) {
      return "line " + std::to_string(line) + "\n  expected: " + std::string(left) + "\n  actual:   " + std::string(right);
    }
    expected.remove_prefix(std::min(expected.size(), left.size() + 1));
    actual.remove_prefix(std::min(actual.size(), right.size() + 1));
    ++line;
  }
}

/// Compares `actual` with what is written beside the input, or writes it there.
inline void expect_golden(const Input& input, const std::string& actual) {
  const std::filesystem::path expected_path = input.path.string() + ".expected";
  const std::string expected = read_text(expected_path);
  if (expected == actual && std::filesystem::exists(expected_path)) {
    return;
  }
  const char* update = std::getenv("OMEGA_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::ofstream(expected_path, std::ios::binary) << actual;
    return;
  }
  ADD_FAILURE() << input.name << " differs from its .expected at " << first_difference(expected, actual)
                << "\nIf the new output is right, run again with OMEGA_UPDATE_GOLDEN=1.";
}

}  // namespace omega::golden
