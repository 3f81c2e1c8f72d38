// SPDX-License-Identifier: Apache-2.0
// Golden programs of a room's testdata/: those whose names begin with ok_ check without a message; in those with fail_ each line that ends in
// `// error E0401` (several codes: `// error E0401 E0405`) gets exactly these messages, and no other line any.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "omega/diag/diagnostic.h"
#include "omega/diag/render.h"

namespace omega::check::golden {

namespace fs = std::filesystem;

inline std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool is_source(const fs::path& path) { return path.extension() == ".omega" || path.extension() == ".sol"; }

/// The room's programs whose names begin so, in the order of their paths.
inline std::vector<fs::path> programs(std::string_view prefix) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(OMEGA_ROOM_FOLDER) / "testdata")) {
    if (is_source(entry.path()) && entry.path().filename().string().starts_with(prefix)) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The program and, behind it, the other sources of its folder whose names do not begin with ok_ or fail_: what it may import.
inline std::vector<std::pair<std::string, std::string>> files_of(const fs::path& main) {
  std::vector<std::pair<std::string, std::string>> files{{main.filename().string(), read(main)}};
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(main.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (is_source(entry.path()) && !name.starts_with("ok_") && !name.starts_with("fail_")) {
      others.push_back(entry.path());
    }
  }
  std::sort(others.begin(), others.end());
  for (const fs::path& other : others) {
    files.emplace_back(other.filename().string(), read(other));
  }
  return files;
}

/// File, line, code.
using Messages = std::multiset<std::tuple<std::string, uint32_t, std::string>>;

/// The messages that the comments of a program and of what it imports ask for.
inline Messages expected(const fs::path& main) {
  Messages messages;
  for (const auto& [file, text] : files_of(main)) {
    std::istringstream lines(text);
    std::string line;
    for (uint32_t number = 1; std::getline(lines, line); ++number) {
      static constexpr std::string_view mark = "// error ";
      const size_t at = line.find(mark);
      std::istringstream codes(at == std::string::npos ? std::string() : line.substr(at + mark.size()));
      for (std::string code; codes >> code;) {
        messages.emplace(file, number, code);
      }
    }
  }
  return messages;
}

/// Each fail_ program gets the messages that it asks for. `Checked` is made of a program's files and has `sources` and `sink`.
template <class Checked>
void expect_mistakes_where_they_are() {
  const auto paths = programs("fail_");
  ASSERT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    Checked program(files_of(path));
    Messages found;
    for (const diag::Diagnostic& diagnostic : program.sink.diagnostics()) {
      EXPECT_TRUE(diagnostic.span.valid()) << diagnostic.message();
      found.emplace(program.sources.path(diagnostic.span.file), program.sources.line_of(diagnostic.span.file, diagnostic.span.begin),
                    diag::info(diagnostic.kind).code);
    }
    EXPECT_EQ(found, expected(path)) << diag::render_terminal(program.sink, program.sources, {});
  }
}

/// Each of these codes of messages is asked for by a fail_ program.
inline void expect_programs_for(std::span<const std::string_view> codes) {
  std::set<std::string> seen;
  for (const fs::path& path : programs("fail_")) {
    for (const auto& [file, line, code] : expected(path)) {
      seen.insert(code);
    }
  }
  for (const std::string_view code : codes) {
    EXPECT_TRUE(seen.contains(std::string(code))) << code << " is in no program of testdata/ that fails";
  }
}

}  // namespace omega::check::golden
