// SPDX-License-Identifier: Apache-2.0
// omega.toml: what it says, and what is said about mistakes in it.
#include "omega/driver/project.h"

#include <gtest/gtest.h>

#include "omega/sys/memory_files.h"

namespace omega::driver {
namespace {

struct Outcome {
  std::optional<Project> project;
  std::string messages;
};

Outcome read(const std::string& toml) {
  sys::MemoryFiles files;
  files.put("p/omega.toml", toml);
  source::SourceSet texts;
  diag::Sink sink;
  Outcome outcome;
  auto found = find_project("p", files, texts, sink);
  EXPECT_TRUE(found.has_value());
  outcome.project = std::move(*found);
  for (const diag::Diagnostic& d : sink.diagnostics()) {
    const base::LineColumn at = texts.locate(d.span.file, d.span.begin);
    outcome.messages += std::to_string(at.line) + ":" + std::to_string(at.column) + " " + d.message() + (d.help.empty() ? "" : " (" + d.help + ")") + "\n";
  }
  return outcome;
}

TEST(Project, SaysWhatToBuild) {
  const Outcome outcome = read("[project]\nname = \"tool\"\nmain = \"src/a.omega\"\ntargets = [\"native\", \"c\"]\n");
  EXPECT_EQ(outcome.messages, "");
  ASSERT_TRUE(outcome.project.has_value());
  EXPECT_EQ(outcome.project->name, "tool");
  EXPECT_EQ(outcome.project->main, "p/src/a.omega");
  EXPECT_EQ(outcome.project->targets, (std::vector<std::string>{"native", "c"}));
  EXPECT_EQ(outcome.project->folder, "p");
}

TEST(Project, TextsThatTheLibraryDidNotForesee) {
  for (const char* text : {"[[[[", "[\ntargets", "[#", "x = 1979-05-27Tt7:32:00Z", "s = [}", "na = [[[}}}}"}) {
    const Outcome outcome = read(text);
    EXPECT_FALSE(outcome.project.has_value()) << text;
    EXPECT_NE(outcome.messages.find("malformed project file"), std::string::npos) << text << outcome.messages;
  }
  EXPECT_EQ(read("[[[[").messages, "1:1 malformed project file: this is not TOML\n");
  EXPECT_FALSE(read("name = \xcd\xb7\xca\x9a\xcc\xa2z").project.has_value());
  EXPECT_EQ(read("[project] # \xc3\xa9\nname = \"\xc3\xa9\"\n").messages, "");
}

TEST(Project, HasDefaults) {
  const Outcome outcome = read("[project]\n");
  ASSERT_TRUE(outcome.project.has_value());
  EXPECT_EQ(outcome.project->name, "main");
  EXPECT_EQ(outcome.project->main, "p/src/main.omega");
  EXPECT_TRUE(outcome.project->targets.empty());
}

TEST(Project, AFileIsItsOwnProject) {
  sys::MemoryFiles files;
  source::SourceSet texts;
  diag::Sink sink;
  const auto found = find_project("dir/hello.omega", files, texts, sink);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->name, "hello");
  EXPECT_EQ((*found)->main, "dir/hello.omega");
  EXPECT_EQ((*found)->folder, "");
}

TEST(Project, MissingFileIsAFailureOfTheWorld) {
  sys::MemoryFiles files;
  files.put("q/other.txt", "");
  source::SourceSet texts;
  diag::Sink sink;
  EXPECT_FALSE(find_project("q", files, texts, sink).has_value());
}

TEST(Project, MistakesAreReportedAtTheirPlace) {
  EXPECT_EQ(read("[project]\nnam = \"x\"\n").messages, "2:1 unknown key `nam` (did you mean `name`?)\n");
  EXPECT_EQ(read("[projekt]\n").messages.substr(0, 50), "1:1 `[project]` is missing (`omega new NAME` makes");
  EXPECT_EQ(read("[project]\nname = 5\n").messages, "2:8 `name` must be a text in quotes\n");
  EXPECT_EQ(read("[project]\nname = \"a/b\"\n").messages, "2:8 `name` must be a file's name\n");
  EXPECT_EQ(read("[project]\ntargets = [\"natve\"]\n").messages, "2:12 `natve` is no target (did you mean `native`?)\n");
  EXPECT_EQ(read("[project]\ntargets = []\n").messages, "2:11 `targets` must be a list such as [\"native\", \"c\"]\n");
  const Outcome broken = read("[project\nname = \"x\"\n");
  EXPECT_FALSE(broken.project.has_value());
  EXPECT_EQ(broken.messages.substr(0, 2), "1:");
}

}  // namespace
}  // namespace omega::driver
