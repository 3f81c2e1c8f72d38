// SPDX-License-Identifier: Apache-2.0
// Golden contracts of testdata/: ok_*.sol checks without a message and gives IR that obeys the rules and is that of ok_*.ir (written anew with
// OMEGA_UPDATE_GOLDEN=1); in fail_*.sol each line that ends in `// error E0801` (or several codes) gets exactly these messages, and no other line any.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <tuple>

#include "omega/check/contract/contract_testing.h"
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
  for (const auto& entry : fs::directory_iterator(fs::path(OMEGA_ROOM_FOLDER) / "testdata")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && (name.ends_with(".sol") || name.ends_with(".omega"))) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The program and what it may import: the files whose names begin with neither ok_ nor fail_.
std::vector<std::pair<std::string, std::string>> files_of(const fs::path& main) {
  std::vector<std::pair<std::string, std::string>> files{{main.filename().string(), read(main)}};
  for (const fs::path& other : programs("import_")) {
    files.emplace_back(other.filename().string(), read(other));
  }
  return files;
}

using Messages = std::multiset<std::tuple<std::string, uint32_t, std::string>>;

Messages expected(const fs::path& main) {
  Messages messages;
  for (const auto& [file, text] : files_of(main)) {
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
  return messages;
}

TEST(Contracts, WithoutMistakesGiveTheirIr) {
  const auto paths = programs("ok_");
  ASSERT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    CheckedContracts program(files_of(path));
    EXPECT_EQ(diag::render_terminal(program.sink, program.sources, {}), "");
    EXPECT_FALSE(program.modules.empty());
    std::string text;
    for (const ir::Module& module : program.modules) {
      EXPECT_EQ(ir::verify(module), "");
      text += ir::print(module, &program.names);
    }
    fs::path golden = path;
    golden.replace_extension(".ir");
    if (std::getenv("OMEGA_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(golden, std::ios::binary) << text;
    }
    EXPECT_EQ(text, read(golden));
  }
}

TEST(Contracts, MistakesAreReportedWhereTheyAre) {
  const auto paths = programs("fail_");
  ASSERT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    CheckedContracts program(files_of(path));
    Messages found;
    for (const diag::Diagnostic& diagnostic : program.sink.diagnostics()) {
      EXPECT_TRUE(diagnostic.span.valid()) << diagnostic.message();
      found.emplace(program.sources.path(diagnostic.span.file), program.sources.line_of(diagnostic.span.file, diagnostic.span.begin),
                    diag::info(diagnostic.kind).code);
    }
    EXPECT_EQ(found, expected(path)) << diag::render_terminal(program.sink, program.sources, {});
  }
}

TEST(Contracts, EveryMessageOfThisRoomHasAProgram) {
  std::set<std::string> seen;
  for (const fs::path& path : programs("fail_")) {
    for (const auto& [file, line, code] : expected(path)) {
      seen.insert(code);
    }
  }
  static constexpr std::string_view codes[] = {
#define OMEGA_DIAG(name, code, severity, message, explanation) code,
#include "omega/diag/kinds_contract.def"
#undef OMEGA_DIAG
  };
  for (const std::string_view code : codes) {
    EXPECT_TRUE(seen.contains(std::string(code))) << code << " is in no fail_*.sol";
  }
}

}  // namespace
}  // namespace omega::check
