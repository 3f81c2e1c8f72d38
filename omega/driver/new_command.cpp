// SPDX-License-Identifier: Apache-2.0
// omega new NAME: a folder with a program to start from.
#include <cstdio>
#include <string>

#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
#include "omega/sys/files.h"

namespace omega::driver {
namespace {

bool is_project_name(const std::string& name) {
  if (name.empty() || !(std::isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_')) {
    return false;
  }
  for (const char c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') {
      return false;
    }
  }
  return true;
}

constexpr const char* main_text = R"(// Sums the squares below n on all cores: omega run src/main.omega -- 1000000

function main() {
    let words = args()
    int64 n = words.length > 0 ? parse_int(words[0]).or(1000000) : 1000000
    int64 total = 0
    @@ i in 0..<n {
        total += i * i % 1000
    }
    printf("sum of i * i %% 1000 below %v: %v\n", n, total)
}
)";

}  // namespace

int new_command(const Options& options) {
  const std::string& name = options.path;
  if (!is_project_name(name)) {
    std::fprintf(stderr, "error: `%s` is no project name: letters, digits, `-` and `_`, beginning with a letter\n", name.c_str());
    return kWrongUsage;
  }
  sys::FileSystem& files = sys::real_files();
  if (files.type_of(name) != sys::FileType::missing) {
    std::fprintf(stderr, "error: `%s` exists already\n", name.c_str());
    return kWorldFailed;
  }
  const std::pair<std::string, std::string> contents[] = {
      {name + "/omega.toml", "[project]\nname = \"" + name + "\"\nmain = \"src/main.omega\"\ntargets = [\"native\"]\n"},
      {name + "/src/main.omega", main_text},
      {name + "/.gitignore", "out/\n"}};
  base::Result<void> made = files.make_folders(name + "/src");
  for (const auto& [path, text] : contents) {
    if (made) {
      made = files.write_file(path, text);
    }
  }
  if (!made) {
    std::fprintf(stderr, "error: %s\n", base::describe(made.error()).c_str());
    return kWorldFailed;
  }
  std::printf("made %s/: try `cd %s && omega run src/main.omega`\n", name.c_str(), name.c_str());
  return kDone;
}

}  // namespace omega::driver
