// SPDX-License-Identifier: Apache-2.0
// Golden programs of testdata/: ok_*.omega checks without a message and gives IR that obeys the rules; in fail_*.omega each line that ends in
// `// error E0401` (several codes: `// error E0401 E0405`) gets exactly these messages, and no other line any.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "omega/check/check_testing.h"
#include "omega/diag/render.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::check {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> programs(std::string_view prefix) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(OMEGA_ROOM_FOLDER) / "testdata")) {
    if (entry.is_regular_file() && entry.path().filename().string().starts_with(prefix)) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The program and, behind it, the other files of its folder whose names do not begin with ok_ or fail_: what it may import.
std::vector<std::pair<std::string, std::string>> files_of(const fs::path& main) {
  std::vector<std::pair<std::string, std::string>> files{{main.filename().string(), read(main)}};
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(main.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("ok_") && !name.starts_with("fail_")) {
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

void add_expected(const std::string& file, const std::string& text, Messages& messages) {
  std::istringstream lines(text);
  std::string line;
  for (uint32_t number = 1; std::getline(lines, line); ++number) {
    const size_t at = line.find("// error ");
    if (at == std::string::npos) {
      continue;
    }
    std::istringstream codes(line.substr(at + 9));
    for (std::string code; codes >> code;) {
      messages.emplace(file, number, code);
    }
  }
}

Messages expected(const fs::path& main) {
  Messages messages;
  for (const auto& [file, text] : files_of(main)) {
    add_expected(file, text, messages);
  }
  return messages;
}

TEST(Golden, ProgramsWithoutMistakesCheckAndVerify) {
  const auto paths = programs("ok_");
  ASSERT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    CheckedProgram program(files_of(path));
    EXPECT_EQ(diag::render_terminal(program.sink, program.sources, {}), "");
    EXPECT_EQ(ir::verify(program.module), "");
  }
}

TEST(Golden, MistakesAreReportedWhereTheyAre) {
  const auto paths = programs("fail_");
  ASSERT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    CheckedProgram program(files_of(path));
    Messages found;
    for (const diag::Diagnostic& diagnostic : program.sink.diagnostics()) {
      EXPECT_TRUE(diagnostic.span.valid()) << diagnostic.message();
      found.emplace(program.sources.path(diagnostic.span.file), program.sources.line_of(diagnostic.span.file, diagnostic.span.begin),
                    diag::info(diagnostic.kind).code);
    }
    EXPECT_EQ(found, expected(path)) << diag::render_terminal(program.sink, program.sources, {});
  }
}

TEST(Golden, EveryMessageOfThisRoomHasAProgram) {
  std::set<std::string> seen;
  for (const fs::path& path : programs("fail_")) {
    for (const auto& [file, line, code] : expected(path)) {
      seen.insert(code);
    }
  }
  static constexpr std::string_view codes[] = {
#define OMEGA_DIAG(name, code, severity, message, explanation) code,
#include "omega/diag/kinds_check.def"
#undef OMEGA_DIAG
  };
  for (std::string_view code : codes) {
    EXPECT_TRUE(seen.contains(std::string(code))) << code << " is in no fail_*.omega";
  }
}

TEST(Golden, TheSameProgramGivesTheSameIr) {
  for (const fs::path& path : programs("ok_")) {
    CheckedProgram first(files_of(path));
    CheckedProgram second(files_of(path));
    EXPECT_EQ(ir::print(first.module), ir::print(second.module)) << path;
  }
}

}  // namespace
}  // namespace omega::check
